//! Sets of actions written as few readable patterns, at word boundaries.

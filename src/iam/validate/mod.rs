//! What Access Analyzer's ValidatePolicy reports, as far as it can be decided here.

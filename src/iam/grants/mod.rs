//! Containment of what policies grant, symbolically, with a third answer: unproved.

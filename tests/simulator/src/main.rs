//! The simulator, run by hand.

fn main() {}

//! The sweep: many seeded trials of one scenario over chosen parameter values.

pub mod decimal;
pub mod diagnostic;
pub mod source;
pub mod tree;

//! A Monte Carlo laboratory for Drift v2's dynamic AMM.
#![warn(missing_docs)]
#![forbid(unsafe_code)]

pub mod path;
pub mod random;
pub mod sweep;

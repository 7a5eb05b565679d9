//! Models fitted to recorded prices.
//!
//! A [`Sample`] of log returns over equal steps goes in; a [`Fit`] comes out, for each [`Model`]: parameters with standard errors, likelihood,
//! information criteria, and the spec of a path that goes on like the sample. All models are likelihoods of the same returns, so that their
//! criteria compare.
//!
//! Nothing here depends on chance, clocks or threads: the same returns give the same fit.

mod calibration;
mod error;
mod fit;
mod garch;
mod gbm;
mod hawkes_jumps;
mod heston;
mod jump_diffusion;
mod law;
mod likelihood;
mod mean_reversion;
mod minimise;
mod model;
mod parameter;
mod regime_switching;
mod sample;
mod statistics;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod uncertainty;
mod verdict;

pub use calibration::{Calibration, yaml};
pub use error::CalibrateError;
pub use fit::Fit;
pub use model::Model;
pub use parameter::Estimate;
pub use sample::{LEAST_RETURNS, Sample};
pub use statistics::autocorrelations;
pub use verdict::{Check, TailCheck, Testing, Verdict, quantile};

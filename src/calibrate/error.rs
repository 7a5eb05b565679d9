//! What can be wrong with a calibration, and how to mend it.

use super::Model;

/// Why a model was not fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CalibrateError {
    /// Fewer returns than say anything about a model.
    #[error(
        "{found} returns are too few to fit a model to: give at least {least}, by a longer recording or a shorter step"
    )]
    TooFew {
        /// Returns given.
        found: usize,
        /// Returns needed.
        least: usize,
    },
    /// A return is no number.
    #[error("return {index} is {value}: give finite log returns")]
    NotFinite {
        /// Its place, counted from 0.
        index: usize,
        /// The value.
        value: f64,
    },
    /// The price never moves.
    #[error("all returns are equal: give prices that move")]
    Constant,
    /// So many returns are exactly 0 that densities have no meaning: any of the models could make its likelihood as large as one likes.
    #[error(
        "{:.0} % of the returns are 0, because prices were held where none was recorded or are coarse, and a density for such returns means \
         nothing: give a longer step, or a time from and to which prices are dense",
        share * 100.0
    )]
    Still {
        /// The share of returns that are 0.
        share: f64,
    },
    /// The step or the price that goes with the returns makes no sense.
    #[error("{what} is {value}: give a number above 0")]
    NotPositive {
        /// What it is.
        what: &'static str,
        /// The value.
        value: f64,
    },
    /// The price is drawn to no mean.
    #[error(
        "mean_reversion: the price is not drawn back to any mean in these returns (the autoregression's coefficient is {keep}, 1 or more): \
         give --model geometric_brownian_motion"
    )]
    NoReversion {
        /// What is left of a distance after a step.
        keep: f64,
    },
    /// No start of the optimiser leads to a likelihood.
    #[error("{}: no parameters give these returns a likelihood: give another model", model.name())]
    NoOptimum {
        /// The model.
        model: Model,
    },
}

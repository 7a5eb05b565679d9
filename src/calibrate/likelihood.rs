//! What a model must tell to be fitted.

use super::law::Want;
use super::parameter::Parameter;
use crate::path::PathSpec;

/// A model's likelihood of a sample, as a function of coordinates: as many real numbers as the model has parameters, each free to take any
/// value and around 1 in size, so that the optimiser needs no bounds.
pub(super) trait Likelihood: Sync {
    /// Where the likelihood is largest, where there is a formula for it.
    fn closed_form(&self) -> Option<Vec<f64>> {
        None
    }

    /// Where to look for its maximum from: several places, of which one leads to it.
    fn starts(&self) -> Vec<Vec<f64>>;

    /// An answer for each return given those before it. NaN where the coordinates are none.
    fn pass(&self, at: &[f64], want: Want) -> Vec<f64>;

    /// The parameters at some coordinates, in the order of the spec.
    fn parameters(&self, at: &[f64]) -> Vec<Parameter>;

    /// The path with these parameters, which starts at the last price of the sample.
    fn spec(&self, at: &[f64]) -> PathSpec;
}

/// To six digits, which is more than any fit determines and the same on every platform.
pub(super) fn rounded(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

//! A model fitted to a sample.

use super::garch::Garch;
use super::gbm::Gbm;
use super::hawkes_jumps::HawkesJumps;
use super::heston::Heston;
use super::jump_diffusion::JumpDiffusion;
use super::law::Want;
use super::likelihood::Likelihood;
use super::mean_reversion::MeanReversion;
use super::minimise::{minimise, minimise_from};
use super::parameter::{Estimate, estimates};
use super::regime_switching::RegimeSwitching;
use super::uncertainty::covariance;
use super::{CalibrateError, Model, Sample};
use crate::path::PathSpec;

/// The gain of a step, in log-likelihood for each return, at which a fit to a made sample ends: far less than statistics depend on.
const REFIT: f64 = 1e-8;

/// A model with the parameters under which the sample is likeliest.
#[derive(Clone, Debug)]
pub struct Fit {
    /// The model.
    pub model: Model,
    /// Its parameters, in the order of the spec.
    pub parameters: Vec<Estimate>,
    /// The sum of the logarithms of the returns' densities, each given the returns before it.
    pub log_likelihood: f64,
    /// How many returns there were.
    pub observations: usize,
    /// The path with these parameters, from the last price on.
    pub spec: PathSpec,
    /// For each return the standard normal variate with the same probability below it, given the returns before it: independent and standard
    /// normal where the model is right.
    pub scores: Vec<f64>,
    /// Where the maximum is.
    pub(super) coordinates: Vec<f64>,
}

impl Fit {
    /// Fits a model to a sample.
    ///
    /// # Errors
    ///
    /// A model that cannot be fitted to such returns.
    pub fn new(model: Model, sample: &Sample) -> Result<Self, CalibrateError> {
        let likelihood = likelihood(model, sample)?;
        let likelihood = likelihood.as_ref();
        let found = match likelihood.closed_form() {
            Some(at) => Some(at),
            None => minimise(&likelihood.starts(), &cost(likelihood)).map(|minimum| minimum.at),
        };
        let at = found.ok_or(CalibrateError::NoOptimum { model })?;
        let terms = |at: &[f64]| likelihood.pass(at, Want::LogDensity);
        let covariance = covariance(&terms, &at, model.is_quasi());
        Ok(Self {
            model,
            parameters: estimates(&|at| likelihood.parameters(at), &at, &covariance),
            log_likelihood: terms(&at).iter().sum(),
            observations: sample.len(),
            spec: likelihood.spec(&at),
            scores: likelihood.pass(&at, Want::Score),
            coordinates: at,
        })
    }

    /// The scores of another sample under the model as fitted to that sample, which is like the first: the search starts where the first ended.
    pub(super) fn refit(&self, sample: &Sample) -> Option<Vec<f64>> {
        let likelihood = likelihood(self.model, sample).ok()?;
        let at = match likelihood.closed_form() {
            Some(at) => at,
            None => minimise_from(&self.coordinates, REFIT, &cost(likelihood.as_ref()))?.at,
        };
        Some(likelihood.pass(&at, Want::Score))
    }

    /// Akaike's information criterion: twice the parameters less twice the log-likelihood (H. Akaike, 1974).
    pub fn aic(&self) -> f64 {
        2.0 * (self.parameters.len() as f64 - self.log_likelihood)
    }

    /// The Bayesian information criterion: ln n for each parameter less twice the log-likelihood (G. Schwarz, 1978).
    pub fn bic(&self) -> f64 {
        self.parameters.len() as f64 * libm::log(self.observations as f64) - 2.0 * self.log_likelihood
    }

    /// The estimate of a parameter by its name.
    pub fn parameter(&self, name: &str) -> Option<&Estimate> {
        self.parameters.iter().find(|estimate| estimate.name == name)
    }
}

fn likelihood<'a>(model: Model, sample: &'a Sample<'a>) -> Result<Box<dyn Likelihood + 'a>, CalibrateError> {
    Ok(match model {
        Model::GeometricBrownianMotion => Box::new(Gbm(sample)),
        Model::JumpDiffusion => Box::new(JumpDiffusion(sample)),
        Model::MeanReversion => Box::new(MeanReversion::new(sample)?),
        Model::Garch | Model::Gjr => Box::new(Garch {
            sample,
            asymmetric: model == Model::Gjr,
        }),
        Model::Heston => Box::new(Heston(sample)),
        Model::RegimeSwitching => Box::new(RegimeSwitching(sample)),
        Model::HawkesJumps => Box::new(HawkesJumps(sample)),
    })
}

/// What is minimised: the mean of minus the log densities, of returns in units of which they are around 1 or so.
fn cost<'a>(likelihood: &'a dyn Likelihood) -> impl Fn(&[f64]) -> f64 + 'a {
    |at| {
        let terms = likelihood.pass(at, Want::LogDensity);
        -terms.iter().sum::<f64>() / terms.len() as f64
    }
}

/// Where the likelihood is largest near some coordinates, whatever the formula says.
#[cfg(test)]
pub(super) fn maximum(model: Model, sample: &Sample, near: &[f64]) -> Option<Vec<f64>> {
    let likelihood = likelihood(model, sample).ok()?;
    Some(minimise(&[near.to_vec()], &cost(likelihood.as_ref()))?.at)
}

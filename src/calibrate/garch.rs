//! GARCH(1,1) and GJR-GARCH with Student's t.

use super::Sample;
use super::jump_diffusion::LEAST_SHARE;
use super::law::{StudentT, Want};
use super::likelihood::{Likelihood, rounded};
use super::parameter::{Link, Parameter, logistic};
use crate::path::{Garch as Spec, PathSpec};

/// Coordinates: the drift of a step over the sample's standard deviation; the logarithm of the unconditional standard deviation over the
/// sample's; the log odds of the persistence; the logarithm of how much of the persistence is `alpha` for each unit that is `beta`; the same
/// for `gamma / 2`, if falls count for more; the logarithm of the degrees of freedom above the least that the spec takes.
///
/// The recursion starts at the unconditional variance, as the path does.
pub(super) struct Garch<'a> {
    pub sample: &'a Sample<'a>,
    /// Whether falls may count for more than rises.
    pub asymmetric: bool,
}

/// The least degrees of freedom of a spec.
const LEAST_DEGREES: f64 = 2.001;

/// The most persistence: so near to 1 that no sample tells it from 1, and far enough that it stays below when parameters are rounded.
const MOST_PERSISTENCE: f64 = 0.99999;

/// How far the logarithm of the unconditional standard deviation may be from the sample's: a factor of 20.
pub(super) const FARTHEST: f64 = 3.0;

/// Parameters of a step.
struct Step {
    drift: f64,
    variance: f64,
    alpha: f64,
    gamma: f64,
    beta: f64,
    degrees: f64,
}

impl Garch<'_> {
    fn step(&self, at: &[f64]) -> Step {
        let std_dev = self.sample.std_dev() * libm::exp(at[1]);
        let persistence = MOST_PERSISTENCE * logistic(at[2]);
        let alpha = libm::exp(at[3]);
        let fall = if self.asymmetric { libm::exp(at[4]) } else { 0.0 };
        let unit = persistence / (1.0 + alpha + fall);
        Step {
            drift: self.sample.std_dev() * at[0],
            variance: std_dev * std_dev,
            alpha: alpha * unit,
            gamma: 2.0 * fall * unit,
            beta: unit,
            degrees: LEAST_DEGREES + libm::exp(at[at.len() - 1]),
        }
    }

    fn spec_of(&self, at: &[f64]) -> Spec {
        let step = self.step(at);
        Spec {
            start_price: self.sample.last_price(),
            volatility_per_year: self.sample.yearly(step.variance.sqrt()),
            drift_per_year: step.drift / self.sample.step_years(),
            alpha: step.alpha,
            beta: step.beta,
            gamma: step.gamma,
            degrees_of_freedom: Some(step.degrees),
            step_seconds: self.sample.step_seconds(),
            ..Spec::default()
        }
    }
}

impl Likelihood for Garch<'_> {
    fn starts(&self) -> Vec<Vec<f64>> {
        let mean = self.sample.mean() / self.sample.std_dev();
        // Persistence, alpha's share of it, degrees of freedom.
        [
            (0.98, 0.08, 5.0),
            (0.9, 0.2, 4.0),
            (0.995, 0.03, 8.0),
            (0.6, 0.4, 4.0),
        ]
        .into_iter()
        .map(|(persistence, share, degrees): (f64, f64, f64)| {
            let odds = libm::log(share / (1.0 - share));
            let mut start = vec![mean, 0.0, Link::Logit.see(persistence), odds];
            if self.asymmetric {
                start.push(odds - 1.5);
            }
            start.push(libm::log(degrees - LEAST_DEGREES));
            start
        })
        .collect()
    }

    fn pass(&self, at: &[f64], want: Want) -> Vec<f64> {
        if at[1].abs() > FARTHEST {
            return vec![f64::NAN; self.sample.len()];
        }
        let step = self.step(at);
        let law = StudentT::new(step.degrees);
        let constant = step.variance * (1.0 - step.alpha - step.beta - step.gamma / 2.0);
        // Without a least variance a row of equal prices, each of which the model may take for certain, has any likelihood one likes.
        let least = (LEAST_SHARE * self.sample.std_dev()).powi(2);
        let mut variance = step.variance;
        let answer = |value: &f64| {
            let shock = value - step.drift + variance / 2.0;
            let std_dev = variance.sqrt();
            let answer = law.want(shock / std_dev, std_dev, want);
            let weight = step.alpha + if shock < 0.0 { step.gamma } else { 0.0 };
            variance = (constant + weight * shock * shock + step.beta * variance).max(least);
            answer
        };
        self.sample.returns().iter().map(answer).collect()
    }

    fn parameters(&self, at: &[f64]) -> Vec<Parameter> {
        let spec = self.spec_of(at);
        let mut parameters = vec![
            Parameter::positive("volatility_per_year", spec.volatility_per_year),
            Parameter::new("drift_per_year", spec.drift_per_year, Link::Identity),
            Parameter::new("alpha", spec.alpha, Link::Logit),
            Parameter::new("beta", spec.beta, Link::Logit),
        ];
        if self.asymmetric {
            parameters.push(Parameter::positive("gamma", spec.gamma));
        }
        let degrees = self.step(at).degrees;
        parameters.push(Parameter::new(
            "degrees_of_freedom",
            degrees,
            Link::LogAbove(LEAST_DEGREES),
        ));
        parameters
    }

    fn spec(&self, at: &[f64]) -> PathSpec {
        let exact = self.spec_of(at);
        PathSpec::Garch(Spec {
            start_price: rounded(exact.start_price),
            volatility_per_year: rounded(exact.volatility_per_year),
            drift_per_year: rounded(exact.drift_per_year),
            alpha: rounded(exact.alpha),
            beta: rounded(exact.beta),
            gamma: rounded(exact.gamma),
            degrees_of_freedom: exact.degrees_of_freedom.map(rounded),
            ..exact
        })
    }
}

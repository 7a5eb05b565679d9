//! Geometric Brownian motion: independent normal returns.

use super::Sample;
use super::law::{Normal, Want};
use super::likelihood::{Likelihood, rounded};
use super::parameter::{Link, Parameter};
use crate::path::{GeometricBrownianMotion, PathSpec};

/// Coordinates: the mean of a return over the sample's standard deviation, and the logarithm of the standard deviation over the sample's.
pub(super) struct Gbm<'a>(pub &'a Sample<'a>);

impl Gbm<'_> {
    fn law(&self, at: &[f64]) -> Normal {
        let std_dev = self.0.std_dev() * libm::exp(at[1]);
        Normal {
            mean: self.0.std_dev() * at[0],
            variance: std_dev * std_dev,
        }
    }

    fn drift_and_volatility(&self, at: &[f64]) -> (f64, f64) {
        let law = self.law(at);
        let drift = (law.mean + law.variance / 2.0) / self.0.step_years();
        (drift, self.0.yearly(law.variance.sqrt()))
    }
}

impl Likelihood for Gbm<'_> {
    fn closed_form(&self) -> Option<Vec<f64>> {
        Some(vec![self.0.mean() / self.0.std_dev(), 0.0])
    }

    fn starts(&self) -> Vec<Vec<f64>> {
        self.closed_form().into_iter().collect()
    }

    fn pass(&self, at: &[f64], want: Want) -> Vec<f64> {
        let law = self.law(at);
        self.0
            .returns()
            .iter()
            .map(|value| law.want(*value, want))
            .collect()
    }

    fn parameters(&self, at: &[f64]) -> Vec<Parameter> {
        let (drift, volatility) = self.drift_and_volatility(at);
        vec![
            Parameter::positive("volatility_per_year", volatility),
            Parameter::new("drift_per_year", drift, Link::Identity),
        ]
    }

    fn spec(&self, at: &[f64]) -> PathSpec {
        let (drift, volatility) = self.drift_and_volatility(at);
        PathSpec::GeometricBrownianMotion(GeometricBrownianMotion {
            start_price: rounded(self.0.last_price()),
            volatility_per_year: rounded(volatility),
            drift_per_year: rounded(drift),
            step_seconds: self.0.step_seconds(),
            ..GeometricBrownianMotion::default()
        })
    }
}

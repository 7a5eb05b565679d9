//! Mean reversion: the log price of Ornstein and Uhlenbeck, an autoregression of first order at equal steps.

use super::law::{Normal, Want};
use super::likelihood::{Likelihood, rounded};
use super::parameter::Parameter;
use super::{CalibrateError, Sample};
use crate::path::{MeanReversion as Spec, PathSpec};

/// Coordinates: the mean of the log price, in standard deviations that it has in the long run by the closed form; the logarithm of what
/// reverts in a step; the logarithm of the standard deviation of a step were there no reversion, over the sample's.
///
/// The likelihood is exact, given the first price. Near a random walk the usual asymptotics fail (D. A. Dickey and W. A. Fuller, 1979): the
/// estimated half-life is then too short, and intervals too narrow, unless the sample covers many half-lives.
pub(super) struct MeanReversion<'a> {
    sample: &'a Sample<'a>,
    /// The log price before each return, over that after the last.
    levels: Vec<f64>,
    /// The unit of the first coordinate.
    spread: f64,
    best: Vec<f64>,
}

impl<'a> MeanReversion<'a> {
    /// The estimates are those of least squares: of returns on the levels before them (A. W. Phillips, 1972).
    pub(super) fn new(sample: &'a Sample<'a>) -> Result<Self, CalibrateError> {
        let mut level = 0.0;
        let mut levels: Vec<f64> = sample
            .returns()
            .iter()
            .rev()
            .map(|change| {
                level -= change;
                level
            })
            .collect();
        levels.reverse();
        let (mean_level, level_spread) = super::sample::moments(&levels);
        let n = levels.len() as f64;
        let pairs = || levels.iter().zip(sample.returns());
        let covariance = pairs()
            .map(|(x, y)| (x - mean_level) * (y - sample.mean()))
            .sum::<f64>()
            / n;
        let slope = covariance / (level_spread * level_spread);
        let keep = 1.0 + slope;
        if keep.is_nan() || keep >= 1.0 {
            return Err(CalibrateError::NoReversion { keep });
        }
        // A price that overshoots its mean at each step is none of this model; the nearest that is reverts in one step.
        let keep = keep.max(1e-6);
        let mean = mean_level + sample.mean() / (1.0 - keep);
        let residual = |(x, y): (&f64, &f64)| y - (mean - x) * (1.0 - keep);
        let variance = pairs().map(residual).map(|r| r * r).sum::<f64>() / n;
        let reversion = -libm::log(keep);
        let spread = (variance / (1.0 - keep * keep)).sqrt();
        let step_std_dev = spread * (2.0 * reversion).sqrt();
        let best = vec![
            mean / spread,
            libm::log(reversion),
            libm::log(step_std_dev / sample.std_dev()),
        ];
        Ok(Self {
            sample,
            levels,
            spread,
            best,
        })
    }

    fn spec_of(&self, at: &[f64]) -> Spec {
        let std_dev = self.sample.std_dev() * libm::exp(at[2]);
        Spec {
            start_price: self.sample.last_price(),
            mean_price: self.sample.last_price() * libm::exp(self.spread * at[0]),
            half_life_seconds: std::f64::consts::LN_2 / libm::exp(at[1])
                * f64::from(self.sample.step_seconds()),
            volatility_per_year: self.sample.yearly(std_dev),
            step_seconds: self.sample.step_seconds(),
            ..Spec::default()
        }
    }
}

impl Likelihood for MeanReversion<'_> {
    fn closed_form(&self) -> Option<Vec<f64>> {
        Some(self.best.clone())
    }

    fn starts(&self) -> Vec<Vec<f64>> {
        vec![self.best.clone()]
    }

    fn pass(&self, at: &[f64], want: Want) -> Vec<f64> {
        let (mean, reversion) = (self.spread * at[0], libm::exp(at[1]));
        let std_dev = self.sample.std_dev() * libm::exp(at[2]);
        let lost = -libm::expm1(-reversion);
        let variance = std_dev * std_dev * -libm::expm1(-2.0 * reversion) / (2.0 * reversion);
        let answer = |(level, value): (&f64, &f64)| {
            let law = Normal {
                mean: (mean - level) * lost,
                variance,
            };
            law.want(*value, want)
        };
        self.levels
            .iter()
            .zip(self.sample.returns())
            .map(answer)
            .collect()
    }

    fn parameters(&self, at: &[f64]) -> Vec<Parameter> {
        let spec = self.spec_of(at);
        vec![
            Parameter::positive("mean_price", spec.mean_price),
            Parameter::positive("half_life_seconds", spec.half_life_seconds),
            Parameter::positive("volatility_per_year", spec.volatility_per_year),
        ]
    }

    fn spec(&self, at: &[f64]) -> PathSpec {
        let exact = self.spec_of(at);
        PathSpec::MeanReversion(Spec {
            start_price: rounded(exact.start_price),
            mean_price: rounded(exact.mean_price),
            half_life_seconds: rounded(exact.half_life_seconds),
            volatility_per_year: rounded(exact.volatility_per_year),
            ..exact
        })
    }
}

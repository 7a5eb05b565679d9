//! Amounts that differ from draw to draw.

use crate::random::Pcg64;
use rand::RngExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// How an amount is distributed: `{lognormal: {median: 500, sigma: 1.5}}`, `{pareto: {min: 10, tail: 1.5}}`,
/// `{uniform: {min: 1, max: 5}}`, `{values: [10, 20, 20, 500]}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Amount {
    /// The exponential of a normal variate.
    Lognormal {
        /// Half of the draws lie below; the mean is `median · exp(sigma² / 2)`.
        median: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Above `x`, for `x` from `min` on, lie `(min / x)^tail` of the draws.
    Pareto {
        /// The smallest value.
        min: f64,
        /// The tail index; the mean is infinite at 1 and below.
        tail: f64,
    },
    /// Uniformly from `min` to `max`.
    Uniform {
        /// The smallest value.
        min: f64,
        /// The largest value.
        max: f64,
    },
    /// One of these, each as likely as the others: recorded values.
    Values(Vec<f64>),
}

impl Amount {
    /// A draw, which takes two numbers from `random` whatever the distribution is.
    pub(super) fn draw(&self, random: &mut Pcg64) -> f64 {
        let (first, second): (f64, f64) = (random.random(), random.random());
        match self {
            Amount::Lognormal { median, sigma } => {
                // G. E. P. Box and M. E. Muller, "A Note on the Generation of Random Normal Deviates", 1958.
                let normal = (-2.0 * libm::log1p(-first)).sqrt() * libm::cos(TAU * second);
                median * libm::exp(sigma * normal)
            }
            Amount::Pareto { min, tail } => min * libm::exp(-libm::log1p(-first) / tail),
            Amount::Uniform { min, max } => min + (max - min) * first,
            Amount::Values(values) => {
                let place = (first * values.len() as f64) as usize;
                values.get(place).copied().unwrap_or_default()
            }
        }
    }

    /// What is wrong with it, if anything; no draw may lie below 0.
    pub(super) fn problem(&self) -> Option<String> {
        let above = |what: &str, value: f64| {
            (!(value.is_finite() && value > 0.0)).then(|| format!("needs {what} above 0, found {value}"))
        };
        match self {
            Amount::Lognormal { median, sigma } => above("a median", *median).or_else(|| {
                (!(0.0..=10.0).contains(sigma)).then(|| format!("needs a sigma from 0 to 10, found {sigma}"))
            }),
            Amount::Pareto { min, tail } => above("a min", *min).or_else(|| above("a tail", *tail)),
            Amount::Uniform { min, max } => (!(max.is_finite() && *min >= 0.0 && min <= max))
                .then(|| format!("needs 0 <= min <= max, found {min} to {max}")),
            Amount::Values(values) if values.is_empty() => Some("needs one value or more".to_owned()),
            Amount::Values(values) => values
                .iter()
                .find(|value| !(value.is_finite() && **value >= 0.0))
                .map(|value| format!("needs values of 0 or more, found {value}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    const DRAWS: usize = 20_000;

    fn draws(amount: &Amount) -> Vec<f64> {
        let mut random = stream(1, 0, Purpose::Agent, 0);
        (0..DRAWS).map(|_| amount.draw(&mut random)).collect()
    }

    fn mean(values: impl Iterator<Item = f64>) -> f64 {
        values.sum::<f64>() / DRAWS as f64
    }

    #[test]
    fn the_logarithm_of_a_lognormal_is_normal() {
        let drawn = draws(&Amount::Lognormal {
            median: 500.0,
            sigma: 1.5,
        });
        let log = |value: &f64| (value / 500.0).ln() / 1.5;
        // Five standard errors: of a mean 1, of a variance sqrt(2), of a fourth moment sqrt(96), over the root of the draws.
        let error = 5.0 / (DRAWS as f64).sqrt();
        assert!(mean(drawn.iter().map(log)).abs() < error);
        assert!((mean(drawn.iter().map(|value| log(value).powi(2))) - 1.0).abs() < error * 2f64.sqrt());
        assert!((mean(drawn.iter().map(|value| log(value).powi(4))) - 3.0).abs() < error * 96f64.sqrt());
    }

    #[test]
    fn the_tail_of_a_pareto_is_a_power() {
        let drawn = draws(&Amount::Pareto { min: 10.0, tail: 2.0 });
        assert!(drawn.iter().all(|value| *value >= 10.0));
        // A quarter above 20, a hundredth above 100, within five standard errors of a share.
        for (value, share) in [(20.0, 0.25), (100.0, 0.01f64)] {
            let above = mean(drawn.iter().map(|drawn| f64::from(*drawn > value)));
            let error = (share * (1.0 - share) / DRAWS as f64).sqrt();
            assert!((above - share).abs() < 5.0 * error, "{above} above {value}");
        }
    }

    #[test]
    fn values_are_drawn_as_often_as_they_are_listed() {
        let drawn = draws(&Amount::Values(vec![1.0, 7.0, 7.0, 9.0]));
        let sevens = mean(drawn.iter().map(|value| f64::from(*value == 7.0)));
        assert!(
            (sevens - 0.5).abs() < 5.0 * 0.5 / (DRAWS as f64).sqrt(),
            "{sevens}"
        );
    }

    #[test]
    fn amounts_that_cannot_be_drawn_are_refused() {
        let wrong = [
            Amount::Lognormal {
                median: 0.0,
                sigma: 1.0,
            },
            Amount::Lognormal {
                median: 1.0,
                sigma: f64::NAN,
            },
            Amount::Pareto { min: 1.0, tail: 0.0 },
            Amount::Uniform { min: 2.0, max: 1.0 },
            Amount::Values(vec![]),
            Amount::Values(vec![1.0, -1.0]),
        ];
        assert!(wrong.iter().all(|amount| amount.problem().is_some()));
        assert_eq!(Amount::Uniform { min: 1.0, max: 1.0 }.problem(), None);
    }
}

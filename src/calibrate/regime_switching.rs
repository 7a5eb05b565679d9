//! Two regimes that switch, by the Hamilton filter.

use super::Sample;
use super::jump_diffusion::LEAST_SHARE;
use super::law::{Mixture, Normal, Want};
use super::likelihood::{Likelihood, rounded};
use super::parameter::{Link, Parameter};
use crate::path::{PathSpec, Regime, RegimeSwitching as Spec};

/// Coordinates: the calm regime's mean return over the sample's standard deviation, the logarithm of what its standard deviation has above
/// the least, that of the steps it lasts; the wild regime's mean, the logarithm of how much wilder it is less 1, that of the steps it lasts.
///
/// The likelihood is J. D. Hamilton's ("A New Approach to the Economic Analysis of Nonstationary Time Series and the Business Cycle", 1989) of
/// the chain in continuous time, at which a switch within a step divides the step: exact but for steps with two switches.
pub(super) struct RegimeSwitching<'a>(pub &'a Sample<'a>);

/// Gauss and Legendre's three places between 0 and 1, with their weights: at which share of a step a switch comes.
const SWITCHES: [(f64, f64); 3] = [
    (0.112_701_665_379_258_3, 5.0 / 18.0),
    (0.5, 8.0 / 18.0),
    (0.887_298_334_620_741_7, 5.0 / 18.0),
];

/// A step that is all in a regime, and how many steps the regime lasts.
#[derive(Clone, Copy)]
struct Whole {
    law: Normal,
    steps: f64,
}

impl RegimeSwitching<'_> {
    fn regimes(&self, at: &[f64]) -> [Whole; 2] {
        let unit = self.0.std_dev();
        let calm = unit * (LEAST_SHARE + libm::exp(at[1]));
        let wild = calm * (1.0 + libm::exp(at[4]));
        [(at[0], calm, at[2]), (at[3], wild, at[5])].map(|(mean, spread, log_steps)| Whole {
            law: Normal {
                mean: unit * mean,
                variance: spread * spread,
            },
            steps: libm::exp(log_steps),
        })
    }

    /// Volatility, drift and mean duration of each.
    fn of_spec(&self, at: &[f64]) -> [Regime; 2] {
        self.regimes(at).map(|Whole { law, steps }| Regime {
            volatility_per_year: self.0.yearly(law.variance.sqrt()),
            drift_per_year: (law.mean + law.variance / 2.0) / self.0.step_years(),
            mean_seconds: steps * f64::from(self.0.step_seconds()),
        })
    }
}

impl Likelihood for RegimeSwitching<'_> {
    fn starts(&self) -> Vec<Vec<f64>> {
        let mean = self.0.mean() / self.0.std_dev();
        // The calm regime's standard deviation over the sample's, how much wilder the other is, how long they last.
        [
            (0.6, 2.5, 50.0, 10.0),
            (0.5, 3.0, 5.0, 2.0),
            (0.8, 1.8, 300.0, 100.0),
            (0.8, 4.0, 100.0, 4.0),
        ]
        .into_iter()
        .map(|(calm, ratio, calm_steps, wild_steps): (f64, f64, f64, f64)| {
            let calm = libm::log(calm - LEAST_SHARE);
            let wilder = libm::log(ratio - 1.0);
            vec![
                mean,
                calm,
                libm::log(calm_steps),
                mean,
                wilder,
                libm::log(wild_steps),
            ]
        })
        .collect()
    }

    fn pass(&self, at: &[f64], want: Want) -> Vec<f64> {
        let whole = self.regimes(at);
        let rates = whole.map(|regime| 1.0 / regime.steps);
        let total = rates[0] + rates[1];
        let switched = -libm::expm1(-total);
        let leave = rates.map(|rate| rate / total * switched);
        let divided = SWITCHES.map(|(share, weight)| {
            let between = |a: f64, b: f64| share * a + (1.0 - share) * b;
            let law = Normal {
                mean: between(whole[0].law.mean, whole[1].law.mean),
                variance: between(whole[0].law.variance, whole[1].law.variance),
            };
            (weight, law)
        });
        let mut chances = [rates[1] / total, rates[0] / total];
        let answer = |value: &f64| {
            let mut mixture = Mixture::new(*value, want);
            let mut next = [0.0; 2];
            for regime in 0..2 {
                next[regime] += mixture.add(chances[regime] * (1.0 - leave[regime]), whole[regime].law);
                for (weight, law) in divided {
                    next[1 - regime] += mixture.add(chances[regime] * leave[regime] * weight, law);
                }
            }
            chances = next.map(|part| part / mixture.density());
            // A return that no regime can make, to the last bit: nothing is learnt of which it was.
            if chances.iter().any(|chance| !chance.is_finite()) {
                chances = [0.0, 1.0];
            }
            mixture.answer()
        };
        self.0.returns().iter().map(answer).collect()
    }

    fn parameters(&self, at: &[f64]) -> Vec<Parameter> {
        let named = |(number, regime): (usize, Regime)| {
            let name = |field: &str| format!("regimes.{number}.{field}");
            [
                Parameter::positive(&name("volatility_per_year"), regime.volatility_per_year),
                Parameter::new(&name("drift_per_year"), regime.drift_per_year, Link::Identity),
                Parameter::positive(&name("mean_seconds"), regime.mean_seconds),
            ]
        };
        self.of_spec(at).into_iter().enumerate().flat_map(named).collect()
    }

    fn spec(&self, at: &[f64]) -> PathSpec {
        let to_six_digits = |regime: Regime| Regime {
            volatility_per_year: rounded(regime.volatility_per_year),
            drift_per_year: rounded(regime.drift_per_year),
            mean_seconds: rounded(regime.mean_seconds),
        };
        PathSpec::RegimeSwitching(Spec {
            start_price: rounded(self.0.last_price()),
            regimes: self.of_spec(at).map(to_six_digits).to_vec(),
            step_seconds: self.0.step_seconds(),
            ..Spec::default()
        })
    }
}

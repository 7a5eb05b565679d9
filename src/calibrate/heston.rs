//! Heston's stochastic volatility, by a filter of the variance.

use super::Sample;
use super::garch::FARTHEST;
use super::jump_diffusion::LEAST_SHARE;
use super::law::{Mixture, Normal, Want};
use super::likelihood::{Likelihood, rounded};
use super::parameter::{Link, Parameter};
use crate::path::{Heston as Spec, PathSpec};

/// Coordinates: the drift of a step over the sample's standard deviation; the logarithm of the long-run standard deviation of a step over the
/// sample's; the logarithm of what of the variance reverts in a step; that of the squared coefficient of variation that the variance has in
/// the long run, `ξ² / 2κθ`; the correlation as R. A. Fisher transforms it.
///
/// The variance is not seen. What is known of it after each return is kept as its mean and variance and taken to be lognormal: the
/// likelihood is that of the returns as this filter predicts them, a quasi-likelihood (D. S. Bates, "Maximum Likelihood Estimation of Latent
/// Affine Processes", 2006, does so with gamma distributions; for assumed densities, K. Ito and K. Xiong, "Gaussian Filters for Nonlinear
/// Filtering Problems", 2000). Moments of the variance over a step are exact; the return is taken as normal given the variance at its
/// start, with the variance to be expected over the step.
pub(super) struct Heston<'a>(pub &'a Sample<'a>);

/// Standard normal places that stand for the distribution of the logarithm of the variance: the trapezoidal rule, whose error for a
/// normal density is below rounding at such a spacing.
const PLACES: i32 = 7;
const SPACING: f64 = 0.6;

/// Parameters with the step as unit of time.
struct Step {
    drift: f64,
    long_run: f64,
    reversion: f64,
    /// `ξ²`.
    wildness: f64,
    correlation: f64,
}

impl Heston<'_> {
    fn step(&self, at: &[f64]) -> Step {
        let std_dev = self.0.std_dev() * libm::exp(at[1]);
        let (long_run, reversion) = (std_dev * std_dev, libm::exp(at[2]));
        Step {
            drift: self.0.std_dev() * at[0],
            long_run,
            reversion,
            wildness: 2.0 * reversion * long_run * libm::exp(at[3]),
            correlation: libm::tanh(at[4]),
        }
    }

    fn spec_of(&self, at: &[f64]) -> Spec {
        let (step, years) = (self.step(at), self.0.step_years());
        Spec {
            start_price: self.0.last_price(),
            volatility_per_year: self.0.yearly(step.long_run.sqrt()),
            drift_per_year: step.drift / years,
            reversion_per_year: step.reversion / years,
            volatility_of_variance: step.wildness.sqrt() / years,
            correlation: step.correlation,
            step_seconds: self.0.step_seconds(),
            ..Spec::default()
        }
    }
}

/// Places and their weights.
fn places() -> [(f64, f64); 2 * PLACES as usize + 1] {
    let place = |number: usize| SPACING * f64::from(number as i32 - PLACES);
    let density = |z: f64| libm::exp(-z * z / 2.0);
    let sum: f64 = (0..2 * PLACES as usize + 1)
        .map(|number| density(place(number)))
        .sum();
    std::array::from_fn(|number| (place(number), density(place(number)) / sum))
}

impl Likelihood for Heston<'_> {
    fn starts(&self) -> Vec<Vec<f64>> {
        let mean = self.0.mean() / self.0.std_dev();
        // How many steps until half of a distance is gone, and the squared coefficient of variation.
        [(5.0, 1.0), (30.0, 0.5), (30.0, 2.0), (300.0, 0.7)]
            .into_iter()
            .map(|(half_life, variation): (f64, f64)| {
                let reversion = std::f64::consts::LN_2 / half_life;
                vec![mean, 0.0, libm::log(reversion), libm::log(variation), 0.0]
            })
            .collect()
    }

    fn pass(&self, at: &[f64], want: Want) -> Vec<f64> {
        if at[1].abs() > FARTHEST {
            return vec![f64::NAN; self.0.len()];
        }
        let Step {
            drift,
            long_run,
            reversion,
            wildness,
            correlation,
        } = self.step(at);
        let places = places();
        let keep = libm::exp(-reversion);
        let lost = -libm::expm1(-reversion);
        let over_step = lost / reversion;
        let per_variance = wildness / reversion * keep * lost;
        let per_long_run = wildness / (2.0 * reversion) * lost * lost * long_run;
        let (mut mean, mut variance) = (long_run, long_run * wildness / (2.0 * reversion));
        // As for jumps: a variance of nothing would give equal prices any density.
        let least = (LEAST_SHARE * self.0.std_dev()).powi(2);
        let answer = |value: &f64| {
            let spread = libm::log1p(variance / (mean * mean)).sqrt();
            let centre = libm::log(mean) - spread * spread / 2.0;
            let mut mixture = Mixture::new(*value, want);
            let (mut first, mut second) = (0.0, 0.0);
            for (place, weight) in places {
                let state = libm::exp(centre + spread * place);
                let over = (long_run + (state - long_run) * over_step).max(least);
                let law = Normal {
                    mean: drift - over / 2.0,
                    variance: over,
                };
                let part = mixture.add(weight, law);
                // The next variance, of which the shock of the price tells a part.
                let shock = (value - law.mean) / over.sqrt();
                let own = per_variance * state + per_long_run;
                let next = long_run + (state - long_run) * keep + correlation * own.sqrt() * shock;
                first += part * next;
                second += part * (next * next + own * (1.0 - correlation * correlation));
            }
            let density = mixture.density();
            if density > 0.0 {
                mean = (first / density).max(1e-4 * long_run);
                variance = (second / density - (first / density) * (first / density)).max(1e-6 * mean * mean);
            }
            mixture.answer()
        };
        self.0.returns().iter().map(answer).collect()
    }

    fn parameters(&self, at: &[f64]) -> Vec<Parameter> {
        let spec = self.spec_of(at);
        vec![
            Parameter::positive("volatility_per_year", spec.volatility_per_year),
            Parameter::new("drift_per_year", spec.drift_per_year, Link::Identity),
            Parameter::positive("reversion_per_year", spec.reversion_per_year),
            Parameter::positive("volatility_of_variance", spec.volatility_of_variance),
            Parameter::new("correlation", spec.correlation, Link::Fisher),
        ]
    }

    fn spec(&self, at: &[f64]) -> PathSpec {
        let exact = self.spec_of(at);
        PathSpec::Heston(Spec {
            start_price: rounded(exact.start_price),
            volatility_per_year: rounded(exact.volatility_per_year),
            drift_per_year: rounded(exact.drift_per_year),
            reversion_per_year: rounded(exact.reversion_per_year),
            volatility_of_variance: rounded(exact.volatility_of_variance),
            correlation: rounded(exact.correlation),
            ..exact
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_the_moments_of_a_normal_distribution() {
        let moment = |power: i32| {
            places()
                .iter()
                .map(|(z, weight)| weight * z.powi(power))
                .sum::<f64>()
        };
        for (power, expected) in [(0, 1.0), (2, 1.0), (4, 3.0), (3, 0.0)] {
            assert!(
                (moment(power) - expected).abs() < 0.01,
                "{power}: {}",
                moment(power)
            );
        }
    }
}

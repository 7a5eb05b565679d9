//! Merton's jump diffusion: a Poisson mixture of normal returns.

use super::Sample;
use super::law::{Mixture, Normal, Want};
use super::likelihood::{Likelihood, rounded};
use super::parameter::{Link, Parameter};
use crate::path::{JumpDiffusion as Spec, PathSpec, SECONDS_PER_DAY};

/// The diffusion's standard deviation is at least this share of the sample's. Without a bound the likelihood has none: a diffusion of nothing
/// gives a return that occurs twice any density one likes (R. J. Hathaway, "A Constrained Formulation of Maximum-Likelihood Estimation for
/// Normal Mixture Distributions", 1985; for jumps, P. Honoré, "Pitfalls in Estimating Jump-Diffusion Models", 1998).
pub(super) const LEAST_SHARE: f64 = 0.02;

/// More jumps a step than this cannot be told from a diffusion.
pub(super) const MOST_A_STEP: f64 = 20.0;

/// Coordinates, in units of the sample's standard deviation: the diffusion's mean; the logarithm of what its standard deviation has above the
/// least; the logarithm of jumps a step; the jumps' mean and the logarithm of their standard deviation.
pub(super) struct JumpDiffusion<'a>(pub &'a Sample<'a>);

/// A step's return.
struct Step {
    diffusion: Normal,
    jumps: f64,
    jump: Normal,
}

impl JumpDiffusion<'_> {
    fn step(&self, at: &[f64]) -> Step {
        let unit = self.0.std_dev();
        let (spread, jump_spread) = (unit * (LEAST_SHARE + libm::exp(at[1])), unit * libm::exp(at[4]));
        Step {
            diffusion: Normal {
                mean: unit * at[0],
                variance: spread * spread,
            },
            jumps: libm::exp(at[2]),
            jump: Normal {
                mean: unit * at[3],
                variance: jump_spread * jump_spread,
            },
        }
    }

    fn spec_of(&self, at: &[f64]) -> Spec {
        let Step {
            diffusion,
            jumps,
            jump,
        } = self.step(at);
        let mean_jump = libm::expm1(jump.mean + jump.variance / 2.0);
        let drift = diffusion.mean + diffusion.variance / 2.0 + jumps * mean_jump;
        Spec {
            start_price: self.0.last_price(),
            volatility_per_year: self.0.yearly(diffusion.variance.sqrt()),
            drift_per_year: drift / self.0.step_years(),
            jumps_per_day: jumps * SECONDS_PER_DAY / f64::from(self.0.step_seconds()),
            jump_mean: jump.mean,
            jump_std_dev: jump.variance.sqrt(),
            step_seconds: self.0.step_seconds(),
            ..Spec::default()
        }
    }
}

/// The chances of 0, 1, 2, ... events where so many are expected, until hardly any chance is left.
pub(super) fn poisson(expected: f64) -> impl Iterator<Item = f64> {
    let mut left = 1.0;
    let mut chance = libm::exp(-expected);
    (0..120u32).map_while(move |count| {
        if count > 0 {
            chance *= expected / f64::from(count);
        }
        // Far above what is expected the rest is about as large as its first term.
        let ended = f64::from(count) > expected && left < 1e-13;
        left -= chance;
        (!ended).then_some(chance)
    })
}

impl Likelihood for JumpDiffusion<'_> {
    fn starts(&self) -> Vec<Vec<f64>> {
        let diffusion_mean = self.0.mean() / self.0.std_dev();
        // Jumps a step, and the share of the variance that is theirs.
        [(0.003, 0.3), (0.02, 0.5), (0.1, 0.5), (0.5, 0.7)]
            .into_iter()
            .map(|(jumps, share): (f64, f64)| {
                let spread = (1.0 - share).sqrt() - LEAST_SHARE;
                vec![
                    diffusion_mean,
                    libm::log(spread),
                    libm::log(jumps),
                    0.0,
                    0.5 * libm::log(share / jumps),
                ]
            })
            .collect()
    }

    fn pass(&self, at: &[f64], want: Want) -> Vec<f64> {
        let Step {
            diffusion,
            jumps,
            jump,
        } = self.step(at);
        let weights: Vec<f64> = if jumps < MOST_A_STEP {
            poisson(jumps).collect()
        } else {
            Vec::new()
        };
        let components: Vec<(f64, Normal)> = weights
            .into_iter()
            .zip(0u32..)
            .map(|(weight, count)| {
                let count = f64::from(count);
                let component = Normal {
                    mean: diffusion.mean + count * jump.mean,
                    variance: diffusion.variance + count * jump.variance,
                };
                (weight, component)
            })
            .collect();
        let answer = |value: &f64| {
            let mut mixture = Mixture::new(*value, want);
            for (weight, component) in &components {
                mixture.add(*weight, *component);
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
            Parameter::positive("jumps_per_day", spec.jumps_per_day),
            Parameter::new("jump_mean", spec.jump_mean, Link::Identity),
            Parameter::positive("jump_std_dev", spec.jump_std_dev),
        ]
    }

    fn spec(&self, at: &[f64]) -> PathSpec {
        let exact = self.spec_of(at);
        PathSpec::JumpDiffusion(Spec {
            start_price: rounded(exact.start_price),
            volatility_per_year: rounded(exact.volatility_per_year),
            drift_per_year: rounded(exact.drift_per_year),
            jumps_per_day: rounded(exact.jumps_per_day),
            jump_mean: rounded(exact.jump_mean),
            jump_std_dev: rounded(exact.jump_std_dev),
            ..exact
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poisson_chances_are_the_formulas_and_whole() {
        let found: Vec<f64> = poisson(2.0).collect();
        // e^-2 2^k / k!
        for (count, expected) in [(0, 1.0), (1, 2.0), (2, 2.0), (5, 32.0 / 120.0)] {
            assert!((found[count] - expected * (-2f64).exp()).abs() < 1e-15);
        }
        for expected in [1e-6, 0.02, 2.0, 19.0] {
            let sum: f64 = poisson(expected).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{expected}: {sum}");
        }
        assert!(poisson(0.01).count() < 10);
    }
}

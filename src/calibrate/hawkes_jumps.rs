//! Jumps that bring jumps, by a filter of their rate.

use super::Sample;
use super::jump_diffusion::{LEAST_SHARE, MOST_A_STEP, poisson};
use super::law::{Mixture, Normal, Want};
use super::likelihood::{Likelihood, rounded};
use super::parameter::{Link, Parameter, logistic};
use crate::path::{HawkesJumps as Spec, PathSpec, SECONDS_PER_DAY};

/// Coordinates, in units of the sample's standard deviation: the diffusion's mean and the logarithm of what its standard deviation has above
/// the least; the logarithm of jumps a step, all in all; the log odds of the branching ratio; the logarithm of the steps that excitation
/// lasts; the jumps' mean and the logarithm of their standard deviation.
///
/// Jumps are not seen. Which returns had how many is weighed by the mixture that `jump_diffusion` is, at the rate of the moment, and the
/// number to be expected given the return raises the rate of the next step: the autoregressive jump intensity of W. H. Chan and J. M. Maheu
/// ("Conditional Jump Dynamics in Stock Market Returns", 2002), whose likelihood is a quasi-likelihood of the Hawkes process. Unlike a
/// threshold that says jump or no jump (and then the likelihood of Y. Ogata, 1978) it loses no small jumps, and gives returns a density,
/// by which the model compares with others. An excitation that is gone within a step leaves no trace.
pub(super) struct HawkesJumps<'a>(pub &'a Sample<'a>);

/// The largest branching ratio that a spec takes.
const MOST_BRANCHING: f64 = 0.99;

/// Parameters with the step as unit of time.
struct Step {
    diffusion: Normal,
    jumps: f64,
    branching: f64,
    decay: f64,
    jump: Normal,
}

impl HawkesJumps<'_> {
    fn step(&self, at: &[f64]) -> Step {
        let unit = self.0.std_dev();
        let (spread, jump_spread) = (unit * (LEAST_SHARE + libm::exp(at[1])), unit * libm::exp(at[6]));
        Step {
            diffusion: Normal {
                mean: unit * at[0],
                variance: spread * spread,
            },
            jumps: libm::exp(at[2]),
            branching: MOST_BRANCHING * logistic(at[3]),
            decay: libm::exp(at[4]),
            jump: Normal {
                mean: unit * at[5],
                variance: jump_spread * jump_spread,
            },
        }
    }

    fn spec_of(&self, at: &[f64]) -> Spec {
        let step = self.step(at);
        let seconds = f64::from(self.0.step_seconds());
        Spec {
            start_price: self.0.last_price(),
            volatility_per_year: self.0.yearly(step.diffusion.variance.sqrt()),
            drift_per_year: (step.diffusion.mean + step.diffusion.variance / 2.0) / self.0.step_years(),
            jumps_per_day: step.jumps * (1.0 - step.branching) * SECONDS_PER_DAY / seconds,
            branching_ratio: step.branching,
            decay_seconds: step.decay * seconds,
            jump_mean: step.jump.mean,
            jump_std_dev: step.jump.variance.sqrt(),
            step_seconds: self.0.step_seconds(),
            ..Spec::default()
        }
    }
}

impl Likelihood for HawkesJumps<'_> {
    fn starts(&self) -> Vec<Vec<f64>> {
        let mean = self.0.mean() / self.0.std_dev();
        // Jumps a step and their share of the variance, the branching ratio, and the steps that excitation lasts.
        [
            (0.02, 0.4, 0.5, 4.0),
            (0.15, 0.5, 0.8, 10.0),
            (0.05, 0.5, 0.3, 40.0),
        ]
        .into_iter()
        .map(|(jumps, share, branching, decay): (f64, f64, f64, f64)| {
            vec![
                mean,
                libm::log((1.0 - share).sqrt() - LEAST_SHARE),
                libm::log(jumps),
                Link::Logit.see(branching),
                libm::log(decay),
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
            branching,
            decay,
            jump,
        } = self.step(at);
        let mean_jump = libm::expm1(jump.mean + jump.variance / 2.0);
        let baseline = jumps * (1.0 - branching);
        let faded = -libm::expm1(-1.0 / decay);
        // Expectations of the rate, which jumps to come hold up, fade more slowly than the excitation of a jump.
        let slowly = (1.0 - branching) / decay;
        let share = -libm::expm1(-slowly) / slowly;
        let mut rate = jumps;
        let answer = |value: &f64| {
            let expected = jumps + (rate - jumps) * share;
            if expected.is_nan() || expected > MOST_A_STEP {
                return f64::NAN;
            }
            let mut mixture = Mixture::new(*value, want);
            let mut count_sum = 0.0;
            for (weight, count) in poisson(expected).zip(0u32..) {
                let count = f64::from(count);
                let law = Normal {
                    mean: diffusion.mean - expected * mean_jump + count * jump.mean,
                    variance: diffusion.variance + count * jump.variance,
                };
                count_sum += count * mixture.add(weight, law);
            }
            let count = if mixture.density() > 0.0 {
                count_sum / mixture.density()
            } else {
                expected
            };
            rate = baseline + (rate - baseline) * (1.0 - faded) + branching * faded * count;
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
            Parameter::new("branching_ratio", spec.branching_ratio, Link::Logit),
            Parameter::positive("decay_seconds", spec.decay_seconds),
            Parameter::new("jump_mean", spec.jump_mean, Link::Identity),
            Parameter::positive("jump_std_dev", spec.jump_std_dev),
        ]
    }

    fn spec(&self, at: &[f64]) -> PathSpec {
        let exact = self.spec_of(at);
        PathSpec::HawkesJumps(Spec {
            start_price: rounded(exact.start_price),
            volatility_per_year: rounded(exact.volatility_per_year),
            drift_per_year: rounded(exact.drift_per_year),
            jumps_per_day: rounded(exact.jumps_per_day),
            branching_ratio: rounded(exact.branching_ratio),
            decay_seconds: rounded(exact.decay_seconds),
            jump_mean: rounded(exact.jump_mean),
            jump_std_dev: rounded(exact.jump_std_dev),
            ..exact
        })
    }
}

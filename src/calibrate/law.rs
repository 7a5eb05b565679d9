//! The distributions that returns have given those before them.

use statrs::distribution::{ContinuousCDF, Normal as Standard};
use statrs::function::beta::beta_reg;
use std::f64::consts::{PI, SQRT_2};

/// What a pass over the returns is to answer for each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// The logarithm of its density.
    LogDensity,
    /// Its normal score: the standard normal variate with the same probability below it (J. Berkowitz, "Testing Density Forecasts, With
    /// Applications to Risk Management", 2001).
    Score,
}

/// A normal distribution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Normal {
    pub mean: f64,
    pub variance: f64,
}

impl Normal {
    pub(super) fn density(self, at: f64) -> f64 {
        let distance = at - self.mean;
        libm::exp(-distance * distance / (2.0 * self.variance)) / (2.0 * PI * self.variance).sqrt()
    }

    pub(super) fn want(self, at: f64, want: Want) -> f64 {
        let distance = at - self.mean;
        match want {
            Want::LogDensity => {
                -0.5 * (libm::log(2.0 * PI * self.variance) + distance * distance / self.variance)
            }
            Want::Score => distance / self.variance.sqrt(),
        }
    }
}

/// A mixture of normal distributions, collected one by one: density and both tails at one place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mixture {
    at: f64,
    want: Want,
    density: f64,
    tails: [f64; 2],
}

impl Mixture {
    pub(super) fn new(at: f64, want: Want) -> Self {
        Self {
            at,
            want,
            density: 0.0,
            tails: [0.0; 2],
        }
    }

    /// Adds a component and answers the part of the density that is its own.
    pub(super) fn add(&mut self, weight: f64, component: Normal) -> f64 {
        let density = weight * component.density(self.at);
        self.density += density;
        if self.want == Want::Score {
            let distance = (self.at - component.mean) / (2.0 * component.variance).sqrt();
            self.tails[0] += weight * libm::erfc(-distance) / 2.0;
            self.tails[1] += weight * libm::erfc(distance) / 2.0;
        }
        density
    }

    pub(super) fn density(&self) -> f64 {
        self.density
    }

    pub(super) fn answer(&self) -> f64 {
        match self.want {
            // Beyond what numbers can say, a density is at least something: one return does not rule out a model.
            Want::LogDensity => libm::log(self.density.max(f64::MIN_POSITIVE)),
            Want::Score => score(self.tails),
        }
    }
}

/// Student's t distribution with variance 1, of more than 2 degrees of freedom.
#[derive(Clone, Copy, Debug)]
pub(super) struct StudentT {
    degrees: f64,
    log_constant: f64,
}

impl StudentT {
    pub(super) fn new(degrees: f64) -> Self {
        let gamma = libm::lgamma((degrees + 1.0) / 2.0) - libm::lgamma(degrees / 2.0);
        Self {
            degrees,
            log_constant: gamma - 0.5 * libm::log(PI * (degrees - 2.0)),
        }
    }

    /// For a variate that is the mean plus `std_dev` times this one.
    pub(super) fn want(self, standardised: f64, std_dev: f64, want: Want) -> f64 {
        let square = standardised * standardised / (self.degrees - 2.0);
        match want {
            Want::LogDensity => {
                self.log_constant - (self.degrees + 1.0) / 2.0 * libm::log1p(square) - libm::log(std_dev)
            }
            Want::Score => {
                // The chance beyond the distance, in one tail: half the regularised incomplete beta function at ν / (ν + t²), where
                // t² / ν is `square`.
                let tail = beta_reg(self.degrees / 2.0, 0.5, 1.0 / (1.0 + square)) / 2.0;
                if standardised < 0.0 {
                    score([tail, 1.0 - tail])
                } else {
                    score([1.0 - tail, tail])
                }
            }
        }
    }
}

/// The normal score of a place with these chances below and above. The smaller one counts, so that no digits are lost in either tail.
fn score([below, above]: [f64; 2]) -> f64 {
    // Beyond 37 standard deviations there are no numbers for the chance.
    let quantile = |chance: f64| Standard::standard().inverse_cdf(chance.max(1e-300));
    if below < above {
        quantile(below)
    } else {
        -quantile(above)
    }
}

/// The chance that a standard normal variate is below.
pub(super) fn normal_chance(below: f64) -> f64 {
    libm::erfc(-below / SQRT_2) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64, relative: f64) {
        assert!((found / expected - 1.0).abs() < relative, "{found} {expected}");
    }

    // scipy 1.17: t.logpdf, t.cdf and norm.ppf of it, at scale sqrt(3 / 5).
    // scipy 1.17: t.logpdf, norm.ppf(t.cdf) and norm.isf(t.sf) at 5 degrees of freedom and scale sqrt(3 / 5).
    #[test]
    fn students_t_is_that_of_scipy() {
        let t = StudentT::new(5.0);
        for (at, log_density, score) in [
            (-20.0, -15.414179597007447, -4.794881310817192),
            (-1.5, -2.392054140977997, -1.5956511948415053),
            (0.3, -0.8018831838963623, 0.36585593726740756),
            (6.0, -8.408054849556338, 3.4439672465463116),
        ] {
            close(t.want(at, 1.0, Want::LogDensity), log_density, 1e-12);
            close(t.want(at, 1.0, Want::Score), score, 1e-9);
        }
        // Twice as wide: half the density.
        let wide = t.want(0.3, 2.0, Want::LogDensity);
        close(t.want(0.3, 1.0, Want::LogDensity) - wide, 2f64.ln(), 1e-12);
    }

    // scipy 1.17: nine parts standard normal, one part of mean 1 and standard deviation 3.
    #[test]
    fn a_mixture_is_right_far_out_in_both_tails() {
        for (at, log_density, score) in [
            (-25.0, -41.875691470422375, -8.925184926327807),
            (0.5, -1.1087430783904595, 0.42806426028459593),
            (30.0, -51.04235813708904, 9.899642998439536),
        ] {
            for (want, expected) in [(Want::LogDensity, log_density), (Want::Score, score)] {
                let mut mixture = Mixture::new(at, want);
                for (weight, mean, variance) in [(0.9, 0.0, 1.0), (0.1, 1.0, 9.0)] {
                    mixture.add(weight, Normal { mean, variance });
                }
                close(mixture.answer(), expected, 1e-9);
            }
        }
    }

    #[test]
    fn a_normal_distribution_scores_as_itself() {
        let normal = Normal {
            mean: 1.0,
            variance: 4.0,
        };
        assert_eq!(normal.want(5.0, Want::Score), 2.0);
        close(
            normal.want(5.0, Want::LogDensity),
            normal.density(5.0).ln(),
            1e-12,
        );
        // The table's 1.96.
        close(normal_chance(1.959_963_984_540_054), 0.975, 1e-12);
    }
}

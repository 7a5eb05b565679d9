//! Standard normal variates and what is made of them, the same on every platform.

use rand::RngExt;
use rand_pcg::Pcg64;

/// Draws from the standard normal distribution by Marsaglia's polar method ("A Convenient Method for Generating Normal Variables", SIAM
/// Review 6, 1964). The variates come in pairs; the second of a pair is kept for the next call.
#[derive(Debug)]
pub(super) struct Normal {
    spare: Option<f64>,
}

impl Normal {
    pub(super) fn new() -> Self {
        Self { spare: None }
    }

    /// The next variate. The number of draws from `rng` depends on the draws alone.
    pub(super) fn draw(&mut self, rng: &mut Pcg64) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let x = 2.0 * rng.random::<f64>() - 1.0;
            let y = 2.0 * rng.random::<f64>() - 1.0;
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                let stretch = (-2.0 * libm::log(square) / square).sqrt();
                self.spare = Some(y * stretch);
                return x * stretch;
            }
        }
    }
}

/// Draws from the chi-squared distribution by the rejection of Marsaglia and Tsang ("A Simple Method for Generating Gamma Variables", ACM
/// Transactions on Mathematical Software 26, 2000), which needs at least 2 degrees of freedom.
#[derive(Debug)]
pub(super) struct ChiSquared {
    degrees: f64,
    normal: Normal,
}

impl ChiSquared {
    pub(super) fn new(degrees: f64) -> Self {
        Self {
            degrees,
            normal: Normal::new(),
        }
    }

    /// The degrees of freedom, which are the mean.
    pub(super) fn degrees(&self) -> f64 {
        self.degrees
    }

    pub(super) fn draw(&mut self, rng: &mut Pcg64) -> f64 {
        let peak = self.degrees / 2.0 - 1.0 / 3.0;
        loop {
            let x = self.normal.draw(rng);
            let uniform = 1.0 - rng.random::<f64>();
            let root = 1.0 + x / (9.0 * peak).sqrt();
            let cube = root * root * root;
            if cube > 0.0 && libm::log(uniform) < x * x / 2.0 + peak * (1.0 - cube + libm::log(cube)) {
                return 2.0 * peak * cube;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_tails_are_normal() {
        let mut rng = Pcg64::new(1, 2);
        let mut normal = Normal::new();
        let n = 400_000;
        let draws: Vec<f64> = (0..n).map(|_| normal.draw(&mut rng)).collect();
        let n = n as f64;
        let moment = |power: i32| draws.iter().map(|z| z.powi(power)).sum::<f64>() / n;
        // The k-th moment of the sample has variance (m(2k) - m(k)^2) / n; four standard errors each.
        let within = |power, mean: f64, variance: f64| {
            let error = moment(power) - mean;
            assert!(error.abs() < 4.0 * (variance / n).sqrt(), "{power}: {error}");
        };
        within(1, 0.0, 1.0);
        within(2, 1.0, 2.0);
        within(3, 0.0, 15.0);
        within(4, 3.0, 96.0);
        let beyond_two = draws.iter().filter(|z| z.abs() > 2.0).count() as f64 / n;
        let expected = 0.045_500_263_9;
        assert!((beyond_two - expected).abs() < 4.0 * (expected / n).sqrt());
    }

    #[test]
    fn neighbours_are_uncorrelated() {
        let mut rng = Pcg64::new(3, 4);
        let mut normal = Normal::new();
        let draws: Vec<f64> = (0..100_000).map(|_| normal.draw(&mut rng)).collect();
        let product: f64 = draws.windows(2).map(|pair| pair[0] * pair[1]).sum();
        assert!(product.abs() < 4.0 * (draws.len() as f64).sqrt());
    }
    #[test]
    fn chi_squared_moments_are_right() {
        for degrees in [2.001, 4.0, 30.0] {
            let (mut rng, mut chi_squared) = (Pcg64::new(5, 6), ChiSquared::new(degrees));
            let n = 200_000;
            let draws: Vec<f64> = (0..n).map(|_| chi_squared.draw(&mut rng)).collect();
            let n = f64::from(n);
            let mean = draws.iter().sum::<f64>() / n;
            assert!(
                (mean - degrees).abs() < 4.0 * (2.0 * degrees / n).sqrt(),
                "{mean}"
            );
            // Variance 2k, fourth central moment 12k² + 48k.
            let variance = draws.iter().map(|x| (x - degrees).powi(2)).sum::<f64>() / n;
            let error = ((8.0 * degrees * degrees + 48.0 * degrees) / n).sqrt();
            assert!((variance - 2.0 * degrees).abs() < 4.0 * error, "{variance}");
            // With 2 degrees it is exponential with mean 2: one in e is above the mean.
            if degrees < 2.1 {
                let above = draws.iter().filter(|x| **x > 2.0).count() as f64 / n;
                assert!((above - (-1f64).exp()).abs() < 0.005, "{above}");
            }
        }
    }
}

//! Jumps that bring jumps.

use super::{
    SECONDS_PER_DAY, SECONDS_PER_YEAR,
    error::{FieldError, Fields, PathError},
    luck::Luck,
    normal::Normal,
    price::PricePath,
    recorder::at_regular_steps,
};
use rand::RngExt;
use rand_pcg::Pcg64;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Geometric Brownian motion with jumps that excite each other (A. G. Hawkes, "Spectra of Some Self-Exciting and Mutually Exciting Point
/// Processes", 1971; in asset prices, Y. Aït-Sahalia, J. Cacho-Diaz and R. J. A. Laeven, "Modeling Financial Contagion Using Mutually
/// Exciting Jump Processes", 2015).
///
/// The rate of jumps is the baseline plus, for each jump `s` seconds ago, `branching_ratio / decay_seconds · exp(-s / decay_seconds)`: a jump
/// brings `branching_ratio` others on average, and jumps come at `jumps_per_day / (1 - branching_ratio)` a day on average. The rate starts at
/// that average. Arrivals are drawn exactly (A. Dassios and H. Zhao, "Exact Simulation of Hawkes Process with Exponentially Decaying
/// Intensity", 2013). Each jump multiplies the price by `exp(j)`, `j` normal; between jumps the log price drifts by what keeps the expected
/// price at `start_price · exp(drift · t)`, which is `E[exp(j)] - 1` times the rate of the moment.
///
/// Jumps take their random numbers from a stream of their own, as in `jump_diffusion`: the diffusion does not change with the jumps, and the
/// n-th jump keeps its size. A jump shows at the first price at or after it.
///
/// ```yaml
/// hawkes_jumps: {volatility_per_year: 0.6, jumps_per_day: 2, branching_ratio: 0.7, decay_seconds: 120, jump_mean: -0.005, jump_std_dev: 0.01}
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HawkesJumps {
    /// Price at second 0, in dollars. Default 100.
    pub start_price: f64,
    /// Standard deviation of the log return over a year without jumps: 0.8 (default) is 80 % a year.
    pub volatility_per_year: f64,
    /// Growth rate of the expected price per year, jumps included, continuously compounded. Default 0.
    pub drift_per_year: f64,
    /// Jumps a day that no other jump brought, on average: the baseline. Default 1.
    pub jumps_per_day: f64,
    /// Jumps that a jump brings by itself, on average, below 1. Default 0.5; 0 is `jump_diffusion`.
    pub branching_ratio: f64,
    /// Mean seconds until these come, each. Default 300.
    pub decay_seconds: f64,
    /// Mean log return of a jump: -0.05 is about 5 % down. Default 0.
    pub jump_mean: f64,
    /// Standard deviation of the log return of a jump: 0.02 (default) is about 2 %.
    pub jump_std_dev: f64,
    /// Seconds between two prices. Default 10.
    pub step_seconds: u32,
    /// Lowest price, in dollars, at which lower prices are held. Default 0.000001.
    pub floor_price: f64,
}

impl Default for HawkesJumps {
    fn default() -> Self {
        Self {
            start_price: 100.0,
            volatility_per_year: 0.8,
            drift_per_year: 0.0,
            jumps_per_day: 1.0,
            branching_ratio: 0.5,
            decay_seconds: 300.0,
            jump_mean: 0.0,
            jump_std_dev: 0.02,
            step_seconds: 10,
            floor_price: 1e-6,
        }
    }
}

impl HawkesJumps {
    pub(super) const MODEL: &str = "hawkes_jumps";

    pub(super) fn check(&self) -> Vec<FieldError> {
        let mut fields = Fields::of(Self::MODEL);
        fields.floored_start(self.start_price, self.floor_price);
        fields.volatility(self.volatility_per_year);
        fields.drift(self.drift_per_year);
        let (most, unit) = (SECONDS_PER_DAY, "jumps a day");
        fields.between("jumps_per_day", self.jumps_per_day, 0.0, most, unit);
        let unit = "(jumps that a jump brings)";
        fields.between("branching_ratio", self.branching_ratio, 0.0, 0.99, unit);
        fields.between("decay_seconds", self.decay_seconds, 0.01, 1e9, "seconds");
        fields.between("jump_mean", self.jump_mean, -10.0, 10.0, "(log return)");
        fields.between("jump_std_dev", self.jump_std_dev, 0.0, 5.0, "(log return)");
        fields.step(self.step_seconds);
        fields.finish()
    }

    pub(super) fn build(&self, luck: impl Into<Luck>, horizon: u32) -> Result<PricePath, PathError> {
        let Luck { mut shocks, rest } = luck.into();
        let mut jumps = Jumps::new(self, rest);
        let years = f64::from(self.step_seconds) / SECONDS_PER_YEAR;
        let volatility = self.volatility_per_year;
        let drift = (self.drift_per_year - volatility * volatility / 2.0) * years;
        let spread = volatility * years.sqrt();
        // The expected relative change of a jump, `E[exp(j)] - 1`.
        let mean_jump = libm::expm1(self.jump_mean + self.jump_std_dev * self.jump_std_dev / 2.0);
        let mut log_return = 0.0;
        at_regular_steps(
            Self::MODEL,
            self.floor_price,
            self.start_price,
            self.step_seconds,
            horizon,
            |second| {
                let (jumped, expected) = jumps.until(second);
                log_return += drift + spread * shocks.draw();
                log_return += jumped - expected * mean_jump;
                self.start_price * libm::exp(log_return)
            },
        )
    }
}

/// Jumps in the order of their arrival.
struct Jumps {
    rng: Pcg64,
    normal: Normal,
    mean: f64,
    std_dev: f64,
    /// Jumps a second that no other brought.
    baseline: f64,
    /// By how much a jump raises the rate, in jumps a second.
    kick: f64,
    decay_seconds: f64,
    /// The time reached, in seconds, and what the rate then is above the baseline.
    now: f64,
    excess: f64,
    /// When the next jump comes.
    next: f64,
}

impl Jumps {
    fn new(spec: &HawkesJumps, rng: Pcg64) -> Self {
        let baseline = spec.jumps_per_day / SECONDS_PER_DAY;
        let mut jumps = Self {
            rng,
            normal: Normal::new(),
            mean: spec.jump_mean,
            std_dev: spec.jump_std_dev,
            baseline,
            kick: spec.branching_ratio / spec.decay_seconds,
            decay_seconds: spec.decay_seconds,
            now: 0.0,
            excess: baseline * spec.branching_ratio / (1.0 - spec.branching_ratio),
            next: 0.0,
        };
        jumps.schedule();
        jumps
    }

    /// The next jump is the earlier of two: the next of the baseline, and the next of the excess, which in time decays to nothing and
    /// may bring none.
    fn schedule(&mut self) {
        let mut exponential = || -libm::log1p(-self.rng.random::<f64>());
        let (first, second) = (exponential(), exponential());
        let of_baseline = if self.baseline > 0.0 {
            first / self.baseline
        } else {
            f64::INFINITY
        };
        // All that the excess will bring from now on is `excess · decay` jumps on average.
        let share = second / (self.excess * self.decay_seconds);
        let of_excess = if share < 1.0 {
            -self.decay_seconds * libm::log1p(-share)
        } else {
            f64::INFINITY
        };
        self.next = self.now + of_baseline.min(of_excess);
    }

    /// Moves to a time before the next jump, in seconds, and answers how many jumps were to be expected on the way.
    fn move_to(&mut self, time: f64) -> f64 {
        let passed = time - self.now;
        let faded = -libm::expm1(-passed / self.decay_seconds);
        let expected = self.baseline * passed + self.excess * self.decay_seconds * faded;
        self.excess -= self.excess * faded;
        self.now = time;
        expected
    }

    /// The sum of the jumps up to `second` that were not asked for before, and how many the rate made expect.
    fn until(&mut self, second: u32) -> (f64, f64) {
        let (mut sum, mut expected) = (0.0, 0.0);
        while self.next <= f64::from(second) {
            expected += self.move_to(self.next);
            sum += self.mean + self.std_dev * self.normal.draw(&mut self.rng);
            self.excess += self.kick;
            self.schedule();
        }
        (sum, expected + self.move_to(f64::from(second)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Jumps in each of `windows` of `seconds`, and how many were expected in all.
    fn counts(spec: &HawkesJumps, seconds: u32, windows: u32, luck: u128) -> (Vec<f64>, f64) {
        let counted = HawkesJumps {
            jump_mean: 1.0,
            jump_std_dev: 0.0,
            ..spec.clone()
        };
        let mut jumps = Jumps::new(&counted, Pcg64::new(luck, 1));
        let mut all = 0.0;
        let count = |n: u32| {
            let (count, expected) = jumps.until(n * seconds);
            all += expected;
            count
        };
        ((1..=windows).map(count).collect(), all)
    }

    fn mean_and_variance(values: &[f64]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        (mean, values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n)
    }

    #[test]
    fn jumps_come_at_their_average_rate_and_cluster_as_hawkes_says() {
        for branching_ratio in [0.0, 0.5, 0.8] {
            let spec = HawkesJumps {
                jumps_per_day: 864.0,
                branching_ratio,
                decay_seconds: 60.0,
                ..HawkesJumps::default()
            };
            let (seconds, windows) = (2_000, 20_000);
            let (counts, expected) = counts(&spec, seconds, windows, 7);
            let (mean, variance) = mean_and_variance(&counts);
            let (n, t) = (branching_ratio, f64::from(seconds));
            let rate = 0.01 / (1.0 - n);
            // The variance of the count over t, from Hawkes' covariance density: with b = (1 - n) / decay it is
            // rate t / (1 - n)² + rate (1 - 1 / (1 - n)²) (1 - exp(-b t)) / b.
            let (b, wide) = ((1.0 - n) / 60.0, 1.0 / (1.0 - n).powi(2));
            let spread = rate * t * wide + rate * (1.0 - wide) * (1.0 - (-b * t).exp()) / b;
            let error = (rate * wide / t / f64::from(windows)).sqrt();
            assert!((mean / t - rate).abs() < 4.0 * error, "{n}: {} {rate}", mean / t);
            assert!((variance / spread - 1.0).abs() < 0.06, "{n}: {variance} {spread}");
            // What the rate made expect differs from what came by a martingale of variance rate · t.
            let all = rate * t * f64::from(windows);
            assert!(
                (counts.iter().sum::<f64>() - expected).abs() < 4.0 * all.sqrt(),
                "{n}: {expected}"
            );
        }
    }

    #[test]
    fn the_first_hour_has_the_average_rate_already() {
        let spec = HawkesJumps {
            jumps_per_day: 48.0,
            branching_ratio: 0.75,
            decay_seconds: 600.0,
            ..HawkesJumps::default()
        };
        let first: Vec<f64> = (0..4_000)
            .map(|luck| counts(&spec, 3_600, 1, luck).0[0])
            .collect();
        let (mean, variance) = mean_and_variance(&first);
        assert!((mean - 8.0).abs() < 4.0 * (variance / 4_000.0).sqrt(), "{mean}");
    }

    #[test]
    fn the_expected_price_grows_by_the_drift_whatever_the_jumps() {
        let spec = HawkesJumps {
            volatility_per_year: 0.3,
            drift_per_year: 2.0,
            jumps_per_day: 4.0,
            branching_ratio: 0.6,
            decay_seconds: 3_600.0,
            jump_mean: -0.02,
            jump_std_dev: 0.02,
            step_seconds: 3_600,
            ..HawkesJumps::default()
        };
        let (n, horizon) = (20_000, 10 * 86_400);
        let end = |k| {
            spec.build(Pcg64::new(k, 3), horizon)
                .unwrap()
                .price_at(horizon.into())
        };
        let prices: Vec<f64> = (0..n).map(|k| end(k) as f64 / 1e6).collect();
        let (mean, variance) = mean_and_variance(&prices);
        let expected = 100.0 * (2.0 * 10.0 / 365.0f64).exp();
        assert!(
            (mean - expected).abs() < 4.0 * (variance / n as f64).sqrt(),
            "{mean} {expected}"
        );
    }

    #[test]
    fn a_jump_keeps_its_size_when_rates_change() {
        let sizes = |jumps_per_day, branching_ratio| {
            let spec = HawkesJumps {
                jumps_per_day,
                branching_ratio,
                ..HawkesJumps::default()
            };
            let mut jumps = Jumps::new(&spec, Pcg64::new(4, 1));
            let mut sizes = Vec::new();
            while sizes.len() < 20 {
                let next = jumps.next;
                jumps.move_to(next);
                sizes.push(jumps.normal.draw(&mut jumps.rng));
                jumps.excess += jumps.kick;
                jumps.schedule();
            }
            sizes
        };
        assert_eq!(sizes(1.0, 0.0), sizes(50.0, 0.9));
    }
}

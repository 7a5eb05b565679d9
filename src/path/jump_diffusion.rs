//! Merton's jump diffusion.

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

/// Geometric Brownian motion with jumps (R. C. Merton, "Option Pricing When Underlying Stock Returns Are Discontinuous", 1976).
///
/// Jumps arrive as a Poisson process. Each multiplies the price by `exp(j)`, `j` normal. Between jumps the log price moves as in geometric
/// Brownian motion with the drift lowered by what jumps add on average, `rate · (E[exp(j)] - 1)`, so that the expected price at time `t` is
/// `start_price · exp(drift · t)` whatever the jumps.
///
/// Jumps take their random numbers from a stream of their own, seeded from the first 32 bytes of the path's: the diffusion does not change
/// with the jumps, and the n-th jump keeps its size when the rate changes. A jump shows at the first price at or after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct JumpDiffusion {
    /// Price at second 0, in dollars. Default 100.
    pub start_price: f64,
    /// Standard deviation of the log return over a year without jumps: 0.8 (default) is 80 % a year.
    pub volatility_per_year: f64,
    /// Growth rate of the expected price per year, jumps included, continuously compounded. Default 0.
    pub drift_per_year: f64,
    /// Jumps a day, on average. Default 1.
    pub jumps_per_day: f64,
    /// Mean log return of a jump: -0.05 is about 5 % down. Default 0.
    pub jump_mean: f64,
    /// Standard deviation of the log return of a jump: 0.05 (default) is about 5 %.
    pub jump_std_dev: f64,
    /// Seconds between two prices. Default 10.
    pub step_seconds: u32,
    /// Lowest price, in dollars, at which lower prices are held. Default 0.000001.
    pub floor_price: f64,
}

impl Default for JumpDiffusion {
    fn default() -> Self {
        Self {
            start_price: 100.0,
            volatility_per_year: 0.8,
            drift_per_year: 0.0,
            jumps_per_day: 1.0,
            jump_mean: 0.0,
            jump_std_dev: 0.05,
            step_seconds: 10,
            floor_price: 1e-6,
        }
    }
}

impl JumpDiffusion {
    pub(super) const MODEL: &str = "jump_diffusion";

    pub(super) fn check(&self) -> Vec<FieldError> {
        let mut fields = Fields::of(Self::MODEL);
        fields.floored_start(self.start_price, self.floor_price);
        fields.volatility(self.volatility_per_year);
        fields.drift(self.drift_per_year);
        fields.between(
            "jumps_per_day",
            self.jumps_per_day,
            0.0,
            SECONDS_PER_DAY,
            "jumps a day",
        );
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
        let jump_drift = self.jumps_per_year() * self.mean_jump();
        let drift = (self.drift_per_year - jump_drift - volatility * volatility / 2.0) * years;
        let spread = volatility * years.sqrt();
        let mut log_return = 0.0;
        at_regular_steps(
            Self::MODEL,
            self.floor_price,
            self.start_price,
            self.step_seconds,
            horizon,
            |second| {
                log_return += drift + spread * shocks.draw();
                log_return += jumps.until(second);
                self.start_price * libm::exp(log_return)
            },
        )
    }

    fn jumps_per_year(&self) -> f64 {
        self.jumps_per_day / SECONDS_PER_DAY * SECONDS_PER_YEAR
    }

    /// The expected relative change of a jump, `E[exp(j)] - 1`.
    fn mean_jump(&self) -> f64 {
        libm::expm1(self.jump_mean + self.jump_std_dev * self.jump_std_dev / 2.0)
    }
}

/// Jumps in the order of their arrival.
struct Jumps {
    rng: Pcg64,
    normal: Normal,
    mean: f64,
    std_dev: f64,
    per_second: f64,
    /// When the next jump comes, in seconds.
    next: f64,
}

impl Jumps {
    fn new(spec: &JumpDiffusion, rng: Pcg64) -> Self {
        let mut jumps = Self {
            rng,
            normal: Normal::new(),
            mean: spec.jump_mean,
            std_dev: spec.jump_std_dev,
            per_second: spec.jumps_per_day / SECONDS_PER_DAY,
            next: 0.0,
        };
        jumps.schedule();
        jumps
    }

    /// Times between jumps are exponential: minus the logarithm of a uniform variate, over the rate.
    fn schedule(&mut self) {
        let uniform = self.rng.random::<f64>();
        self.next += if self.per_second > 0.0 {
            -libm::log1p(-uniform) / self.per_second
        } else {
            f64::INFINITY
        };
    }

    /// The sum of the jumps up to `second` that were not asked for before.
    fn until(&mut self, second: u32) -> f64 {
        let mut sum = 0.0;
        while self.next <= f64::from(second) {
            sum += self.mean + self.std_dev * self.normal.draw(&mut self.rng);
            self.schedule();
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log_returns(path: &PricePath, step: u32, steps: u32) -> Vec<f64> {
        let price = |n: u32| path.price_at(i64::from(n * step)) as f64;
        let steps = 0..steps;
        steps.map(|n| (price(n + 1) / price(n)).ln()).collect()
    }

    #[test]
    fn jumps_arrive_at_their_rate_and_size() {
        let spec = JumpDiffusion {
            start_price: 1000.0,
            volatility_per_year: 0.0,
            jumps_per_day: 20.0,
            jump_std_dev: 0.01,
            ..JumpDiffusion::default()
        };
        // 100 days: 2,000 jumps expected, standard deviation 45. Two in one step of ten seconds: about 2000 * 0.0023 / 2 = 2 pairs.
        let steps = 864_000;
        let path = spec.build(Pcg64::new(1, 1), 10 * steps).unwrap();
        let returns = log_returns(&path, 10, steps);
        let jumps: Vec<_> = returns.into_iter().filter(|r| r.abs() > 1e-6).collect();
        assert!(jumps.len().abs_diff(2_000) < 200, "{}", jumps.len());
        let square = jumps.iter().map(|j| j * j).sum::<f64>() / jumps.len() as f64;
        let relative_error = (2.0 / jumps.len() as f64).sqrt();
        assert!(
            (square / 1e-4 - 1.0).abs() < 4.0 * relative_error + 0.002,
            "{square}"
        );
    }

    #[test]
    fn the_expected_price_grows_by_the_drift_whatever_the_jumps() {
        let (volatility, drift, rate, mean, std_dev): (f64, f64, f64, f64, f64) = (0.3, 0.2, 4.0, -0.1, 0.15);
        let year = 31_536_000;
        let spec = JumpDiffusion {
            volatility_per_year: volatility,
            drift_per_year: drift,
            jumps_per_day: rate / 365.0,
            jump_mean: mean,
            jump_std_dev: std_dev,
            step_seconds: year,
            ..JumpDiffusion::default()
        };
        let n = 20_000;
        let end = |k| {
            spec.build(Pcg64::new(k, 1), year)
                .unwrap()
                .price_at(i64::from(year))
        };
        let sample = (0..n).map(|k| end(k) as f64 / 1e6).sum::<f64>() / n as f64;
        let expected = 100.0 * drift.exp();
        // Variance: expected² (exp(volatility² + rate E[(exp(j) - 1)²]) - 1), from the moments of the log-normal.
        let moment = |k: f64| (k * mean + k * k * std_dev * std_dev / 2.0).exp();
        let square = moment(2.0) - 2.0 * moment(1.0) + 1.0;
        let variance = (volatility * volatility + rate * square).exp() - 1.0;
        let error = expected * (variance / n as f64).sqrt();
        assert!((sample - expected).abs() < 4.0 * error, "{sample} {expected}");
    }

    #[test]
    fn jumps_leave_the_diffusion_alone() {
        let none = JumpDiffusion {
            start_price: 1e6,
            jumps_per_day: 0.0,
            ..JumpDiffusion::default()
        };
        let some = JumpDiffusion {
            jumps_per_day: 50.0,
            jump_mean: 0.0,
            jump_std_dev: 0.5,
            ..none.clone()
        };
        let returns =
            |spec: &JumpDiffusion| log_returns(&spec.build(Pcg64::new(3, 1), 86_400).unwrap(), 10, 8_640);
        let (none, some) = (returns(&none), returns(&some));
        let drift = 50.0 * ((0.5f64 * 0.5 / 2.0).exp() - 1.0) * 10.0 / 86_400.0;
        let differing = none
            .iter()
            .zip(&some)
            .filter(|(n, s)| (*n - drift - *s).abs() > 1e-4);
        // 50 jumps expected, standard deviation 7; all other returns differ by the compensation alone.
        let differing = differing.count();
        assert!((22..=78).contains(&differing), "{differing}");
    }

    #[test]
    fn a_jump_keeps_its_size_when_the_rate_changes() {
        let sizes = |jumps_per_day| {
            let spec = JumpDiffusion {
                jumps_per_day,
                ..JumpDiffusion::default()
            };
            let mut jumps = Jumps::new(&spec, Pcg64::new(4, 1));
            let mut sizes = Vec::new();
            let mut times = Vec::new();
            while sizes.len() < 20 {
                times.push(jumps.next);
                let size = jumps.until(jumps.next.ceil() as u32);
                sizes.push(size);
            }
            (sizes, times)
        };
        let ((slow, late), (fast, early)) = (sizes(1.0), sizes(4.0));
        assert_eq!(slow, fast);
        for (late, early) in late.iter().zip(early) {
            assert!((late / early - 4.0).abs() < 1e-9);
        }
    }
}

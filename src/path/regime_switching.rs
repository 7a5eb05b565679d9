//! Calm and turmoil: volatility and drift that switch.

use super::{
    SECONDS_PER_YEAR,
    error::{FieldError, Fields, PathError},
    luck::Luck,
    price::PricePath,
    recorder::at_regular_steps,
};
use rand::RngExt;
use rand_pcg::Pcg64;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Geometric Brownian motion whose volatility and drift are those of a regime, and the regime a Markov chain (J. D. Hamilton, "A New
/// Approach to the Economic Analysis of Nonstationary Time Series and the Business Cycle", 1989; here in continuous time).
///
/// A regime lasts an exponential time of mean `mean_seconds`; each of the others is as likely to follow. Switches may fall between two
/// prices: a step's log return has the drift and the variance of each regime for as long as it lasted. The share of time that a regime takes
/// is its `mean_seconds` over the sum of all; second 0 finds each with that probability, unless `start` says which.
///
/// Regimes take their random numbers from a stream of their own: the times at which they switch do not change with volatilities and drifts.
///
/// ```yaml
/// regime_switching:
///   start_price: 20
///   regimes:
///     - {volatility_per_year: 0.5, mean_seconds: 86400}
///     - {volatility_per_year: 2.5, drift_per_year: -3, mean_seconds: 7200}
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RegimeSwitching {
    /// Price at second 0, in dollars. Default 100.
    pub start_price: f64,
    /// Two regimes or more. By default 50 % a year for a day, then 250 % a year for two hours.
    pub regimes: Vec<Regime>,
    /// The regime of second 0, counted from 0; left to chance where not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<u32>,
    /// Seconds between two prices. Default 10.
    pub step_seconds: u32,
    /// Lowest price, in dollars, at which lower prices are held. Default 0.000001.
    pub floor_price: f64,
}

/// What the market is like for a while.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Regime {
    /// Standard deviation of the log return over a year: 0.8 is 80 % a year.
    pub volatility_per_year: f64,
    /// Growth rate of the expected price per year, continuously compounded. Default 0.
    #[serde(default)]
    pub drift_per_year: f64,
    /// Seconds that it lasts on average.
    pub mean_seconds: f64,
}

impl Default for RegimeSwitching {
    fn default() -> Self {
        let regime = |volatility_per_year, mean_seconds| Regime {
            volatility_per_year,
            drift_per_year: 0.0,
            mean_seconds,
        };
        Self {
            start_price: 100.0,
            regimes: vec![regime(0.5, 86_400.0), regime(2.5, 7_200.0)],
            start: None,
            step_seconds: 10,
            floor_price: 1e-6,
        }
    }
}

impl RegimeSwitching {
    pub(super) const MODEL: &str = "regime_switching";

    pub(super) fn check(&self) -> Vec<FieldError> {
        let mut fields = Fields::of(Self::MODEL);
        fields.floored_start(self.start_price, self.floor_price);
        let count = self.regimes.len();
        fields.require(count >= 2, "regimes", format!("a list of {count}"), || {
            "give 2 or more".into()
        });
        for (number, regime) in self.regimes.iter().enumerate() {
            let within = |name: &str| format!("regimes.{number}.{name}");
            fields.volatility_of(&within("volatility_per_year"), regime.volatility_per_year);
            fields.drift_of(&within("drift_per_year"), regime.drift_per_year);
            // A second at least: a path of years is then made in moments.
            fields.between(&within("mean_seconds"), regime.mean_seconds, 1.0, 1e12, "seconds");
        }
        if let Some(start) = self.start {
            fields.require((start as usize) < count, "start", start, || {
                format!("give a number from 0 to {}", count.saturating_sub(1))
            });
        }
        fields.step(self.step_seconds);
        fields.finish()
    }

    pub(super) fn build(&self, luck: impl Into<Luck>, horizon: u32) -> Result<PricePath, PathError> {
        let Luck { mut shocks, rest } = luck.into();
        let mut chain = Chain::new(self, rest);
        let mut log_return = 0.0;
        at_regular_steps(
            Self::MODEL,
            self.floor_price,
            self.start_price,
            self.step_seconds,
            horizon,
            |second| {
                let (mut drift, mut variance) = (0.0, 0.0);
                chain.until(second, |regime, seconds| {
                    let regime = &self.regimes[regime];
                    let years = seconds / SECONDS_PER_YEAR;
                    drift += regime.drift_per_year * years;
                    variance += regime.volatility_per_year * regime.volatility_per_year * years;
                });
                log_return += drift - variance / 2.0 + variance.sqrt() * shocks.draw();
                self.start_price * libm::exp(log_return)
            },
        )
    }
}

/// Which regime holds when.
struct Chain<'a> {
    regimes: &'a [Regime],
    rng: Pcg64,
    regime: usize,
    /// The time reached, and that of the next switch, in seconds.
    now: f64,
    next: f64,
}

impl<'a> Chain<'a> {
    fn new(spec: &'a RegimeSwitching, mut rng: Pcg64) -> Self {
        let regimes = &spec.regimes;
        let all: f64 = regimes.iter().map(|regime| regime.mean_seconds).sum();
        let mut left = rng.random::<f64>() * all;
        let drawn = regimes.iter().position(|regime| {
            left -= regime.mean_seconds;
            left < 0.0
        });
        let drawn = drawn.unwrap_or(regimes.len() - 1);
        let mut chain = Self {
            regimes,
            rng,
            regime: spec.start.map_or(drawn, |start| start as usize),
            now: 0.0,
            next: 0.0,
        };
        // An exponential time that has begun lasts as long as a new one.
        chain.last();
        chain
    }

    fn last(&mut self) {
        let uniform = self.rng.random::<f64>();
        self.next -= self.regimes[self.regime].mean_seconds * libm::log1p(-uniform);
    }

    fn switch(&mut self) {
        let others = self.regimes.len() - 1;
        let other = ((self.rng.random::<f64>() * others as f64) as usize).min(others - 1);
        self.regime = (self.regime + 1 + other) % self.regimes.len();
        self.last();
    }

    /// Tells which regimes hold for how many seconds each, from the time reached to `second`.
    fn until(&mut self, second: u32, mut tell: impl FnMut(usize, f64)) {
        let end = f64::from(second);
        while self.next <= end {
            tell(self.regime, self.next - self.now);
            self.now = self.next;
            self.switch();
        }
        tell(self.regime, end - self.now);
        self.now = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(regimes: &[(f64, f64, f64)]) -> RegimeSwitching {
        let regime = |&(volatility_per_year, drift_per_year, mean_seconds): &(f64, f64, f64)| Regime {
            volatility_per_year,
            drift_per_year,
            mean_seconds,
        };
        RegimeSwitching {
            regimes: regimes.iter().map(regime).collect(),
            ..RegimeSwitching::default()
        }
    }

    #[test]
    fn regimes_take_their_share_of_time_and_last_as_long_as_told() {
        let spec = spec(&[(1.0, 0.0, 50.0), (1.0, 0.0, 200.0), (1.0, 0.0, 25.0)]);
        let mut chain = Chain::new(&spec, Pcg64::new(1, 2));
        let (mut time, mut visits) = ([0.0; 3], [0.0f64; 3]);
        let mut latest = None;
        let seconds = 4_000_000;
        chain.until(seconds, |regime, lasted| {
            time[regime] += lasted;
            visits[regime] += 1.0;
            assert_ne!(
                latest.replace(regime),
                Some(regime),
                "a switch goes to another regime"
            );
        });
        for (regime, mean) in [(0, 50.0), (1, 200.0), (2, 25.0)] {
            let share = time[regime] / f64::from(seconds);
            assert!((share - mean / 275.0).abs() < 0.01, "{regime}: {share}");
            let lasted = time[regime] / visits[regime];
            let error = mean / visits[regime].sqrt();
            assert!((lasted - mean).abs() < 4.0 * error, "{regime}: {lasted}");
        }
    }

    #[test]
    fn second_0_finds_regimes_by_their_share_of_time() {
        let mut spec = spec(&[(1.0, 0.0, 300.0), (1.0, 0.0, 100.0)]);
        let starts = |spec: &RegimeSwitching| {
            let first = (0..4_000).filter(|&k| Chain::new(spec, Pcg64::new(k, 1)).regime == 0);
            first.count()
        };
        // 3,000 expected, standard deviation 27.
        assert!(starts(&spec).abs_diff(3_000) < 110, "{}", starts(&spec));
        spec.start = Some(1);
        assert_eq!(starts(&spec), 0);
    }

    #[test]
    fn variance_and_fourth_moment_are_those_of_the_mixture() {
        let mut spec = spec(&[(0.5, 0.0, 9_000.0), (2.0, 0.0, 3_000.0)]);
        (spec.start_price, spec.step_seconds) = (1e5, 1);
        let (mut second, mut fourth, mut count) = (0.0, 0.0, 0.0);
        for luck in 0..10 {
            let horizon = 400_000;
            let path = spec.build(Pcg64::new(luck, 2), horizon).unwrap();
            let price = |s: u32| path.price_at(s.into()) as f64;
            for s in 0..horizon {
                let square = (price(s + 1) / price(s)).ln().powi(2);
                second += square;
                fourth += square * square;
                count += 1.0;
            }
        }
        let year = SECONDS_PER_YEAR;
        // Three quarters of the time 0.25, one quarter 4: mean 1.1875; mean square 3/64 + 4 = 4.046875, times 3 for normal returns.
        // Some 330 switches: the share of the wild regime has a relative standard error of about 7 %.
        let (variance, kurtosis) = (second / count * year, 3.0 * 4.046_875 / 1.1875f64.powi(2));
        assert!((variance / 1.1875 - 1.0).abs() < 0.25, "{variance}");
        let found = fourth / count / (second / count).powi(2);
        assert!((found / kurtosis - 1.0).abs() < 0.2, "{found} {kurtosis}");
    }

    #[test]
    fn the_expected_price_grows_by_the_drift() {
        let mut spec = spec(&[(0.3, 0.8, 40_000.0), (0.9, 0.8, 10_000.0)]);
        spec.step_seconds = 86_400;
        let (n, horizon) = (10_000, 60 * 86_400);
        let end = |k| {
            spec.build(Pcg64::new(k, 3), horizon)
                .unwrap()
                .price_at(horizon.into())
        };
        let mean = (0..n).map(|k| end(k) as f64 / 1e6).sum::<f64>() / n as f64;
        let expected = 100.0 * (0.8 * 60.0 / 365.0f64).exp();
        // Mean variance 0.234 a year: a relative standard deviation of 0.2 after 60 days.
        assert!(
            (mean / expected - 1.0).abs() < 4.0 * 0.2 / (n as f64).sqrt(),
            "{mean} {expected}"
        );
    }

    #[test]
    fn switches_come_when_they_do_whatever_the_volatilities() {
        let mut spec = spec(&[(0.5, 0.0, 600.0), (3.0, 0.0, 600.0)]);
        spec.start_price = 1e5;
        let returns = |spec: &RegimeSwitching| {
            let path = spec.build(Pcg64::new(5, 5), 20_000).unwrap();
            let price = |n: i64| path.price_at(10 * n) as f64;
            (0..2_000)
                .map(|n| (price(n + 1) / price(n)).ln())
                .collect::<Vec<_>>()
        };
        let once = returns(&spec);
        spec.regimes
            .iter_mut()
            .for_each(|regime| regime.volatility_per_year *= 2.0);
        // A return is √V z - V / 2, then 2 √V z - 2 V: what is left of twice the first is V, at most 2.9e-6.
        for (once, twice) in once.iter().zip(returns(&spec)) {
            let variance = 2.0 * once - twice;
            assert!((0.0..3e-6).contains(&(variance + 1e-10)), "{once} {twice}");
        }
    }
}

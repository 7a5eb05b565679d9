//! Heston's stochastic volatility.

use super::{
    SECONDS_PER_YEAR,
    error::{FieldError, Fields, PathError},
    luck::Luck,
    normal::Normal,
    price::PricePath,
    recorder::at_regular_steps,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A price whose variance is a process of its own (S. L. Heston, "A Closed-Form Solution for Options with Stochastic Volatility with
/// Applications to Bond and Currency Options", 1993):
///
/// ```text
/// dS = drift · S dt + √v S dW        dv = κ (θ - v) dt + ξ √v dZ        dW dZ = correlation · dt
/// ```
///
/// with `κ = reversion_per_year`, `θ = volatility_per_year²`, `ξ = volatility_of_variance` and time in years.
///
/// Made by the quadratic-exponential scheme with martingale correction (L. Andersen, "Simple and Efficient Simulation of the Heston
/// Stochastic Volatility Model", 2008, central weights): over a step of any length the variance has its exact mean and variance and stays at
/// or above 0, also where it often reaches 0 (`2κθ < ξ²`), which fits to returns over minutes usually say; Euler's scheme needs steps far
/// shorter than `1/κ` for the same and then still misses the mass at 0. The expected price at time `t` is `start_price · exp(drift · t)`,
/// but for a correlation so far above 0 that over a step of this length no expectation exists.
///
/// A step's shock moves the price; the variance moves with `correlation` of it and a variate of its own for the rest. Markets that are
/// correlated share these shocks, so that their returns correlate as told.
///
/// ```yaml
/// heston: {volatility_per_year: 0.9, reversion_per_year: 40, volatility_of_variance: 6, correlation: -0.3, step_seconds: 60}
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Heston {
    /// Price at second 0, in dollars. Default 100.
    pub start_price: f64,
    /// Square root of the variance in the long run, as standard deviation of the log return over a year: 0.8 (default) is 80 % a year.
    pub volatility_per_year: f64,
    /// The same at second 0; `volatility_per_year` where not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_volatility_per_year: Option<f64>,
    /// Growth rate of the expected price per year, continuously compounded. Default 0.
    pub drift_per_year: f64,
    /// Speed at which the variance returns to its long run: at 50 (default) half of a distance is expected to be gone after ln 2 / 50 of a
    /// year, five days.
    pub reversion_per_year: f64,
    /// How much the variance varies: the standard deviation of its change over a year is about this times √v. Default 4.
    pub volatility_of_variance: f64,
    /// Correlation of price and variance, -1 to 1: below 0 falls are wilder than rises. Default -0.3.
    pub correlation: f64,
    /// Seconds between two prices. Default 10.
    pub step_seconds: u32,
    /// Lowest price, in dollars, at which lower prices are held. Default 0.000001.
    pub floor_price: f64,
}

impl Default for Heston {
    fn default() -> Self {
        Self {
            start_price: 100.0,
            volatility_per_year: 0.8,
            start_volatility_per_year: None,
            drift_per_year: 0.0,
            reversion_per_year: 50.0,
            volatility_of_variance: 4.0,
            correlation: -0.3,
            step_seconds: 10,
            floor_price: 1e-6,
        }
    }
}

impl Heston {
    pub(super) const MODEL: &str = "heston";

    pub(super) fn check(&self) -> Vec<FieldError> {
        let mut fields = Fields::of(Self::MODEL);
        fields.floored_start(self.start_price, self.floor_price);
        fields.volatility(self.volatility_per_year);
        if let Some(start) = self.start_volatility_per_year {
            fields.volatility_of("start_volatility_per_year", start);
        }
        fields.drift(self.drift_per_year);
        let unit = "a year (ln 2 over the half-life in years)";
        fields.between("reversion_per_year", self.reversion_per_year, 1e-3, 1e6, unit);
        let unit = "(geometric_brownian_motion has none)";
        fields.between(
            "volatility_of_variance",
            self.volatility_of_variance,
            1e-3,
            1e5,
            unit,
        );
        fields.between("correlation", self.correlation, -1.0, 1.0, "");
        fields.step(self.step_seconds);
        fields.finish()
    }

    fn start_variance(&self) -> f64 {
        self.start_volatility_per_year
            .unwrap_or(self.volatility_per_year)
            .powi(2)
    }

    pub(super) fn build(&self, luck: impl Into<Luck>, horizon: u32) -> Result<PricePath, PathError> {
        let Luck { mut shocks, mut rest } = luck.into();
        let step = Step::new(self);
        let across = (1.0 - self.correlation * self.correlation).sqrt();
        let mut normal = Normal::new();
        let mut variance = self.start_variance();
        let mut log_return = 0.0;
        at_regular_steps(
            Self::MODEL,
            self.floor_price,
            self.start_price,
            self.step_seconds,
            horizon,
            |_| {
                // A rotation of two independent normal variates makes two others: one for the variance, one for what of the price is
                // independent of it. Together these move the price by the shock.
                let (shock, own) = (shocks.draw(), normal.draw(&mut rest));
                let for_variance = self.correlation * shock + across * own;
                let for_price = across * shock - self.correlation * own;
                let (moved, next) = step.take(variance, for_variance, for_price);
                log_return += moved;
                variance = next;
                self.start_price * libm::exp(log_return)
            },
        )
    }
}

/// Andersen's step, of one length. Times in years.
struct Step {
    long_run: f64,
    /// `exp(-κt)`.
    keep: f64,
    /// The variance of the next variance, for each unit of this one and of the long run.
    spread: [f64; 2],
    drift: f64,
    /// What the log price moves for each unit of the variance before and after.
    weights: [f64; 2],
    /// What the square of its independent part is, for each unit of the sum of both.
    independent: f64,
    /// The constant that goes with them where the martingale correction does not exist.
    plain: f64,
}

/// Above this ratio of variance to squared mean the next variance is drawn from a mass at 0 and an exponential tail.
const EXPONENTIAL_FROM: f64 = 1.5;

impl Step {
    fn new(spec: &Heston) -> Self {
        let years = f64::from(spec.step_seconds) / SECONDS_PER_YEAR;
        let (reversion, long_run) = (spec.reversion_per_year, spec.volatility_per_year.powi(2));
        let (xi, correlation) = (spec.volatility_of_variance, spec.correlation);
        let keep = libm::exp(-reversion * years);
        let lost = -libm::expm1(-reversion * years);
        let along = correlation / xi;
        let both = years / 2.0 * (reversion * along - 0.5);
        Self {
            long_run,
            keep,
            spread: [
                xi * xi * keep * lost / reversion,
                xi * xi * lost * lost / (2.0 * reversion) * long_run,
            ],
            drift: spec.drift_per_year * years,
            weights: [both - along, both + along],
            independent: years / 2.0 * (1.0 - correlation * correlation),
            plain: -along * reversion * long_run * years,
        }
    }

    /// The move of the log price and the variance after it, made of two independent normal variates.
    fn take(&self, variance: f64, for_variance: f64, for_price: f64) -> (f64, f64) {
        let tilt = self.weights[1] + self.independent / 2.0;
        let (next, log_expectation) = self.next_variance(variance, for_variance, tilt);
        let constant = match log_expectation {
            Some(log) => -log - (self.weights[0] + self.independent / 2.0) * variance,
            None => self.plain,
        };
        let spread = (self.independent * (variance + next)).sqrt();
        let moved = constant + self.weights[0] * variance + self.weights[1] * next + spread * for_price;
        (self.drift + moved, next)
    }

    /// The variance after the step, and the logarithm of the expectation of `exp(tilt · next)`, where that is finite.
    fn next_variance(&self, variance: f64, normal: f64, tilt: f64) -> (f64, Option<f64>) {
        let mean = self.long_run + (variance - self.long_run) * self.keep;
        let ratio = (self.spread[0] * variance + self.spread[1]) / (mean * mean);
        if mean <= 0.0 || ratio <= 0.0 {
            return (mean.max(0.0), Some(tilt * mean.max(0.0)));
        }
        if ratio <= EXPONENTIAL_FROM {
            let inverse = 2.0 / ratio;
            let square = inverse - 1.0 + inverse.sqrt() * (inverse - 1.0).sqrt();
            let scale = mean / (1.0 + square);
            let next = scale * (square.sqrt() + normal).powi(2);
            let left = 1.0 - 2.0 * tilt * scale;
            let log =
                (left > 0.0).then(|| tilt * square * scale / left - libm::log1p(-2.0 * tilt * scale) / 2.0);
            (next, log)
        } else {
            let zero = (ratio - 1.0) / (ratio + 1.0);
            let rate = (1.0 - zero) / mean;
            // The chance of a larger variate than this, without losing digits in the tail.
            let above = libm::erfc(normal / std::f64::consts::SQRT_2) / 2.0;
            let next = (libm::log((1.0 - zero) / above) / rate).max(0.0);
            let log = (tilt < rate).then(|| libm::log(zero + rate * (1.0 - zero) / (rate - tilt)));
            (next, log)
        }
    }
}

#[cfg(test)]
mod tests;

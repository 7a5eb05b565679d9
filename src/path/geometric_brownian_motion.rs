//! Geometric Brownian motion.

use super::{
    SECONDS_PER_YEAR,
    error::{FieldError, Fields, PathError},
    luck::Shocks,
    price::PricePath,
    recorder::at_regular_steps,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Geometric Brownian motion: log returns over equal times are independent and normal.
///
/// Over a step of `t` years the log price moves by `(drift - volatility² / 2) · t + volatility · √t · z`, `z` standard normal, which is the
/// exact solution of `dS = drift · S dt + volatility · S dW`: the expected price at time `t` is `start_price · exp(drift · t)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GeometricBrownianMotion {
    /// Price at second 0, in dollars. Default 100.
    pub start_price: f64,
    /// Standard deviation of the log return over a year: 0.8 (default) is 80 % a year.
    pub volatility_per_year: f64,
    /// Growth rate of the expected price per year, continuously compounded: 0.1 is a factor of exp(0.1). Default 0.
    pub drift_per_year: f64,
    /// Seconds between two prices. Default 10.
    pub step_seconds: u32,
    /// Lowest price, in dollars, at which lower prices are held. Default 0.000001.
    pub floor_price: f64,
}

impl Default for GeometricBrownianMotion {
    fn default() -> Self {
        Self {
            start_price: 100.0,
            volatility_per_year: 0.8,
            drift_per_year: 0.0,
            step_seconds: 10,
            floor_price: 1e-6,
        }
    }
}

impl GeometricBrownianMotion {
    pub(super) const MODEL: &str = "geometric_brownian_motion";

    pub(super) fn check(&self) -> Vec<FieldError> {
        let mut fields = Fields::of(Self::MODEL);
        fields.floored_start(self.start_price, self.floor_price);
        fields.volatility(self.volatility_per_year);
        fields.drift(self.drift_per_year);
        fields.step(self.step_seconds);
        fields.finish()
    }

    pub(super) fn build(&self, shocks: impl Into<Shocks>, horizon: u32) -> Result<PricePath, PathError> {
        self.build_times(Self::MODEL, shocks, horizon, |_| 1.0)
    }

    /// The path for `model` with every price times the `factor` of its second.
    pub(super) fn build_times(
        &self,
        model: &'static str,
        shocks: impl Into<Shocks>,
        horizon: u32,
        factor: impl Fn(u32) -> f64,
    ) -> Result<PricePath, PathError> {
        let years = f64::from(self.step_seconds) / SECONDS_PER_YEAR;
        let volatility = self.volatility_per_year;
        let drift = (self.drift_per_year - volatility * volatility / 2.0) * years;
        let spread = volatility * years.sqrt();
        let mut shocks = shocks.into();
        let mut log_return = 0.0;
        at_regular_steps(
            model,
            self.floor_price,
            self.start_price,
            self.step_seconds,
            horizon,
            |second| {
                log_return += drift + spread * shocks.draw();
                self.start_price * libm::exp(log_return) * factor(second)
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use rand_pcg::Pcg64;

    // From the same Python as the golden values of the streams, with the standard library's logarithm and exponential:
    // 99973839.53, 99857195.67, 99868807.70, 99911445.33, 99996151.58.
    #[test]
    fn a_path_is_what_the_documents_say() {
        let spec = GeometricBrownianMotion {
            drift_per_year: 0.1,
            step_seconds: 60,
            ..GeometricBrownianMotion::default()
        };
        let path = spec.build(stream(7, 0, Purpose::PricePath, 0), 300).unwrap();
        assert_eq!(
            path.iter().collect::<Vec<_>>(),
            [
                (0, 100_000_000),
                (60, 99_973_840),
                (120, 99_857_196),
                (180, 99_868_808),
                (240, 99_911_445),
                (300, 99_996_152)
            ]
        );
    }

    #[test]
    fn log_returns_have_the_mean_and_variance_of_the_spec() {
        let (volatility, drift, step, steps) = (0.8, 20.0, 60u32, 200_000u32);
        let spec = GeometricBrownianMotion {
            start_price: 100.0,
            volatility_per_year: volatility,
            drift_per_year: drift,
            step_seconds: step,
            ..GeometricBrownianMotion::default()
        };
        let path = spec.build(Pcg64::new(1, 1), step * steps).unwrap();
        let price = |n: u32| path.price_at(i64::from(n * step)) as f64;
        let returns: Vec<f64> = (0..steps).map(|n| (price(n + 1) / price(n)).ln()).collect();

        let n = f64::from(steps);
        let years = f64::from(step) / 31_536_000.0;
        let variance = volatility * volatility * years;
        let mean = (drift - volatility * volatility / 2.0) * years;
        let sample_mean = returns.iter().sum::<f64>() / n;
        let sample_variance = returns.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / n;
        assert!((sample_mean - mean).abs() < 4.0 * (variance / n).sqrt());
        assert!((sample_variance / variance - 1.0).abs() < 4.0 * (2.0 / n).sqrt());
    }

    #[test]
    fn the_expected_price_grows_by_the_drift() {
        let (volatility, drift): (f64, f64) = (0.5, 0.3);
        let year = 31_536_000;
        let spec = GeometricBrownianMotion {
            volatility_per_year: volatility,
            drift_per_year: drift,
            step_seconds: year,
            ..GeometricBrownianMotion::default()
        };
        let n = 20_000;
        let end = |k| {
            spec.build(Pcg64::new(k, 1), year)
                .unwrap()
                .price_at(i64::from(year))
        };
        let mean = (0..n).map(|k| end(k) as f64 / 1e6).sum::<f64>() / n as f64;
        let expected = 100.0 * drift.exp();
        // Variance of the price after a year: expected² (exp(volatility²) - 1).
        let error = expected * ((volatility.powi(2).exp() - 1.0) / n as f64).sqrt();
        assert!((mean - expected).abs() < 4.0 * error, "{mean} {expected}");
    }
}

//! A price that is drawn back to a mean.

use super::{
    SECONDS_PER_YEAR,
    error::{FieldError, Fields, PathError},
    luck::Shocks,
    price::PricePath,
    recorder::at_regular_steps,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Ornstein-Uhlenbeck process on the log price: `dx = κ (ln mean_price - x) dt + σ dW` with `κ = ln 2 / half_life_seconds`.
///
/// Discretised exactly: over a step of `t` seconds the distance of `x` from its mean shrinks by `exp(-κt)` and gains a normal variate of
/// variance `σ² (1 - exp(-2κt)) / 2κ`, so the distribution does not depend on the step. In the long run the log price is normal around the
/// logarithm of `mean_price` with variance `σ² / 2κ`; `mean_price` is the median of the price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MeanReversion {
    /// Price at second 0, in dollars. Default 100.
    pub start_price: f64,
    /// Price to which the path is drawn, in dollars. Default 100.
    pub mean_price: f64,
    /// Seconds in which half of a distance from the mean is expected to vanish. Default 3600.
    pub half_life_seconds: f64,
    /// Standard deviation of the log return over a year were there no reversion: 0.8 (default) is 80 % a year.
    pub volatility_per_year: f64,
    /// Seconds between two prices. Default 10.
    pub step_seconds: u32,
    /// Lowest price, in dollars, at which lower prices are held. Default 0.000001.
    pub floor_price: f64,
}

impl Default for MeanReversion {
    fn default() -> Self {
        Self {
            start_price: 100.0,
            mean_price: 100.0,
            half_life_seconds: 3600.0,
            volatility_per_year: 0.8,
            step_seconds: 10,
            floor_price: 1e-6,
        }
    }
}

impl MeanReversion {
    pub(super) const MODEL: &str = "mean_reversion";

    pub(super) fn check(&self) -> Vec<FieldError> {
        let mut fields = Fields::of(Self::MODEL);
        fields.floored_start(self.start_price, self.floor_price);
        fields.price("mean_price", self.mean_price);
        fields.between("half_life_seconds", self.half_life_seconds, 1e-3, 1e12, "seconds");
        fields.volatility(self.volatility_per_year);
        fields.step(self.step_seconds);
        fields.finish()
    }

    pub(super) fn build(&self, shocks: impl Into<Shocks>, horizon: u32) -> Result<PricePath, PathError> {
        let rate = std::f64::consts::LN_2 / self.half_life_seconds;
        let step = f64::from(self.step_seconds);
        let keep = libm::exp(-rate * step);
        let variance_per_second = self.volatility_per_year * self.volatility_per_year / SECONDS_PER_YEAR;
        // 1 - exp(-2κt) without losing digits where κt is small.
        let lost = -libm::expm1(-2.0 * rate * step);
        let spread = (variance_per_second * lost / (2.0 * rate)).sqrt();
        let mut distance = libm::log(self.start_price / self.mean_price);
        let mut shocks = shocks.into();
        at_regular_steps(
            Self::MODEL,
            self.floor_price,
            self.start_price,
            self.step_seconds,
            horizon,
            |_| {
                distance = distance * keep + spread * shocks.draw();
                self.mean_price * libm::exp(distance)
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_pcg::Pcg64;

    /// Log prices over the mean price of 100 dollars, one a step.
    fn distances(spec: &MeanReversion, steps: u32, luck: u128) -> Vec<f64> {
        let path = spec
            .build(Pcg64::new(luck, 1), spec.step_seconds * steps)
            .unwrap();
        let price = |n: u32| path.price_at(i64::from(n * spec.step_seconds)) as f64;
        (0..=steps).map(|n| (price(n) / 100e6).ln()).collect()
    }

    #[test]
    fn the_long_run_is_normal_with_the_variance_of_the_spec() {
        for step_seconds in [60, 600, 6000] {
            let spec = MeanReversion {
                half_life_seconds: 600.0,
                volatility_per_year: 4.0,
                step_seconds,
                ..MeanReversion::default()
            };
            let steps = 300_000;
            let all = distances(&spec, steps, u128::from(step_seconds));
            let settled = &all[1000..];
            let n = settled.len() as f64;
            let rate = 2f64.ln() / 600.0;
            let variance = 16.0 / 31_536_000.0 / (2.0 * rate);
            // Successive values have correlation k = exp(-rate t): the mean of n of them has variance variance (1 + k) / (1 - k) / n, their
            // mean square a relative variance of 2 (1 + k²) / (1 - k²) / n.
            let k = (-rate * f64::from(step_seconds)).exp();
            let mean = settled.iter().sum::<f64>() / n;
            let mean_error = (variance * (1.0 + k) / (1.0 - k) / n).sqrt();
            assert!(mean.abs() < 4.0 * mean_error, "{step_seconds}: {mean}");
            let square = settled.iter().map(|x| x * x).sum::<f64>() / n;
            let square_error = (2.0 * (1.0 + k * k) / (1.0 - k * k) / n).sqrt();
            assert!(
                (square / variance - 1.0).abs() < 4.0 * square_error,
                "{step_seconds}: {square} {variance}"
            );
        }
    }

    #[test]
    fn half_of_a_distance_is_gone_after_the_half_life() {
        let spec = MeanReversion {
            start_price: 400.0,
            half_life_seconds: 1000.0,
            volatility_per_year: 0.0,
            step_seconds: 100,
            ..MeanReversion::default()
        };
        let path = spec.build(Pcg64::new(1, 1), 10_000).unwrap();
        // ln 4 halves to ln 2, then to ln √2.
        assert_eq!(path.start_price(), 400_000_000);
        assert_eq!(path.price_at(1000), 200_000_000);
        assert_eq!(path.price_at(2000), 141_421_356);
    }
}

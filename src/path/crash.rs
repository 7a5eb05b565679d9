//! Geometric Brownian motion with one crash, or one surge.

use super::{
    GeometricBrownianMotion,
    error::{FieldError, Fields, PathError},
    luck::Shocks,
    price::PricePath,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Geometric Brownian motion that loses a share of its price within a given time, and may regain some of it later.
///
/// The motion's price is multiplied by a factor that is 1 up to second `at`, falls by equal ratios to `1 - depth` within `seconds`, and, where
/// `recovery` is above 0, rises by equal ratios to `1 - depth · (1 - recovery)` within the next `recovery_seconds`. Every depth meets the same
/// motion. A depth below 0 is a surge: -1 doubles the price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Crash {
    /// Price at second 0, in dollars. Default 100.
    pub start_price: f64,
    /// Standard deviation of the motion's log return over a year: 0.8 (default) is 80 % a year.
    pub volatility_per_year: f64,
    /// Seconds between two prices. Default 10.
    pub step_seconds: u32,
    /// Lowest price, in dollars, at which lower prices are held. Default 0.000001.
    pub floor_price: f64,
    /// Share of the price that is lost. Default 0.5.
    pub depth: f64,
    /// Second at which it begins to fall. Default 3600.
    pub at: u32,
    /// Seconds it takes. Default 60.
    pub seconds: u32,
    /// Share of the loss that is regained. Default 0.
    pub recovery: f64,
    /// Seconds that takes. Default 3600.
    pub recovery_seconds: u32,
}

impl Default for Crash {
    fn default() -> Self {
        let GeometricBrownianMotion {
            start_price,
            volatility_per_year,
            step_seconds,
            floor_price,
            ..
        } = GeometricBrownianMotion::default();
        Self {
            start_price,
            volatility_per_year,
            step_seconds,
            floor_price,
            depth: 0.5,
            at: 3_600,
            seconds: 60,
            recovery: 0.0,
            recovery_seconds: 3_600,
        }
    }
}

impl Crash {
    pub(super) const MODEL: &str = "crash";

    pub(super) fn check(&self) -> Vec<FieldError> {
        let mut fields = Fields::of(Self::MODEL);
        fields.floored_start(self.start_price, self.floor_price);
        fields.volatility(self.volatility_per_year);
        fields.step(self.step_seconds);
        fields.between(
            "depth",
            self.depth,
            -1e3,
            0.999_999,
            "(share of the price that is lost)",
        );
        fields.between("seconds", self.seconds, 1, u32::MAX, "seconds");
        fields.between(
            "recovery",
            self.recovery,
            0.0,
            1.0,
            "(share of the loss that is regained)",
        );
        fields.between("recovery_seconds", self.recovery_seconds, 1, u32::MAX, "seconds");
        fields.finish()
    }

    /// What the motion's price is multiplied by at `second`.
    fn factor(&self, second: u32) -> f64 {
        let bottom = libm::log(1.0 - self.depth);
        let top = libm::log(1.0 - self.depth * (1.0 - self.recovery));
        let passed = |from: u32, seconds: u32| {
            f64::from(second.saturating_sub(from)).min(f64::from(seconds)) / f64::from(seconds)
        };
        let fallen = passed(self.at, self.seconds);
        let risen = passed(self.at.saturating_add(self.seconds), self.recovery_seconds);
        libm::exp(bottom * fallen + (top - bottom) * risen)
    }

    pub(super) fn build(&self, shocks: impl Into<Shocks>, horizon: u32) -> Result<PricePath, PathError> {
        let motion = GeometricBrownianMotion {
            start_price: self.start_price,
            volatility_per_year: self.volatility_per_year,
            drift_per_year: 0.0,
            step_seconds: self.step_seconds,
            floor_price: self.floor_price,
        };
        motion.build_times(Self::MODEL, shocks, horizon, |second| self.factor(second))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    #[test]
    fn a_price_without_volatility_falls_by_equal_ratios_and_recovers() {
        let spec = Crash {
            volatility_per_year: 0.0,
            depth: 0.75,
            at: 20,
            seconds: 20,
            recovery: 1.0,
            recovery_seconds: 10,
            ..Crash::default()
        };
        let path = spec.build(stream(1, 0, Purpose::PricePath, 0), 100).unwrap();
        // Halfway to a quarter is a half.
        let expected = [
            (0, 100_000_000),
            (30, 50_000_000),
            (40, 25_000_000),
            (50, 100_000_000),
        ];
        assert_eq!(path.iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn every_depth_meets_the_same_motion() {
        let build = |depth: f64| {
            let spec = Crash {
                depth,
                ..Crash::default()
            };
            spec.build(stream(1, 0, Purpose::PricePath, 0), 7_200).unwrap()
        };
        let (deep, surge) = (build(0.6), build(-1.0));
        assert_eq!(deep.price_at(3_600), surge.price_at(3_600));
        let ratio = surge.price_at(7_000) as f64 / deep.price_at(7_000) as f64;
        assert!((ratio - 2.0 / 0.4).abs() < 1e-6, "{ratio}");
    }
}

//! Volatility that clusters: GARCH and GJR-GARCH.

use super::{
    SECONDS_PER_YEAR,
    error::{FieldError, Fields, PathError},
    luck::Luck,
    normal::ChiSquared,
    price::PricePath,
    recorder::at_regular_steps,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Log returns whose variance follows the last ones: GARCH(1,1) (T. Bollerslev, "Generalized Autoregressive Conditional Heteroskedasticity",
/// 1986), with falls that may count for more (L. R. Glosten, R. Jagannathan and D. E. Runkle, "On the Relation between the Expected Value and
/// the Volatility of the Nominal Excess Return on Stocks", 1993) and innovations of Student's t (T. Bollerslev, "A Conditionally
/// Heteroskedastic Time Series Model for Speculative Prices and Rates of Return", 1987).
///
/// A step's log return is `drift · t - h / 2 + r` with `r = √h · ε`, `ε` of mean 0 and variance 1; the next step's variance is
/// `ω + (alpha + gamma · [r < 0]) · r² + beta · h`. The first step has the unconditional variance `volatility² · t`, from which
/// `ω = volatility² · t · (1 - alpha - beta - gamma / 2)` follows. The parameters belong to `step_seconds`: a fit to returns over a minute goes
/// with 60. With normal innovations the expected price at time `t` is `start_price · exp(drift · t)`; with Student's t no price has a finite
/// expectation, and `h / 2` is what is left of it to second order.
///
/// ```yaml
/// garch: {start_price: 20, volatility_per_year: 0.9, alpha: 0.1, beta: 0.88, gamma: 0.02, degrees_of_freedom: 4, step_seconds: 60}
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Garch {
    /// Price at second 0, in dollars. Default 100.
    pub start_price: f64,
    /// Unconditional standard deviation of the log return over a year: 0.8 (default) is 80 % a year.
    pub volatility_per_year: f64,
    /// Growth rate of the price per year, continuously compounded. Default 0.
    pub drift_per_year: f64,
    /// What the square of the last return counts. Default 0.08.
    pub alpha: f64,
    /// What the last variance counts. Default 0.9.
    pub beta: f64,
    /// What the square of the last return counts besides, where it was a fall: 0 (default) is GARCH(1,1), above is GJR. `alpha + beta +
    /// gamma / 2`, the persistence, is below 1.
    pub gamma: f64,
    /// Degrees of freedom of Student's t, above 2; normal innovations where not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub degrees_of_freedom: Option<f64>,
    /// Seconds between two prices. Default 10.
    pub step_seconds: u32,
    /// Lowest price, in dollars, at which lower prices are held. Default 0.000001.
    pub floor_price: f64,
}

impl Default for Garch {
    fn default() -> Self {
        Self {
            start_price: 100.0,
            volatility_per_year: 0.8,
            drift_per_year: 0.0,
            alpha: 0.08,
            beta: 0.9,
            gamma: 0.0,
            degrees_of_freedom: None,
            step_seconds: 10,
            floor_price: 1e-6,
        }
    }
}

impl Garch {
    pub(super) const MODEL: &str = "garch";

    pub(super) fn check(&self) -> Vec<FieldError> {
        let mut fields = Fields::of(Self::MODEL);
        fields.floored_start(self.start_price, self.floor_price);
        fields.volatility(self.volatility_per_year);
        fields.drift(self.drift_per_year);
        fields.between("alpha", self.alpha, 0.0, 1.0, "");
        fields.between("beta", self.beta, 0.0, 1.0, "");
        fields.between("gamma", self.gamma, 0.0, 2.0, "");
        let persistence = self.persistence();
        fields.require(
            persistence.is_nan() || persistence < 1.0,
            "alpha",
            self.alpha,
            || format!("give alpha + beta + gamma / 2 below 1, found {persistence}"),
        );
        if let Some(degrees) = self.degrees_of_freedom {
            let unit = "(Student's t has a variance above 2)";
            fields.between("degrees_of_freedom", degrees, 2.001, 1e6, unit);
        }
        fields.step(self.step_seconds);
        fields.finish()
    }

    /// How much of a departure from the unconditional variance is expected to be left after a step.
    fn persistence(&self) -> f64 {
        self.alpha + self.beta + self.gamma / 2.0
    }

    pub(super) fn build(&self, luck: impl Into<Luck>, horizon: u32) -> Result<PricePath, PathError> {
        let Luck { mut shocks, mut rest } = luck.into();
        let years = f64::from(self.step_seconds) / SECONDS_PER_YEAR;
        let unconditional = self.volatility_per_year * self.volatility_per_year * years;
        let omega = unconditional * (1.0 - self.persistence());
        let mut chi_squared = self.degrees_of_freedom.map(ChiSquared::new);
        let mut variance = unconditional;
        let mut log_return = 0.0;
        at_regular_steps(
            Self::MODEL,
            self.floor_price,
            self.start_price,
            self.step_seconds,
            horizon,
            |_| {
                let mut innovation = shocks.draw();
                if let Some(chi_squared) = &mut chi_squared {
                    let spread = (chi_squared.degrees() - 2.0) / chi_squared.draw(&mut rest);
                    innovation *= spread.sqrt();
                }
                let shock = variance.sqrt() * innovation;
                log_return += self.drift_per_year * years - variance / 2.0 + shock;
                let weight = self.alpha + if shock < 0.0 { self.gamma } else { 0.0 };
                variance = omega + weight * shock * shock + self.beta * variance;
                self.start_price * libm::exp(log_return)
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_pcg::Pcg64;

    /// Returns less drift and `h / 2`, which are far below what a test can see at such steps.
    fn returns(spec: &Garch, steps: u32, luck: u128) -> Vec<f64> {
        let path = spec
            .build(Pcg64::new(luck, 1), spec.step_seconds * steps)
            .unwrap();
        let price = |n: u32| path.price_at(i64::from(n * spec.step_seconds)) as f64;
        (0..steps).map(|n| (price(n + 1) / price(n)).ln()).collect()
    }

    fn moment(values: &[f64], power: i32) -> f64 {
        values.iter().map(|value| value.powi(power)).sum::<f64>() / values.len() as f64
    }

    /// The kurtosis of a GJR-GARCH process whose innovations have kurtosis `k`, from the fourth moment of the recursion: with
    /// `c = β² + 2β(α + γ/2) + k(α² + αγ + γ²/2)` it is `k (1 - p²) / (1 - c)`, `p` the persistence.
    fn kurtosis(spec: &Garch, k: f64) -> f64 {
        let Garch {
            alpha, beta, gamma, ..
        } = *spec;
        let c = beta * beta
            + 2.0 * beta * (alpha + gamma / 2.0)
            + k * (alpha * alpha + alpha * gamma + gamma * gamma / 2.0);
        k * (1.0 - spec.persistence().powi(2)) / (1.0 - c)
    }

    #[test]
    fn variance_and_kurtosis_are_those_of_the_process() {
        let plain = Garch {
            start_price: 1e5,
            volatility_per_year: 0.8,
            alpha: 0.1,
            beta: 0.8,
            step_seconds: 60,
            ..Garch::default()
        };
        let skewed = Garch {
            alpha: 0.04,
            gamma: 0.12,
            ..plain.clone()
        };
        let tailed = Garch {
            alpha: 0.05,
            degrees_of_freedom: Some(10.0),
            ..plain.clone()
        };
        for (spec, innovations) in [(&plain, 3.0), (&skewed, 3.0), (&tailed, 3.0 * 8.0 / 6.0)] {
            let (mut variance, mut fourth) = (0.0, 0.0);
            for luck in 0..8 {
                let returns = returns(spec, 250_000, luck);
                variance += moment(&returns, 2) / 8.0;
                fourth += moment(&returns, 4) / 8.0;
            }
            let expected = 0.64 * 60.0 / SECONDS_PER_YEAR;
            assert!((variance / expected - 1.0).abs() < 0.01, "{spec:?}: {variance}");
            let (found, expected) = (fourth / (expected * expected), kurtosis(spec, innovations));
            assert!(
                (found / expected - 1.0).abs() < 0.06,
                "{spec:?}: {found} {expected}"
            );
        }
    }

    #[test]
    fn squares_are_correlated_as_bollerslev_says() {
        let spec = Garch {
            start_price: 1e5,
            alpha: 0.1,
            beta: 0.8,
            step_seconds: 60,
            ..Garch::default()
        };
        let squares: Vec<f64> = returns(&spec, 1_000_000, 5).iter().map(|r| r * r).collect();
        let mean = moment(&squares, 1);
        let variance = moment(&squares, 2) - mean * mean;
        let lagged = |lag: usize| {
            let pairs = squares.iter().zip(&squares[lag..]);
            let sum: f64 = pairs.map(|(a, b)| (a - mean) * (b - mean)).sum();
            sum / (squares.len() - lag) as f64 / variance
        };
        // ρ₁ = α (1 - αβ - β²) / (1 - 2αβ - β²), then ρ(k + 1) = (α + β) ρ(k).
        let first = 0.1 * (1.0 - 0.08 - 0.64) / (1.0 - 0.16 - 0.64);
        for (lag, expected) in [(1, first), (2, 0.9 * first), (6, 0.9f64.powi(5) * first)] {
            assert!((lagged(lag) - expected).abs() < 0.02, "{lag}: {}", lagged(lag));
        }
    }

    #[test]
    fn falls_weigh_more_where_gamma_says() {
        let spec = Garch {
            start_price: 1e5,
            alpha: 0.0,
            beta: 0.5,
            gamma: 0.4,
            step_seconds: 60,
            ..Garch::default()
        };
        let returns = returns(&spec, 200_000, 7);
        let after = |fell: bool| {
            let next: Vec<f64> = returns
                .windows(2)
                .filter(|pair| (pair[0] < 0.0) == fell)
                .map(|pair| pair[1])
                .collect();
            moment(&next, 2)
        };
        // After a rise h' = ω + h / 2 with E h = h̄ and ω = 0.3 h̄; after a fall 0.4 h̄ more, since E[r² | fall] = h̄.
        let unconditional = 0.64 * 60.0 / SECONDS_PER_YEAR;
        for (fell, expected) in [(false, 0.8), (true, 1.2)] {
            let found = after(fell) / unconditional;
            assert!((found - expected).abs() < 0.03, "{fell}: {found}");
        }
    }

    #[test]
    fn the_expected_price_grows_by_the_drift() {
        let spec = Garch {
            volatility_per_year: 0.5,
            drift_per_year: 0.3,
            alpha: 0.2,
            beta: 0.7,
            step_seconds: 31_536_000 / 50,
            ..Garch::default()
        };
        let n = 20_000;
        let year = 50 * spec.step_seconds;
        let end = |k| spec.build(Pcg64::new(k, 1), year).unwrap().price_at(year.into());
        let mean = (0..n).map(|k| end(k) as f64 / 1e6).sum::<f64>() / n as f64;
        // The price's standard deviation after a year is a little above √(exp(0.25) - 1) = 0.53 of its mean.
        let expected = 100.0 * 0.3f64.exp();
        assert!(
            (mean / expected - 1.0).abs() < 4.0 * 0.6 / (n as f64).sqrt(),
            "{mean}"
        );
    }

    #[test]
    fn degrees_of_freedom_leave_the_shocks_alone() {
        let signs = |degrees_of_freedom| {
            let spec = Garch {
                degrees_of_freedom,
                ..Garch::default()
            };
            let returns = returns(&spec, 500, 3);
            returns.into_iter().map(|r| r > 0.0).collect::<Vec<_>>()
        };
        assert_eq!(signs(Some(3.0)), signs(Some(30.0)));
        assert_eq!(signs(Some(3.0)), signs(None));
    }
}

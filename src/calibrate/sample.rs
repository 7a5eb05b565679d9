//! The returns that a model is fitted to.

use super::CalibrateError;
use crate::path::SECONDS_PER_YEAR;

/// Fewer returns than this say too little about any of the models.
pub const LEAST_RETURNS: usize = 100;

/// The largest share of returns that may be exactly 0.
const MOST_STILL: f64 = 0.2;

/// Log returns over equal steps, and the price after the last of them.
#[derive(Clone, Debug)]
pub struct Sample<'a> {
    returns: &'a [f64],
    step_seconds: u32,
    last_price: f64,
    mean: f64,
    std_dev: f64,
}

impl<'a> Sample<'a> {
    /// Log returns over steps of so many seconds, and the price in dollars at which they end, where a fitted path starts.
    ///
    /// # Errors
    ///
    /// Fewer than [`LEAST_RETURNS`], one that is not finite, all the same, a fifth of them 0; a step or price of nothing.
    pub fn new(returns: &'a [f64], step_seconds: u32, last_price: f64) -> Result<Self, CalibrateError> {
        let not_positive = |what, value| Err(CalibrateError::NotPositive { what, value });
        if step_seconds == 0 {
            return not_positive("the step in seconds", 0.0);
        }
        if !(last_price > 0.0 && last_price.is_finite()) {
            return not_positive("the last price", last_price);
        }
        if returns.len() < LEAST_RETURNS {
            return Err(CalibrateError::TooFew {
                found: returns.len(),
                least: LEAST_RETURNS,
            });
        }
        if let Some(index) = returns.iter().position(|value| !value.is_finite()) {
            let value = returns[index];
            return Err(CalibrateError::NotFinite { index, value });
        }
        if returns.iter().all(|value| *value == returns[0]) {
            return Err(CalibrateError::Constant);
        }
        let zeros = returns.iter().filter(|value| **value == 0.0).count();
        let share = zeros as f64 / returns.len() as f64;
        if share > MOST_STILL {
            return Err(CalibrateError::Still { share });
        }
        let (mean, std_dev) = moments(returns);
        Ok(Self {
            returns,
            step_seconds,
            last_price,
            mean,
            std_dev,
        })
    }

    /// The returns, in order.
    pub fn returns(&self) -> &'a [f64] {
        self.returns
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.returns.len()
    }

    /// Never: a sample has returns.
    pub fn is_empty(&self) -> bool {
        self.returns.is_empty()
    }

    /// Seconds from one price to the next.
    pub fn step_seconds(&self) -> u32 {
        self.step_seconds
    }

    /// The same in years of 365 days.
    pub fn step_years(&self) -> f64 {
        f64::from(self.step_seconds) / SECONDS_PER_YEAR
    }

    /// Dollars.
    pub fn last_price(&self) -> f64 {
        self.last_price
    }

    /// Mean of a return.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Root of the mean squared distance from the mean.
    pub fn std_dev(&self) -> f64 {
        self.std_dev
    }

    /// A step's standard deviation as volatility per year.
    pub(super) fn yearly(&self, step_std_dev: f64) -> f64 {
        step_std_dev / self.step_years().sqrt()
    }
}

/// Mean, and root of the mean squared distance from it.
pub(super) fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum::<f64>()
        / n;
    (mean, variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        let refused =
            |returns: &[f64], step, price| Sample::new(returns, step, price).unwrap_err().to_string();
        let good: Vec<f64> = (0..100).map(|n| f64::from(n % 7)).collect();
        let half = [0.0, 0.1].repeat(50);
        let mut bad = good.clone();
        bad[3] = f64::NAN;
        for (said, expected) in [
            (
                refused(&good[..99], 60, 1.0),
                "99 returns are too few to fit a model to: give at least 100, by a longer recording or a shorter step",
            ),
            (refused(&bad, 60, 1.0), "return 3 is NaN: give finite log returns"),
            (
                refused(&[0.0; 100], 60, 1.0),
                "all returns are equal: give prices that move",
            ),
            (
                refused(&good, 0, 1.0),
                "the step in seconds is 0: give a number above 0",
            ),
            (
                refused(&half, 60, 1.0),
                "50 % of the returns are 0, because prices were held where none was recorded or are coarse, and a density for such returns means nothing: give a longer step, or a time from and to which prices are dense",
            ),
            (
                refused(&good, 60, f64::INFINITY),
                "the last price is inf: give a number above 0",
            ),
        ] {
            assert_eq!(said, expected);
        }
    }

    #[test]
    fn moments_are_those_of_the_population() {
        // 1, 2, 3, 4: mean 2.5, mean square distance (2.25 + 0.25) / 2 = 1.25.
        assert_eq!(moments(&[1.0, 2.0, 3.0, 4.0]), (2.5, 1.25f64.sqrt()));
    }
}

//! A price that can be read against its holder: together with its own five minutes' average.

use super::spot_balance::token_value;
use crate::error::{ErrorCode, Result};

/// A price and, in strict reckoning, its five minutes' average; both at 1e6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StrictPrice {
    /// The price now.
    pub current: i64,
    /// The average, where it counts.
    pub average: Option<i64>,
}

impl StrictPrice {
    /// `current` alone, or in `strict` reckoning together with `average`.
    pub fn new(current: i64, average: i64, strict: bool) -> Self {
        Self {
            current,
            average: strict.then_some(average),
        }
    }

    /// The higher of the two: what a debt counts at.
    pub fn high(&self) -> i64 {
        self.average
            .map_or(self.current, |average| average.max(self.current))
    }

    /// The lower of the two: what an asset counts at.
    pub fn low(&self) -> i64 {
        self.average
            .map_or(self.current, |average| average.min(self.current))
    }

    /// Refuses with `InvalidOracle` unless all that counts is positive.
    pub fn check(&self) -> Result {
        if self.low() > 0 {
            Ok(())
        } else {
            Err(ErrorCode::InvalidOracle)
        }
    }

    /// Value (1e6 dollars) of signed `tokens`, at the price that is worse for their holder.
    pub fn value(&self, tokens: i128, decimals: u32) -> Result<i128> {
        token_value(
            tokens,
            decimals,
            if tokens > 0 { self.low() } else { self.high() },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assets_count_low_and_debts_high() {
        let strict = StrictPrice::new(2_000_000, 3_000_000, true);
        assert_eq!(
            (strict.value(10, 1), strict.value(-10, 1)),
            (Ok(2_000_000), Ok(-3_000_000))
        );
        let plain = StrictPrice::new(2_000_000, 3_000_000, false);
        assert_eq!(
            (plain.value(10, 1), plain.value(-10, 1)),
            (Ok(2_000_000), Ok(-2_000_000))
        );
    }

    #[test]
    fn an_average_of_nothing_is_refused_only_where_it_counts() {
        assert_eq!(StrictPrice::new(1, 0, false).check(), Ok(()));
        assert_eq!(
            StrictPrice::new(1, 0, true).check(),
            Err(ErrorCode::InvalidOracle)
        );
        assert_eq!(
            StrictPrice::new(0, 1, false).check(),
            Err(ErrorCode::InvalidOracle)
        );
    }
}

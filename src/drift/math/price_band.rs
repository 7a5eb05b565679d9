//! How far a fill may lie from its order's limit, from the oracle and from the oracle's average.

use crate::accounts::{PositionDirection, PriceDivergenceGuardRails};
use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow};
use crate::units::{BASE, MARGIN, PERCENTAGE};

/// Price (1e6), toward zero, at which `base` (1e9) was traded for `quote` (1e6).
pub fn fill_price(quote: u64, base: u64) -> Result<u64> {
    u128::from(quote).times(BASE.into())?.over(base.into())?.to()
}

/// Refuses with `InvalidOrderFillPrice` a taker's fill that is worse than the order's `limit` (1e6), one unit of
/// quote left to rounding.
pub fn within_limit(quote: u64, base: u64, direction: PositionDirection, limit: u64) -> Result {
    let worse = if direction == PositionDirection::Long {
        fill_price(quote.saturating_sub(1), base)? > limit
    } else {
        fill_price(quote.saturating_add(1), base)? < limit
    };
    if worse {
        Err(ErrorCode::InvalidOrderFillPrice)
    } else {
        Ok(())
    }
}

/// Whether a maker's `price` (1e6) is as far to the maker's own disadvantage as `most` (1e4, the market's initial margin
/// ratio) of the `oracle`'s price (1e6).
pub fn is_overbid(price: u64, direction: PositionDirection, oracle: i64, most: u32) -> Result<bool> {
    let oracle = oracle.unsigned_abs();
    let excess = if direction == PositionDirection::Long {
        price.saturating_sub(oracle)
    } else {
        oracle.saturating_sub(price)
    };
    Ok(excess > 0 && u128::from(excess).times(MARGIN.into())?.over(oracle.into())? >= u128::from(most))
}

/// What fills are measured by, and how far they may be to the taker's disadvantage.
#[derive(Clone, Copy, Debug)]
pub struct Bands {
    /// The oracle's price (1e6).
    pub oracle: i64,
    /// Its five-minute average (1e6).
    pub average: i64,
    /// Distance from the price that is too far already: the market's initial margin ratio, at 1e4.
    pub from_oracle: u32,
    /// Distance from the average that is too far already, at 1e6.
    pub from_average: u64,
}

impl Bands {
    /// Refuses with `PriceBandsBreached` a fill at `price` (1e6) outside either band. A price better than both
    /// references passes unmeasured.
    pub fn admit(&self, price: u64, direction: PositionDirection) -> Result {
        let long = direction == PositionDirection::Long;
        let (oracle, average) = (self.oracle.unsigned_abs(), self.average.unsigned_abs());
        let better = |reference: u64| {
            if long {
                price < reference
            } else {
                price > reference
            }
        };
        if better(oracle) && better(average) {
            return Ok(());
        }
        let distance = |reference: u64, scale: u64| {
            let excess = if long {
                price.saturating_sub(reference)
            } else {
                reference.saturating_sub(price)
            };
            u128::from(excess).times(scale.into())?.over(reference.into())
        };
        if distance(oracle, MARGIN.into())? >= u128::from(self.from_oracle)
            || distance(average, PERCENTAGE)? >= u128::from(self.from_average)
        {
            return Err(ErrorCode::PriceBandsBreached);
        }
        Ok(())
    }

    /// Whether the oracle itself has moved away from its average by as much as a fill may not.
    pub fn oracle_strayed(&self) -> Result<bool> {
        has_strayed(self.oracle, self.average, self.from_average)
    }
}

/// Whether an `oracle` (1e6) is as far from its `average` (1e6) as `too_far` (1e6 of the average).
pub fn has_strayed(oracle: i64, average: i64, too_far: u64) -> Result<bool> {
    let too_far: i64 = too_far.to()?;
    let distance = oracle
        .minus(average)?
        .abs()
        .times(PERCENTAGE.to()?)?
        .over(average.abs())?;
    Ok(distance >= too_far)
}

impl PriceDivergenceGuardRails {
    /// Distance (1e6) from the oracle's five-minute average that is too far to trade at: one half at least, whatever the
    /// exchange has set.
    pub fn average_band(&self) -> u64 {
        { self.oracle_twap_5min_percent_divergence }.max(PERCENTAGE / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PositionDirection as Side;

    fn bands() -> Bands {
        Bands {
            oracle: 10_000_000,
            average: 8_000_000,
            from_oracle: 1_000,
            from_average: 500_000,
        }
    }

    #[test]
    fn a_buyer_may_pay_up_to_the_nearer_band() {
        // A tenth above the oracle is 11, a half above its average is 12.
        assert_eq!(bands().admit(10_998_999, Side::Long), Ok(()));
        assert_eq!(
            bands().admit(11_000_000, Side::Long),
            Err(ErrorCode::PriceBandsBreached)
        );
        let far = Bands {
            from_oracle: 5_000,
            ..bands()
        };
        assert_eq!(far.admit(11_999_992, Side::Long), Ok(()));
        assert_eq!(
            far.admit(12_000_000, Side::Long),
            Err(ErrorCode::PriceBandsBreached)
        );
        assert_eq!(bands().admit(1, Side::Long), Ok(()));
    }

    #[test]
    fn a_seller_may_get_down_to_the_nearer_band() {
        assert_eq!(bands().admit(9_001_001, Side::Short), Ok(()));
        assert_eq!(
            bands().admit(9_000_000, Side::Short),
            Err(ErrorCode::PriceBandsBreached)
        );
        let far = Bands {
            from_oracle: 9_000,
            ..bands()
        };
        assert_eq!(far.admit(4_000_009, Side::Short), Ok(()));
        assert_eq!(
            far.admit(4_000_000, Side::Short),
            Err(ErrorCode::PriceBandsBreached)
        );
    }

    #[test]
    fn a_maker_may_not_give_too_much_away() {
        let overbid = |price, direction| is_overbid(price, direction, 10_000, 1_000).unwrap();
        assert!(overbid(11_000, Side::Long) && !overbid(10_999, Side::Long) && !overbid(1, Side::Long));
        assert!(overbid(9_000, Side::Short) && !overbid(9_001, Side::Short) && !overbid(50_000, Side::Short));
    }

    #[test]
    fn the_oracle_strays_both_ways() {
        for (oracle, strayed) in [
            (12_000_000, true),
            (11_999_991, false),
            (4_000_000, true),
            (4_000_009, false),
        ] {
            assert_eq!(
                Bands { oracle, ..bands() }.oracle_strayed(),
                Ok(strayed),
                "{oracle}"
            );
        }
        assert_eq!(
            Bands {
                average: 0,
                ..bands()
            }
            .oracle_strayed(),
            Err(ErrorCode::MathError)
        );
    }

    #[test]
    fn a_limit_holds_but_for_one_unit_of_quote() {
        // Two units of base at a limit of 100.
        let base = 2 * BASE;
        assert_eq!(within_limit(200_000_000, base, Side::Long, 100_000_000), Ok(()));
        assert_eq!(within_limit(200_000_002, base, Side::Long, 100_000_000), Ok(()));
        assert_eq!(
            within_limit(200_000_003, base, Side::Long, 100_000_000),
            Err(ErrorCode::InvalidOrderFillPrice)
        );
        assert_eq!(within_limit(199_999_999, base, Side::Short, 100_000_000), Ok(()));
        assert_eq!(
            within_limit(199_999_998, base, Side::Short, 100_000_000),
            Err(ErrorCode::InvalidOrderFillPrice)
        );
    }
}

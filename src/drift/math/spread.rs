//! Bid and ask around the curve: how the AMM's spreads and shifted price become reserves that takers trade against.

use super::curve::Reserves;
use super::wide::Wide;
use super::{spread_shift, spread_width};
use crate::accounts::{Amm, PositionDirection};
use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow, mul_div};
use crate::units;

/// Reserves that show the price `offset` (1e6, signed) away from the curve's: half the offset moves the quote side,
/// and the base side follows along the curve.
fn shifted(reserves: Reserves, offset: i32, sqrt_k: u128) -> Result<Reserves> {
    let quote = if offset.unsigned_abs() > 1 {
        let divisor = units::PERCENTAGE as i64 / i64::from(offset / 2);
        let change = reserves.quote.to::<i128>()?.over(divisor.into())?;
        if change > 0 {
            reserves.quote.plus(change.unsigned_abs())?
        } else {
            reserves.quote.minus(change.unsigned_abs())?
        }
    } else {
        reserves.quote
    };
    Ok(Reserves {
        base: mul_div(sqrt_k, sqrt_k, quote)?,
        quote,
    })
}

impl Amm {
    /// Recomputes spreads and the reserves that takers trade against, at `reserve_price` (1e6).
    pub fn update_spreads(&mut self, reserve_price: u64) -> Result {
        let offset = spread_shift::reference_offset(self, reserve_price)?;
        let (long, short) = if self.curve_update_intensity > 0 {
            spread_width::spreads(self, reserve_price)?
        } else {
            (self.base_spread / 2, self.base_spread / 2)
        };
        self.long_spread = long;
        self.short_spread = short;
        self.reference_price_offset = offset;
        self.update_spread_reserves()
    }

    /// Recomputes the reserves that takers trade against from the spreads. Neither side ever crosses the curve.
    pub fn update_spread_reserves(&mut self) -> Result {
        let curve = self.reserves();
        let ask = shifted(
            curve,
            self.long_spread.to::<i32>()?.plus(self.reference_price_offset)?,
            self.sqrt_k,
        )?;
        let bid = shifted(
            curve,
            self.reference_price_offset.minus(self.short_spread.to()?)?,
            self.sqrt_k,
        )?;
        self.ask_base_asset_reserve = ask.base.min(curve.base);
        self.ask_quote_asset_reserve = ask.quote.max(curve.quote);
        self.bid_base_asset_reserve = bid.base.max(curve.base);
        self.bid_quote_asset_reserve = bid.quote.min(curve.quote);
        Ok(())
    }

    /// How much base (1e9) trades until the price a taker in `direction` sees reaches `limit` (1e6), and which way.
    /// `InvalidOrderLimitPrice` for a limit of zero.
    pub fn base_to_price(
        &self,
        limit: u64,
        direction: PositionDirection,
    ) -> Result<(u64, PositionDirection)> {
        let invariant = Wide::square(self.sqrt_k)?;
        if limit == 0 {
            return Err(ErrorCode::InvalidOrderLimitPrice);
        }
        let at_limit = invariant
            .times(units::PRICE.into())?
            .over(limit.into())?
            .times(self.peg_multiplier)?
            .over(units::PEG.into())?
            .root();
        let now = if self.base_spread > 0 {
            self.spread_reserves(direction).base
        } else {
            self.base_asset_reserve
        };
        let amount = at_limit.abs_diff(now).try_into().unwrap_or(u64::MAX);
        Ok(if at_limit > now {
            (amount, PositionDirection::Short)
        } else {
            (amount, PositionDirection::Long)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amm() -> Amm {
        let side = 1_000 * u128::from(units::BASE);
        Amm {
            base_asset_reserve: side,
            quote_asset_reserve: side,
            sqrt_k: side,
            peg_multiplier: 1_000_000,
            base_spread: 2_000,
            ..Amm::default()
        }
    }

    #[test]
    fn half_the_base_spread_lies_on_each_side() {
        let mut amm = amm();
        amm.update_spreads(1_000_000).unwrap();
        assert_eq!((amm.long_spread, amm.short_spread), (1_000, 1_000));
        // Half of a thousandth of a thousand dollars: half a dollar more to pay, half a dollar less to get.
        assert_eq!({ amm.ask_quote_asset_reserve }, 1_000_500_000_000);
        assert_eq!({ amm.bid_quote_asset_reserve }, 999_500_000_000);
        // 1e24 over each.
        assert_eq!({ amm.ask_base_asset_reserve }, 999_500_249_875);
        assert_eq!({ amm.bid_base_asset_reserve }, 1_000_500_250_125);
    }

    #[test]
    fn a_spread_of_twice_the_price_has_no_reserves() {
        let curve = amm().reserves();
        assert_eq!(shifted(curve, 2_000_002, amm().sqrt_k), Err(ErrorCode::MathError));
        assert_eq!(shifted(curve, 1, amm().sqrt_k), Ok(curve));
    }

    #[test]
    fn trading_to_a_price_arrives_there() {
        let mut amm = amm();
        amm.base_spread = 0;
        // At four times the price half of the base is left.
        let long = amm.base_to_price(4_000_000, PositionDirection::Long);
        assert_eq!(long, Ok((500 * units::BASE, PositionDirection::Long)));
        let short = amm.base_to_price(250_000, PositionDirection::Short);
        assert_eq!(short, Ok((1_000 * units::BASE, PositionDirection::Short)));
        let none = amm.base_to_price(0, PositionDirection::Short);
        assert_eq!(none, Err(ErrorCode::InvalidOrderLimitPrice));
    }

    proptest! {
        #[test]
        fn the_spread_never_crosses_the_curve(
            base_spread in 0u32..500_000, shift in -100_000i32..100_000, base in 1u128..1 << 62,
        ) {
            let mut amm = amm();
            amm.base_asset_reserve = base;
            amm.quote_asset_reserve = amm.sqrt_k * amm.sqrt_k / base;
            (amm.long_spread, amm.short_spread) = (base_spread / 2, base_spread / 2);
            amm.reference_price_offset = shift;
            if amm.update_spread_reserves().is_ok() {
                prop_assert!(amm.ask_base_asset_reserve <= base && base <= amm.bid_base_asset_reserve);
                prop_assert!(amm.bid_quote_asset_reserve <= amm.quote_asset_reserve);
                prop_assert!(amm.quote_asset_reserve <= amm.ask_quote_asset_reserve);
            }
        }
    }
}

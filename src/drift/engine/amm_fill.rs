//! A taker's fill against the AMM: curve, position and totals together.

use super::position;
use crate::accounts::{PerpMarket, PositionDirection, User};
use crate::error::{ErrorCode, Result};
use crate::math::position_change::Movement;
use crate::num::{Checked, Narrow};
use crate::units::BASE;

/// What filling against the AMM came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmmFill {
    /// Quote (1e6) the taker pays or gets.
    pub quote: u64,
    /// Quote (1e6) by which that is better for the AMM than its curve.
    pub surplus: i64,
}

/// Above this net base (1e9) the AMM is deemed broken.
const MOST_BASE_WITH_AMM: u128 = 100_000_000 * BASE as u128;

/// Trades `base` (1e9) in `direction` against the AMM, at its own price or at `price` (1e6), for slot `place` of
/// `user`. `InvalidAmmDetected` when the AMM's net base grows too large.
pub fn fill_against_amm(
    user: &mut User,
    place: usize,
    market: &mut PerpMarket,
    base: u64,
    direction: PositionDirection,
    price: Option<u64>,
) -> Result<AmmFill> {
    let (curve_quote, curve_surplus) = market.amm.trade(base, direction)?;
    let (quote, surplus) = match price {
        Some(price) => at_price(base, direction, price, curve_quote)?,
        None => (curve_quote, curve_surplus),
    };
    let delta = Movement::of_fill(base, quote, direction)?;
    position::apply(&mut user.perp_positions[place], market, &delta)?;
    let amm = &mut market.amm;
    amm.base_asset_amount_with_amm = amm.base_asset_amount_with_amm.plus(delta.base.into())?;
    if amm.base_asset_amount_with_amm.unsigned_abs() > MOST_BASE_WITH_AMM {
        return Err(ErrorCode::InvalidAmmDetected);
    }
    amm.update_spread_reserves()?;
    Ok(AmmFill { quote, surplus })
}

/// Quote (1e6) of `base` (1e9) at `price` (1e6), and by how much that is better for the AMM than `curve_quote`.
fn at_price(base: u64, direction: PositionDirection, price: u64, curve_quote: u64) -> Result<(u64, i64)> {
    let product = u128::from(price) * u128::from(base);
    let curve: i64 = curve_quote.to()?;
    if direction == PositionDirection::Long {
        let quote: u64 = product.over(BASE.into())?.to()?;
        Ok((quote, quote.to::<i64>()?.minus(curve)?))
    } else {
        let quote: u64 = product.over_up(BASE.into())?.to()?;
        Ok((quote, curve.minus(quote.to()?)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_price_rounds_for_the_taker_who_buys_and_against_the_amm_that_buys() {
        // Three units of base at a price of half a unit of quote.
        let base = 3 * BASE / 2;
        assert_eq!(at_price(base, PositionDirection::Long, 1, 3), Ok((1, -2)));
        assert_eq!(at_price(base, PositionDirection::Short, 1, 3), Ok((2, 1)));
        let most = at_price(u64::MAX, PositionDirection::Long, u64::MAX, 0);
        assert_eq!(most, Err(ErrorCode::CastingFailure));
    }
}

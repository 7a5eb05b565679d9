//! Liquidity providers' shares: minting, settling and burning them.

use super::position::{self, funding_rate_of_side};
use crate::accounts::{PerpMarket, PerpPosition, User};
use crate::error::{ErrorCode, Result};
use crate::math::k;
use crate::math::lp::Earned;
use crate::math::perp_value::base_value;
use crate::math::position_change::Movement;
use crate::num::{Checked, Narrow};

/// Settles the funding of every position the user has in `market`, and then what its shares have earned: settled
/// liquidity may open a position, which must start with current funding.
pub fn settle_funding_then_lp(user: &mut User, market: &mut PerpMarket, now: i64) -> Result {
    super::funding::settle_payment(user, market, now)?;
    match user.perp_mut(market.market_index) {
        Ok(position) if position.is_lp() => settle(position, market),
        _ => Ok(()),
    }
}

/// Gives a position what its shares have earned. Its funding must be settled (`InvalidPerpPositionDetected`).
pub fn settle(position: &mut PerpPosition, market: &mut PerpMarket) -> Result {
    let current = funding_rate_of_side(position, &market.amm);
    if current.is_some_and(|rate| rate != i128::from(position.last_cumulative_funding_rate)) {
        return Err(ErrorCode::InvalidPerpPositionDetected);
    }
    position.rebase_lp(&market.amm)?;
    let earned = Earned::by(position, &market.amm)?;
    let delta = Movement {
        base: earned.base.to()?,
        quote: earned.quote.to()?,
        remainder: Some(earned.remainder.to()?),
    };
    position::apply(position, market, &delta)?;
    position.mark_lp_settled(&market.amm)?;
    check(position, market)
}

/// Adds `shares` (1e9) to a position and as much to the AMM's depth.
pub fn mint(position: &mut PerpPosition, market: &mut PerpMarket, shares: u64) -> Result {
    if position.is_lp() {
        settle(position, market)?;
    } else {
        position.mark_lp_settled(&market.amm)?;
        position.per_lp_base = market.amm.per_lp_base;
    }
    position.lp_shares = position.lp_shares.plus(shares)?;
    let depth = market.amm.sqrt_k.plus(shares.into())?;
    resize(market, depth)?;
    market.amm.user_lp_shares = market.amm.user_lp_shares.plus(shares.into())?;
    check(position, market)
}

/// Settles a position and takes `shares` (1e9) from it and from the AMM's depth. A remainder below a step is closed
/// against the AMM at `price` (1e6); the last shares of the market take its unsettled remainder along
/// (`UnableToBurnLPTokens` where that is above a step).
pub fn burn(position: &mut PerpPosition, market: &mut PerpMarket, shares: u64, price: i64) -> Result {
    settle(position, market)?;
    let remainder = i128::from(position.remainder_base_asset_amount);
    let unsettled = market.amm.base_asset_amount_with_unsettled_lp.plus(remainder)?;
    if u128::from(shares) == market.amm.user_lp_shares && unsettled != 0 {
        if unsettled.unsigned_abs() > u128::from(market.amm.order_step_size) {
            return Err(ErrorCode::UnableToBurnLPTokens);
        }
        position.remainder_base_asset_amount = position.remainder_base_asset_amount.minus(unsettled.to()?)?;
    }
    if position.remainder_base_asset_amount != 0 {
        close_remainder(position, market, price)?;
    }
    position.mark_lp_settled(&market.amm)?;
    position.lp_shares = position.lp_shares.minus(shares)?;
    market.amm.user_lp_shares = market.amm.user_lp_shares.minus(shares.into())?;
    let depth = market.amm.sqrt_k.minus(shares.into())?;
    resize(market, depth)?;
    check(position, market)
}

/// The remainder goes to the AMM, and out of the position as any other part of it would: a change of entry, break-even
/// and the counts of users.
fn close_remainder(position: &mut PerpPosition, market: &mut PerpMarket, price: i64) -> Result {
    let remainder = i128::from(position.remainder_base_asset_amount);
    let amm = &mut market.amm;
    amm.base_asset_amount_with_amm = amm.base_asset_amount_with_amm.minus(remainder)?;
    amm.base_asset_amount_with_unsettled_lp = amm.base_asset_amount_with_unsettled_lp.plus(remainder)?;
    let cost: i64 = base_value(remainder, price)?.plus(1)?.to()?;
    let closing = Movement {
        base: 0,
        quote: -cost,
        remainder: Some((-remainder).to()?),
    };
    position::apply(position, market, &closing)?;
    Ok(())
}

fn resize(market: &mut PerpMarket, depth: u128) -> Result {
    let size = k::resized_freely(market, depth)?;
    market.amm.set_size(size)
}

fn check(position: &PerpPosition, market: &PerpMarket) -> Result {
    market.check()?;
    position::check(position, market)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::{PositionDirection, User};
    use crate::engine::amm_fill::fill_against_amm;
    use crate::math::lp_share::LiquiditySplit;

    const UNIT: u64 = 1_000_000_000;

    /// A thousand units of depth at a price of one dollar, with orders in steps of `step`.
    fn market(step: u64) -> PerpMarket {
        let mut market = PerpMarket {
            margin_ratio_initial: 1_000,
            ..Default::default()
        };
        let amm = &mut market.amm;
        amm.order_step_size = step;
        amm.peg_multiplier = 1_000_000;
        amm.concentration_coef = 1_414_200;
        amm.sqrt_k = 1_000 * u128::from(UNIT);
        amm.base_asset_reserve = amm.sqrt_k;
        amm.quote_asset_reserve = amm.sqrt_k;
        amm.refresh_bounds().unwrap();
        amm.update_spread_reserves().unwrap();
        market.check().unwrap();
        market
    }

    /// Mints a hundred shares, a tenth more depth, and lets a taker buy eleven units: a hundredth a share.
    fn traded(step: u64) -> (PerpMarket, PerpPosition) {
        let (mut market, mut provider, mut taker) = (market(step), PerpPosition::default(), User::default());
        mint(&mut provider, &mut market, 100 * UNIT).unwrap();
        assert_eq!({ market.amm.sqrt_k }, 1_100 * u128::from(UNIT));
        let (base, long) = (11 * UNIT, PositionDirection::Long);
        let fill = fill_against_amm(&mut taker, 0, &mut market, base, long, None).unwrap();
        let delta = Movement::of_fill(base, fill.quote, long).unwrap();
        market
            .amm
            .share_with_providers(&delta, 0, LiquiditySplit::Shared)
            .unwrap();
        market.amm.refresh_bounds().unwrap();
        (market, provider)
    }

    #[test]
    fn leaving_settles_the_shares_part_and_takes_the_depth_away() {
        let (mut market, mut provider) = traded(UNIT);
        burn(&mut provider, &mut market, 100 * UNIT, 1_000_000).unwrap();
        assert_eq!({ provider.base_asset_amount }, -(UNIT as i64));
        assert_eq!({ provider.lp_shares }, 0);
        let amm = market.amm;
        assert_eq!({ amm.base_asset_amount_with_unsettled_lp }, 0);
        assert_eq!({ amm.base_asset_amount_with_amm }, 10 * i128::from(UNIT));
        assert_eq!(
            ({ amm.sqrt_k }, { amm.user_lp_shares }),
            (1_000 * u128::from(UNIT), 0)
        );
    }

    #[test]
    fn a_remainder_below_a_step_is_paid_for() {
        // Steps of 0.6: of the unit sold, 0.4 remain.
        let step = UNIT / 10 * 6;
        let (mut market, mut provider) = traded(step);
        market.amm.base_asset_amount_long = 0;
        market.amm.base_asset_amount_with_amm -= 11 * i128::from(UNIT);
        market.amm.refresh_bounds().unwrap();
        settle(&mut provider, &mut market).unwrap();
        assert_eq!({ provider.base_asset_amount }, -(step as i64));
        assert_eq!({ provider.remainder_base_asset_amount }, -400_000_000);
        let quote = provider.quote_asset_amount;

        burn(&mut provider, &mut market, 50 * UNIT, 1_000_000).unwrap();
        assert_eq!({ provider.remainder_base_asset_amount }, 0);
        // 0.4 units at a dollar, and one unit of quote.
        assert_eq!({ provider.quote_asset_amount }, quote - 400_001);
        assert_eq!({ provider.lp_shares }, 50 * UNIT);
        market.check().unwrap();
    }

    #[test]
    fn shares_beyond_those_held_are_not_burned() {
        let (mut market, mut provider) = traded(UNIT);
        let refused = burn(&mut provider, &mut market, 101 * UNIT, 1_000_000);
        assert_eq!(refused, Err(ErrorCode::MathError));
    }
}

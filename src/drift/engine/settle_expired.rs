//! Closing a position in a market that has expired, at its expiry price.

use super::orders::{self, Venue};
use super::settle_pnl::Settling;
use super::{funding, margin_check, pools, position};
use crate::accounts::{MarketStatus, MarketType};
use crate::error::{ErrorCode, Result};
use crate::math::interest;
use crate::math::position_change::Movement;
use crate::num::{Checked, Narrow};
use crate::units::{BASE_TIMES_PRICE_PER_QUOTE, QUOTE_SPOT_MARKET};

/// Cancels the user's orders in the market, closes its position for the fee of the first tier, and pays out or
/// collects what is left. A user without a position keeps only the cancellations.
pub(super) fn settle(settling: &mut Settling) -> Result {
    let Settling {
        state,
        user,
        markets,
        clock,
        switches,
        index,
    } = settling;
    let (now, index) = (clock.unix_timestamp, *index);
    if user.is_bankrupt() {
        return Err(ErrorCode::UserBankrupt);
    }
    if !margin_check::has_maintenance(user, markets)? {
        return Err(ErrorCode::InsufficientCollateralForSettlingPNL);
    }
    interest::accrue(markets.spots.get_mut(QUOTE_SPOT_MARKET)?, None, now)?;
    funding::settle_payment(user, markets.perps.get_mut(index)?, now)?;
    let mut venue = Venue {
        state,
        markets,
        clock: *clock,
        switches: *switches,
    };
    orders::cancel_all(&mut venue, user, |order| {
        (order.market_type, order.market_index) == (MarketType::Perp, index)
    })?;
    let Ok(place) = user.perp_place(index) else {
        return Ok(());
    };

    let quote = markets.spots.get_mut(QUOTE_SPOT_MARKET)?;
    let market = markets.perps.get_mut(index)?;
    if market.status != MarketStatus::Settlement {
        return Err(ErrorCode::PerpMarketNotInSettlement);
    }
    if now <= market.expiry_ts.plus(state.settlement_duration.into())? {
        return Err(ErrorCode::PerpMarketSettlementBufferNotReached);
    }
    let held = &mut user.perp_positions[place];
    if held.open_orders != 0 {
        return Err(ErrorCode::PerpMarketSettlementUserHasOpenOrders);
    }
    if held.is_lp() {
        return Err(ErrorCode::PerpMarketSettlementUserHasActiveLP);
    }
    let value: i64 = i128::from(held.base_asset_amount)
        .times(market.expiry_price.into())?
        .over(BASE_TIMES_PRICE_PER_QUOTE.into())?
        .to()?;
    let closing = Movement {
        base: 0i64.minus(held.base_asset_amount)?,
        quote: value,
        remainder: None,
    };
    position::apply(held, market, &closing)?;
    let tier = state.perp_fee_structure.fee_tiers[0];
    let fee = value
        .times(tier.fee_numerator.into())?
        .over(tier.fee_denominator.into())?;
    position::add_quote_and_break_even(held, market, -fee.abs())?;

    let owed = held.quote_asset_amount;
    let paid: i64 = pools::pay_user(market, quote, user, owed.into())?.to()?;
    position::add_quote(&mut user.perp_positions[place], market, -paid)?;
    user.book_settled_pnl(place, paid)?;
    let amm = &mut market.amm;
    amm.base_asset_amount_with_amm = amm.base_asset_amount_with_amm.plus(closing.base.into())?;
    if user.perp_positions[place].is_available() {
        Ok(())
    } else {
        Err(ErrorCode::UnableToSettleExpiredUserPosition)
    }
}

//! Filling an order: what must hold before, and what follows from it.

use super::parties::Parties;
use super::take::{self, Quote};
use super::{Venue, cancel, makers};
use crate::accounts::{ExchangeOperation, MarketStatus, MarketType, PerpOperation, User, UserStats};
use crate::engine::{funding, lp, margin_check};
use crate::error::{ErrorCode, Result};
use crate::math::auction;
use crate::math::oracle::Purpose;
use crate::math::price_band::{Bands, fill_price};
use crate::num::Checked;

/// Seconds after its time that a limit order is left alone.
const LIMIT_ORDER_GRACE: i64 = 15;

/// Fills the order `id` of `user` as far as it goes against the AMM, or cancels it where it has no business any more.
/// It may also stay on the book as it is.
pub(super) fn order(
    venue: &mut Venue,
    user: &mut User,
    stats: &mut UserStats,
    parties: &mut Parties,
    id: u32,
) -> Result {
    let (now, slot) = (venue.clock.unix_timestamp, venue.clock.slot);
    let place = user
        .orders
        .iter()
        .position(|order| order.order_id == id)
        .ok_or(ErrorCode::OrderDoesNotExist)?;
    if !may_fill(venue, user, place)? {
        return Ok(());
    }
    let order = user.orders[place];
    if order.post_only.is_set() {
        return Err(ErrorCode::NotModelled);
    }

    let mut amm_trades = !venue.state.is_paused(ExchangeOperation::Amm)?;
    let market = venue.markets.perps.get(order.market_index)?;
    market.check()?;
    if market.is_over_at(now) {
        return Err(ErrorCode::MarketFillOrderPaused);
    }
    let history = market.amm.historical_oracle_data;
    let (oracle, validity) = venue.markets.oracles.price_and_validity(
        &{ market.amm.oracle },
        history.last_oracle_price_twap,
        market.confidence_multiple(),
    )?;
    amm_trades &= validity.serves(Purpose::FillOrderAmm);
    amm_trades &= !market.is_paused(PerpOperation::AmmFill);
    amm_trades &= !market.has_drawn_too_much()?;
    let reserve_price = market.amm.reserve_price()?;
    let trusted = validity.serves(Purpose::PriceOrder).then_some(oracle.price);
    let guard_rails = venue.state.oracle_guard_rails.price_divergence;
    let bands = Bands {
        oracle: oracle.price,
        average: history.last_oracle_price_twap_5min,
        from_oracle: market.margin_ratio_initial,
        from_average: guard_rails.average_band(),
    };
    let (step, tick) = (market.amm.order_step_size, market.amm.order_tick_size);

    let maker = makers::best_price(venue, parties.users(), &order, oracle.price)?;
    let (alone, taker_is_named) = (parties.is_empty(), parties.taker_is_named());
    let referrer = parties.referrer(stats.referrer, slot)?;
    if bands.oracle_strayed()? {
        return Ok(());
    }
    let amm_waits = !auction::is_over(order.slot, venue.state.min_perp_auction_duration, slot)?;
    if amm_waits && alone && order.is_limit() {
        return Err(ErrorCode::ImpossibleFill);
    }
    let expired = order.has_expired(now);
    if expired && order.is_limit() && !order.has_expired(now.minus(LIMIT_ORDER_GRACE)?) {
        return Err(ErrorCode::ImpossibleFill);
    }
    let held = user.perp_place(order.market_index)?;
    let position = user.perp_positions[held].base_asset_amount;
    if expired || order.has_nothing_to_reduce(position, step)? {
        return cancel::order(venue, user, place);
    }

    let quote = Quote {
        limit: order.taking_price(trusted, slot, tick)?,
        reserve_price,
        maker,
        shrinks: order.shrinks(position)?,
        amm_trades: amm_trades && !amm_waits,
        taker_is_named,
    };
    let (base, paid) = take::order(venue, user, stats, referrer, place, &quote)?;
    if base != 0 {
        bands.admit(fill_price(paid, base)?, order.direction)?;
    }
    let position = user.perp_positions[held].base_asset_amount;
    if user.orders[place].has_nothing_to_reduce(position, step)? {
        cancel::order(venue, user, place)?;
    }
    if base == 0 {
        return Ok(());
    }
    close_trade(venue, order.market_index, reserve_price)?;
    user.touch(slot);
    Ok(())
}

/// Settles the user's funding and liquidity in the order's market, so that both may trade, and tells whether the
/// order may be filled. Whoever is in liquidation or bankrupt keeps it unfilled.
fn may_fill(venue: &mut Venue, user: &mut User, place: usize) -> Result<bool> {
    let order = user.orders[place];
    if order.market_type != MarketType::Perp {
        return Err(ErrorCode::InvalidOrderMarketType);
    }
    let market = venue.markets.perps.get_mut(order.market_index)?;
    lp::settle_funding_then_lp(user, market, venue.clock.unix_timestamp)?;
    let trades = market.status == MarketStatus::Active || market.status == MarketStatus::ReduceOnly;
    if !trades || market.is_paused(PerpOperation::Fill) {
        return Err(ErrorCode::MarketFillOrderPaused);
    }
    if !order.is_open() {
        return Err(ErrorCode::OrderNotOpen);
    }
    if order.awaits_trigger() {
        return Err(ErrorCode::OrderMustBeTriggeredFirst);
    }
    let buffer = venue.state.liquidation_margin_buffer_ratio;
    Ok(!user.is_bankrupt() && margin_check::check_not_liquidated(user, venue.markets, buffer).is_ok())
}

/// After every trade: open interest stays below its limit, and funding is updated if it is due.
fn close_trade(venue: &mut Venue, market_index: u16, reserve_price: u64) -> Result {
    let market = venue.markets.perps.get_mut(market_index)?;
    let amm = &market.amm;
    let (longs, shorts) = (amm.base_asset_amount_long, amm.base_asset_amount_short);
    let most = amm.max_open_interest;
    if most != 0 && longs.unsigned_abs().max(shorts.unsigned_abs()) >= most {
        return Err(ErrorCode::MaxOpenInterest);
    }
    let paused =
        venue.state.is_paused(ExchangeOperation::Funding)? || market.is_paused(PerpOperation::UpdateFunding);
    let k_cost = funding::update_rate(
        market,
        &mut venue.markets.oracles,
        venue.clock,
        &venue.state.oracle_guard_rails,
        paused,
        Some(reserve_price),
    )?;
    let effects = &mut venue.markets.effects;
    effects.k_cost = effects.k_cost.saturating_add(k_cost.unwrap_or(0));
    Ok(())
}

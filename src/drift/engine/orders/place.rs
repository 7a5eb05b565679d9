//! Putting an order on its owner's book.

use super::{Venue, cancel, check, largest};
use crate::accounts::{
    MarketStatus, MarketType, Order, OrderStatus, OrderType, PositionDirection, User, UserStatus,
};
use crate::engine::margin_check;
use crate::error::{ErrorCode, Result};
use crate::instruction::OrderParams;
use crate::math::tick::on_tick;
use crate::math::{auction_terms, step};
use crate::num::{Checked, Narrow};

/// A size that asks for as much as margin allows.
const AS_MUCH_AS_POSSIBLE: u64 = u64::MAX;
/// Seconds that a market order without a time limit lives at least.
const SHORTEST_LIFE: i64 = 30;

/// Places the order that `params` describe, which must not be post-only. One whose time is over already is quietly
/// left out.
pub(in super::super) fn order(venue: &mut Venue, user: &mut User, mut params: OrderParams) -> Result {
    let now = venue.clock.unix_timestamp;
    let place = admit(venue, user, &params)?;
    let market = venue.markets.perps.get(params.market_index)?;
    if market.status == MarketStatus::Initialized {
        return Err(ErrorCode::MarketBeingInitialized);
    }
    if market.is_in_settlement(now) {
        return Err(ErrorCode::MarketPlaceOrderPaused);
    }
    let held = user.perp_place_or_new(params.market_index)?;
    if params.base_asset_amount < market.amm.order_step_size {
        return Err(ErrorCode::OrderAmountTooSmall);
    }
    let size = if params.base_asset_amount == AS_MUCH_AS_POSSIBLE {
        largest::order(venue, user, held, params.direction)?
    } else {
        step::round_down(params.base_asset_amount, market.amm.order_step_size)?
    };
    let Some(order) = compose(venue, user, held, &mut params, size)? else {
        return Ok(());
    };

    let market = venue.markets.perps.get(params.market_index)?;
    check::order(&order, &market.amm)?;
    let winds_down = market.is_reduce_only();
    let position = &mut user.perp_positions[held];
    let adds_risk = order.adds_risk(position.base_asset_amount, position.open_bids, position.open_asks)?;
    position.open_orders = position
        .open_orders
        .checked_add(1)
        .ok_or(ErrorCode::ProgramFailedToComplete)?;
    if !order.has_trigger() {
        position.count_open(order.direction, size)?;
    }
    user.orders[place] = order;
    cancel::count_opened(user, order.has_auction());

    margin_check::check_order(user, venue.markets, adds_risk)?;
    if winds_down {
        check::winds_down(&order, user.perp_positions[held].base_asset_amount)?;
    }
    if adds_risk {
        leave_open_interest_bounded(venue, &order)?;
    }
    user.touch(venue.clock.slot);
    Ok(())
}

/// The free slot for an order, if its owner may place one at all.
fn admit(venue: &mut Venue, user: &mut User, params: &OrderParams) -> Result<usize> {
    margin_check::check_not_liquidated(user, venue.markets, venue.state.liquidation_margin_buffer_ratio)?;
    if user.is_bankrupt() {
        return Err(ErrorCode::UserBankrupt);
    }
    cancel::expired(venue, user)?;
    if user.is(UserStatus::ReduceOnly) && !params.reduce_only {
        return Err(ErrorCode::UserReduceOnly);
    }
    let place = user
        .orders
        .iter()
        .position(|order| order.status == OrderStatus::Init)
        .ok_or(ErrorCode::MaxNumberOfOrders)?;
    let id = params.user_order_id;
    if id > 0 && user.orders.iter().any(|order| order.user_order_id == id) {
        return Err(ErrorCode::UserOrderIdAlreadyInUse);
    }
    Ok(place)
}

/// The order as it will stand on the book, with an id of its own; none when its time is over.
fn compose(
    venue: &mut Venue,
    user: &mut User,
    held: usize,
    params: &mut OrderParams,
    size: u64,
) -> Result<Option<Order>> {
    let now = venue.clock.unix_timestamp;
    let market = venue.markets.perps.get(params.market_index)?;
    let tick = market.amm.order_tick_size;
    let oracle = venue.markets.oracles.price(&{ market.amm.oracle })?.price;
    if venue.switches.guided_auctions {
        auction_terms::guide(params, market, oracle)?;
    }
    let auction = auction_terms::settle(params, oracle, tick, venue.state.min_perp_auction_duration)?;

    let max_ts = match (params.max_ts, params.order_type) {
        (Some(given), _) => given,
        (None, OrderType::Market | OrderType::Oracle) => {
            now.plus(SHORTEST_LIFE.max((auction.duration / 2).into()))?
        }
        (None, _) => 0,
    };
    if max_ts != 0 && max_ts < now {
        return Ok(None);
    }
    if params.market_type != MarketType::Perp {
        return Err(ErrorCode::InvalidOrderMarketType);
    }
    let order_id = user.next_order_id;
    user.next_order_id = order_id.checked_add(1).unwrap_or(1);
    Ok(Some(Order {
        slot: venue.clock.slot,
        price: on_tick(params.price, tick, params.direction)?,
        base_asset_amount: size,
        trigger_price: on_tick(params.trigger_price.unwrap_or(0), tick, params.direction)?,
        auction_start_price: auction.start,
        auction_end_price: auction.end,
        auction_duration: auction.duration,
        max_ts,
        oracle_price_offset: params.oracle_price_offset.unwrap_or(0),
        order_id,
        market_index: params.market_index,
        status: OrderStatus::Open,
        order_type: params.order_type,
        market_type: params.market_type,
        user_order_id: params.user_order_id,
        existing_position_direction: user.perp_positions[held].direction(),
        direction: params.direction,
        reduce_only: (params.reduce_only || market.is_reduce_only()).into(),
        immediate_or_cancel: params.immediate_or_cancel.into(),
        trigger_condition: params.trigger_condition,
        ..Order::blank()
    }))
}

/// Refuses with `MaxOpenInterest` an order that could take its side of the market above the limit, if there is one.
fn leave_open_interest_bounded(venue: &Venue, order: &Order) -> Result {
    let amm = &venue.markets.perps.get(order.market_index)?.amm;
    let most = amm.max_open_interest;
    if most == 0 {
        return Ok(());
    }
    let size: i128 = order.base_asset_amount.to()?;
    let side = if order.direction == PositionDirection::Long {
        amm.base_asset_amount_long.plus(size)?
    } else {
        amm.base_asset_amount_short.minus(size)?
    };
    if side.unsigned_abs() > most {
        Err(ErrorCode::MaxOpenInterest)
    } else {
        Ok(())
    }
}

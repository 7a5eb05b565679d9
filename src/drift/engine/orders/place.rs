//! Putting an order on its owner's book.

use super::{Venue, cancel, check, largest};
use crate::accounts::{
    Amm, MarketStatus, MarketType, Order, OrderStatus, OrderType, PositionDirection, PostOnlyParam, User,
    UserStatus,
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

/// Where an order stands among those that one instruction places.
#[derive(Clone, Copy)]
pub(super) struct Bulk {
    /// Before it, orders whose time is over leave the book.
    pub first: bool,
    /// After it, its owner's margin is checked.
    pub last: bool,
}

/// Places the order that `params` describe. One whose time is over already is quietly left out, and so is one that is to
/// rest if it can where it cannot.
pub(in super::super) fn order(venue: &mut Venue, user: &mut User, params: OrderParams) -> Result {
    let bulk = Bulk {
        first: true,
        last: true,
    };
    one_of(venue, user, params, bulk)
}

/// [`order`], as one of several.
pub(super) fn one_of(venue: &mut Venue, user: &mut User, mut params: OrderParams, bulk: Bulk) -> Result {
    let now = venue.clock.unix_timestamp;
    let place = admit(venue, user, &params, bulk)?;
    let market = venue.markets.perps.get(params.market_index)?;
    if market.status == MarketStatus::Initialized {
        return Err(ErrorCode::MarketBeingInitialized);
    }
    if market.is_over_at(now) {
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
    let oracle = venue.markets.oracles.price(&{ market.amm.oracle })?.price;
    match check::order(&order, &market.amm, oracle, venue.clock.slot) {
        Err(ErrorCode::PlacePostOnlyLimitFailure) if params.post_only == PostOnlyParam::TryPostOnly => {
            return Ok(());
        }
        verdict => verdict?,
    }
    let winds_down = market.is_reduce_only();
    let position = &mut user.perp_positions[held];
    let adds_risk = order.adds_risk(position.base_asset_amount, position.open_bids, position.open_asks)?;
    // As in the program, which does not check this.
    position.open_orders = position.open_orders.wrapping_add(1);
    if !order.has_trigger() {
        position.count_open(order.direction, size)?;
    }
    user.orders[place] = order;
    cancel::count_opened(user, order.has_auction());

    if bulk.last {
        margin_check::check_order(user, venue.markets, adds_risk)?;
    }
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
fn admit(venue: &mut Venue, user: &mut User, params: &OrderParams, bulk: Bulk) -> Result<usize> {
    margin_check::check_not_liquidated(user, venue.markets, venue.state.liquidation_margin_buffer_ratio)?;
    if user.is_bankrupt() {
        return Err(ErrorCode::UserBankrupt);
    }
    if bulk.first {
        cancel::expired(venue, user)?;
    }
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
        price: price(params, &market.amm)?,
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
        post_only: (params.post_only != PostOnlyParam::None).into(),
        immediate_or_cancel: params.immediate_or_cancel.into(),
        trigger_condition: params.trigger_condition,
        ..Order::blank()
    }))
}

/// The order's price (1e6) on a tick. One that is to slide stays a tick behind what the AMM asks or bids.
fn price(params: &OrderParams, amm: &Amm) -> Result<u64> {
    let tick = amm.order_tick_size;
    let price = on_tick(params.price, tick, params.direction)?;
    if params.post_only != PostOnlyParam::Slide {
        return Ok(price);
    }
    let reserve_price = amm.reserve_price()?;
    if params.direction == PositionDirection::Long {
        let ask = amm.ask_price(reserve_price)?;
        if price >= ask { ask.minus(tick) } else { Ok(price) }
    } else {
        let bid = amm.bid_price(reserve_price)?;
        if price <= bid { bid.plus(tick) } else { Ok(price) }
    }
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

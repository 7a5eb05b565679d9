//! A trade between an order and the AMM, and everyone it pays.

use super::{Venue, cancel};
use crate::accounts::{
    Amm, FeeStructure, Order, OrderStatus, PerpMarket, PositionDirection, User, UserStats,
};
use crate::clock::Clock;
use crate::engine::amm_fill::{AmmFill, fill_against_amm};
use crate::engine::margin::{Margin, Terms};
use crate::engine::position;
use crate::error::{ErrorCode, Result};
use crate::math::fees::{self, TakerFee};
use crate::math::lp_share::LiquiditySplit;
use crate::math::position_change::Movement;
use crate::math::price_band::within_limit;
use crate::math::step;
use crate::math::weight::MarginType;
use crate::num::{Checked, Narrow};

/// On what terms an order meets the AMM.
pub(super) struct Quote {
    /// Price (1e6) beyond which the order does not go, if there is one.
    pub limit: Option<u64>,
    /// The AMM's reserve price (1e6) before the trade.
    pub reserve_price: u64,
    /// Best price (1e6) that another user offers, if one does.
    pub maker: Option<u64>,
    /// Whether the trade can only bring the position closer to flat.
    pub shrinks: bool,
    /// Whether the AMM trades at all now.
    pub amm_trades: bool,
    /// Whether the taker is among those who are named to trade with.
    pub taker_is_named: bool,
}

/// Who referred the taker.
pub(super) type Referrer<'a> = Option<(&'a mut User, &'a mut UserStats)>;

/// Trades the order in slot `place` against the AMM; answers base (1e9) and quote (1e6) filled, both zero where the
/// two do not meet. `InsufficientCollateral` when the taker's margin does not bear the trade, `UnableToLoadUserAccount`
/// when the taker is named as its own maker and meets the AMM first, `NotModelled` where the program would match it with
/// another one.
pub(super) fn order(
    venue: &mut Venue,
    user: &mut User,
    stats: &mut UserStats,
    referrer: Referrer,
    place: usize,
    quote: &Quote,
) -> Result<(u64, u64)> {
    let order = user.orders[place];
    let market = venue.markets.perps.get_mut(order.market_index)?;
    let first = first_to_trade(&order, &market.amm, quote)?;
    if first == First::Amm && quote.taker_is_named {
        // The program looks for a maker to reward for bringing the order, finds the taker, and has it in its hands already.
        return Err(ErrorCode::UnableToLoadUserAccount);
    }
    if quote.crossing_maker(&order).is_some() {
        return Err(ErrorCode::NotModelled);
    }
    if first == First::Nobody {
        return Ok((0, 0));
    }
    let mut trade = Trade {
        market,
        user,
        stats,
        place,
        clock: venue.clock,
    };
    let (base, paid) = trade.run(&venue.state.perp_fee_structure, referrer, quote)?;
    market
        .amm
        .count_volume(paid, order.direction, venue.clock.unix_timestamp)?;
    if (base > 0) != (paid > 0) {
        return Err(ErrorCode::DefaultError);
    }
    let needed = if quote.shrinks {
        MarginType::Maintenance
    } else {
        MarginType::Fill
    };
    if !Margin::of(user, venue.markets, Terms::new(needed))?.is_met() {
        return Err(ErrorCode::InsufficientCollateral);
    }
    Ok((base, paid))
}

/// Whom an order meets first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    Amm,
    Maker,
    Nobody,
}

impl Quote {
    /// The best maker's price (1e6), if `order` takes it.
    fn crossing_maker(&self, order: &Order) -> Option<u64> {
        self.maker.filter(|price| crosses(order, self.limit, *price))
    }
}

/// The AMM comes first where its price is better than the makers', or there is no maker and it is within the limit.
fn first_to_trade(order: &Order, amm: &Amm, quote: &Quote) -> Result<First> {
    let price = amm_price(amm, order.direction, quote.reserve_price)?;
    let maker = quote.crossing_maker(order);
    let amm_is_first = match maker {
        Some(maker) if order.direction == PositionDirection::Long => price < maker,
        Some(maker) => price > maker,
        None => crosses(order, quote.limit, price),
    };
    Ok(match maker {
        _ if amm_is_first && quote.amm_trades => First::Amm,
        Some(_) => First::Maker,
        None => First::Nobody,
    })
}

/// What the AMM asks of a buyer or bids a seller (1e6).
fn amm_price(amm: &Amm, direction: PositionDirection, reserve_price: u64) -> Result<u64> {
    if direction == PositionDirection::Long {
        amm.ask_price(reserve_price)
    } else {
        amm.bid_price(reserve_price)
    }
}

/// Whether an order that goes no further than `limit` takes an offer at `price`.
fn crosses(order: &Order, limit: Option<u64>, price: u64) -> bool {
    limit.is_none_or(|limit| {
        if order.direction == PositionDirection::Long {
            limit >= price
        } else {
            limit <= price
        }
    })
}

/// A trade under way.
struct Trade<'a> {
    market: &'a mut PerpMarket,
    user: &'a mut User,
    stats: &'a mut UserStats,
    place: usize,
    clock: Clock,
}

impl Trade<'_> {
    fn run(&mut self, fees: &FeeStructure, mut referrer: Referrer, quote: &Quote) -> Result<(u64, u64)> {
        let order = self.user.orders[self.place];
        let held = self.user.perp_place(self.market.market_index)?;
        let position = self.user.perp_positions[held].base_asset_amount;
        let amm = &mut self.market.amm;
        let base = size(&order, amm, quote.limit, position)?;
        let least = if position.unsigned_abs() > amm.min_order_size {
            amm.min_order_size
        } else {
            amm.order_step_size
        };
        if base < least {
            return Ok((0, 0));
        }
        amm.check_fill(order.direction)?;
        let facing = amm_price(amm, order.direction, quote.reserve_price)?;
        let clamp = self.market.twap_clamp();
        let now = self.clock.unix_timestamp;
        self.market
            .amm
            .update_mark_twap(now, Some(facing), Some(order.direction), clamp)?;

        let AmmFill { quote: paid, surplus } =
            fill_against_amm(self.user, held, self.market, base, order.direction, None)?;
        if let Some(limit) = quote.limit {
            within_limit(paid, base, order.direction, limit)?;
        }
        let index = self.market.market_index;
        // A referrer without a free slot for the market earns nothing.
        if let Some((user, _)) = &mut referrer
            && user.perp_place_or_new(index).is_err()
        {
            referrer = None;
        }
        let tier = fees::tier(self.stats, fees)?;
        let rewarded = referrer.as_ref().map(|(_, stats)| &**stats);
        let fee = fees::taker_fee(paid, &tier, self.market.fee_adjustment, fees, rewarded)?;
        self.share(&Movement::of_fill(base, paid, order.direction)?, &fee, surplus)?;
        self.stats.count_fee(fee.paid, fee.discount)?;
        if let Some((user, stats)) = referrer
            && fee.to_referrer > 0
        {
            let place = user.perp_place_or_new(index)?;
            let reward: i64 = fee.to_referrer.to()?;
            position::add_quote(&mut user.perp_positions[place], self.market, reward)?;
            stats.count_reward(fee.to_referrer, now)?;
        }
        let cost: i64 = fee.paid.to()?;
        let held = self.user.perp_place(index)?;
        position::add_quote_and_break_even(&mut self.user.perp_positions[held], self.market, -cost)?;
        self.stats.count_taken(paid, now)?;
        self.close(held, base, paid)?;
        Ok((base, paid))
    }

    /// Gives liquidity providers their part of the trade, and the market its part of `fee` and the spread's `surplus`.
    fn share(&mut self, delta: &Movement, fee: &TakerFee, surplus: i64) -> Result {
        let amm = &mut self.market.amm;
        amm.share_with_providers(delta, fee.to_market.into(), LiquiditySplit::Shared)?;
        if amm.user_lp_shares > 0 {
            amm.refresh_bounds()?;
        }
        let earned = fee.to_market.plus(surplus)?;
        amm.total_fee = amm.total_fee.plus(earned.into())?;
        amm.total_exchange_fee = amm.total_exchange_fee.plus(fee.paid.into())?;
        amm.total_mm_fee = amm.total_mm_fee.plus(surplus.into())?;
        amm.total_fee_minus_distributions = amm.total_fee_minus_distributions.plus(earned.into())?;
        amm.net_revenue_since_last_funding = amm.net_revenue_since_last_funding.plus(earned)?;
        Ok(())
    }

    /// Counts the fill on the order, which leaves the book when nothing of it is left.
    fn close(&mut self, held: usize, base: u64, paid: u64) -> Result {
        let order = &mut self.user.orders[self.place];
        order.base_asset_amount_filled = order.base_asset_amount_filled.plus(base)?;
        order.quote_asset_amount_filled = order.quote_asset_amount_filled.plus(paid)?;
        let (direction, auction) = (order.direction, order.has_auction());
        let done = order.unfilled()? == 0;
        if done {
            order.status = OrderStatus::Filled;
        }
        let position = &mut self.user.perp_positions[held];
        position.uncount_open(direction, base)?;
        self.market.next_fill_record_id = self.market.next_fill_record_id.checked_add(1).unwrap_or(1);
        if done {
            position.open_orders = cancel::fewer(position.open_orders);
            cancel::count_closed(self.user, auction);
            self.user.orders[self.place] = Order::blank();
        }
        Ok(())
    }
}

/// Base (1e9, whole steps) that the AMM can fill of `order` for an owner with `position` before the price reaches
/// `limit`, within what it gives to one fill.
fn size(order: &Order, amm: &Amm, limit: Option<u64>, position: i64) -> Result<u64> {
    let base = reachable(order, amm, limit, order.fillable(position)?)?;
    Ok(base.min(amm.available_liquidity(order.direction)?))
}

/// Base (1e9, whole steps) of the `wanted` that the order takes until the price reaches `limit`.
pub(super) fn reachable(order: &Order, amm: &Amm, limit: Option<u64>, wanted: u64) -> Result<u64> {
    let reachable = match limit {
        Some(limit) => {
            // A tick short of the limit, so that rounding does not pass it.
            let edge = if order.direction == PositionDirection::Long {
                limit.minus(amm.order_tick_size)?
            } else {
                limit.plus(amm.order_tick_size)?
            };
            let (reachable, direction) = amm.base_to_price(edge, order.direction)?;
            if direction == order.direction {
                reachable
            } else {
                0
            }
        }
        None => wanted,
    };
    match reachable {
        0 => Ok(0),
        _ => step::round_down(wanted.min(reachable), amm.order_step_size),
    }
}

//! Makers: users named beside the taker, whose resting orders face the taker's. Their orders are weighed and tidied as
//! the program does it; a match with one is not modelled.

use super::{Venue, cancel};
use crate::accounts::{MarketType, Order, OrderType, PositionDirection, User};
use crate::engine::frame::Held;
use crate::engine::funding;
use crate::error::{ErrorCode, Result};
use crate::math::auction;
use crate::math::price_band::is_overbid;
use crate::num::Checked;

/// Settles funding for every maker with orders against `taker`, cancels those of their orders that may not be matched
/// any more, and answers the best price (1e6) among the others. `oracle` is the market's price (1e6), valid or not.
pub(super) fn best_price(
    venue: &mut Venue,
    makers: &mut [Held<User>],
    taker: &Order,
    oracle: i64,
) -> Result<Option<u64>> {
    let mut best = None;
    for maker in makers.iter_mut().filter(|maker| !maker.in_liquidation()) {
        let offers = offers(maker, venue, taker, oracle)?;
        if offers.iter().all(Option::is_none) {
            continue;
        }
        maker.touch(venue.clock.slot);
        let market = venue.markets.perps.get_mut(taker.market_index)?;
        funding::settle_payment(maker, market, venue.clock.unix_timestamp)?;
        for (place, price) in offers.into_iter().enumerate() {
            let Some(price) = price else { continue };
            if !makes_for(&maker.orders[place], taker, venue.clock.slot)? {
                continue;
            }
            if is_void(venue, maker, place, price, oracle)? {
                cancel::order(venue, maker, place)?;
                continue;
            }
            best = Some(match best {
                None => price,
                Some(best) if taker.direction == PositionDirection::Long => price.min(best),
                Some(best) => price.max(best),
            });
        }
    }
    Ok(best)
}

/// The price of each of the maker's orders that faces the taker's.
fn offers(maker: &User, venue: &Venue, taker: &Order, oracle: i64) -> Result<[Option<u64>; 32]> {
    let tick = venue.markets.perps.get(taker.market_index)?.amm.order_tick_size;
    let mut prices = [None; 32];
    for (order, price) in maker.orders.iter().zip(&mut prices) {
        if order.is_open()
            && order.is_limit()
            && !order.awaits_trigger()
            && order.direction != taker.direction
            && order.market_type == MarketType::Perp
            && order.market_index == taker.market_index
        {
            let limit = order.limit_price(Some(oracle), venue.clock.slot, tick)?;
            *price = Some(limit.ok_or(ErrorCode::UnableToGetLimitPrice)?);
        }
    }
    Ok(prices)
}

/// Whether the offer is too far to its owner's disadvantage, too old, or has nothing left to reduce.
fn is_void(venue: &Venue, maker: &User, place: usize, price: u64, oracle: i64) -> Result<bool> {
    let order = &maker.orders[place];
    let market = venue.markets.perps.get(order.market_index)?;
    let overbid = is_overbid(price, order.direction, oracle, market.margin_ratio_initial)?;
    let position = maker.perp(order.market_index)?.base_asset_amount;
    let useless = order.has_nothing_to_reduce(position, market.amm.order_step_size)?;
    Ok(overbid || order.has_expired(venue.clock.unix_timestamp) || useless)
}

/// Whether `offer` may be the maker's side of a match with `taker` at `slot`: it rests, and was there before.
fn makes_for(offer: &Order, taker: &Order, slot: u64) -> Result<bool> {
    let (offered, taken) = (offer.slot, taker.slot);
    let offered_to_make = offer.post_only.is_set() && offer.immediate_or_cancel.is_set();
    if slot == offered && slot == taken && !offered_to_make {
        return Ok(false);
    }
    if !rests(offer, slot)? {
        return Ok(false);
    }
    if offer.post_only.is_set() || !rests(taker, slot)? {
        return Ok(true);
    }
    let from = |order: &Order| order.slot.plus(order.auction_duration.into());
    Ok(from(offer)? <= from(taker)?)
}

/// Whether a limit order waits at its price, its auction over. One that a trigger woke beyond its price does not.
fn rests(order: &Order, slot: u64) -> Result<bool> {
    if !order.is_limit() {
        return Ok(false);
    }
    if order.order_type == OrderType::TriggerLimit {
        let crosses = if order.direction == PositionDirection::Long {
            order.trigger_price < order.price
        } else {
            order.trigger_price > order.price
        };
        return Ok(!crosses && auction::is_over(order.slot, order.auction_duration, slot)?);
    }
    Ok(order.post_only.is_set() || auction::is_over(order.slot, order.auction_duration, slot)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(slot: u64) -> Order {
        Order {
            slot,
            ..Order::blank()
        }
    }

    #[test]
    fn the_older_of_two_resting_orders_makes() {
        assert_eq!(makes_for(&placed(90), &placed(91), 100), Ok(true));
        assert_eq!(makes_for(&placed(92), &placed(91), 100), Ok(false));
        let auctioned = Order {
            auction_duration: 5,
            ..placed(90)
        };
        assert_eq!(makes_for(&auctioned, &placed(94), 100), Ok(false));
        assert_eq!(makes_for(&auctioned, &placed(95), 100), Ok(true));
        // While its auction runs it does not rest, and the other may take it whenever it was placed.
        assert_eq!(makes_for(&auctioned, &placed(80), 95), Ok(false));
        assert_eq!(makes_for(&placed(92), &auctioned, 95), Ok(true));
    }

    #[test]
    fn orders_of_the_same_slot_do_not_meet() {
        let market = Order {
            order_type: OrderType::Market,
            ..placed(100)
        };
        assert_eq!(makes_for(&placed(100), &market, 100), Ok(false));
        let just_in_time = Order {
            post_only: true.into(),
            immediate_or_cancel: true.into(),
            ..placed(100)
        };
        assert_eq!(makes_for(&just_in_time, &market, 100), Ok(true));
    }

    #[test]
    fn a_trigger_beyond_the_price_leaves_no_resting_order() {
        let woken = |trigger_price| Order {
            order_type: OrderType::TriggerLimit,
            price: 100,
            trigger_price,
            ..placed(90)
        };
        assert_eq!(
            (rests(&woken(99), 100), rests(&woken(100), 100)),
            (Ok(false), Ok(true))
        );
    }
}

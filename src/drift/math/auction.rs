//! Auctions: an order's price moves from a start to an end over some slots, to the disadvantage of its owner.

use super::tick::on_tick;
use crate::accounts::{Order, OrderType, PositionDirection};
use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow};

/// Part of a price that a default auction without a better guide starts or ends away from it: half a percent.
const MARGIN_DIVISOR: i64 = 200;

/// Whether an auction of `duration` slots that began at `start` is over at `slot`. One without duration always is.
#[inline]
pub fn is_over(start: u64, duration: u8, slot: u64) -> Result<bool> {
    Ok(duration == 0 || slot.minus(start)? > duration.into())
}

/// The auction's price (1e6) at `slot`, on a tick. An oracle order's is an offset from `oracle`, the oracle's price,
/// without which it fails with `OracleNotFound`.
pub fn price(order: &Order, slot: u64, tick: u64, oracle: Option<i64>) -> Result<u64> {
    if order.order_type == OrderType::Oracle {
        let oracle = oracle.ok_or(ErrorCode::OracleNotFound)?;
        let passed = passed_slots(order, slot)?;
        let offset = between(order, order.auction_start_price, order.auction_end_price, passed)?;
        let price = oracle.plus(offset)?.max(tick.to()?);
        return on_tick(price.to()?, tick, order.direction);
    }
    let passed = passed_slots(order, slot)?;
    let start: u64 = order.auction_start_price.to()?;
    let end: u64 = order.auction_end_price.to()?;
    on_tick(between(order, start, end, passed)?, tick, order.direction)
}

/// Slots of the auction that have passed, at most all of them.
fn passed_slots(order: &Order, slot: u64) -> Result<u8> {
    Ok(slot
        .minus(order.slot)?
        .min(order.auction_duration.into())
        .try_into()
        .unwrap_or(order.auction_duration))
}

/// The point `passed` slots along the way from `start` to `end`; the way is measured in the direction in which the
/// order's owner gives in, so that unsigned prices may not run the other way.
fn between<T: Checked + From<u8>>(order: &Order, start: T, end: T, passed: u8) -> Result<T> {
    if order.auction_duration == 0 {
        return Ok(end);
    }
    let part = |way: T| way.times(passed.into())?.over(order.auction_duration.into());
    if order.direction == PositionDirection::Long {
        start.plus(part(end.minus(start)?)?)
    } else {
        start.minus(part(start.minus(end)?)?)
    }
}

/// Start and end price (1e6) of an auction for which neither was given: around the oracle's price `oracle`, and never
/// beyond `limit`, the order's price, if it has one (not zero).
pub fn default_prices(oracle: i64, direction: PositionDirection, limit: u64) -> Result<(i64, i64)> {
    let limit: i64 = limit.to()?;
    let long = direction == PositionDirection::Long;
    let worse = |price: i64| {
        let step = price / MARGIN_DIVISOR;
        if long { price.plus(step) } else { price.minus(step) }
    };
    if limit <= 0 {
        return Ok((oracle, worse(oracle)?));
    }
    let beyond_oracle = if long { limit >= oracle } else { limit <= oracle };
    if beyond_oracle {
        let end = worse(oracle)?;
        return Ok((oracle, if long { limit.min(end) } else { limit.max(end) }));
    }
    let better = |price: i64| {
        let step = price / MARGIN_DIVISOR;
        if long { price.minus(step) } else { price.plus(step) }
    };
    let (by_limit, by_oracle) = (better(limit)?, better(oracle)?);
    let start = if long {
        by_limit.min(by_oracle)
    } else {
        by_limit.max(by_oracle)
    };
    Ok((start, limit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use PositionDirection as Side;

    fn auction(direction: Side, start: i64, end: i64, duration: u8) -> Order {
        Order {
            slot: 100,
            direction,
            auction_start_price: start,
            auction_end_price: end,
            auction_duration: duration,
            ..Order::blank()
        }
    }

    #[test]
    fn the_price_moves_evenly_and_stops_at_the_end() {
        let buy = auction(Side::Long, 1_000, 1_100, 10);
        for (slot, expected) in [(100, 1_000), (103, 1_030), (110, 1_100), (500, 1_100)] {
            assert_eq!(price(&buy, slot, 1, None), Ok(expected));
        }
        let sell = auction(Side::Short, 1_100, 1_000, 10);
        assert_eq!(price(&sell, 103, 1, None), Ok(1_070));
        // A third of 100 is 33: the seller's price is 1067, and on tens 1070.
        let sell = auction(Side::Short, 1_100, 1_000, 3);
        assert_eq!(price(&sell, 101, 10, None), Ok(1_070));
        assert_eq!(price(&sell, 99, 10, None), Err(ErrorCode::MathError));
    }

    #[test]
    fn oracle_orders_quote_offsets() {
        let mut buy = auction(Side::Long, -50, 50, 10);
        buy.order_type = OrderType::Oracle;
        assert_eq!(price(&buy, 105, 1, Some(1_000)), Ok(1_000));
        assert_eq!(price(&buy, 100, 1, Some(1_000)), Ok(950));
        assert_eq!(price(&buy, 100, 10, Some(20)), Ok(10));
        assert_eq!(price(&buy, 100, 1, None), Err(ErrorCode::OracleNotFound));
    }

    #[test]
    fn defaults_surround_the_oracle() {
        assert_eq!(default_prices(20_000, Side::Long, 0), Ok((20_000, 20_100)));
        assert_eq!(default_prices(20_000, Side::Short, 0), Ok((20_000, 19_900)));
        // A limit beyond the oracle's price cuts the end short.
        assert_eq!(default_prices(20_000, Side::Long, 20_050), Ok((20_000, 20_050)));
        assert_eq!(default_prices(20_000, Side::Short, 10), Ok((20_000, 19_900)));
        // A limit the oracle's price does not reach is the end, and the start lies beyond both.
        assert_eq!(default_prices(20_000, Side::Long, 10_000), Ok((9_950, 10_000)));
        assert_eq!(default_prices(20_000, Side::Short, 40_000), Ok((40_200, 40_000)));
    }

    #[test]
    fn an_auction_lasts_through_its_last_slot() {
        assert_eq!(is_over(100, 10, 110), Ok(false));
        assert_eq!(is_over(100, 10, 111), Ok(true));
        assert_eq!(is_over(100, 0, 100), Ok(true));
    }
}

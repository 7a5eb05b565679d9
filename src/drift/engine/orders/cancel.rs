//! Taking an open order off its owner's book.

use super::Venue;
use crate::accounts::{MarketType, Order, PositionDirection, User};
use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow};

/// Cancels every order of `user` whose time is over.
pub(super) fn expired(venue: &mut Venue, user: &mut User) -> Result {
    for place in 0..user.orders.len() {
        if user.orders[place].has_expired(venue.clock.unix_timestamp) {
            order(venue, user, place)?;
        }
    }
    Ok(())
}

/// Cancels every open order of `user` that `is_meant` tells; answers how many there were.
pub(in crate::engine) fn all(
    venue: &mut Venue,
    user: &mut User,
    is_meant: impl Fn(&Order) -> bool,
) -> Result<usize> {
    let mut cancelled = 0;
    for place in 0..user.orders.len() {
        let held = &user.orders[place];
        if held.is_open() && is_meant(held) {
            order(venue, user, place)?;
            cancelled += 1;
        }
    }
    user.touch(venue.clock.slot);
    Ok(cancelled)
}

/// Cancels the open order in slot `place`, whose market and price feed must be at hand.
pub(super) fn order(venue: &mut Venue, user: &mut User, place: usize) -> Result {
    let order = user.orders[place];
    if !order.is_open() {
        return Err(ErrorCode::OrderNotOpen);
    }
    let is_perp = order.market_type == MarketType::Perp;
    let oracle = if is_perp {
        venue.markets.perps.get(order.market_index)?.amm.oracle
    } else {
        venue.markets.spots.get(order.market_index)?.oracle
    };
    venue.markets.oracles.price(&oracle)?;

    count_closed(user, order.has_auction());
    // An order that sleeps was never counted among bids and asks.
    let counted = if order.awaits_trigger() {
        0
    } else {
        order.unfilled()?
    };
    if is_perp {
        let position = user.perp_mut(order.market_index)?;
        position.uncount_open(order.direction, counted)?;
        position.open_orders = fewer(position.open_orders);
    } else {
        let place = user.spot_place(order.market_index)?;
        let position = &mut user.spot_positions[place];
        let counted: i64 = counted.to()?;
        if order.direction == PositionDirection::Long {
            position.open_bids = position.open_bids.minus(counted)?;
        } else {
            position.open_asks = position.open_asks.plus(counted)?;
        }
        position.open_orders = fewer(position.open_orders);
    }
    user.orders[place] = Order::blank();
    Ok(())
}

/// Counts one order more among the user's, and among those with an auction.
pub(super) fn count_opened(user: &mut User, auction: bool) {
    user.open_orders = user.open_orders.saturating_add(1);
    user.has_open_order = true.into();
    if auction {
        user.open_auctions = user.open_auctions.saturating_add(1);
        user.has_open_auction = true.into();
    }
}

/// Takes back [`count_opened`].
pub(super) fn count_closed(user: &mut User, auction: bool) {
    user.open_orders = user.open_orders.saturating_sub(1);
    user.has_open_order = (user.open_orders > 0).into();
    if auction {
        user.open_auctions = user.open_auctions.saturating_sub(1);
        user.has_open_auction = (user.open_auctions > 0).into();
    }
}

/// One order fewer on a position. Unlike the user's own counters, the program's wraps around where there is none.
pub(super) fn fewer(orders: u8) -> u8 {
    orders.wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_follow_orders_and_never_pass_zero() {
        let mut user = User::default();
        count_opened(&mut user, true);
        count_opened(&mut user, false);
        assert_eq!((user.open_orders, user.open_auctions), (2, 1));
        count_closed(&mut user, true);
        assert!(user.has_open_order.is_set() && !user.has_open_auction.is_set());
        count_closed(&mut user, true);
        count_closed(&mut user, false);
        assert_eq!((user.open_orders, user.open_auctions), (0, 0));
        assert!(!user.has_open_order.is_set());
    }
}

//! Instructions that put orders on their owner's book, or take them off, and trade nothing.

use super::{Venue, cancel, last_order_id, place};
use crate::accounts::{MarketType, Order, SpotBalanceType, State, User};
use crate::engine::frame::{Frame, Held};
use crate::engine::markets::{Markets, MustWrite};
use crate::engine::{guard, margin_check, spot};
use crate::error::{ErrorCode, Result};
use crate::instruction::{
    CancelOrder, CancelOrderByUserId, CancelOrders, CancelOrdersByIds, ForceCancelOrders,
    ForceCancelOrdersAccounts, OrderParams, PlaceOrders, PlacePerpOrder, PlacePerpOrderAccounts,
};
use crate::num::{Checked, Narrow};
use crate::units::QUOTE_SPOT_MARKET;
use place::Bulk;

/// Most orders that one instruction places.
const MOST_ORDERS: usize = 32;

/// What all of them work with: they name the same accounts, and markets that they only read.
struct Book {
    state: Held<State>,
    user: Held<User>,
    markets: Markets,
}

impl Book {
    fn open(frame: &mut Frame) -> Result<Self> {
        let at = PlacePerpOrderAccounts::positions();
        let state = guard::state(frame, at.state)?;
        let user = frame.take::<User>(at.user)?;
        let signer = frame.signer(at.authority)?;
        frame.must_be_writable(at.user)?;
        guard::acts_for(&user, signer)?;
        guard::exchange_not_paused(&state)?;
        let mut next = at.authority + 1;
        let limits = Some(state.oracle_guard_rails);
        let markets = Markets::load(frame, &mut next, MustWrite::default(), limits)?;
        Ok(Self { state, user, markets })
    }

    /// Does `change` to the book, and puts everything back.
    fn change(mut self, frame: &mut Frame, change: impl FnOnce(&mut Venue, &mut User) -> Result) -> Result {
        let mut venue = Venue {
            state: &self.state,
            markets: &mut self.markets,
            clock: frame.clock,
            switches: frame.switches,
        };
        change(&mut venue, &mut self.user)?;
        self.markets.restore(frame);
        frame.put(self.user);
        frame.put(self.state);
        Ok(())
    }
}

/// Immediate-or-cancel orders belong to instructions that trade.
fn may_wait(params: &OrderParams) -> Result {
    if params.immediate_or_cancel {
        Err(ErrorCode::InvalidOrderIOC)
    } else {
        Ok(())
    }
}

pub(in crate::engine) fn place_perp_order(frame: &mut Frame, arguments: &PlacePerpOrder) -> Result {
    let book = Book::open(frame)?;
    may_wait(&arguments.params)?;
    book.change(frame, |venue, user| place::order(venue, user, arguments.params))
}

/// Margin is checked once, after the last order and by its risk alone. Spot orders are `NotModelled`.
pub(in crate::engine) fn place_orders(frame: &mut Frame, arguments: &PlaceOrders) -> Result {
    let book = Book::open(frame)?;
    let orders = &arguments.params;
    if orders.len() > MOST_ORDERS {
        return Err(ErrorCode::DefaultError);
    }
    book.change(frame, |venue, user| {
        for (number, params) in orders.iter().enumerate() {
            may_wait(params)?;
            if params.market_type != MarketType::Perp {
                return Err(ErrorCode::NotModelled);
            }
            let bulk = Bulk {
                first: number == 0,
                last: number + 1 == orders.len(),
            };
            place::one_of(venue, user, *params, bulk)?;
        }
        Ok(())
    })
}

/// Cancels the order that `is_it` tells; none is no error.
fn cancel_the(venue: &mut Venue, user: &mut User, is_it: impl Fn(&Order) -> bool) -> Result {
    if let Some(place) = user.orders.iter().position(is_it) {
        cancel::order(venue, user, place)?;
        user.touch(venue.clock.slot);
    }
    Ok(())
}

/// Cancels an open order by its number, the last one where none is given.
pub(in crate::engine) fn cancel_order(frame: &mut Frame, arguments: &CancelOrder) -> Result {
    Book::open(frame)?.change(frame, |venue, user| {
        let id = match arguments.order_id {
            Some(id) => id,
            None => last_order_id(user),
        };
        cancel_the(venue, user, |order| order.order_id == id && order.is_open())
    })
}

/// Cancels the first order with its owner's own number; an empty slot has number 0, and is `OrderNotOpen`.
pub(in crate::engine) fn cancel_order_by_user_id(
    frame: &mut Frame,
    arguments: &CancelOrderByUserId,
) -> Result {
    Book::open(frame)?.change(frame, |venue, user| {
        cancel_the(venue, user, |order| {
            order.user_order_id == arguments.user_order_id
        })
    })
}

pub(in crate::engine) fn cancel_orders_by_ids(frame: &mut Frame, arguments: &CancelOrdersByIds) -> Result {
    Book::open(frame)?.change(frame, |venue, user| {
        for id in &arguments.order_ids {
            cancel_the(venue, user, |order| order.order_id == *id && order.is_open())?;
        }
        Ok(())
    })
}

/// Cancels every open order, of one market where kind and index are given, and of one direction where that is.
pub(in crate::engine) fn cancel_orders(frame: &mut Frame, arguments: &CancelOrders) -> Result {
    let market = arguments.market_type.zip(arguments.market_index);
    Book::open(frame)?.change(frame, |venue, user| {
        cancel::all(venue, user, |order| {
            let of_market = market.is_none_or(|market| market == (order.market_type, order.market_index));
            of_market && arguments.direction.is_none_or(|side| side == order.direction)
        })?;
        Ok(())
    })
}

/// Cancels the orders of a user below initial margin, save for those that only shrink a position, for a fee each that the
/// user pays to `filler`. Anyone may ask for it.
pub(in crate::engine) fn force_cancel_orders(frame: &mut Frame, _: &ForceCancelOrders) -> Result {
    let at = ForceCancelOrdersAccounts::positions();
    let state = guard::state(frame, at.state)?;
    let authority = frame.signer(at.authority)?;
    let mut filler = frame.take::<User>(at.filler)?;
    let himself = frame.key(at.user)? == filler.key();
    let user = match himself {
        true => None,
        false => Some(frame.take::<User>(at.user)?),
    };
    frame.must_be_writable(at.filler)?;
    guard::acts_for(&filler, authority)?;
    frame.must_be_writable(at.user)?;
    guard::exchange_not_paused(&state)?;
    let mut next = at.user + 1;
    let mut markets = Markets::load(frame, &mut next, MustWrite::default(), None)?;
    let mut user = user.ok_or(ErrorCode::UnableToLoadAccountLoader)?;

    if user.in_liquidation() {
        return Err(ErrorCode::UserIsBeingLiquidated);
    }
    if margin_check::has_initial(&user, &mut markets)? {
        return Err(ErrorCode::SufficientCollateral);
    }
    let mut venue = Venue {
        state: &state,
        markets: &mut markets,
        clock: frame.clock,
        switches: frame.switches,
    };
    let mut fees = 0u64;
    for place in 0..user.orders.len() {
        let order = user.orders[place];
        if !order.is_open() {
            continue;
        }
        let index = order.market_index;
        let (position, fee) = if order.market_type == MarketType::Perp {
            let held = user.perp(index)?.base_asset_amount;
            (held, state.perp_fee_structure.flat_filler_fee)
        } else {
            let market = venue.markets.spots.get(index)?;
            let held = user.spot(index)?.signed_tokens(market)?.to()?;
            (held, state.spot_fee_structure.flat_filler_fee)
        };
        if order.shrinks(position)? {
            continue;
        }
        fees = fees.plus(fee)?;
        cancel::order(&mut venue, &mut user, place)?;
    }
    let quote = markets.spots.get_mut(QUOTE_SPOT_MARKET)?;
    for (who, direction, sign) in [
        (&mut filler, SpotBalanceType::Deposit, 1),
        (&mut user, SpotBalanceType::Borrow, -1),
    ] {
        spot::move_tokens(fees.into(), direction, quote, who.quote_mut()?, false)?;
        who.cumulative_spot_fees = { who.cumulative_spot_fees }.plus(fees.to::<i64>()? * sign)?;
        who.touch(frame.clock.slot);
    }
    markets.restore(frame);
    frame.put(user);
    frame.put(filler);
    frame.put(state);
    Ok(())
}

//! Orders in perpetual markets: on the book and off it, and placing one and taking against the AMM at once.

mod book;
mod cancel;
mod check;
mod fill;
mod largest;
mod makers;
mod parties;
mod place;
#[cfg(test)]
mod scenarios;
mod take;
#[cfg(test)]
mod world;

use super::frame::{Frame, Switches};
use super::markets::{Markets, MustWrite};
use super::{curve, guard};
use crate::accounts::{ExchangeOperation, PostOnlyParam, State, User, UserStats};
use crate::clock::Clock;
use crate::error::{ErrorCode, Result};
use crate::instruction::{PlaceAndTakePerpOrder, PlaceAndTakePerpOrderAccounts};
pub(super) use book::{
    cancel_order, cancel_order_by_user_id, cancel_orders, cancel_orders_by_ids, force_cancel_orders,
    place_orders, place_perp_order,
};
pub(super) use cancel::all as cancel_all;
use parties::{Parties, Taker};
pub(super) use place::order as place;

/// Where orders are placed, filled and cancelled.
pub(super) struct Venue<'a> {
    /// The exchange's settings.
    pub state: &'a State,
    /// Markets and oracles.
    pub markets: &'a mut Markets,
    /// When it is.
    pub clock: Clock,
    /// Departures from the rules.
    pub switches: Switches,
}

/// Places an order, fills it against the AMM as far as both allow, and cancels the rest if it is immediate-or-cancel.
///
/// Makers are not modelled: where another user is named with whose order the program would match, `NotModelled`.
pub(super) fn place_and_take_perp_order(frame: &mut Frame, arguments: &PlaceAndTakePerpOrder) -> Result {
    let params = arguments.params;
    let at = PlaceAndTakePerpOrderAccounts::positions();
    let state = guard::state(frame, at.state)?;
    let mut user = frame.take::<User>(at.user)?;
    let mut stats = frame.take::<UserStats>(at.user_stats)?;
    let signer = frame.signer(at.authority)?;
    frame.must_be_writable(at.user)?;
    guard::acts_for(&user, signer)?;
    frame.must_be_writable(at.user_stats)?;
    guard::stats_of(&user, &stats)?;
    guard::not_paused(&state, ExchangeOperation::Fill)?;

    let mut next = at.authority + 1;
    let must_write = MustWrite {
        perps: &[params.market_index],
        spots: &[],
    };
    let mut markets = Markets::load(frame, &mut next, must_write, Some(state.oracle_guard_rails))?;
    if params.post_only != PostOnlyParam::None {
        return Err(ErrorCode::InvalidOrderPostOnly);
    }
    let taker = Taker {
        user: user.key(),
        stats: stats.key(),
    };
    let mut parties = Parties::load(frame, next, &taker)?;

    curve::update(
        frame.clock,
        frame.switches,
        &state,
        &mut markets,
        params.market_index,
    )?;
    let mut venue = Venue {
        state: &state,
        markets: &mut markets,
        clock: frame.clock,
        switches: frame.switches,
    };
    place::order(&mut venue, &mut user, params)?;
    let id = last_order_id(&user);
    fill::order(&mut venue, &mut user, &mut stats, &mut parties, id)?;
    if params.immediate_or_cancel {
        cancel_rest(&mut venue, &mut user, id)?;
    }

    parties.restore(frame);
    markets.restore(frame);
    frame.put(stats);
    frame.put(user);
    frame.put(state);
    Ok(())
}

/// The id given last. Ids start at one again after the largest; zero, which is never given out, counts as one.
fn last_order_id(user: &User) -> u32 {
    match user.next_order_id {
        0 | 1 => u32::MAX,
        next => next - 1,
    }
}

fn cancel_rest(venue: &mut Venue, user: &mut User, id: u32) -> Result {
    let rest = user
        .orders
        .iter()
        .position(|order| order.order_id == id && order.is_open());
    if let Some(place) = rest {
        cancel::order(venue, user, place)?;
        user.touch(venue.clock.slot);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_ids_wrap_without_zero() {
        let last = |next| {
            last_order_id(&User {
                next_order_id: next,
                ..User::default()
            })
        };
        assert_eq!([0, 1, 8].map(last), [u32::MAX, u32::MAX, 7]);
    }
}

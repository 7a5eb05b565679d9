//! Settings of the exchange as a whole.

use super::{ADMIN, STATE};
use crate::drift::accounts::State;
use crate::drift::engine::{Frame, guard};
use crate::drift::error::Result;
use crate::drift::instruction as arguments;

/// Runs `set` on the exchange's state once the administrator has been recognised.
fn change(frame: &mut Frame, set: impl FnOnce(&mut State)) -> Result {
    let admin = frame.signer(ADMIN)?;
    let mut state = guard::state(frame, STATE)?;
    frame.must_be_writable(STATE)?;
    guard::admin(&state, admin)?;
    set(&mut state);
    frame.put(state);
    Ok(())
}

pub(in crate::drift::engine) fn update_perp_auction_duration(
    frame: &mut Frame,
    to: &arguments::UpdatePerpAuctionDuration,
) -> Result {
    change(frame, |state| {
        state.min_perp_auction_duration = to.min_perp_auction_duration
    })
}

pub(in crate::drift::engine) fn update_lp_cooldown_time(
    frame: &mut Frame,
    to: &arguments::UpdateLpCooldownTime,
) -> Result {
    change(frame, |state| state.lp_cooldown_time = to.lp_cooldown_time)
}

pub(in crate::drift::engine) fn update_oracle_guard_rails(
    frame: &mut Frame,
    to: &arguments::UpdateOracleGuardRails,
) -> Result {
    change(frame, |state| state.oracle_guard_rails = to.oracle_guard_rails)
}

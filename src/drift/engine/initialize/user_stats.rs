use super::create;
use crate::accounts::UserStats;
use crate::engine::{Frame, guard};
use crate::error::{ErrorCode, Result};
use crate::instruction::{InitializeUserStats, InitializeUserStatsAccounts};
use crate::key::{SYSTEM_PROGRAM, pda};
use crate::num::Checked;

/// Opens an authority's statistics.
pub(in crate::engine) fn initialize_user_stats(frame: &mut Frame, _: &InitializeUserStats) -> Result {
    let at = InitializeUserStatsAccounts::<usize>::positions();
    let mut state = guard::state(frame, at.state)?;
    let authority = frame.signer(at.authority)?;
    frame.signer(at.payer)?;
    guard::rent(frame, at.rent)?;
    guard::program(frame, at.system_program, SYSTEM_PROGRAM)?;
    let mut stats = create::<UserStats>(frame, at.user_stats, pda::user_stats(&authority))?;
    frame.must_be_writable(at.state)?;
    frame.must_be_writable(at.payer)?;

    let now = frame.clock.unix_timestamp;
    stats.authority = authority;
    (stats.last_maker_volume_30d_ts, stats.last_taker_volume_30d_ts) = (now, now);
    stats.last_filler_volume_30d_ts = now;
    state.number_of_authorities = state.number_of_authorities.plus(1)?;
    if !state.admits(state.number_of_authorities) {
        return Err(ErrorCode::MaxNumberOfUsers);
    }
    frame.put(state);
    frame.put(stats);
    Ok(())
}

//! Settings of spot markets.

use super::{ADMIN, MARKET, STATE};
use crate::accounts::SpotMarket;
use crate::engine::{Frame, guard};
use crate::error::Result;
use crate::instruction as arguments;

/// Runs `set` on the market once the administrator has been recognised and the market found listed.
fn change(frame: &mut Frame, set: impl FnOnce(&mut SpotMarket)) -> Result {
    let admin = frame.signer(ADMIN)?;
    let state = guard::state(frame, STATE)?;
    let mut market = frame.take::<SpotMarket>(MARKET)?;
    guard::admin(&state, admin)?;
    frame.must_be_writable(MARKET)?;
    guard::spot_listed(&market)?;
    set(&mut market);
    frame.put(state);
    frame.put(market);
    Ok(())
}

pub(in crate::engine) fn update_withdraw_guard_threshold(
    frame: &mut Frame,
    to: &arguments::UpdateWithdrawGuardThreshold,
) -> Result {
    change(frame, |market| {
        market.withdraw_guard_threshold = to.withdraw_guard_threshold
    })
}

pub(in crate::engine) fn update_insurance_fund_unstaking_period(
    frame: &mut Frame,
    to: &arguments::UpdateInsuranceFundUnstakingPeriod,
) -> Result {
    change(frame, |market| {
        market.insurance_fund.unstaking_period = to.insurance_fund_unstaking_period
    })
}

//! Adding liquidity, removing it, and settling what it earned.

use super::frame::{Frame, Held};
use super::markets::{Markets, MustWrite};
use super::{funding, guard, lp, margin_check};
use crate::accounts::{ExchangeOperation, MarketStatus, PerpOperation, State, User};
use crate::error::{ErrorCode, Result};
use crate::instruction::{
    AddPerpLpShares, AddPerpLpSharesAccounts, RemovePerpLpShares, RemovePerpLpSharesAccounts,
    RemovePerpLpSharesInExpiringMarket, RemovePerpLpSharesInExpiringMarketAccounts, SettleLp,
    SettleLpAccounts,
};
use crate::math::step;
use crate::num::{Checked, Narrow};

/// Turns margin into shares of the AMM's liquidity, in whole order steps.
pub(super) fn add_perp_lp_shares(frame: &mut Frame, arguments: &AddPerpLpShares) -> Result {
    let at = AddPerpLpSharesAccounts::positions();
    let (state, mut user) = admit(frame, at.state, at.user, at.authority)?;
    let index = arguments.market_index;
    let mut markets = load(frame, at.authority + 1, index, &state)?;

    if user.is_bankrupt() {
        return Err(ErrorCode::UserBankrupt);
    }
    let buffer = state.liquidation_margin_buffer_ratio;
    margin_check::check_not_liquidated(&mut user, &mut markets, buffer)?;

    let market = markets.perps.get_mut(index)?;
    if market.status != MarketStatus::Active || market.is_paused(PerpOperation::AmmFill) {
        return Err(ErrorCode::MarketStatusInvalidForNewLP);
    }
    let step = market.amm.order_step_size;
    if arguments.n_shares < step {
        return Err(ErrorCode::NewLPSizeTooSmall);
    }
    let now = frame.clock.unix_timestamp;
    funding::settle_payment(&mut user, market, now)?;
    let shares = step::round_down(arguments.n_shares, step)?;
    let place = user.perp_place_or_new(index)?;
    lp::mint(&mut user.perp_positions[place], market, shares)?;
    user.last_add_perp_lp_shares_ts = now;

    margin_check::check_order(&user, &mut markets, true)?;
    user.touch(frame.clock.slot);
    finish(frame, state, user, markets)
}

/// Gives shares back, in whole order steps or all of them, once the cooldown since the last addition is over.
pub(super) fn remove_perp_lp_shares(frame: &mut Frame, arguments: &RemovePerpLpShares) -> Result {
    let at = RemovePerpLpSharesAccounts::positions();
    let (state, mut user) = admit(frame, at.state, at.user, at.authority)?;
    let mut markets = load(frame, at.authority + 1, arguments.market_index, &state)?;
    remove(
        &state,
        &mut user,
        &mut markets,
        arguments,
        frame.clock.unix_timestamp,
    )?;
    user.touch(frame.clock.slot);
    finish(frame, state, user, markets)
}

fn remove(
    state: &State,
    user: &mut User,
    markets: &mut Markets,
    arguments: &RemovePerpLpShares,
    now: i64,
) -> Result {
    let index = arguments.market_index;
    let place = user.perp_place(index)?;
    let mut shares = arguments.shares_to_burn;
    if user.perp_positions[place].lp_shares != shares {
        shares = step::round_down(shares, markets.perps.get(index)?.amm.order_step_size)?;
    }
    if shares == 0 {
        return Ok(());
    }
    let market = markets.perps.get_mut(index)?;
    if now.minus(user.last_add_perp_lp_shares_ts)? < state.lp_cooldown_time.to()? {
        return Err(ErrorCode::TryingToRemoveLiquidityTooFast);
    }
    funding::settle_payment(user, market, now)?;
    let position = &mut user.perp_positions[place];
    if position.lp_shares < shares {
        return Err(ErrorCode::InsufficientLPTokens);
    }
    let price = markets.oracles.price(&{ market.amm.oracle })?.price;
    lp::burn(position, market, shares, price)
}

/// Takes anyone's shares out of a market that only winds down. Anyone may ask for it.
pub(super) fn remove_perp_lp_shares_in_expiring_market(
    frame: &mut Frame,
    arguments: &RemovePerpLpSharesInExpiringMarket,
) -> Result {
    let at = RemovePerpLpSharesInExpiringMarketAccounts::positions();
    let state = guard::state(frame, at.state)?;
    let mut user = frame.take::<User>(at.user)?;
    frame.must_be_writable(at.user)?;
    frame.lock(&user);
    let mut markets = load(frame, at.user + 1, arguments.market_index, &state)?;
    if !markets.perps.get(arguments.market_index)?.is_reduce_only() {
        return Err(ErrorCode::PerpMarketNotInReduceOnly);
    }
    let removal = RemovePerpLpShares {
        shares_to_burn: arguments.shares_to_burn,
        market_index: arguments.market_index,
    };
    let now = frame.clock.unix_timestamp;
    remove(&state, &mut user, &mut markets, &removal, now)?;
    user.touch(frame.clock.slot);
    finish(frame, state, user, markets)
}

/// Settles a user's funding, and what its shares earned in one market. Anyone may ask for it.
pub(super) fn settle_lp(frame: &mut Frame, arguments: &SettleLp) -> Result {
    let at = SettleLpAccounts::positions();
    let state = guard::state(frame, at.state)?;
    let mut user = frame.take::<User>(at.user)?;
    frame.must_be_writable(at.user)?;
    guard::not_paused(&state, ExchangeOperation::Amm)?;
    frame.lock(&user);
    let mut markets = load(frame, at.user + 1, arguments.market_index, &state)?;

    let market = markets.perps.get_mut(arguments.market_index)?;
    lp::settle_funding_then_lp(&mut user, market, frame.clock.unix_timestamp)?;
    user.touch(frame.clock.slot);
    finish(frame, state, user, markets)
}

/// The state and a user whom the signer may act for, while the AMM is not paused.
fn admit(frame: &mut Frame, state: usize, user: usize, signer: usize) -> Result<(Held<State>, Held<User>)> {
    let (state, user_position) = (guard::state(frame, state)?, user);
    let user = frame.take::<User>(user_position)?;
    let signer = frame.signer(signer)?;
    frame.must_be_writable(user_position)?;
    guard::acts_for(&user, signer)?;
    guard::not_paused(&state, ExchangeOperation::Amm)?;
    frame.lock(&user);
    Ok((state, user))
}

fn load(frame: &mut Frame, mut next: usize, perp: u16, state: &State) -> Result<Markets> {
    let must_write = MustWrite {
        perps: &[perp],
        spots: &[],
    };
    Markets::load(frame, &mut next, must_write, Some(state.oracle_guard_rails))
}

fn finish(frame: &mut Frame, state: Held<State>, user: Held<User>, markets: Markets) -> Result {
    markets.restore(frame);
    frame.put(user);
    frame.put(state);
    Ok(())
}

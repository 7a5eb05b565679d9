//! `deposit`: tokens from the user's own account into a spot market's vault.

use super::frame::Frame;
use super::markets::{Markets, MustWrite};
use super::{guard, margin_check, spot, token};
use crate::accounts::{ExchangeOperation, MarketStatus, SpotBalanceType, SpotMarket, User, UserStats};
use crate::error::{ErrorCode, Result};
use crate::instruction::{Deposit, DepositAccounts};
use crate::key::TOKEN_PROGRAM;
use crate::math::interest;
use crate::num::Narrow;

/// The next number of a market's deposit records; it starts again from one.
pub(super) fn count_record(market: &mut SpotMarket) {
    market.next_deposit_record_id = market.next_deposit_record_id.checked_add(1).unwrap_or(1);
}

pub(super) fn deposit(frame: &mut Frame, arguments: &Deposit) -> Result {
    let at = DepositAccounts::positions();
    let index = arguments.market_index;
    let state = guard::state(frame, at.state)?;
    let mut user = frame.take::<User>(at.user)?;
    let stats = frame.take::<UserStats>(at.user_stats)?;
    let authority = frame.signer(at.authority)?;
    let vault = token::read(frame, at.spot_market_vault)?;
    let source = token::read(frame, at.user_token_account)?;
    guard::program(frame, at.token_program, TOKEN_PROGRAM)?;

    frame.must_be_writable(at.user)?;
    guard::acts_for(&user, authority)?;
    frame.must_be_writable(at.user_stats)?;
    guard::stats_of(&user, &stats)?;
    guard::spot_vault(frame.key(at.spot_market_vault)?, index)?;
    frame.must_be_writable(at.spot_market_vault)?;
    frame.must_be_writable(at.user_token_account)?;
    if vault.mint != source.mint {
        return Err(ErrorCode::ConstraintRaw);
    }
    if source.owner != authority {
        return Err(ErrorCode::ConstraintTokenOwner);
    }
    guard::not_paused(&state, ExchangeOperation::Deposit)?;
    frame.lock(&user);

    let mut next = at.token_program + 1;
    let must_write = MustWrite {
        spots: &[index],
        ..MustWrite::default()
    };
    let mut markets = Markets::load(frame, &mut next, must_write, Some(state.oracle_guard_rails))?;
    let now = frame.clock.unix_timestamp;
    let amount = credit(&mut user, &mut markets, arguments, now)?;
    if user.in_liquidation()
        && !margin_check::is_liquidatable(&user, &mut markets, state.liquidation_margin_buffer_ratio)?
    {
        user.leave_liquidation();
    }
    user.touch(frame.clock.slot);

    token::transfer(
        frame,
        at.user_token_account,
        at.spot_market_vault,
        authority,
        amount,
    )?;
    let market = markets.spots.get_mut(index)?;
    count_record(market);
    market.check_caps()?;

    frame.put(state);
    frame.put(user);
    frame.put(stats);
    markets.restore(frame);
    Ok(())
}

/// Books the deposit, and returns how many tokens to take: no more than is owed where positions may only shrink.
fn credit(user: &mut User, markets: &mut Markets, arguments: &Deposit, now: i64) -> Result<u64> {
    if arguments.amount == 0 {
        return Err(ErrorCode::InsufficientDeposit);
    }
    if user.is_bankrupt() {
        return Err(ErrorCode::UserBankrupt);
    }
    let Markets { spots, oracles, .. } = markets;
    let market = spots.get_mut(arguments.market_index)?;
    let price = oracles.price(&{ market.oracle })?;
    if market.status == MarketStatus::Initialized {
        return Err(ErrorCode::MarketBeingInitialized);
    }
    interest::accrue(market, Some(&price), now)?;

    let place = user.spot_place_or_new(market.market_index)?;
    let mut amount = arguments.amount;
    if (arguments.reduce_only || market.is_reduce_only())
        && user.spot_positions[place].balance_type == SpotBalanceType::Borrow
    {
        amount = amount.min(user.spot_positions[place].tokens(market)?.to()?);
    }
    user.count_deposit(amount, price.price, market.one_token()?)?;
    let position = &mut user.spot_positions[place];
    let tokens = u128::from(amount);
    spot::move_and_count(tokens, tokens, SpotBalanceType::Deposit, market, position, false)?;

    if position.scaled_balance > 0 {
        if position.tokens(market)? == 0 {
            return Err(ErrorCode::InvalidSpotPosition);
        }
        if position.balance_type == SpotBalanceType::Deposit && market.status != MarketStatus::Active {
            return Err(ErrorCode::MarketActionPaused);
        }
    }
    Ok(amount)
}

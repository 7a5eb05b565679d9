//! `withdraw`: tokens from a spot market's vault to the user's own account, out of a deposit or as a loan.

use super::frame::Frame;
use super::markets::{Markets, MustWrite};
use super::{deposit, guard, margin_check, spot, token};
use crate::drift::accounts::{ExchangeOperation, SpotBalanceType, SpotMarket, User, UserStats};
use crate::drift::error::{ErrorCode, Result};
use crate::drift::instruction::{Withdraw, WithdrawAccounts};
use crate::drift::key::TOKEN_PROGRAM;
use crate::drift::math::weight::MarginType;
use crate::drift::math::{interest, withdraw as limits};
use crate::drift::num::{Checked, Narrow};
use crate::drift::units::QUOTE;

/// Slots within which a user counts as just active.
const ACTIVE_SLOTS: u64 = 50;
/// Withdrawals (1e6) from which on a user who pays hardly any trading fees pays one for withdrawing: 10 million dollars.
const FREE_WITHDRAWALS: u64 = 10_000_000 * QUOTE;
/// Most dollars withdrawn for each dollar of fees paid that go without a fee.
const FREE_WITHDRAWALS_PER_FEE: u64 = 10_000;
/// The fee for withdrawing, in quote (1e6): a twentieth of a cent.
const WITHDRAWAL_FEE: u128 = QUOTE as u128 / 2_000;

pub(super) fn withdraw(frame: &mut Frame, arguments: &Withdraw) -> Result {
    let at = WithdrawAccounts::positions();
    let index = arguments.market_index;
    let state = guard::state(frame, at.state)?;
    let mut user = frame.take::<User>(at.user)?;
    let mut stats = frame.take::<UserStats>(at.user_stats)?;
    let authority = frame.signer(at.authority)?;
    let vault = token::read(frame, at.spot_market_vault)?;
    let signer = frame.key(at.drift_signer)?;
    let target = token::read(frame, at.user_token_account)?;
    guard::program(frame, at.token_program, TOKEN_PROGRAM)?;

    frame.must_be_writable(at.user)?;
    if user.authority != authority {
        return Err(ErrorCode::ConstraintHasOne);
    }
    frame.must_be_writable(at.user_stats)?;
    if stats.authority != authority {
        return Err(ErrorCode::ConstraintHasOne);
    }
    guard::spot_vault(frame.key(at.spot_market_vault)?, index)?;
    frame.must_be_writable(at.spot_market_vault)?;
    if state.signer != signer {
        return Err(ErrorCode::ConstraintRaw);
    }
    frame.must_be_writable(at.user_token_account)?;
    if vault.mint != target.mint {
        return Err(ErrorCode::ConstraintRaw);
    }
    guard::not_paused(&state, ExchangeOperation::Withdraw)?;

    let mut next = at.token_program + 1;
    let must_write = MustWrite {
        spots: &[index],
        ..MustWrite::default()
    };
    let mut markets = Markets::load(frame, &mut next, must_write, Some(state.oracle_guard_rails))?;
    let amount = debit(frame, &mut user, &mut stats, &mut markets, arguments)?;

    margin_check::check_withdrawal(&user, &mut markets, MarginType::Initial)?;
    margin_check::check_spot_margin_trading(&user, &mut markets)?;
    if user.is_being_liquidated() {
        user.exit_liquidation();
    }
    user.touch(frame.clock.slot);
    let market = markets.spots.get_mut(index)?;
    deposit::count_record(market);

    token::transfer(frame, at.spot_market_vault, at.user_token_account, signer, amount)?;
    let left = token::read(frame, at.spot_market_vault)?.amount;
    limits::check_vault(market, left)?;

    frame.put(state);
    frame.put(user);
    frame.put(stats);
    markets.restore(frame);
    Ok(())
}

/// Books the withdrawal, and returns how many tokens go out.
fn debit(
    frame: &Frame,
    user: &mut User,
    stats: &mut UserStats,
    markets: &mut Markets,
    arguments: &Withdraw,
) -> Result<u64> {
    if user.is_bankrupt() {
        return Err(ErrorCode::UserBankrupt);
    }
    let index = arguments.market_index;
    let market = markets.spots.get_mut(index)?;
    let price = markets.oracles.price(&{ market.oracle })?;
    interest::accrue(market, Some(&price), frame.clock.unix_timestamp)?;
    let reduce_only = arguments.reduce_only || market.is_reduce_only();

    let place = user.spot_place_or_new(index)?;
    let mut amount = arguments.amount;
    if reduce_only {
        if user.spot_positions[place].balance_type == SpotBalanceType::Borrow {
            return Err(ErrorCode::ReduceOnlyWithdrawIncreasedRisk);
        }
        let most = margin_check::most_withdrawable(user, markets, index)?;
        let held = user.spot_positions[place]
            .tokens(markets.spots.get(index)?)?
            .to()?;
        amount = amount.min(most).min(held);
    }
    let market = markets.spots.get_mut(index)?;
    if owes_fee(user, stats, frame.clock.slot) {
        let fee = charge_fee(market, price.price, user, stats)?;
        amount = amount.minus(fee.to()?)?;
    }
    user.count_withdrawal(amount, price.price, market.one_token()?)?;
    spot::take_out(amount.into(), market, user)?;
    Ok(amount)
}

fn owes_fee(user: &User, stats: &UserStats, slot: u64) -> bool {
    let just_active = slot.saturating_sub(user.last_active_slot) < ACTIVE_SLOTS;
    just_active
        && user.total_withdraws >= FREE_WITHDRAWALS
        && user.total_withdraws / stats.fees.total_fee_paid.max(1) > FREE_WITHDRAWALS_PER_FEE
}

/// Moves the fee, in tokens at `price` (1e6), from the user's position to the market's revenue pool.
fn charge_fee(market: &mut SpotMarket, price: i64, user: &mut User, stats: &mut UserStats) -> Result<u128> {
    let fee = WITHDRAWAL_FEE
        .times(market.one_token()?.into())?
        .over(price.unsigned_abs().into())?;
    user.cumulative_spot_fees = user.cumulative_spot_fees.plus(-fee.to::<i64>()?)?;
    let mut fees = stats.fees;
    fees.total_fee_paid = fees.total_fee_paid.plus(fee.to()?)?;
    stats.fees = fees;
    spot::move_revenue(fee, SpotBalanceType::Deposit, market)?;
    let place = user.spot_place_or_new(market.market_index)?;
    // Not counted among the position's net deposits.
    spot::move_and_count(
        fee,
        0,
        SpotBalanceType::Borrow,
        market,
        &mut user.spot_positions[place],
        false,
    )?;
    Ok(fee)
}

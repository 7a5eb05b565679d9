use super::create_like;
use crate::accounts::{Account, Pubkey, TokenAccount, User, UserStats};
use crate::engine::{Frame, Held, guard};
use crate::error::{ErrorCode, Result};
use crate::instruction::{InitializeUser, InitializeUserAccounts};
use crate::key::{SYSTEM_PROGRAM, pda};
use crate::num::Checked;
use std::sync::LazyLock;

/// What a sub-account is opened as. Copying it is quicker than clearing as many bytes.
static BLANK: LazyLock<Box<User>> = LazyLock::new(Box::default);

/// Opens a sub-account. The remaining accounts may name a referrer and the referrer's statistics, and, on an exchange
/// with a whitelist, a token account that admits.
///
/// Lamports are no part of the model: whoever pays is taken to have enough for rent and fee.
pub(in crate::engine) fn initialize_user(frame: &mut Frame, arguments: &InitializeUser) -> Result {
    let at = InitializeUserAccounts::<usize>::positions();
    let mut stats = frame.take::<UserStats>(at.user_stats)?;
    let mut state = guard::state(frame, at.state)?;
    let authority = frame.signer(at.authority)?;
    frame.signer(at.payer)?;
    guard::rent(frame, at.rent)?;
    guard::program(frame, at.system_program, SYSTEM_PROGRAM)?;
    let number = arguments.sub_account_id;
    let mut user = create_like(frame, at.user, pda::user(&authority, number), &**BLANK)?;
    frame.must_be_writable(at.user_stats)?;
    if stats.authority != authority {
        return Err(ErrorCode::ConstraintHasOne);
    }
    frame.must_be_writable(at.state)?;
    frame.must_be_writable(at.payer)?;

    user.authority = authority;
    user.name = arguments.name;
    user.sub_account_id = number;
    (user.next_order_id, user.next_liquidation_id) = (1, 1);

    let mut next = at.system_program + 1;
    stats.number_of_sub_accounts = stats.number_of_sub_accounts.plus(1)?;
    if stats.number_of_sub_accounts == 1 {
        stats.referrer = refer(frame, &mut next)?.unwrap_or_default();
    }
    if state.whitelist_mint != Pubkey::default() {
        admit(frame, next, state.whitelist_mint, authority)?;
    }
    if number != stats.number_of_sub_accounts_created {
        return Err(ErrorCode::InvalidUserSubAccountId);
    }
    stats.number_of_sub_accounts_created = number.plus(1)?;
    state.number_of_sub_accounts = state.number_of_sub_accounts.plus(1)?;
    if !state.admits(state.number_of_sub_accounts) {
        return Err(ErrorCode::MaxNumberOfUsers);
    }
    state.opening_fee()?;
    frame.put(stats);
    frame.put(state);
    frame.put(user);
    Ok(())
}

/// Marks the referrer that the remaining accounts name from `next` on, if they do, and answers whose account it is.
/// Moves `next` behind what was recognised.
fn refer(frame: &mut Frame, next: &mut usize) -> Result<Option<Pubkey>> {
    let taken = ErrorCode::CouldNotDeserializeReferrer;
    let Some(referrer) = named::<User>(frame, next, taken)? else {
        return Ok(None);
    };
    let taken = ErrorCode::CouldNotDeserializeReferrerStats;
    let Some(mut stats) = named::<UserStats>(frame, next, taken)? else {
        frame.put(referrer);
        return Ok(None);
    };
    if referrer.sub_account_id != 0 {
        return Err(ErrorCode::InvalidReferrer);
    }
    if referrer.authority != stats.authority {
        return Err(ErrorCode::ReferrerAndReferrerStatsAuthorityUnequal);
    }
    stats.is_referrer = true.into();
    let authority = referrer.authority;
    frame.put(referrer);
    frame.put(stats);
    Ok(Some(authority))
}

/// Takes the account at `next` if it is a `T`, and moves on. One that this very instruction has in its hands is
/// refused as `taken`; a read-only one as `ReferrerMustBeWritable`, statistics too.
fn named<T: crate::accounts::Stored>(
    frame: &mut Frame,
    next: &mut usize,
    taken: ErrorCode,
) -> Result<Option<Held<T>>> {
    if *next >= frame.len() {
        return Ok(None);
    }
    match frame.account(*next)? {
        Account::Taken(_) => return Err(taken),
        other if T::peek(other).is_none() => return Ok(None),
        _ => {}
    }
    let held = frame.take::<T>(*next)?;
    if !held.is_writable() {
        return Err(ErrorCode::ReferrerMustBeWritable);
    }
    *next += 1;
    Ok(Some(held))
}

/// Refuses with `InvalidWhitelistToken` unless the account at `next` holds the `mint` for `authority`, any amount.
fn admit(frame: &Frame, next: usize, mint: Pubkey, authority: Pubkey) -> Result {
    let admitted = next < frame.len()
        && matches!(frame.account(next)?, Account::Token(token) if holds(token, mint, authority));
    if admitted {
        Ok(())
    } else {
        Err(ErrorCode::InvalidWhitelistToken)
    }
}

fn holds(token: &TokenAccount, mint: Pubkey, authority: Pubkey) -> bool {
    token.mint == mint && token.owner == authority
}

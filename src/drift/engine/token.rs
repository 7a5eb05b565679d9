//! Token transfers under the SPL token program's own rules.

use super::frame::Frame;
use crate::accounts::{Pubkey, TokenAccount};
use crate::error::{ErrorCode, Result};
use crate::num::Checked;

/// A token account's state when its mint's authority froze it.
const FROZEN: u8 = 2;

/// A copy of the token account at `position`, refused as Anchor's loader refuses another type.
pub(super) fn read(frame: &mut Frame, position: usize) -> Result<TokenAccount> {
    let held = frame.take::<TokenAccount>(position)?;
    let copy = *held;
    frame.put(held);
    Ok(copy)
}

/// Moves `amount` between the token accounts at two positions on `authority`'s word. Refusals come in the token
/// program's order: frozen, too little, another mint, not the owner's or delegate's word, too much for the receiver.
pub(super) fn transfer(frame: &mut Frame, from: usize, to: usize, authority: Pubkey, amount: u64) -> Result {
    let to_itself = frame.key(from)? == frame.key(to)?;
    let mut source = frame.take::<TokenAccount>(from)?;
    if to_itself {
        let destination = *source;
        debit(&mut source, &destination, authority, amount, true)?;
        frame.put(source);
        return Ok(());
    }
    let mut destination = frame.take::<TokenAccount>(to)?;
    debit(&mut source, &destination, authority, amount, false)?;
    destination.amount = { destination.amount }
        .checked_add(amount)
        .ok_or(ErrorCode::TokenOverflow)?;
    frame.put(source);
    frame.put(destination);
    Ok(())
}

/// Checks a transfer and takes it off `source`, unless it goes to itself.
fn debit(
    source: &mut TokenAccount,
    destination: &TokenAccount,
    authority: Pubkey,
    amount: u64,
    to_itself: bool,
) -> Result {
    if source.state == FROZEN || destination.state == FROZEN {
        return Err(ErrorCode::TokenAccountFrozen);
    }
    if source.amount < amount {
        return Err(ErrorCode::TokenInsufficientFunds);
    }
    if source.mint != destination.mint {
        return Err(ErrorCode::TokenMintMismatch);
    }
    if source.delegate_tag == 1 && source.delegate == authority {
        if source.delegated_amount < amount {
            return Err(ErrorCode::TokenInsufficientFunds);
        }
        if !to_itself {
            source.delegated_amount = { source.delegated_amount }.minus(amount)?;
            if source.delegated_amount == 0 {
                source.delegate_tag = 0;
                source.delegate = Pubkey::default();
            }
        }
    } else if source.owner != authority {
        return Err(ErrorCode::TokenOwnerMismatch);
    }
    if !to_itself {
        source.amount = { source.amount }.minus(amount)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(amount: u64) -> TokenAccount {
        TokenAccount {
            amount,
            ..TokenAccount::new(Pubkey([1; 32]), Pubkey([2; 32]))
        }
    }

    #[test]
    fn only_owner_or_delegate_may_spend() {
        let other = account(0);
        let owner = Pubkey([2; 32]);
        let stranger = Pubkey([3; 32]);
        let mut source = account(10);
        assert_eq!(
            debit(&mut source, &other, owner, 11, false),
            Err(ErrorCode::TokenInsufficientFunds)
        );
        assert_eq!(
            debit(&mut source, &other, stranger, 5, false),
            Err(ErrorCode::TokenOwnerMismatch)
        );
        assert_eq!(debit(&mut source, &other, owner, 4, false), Ok(()));
        assert_eq!({ source.amount }, 6);

        source.delegate_tag = 1;
        source.delegate = stranger;
        source.delegated_amount = 2;
        assert_eq!(
            debit(&mut source, &other, stranger, 3, false),
            Err(ErrorCode::TokenInsufficientFunds)
        );
        assert_eq!(debit(&mut source, &other, stranger, 2, false), Ok(()));
        assert_eq!((source.delegate_tag, { source.amount }), (0, 4));
        assert_eq!(
            debit(&mut source, &other, stranger, 0, false),
            Err(ErrorCode::TokenOwnerMismatch)
        );
    }

    #[test]
    fn frozen_accounts_and_other_mints_are_refused() {
        let mut source = account(10);
        let frozen = TokenAccount {
            state: FROZEN,
            ..account(0)
        };
        let owner = source.owner;
        assert_eq!(
            debit(&mut source, &frozen, owner, 11, false),
            Err(ErrorCode::TokenAccountFrozen)
        );
        let foreign = TokenAccount {
            mint: Pubkey([9; 32]),
            ..account(0)
        };
        assert_eq!(
            debit(&mut source, &foreign, owner, 1, false),
            Err(ErrorCode::TokenMintMismatch)
        );
    }
}

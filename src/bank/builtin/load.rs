//! Account infos as the engine sees accounts.

use anchor_lang::solana_program::account_info::AccountInfo;
use anchor_lang::solana_program::program_error::ProgramError;
use drift::accounts::{Account, Pubkey};
use drift::instruction::AccountMeta;
use drift::key::SYSTEM_PROGRAM;

/// The contents of an account.
pub(super) fn account(info: &AccountInfo) -> Result<Account, ProgramError> {
    // Programs are never looked into, and large.
    if info.executable {
        return Ok(Account::Opaque);
    }
    let owner = Pubkey(info.owner.to_bytes());
    let data = info.try_borrow_data()?;
    Ok(if owner == SYSTEM_PROGRAM && data.is_empty() {
        empty(info)
    } else {
        Account::decode(owner, &data)
    })
}

/// An account without data: one that is not there, or a wallet. An address that nobody can sign for is no wallet,
/// whatever lamports were sent to it, and can still become an account of the program's.
fn empty(info: &AccountInfo) -> Account {
    if info.is_signer || (info.lamports() > 0 && info.key.is_on_curve()) {
        Account::Opaque
    } else {
        Account::Absent
    }
}

/// An account's address and rights.
pub(super) fn meta(info: &AccountInfo) -> AccountMeta {
    AccountMeta::new(Pubkey(info.key.to_bytes()), info.is_signer, info.is_writable)
}

//! New accounts, by the system program.

use anchor_lang::Result;
use anchor_lang::context::CpiContext;
use anchor_lang::prelude::SolanaSysvar;
use anchor_lang::solana_program::account_info::AccountInfo;
use anchor_lang::solana_program::pubkey::Pubkey as Address;
use anchor_lang::solana_program::rent::Rent;
use anchor_lang::system_program::{self as system, Allocate, Assign, CreateAccount, Transfer};
use drift::accounts::Pubkey;

/// Creates `info` with `space` bytes for `owner`, free of rent at the expense of `payer`; the program signs for it with
/// `seeds`.
///
/// As Anchor does, also where somebody sent lamports to the address before.
pub(super) fn create<'a>(
    payer: &AccountInfo<'a>,
    info: &AccountInfo<'a>,
    seeds: &[Vec<u8>],
    space: usize,
    owner: Pubkey,
) -> Result<()> {
    let seeds: Vec<&[u8]> = seeds.iter().map(Vec::as_slice).collect();
    let signer: &[&[&[u8]]] = if seeds.is_empty() { &[] } else { &[&seeds] };
    let owner = Address::new_from_array(owner.0);
    let (rent, there) = (Rent::get()?.minimum_balance(space), info.lamports());
    if there == 0 {
        let accounts = CreateAccount {
            from: payer.clone(),
            to: info.clone(),
        };
        let context = CpiContext::new_with_signer(system::ID, accounts, signer);
        return system::create_account(context, rent, space as u64, &owner);
    }
    if let Some(missing) = rent.checked_sub(there).filter(|missing| *missing > 0) {
        let accounts = Transfer {
            from: payer.clone(),
            to: info.clone(),
        };
        system::transfer(CpiContext::new(system::ID, accounts), missing)?;
    }
    let accounts = Allocate {
        account_to_allocate: info.clone(),
    };
    let context = CpiContext::new_with_signer(system::ID, accounts, signer);
    system::allocate(context, space as u64)?;
    let accounts = Assign {
        account_to_assign: info.clone(),
    };
    system::assign(CpiContext::new_with_signer(system::ID, accounts, signer), &owner)
}

//! Token accounts, by the token program.

use super::create;
use anchor_lang::Result;
use anchor_lang::context::CpiContext;
use anchor_lang::solana_program::account_info::AccountInfo;
use anchor_lang::solana_program::program_error::ProgramError;
use anchor_spl::token::{self, InitializeAccount3, Transfer};
use drift::accounts::{Pubkey, TokenAccount};
use drift::key::TOKEN_PROGRAM;
use drift::key::pda::Derived;
use solana_sdk::program_stubs::sol_log;

/// A token account that the engine changed.
pub(super) struct Balance<'b, 'a> {
    info: &'b AccountInfo<'a>,
    mint: Pubkey,
    owner: Pubkey,
    /// What is still to come in, or to go out where negative.
    due: i128,
    after: &'b TokenAccount,
}

impl<'b, 'a> Balance<'b, 'a> {
    /// The change of `info` from `before` to `after`.
    pub(super) fn new(info: &'b AccountInfo<'a>, before: &TokenAccount, after: &'b TokenAccount) -> Self {
        Self {
            info,
            mint: before.mint,
            owner: before.owner,
            due: i128::from(after.amount) - i128::from(before.amount),
            after,
        }
    }
}

/// Opens the empty account `info` for `token`'s mint and owner, which are among `all`.
pub(super) fn open<'a>(
    payer: &AccountInfo<'a>,
    info: &AccountInfo<'a>,
    all: &[AccountInfo<'a>],
    token: &TokenAccount,
    seeds: &[Vec<u8>],
) -> Result<()> {
    create::create(payer, info, seeds, size_of::<TokenAccount>(), TOKEN_PROGRAM)?;
    let accounts = InitializeAccount3 {
        account: info.clone(),
        mint: named(all, token.mint)?.clone(),
        authority: named(all, token.owner)?.clone(),
    };
    token::initialize_account3(CpiContext::new(token::ID, accounts))?;
    must_hold(info, token)
}

/// Moves tokens from the accounts that lost some to those that got some, until each has what the engine says.
pub(super) fn settle<'a>(all: &[AccountInfo<'a>], mut balances: Vec<Balance<'_, 'a>>) -> Result<()> {
    let key = |balance: &Balance| (balance.mint, balance.due);
    for from in 0..balances.len() {
        for to in 0..balances.len() {
            let ((mint, owed), (other, wanted)) = (key(&balances[from]), key(&balances[to]));
            if mint != other || owed >= 0 || wanted <= 0 {
                continue;
            }
            let amount = wanted.min(-owed);
            transfer(all, &balances[from], &balances[to], amount as u64)?;
            balances[from].due += amount;
            balances[to].due -= amount;
        }
    }
    balances
        .iter()
        .try_for_each(|balance| must_hold(balance.info, balance.after))
}

fn transfer<'a>(
    all: &[AccountInfo<'a>],
    from: &Balance<'_, 'a>,
    to: &Balance<'_, 'a>,
    amount: u64,
) -> Result<()> {
    let accounts = Transfer {
        from: from.info.clone(),
        to: to.info.clone(),
        authority: named(all, from.owner)?.clone(),
    };
    let context = CpiContext::new(token::ID, accounts);
    if from.owner != Derived::Signer.address() {
        return token::transfer(context, amount);
    }
    let seeds = Derived::Signer.signing_seeds();
    let seeds: Vec<&[u8]> = seeds.iter().map(Vec::as_slice).collect();
    token::transfer(context.with_signer(&[&seeds]), amount)
}

fn named<'b, 'a>(all: &'b [AccountInfo<'a>], key: Pubkey) -> Result<&'b AccountInfo<'a>> {
    let found = all.iter().find(|info| info.key.to_bytes() == key.0);
    Ok(found.ok_or(ProgramError::NotEnoughAccountKeys)?)
}

fn must_hold(info: &AccountInfo, token: &TokenAccount) -> Result<()> {
    if **info.try_borrow_data()? == *bytemuck::bytes_of(token) {
        return Ok(());
    }
    sol_log(&format!("token account {} is not as the engine has it", info.key));
    Err(ProgramError::InvalidAccountData.into())
}

//! The built-in program: the engine as a native program at Drift's address, for machines without a Drift ELF.
//!
//! What Anchor hands to a program comes in, and what Anchor's programs answer goes out: account infos, discriminators and
//! Borsh, Anchor's error numbers and log lines. In between the engine executes the instruction over copies of the accounts,
//! with the checks that Anchor's generated code makes in the real program. Then what changed is written back: the
//! program's own accounts as bytes, new accounts by the system program, tokens by the token program.
//!
//! All or nothing: an instruction that the engine refuses has written nothing, and one that fails later, in another
//! program, ends the transaction, which the runtime then undoes whole.

mod answer;
mod create;
mod load;
mod register;
mod tokens;
mod write;

use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::SolanaSysvar;
use anchor_lang::solana_program::account_info::AccountInfo;
use anchor_lang::solana_program::clock::Clock as ClockSysvar;
use anchor_lang::solana_program::entrypoint::ProgramResult;
use anchor_lang::solana_program::pubkey::Pubkey;
use drift::accounts::Account;
use drift::clock::Clock;
use drift::engine::Switches;
use drift::instruction::{AccountMeta, Instruction};
use drift::key::DRIFT;
use drift::ledger::run_atomic;
pub(super) use register::add_to;

/// The program's entrypoint. A refusal is logged as Anchor logs it.
///
/// # Errors
/// The engine's refusal by its number, or that of a program it calls.
pub fn process<'a>(program: &Pubkey, accounts: &[AccountInfo<'a>], data: &[u8]) -> ProgramResult {
    execute(program, accounts, data).map_err(|error| {
        answer::log_refusal(&error);
        error.into()
    })
}

fn execute<'a>(program: &Pubkey, infos: &[AccountInfo<'a>], data: &[u8]) -> anchor_lang::Result<()> {
    if program.to_bytes() != DRIFT.0 {
        return Err(ErrorCode::DeclaredProgramIdMismatch.into());
    }
    let name = Instruction::named(data).map_err(answer::refusal)?;
    answer::log_name(name);
    let instruction = Instruction::decode(data).map_err(answer::refusal)?;

    let before: Vec<Account> = infos.iter().map(load::account).collect::<Result<_, _>>()?;
    let metas: Vec<AccountMeta> = infos.iter().map(load::meta).collect();
    let mut after = before.clone();
    let now = ClockSysvar::get()?;
    let clock = Clock {
        slot: now.slot,
        unix_timestamp: now.unix_timestamp,
    };
    // The deployed rules always: research switches are for the engine that is compared with the program.
    run_atomic(clock, Switches::default(), &instruction, &metas, &mut after).map_err(answer::refusal)?;
    write::changes(&instruction, infos, &before, &after)
}

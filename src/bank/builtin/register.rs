//! Making the program known to a bank.

use super::super::scratch::use_own_folder;
use super::process;
use drift::key::DRIFT;
use solana_program_runtime::invoke_context::BuiltinFunctionWithContext;
use solana_program_runtime::loaded_programs::ProgramCacheEntry;
use solana_program_test::{ProgramTest, processor, tokio};
use solana_runtime::bank::Bank;
use solana_sdk::pubkey::Pubkey;
use std::sync::Once;

/// The program's name in the bank.
const NAME: &str = "drift";

/// Puts the program at Drift's address in `bank`; it can be called from there and from later slots.
pub(in crate::bank) fn add_to(bank: &Bank) {
    static ONCE: Once = Once::new();
    ONCE.call_once(open_system_calls);
    let entrypoint: Option<BuiltinFunctionWithContext> = processor!(process);
    if let Some(entrypoint) = entrypoint {
        let program = ProgramCacheEntry::new_builtin(bank.slot(), NAME.len(), entrypoint);
        bank.add_builtin(Pubkey::new_from_array(DRIFT.0), NAME, program);
    }
}

/// Has native programs reach the running bank when they log, read the clock or call another program. Only
/// solana-program-test has what it takes, and only sets it up when it starts a bank of its own: one that nobody uses.
fn open_system_calls() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime without I/O or threads opens nothing that could fail");
    use_own_folder();
    drop(runtime.block_on(ProgramTest::default().start()));
    // It also turns on a logger that prints every line of every program. Whoever wants those says so.
    if std::env::var_os("RUST_LOG").is_none() {
        log::set_max_level(log::LevelFilter::Off);
    }
}

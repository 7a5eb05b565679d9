//! A Solana bank in this process: the runtime of a validator, one slot, no network, no threads of ours.
//!
//! It runs a Drift ELF at Drift's address, or the engine itself as a native program, beside the SPL token program, and is a [`Ledger`](drift::ledger::Ledger): the same
//! events, lowered by the same code, reach the engine and the program.

pub mod builtin;
mod deployed;
mod features;
mod ledger;
mod outcome;
mod program;
mod receipt;
mod runtime;
mod scratch;
mod transaction;

/// The version of the runtime, as `Cargo.toml` pins it.
pub const RUNTIME_VERSION: &str = "3.1.11";

pub use deployed::Deployed;
pub use features::{Features, features};
pub use ledger::BankLedger;
pub use program::{
    ElfFacts, FetchError, Program, ProgramError, RELEASES, Release, Request, Source, cache_folder,
    cached_programs, fetch, inspect, save,
};
pub use receipt::Receipt;
pub use scratch::remove_temporary_folders;

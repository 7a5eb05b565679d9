//! Drift v2, release 2.83: its accounts, instructions and rules. Knows nothing of agents, files or Solana's runtime.
#![warn(missing_docs)]
#![deny(unsafe_code)]

pub mod accounts;
pub mod clock;
pub mod engine;
pub mod error;
pub mod instruction;
pub mod key;
pub mod ledger;
pub mod math;
pub mod num;
pub mod units;

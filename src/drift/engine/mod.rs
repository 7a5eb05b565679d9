//! The rule book: one function an instruction, one file a family.

pub mod amm_fill;
mod frame;
mod guard;
pub mod lp;
mod markets;
mod oracles;
pub mod position;

use super::error::{ErrorCode, Result};
use super::instruction::Instruction;
pub use frame::{BeforeTrade, Frame, Held, Slot, Switches};
pub use markets::{Indexed, Markets, MustWrite, Table};
pub use oracles::{OraclePrice, Oracles, read_price};

/// Executes `instruction` over the accounts of `frame`. When it fails the frame's writable accounts are in no
/// particular state: the ledger that built the frame restores them.
pub fn execute(frame: &mut Frame, instruction: &Instruction) -> Result {
    let _ = frame;
    match instruction {
        _ => Err(ErrorCode::NotModelled),
    }
}

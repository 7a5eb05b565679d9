//! The rule book: one function an instruction, one file a family.

pub mod amm_fill;
mod deposit;
mod frame;
mod guard;
mod interest;
pub mod lp;
pub mod margin;
pub mod margin_check;
mod markets;
mod oracles;
pub mod position;
pub mod spot;
mod token;
mod withdraw;

use super::error::{ErrorCode, Result};
use super::instruction::Instruction;
pub use frame::{BeforeTrade, Frame, Held, Slot, Switches};
pub use markets::{Indexed, Markets, MustWrite, Table};
pub use oracles::{OraclePrice, Oracles, read_price};

/// Executes `instruction` over the accounts of `frame`. When it fails the frame's writable accounts are in no
/// particular state: the ledger that built the frame restores them.
pub fn execute(frame: &mut Frame, instruction: &Instruction) -> Result {
    match instruction {
        Instruction::Deposit(arguments) => deposit::deposit(frame, arguments),
        Instruction::Withdraw(arguments) => withdraw::withdraw(frame, arguments),
        Instruction::UpdateSpotMarketCumulativeInterest(arguments) => {
            interest::update_spot_market_cumulative_interest(frame, arguments)
        }
        _ => Err(ErrorCode::NotModelled),
    }
}

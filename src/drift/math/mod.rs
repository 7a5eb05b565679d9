//! Formulas over accounts: no control flow of instructions, no ledger.

pub mod lp;
pub mod oracle;
pub mod perp_value;
pub mod position_change;
pub mod proportion;
pub mod step;

//! Formulas over accounts: no control flow of instructions, no ledger.

pub mod limits;
pub mod lp;
pub mod lp_share;
pub mod market_check;
pub mod oracle;
pub mod perp_value;
pub mod position_change;
pub mod proportion;
pub mod settlement;
pub mod step;

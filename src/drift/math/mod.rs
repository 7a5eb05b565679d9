//! Formulas over accounts: no control flow of instructions, no ledger.

pub mod average;
pub mod fill_simulation;
pub mod interest;
pub mod limits;
pub mod lp;
pub mod lp_share;
pub mod market_check;
pub mod oracle;
pub mod perp_margin;
pub mod perp_value;
pub mod position_change;
pub mod proportion;
pub mod settlement;
pub mod spot_balance;
pub mod spot_position;
pub mod step;
pub mod strict_price;
pub mod user_pnl;
pub mod weight;
pub mod withdraw;

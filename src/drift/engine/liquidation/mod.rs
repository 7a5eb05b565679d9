//! Taking over what users cannot carry any more: a position, a debt, a profit or a loss, each for something in return.

mod borrow_for_pnl;
mod case;
mod perp;
mod pnl_for_deposit;
mod sides;
mod spot;
mod takeover;
#[cfg(test)]
mod tests;

pub(super) use borrow_for_pnl::liquidate_borrow_for_perp_pnl;
pub(super) use perp::liquidate_perp;
pub(super) use pnl_for_deposit::liquidate_perp_pnl_for_deposit;
pub(super) use sides::{Named, Sides};
pub(super) use spot::liquidate_spot;

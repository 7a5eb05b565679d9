//! Instructions that create accounts.

mod exchange;
mod perp_market;
mod spot_market;
mod user;
mod user_stats;

#[cfg(test)]
pub(super) mod tests;

pub(super) use exchange::initialize;
pub(super) use perp_market::initialize_perp_market;
pub(super) use spot_market::initialize_spot_market;
pub(super) use user::initialize_user;
pub(super) use user_stats::initialize_user_stats;

use super::{Frame, Held, guard};
use crate::accounts::{Pubkey, Stored};
use crate::error::Result;

/// Creates an account at the `address` derived for it and takes it: `ConstraintSeeds` when another one is named,
/// `AccountAlreadyInUse` when there is one already.
pub(super) fn create<T: Stored + Default>(
    frame: &mut Frame,
    position: usize,
    address: Pubkey,
) -> Result<Held<T>> {
    create_like(frame, position, address, &T::default())
}

/// [`create`], with the contents of `blank`.
fn create_like<T: Stored>(frame: &mut Frame, position: usize, address: Pubkey, blank: &T) -> Result<Held<T>> {
    guard::seeds(frame.key(position)?, address)?;
    frame.create_and_take(position, Box::new(*blank))
}

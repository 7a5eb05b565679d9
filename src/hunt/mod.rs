//! Random sessions on two sides, the engine and a program or two programs, until they differ.
//!
//! A session opens an exchange whose markets, parameters and users follow from a seed, and then does one [`Action`] after another: an
//! instruction with arguments and accounts that are mostly sensible and at times on the border or wrong, or a shock from
//! outside. After each instruction the outcome and every account that it could write are compared, and what must always hold is
//! checked. A search is steered towards instructions, outcomes and classes of state that it has not reached. What it finds
//! is made as short as it can be and written down.

mod accounts;
mod action;
mod arcs;
mod arguments;
mod coverage;
mod dice;
mod difference;
mod focus;
mod found;
mod orders;
mod run;
mod scene;
mod search;
mod session;
mod settings;
mod shocks;
mod shrink;
mod side;
mod steer;

pub use coverage::{Coverage, Reached};
pub use difference::Difference;
pub use found::{Found, write_summary};
pub use run::{Played, play};
pub use search::{Search, Searched, search};
pub use session::{Action, Session, SessionError};
pub use side::Runs;

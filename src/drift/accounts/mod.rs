//! The program's accounts, byte for byte as they lie on chain.

mod account;
mod admission;
mod amm;
mod defaults;
mod insurance_stake;
mod kinds;
pub mod layout;
mod oracle;
mod pauses;
mod perp_market;
mod perp_position;
mod spot_market;
mod state;
mod token;
mod user;
mod user_state;
mod user_stats;

pub use super::key::Pubkey;
pub use account::{Account, Stored, Unknown};
pub use amm::*;
pub use insurance_stake::*;
pub use kinds::*;
pub use oracle::*;
pub use pauses::*;
pub use perp_market::*;
pub use spot_market::*;
pub use state::*;
pub use token::*;
pub use user::*;
pub use user_state::UserStatus;
pub use user_stats::*;

//! The program's instructions, typed: arguments and accounts, and their form on the wire (eight bytes of
//! discriminator, then Borsh).

mod args;
mod arguments;
mod table;

use super::accounts::Pubkey;
use super::error::{ErrorCode, Result};
pub use args::OrderParams;
pub use table::*;

/// How an instruction refers to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountMeta {
    /// The address.
    pub key: Pubkey,
    /// Whether its holder signed.
    pub signer: bool,
    /// Whether the instruction may change it.
    pub writable: bool,
}

impl AccountMeta {
    /// An account that is only read.
    pub fn readonly(key: Pubkey) -> Self {
        Self {
            key,
            signer: false,
            writable: false,
        }
    }

    /// An account that may be changed.
    pub fn writable(key: Pubkey) -> Self {
        Self {
            key,
            signer: false,
            writable: true,
        }
    }
}

/// An instruction ready to execute on either ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What to do.
    pub instruction: Instruction,
    /// The accounts of the interface in its order, then the remaining ones.
    pub accounts: Vec<AccountMeta>,
}

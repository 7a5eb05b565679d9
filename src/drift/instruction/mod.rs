//! The program's instructions, typed: arguments and accounts, and their form on the wire (eight bytes of
//! discriminator, then Borsh).

mod args;
mod arguments;
mod table;

use super::accounts::Pubkey;
use super::error::{ErrorCode, Result};
pub use args::OrderParams;
pub use table::*;

/// An account's address, and the number under which a ledger keeps it.
#[derive(Clone, Copy, Debug)]
pub struct Address {
    /// The address.
    pub key: Pubkey,
    /// A hint that saves a ledger looking the address up. One that has the account elsewhere looks it up all the same.
    pub number: u32,
}

impl From<Pubkey> for Address {
    fn from(key: Pubkey) -> Self {
        Self {
            key,
            number: u32::MAX,
        }
    }
}

/// How an instruction refers to an account.
#[derive(Clone, Copy, Debug)]
pub struct AccountMeta {
    /// The address.
    pub key: Pubkey,
    /// See [`Address::number`].
    pub number: u32,
    /// Whether its holder signed.
    pub signer: bool,
    /// Whether the instruction may change it.
    pub writable: bool,
}

impl PartialEq for AccountMeta {
    /// By address and rights: a number says where one ledger keeps the account, not which it is.
    fn eq(&self, other: &Self) -> bool {
        (self.key, self.signer, self.writable) == (other.key, other.signer, other.writable)
    }
}

impl Eq for AccountMeta {}

impl AccountMeta {
    /// An account with these rights.
    pub fn new(address: impl Into<Address>, signer: bool, writable: bool) -> Self {
        let Address { key, number } = address.into();
        Self {
            key,
            number,
            signer,
            writable,
        }
    }

    /// An account that is only read.
    pub fn readonly(address: impl Into<Address>) -> Self {
        Self::new(address, false, false)
    }

    /// An account that may be changed.
    pub fn writable(address: impl Into<Address>) -> Self {
        Self::new(address, false, true)
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

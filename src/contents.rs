//! What an account holds, as either side knows it: typed, or bytes that some interface can read.

use drift::accounts::layout::{Describe, Value};
use drift::accounts::{Account, Pubkey};
use drift::key::DRIFT;
use drift::ledger::{Ledger, MemoryLedger};
use std::sync::Arc;

/// Reads accounts of a program that this crate has no types for, such as by its interface description.
pub trait Decode: Send + Sync + std::fmt::Debug {
    /// The account type's name, and its fields in the order of the layout, named as in [`drift::accounts`].
    fn fields(&self, owner: &Pubkey, data: &[u8]) -> (String, Vec<(String, Value)>);
}

/// An account's contents. Kept compact; fields are named only where two sides differ.
#[derive(Clone, Debug)]
pub enum Contents {
    /// As the crate's own types have it.
    Account(Account),
    /// Bytes, and who can read them.
    Bytes {
        /// Reads them.
        decoder: Arc<dyn Decode>,
        /// The program that owns the account.
        owner: Pubkey,
        /// What the account holds.
        data: Box<[u8]>,
    },
    /// Fields by name, such as from a table of results.
    Fields {
        /// The account type's name.
        kind: String,
        /// Dotted paths and values, in order.
        fields: Vec<(String, Value)>,
    },
}

impl From<Account> for Contents {
    fn from(account: Account) -> Self {
        Contents::Account(account)
    }
}

impl Contents {
    /// Whether there is nothing: an account that is not there, or was closed.
    pub fn is_absent(&self) -> bool {
        matches!(self, Contents::Account(Account::Absent))
    }

    /// The account type's name and every field, in the order of the layout.
    pub fn fields(&self) -> (String, Vec<(String, Value)>) {
        match self {
            Contents::Account(account) => {
                let mut fields = Vec::new();
                account.describe(&mut String::new(), &mut |path, value| {
                    fields.push((path.to_owned(), value));
                });
                (account.type_name().to_owned(), fields)
            }
            Contents::Bytes { decoder, owner, data } => decoder.fields(owner, data),
            Contents::Fields { kind, fields } => (kind.clone(), fields.clone()),
        }
    }

    /// Whether both hold the same for certain; where layouts may differ only the fields can tell.
    pub(super) fn same(&self, other: &Contents) -> bool {
        match (self, other) {
            (Contents::Account(left), Contents::Account(right)) => left == right,
            (
                Contents::Bytes {
                    decoder: by,
                    owner,
                    data,
                },
                Contents::Bytes {
                    decoder,
                    owner: theirs,
                    data: right,
                },
            ) => Arc::ptr_eq(by, decoder) && owner == theirs && data == right,
            (
                Contents::Fields { kind, fields },
                Contents::Fields {
                    kind: theirs,
                    fields: right,
                },
            ) => kind == theirs && fields == right,
            _ => false,
        }
    }
}

impl Decode for crate::idl::Idl {
    /// What is no account of the interface's is read as this crate reads it.
    fn fields(&self, owner: &Pubkey, data: &[u8]) -> (String, Vec<(String, Value)>) {
        let decoded = (*owner == DRIFT).then(|| self.decode(data).ok()).flatten();
        decoded.unwrap_or_else(|| Contents::from(Account::decode(*owner, data)).fields())
    }
}
/// A ledger that can be watched.
pub trait Observed: Ledger {
    /// What the account at `key` holds, as this side's own interface has it.
    fn contents(&self, key: &Pubkey) -> Contents {
        self.account(key).cloned().unwrap_or_default().into()
    }

    /// Compute units of the last instruction, and the line in which the program said what is wrong; nothing where the
    /// ledger counts and says nothing.
    fn last_receipt(&self) -> (Option<u64>, Option<String>) {
        (None, None)
    }
}

impl Observed for MemoryLedger {}

//! Any account: decoded by its owner and discriminator, and encoded again.

use super::layout::{Describe, Fill, Value, ValueOf, Visit};
use super::*;
use crate::engine::{Copies, Journal};
use crate::error::{ErrorCode, Result};
use crate::key::{DRIFT, PYTH_PROGRAM, SYSTEM_PROGRAM, TOKEN_PROGRAM};

/// An account's contents. Boxed, so that moving one is moving a pointer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Account {
    /// Not there, or an empty system account.
    #[default]
    Absent,
    /// A program, sysvar or wallet: never looked into.
    Opaque,
    /// Taken out by the running instruction.
    Taken(Loaded),
    /// Exchange-wide state.
    State(Box<State>),
    /// A perpetual market with its AMM.
    PerpMarket(Box<PerpMarket>),
    /// A spot market.
    SpotMarket(Box<SpotMarket>),
    /// A trader's or liquidity provider's sub-account.
    User(Box<User>),
    /// An authority's statistics.
    UserStats(Box<UserStats>),
    /// A stake in an insurance fund.
    InsuranceFundStake(Box<InsuranceFundStake>),
    /// A token account.
    Token(Box<TokenAccount>),
    /// A token mint.
    Mint(Box<Mint>),
    /// A Pyth v2 price account, and whatever follows the part that is read.
    Oracle(Box<PriceFeed>, Box<[u8]>),
    /// Anything else.
    Other(Box<Unknown>),
}

/// An account that is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The program that owns it.
    pub owner: Pubkey,
    /// Its bytes.
    pub data: Box<[u8]>,
}

/// A type of account an instruction can take out of the ledger and put back.
pub trait Stored: Copy {
    /// Moves the value out; the failure is the one that Anchor's loader would report.
    fn take(account: &mut Account) -> Result<Box<Self>>;
    /// The account that holds `value`.
    fn wrap(value: Box<Self>) -> Account;
    /// Puts back what [`Stored::take`] left a mark for.
    fn put_back(account: &mut Account, value: Box<Self>) {
        debug_assert!(matches!(account, Account::Taken(_)));
        // The mark owns nothing, so nothing is dropped.
        std::mem::forget(std::mem::replace(account, Self::wrap(value)));
    }
    /// Where a journal keeps copies of this type.
    fn copies(journal: &mut Journal) -> &mut Copies<Self>;
    /// The value, if the account holds one of this type.
    fn peek(account: &Account) -> Option<&Self>;
}

/// What stands for an account while an instruction has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded {
    kind: &'static Kind,
    /// Whether its bytes cannot be read at another place of the account list. Until the program changes the account in
    /// place, they can.
    pub(crate) locked: bool,
}

/// A type of account that can be taken.
#[derive(Debug, PartialEq, Eq)]
struct Kind {
    name: &'static str,
    owner: Pubkey,
}

/// What Anchor's loader answers when `found` stands where an account of type `wanted` was wanted.
#[cold]
fn mismatch(found: &Account, wanted: &'static Kind) -> ErrorCode {
    let owner = wanted.owner;
    match found {
        Account::Taken(loaded) if loaded.kind == wanted => ErrorCode::AccountBorrowFailed,
        Account::Absent if owner == TOKEN_PROGRAM => ErrorCode::AccountNotInitialized,
        _ if found.owner() != owner => ErrorCode::AccountOwnedByWrongProgram,
        _ => ErrorCode::AccountDiscriminatorMismatch,
    }
}

macro_rules! stored {
    ($($name:ident of $owner:ident, kept in $copies:ident;)*) => {$(
        impl Stored for $name {
            fn take(account: &mut Account) -> Result<Box<Self>> {
                static KIND: Kind = Kind { name: stringify!($name), owner: $owner };
                if !matches!(account, Account::$name(_)) {
                    return Err(mismatch(account, &KIND));
                }
                match std::mem::replace(account, Account::Taken(Loaded { kind: &KIND, locked: false })) {
                    Account::$name(value) => Ok(value),
                    _ => unreachable!("looked at above"),
                }
            }

            fn wrap(value: Box<Self>) -> Account {
                Account::$name(value)
            }

            fn copies(journal: &mut Journal) -> &mut Copies<Self> {
                &mut journal.$copies
            }

            fn peek(account: &Account) -> Option<&Self> {
                match account {
                    Account::$name(value) => Some(value),
                    _ => None,
                }
            }
        }
    )*};
}

stored! {
    State of DRIFT, kept in states;
    PerpMarket of DRIFT, kept in perp_markets;
    SpotMarket of DRIFT, kept in spot_markets;
    User of DRIFT, kept in users;
    UserStats of DRIFT, kept in user_stats;
    InsuranceFundStake of DRIFT, kept in stakes;
}

type Token = TokenAccount;
stored! {
    Token of TOKEN_PROGRAM, kept in tokens;
    Mint of TOKEN_PROGRAM, kept in mints;
}

/// First eight bytes of `sha256("account:<Name>")`.
const DISCRIMINATORS: [(&str, [u8; 8]); 6] = [
    ("State", [216, 146, 107, 94, 104, 75, 182, 177]),
    ("PerpMarket", [10, 223, 12, 44, 107, 245, 55, 247]),
    ("SpotMarket", [100, 177, 8, 107, 168, 65, 65, 39]),
    ("User", [159, 117, 95, 227, 239, 151, 58, 236]),
    ("UserStats", [176, 223, 136, 27, 122, 79, 32, 227]),
    ("InsuranceFundStake", [110, 202, 14, 42, 95, 73, 90, 95]),
];

impl Account {
    /// The account that `data` of program `owner` is. Never fails: what is not understood is `Other`.
    pub fn decode(owner: Pubkey, data: &[u8]) -> Self {
        fn boxed<T: bytemuck::AnyBitPattern>(data: &[u8]) -> Option<Box<T>> {
            bytemuck::try_pod_read_unaligned(data).ok().map(Box::new)
        }
        let typed = if owner == DRIFT {
            data.split_at_checked(8).and_then(|(tag, body)| {
                let name = DISCRIMINATORS.iter().find(|(_, known)| known == tag)?.0;
                match name {
                    "State" => boxed(body).map(Account::State),
                    "PerpMarket" => boxed(body).map(Account::PerpMarket),
                    "SpotMarket" => boxed(body).map(Account::SpotMarket),
                    "User" => boxed(body).map(Account::User),
                    "UserStats" => boxed(body).map(Account::UserStats),
                    _ => boxed(body).map(Account::InsuranceFundStake),
                }
            })
        } else if owner == TOKEN_PROGRAM {
            boxed(data)
                .map(Account::Token)
                .or_else(|| boxed(data).map(Account::Mint))
        } else if owner == PYTH_PROGRAM {
            data.split_at_checked(size_of::<PriceFeed>())
                .and_then(|(head, tail)| Some(Account::Oracle(boxed(head)?, tail.into())))
        } else {
            None
        };
        typed.unwrap_or_else(|| {
            let data = data.into();
            Account::Other(Box::new(Unknown { owner, data }))
        })
    }

    /// The account of the program's type `kind` with the leaves that `value_of` has, all others being zero; `None` for a
    /// type that is not known.
    pub fn filled(kind: &str, value_of: &mut ValueOf) -> Option<Self> {
        fn filled<T: Default + Fill>(value_of: &mut ValueOf) -> Box<T> {
            let mut value = Box::<T>::default();
            value.fill(&mut String::new(), value_of);
            value
        }
        Some(match kind {
            "State" => Account::State(filled(value_of)),
            "PerpMarket" => Account::PerpMarket(filled(value_of)),
            "SpotMarket" => Account::SpotMarket(filled(value_of)),
            "User" => Account::User(filled(value_of)),
            "UserStats" => Account::UserStats(filled(value_of)),
            "InsuranceFundStake" => Account::InsuranceFundStake(filled(value_of)),
            _ => return None,
        })
    }

    /// The account's bytes; none for an account that is not there or never looked into.
    pub fn encode(&self) -> Vec<u8> {
        fn tagged(name: &str, body: &[u8]) -> Vec<u8> {
            let tag = DISCRIMINATORS
                .iter()
                .find(|(known, _)| *known == name)
                .map_or([0; 8], |(_, tag)| *tag);
            [&tag, body].concat()
        }
        match self {
            Account::Absent | Account::Opaque | Account::Taken(_) => Vec::new(),
            Account::State(value) => tagged("State", bytemuck::bytes_of(&**value)),
            Account::PerpMarket(value) => tagged("PerpMarket", bytemuck::bytes_of(&**value)),
            Account::SpotMarket(value) => tagged("SpotMarket", bytemuck::bytes_of(&**value)),
            Account::User(value) => tagged("User", bytemuck::bytes_of(&**value)),
            Account::UserStats(value) => tagged("UserStats", bytemuck::bytes_of(&**value)),
            Account::InsuranceFundStake(value) => tagged("InsuranceFundStake", bytemuck::bytes_of(&**value)),
            Account::Token(value) => bytemuck::bytes_of(&**value).to_vec(),
            Account::Mint(value) => bytemuck::bytes_of(&**value).to_vec(),
            Account::Oracle(value, tail) => [bytemuck::bytes_of(&**value), tail].concat(),
            Account::Other(unknown) => unknown.data.to_vec(),
        }
    }

    /// The program that owns the account.
    pub fn owner(&self) -> Pubkey {
        match self {
            Account::Absent | Account::Opaque => SYSTEM_PROGRAM,
            Account::Taken(loaded) => loaded.kind.owner,
            Account::State(_)
            | Account::PerpMarket(_)
            | Account::SpotMarket(_)
            | Account::User(_)
            | Account::UserStats(_)
            | Account::InsuranceFundStake(_) => DRIFT,
            Account::Token(_) | Account::Mint(_) => TOKEN_PROGRAM,
            Account::Oracle(..) => PYTH_PROGRAM,
            Account::Other(unknown) => unknown.owner,
        }
    }

    /// The type's name.
    pub fn type_name(&self) -> &'static str {
        match self {
            Account::Absent => "absent",
            Account::Opaque => "opaque",
            Account::Taken(_) => "taken",
            Account::State(_) => "State",
            Account::PerpMarket(_) => "PerpMarket",
            Account::SpotMarket(_) => "SpotMarket",
            Account::User(_) => "User",
            Account::UserStats(_) => "UserStats",
            Account::InsuranceFundStake(_) => "InsuranceFundStake",
            Account::Token(_) => "TokenAccount",
            Account::Mint(_) => "Mint",
            Account::Oracle(..) => "PriceFeed",
            Account::Other(_) => "unknown account",
        }
    }
}

impl Describe for Account {
    fn describe(&self, path: &mut String, visit: &mut Visit) {
        match self {
            Account::Absent | Account::Opaque | Account::Taken(_) => {
                visit(path, Value::Name(self.type_name().into()));
            }
            Account::State(value) => value.describe(path, visit),
            Account::PerpMarket(value) => value.describe(path, visit),
            Account::SpotMarket(value) => value.describe(path, visit),
            Account::User(value) => value.describe(path, visit),
            Account::UserStats(value) => value.describe(path, visit),
            Account::InsuranceFundStake(value) => value.describe(path, visit),
            Account::Token(value) => value.describe(path, visit),
            Account::Mint(value) => value.describe(path, visit),
            Account::Oracle(value, _) => value.describe(path, visit),
            Account::Other(unknown) => visit(path, Value::Bytes(unknown.data.to_vec())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn sizes_are_the_programs() {
        assert_eq!(size_of::<State>() + 8, 992);
        assert_eq!(size_of::<PerpMarket>() + 8, 1216);
        assert_eq!(size_of::<SpotMarket>() + 8, 776);
        assert_eq!(size_of::<User>() + 8, 4376);
        assert_eq!(size_of::<UserStats>() + 8, 240);
        assert_eq!(size_of::<InsuranceFundStake>() + 8, 136);
        assert_eq!(size_of::<TokenAccount>(), 165);
        assert_eq!(size_of::<Mint>(), 82);
        assert_eq!(size_of::<PriceFeed>(), 240);
    }

    #[test]
    fn discriminators_are_hashes_of_names() {
        for (name, tag) in DISCRIMINATORS {
            assert_eq!(Sha256::digest(format!("account:{name}"))[..8], tag);
        }
    }
}

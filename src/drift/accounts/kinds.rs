//! One-byte enumerations and flags as accounts store them. Any byte is representable, so a cast never fails;
//! what the program itself could not have written shows by its number.

use super::layout::{Describe, Fill, Value, ValueOf, Visit};
use bytemuck::{Pod, Zeroable};

/// A stored boolean: zero is false.
#[derive(Clone, Copy, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(transparent)]
pub struct Bool(u8);

impl Bool {
    /// Whether the flag is set.
    pub const fn is_set(self) -> bool {
        self.0 != 0
    }
}

impl From<bool> for Bool {
    fn from(value: bool) -> Self {
        Self(value.into())
    }
}

impl std::fmt::Debug for Bool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.is_set())
    }
}

macro_rules! kinds {
    ($( $(#[$note:meta])* $name:ident: $($variant:ident),+; )*) => {$(
        $(#[$note])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Pod, Zeroable)]
        #[repr(transparent)]
        pub struct $name(u8);

        #[allow(non_upper_case_globals, missing_docs)]
        impl $name {
            /// Variant names in the order of their numbers.
            pub const NAMES: &[&str] = &[$(stringify!($variant)),+];
            kinds!(@number 0u8; $($variant)+);

            /// The variant with this number, if the program has one.
            pub fn from_number(number: u8) -> Option<Self> {
                (usize::from(number) < Self::NAMES.len()).then_some(Self(number))
            }

            /// The variant's number.
            pub const fn number(self) -> u8 {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match Self::NAMES.get(usize::from(self.0)) {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{}({})", stringify!($name), self.0),
                }
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl Describe for $name {
            fn describe(&self, path: &mut String, visit: &mut Visit) {
                let name = match Self::NAMES.get(usize::from(self.0)) {
                    Some(name) => std::borrow::Cow::Borrowed(*name),
                    None => self.to_string().into(),
                };
                visit(path, Value::Name(name));
            }
        }

        impl Fill for $name {
            fn fill(&mut self, path: &mut String, value_of: &mut ValueOf) {
                if let Some(Value::Name(name)) = value_of(path)
                    && let Some(number) = Self::NAMES.iter().position(|known| *known == name)
                {
                    *self = Self(number as u8);
                }
            }
        }

        impl borsh::BorshSerialize for $name {
            fn serialize<W: std::io::Write>(&self, writer: &mut W) -> std::io::Result<()> {
                writer.write_all(&[self.0])
            }
        }

        impl borsh::BorshDeserialize for $name {
            fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
                let mut byte = [0];
                reader.read_exact(&mut byte)?;
                Self::from_number(byte[0]).ok_or_else(|| std::io::ErrorKind::InvalidData.into())
            }
        }
    )*};
    (@number $number:expr; $variant:ident $($rest:ident)*) => {
        pub const $variant: Self = Self($number);
        kinds!(@number $number + 1; $($rest)*);
    };
    (@number $number:expr;) => {};
}

kinds! {
    /// How an oracle account is read and which power of ten its price is quoted in.
    OracleSource: Pyth, Switchboard, QuoteAsset, Pyth1K, Pyth1M, PythStableCoin, Prelaunch,
        PythPull, Pyth1KPull, Pyth1MPull, PythStableCoinPull;
    /// What may be done in a market.
    MarketStatus: Initialized, Active, FundingPaused, AmmPaused, FillPaused, WithdrawPaused, ReduceOnly, Settlement,
        Delisted;
    /// Perpetual or dated.
    ContractType: Perpetual, Future;
    /// How safe a perpetual market is deemed, safest first.
    ContractTier: A, B, C, Speculative, HighlySpeculative, Isolated;
    /// How safe an asset is deemed as collateral, safest first.
    AssetTier: Collateral, Protected, Cross, Isolated, Unlisted;
    /// Lent to or borrowed from a spot market.
    SpotBalanceType: Deposit, Borrow;
    /// Which way a position or order faces.
    PositionDirection: Long, Short;
    /// Where an order is in its life.
    OrderStatus: Init, Open, Filled, Canceled;
    /// How an order's price is found.
    OrderType: Market, Limit, TriggerMarket, TriggerLimit, Oracle;
    /// On which side of its trigger price an order wakes, and whether it has.
    OrderTriggerCondition: Above, Below, TriggeredAbove, TriggeredBelow;
    /// Spot or perpetual.
    MarketType: Spot, Perp;
    /// What becomes of an order that would take.
    PostOnlyParam: None, MustPostOnly, TryPostOnly, Slide;
}

//! Values of events that have a small vocabulary of their own.

use drift::accounts::{ContractTier, MarketStatus};
use serde_json::Value;

use super::field::Field;

/// The side of a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Buy base.
    Long,
    /// Sell base.
    Short,
}

impl Field for Direction {
    const WANTED: &'static str = "\"long\" or \"short\"";

    fn read(value: &Value) -> Option<Self> {
        match value.as_str()? {
            "long" => Some(Self::Long),
            "short" => Some(Self::Short),
            _ => None,
        }
    }

    fn write(&self) -> Value {
        Value::from(match self {
            Self::Long => "long",
            Self::Short => "short",
        })
    }
}

/// Which kind of market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarketKind {
    /// Perpetual.
    Perp,
    /// Deposits and borrows of a token.
    Spot,
}

impl Field for MarketKind {
    const WANTED: &'static str = "\"perp\" or \"spot\"";

    fn read(value: &Value) -> Option<Self> {
        match value.as_str()? {
            "perp" => Some(Self::Perp),
            "spot" => Some(Self::Spot),
            _ => None,
        }
    }

    fn write(&self) -> Value {
        Value::from(match self {
            Self::Perp => "perp",
            Self::Spot => "spot",
        })
    }
}

/// One of the program's words, as it spells it.
macro_rules! words_of_the_program {
    ($($kind:ident = $wanted:literal;)*) => {$(
        impl Field for $kind {
            const WANTED: &'static str = $wanted;

            fn read(value: &Value) -> Option<Self> {
                let place = Self::NAMES.iter().position(|name| Some(*name) == value.as_str())?;
                Self::from_number(place.try_into().ok()?)
            }

            fn write(&self) -> Value {
                Value::from(self.to_string())
            }
        }
    )*};
}

words_of_the_program! {
    MarketStatus = "a market's status, such as \"Active\", \"ReduceOnly\" or \"Settlement\"";
    ContractTier = "a tier: \"A\", \"B\", \"C\", \"Speculative\", \"HighlySpeculative\" or \"Isolated\"";
}

/// How much of a holding; a file's -1 is all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Portion {
    /// The whole holding at the time the event runs.
    All,
    /// This amount.
    Exactly(u64),
}

impl Field for Portion {
    const WANTED: &'static str = "an amount, or -1 for all";

    fn read(value: &Value) -> Option<Self> {
        match i64::read(value) {
            Some(-1) => Some(Self::All),
            _ => u64::read(value).map(Self::Exactly),
        }
    }

    fn write(&self) -> Value {
        match self {
            Self::All => Value::from(-1),
            Self::Exactly(amount) => Value::from(*amount),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn minus_one_is_all() {
        assert_eq!(Portion::read(&json!(-1)), Some(Portion::All));
        assert_eq!(Portion::read(&json!(-1.0)), Some(Portion::All));
        assert_eq!(Portion::read(&json!(0)), Some(Portion::Exactly(0)));
        assert_eq!(Portion::read(&json!(-2)), None);
    }

    #[test]
    fn the_programs_words_are_spelled_as_it_spells_them() {
        assert_eq!(
            MarketStatus::read(&json!("ReduceOnly")),
            Some(MarketStatus::ReduceOnly)
        );
        assert_eq!(MarketStatus::read(&json!("reduce_only")), None);
        assert_eq!(
            ContractTier::read(&json!("Isolated")),
            Some(ContractTier::Isolated)
        );
        assert_eq!(ContractTier::B.write(), json!("B"));
        assert_eq!(MarketKind::read(&json!("perpetual")), None);
    }

    #[test]
    fn a_direction_is_one_of_two_words() {
        assert_eq!(Direction::read(&json!("short")), Some(Direction::Short));
        assert_eq!(Direction::read(&json!("Short")), None);
        assert_eq!(Direction::read(&json!(0)), None);
    }
}

//! Values of events that have a small vocabulary of their own.

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
    fn a_direction_is_one_of_two_words() {
        assert_eq!(Direction::read(&json!("short")), Some(Direction::Short));
        assert_eq!(Direction::read(&json!("Short")), None);
        assert_eq!(Direction::read(&json!(0)), None);
    }
}

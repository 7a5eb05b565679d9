//! Values of SQL: what a cell holds, and how two of them compare.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::summary::{Cells, Kind};

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// Yes or no; 1 or 0 where a number is wanted.
    Bool(bool),
    /// An integer: wide enough for seeds, which do not fit a float.
    Int(i128),
    /// Another number.
    Float(f64),
    /// A text.
    Text(Cow<'a, str>),
}

/// What a term gives, known before any trial is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Nothing, which goes with everything.
    Null,
    /// Yes or no.
    Bool,
    /// A number.
    Number,
    /// A text.
    Text,
}

impl Type {
    /// The type of a column; `None` where it holds lists.
    pub fn of(kind: &Kind) -> Option<Self> {
        match kind {
            Kind::Bool => Some(Self::Bool),
            Kind::Integer | Kind::Float => Some(Self::Number),
            Kind::Text => Some(Self::Text),
            Kind::Other(_) => None,
        }
    }

    /// Whether a value of this type may stand where one of another is wanted.
    pub fn fits(self, wanted: Self) -> bool {
        self == wanted || self == Self::Null || (self, wanted) == (Self::Bool, Self::Number)
    }

    /// The type of two values one of which will be taken; `None` if they are unlike.
    pub fn joined(self, other: Self) -> Option<Self> {
        match (self.fits(other), other.fits(self)) {
            (true, _) => Some(other),
            (_, true) => Some(self),
            _ => None,
        }
    }

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool => "yes or no",
            Self::Number => "a number",
            Self::Text => "a text",
        }
    }
}

impl<'a> Value<'a> {
    /// A cell of a column.
    pub fn of(cells: &'a Cells, row: usize) -> Self {
        fn cell<'a, T>(cells: &'a [Option<T>], row: usize, value: impl Fn(&'a T) -> Value<'a>) -> Value<'a> {
            cells.get(row).and_then(Option::as_ref).map_or(Value::Null, value)
        }
        match cells {
            Cells::Bool(cells) => cell(cells, row, |yes| Self::Bool(*yes)),
            Cells::Int(cells) => cell(cells, row, |number| Self::Int(i128::from(*number))),
            Cells::Uint(cells) => cell(cells, row, |number| Self::Int(i128::from(*number))),
            Cells::Float(cells) => cell(cells, row, |number| Self::Float(*number)),
            Cells::Text(cells) => cell(cells, row, |text| Self::Text(Cow::Borrowed(text))),
        }
    }

    /// A number that may be missing.
    pub fn float(number: Option<f64>) -> Self {
        number.map_or(Self::Null, Self::Float)
    }

    /// Yes or no, or neither.
    pub fn bool(truth: Option<bool>) -> Self {
        truth.map_or(Self::Null, Self::Bool)
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// Yes or no; `None` for null.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Bool(yes) => Some(*yes),
            _ => None,
        }
    }

    /// As an integer, if it is one.
    pub fn as_int(&self) -> Option<i128> {
        match self {
            Self::Bool(yes) => Some(i128::from(*yes)),
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// As a number.
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Self::Float(number) => Some(*number),
            other => other.as_int().map(|number| number as f64),
        }
    }

    /// As a text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The order of two values; `None` if either is null. What is not a number equals itself and is above all numbers.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        if let (Some(left), Some(right)) = (self.as_text(), other.as_text()) {
            return Some(left.cmp(right));
        }
        match (self.as_int(), other.as_int()) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            (Some(left), None) => Some(with_float(left, other.as_float()?)),
            (None, Some(right)) => Some(with_float(right, self.as_float()?).reverse()),
            (None, None) => {
                let (left, right) = (self.as_float()?, other.as_float()?);
                let order = left.partial_cmp(&right);
                Some(order.unwrap_or_else(|| left.is_nan().cmp(&right.is_nan())))
            }
        }
    }

    /// The value without what it borrows.
    pub fn owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(yes) => Value::Bool(yes),
            Self::Int(number) => Value::Int(number),
            Self::Float(number) => Value::Float(number),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
        }
    }
}

/// The order of an integer and a float, exactly: a seed is not rounded for it.
fn with_float(int: i128, float: f64) -> Ordering {
    if float.is_nan() {
        return Ordering::Less;
    }
    let whole = float.floor();
    let fraction = if float > whole {
        Ordering::Less
    } else {
        Ordering::Equal
    };
    int.cmp(&(whole as i128)).then(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_exactly() {
        let seed = (1_i128 << 60) + 1;
        for (left, right, order) in [
            (Value::Int(seed), Value::Int(seed - 1), Ordering::Greater),
            (
                Value::Int(seed),
                Value::Float((seed - 1) as f64),
                Ordering::Greater,
            ),
            (Value::Int(-2), Value::Float(-1.5), Ordering::Less),
            (Value::Int(-1), Value::Float(-1.5), Ordering::Greater),
            (Value::Int(3), Value::Float(f64::INFINITY), Ordering::Less),
            (Value::Int(3), Value::Float(f64::NEG_INFINITY), Ordering::Greater),
            (
                Value::Float(f64::NAN),
                Value::Float(f64::INFINITY),
                Ordering::Greater,
            ),
            (Value::Float(f64::NAN), Value::Float(f64::NAN), Ordering::Equal),
            (Value::Float(-0.0), Value::Float(0.0), Ordering::Equal),
            (Value::Bool(true), Value::Int(1), Ordering::Equal),
        ] {
            assert_eq!(left.compare(&right), Some(order), "{left:?} and {right:?}");
            assert_eq!(
                right.compare(&left),
                Some(order.reverse()),
                "{right:?} and {left:?}"
            );
        }
        assert_eq!(Value::Null.compare(&Value::Null), None);
    }
}

//! Columns in memory, on their way from and to Parquet.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray, UInt64Array};
use arrow_schema::DataType;

use super::kind::Kind;
use super::read::Value;

/// The cells of a column; `None` is null.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells {
    /// Yes or no.
    Bool(Vec<Option<bool>>),
    /// Signed integers.
    Int(Vec<Option<i64>>),
    /// Unsigned integers.
    Uint(Vec<Option<u64>>),
    /// Floating-point numbers.
    Float(Vec<Option<f64>>),
    /// Texts.
    Text(Vec<Option<String>>),
}

impl Cells {
    /// A column without cells that takes those of a type. `None` for types that no summary needs.
    pub fn of_type(data: &DataType) -> Option<Self> {
        Some(match data {
            DataType::Boolean => Self::Bool(Vec::new()),
            DataType::Int64 => Self::Int(Vec::new()),
            DataType::UInt32 | DataType::UInt64 => Self::Uint(Vec::new()),
            DataType::Float64 => Self::Float(Vec::new()),
            DataType::Utf8 => Self::Text(Vec::new()),
            _ => return None,
        })
    }

    /// What the cells are.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Bool(_) => Kind::Bool,
            Self::Int(_) | Self::Uint(_) => Kind::Integer,
            Self::Float(_) => Kind::Float,
            Self::Text(_) => Kind::Text,
        }
    }

    /// Adds the cells of an array. Returns whether they are of the column's type.
    pub fn append(&mut self, array: &dyn Array) -> bool {
        match (self, array.data_type()) {
            (Self::Bool(cells), DataType::Boolean) => cells.extend(array.as_boolean()),
            (Self::Int(cells), DataType::Int64) => cells.extend(array.as_primitive::<Int64Type>()),
            (Self::Uint(cells), DataType::UInt64) => cells.extend(array.as_primitive::<UInt64Type>()),
            (Self::Uint(cells), DataType::UInt32) => {
                cells.extend(
                    array
                        .as_primitive::<UInt32Type>()
                        .iter()
                        .map(|cell| cell.map(u64::from)),
                );
            }
            (Self::Float(cells), DataType::Float64) => cells.extend(array.as_primitive::<Float64Type>()),
            (Self::Text(cells), DataType::Utf8) => {
                cells.extend(
                    array
                        .as_string::<i32>()
                        .iter()
                        .map(|cell| cell.map(str::to_owned)),
                );
            }
            _ => return false,
        }
        true
    }

    /// Drops the cells of lines that are not to be kept.
    pub fn retain(&mut self, is_kept: &[bool]) {
        fn retain<T>(cells: &mut Vec<T>, is_kept: &[bool]) {
            let mut kept = is_kept.iter();
            cells.retain(|_| kept.next().is_none_or(|kept| *kept));
        }
        match self {
            Self::Bool(cells) => retain(cells, is_kept),
            Self::Int(cells) => retain(cells, is_kept),
            Self::Uint(cells) => retain(cells, is_kept),
            Self::Float(cells) => retain(cells, is_kept),
            Self::Text(cells) => retain(cells, is_kept),
        }
    }

    /// Adds the cells of another column. Returns whether they are of this column's type.
    pub fn extend(&mut self, other: Self) -> bool {
        match (self, other) {
            (Self::Bool(cells), Self::Bool(more)) => cells.extend(more),
            (Self::Int(cells), Self::Int(more)) => cells.extend(more),
            (Self::Uint(cells), Self::Uint(more)) => cells.extend(more),
            (Self::Float(cells), Self::Float(more)) => cells.extend(more),
            (Self::Text(cells), Self::Text(more)) => cells.extend(more),
            _ => return false,
        }
        true
    }

    /// A cell of unsigned integers.
    pub fn uint(&self, line: usize) -> Option<u64> {
        match self {
            Self::Uint(cells) => *cells.get(line)?,
            _ => None,
        }
    }

    /// A cell as a number: yes is 1, no is 0, and NaN stands for all else that is none.
    pub fn number(&self, line: usize) -> f64 {
        fn number<T: Copy>(cells: &[Option<T>], line: usize, as_float: impl Fn(T) -> f64) -> f64 {
            let cell = cells.get(line).copied().flatten();
            cell.map_or(f64::NAN, as_float)
        }
        match self {
            Self::Bool(cells) => number(cells, line, |yes| f64::from(u8::from(yes))),
            Self::Int(cells) => number(cells, line, |int| int as f64),
            Self::Uint(cells) => number(cells, line, |uint| uint as f64),
            Self::Float(cells) => number(cells, line, |float| float),
            Self::Text(_) => f64::NAN,
        }
    }

    /// A cell as the value of a parameter.
    pub fn value(&self, line: usize) -> Value {
        fn value<T: Clone>(cells: &[Option<T>], line: usize, of: impl Fn(T) -> Value) -> Value {
            let cell = cells.get(line).cloned().flatten();
            cell.map_or(Value::Null, of)
        }
        match self {
            Self::Bool(cells) => value(cells, line, Value::Bool),
            Self::Int(cells) => value(cells, line, Value::Int),
            Self::Uint(cells) => value(cells, line, |uint| {
                i64::try_from(uint).map_or(Value::Float(uint as f64), Value::Int)
            }),
            Self::Float(cells) => value(cells, line, Value::Float),
            Self::Text(cells) => value(cells, line, Value::Text),
        }
    }

    /// As a column of Arrow's.
    pub fn into_arrow(self) -> ArrayRef {
        match self {
            Self::Bool(cells) => Arc::new(BooleanArray::from(cells)),
            Self::Int(cells) => Arc::new(Int64Array::from(cells)),
            Self::Uint(cells) => Arc::new(UInt64Array::from(cells)),
            Self::Float(cells) => Arc::new(Float64Array::from(cells)),
            Self::Text(cells) => Arc::new(StringArray::from(cells)),
        }
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Bool(cells) => cells.len(),
            Self::Int(cells) => cells.len(),
            Self::Uint(cells) => cells.len(),
            Self::Float(cells) => cells.len(),
            Self::Text(cells) => cells.len(),
        }
    }

    /// A cell as text; nothing stands for null.
    pub fn text(&self, line: usize) -> String {
        fn shown<T: ToString>(cells: &[Option<T>], line: usize) -> String {
            cells
                .get(line)
                .and_then(Option::as_ref)
                .map(T::to_string)
                .unwrap_or_default()
        }
        match self {
            Self::Bool(cells) => shown(cells, line),
            Self::Int(cells) => shown(cells, line),
            Self::Uint(cells) => shown(cells, line),
            Self::Float(cells) => shown(cells, line),
            Self::Text(cells) => shown(cells, line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_survive_the_way_through_arrow() {
        for cells in [
            Cells::Bool(vec![Some(true), None]),
            Cells::Int(vec![Some(-3), None]),
            Cells::Uint(vec![Some(u64::MAX), None]),
            Cells::Float(vec![Some(0.1), None]),
            Cells::Text(vec![Some("a,\"b".into()), None]),
        ] {
            let array = cells.clone().into_arrow();
            let mut back = Cells::of_type(array.data_type()).unwrap();
            assert!(back.append(&array));
            assert_eq!(back, cells);
            assert_eq!(back.text(1), "");
            // A column takes only its own kind.
            let other: &dyn Array = match cells {
                Cells::Bool(_) => &Float64Array::from(vec![1.0]),
                _ => &BooleanArray::from(vec![true]),
            };
            assert!(!back.append(other));
            assert_eq!(back.len(), 2);
        }
    }
}

//! Columns being filled.

use super::shape::{Cell, Leaf};
use crate::divergence::Unit;
use arrow_array::ArrayRef;
use arrow_array::builder::{BooleanBuilder, Decimal128Builder, Int64Builder, StringBuilder, UInt64Builder};
use arrow_schema::{DataType, Field};
use drift::accounts::layout::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// Digits of the widest decimal that polars and DuckDB read exactly.
const DIGITS: u8 = 38;

/// A column being filled.
pub(super) enum Column {
    Flag(BooleanBuilder),
    Int(Int64Builder),
    Uint(UInt64Builder),
    Wide(Decimal128Builder),
    /// With the value that was told last: it mostly comes again, and addresses take long to tell.
    Text(StringBuilder, Option<(Value, String)>),
}

impl Column {
    pub(super) fn new(cell: Cell) -> Self {
        match cell {
            Cell::Flag => Column::Flag(BooleanBuilder::new()),
            Cell::Int => Column::Int(Int64Builder::new()),
            Cell::Uint => Column::Uint(UInt64Builder::new()),
            // Whole numbers of 38 digits are valid for the builder.
            Cell::Wide => Column::Wide(Decimal128Builder::new().with_data_type(wide())),
            Cell::Text => Column::Text(StringBuilder::new(), None),
        }
    }

    /// Adds a value; refused where it has more digits than the column.
    pub(super) fn push(&mut self, name: &str, value: &Value) -> Result<(), String> {
        let too_wide = || format!("{name} is {value}, which has more than {DIGITS} digits");
        match (self, value) {
            (Column::Flag(to), Value::Flag(flag)) => to.append_value(*flag),
            (Column::Int(to), Value::Int(value)) => {
                to.append_value(i64::try_from(*value).map_err(|_| too_wide())?);
            }
            (Column::Uint(to), Value::Uint(value)) => {
                to.append_value(u64::try_from(*value).map_err(|_| too_wide())?);
            }
            (Column::Wide(to), Value::Int(value)) => to.append_value(within(*value).ok_or_else(too_wide)?),
            (Column::Wide(to), Value::Uint(value)) => {
                let value = i128::try_from(*value).ok().and_then(within);
                to.append_value(value.ok_or_else(too_wide)?);
            }
            (Column::Text(to, last), value) => match last {
                Some((told, as_text)) if told == value => to.append_value(as_text),
                last => to.append_value(&last.insert((value.clone(), text(name, value))).1),
            },
            (_, value) => return Err(format!("{name} is {value}, which is of another type")),
        }
        Ok(())
    }

    pub(super) fn finish(&mut self) -> ArrayRef {
        match self {
            Column::Flag(column) => Arc::new(column.finish()),
            Column::Int(column) => Arc::new(column.finish()),
            Column::Uint(column) => Arc::new(column.finish()),
            Column::Wide(column) => Arc::new(column.finish()),
            Column::Text(column, _) => Arc::new(column.finish()),
        }
    }
}

fn within(value: i128) -> Option<i128> {
    (value.unsigned_abs() < 10_u128.pow(DIGITS.into())).then_some(value)
}

fn wide() -> DataType {
    DataType::Decimal128(DIGITS, 0)
}

/// Names are text padded with zeros or spaces; other bytes are told in hexadecimal.
fn text(name: &str, value: &Value) -> String {
    match value {
        Value::Bytes(bytes) if name.ends_with("name") => String::from_utf8_lossy(bytes)
            .trim_end_matches(['\0', ' '])
            .to_owned(),
        value => value.to_string(),
    }
}

/// The column of `leaf` in accounts of type `kind`, with its unit in the metadata.
pub(super) fn field(kind: &str, leaf: &Leaf) -> Field {
    let data_type = match leaf.cell {
        Cell::Flag => DataType::Boolean,
        Cell::Int => DataType::Int64,
        Cell::Uint => DataType::UInt64,
        Cell::Wide => wide(),
        Cell::Text => DataType::Utf8,
    };
    let field = Field::new(&leaf.name, data_type, false);
    match Unit::of(kind, &leaf.path) {
        Some(unit) => field.with_metadata(HashMap::from([
            ("unit".to_owned(), unit.name.clone()),
            ("scale".to_owned(), unit.scale.to_string()),
        ])),
        None => field,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::cast::AsArray;
    use arrow_array::types::Decimal128Type;

    #[test]
    fn wide_numbers_are_kept_to_the_last_digit() {
        let mut column = Column::new(Cell::Wide);
        let largest = 10_u128.pow(38) - 1;
        column.push("sqrt_k", &Value::Uint(largest)).unwrap();
        column
            .push("sqrt_k", &Value::Int(-170_000_000_000_000_000_001))
            .unwrap();
        assert!(
            column
                .push("sqrt_k", &Value::Uint(u128::MAX))
                .unwrap_err()
                .contains("sqrt_k")
        );
        let numbers = column.finish();
        let numbers = numbers.as_primitive::<Decimal128Type>();
        assert_eq!(numbers.value(0), largest as i128);
        assert_eq!(numbers.value(1), -170_000_000_000_000_000_001);
    }

    #[test]
    fn names_are_text() {
        assert_eq!(text("name", &Value::Bytes(b"SOL-PERP \0\0".to_vec())), "SOL-PERP");
        assert_eq!(text("padding", &Value::Bytes(vec![1, 255])), "01ff");
    }
}

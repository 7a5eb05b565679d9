//! Rows of Parquet.

use super::cell::{Cell, Row};
use super::error::RecordingError;
use super::form::plain;
use super::read::Sink;
use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use std::path::Path;

/// A row of a batch.
struct Entry<'a> {
    batch: &'a RecordBatch,
    place: usize,
}

impl Row for Entry<'_> {
    fn width(&self) -> usize {
        self.batch.num_columns()
    }

    fn cell(&self, column: usize) -> Cell<'_> {
        match self.batch.columns().get(column) {
            Some(values) => cell(values.as_ref(), self.place),
            None => Cell::Missing,
        }
    }
}

fn cell(values: &dyn Array, place: usize) -> Cell<'_> {
    if values.is_null(place) {
        return Cell::Missing;
    }
    macro_rules! integer {
        ($kind:ty) => {
            Cell::Integer(i64::from(values.as_primitive::<$kind>().value(place)))
        };
    }
    let micros = |number: i64, in_a_second: i64| {
        let micros = i128::from(number) * 1_000_000 / i128::from(in_a_second);
        i64::try_from(micros).map_or(Cell::Missing, Cell::Micros)
    };
    match values.data_type() {
        DataType::Int8 => integer!(Int8Type),
        DataType::Int16 => integer!(Int16Type),
        DataType::Int32 => integer!(Int32Type),
        DataType::Int64 => integer!(Int64Type),
        DataType::UInt8 => integer!(UInt8Type),
        DataType::UInt16 => integer!(UInt16Type),
        DataType::UInt32 => integer!(UInt32Type),
        DataType::UInt64 => {
            let number = values.as_primitive::<UInt64Type>().value(place);
            i64::try_from(number).map_or(Cell::Float(number as f64), Cell::Integer)
        }
        DataType::Float32 => Cell::Float(values.as_primitive::<Float32Type>().value(place).into()),
        DataType::Float64 => Cell::Float(values.as_primitive::<Float64Type>().value(place)),
        DataType::Decimal128(_, scale) => {
            let unscaled = values.as_primitive::<Decimal128Type>().value(place);
            Cell::Float(unscaled as f64 / libm::pow(10.0, f64::from(*scale)))
        }
        DataType::Timestamp(TimeUnit::Second, _) => {
            micros(values.as_primitive::<TimestampSecondType>().value(place), 1)
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => micros(
            values.as_primitive::<TimestampMillisecondType>().value(place),
            1_000,
        ),
        DataType::Timestamp(TimeUnit::Microsecond, _) => micros(
            values.as_primitive::<TimestampMicrosecondType>().value(place),
            1_000_000,
        ),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => micros(
            values.as_primitive::<TimestampNanosecondType>().value(place),
            1_000_000_000,
        ),
        DataType::Date32 => {
            let days = i64::from(values.as_primitive::<Date32Type>().value(place));
            Cell::Micros(days * 86_400_000_000)
        }
        DataType::Boolean => Cell::Text(if values.as_boolean().value(place) {
            "true"
        } else {
            "false"
        }),
        DataType::Utf8 => Cell::text(values.as_string::<i32>().value(place)),
        DataType::LargeUtf8 => Cell::text(values.as_string::<i64>().value(place)),
        DataType::Utf8View => Cell::text(values.as_string_view().value(place)),
        DataType::Dictionary(..) => {
            let Some(dictionary) = values.as_any_dictionary_opt() else {
                return Cell::Missing;
            };
            let key = cell(dictionary.keys(), place);
            match key {
                Cell::Integer(key) => cell(dictionary.values().as_ref(), key as usize),
                _ => Cell::Missing,
            }
        }
        _ => Cell::Missing,
    }
}

/// Hands the rows of an opened Parquet file to `rows`; their number is their place from 1.
pub(super) fn read(file: &Path, opened: File, rows: &mut dyn Sink) -> Result<(), RecordingError> {
    let refuse = |problem: String| RecordingError::File {
        file: file.to_owned(),
        problem,
    };
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(opened).map_err(|error| refuse(error.to_string()))?;
    rows.header(
        builder
            .schema()
            .fields()
            .iter()
            .map(|field| plain(field.name()))
            .collect(),
    );
    let mut line = 0;
    for batch in builder.build().map_err(|error| refuse(error.to_string()))? {
        let batch = batch.map_err(|error| refuse(error.to_string()))?;
        for place in 0..batch.num_rows() {
            line += 1;
            let row = Entry { batch: &batch, place };
            rows.row(&row).map_err(|problem| RecordingError::Row {
                file: file.to_owned(),
                line,
                problem,
            })?;
        }
    }
    Ok(())
}

//! Rows of one market, as text.

use super::HistoryError;
use super::columns::{NAME, TIME};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

/// Cells of the columns that were asked for, of the rows of one market.
pub(super) struct Rows {
    /// The columns.
    pub names: Vec<String>,
    /// Each row's number in the file, from 1.
    pub numbers: Vec<usize>,
    /// By column, then row.
    cells: Vec<Vec<Option<String>>>,
}

impl Rows {
    /// Reads the columns that are `wanted`.
    pub fn read(path: &Path, market: &str, wanted: &dyn Fn(&str) -> bool) -> Result<Self, HistoryError> {
        let file = File::open(path).map_err(|source| HistoryError::Open {
            path: path.to_owned(),
            source,
        })?;
        let broken = |error: &dyn std::fmt::Display| HistoryError::Parquet {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        // Without Arrow's own schema dictionaries come as the text they stand for.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let reader = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
            .map_err(|error| broken(&error))?;
        let schema = reader.schema().clone();
        let chosen: Vec<usize> = (0..schema.fields().len())
            .filter(|at| wanted(schema.field(*at).name()))
            .collect();
        let names: Vec<String> = chosen.iter().map(|at| schema.field(*at).name().clone()).collect();
        let at = |name: &str| {
            names
                .iter()
                .position(|known| known == name)
                .ok_or_else(|| HistoryError::NoColumn {
                    path: path.to_owned(),
                    column: name.to_owned(),
                })
        };
        let (name, _) = (at(NAME)?, at(TIME)?);
        let mask = ProjectionMask::roots(reader.parquet_schema(), chosen);
        let reader = reader
            .with_projection(mask)
            .build()
            .map_err(|error| broken(&error))?;

        let mut rows = Self {
            cells: vec![Vec::new(); names.len()],
            names,
            numbers: Vec::new(),
        };
        let mut known = BTreeSet::new();
        let mut before = 0;
        for batch in reader {
            let batch = batch.map_err(|error| broken(&error))?;
            let texts = |column: usize| {
                let array = batch.column(column);
                text_of(array).ok_or_else(|| HistoryError::ColumnType {
                    path: path.to_owned(),
                    column: rows.names[column].clone(),
                    found: array.data_type().to_string(),
                })
            };
            let name = texts(name)?;
            let of_market: Vec<usize> = (0..batch.num_rows())
                .filter(|row| {
                    let Some(name) = name(*row) else { return false };
                    let name = name.trim();
                    let matches = name == market;
                    if !matches && !known.contains(name) {
                        known.insert(name.to_owned());
                    }
                    matches
                })
                .collect();
            let mut columns = Vec::with_capacity(rows.names.len());
            for column in 0..rows.names.len() {
                let text = texts(column)?;
                columns.push(of_market.iter().map(|row| text(*row)).collect::<Vec<_>>());
            }
            for (all, new) in rows.cells.iter_mut().zip(columns) {
                all.extend(new);
            }
            rows.numbers.extend(of_market.iter().map(|row| before + row + 1));
            before += batch.num_rows();
        }
        if rows.numbers.is_empty() {
            return Err(HistoryError::NoMarket {
                path: path.to_owned(),
                wanted: market.to_owned(),
                known: known.into_iter().collect(),
            });
        }
        Ok(rows)
    }

    /// What a cell says; none where it is null or empty.
    pub fn cell(&self, column: usize, row: usize) -> Option<&str> {
        let text = self.cells[column][row].as_deref()?.trim();
        Some(text).filter(|text| !text.is_empty())
    }

    /// When the state was read; or what is wrong.
    pub fn time(&self, row: usize) -> Result<i64, String> {
        let column = self.names.iter().position(|name| name == TIME);
        match column.and_then(|column| self.cell(column, row)) {
            None => Err("has no value: give seconds since 1970, or leave the row out".to_owned()),
            Some(text) => {
                super::decimal::seconds(text).ok_or_else(|| format!("is `{text}`: give seconds since 1970"))
            }
        }
    }
}

type Texts<'a> = Box<dyn Fn(usize) -> Option<String> + 'a>;

/// How a column's values read as text; none for types that hold no such values.
fn text_of(array: &ArrayRef) -> Option<Texts<'_>> {
    macro_rules! primitive {
        ($kind:ty) => {{
            let values = array.as_primitive::<$kind>();
            Box::new(move |row| values.is_valid(row).then(|| values.value(row).to_string()))
        }};
    }
    macro_rules! text {
        ($values:expr) => {{
            let values = $values;
            Box::new(move |row| values.is_valid(row).then(|| values.value(row).to_owned()))
        }};
    }
    Some(match array.data_type() {
        DataType::Utf8 => text!(array.as_string::<i32>()),
        DataType::LargeUtf8 => text!(array.as_string::<i64>()),
        DataType::Utf8View => text!(array.as_string_view()),
        DataType::Int32 => primitive!(Int32Type),
        DataType::Int64 => primitive!(Int64Type),
        DataType::UInt32 => primitive!(UInt32Type),
        DataType::UInt64 => primitive!(UInt64Type),
        DataType::Float64 => primitive!(Float64Type),
        DataType::Boolean => {
            let values = array.as_boolean();
            Box::new(move |row| values.is_valid(row).then(|| values.value(row).to_string()))
        }
        _ => return None,
    })
}

//! Rows of cells turned into columns of a table.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Float64Builder, Int64Builder, ListBuilder, StringBuilder, StructBuilder, UInt32Builder,
    UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, SchemaRef};

use super::super::plan::ParamValue;
use super::super::run::{Cell, Column, Failure, TrialId};
use super::layout::CHUNK_TRIALS;
use super::schema::{count_field, count_fields};

/// How a trial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With a row of metrics.
    Ok,
    /// With an error.
    Failed,
    /// With a panic.
    Panicked,
}

impl Outcome {
    /// Its name in the tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
        }
    }
}

/// Says what is wrong with a row for the given columns, if anything is.
pub fn misfit(row: &[Cell], columns: &[Column]) -> Option<String> {
    if row.len() != columns.len() {
        return Some(format!(
            "a row of {} cells for {} columns",
            row.len(),
            columns.len()
        ));
    }
    row.iter().zip(columns).find_map(|(cell, column)| {
        let kind = cell.kind()?;
        (kind != column.kind).then(|| {
            let (is, expected) = (kind.name(), column.kind.name());
            format!(
                "a cell of type {is} in column `{}` of type {expected}",
                column.name
            )
        })
    })
}

/// Rows of the trials table.
pub struct TrialRows(Builders);

impl TrialRows {
    /// No rows yet.
    pub fn new(schema: &SchemaRef) -> Self {
        Self(Builders::new(schema))
    }

    /// Adds a trial. `row` must fit the metrics; without one they are null.
    pub fn push(&mut self, trial: TrialId, params: &[ParamValue], row: Option<Vec<Cell>>, outcome: Outcome) {
        let metrics = self.0.columns.len() - IDS - params.len() - 1;
        let row = row.unwrap_or_else(|| vec![Cell::Null; metrics]);
        self.0
            .push(ids_and_params(trial, params).chain(row).chain([name_of(outcome)]));
    }

    /// The rows as a batch.
    ///
    /// # Errors
    /// None as long as rows fit their columns.
    pub fn finish(self) -> Result<RecordBatch, ArrowError> {
        self.0.finish()
    }
}

/// Rows of the series table.
pub struct SeriesRows(Builders);

impl SeriesRows {
    /// No rows yet.
    pub fn new(schema: &SchemaRef) -> Self {
        Self(Builders::new(schema))
    }

    /// Adds the rows of a trial, which must fit the columns.
    pub fn push(&mut self, trial: TrialId, rows: Vec<Vec<Cell>>) {
        for row in rows {
            self.0.push(ids(trial).into_iter().take(IDS - 1).chain(row));
        }
    }

    /// The rows as a batch.
    ///
    /// # Errors
    /// None as long as rows fit their columns.
    pub fn finish(self) -> Result<RecordBatch, ArrowError> {
        self.0.finish()
    }
}

/// Rows of the failures table.
pub struct FailureRows(Builders);

impl FailureRows {
    /// No rows yet.
    pub fn new(schema: &SchemaRef) -> Self {
        Self(Builders::new(schema))
    }

    /// Adds a trial that failed.
    pub fn push(&mut self, trial: TrialId, params: &[ParamValue], outcome: Outcome, failure: &Failure) {
        let story = [
            name_of(outcome),
            Cell::Text(failure.kind.clone()),
            Cell::Text(failure.text.clone()),
        ];
        self.0.push(ids_and_params(trial, params).chain(story));
    }

    /// The rows as a batch.
    ///
    /// # Errors
    /// None as long as parameters fit their columns.
    pub fn finish(self) -> Result<RecordBatch, ArrowError> {
        self.0.finish()
    }
}

/// Columns that stand before the parameters.
const IDS: usize = 4;

fn ids(trial: TrialId) -> [Cell; IDS] {
    [
        Cell::Uint(trial.number),
        Cell::Uint(trial.point),
        Cell::Uint(trial.replicate.into()),
        Cell::Uint(trial.seed),
    ]
}

fn ids_and_params(trial: TrialId, params: &[ParamValue]) -> impl Iterator<Item = Cell> {
    let params = params.iter().map(|value| match value {
        ParamValue::Null => Cell::Null,
        ParamValue::Bool(value) => Cell::Bool(*value),
        ParamValue::Int(value) => Cell::Int(*value),
        ParamValue::Float(value) => Cell::Float(*value),
        ParamValue::Text(value) => Cell::Text(value.clone()),
    });
    ids(trial).into_iter().chain(params)
}

fn name_of(outcome: Outcome) -> Cell {
    Cell::Text(outcome.name().to_owned())
}

/// Room made at first. Arrow's own choice is 1,024 rows, which most chunks would leave empty.
const ROWS: usize = CHUNK_TRIALS as usize;

struct Builders {
    schema: SchemaRef,
    columns: Vec<Builder>,
}

enum Builder {
    Int(Int64Builder),
    Uint(UInt64Builder),
    Uint32(UInt32Builder),
    Float(Float64Builder),
    Bool(BooleanBuilder),
    Text(StringBuilder),
    Counts(ListBuilder<StructBuilder>),
}

impl Builders {
    fn new(schema: &SchemaRef) -> Self {
        let columns = schema
            .fields()
            .iter()
            .map(|field| match field.data_type() {
                DataType::Int64 => Builder::Int(Int64Builder::with_capacity(ROWS)),
                DataType::UInt64 => Builder::Uint(UInt64Builder::with_capacity(ROWS)),
                DataType::UInt32 => Builder::Uint32(UInt32Builder::with_capacity(ROWS)),
                DataType::Float64 => Builder::Float(Float64Builder::with_capacity(ROWS)),
                DataType::Boolean => Builder::Bool(BooleanBuilder::with_capacity(ROWS)),
                DataType::List(_) => {
                    let items = StructBuilder::from_fields(count_fields(), 0);
                    Builder::Counts(ListBuilder::with_capacity(items, ROWS).with_field(count_field()))
                }
                _ => Builder::Text(StringBuilder::with_capacity(ROWS, 0)),
            })
            .collect();
        Self {
            schema: schema.clone(),
            columns,
        }
    }

    fn push(&mut self, row: impl Iterator<Item = Cell>) {
        for (builder, cell) in self.columns.iter_mut().zip(row) {
            builder.push(cell);
        }
    }

    fn finish(self) -> Result<RecordBatch, ArrowError> {
        let arrays = self.columns.into_iter().map(Builder::finish).collect();
        RecordBatch::try_new(self.schema, arrays)
    }
}

impl Builder {
    /// A cell of another type becomes a null; [`misfit`] has refused such rows before.
    fn push(&mut self, cell: Cell) {
        match (self, cell) {
            (Self::Int(column), Cell::Int(value)) => column.append_value(value),
            (Self::Int(column), _) => column.append_null(),
            (Self::Uint(column), Cell::Uint(value)) => column.append_value(value),
            (Self::Uint(column), _) => column.append_null(),
            (Self::Uint32(column), Cell::Uint(value)) => column.append_option(u32::try_from(value).ok()),
            (Self::Uint32(column), _) => column.append_null(),
            (Self::Float(column), Cell::Float(value)) => column.append_value(value),
            (Self::Float(column), _) => column.append_null(),
            (Self::Bool(column), Cell::Bool(value)) => column.append_value(value),
            (Self::Bool(column), _) => column.append_null(),
            (Self::Text(column), Cell::Text(value)) => column.append_value(value),
            (Self::Text(column), _) => column.append_null(),
            (Self::Counts(column), Cell::Counts(counts)) => {
                for item in counts {
                    let items = column.values();
                    for (index, number) in [item.code, item.count].into_iter().enumerate() {
                        if let Some(field) = items.field_builder::<UInt32Builder>(index) {
                            field.append_value(number);
                        }
                    }
                    items.append(true);
                }
                column.append(true);
            }
            (Self::Counts(column), _) => column.append(false),
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Int(mut column) => Arc::new(column.finish()),
            Self::Uint(mut column) => Arc::new(column.finish()),
            Self::Uint32(mut column) => Arc::new(column.finish()),
            Self::Float(mut column) => Arc::new(column.finish()),
            Self::Bool(mut column) => Arc::new(column.finish()),
            Self::Text(mut column) => Arc::new(column.finish()),
            Self::Counts(mut column) => Arc::new(column.finish()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::run::ColumnType;
    use super::*;

    #[test]
    fn rows_that_do_not_fit_are_named() {
        let columns = [
            Column::new("fees", ColumnType::Int, "", ""),
            Column::new("gap", ColumnType::Float, "", ""),
        ];
        assert_eq!(misfit(&[Cell::Int(1), Cell::Float(0.5)], &columns), None);
        assert_eq!(misfit(&[Cell::Null, Cell::Null], &columns), None);
        let short = misfit(&[Cell::Int(1)], &columns).unwrap();
        assert!(short.contains("1 cells for 2 columns"), "{short}");
        let wrong = misfit(&[Cell::Int(1), Cell::Uint(2)], &columns).unwrap();
        assert!(wrong.contains("`gap`") && wrong.contains("u64"), "{wrong}");
    }
}

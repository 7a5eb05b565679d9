//! Reading tables of trials, only the columns that are needed.

use std::fs::File;
use std::path::Path;

use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use polars::prelude::*;

use super::cells::Cells;
use super::error::SummaryError;
use super::results::{CONSERVED, Results};
use crate::sweep::store::Outcome;

/// A point and how its trials went.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Its number.
    pub number: u64,
    /// Its value of each of the sweep's parameters.
    pub values: Vec<Value>,
    /// Trials run.
    pub trials: u64,
    /// Those of them that failed.
    pub failed: u64,
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// Yes or no.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number.
    Float(f64),
    /// A text.
    Text(String),
}

/// How the trials of a sweep went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overall {
    /// Trials run.
    pub trials: u64,
    /// Those of them that failed: they have no metrics and are left out of every statistic.
    pub failed: u64,
    /// The seed of the sweep.
    pub seed: u64,
    /// Whether money was conserved; `None` if the trials do not say.
    pub conservation: Option<Conservation>,
}

/// Whether finished trials conserved money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conservation {
    /// Finished trials that did not, or did not say.
    pub broken: u64,
    /// The first of them.
    pub first: Option<u64>,
}

/// One metric of every finished trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The point of each trial.
    pub points: Vec<u64>,
    /// Its replicate.
    pub replicates: Vec<u64>,
    /// The metric, NaN where the trial has none.
    pub values: Vec<f64>,
}

impl Results {
    /// How the trials went, all together.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn overall(&self) -> Result<Overall, SummaryError> {
        let mut wanted = vec![
            len().cast(DataType::UInt64).alias("trials"),
            finished().not().sum().cast(DataType::UInt64).alias("failed"),
            col("seed").first().alias("seed"),
        ];
        let mut needed = vec!["trial", "seed", "outcome"];
        if self.has_conservation() {
            needed.push(CONSERVED);
            let broken = || finished().and(col(CONSERVED).fill_null(lit(false)).not());
            wanted.push(broken().sum().cast(DataType::UInt64).alias("broken"));
            wanted.push(col("trial").filter(broken()).min().alias("first"));
        }
        let table = self.collect(self.scan(&needed)?.select(wanted))?;
        let number = |name: &str| {
            self.numbers(&table, name)
                .map(|cells| cells.first().copied().flatten())
        };
        let conservation = if self.has_conservation() {
            Some(Conservation {
                broken: number("broken")?.unwrap_or(0),
                first: number("first")?,
            })
        } else {
            None
        };
        Ok(Overall {
            trials: number("trials")?.unwrap_or(0),
            failed: number("failed")?.unwrap_or(0),
            seed: number("seed")?.unwrap_or(0),
            conservation,
        })
    }

    /// The points that have trials, by number.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn points(&self) -> Result<Vec<Point>, SummaryError> {
        // Parameters go by their place, so that their names cannot meet the ones given here.
        let place = |place: usize| format!("value {place}");
        let mut wanted = vec![
            len().cast(DataType::UInt64).alias("trials"),
            finished().not().sum().cast(DataType::UInt64).alias("failed"),
        ];
        let mut needed = vec!["point", "outcome"];
        for (index, parameter) in self.parameters.iter().enumerate() {
            needed.push(&parameter.name);
            wanted.push(col(&*parameter.name).first().alias(place(index)));
        }
        let by_point = self.scan(&needed)?.group_by([col("point")]).agg(wanted);
        let table = self.collect(by_point.sort(["point"], SortMultipleOptions::default()))?;
        let (numbers, trials, failed) = (
            self.numbers(&table, "point")?,
            self.numbers(&table, "trials")?,
            self.numbers(&table, "failed")?,
        );
        let mut values = vec![Vec::new(); numbers.len()];
        for index in 0..self.parameters.len() {
            let column = table.column(&place(index)).map_err(self.unreadable())?;
            for (row, values) in values.iter_mut().enumerate() {
                values.push(value(column.get(row).map_err(self.unreadable())?));
            }
        }
        let rows = numbers.into_iter().zip(trials).zip(failed).zip(values);
        let points = rows.filter_map(|(((number, trials), failed), values)| {
            Some(Point {
                number: number?,
                values,
                trials: trials?,
                failed: failed?,
            })
        });
        Ok(points.collect())
    }

    /// A metric of every trial that finished, in the order of trials.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn measured(&self, metric: &str) -> Result<Measured, SummaryError> {
        let columns = [
            col("point"),
            col("replicate"),
            col(metric)
                .cast(DataType::Float64)
                .fill_null(lit(f64::NAN))
                .alias("value"),
        ];
        let trials = self.scan(&["point", "replicate", "outcome", metric])?;
        let table = self.collect(trials.filter(finished()).select(columns))?;
        let ids = |name| {
            let cells = self.numbers(&table, name)?.into_iter();
            Ok::<_, SummaryError>(cells.map(Option::unwrap_or_default).collect())
        };
        let values = table.column("value").and_then(|column| column.f64().cloned());
        Ok(Measured {
            points: ids("point")?,
            replicates: ids("replicate")?,
            values: values
                .map_err(self.unreadable())?
                .iter()
                .map(|value| value.unwrap_or(f64::NAN))
                .collect(),
        })
    }

    /// The columns of all parts.
    pub(crate) fn scan(&self, names: &[&str]) -> Result<LazyFrame, SummaryError> {
        let mut columns: Vec<Option<Cells>> = vec![None; names.len()];
        for part in &self.parts {
            read(part, names, &mut columns)?;
        }
        let columns = names
            .iter()
            .zip(columns)
            .filter_map(|(name, cells)| Some(cells?.into_polars(name)));
        let table = DataFrame::new_infer_height(columns.collect()).map_err(self.unreadable())?;
        Ok(table.lazy())
    }

    fn collect(&self, query: LazyFrame) -> Result<DataFrame, SummaryError> {
        query.collect().map_err(self.unreadable())
    }

    fn numbers(&self, table: &DataFrame, column: &str) -> Result<Vec<Option<u64>>, SummaryError> {
        let column = table.column(column).and_then(|column| column.u64().cloned());
        Ok(column.map_err(self.unreadable())?.iter().collect())
    }

    fn unreadable(&self) -> impl Fn(PolarsError) -> SummaryError + '_ {
        |error| SummaryError::table("read the trials of", &self.folder)(error)
    }
}

/// Adds columns of a part to those of the parts before it.
fn read(part: &Path, names: &[&str], columns: &mut [Option<Cells>]) -> Result<(), SummaryError> {
    let unlike = |name: &str| {
        let text = format!("its column `{name}` is missing or of an unexpected type");
        SummaryError::table("read", part)(text)
    };
    let file = File::open(part).map_err(SummaryError::io("read", part))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(SummaryError::table("read", part))?;
    let schema = reader.schema().clone();
    let mut roots = Vec::new();
    for (name, column) in names.iter().zip(&mut *columns) {
        let (root, field) = schema.column_with_name(name).ok_or_else(|| unlike(name))?;
        roots.push(root);
        if column.is_none() {
            *column = Cells::of_type(field.data_type());
        }
    }
    let mask = ProjectionMask::roots(reader.parquet_schema(), roots);
    let batches = reader
        .with_projection(mask)
        .build()
        .map_err(SummaryError::table("read", part))?;
    for batch in batches {
        let batch = batch.map_err(SummaryError::table("read", part))?;
        for (name, column) in names.iter().zip(&mut *columns) {
            let taken = match (column, batch.column_by_name(name)) {
                (Some(column), Some(array)) => column.append(array),
                _ => false,
            };
            if !taken {
                return Err(unlike(name));
            }
        }
    }
    Ok(())
}

/// Whether a trial ran to its end and has metrics.
fn finished() -> Expr {
    col("outcome").eq(lit(Outcome::Ok.name()))
}

fn value(cell: AnyValue) -> Value {
    match cell {
        AnyValue::Null => Value::Null,
        AnyValue::Boolean(value) => Value::Bool(value),
        AnyValue::Int64(value) => Value::Int(value),
        AnyValue::Float64(value) => Value::Float(value),
        AnyValue::String(text) => Value::Text(text.to_owned()),
        AnyValue::StringOwned(text) => Value::Text(text.to_string()),
        other => match other.try_extract::<f64>() {
            Ok(value) => Value::Float(value),
            Err(_) => Value::Text(other.to_string()),
        },
    }
}

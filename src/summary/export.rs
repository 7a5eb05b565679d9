//! A summary as a file: one row for every row and metric.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field as ArrowField, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::cells::Cells;
use super::error::SummaryError;
use super::kind::Kind;
use super::read::Value;
use super::{Fraction, Row, Statistics, Summary, Table};

/// Where a summary is written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    path: PathBuf,
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Parquet,
    Csv,
}

impl Target {
    /// A file that ends in `.parquet` or `.csv` and, unless it may be overwritten, is not there yet.
    ///
    /// # Errors
    /// Any other file.
    pub fn new(path: &Path, overwrite: bool) -> Result<Self, SummaryError> {
        let extension = path.extension().map(|extension| extension.to_ascii_lowercase());
        let format = match extension.as_ref().and_then(|extension| extension.to_str()) {
            Some("parquet") => Format::Parquet,
            Some("csv") => Format::Csv,
            _ => return Err(SummaryError::UnknownFormat(path.to_owned())),
        };
        if path.exists() && !overwrite {
            return Err(SummaryError::Exists(path.to_owned()));
        }
        Ok(Self {
            path: path.to_owned(),
            format,
        })
    }
}

/// A column of the file.
struct Field {
    name: String,
    cells: Cells,
}

impl Summary {
    /// Writes the summary: point (null where several are pooled) and number of points, parameters, metric, unit,
    /// trials that failed and values taken, and the statistics in columns.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, target: &Target) -> Result<(), SummaryError> {
        let fields = self.fields();
        // The file has its name only once it is complete.
        let mut temporary = target.path.clone().into_os_string();
        temporary.push(".tmp");
        let temporary = PathBuf::from(temporary);
        let file = File::create(&temporary).map_err(SummaryError::io("create", &target.path))?;
        let written = match target.format {
            Format::Parquet => parquet(fields, file).map_err(SummaryError::table("write", &target.path)),
            Format::Csv => csv(&fields, file).map_err(SummaryError::table("write", &target.path)),
        };
        let named = written.and_then(|()| {
            fs::rename(&temporary, &target.path).map_err(SummaryError::io("write", &target.path))
        });
        if named.is_err() {
            // What is left of it does no harm.
            fs::remove_file(&temporary).ok();
        }
        named
    }

    fn fields(&self) -> Vec<Field> {
        let lines: Vec<(&Table, &Row, Option<&Statistics>)> = self
            .metrics
            .iter()
            .flat_map(|table| {
                let cells = self.rows.iter().zip(&table.cells);
                cells.map(move |(row, cell)| (table, row, cell.as_ref()))
            })
            .collect();
        let mut fields = Vec::new();
        let mut add = |name: String, cells| fields.push(Field { name, cells });
        let rows = || lines.iter().map(|(_, row, _)| *row);
        add("point".into(), Cells::Uint(rows().map(|row| row.point).collect()));
        add(
            "points".into(),
            Cells::Uint(rows().map(|row| Some(row.points)).collect()),
        );
        for (place, parameter) in self.parameters.iter().enumerate() {
            let values = rows().map(|row| row.values.get(place).unwrap_or(&Value::Null));
            add(parameter.name.clone(), parameter_cells(&parameter.kind, values));
        }
        let text =
            |of: fn(&Table) -> &String| lines.iter().map(|(table, ..)| Some(of(table).clone())).collect();
        add("metric".into(), Cells::Text(text(|table| &table.metric.name)));
        add("unit".into(), Cells::Text(text(|table| &table.metric.unit)));
        if let Some(point) = self.options.against {
            add("less_point".into(), Cells::Uint(vec![Some(point); lines.len()]));
        }
        add(
            "failed".into(),
            Cells::Uint(rows().map(|row| Some(row.failed)).collect()),
        );
        let count = |cell: Option<&Statistics>| cell.map_or(0, |cell| cell.count);
        add(
            "count".into(),
            Cells::Uint(lines.iter().map(|(.., cell)| Some(count(*cell))).collect()),
        );

        let mut number = |name: String, of: &dyn Fn(&Statistics) -> Option<f64>| {
            add(
                name,
                Cells::Float(lines.iter().map(|(.., cell)| cell.and_then(of)).collect()),
            );
        };
        let level = self.options.confidence;
        number("mean".into(), &|cell| Some(cell.mean));
        number(format!("mean_low_{level}"), &|cell| Some(cell.interval?.low));
        number(format!("mean_high_{level}"), &|cell| Some(cell.interval?.high));
        number("std_dev".into(), &|cell| cell.std_dev);
        number("min".into(), &|cell| Some(cell.min));
        number("max".into(), &|cell| Some(cell.max));
        let mut each = |name: &str, shares: &[Fraction], of: fn(&Statistics) -> &Vec<f64>| {
            for (place, share) in shares.iter().enumerate() {
                number(format!("{name}_{share}"), &|cell| of(cell).get(place).copied());
            }
        };
        each("quantile", &self.options.quantiles, |cell| &cell.quantiles);
        each("lowest", &self.options.tails, |cell| &cell.lower_tails);
        each("highest", &self.options.tails, |cell| &cell.upper_tails);
        fields
    }
}

/// Values that do not fit their column, which no sweep writes, would turn into nulls.
fn parameter_cells<'a>(kind: &Kind, values: impl Iterator<Item = &'a Value>) -> Cells {
    fn cells<'a, T>(
        values: impl Iterator<Item = &'a Value>,
        cell: impl Fn(&Value) -> Option<T>,
    ) -> Vec<Option<T>> {
        values.map(cell).collect()
    }
    match kind {
        Kind::Bool => Cells::Bool(cells(values, |value| match value {
            Value::Bool(value) => Some(*value),
            _ => None,
        })),
        Kind::Integer => Cells::Int(cells(values, |value| match value {
            Value::Int(value) => Some(*value),
            _ => None,
        })),
        Kind::Float => Cells::Float(cells(values, |value| match value {
            Value::Float(value) => Some(*value),
            _ => None,
        })),
        Kind::Text | Kind::Other(_) => Cells::Text(cells(values, |value| {
            (*value != Value::Null).then(|| value.to_string())
        })),
    }
}

fn parquet(fields: Vec<Field>, file: File) -> Result<(), ParquetError> {
    let columns: Vec<(String, ArrayRef)> = fields
        .into_iter()
        .map(|field| (field.name, field.cells.into_arrow()))
        .collect();
    let described = columns
        .iter()
        .map(|(name, cells)| ArrowField::new(name, cells.data_type().clone(), true));
    let schema = Arc::new(Schema::new(described.collect::<Vec<_>>()));
    let batch = RecordBatch::try_new(
        schema.clone(),
        columns.into_iter().map(|(_, cells)| cells).collect(),
    )?;
    let zstd = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default()));
    let mut writer = ArrowWriter::try_new(file, schema, Some(zstd.build()))?;
    writer.write(&batch)?;
    writer.close()?;
    Ok(())
}

fn csv(fields: &[Field], file: File) -> csv::Result<()> {
    let mut writer = csv::Writer::from_writer(file);
    writer.write_record(fields.iter().map(|field| field.name.as_bytes()))?;
    for line in 0..fields.first().map_or(0, |field| field.cells.len()) {
        writer.write_record(fields.iter().map(|field| field.cells.text(line)))?;
    }
    writer.flush()?;
    Ok(())
}

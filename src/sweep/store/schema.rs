//! The schemas of the tables, with what a reader should know about them.
//!
//! Every field's metadata says its `role` (`id`, `parameter`, `metric`, `outcome` or `state`), its `unit` and its
//! `description`. The file's metadata says by which harness and from which spec it was made.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields, Metadata, Schema, SchemaRef};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::super::plan::{ParamColumn, ParamType};
use super::super::run::{Column, ColumnType};

/// Rows between two cuts of a file. The trials of a part always fit; long series are cut, so that memory does not
/// grow with them.
const ROW_GROUP_ROWS: usize = 131_072;

/// What every file of a sweep says about itself.
#[derive(Clone, Debug)]
pub struct Header {
    /// The sweep's name.
    pub sweep: String,
    /// The harness's version.
    pub harness: String,
    /// The spec's fingerprint.
    pub spec: String,
    /// Seconds of simulated time between two rows of a trial's series.
    pub series_interval_s: Option<u32>,
}

/// The schemas of a sweep.
#[derive(Clone, Debug)]
pub struct Tables {
    /// One row a trial.
    pub trials: SchemaRef,
    /// Rows over time, for each trial.
    pub series: SchemaRef,
    /// One row for each trial that failed.
    pub failures: SchemaRef,
}

/// Columns that do not fit into one table.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {table} table would have two columns named `{column}`")]
pub struct SchemaError {
    /// Which table.
    pub table: &'static str,
    /// The name that comes twice.
    pub column: String,
}

impl Tables {
    /// The tables of a sweep over `parameters` with the given metrics and series.
    ///
    /// # Errors
    /// Two columns of one name.
    pub fn new(
        header: &Header,
        parameters: &[ParamColumn],
        metrics: &[Column],
        series: &[Column],
    ) -> Result<Self, SchemaError> {
        let parameters: Vec<Field> = parameters.iter().map(parameter).collect();
        let outcome = described(
            Field::new("outcome", DataType::Utf8, false),
            "outcome",
            "",
            "`ok`, or `failed` or `panicked`: then the metrics are null and failures.parquet says why",
        );

        let mut trials = ids(true);
        trials.extend(parameters.iter().cloned());
        trials.extend(metrics.iter().map(|column| measured(column, "metric")));
        trials.push(outcome.clone());

        let mut states = ids(false);
        states.extend(series.iter().map(|column| measured(column, "state")));

        let mut failures = ids(true);
        failures.extend(parameters);
        failures.push(outcome);
        for (name, description) in [
            ("error_kind", "a word to group failures by"),
            ("error", "what went wrong"),
        ] {
            failures.push(described(
                Field::new(name, DataType::Utf8, false),
                "outcome",
                "",
                description,
            ));
        }
        Ok(Self {
            trials: schema(header, "trials", trials)?,
            series: schema(header, "series", states)?,
            failures: schema(header, "failures", failures)?,
        })
    }
}

fn schema(header: &Header, table: &'static str, fields: Vec<Field>) -> Result<SchemaRef, SchemaError> {
    let mut names = HashSet::new();
    if let Some(twice) = fields.iter().find(|field| !names.insert(field.name())) {
        return Err(SchemaError {
            table,
            column: twice.name().clone(),
        });
    }
    let mut metadata = Metadata::default()
        .with("harness.sweep", &header.sweep)
        .with("harness.version", &header.harness)
        .with("harness.spec", &header.spec)
        .with("harness.table", table);
    if let Some(interval) = header.series_interval_s {
        metadata.insert("harness.series_interval_s", interval.to_string());
    }
    Ok(Arc::new(Schema::new_with_metadata(fields, metadata)))
}

fn ids(with_seed: bool) -> Vec<Field> {
    let id = |name, kind, description| described(Field::new(name, kind, false), "id", "", description);
    let mut ids = vec![
        id("trial", DataType::UInt64, "number of the trial"),
        id("point", DataType::UInt64, "number of the choice of parameters"),
        id(
            "replicate",
            DataType::UInt32,
            "number of the random future, the same at every point",
        ),
    ];
    if with_seed {
        ids.push(id("seed", DataType::UInt64, "seed of the sweep"));
    }
    ids
}

fn parameter(column: &ParamColumn) -> Field {
    let (kind, description) = match column.kind {
        ParamType::Bool => (DataType::Boolean, "parameter of the scenario"),
        ParamType::Int => (DataType::Int64, "parameter of the scenario"),
        ParamType::Float => (DataType::Float64, "parameter of the scenario"),
        ParamType::Text => (DataType::Utf8, "parameter of the scenario"),
        ParamType::Json => (DataType::Utf8, "parameter of the scenario, as JSON"),
    };
    described(Field::new(&column.path, kind, true), "parameter", "", description)
}

fn measured(column: &Column, role: &str) -> Field {
    let kind = match column.kind {
        ColumnType::Int => DataType::Int64,
        ColumnType::Uint => DataType::UInt64,
        ColumnType::Float => DataType::Float64,
        ColumnType::Bool => DataType::Boolean,
        ColumnType::Text => DataType::Utf8,
        ColumnType::Counts => DataType::List(count_field()),
    };
    described(
        Field::new(&column.name, kind, true),
        role,
        &column.unit,
        &column.description,
    )
}

/// An item of a list of counts.
pub(super) fn count_field() -> Arc<Field> {
    Arc::new(Field::new("item", DataType::Struct(count_fields()), false))
}

pub(super) fn count_fields() -> Fields {
    Fields::from(vec![
        Field::new("code", DataType::UInt32, false),
        Field::new("count", DataType::UInt32, false),
    ])
}

fn described(field: Field, role: &str, unit: &str, description: &str) -> Field {
    let mut metadata = Metadata::default().with("role", role);
    for (key, text) in [("unit", unit), ("description", description)] {
        if !text.is_empty() {
            metadata.insert(key, text);
        }
    }
    field.with_metadata(metadata)
}

/// How a table is written: zstd, values that hardly repeat without a dictionary.
pub(super) fn properties(schema: &Schema) -> WriterProperties {
    let about = schema
        .metadata()
        .iter()
        .map(|(key, value)| KeyValue::new(key.clone(), value.clone()))
        .collect();
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_created_by(concat!("harness ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(about));
    for field in schema.fields() {
        let measured = matches!(
            field.metadata().get("role").map(String::as_str),
            Some("metric" | "state")
        );
        let path = ColumnPath::new(vec![field.name().clone()]);
        properties = match field.data_type() {
            DataType::Float64 if measured => properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::BYTE_STREAM_SPLIT),
            DataType::Int64 | DataType::UInt64 if measured => {
                properties.set_column_dictionary_enabled(path, false)
            }
            _ => properties,
        };
    }
    properties.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            sweep: "bias".into(),
            harness: "1.2.3".into(),
            spec: "abc".into(),
            series_interval_s: None,
        }
    }

    fn metric(name: &str) -> Column {
        Column::new(name, ColumnType::Int, "1e-6 USD", "a sum")
    }

    #[test]
    fn columns_say_what_they_are() {
        let path = "agents.traders.short_bias";
        let parameters = [ParamColumn {
            path: path.into(),
            kind: ParamType::Float,
        }];
        let tables = Tables::new(&header(), &parameters, &[metric("fees")], &[]).unwrap();
        let names: Vec<_> = tables.trials.fields().iter().map(|f| f.name().as_str()).collect();
        assert_eq!(
            names,
            ["trial", "point", "replicate", "seed", path, "fees", "outcome"]
        );
        let fees = tables.trials.field_with_name("fees").unwrap();
        for (key, value) in [("role", "metric"), ("unit", "1e-6 USD"), ("description", "a sum")] {
            assert_eq!(fees.metadata().get(key).map(String::as_str), Some(value));
        }
        let bias = tables.failures.field_with_name(path).unwrap();
        assert_eq!(bias.data_type(), &DataType::Float64);
        assert_eq!(bias.metadata().get("role").map(String::as_str), Some("parameter"));
        assert_eq!(
            tables.trials.metadata().get("harness.spec").map(String::as_str),
            Some("abc")
        );
    }

    #[test]
    fn no_two_columns_share_a_name() {
        for (name, series) in [("outcome", false), ("trial", true)] {
            let (metrics, states) = if series {
                (vec![], vec![metric(name)])
            } else {
                (vec![metric(name)], vec![])
            };
            let error = Tables::new(&header(), &[], &metrics, &states).unwrap_err();
            assert_eq!(error.column, name);
        }
    }
}

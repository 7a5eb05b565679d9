//! `divergence.parquet`: a row a finding, for polars and DuckDB.

use super::{DivergenceReport, Finding, Side, Size};
use crate::staged::StagedFile;
use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, UInt32Array, UInt64Array,
};
use arrow_schema::ArrowError;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use std::path::Path;
use std::sync::Arc;

/// Why the table cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file cannot be made.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Writing failed.
    #[error(transparent)]
    Parquet(#[from] ParquetError),
    /// The columns do not fit together.
    #[error(transparent)]
    Arrow(#[from] ArrowError),
}

/// Every finding of `report`, a row each; `size_*` are absolute in the finding's unit, `ulps_*` in the field's own
/// integer, as text where they exceed 64 bits.
///
/// # Errors
/// None in practice: the columns have one length.
pub fn rows(report: &DivergenceReport) -> Result<RecordBatch, ArrowError> {
    let rows: Vec<_> = report
        .trials
        .iter()
        .flat_map(|trial| trial.findings.iter().map(move |finding| (trial, finding)))
        .collect();
    let text = |of: &dyn Fn(&Finding) -> Option<String>| -> ArrayRef {
        Arc::new(
            rows.iter()
                .map(|(_, finding)| of(finding))
                .collect::<StringArray>(),
        )
    };
    let count = |of: &dyn Fn(&Finding) -> Option<u64>| -> ArrayRef {
        Arc::new(
            rows.iter()
                .map(|(_, finding)| of(finding))
                .collect::<UInt64Array>(),
        )
    };
    let float = |of: &dyn Fn(&Finding) -> Option<f64>| -> ArrayRef {
        Arc::new(
            rows.iter()
                .map(|(_, finding)| of(finding))
                .collect::<Float64Array>(),
        )
    };
    let short = |of: &dyn Fn(&Finding) -> Option<u32>| -> ArrayRef {
        Arc::new(
            rows.iter()
                .map(|(_, finding)| of(finding))
                .collect::<UInt32Array>(),
        )
    };
    let event = |event: Option<usize>| event.map(|event| event as u64);
    let ulps = |size: &Option<Size>| size.as_ref().map(|size| size.ulps.clone());
    let experiments = rows.iter().map(|(trial, _)| Some(trial.experiment.as_str()));
    let trials = rows.iter().map(|(trial, _)| trial.trial);
    let times = rows.iter().map(|(_, finding)| Some(finding.first.unix_timestamp));
    let grew = rows.iter().map(|(_, finding)| Some(finding.grew));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("experiment", Arc::new(experiments.collect::<StringArray>())),
        ("trial", Arc::new(trials.collect::<UInt64Array>())),
        ("id", short(&|it| Some(it.id))),
        ("cause", short(&|it| it.cause)),
        ("kind", text(&|it| Some(it.kind.key().to_owned()))),
        ("severity", text(&|it| Some(it.severity.name().to_owned()))),
        ("first_event", count(&|it| event(it.first.event))),
        ("first_event_name", text(&|it| Some(it.first.event_name.clone()))),
        (
            "first_instruction",
            text(&|it| Some(it.first.instruction.clone())),
        ),
        ("first_slot", count(&|it| Some(it.first.slot))),
        ("first_unix_timestamp", Arc::new(times.collect::<Int64Array>())),
        ("last_event", count(&|it| event(it.last.event))),
        (
            "healed_event",
            count(&|it| event(it.healed.as_ref().and_then(|place| place.event))),
        ),
        ("occurrences", count(&|it| Some(it.occurrences))),
        ("account", text(&|it| it.account.clone())),
        ("account_kind", text(&|it| it.account_kind.clone())),
        ("field", text(&|it| Some(it.field.clone()))),
        ("left", text(&|it| it.left.clone())),
        ("right", text(&|it| it.right.clone())),
        (
            "left_error",
            text(&|it| it.left_refused.as_ref().map(|refused| refused.name.clone())),
        ),
        (
            "right_error",
            text(&|it| it.right_refused.as_ref().map(|refused| refused.name.clone())),
        ),
        ("unit", text(&|it| it.unit.as_ref().map(|unit| unit.name.clone()))),
        ("scale", count(&|it| it.unit.as_ref().map(|unit| unit.scale))),
        ("ulps_first", text(&|it| ulps(&it.size))),
        ("ulps_last", text(&|it| ulps(&it.last_size))),
        ("ulps_largest", text(&|it| ulps(&it.largest_size))),
        (
            "size_first",
            float(&|it| it.size.as_ref().map(|size| size.absolute)),
        ),
        (
            "size_largest",
            float(&|it| it.largest_size.as_ref().map(|size| size.absolute)),
        ),
        (
            "relative_first",
            float(&|it| it.size.as_ref().map(|size| size.relative)),
        ),
        ("grew", Arc::new(grew.collect::<BooleanArray>())),
        (
            "knock_ons",
            count(&|it| it.knock_ons.as_ref().map(|knock_ons| knock_ons.findings)),
        ),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)))
}

/// Writes [`rows`] to `path`, the two sides being named in the metadata.
///
/// # Errors
/// [`TableError`].
pub fn write(report: &DivergenceReport, path: &Path) -> Result<(), TableError> {
    let batch = rows(report)?;
    let failed = |source| TableError::Io {
        path: path.to_owned(),
        source,
    };
    let file = StagedFile::create(path).map_err(failed)?;
    let side = |side: &Side| {
        let sha256 = side.sha256.as_ref().map(|sha256| format!(" (sha256 {sha256})"));
        format!("{}{}", side.name, sha256.unwrap_or_default())
    };
    let sides = [("left", &report.left), ("right", &report.right)];
    let sides = sides.map(|(name, of)| KeyValue::new(name.to_owned(), side(of)));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(Default::default()))
        .set_key_value_metadata(Some(sides.to_vec()));
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties.build()))?;
    writer.write(&batch)?;
    writer.into_inner()?.place().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, finding, trial};
    use super::super::{Kind, Severity};
    use super::*;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use std::fs::File;

    fn report() -> DivergenceReport {
        let fee = |id, cause| Finding {
            cause,
            ..finding(id, Kind::Rounding, "amm.total_fee")
        };
        testing::report(vec![trial("lp_bias_3", vec![fee(0, None), fee(1, Some(0))])])
    }

    #[test]
    fn every_finding_is_a_row() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("divergence.parquet");
        write(&report(), &path).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap();
        let batches: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
        assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 2);
        let kinds = batches[0].column_by_name("kind").unwrap();
        assert_eq!(**kinds, StringArray::from(vec!["rounding", "rounding"]));
        let causes = batches[0].column_by_name("cause").unwrap();
        assert_eq!(**causes, UInt32Array::from(vec![None, Some(0)]));
    }

    #[test]
    fn the_document_survives_json_and_has_a_schema() {
        let report = report();
        let text = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<DivergenceReport>(&text).unwrap(), report);
        assert_eq!(report.worst(), Some(Severity::Minor));
        assert_eq!((report.statistics.replayed, report.statistics.divergent), (1, 1));
        // Nobody picked it, so it says nothing about the nine others.
        assert_eq!(report.statistics.sweep_bound, None);
        assert_eq!(report.trials[0].causes().count(), 1);
        let schema = serde_json::to_value(DivergenceReport::schema()).unwrap();
        let described = &schema["$defs"]["Finding"]["properties"]["healed"]["description"];
        assert!(described.is_string(), "{schema:#}");
        // The names in the table are those in the document.
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.key());
        }
    }
}

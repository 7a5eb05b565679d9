//! A comparison as Parquet: a row for each field and state.

use super::{Comparison, HistoryError};
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, UInt32Array};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

impl Comparison {
    /// Writes the series: `state` (its place, from 1), `unix_seconds`, `field`, `unit`, and the values as `recorded`, as the `engine` has them,
    /// and as it has them after a step from the recorded state before (`one_step`).
    ///
    /// # Errors
    /// [`HistoryError::Write`].
    pub fn write(&self, path: &Path) -> Result<(), HistoryError> {
        let failed = |error: &dyn std::fmt::Display| HistoryError::write(path, error);
        let states = self.recording.states.len().saturating_sub(1);
        let rows = || (0..states).flat_map(|place| self.fields.iter().map(move |field| (place, field)));
        let value = |of: &dyn Fn(usize, &super::Compared) -> i128| -> ArrayRef {
            let values = rows().map(|(place, field)| field.quantity.value(of(place, field)));
            Arc::new(values.collect::<Float64Array>())
        };
        let seen = |(place, _): (usize, _)| self.recording.states[place + 1].seen;
        let columns: [(&str, ArrayRef); 7] = [
            (
                "state",
                Arc::new(rows().map(|(place, _)| place as u32 + 1).collect::<UInt32Array>()),
            ),
            ("unix_seconds", Arc::new(rows().map(seen).collect::<Int64Array>())),
            (
                "field",
                Arc::new(StringArray::from_iter_values(
                    rows().map(|(_, field)| field.quantity.name),
                )),
            ),
            (
                "unit",
                Arc::new(StringArray::from_iter_values(
                    rows().map(|(_, field)| field.quantity.unit),
                )),
            ),
            ("recorded", value(&|place, field| field.asked.recorded[place])),
            ("engine", value(&|place, field| field.asked.engine[place])),
            ("one_step", value(&|place, field| field.each.engine[place])),
        ];
        let batch = RecordBatch::try_from_iter(columns).map_err(|error| failed(&error))?;
        let zstd = ZstdLevel::try_new(3).map_err(|error| failed(&error))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(zstd))
            .build();
        // The file has its name only once it is complete.
        let mut temporary = path.to_owned().into_os_string();
        temporary.push(".tmp");
        let written = (|| {
            let file = File::create(&temporary).map_err(|error| failed(&error))?;
            let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties))
                .map_err(|error| failed(&error))?;
            writer.write(&batch).map_err(|error| failed(&error))?;
            writer.close().map_err(|error| failed(&error))?;
            fs::rename(&temporary, path).map_err(|error| failed(&error))
        })();
        if written.is_err() {
            // What is left of it does no harm.
            fs::remove_file(&temporary).ok();
        }
        written
    }
}

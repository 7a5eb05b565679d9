//! `ix_logs`: a row an instruction.

use super::table::{FileKind, ParquetFile};
use super::{ResultsError, Stamp};
use arrow_array::RecordBatch;
use arrow_array::builder::{BooleanBuilder, Int64Builder, StringBuilder, UInt32Builder, UInt64Builder};
use arrow_schema::{DataType, Field, Schema};
use parquet::errors::ParquetError;
use std::path::Path;
use std::sync::Arc;

/// Rows that are gathered before they are written.
const BATCH: usize = 4_096;

/// An instruction and what became of it.
pub(super) struct Entry<'a> {
    pub event_name: &'a str,
    pub instruction: &'a str,
    /// The arguments by name.
    pub arguments: &'a serde_json::Value,
    /// The error's number and name.
    pub error: Option<(u32, &'a str)>,
    /// The line in which the program says what is wrong.
    pub log_line: Option<&'a str>,
    pub compute_units: u64,
}

/// The log being written.
pub(super) struct InstructionLog {
    file: ParquetFile,
    kind: Arc<FileKind>,
    event: UInt64Builder,
    event_name: StringBuilder,
    instruction: StringBuilder,
    arguments: StringBuilder,
    slot: UInt64Builder,
    time: Int64Builder,
    ok: BooleanBuilder,
    code: UInt32Builder,
    name: StringBuilder,
    line: StringBuilder,
    units: UInt64Builder,
    rows: usize,
}

impl InstructionLog {
    /// The log at `path` of what `program` did.
    pub(super) fn new(path: &Path, program: &str) -> Result<Self, ParquetError> {
        let schema = Schema::new(vec![
            Field::new("event", DataType::UInt64, true),
            Field::new("event_name", DataType::Utf8, false),
            Field::new("instruction", DataType::Utf8, false),
            Field::new("arguments", DataType::Utf8, false),
            Field::new("slot", DataType::UInt64, false),
            Field::new("unix_timestamp", DataType::Int64, false),
            Field::new("ok", DataType::Boolean, false),
            Field::new("error_code", DataType::UInt32, true),
            Field::new("error_name", DataType::Utf8, true),
            Field::new("log_line", DataType::Utf8, true),
            Field::new("compute_units", DataType::UInt64, false),
        ]);
        let kind = Arc::new(FileKind::new(schema, program)?);
        Ok(Self {
            file: ParquetFile::new(path, Arc::clone(&kind)),
            kind,
            event: UInt64Builder::new(),
            event_name: StringBuilder::new(),
            instruction: StringBuilder::new(),
            arguments: StringBuilder::new(),
            slot: UInt64Builder::new(),
            time: Int64Builder::new(),
            ok: BooleanBuilder::new(),
            code: UInt32Builder::new(),
            name: StringBuilder::new(),
            line: StringBuilder::new(),
            units: UInt64Builder::new(),
            rows: 0,
        })
    }

    pub(super) fn push(&mut self, stamp: Stamp, entry: &Entry) -> Result<(), ResultsError> {
        self.event.append_option(stamp.event.map(|event| event as u64));
        self.event_name.append_value(entry.event_name);
        self.instruction.append_value(entry.instruction);
        self.arguments.append_value(entry.arguments.to_string());
        self.slot.append_value(stamp.clock.slot);
        self.time.append_value(stamp.clock.unix_timestamp);
        self.ok.append_value(entry.error.is_none());
        self.code.append_option(entry.error.map(|(code, _)| code));
        self.name.append_option(entry.error.map(|(_, name)| name));
        self.line.append_option(entry.log_line);
        self.units.append_value(entry.compute_units);
        self.rows += 1;
        if self.rows == BATCH {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), ResultsError> {
        self.rows = 0;
        let rows = RecordBatch::try_new(
            self.kind.schema().clone(),
            vec![
                Arc::new(self.event.finish()),
                Arc::new(self.event_name.finish()),
                Arc::new(self.instruction.finish()),
                Arc::new(self.arguments.finish()),
                Arc::new(self.slot.finish()),
                Arc::new(self.time.finish()),
                Arc::new(self.ok.finish()),
                Arc::new(self.code.finish()),
                Arc::new(self.name.finish()),
                Arc::new(self.line.finish()),
                Arc::new(self.units.finish()),
            ],
        );
        self.file.write(rows)
    }

    /// Completes the file.
    pub(super) fn finish(&mut self) -> Result<(), ResultsError> {
        self.flush()?;
        self.file.finish()
    }
}

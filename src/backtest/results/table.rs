//! The table of one account: a row a write.

use super::column::{Column, field};
use super::shape::{Cell, Shape};
use super::{ResultsError, Stamp};
use arrow_array::builder::UInt64Builder;
use arrow_array::{ArrayRef, ListArray, RecordBatch, StructArray, UInt64Array};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use drift::accounts::Account;
use drift::accounts::layout::{Describe, Value};
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::arrow::{ARROW_SCHEMA_META_KEY, ArrowSchemaConverter, ArrowWriter, encode_arrow_schema};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::SchemaDescriptor;
use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows that are gathered before they are written.
const BATCH: usize = 4_096;

/// Rows from which on a table is compressed. Setting compression up takes longer, for a hundred columns and more, than
/// the few rows of most tables take to write, and repeated values are stored once in any case.
const COMPRESSED: usize = 256;

/// What files of one kind have in common. Reckoned once: of a short table it would be most of the work.
pub(super) struct FileKind {
    schema: SchemaRef,
    parquet: SchemaDescriptor,
    metadata: Vec<KeyValue>,
}

impl FileKind {
    /// Files with the columns of `schema`, of what `program` wrote, which is named in their metadata.
    pub(super) fn new(schema: Schema, program: &str) -> Result<Self, ParquetError> {
        Ok(Self {
            parquet: ArrowSchemaConverter::new().convert(&schema)?,
            metadata: vec![
                KeyValue::new("program".to_owned(), program.to_owned()),
                KeyValue::new(ARROW_SCHEMA_META_KEY.to_owned(), encode_arrow_schema(&schema)),
            ],
            schema: Arc::new(schema),
        })
    }

    /// The columns.
    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }
}

/// Rows from which on repeated values are stored once: in shorter tables that takes longer, and no less space.
const REPEATED: usize = 32;

/// A Parquet file being written.
pub(super) struct ParquetFile {
    path: PathBuf,
    kind: Arc<FileKind>,
    /// None before the first rows.
    writer: Option<ArrowWriter<File>>,
}

impl ParquetFile {
    /// The file at `path`.
    pub(super) fn new(path: &Path, kind: Arc<FileKind>) -> Self {
        Self {
            path: path.to_owned(),
            kind,
            writer: None,
        }
    }

    fn open(&self, rows: usize) -> Result<ArrowWriter<File>, ParquetError> {
        let compression = match rows < COMPRESSED {
            true => Compression::UNCOMPRESSED,
            false => Compression::ZSTD(ZstdLevel::default()),
        };
        let properties = WriterProperties::builder()
            .set_compression(compression)
            .set_dictionary_enabled(rows >= REPEATED)
            .set_statistics_enabled(EnabledStatistics::None)
            .set_offset_index_disabled(true)
            .set_created_by(concat!("harness ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_key_value_metadata(Some(self.kind.metadata.clone()))
            .build();
        let options = ArrowWriterOptions::new()
            .with_properties(properties)
            .with_parquet_schema(self.kind.parquet.clone())
            // It is among the metadata.
            .with_skip_arrow_metadata(true);
        let file = File::create(&self.path)?;
        ArrowWriter::try_new_with_options(file, self.kind.schema.clone(), options)
    }

    /// Adds rows. Tables are given theirs in large batches, so the first one says whether this is a long table.
    pub(super) fn write(&mut self, rows: Result<RecordBatch, ArrowError>) -> Result<(), ResultsError> {
        let written = rows.map_err(Into::into).and_then(|rows| {
            if self.writer.is_none() {
                self.writer = Some(self.open(rows.num_rows())?);
            }
            self.writer.as_mut().map_or(Ok(()), |writer| writer.write(&rows))
        });
        self.told(written)
    }

    pub(super) fn finish(&mut self) -> Result<(), ResultsError> {
        let writer = match self.writer.take() {
            Some(writer) => Ok(writer),
            None => self.open(0),
        };
        self.told(writer.and_then(ArrowWriter::close).map(drop))
    }

    fn told(&self, done: Result<(), ParquetError>) -> Result<(), ResultsError> {
        done.map_err(|source| ResultsError::Parquet {
            path: self.path.clone(),
            source,
        })
    }
}

/// A list's entries being gathered.
struct Entries {
    place: UInt64Builder,
    fields: Vec<Column>,
    lengths: Vec<usize>,
}

/// The table of an account.
pub(super) struct AccountTable {
    kind: Arc<TableKind>,
    file: ParquetFile,
    event: Vec<Option<u64>>,
    write: Vec<u64>,
    slot: Vec<u64>,
    time: Vec<i64>,
    fields: Vec<Column>,
    lists: Vec<Entries>,
    values: Vec<Value>,
}

impl AccountTable {
    /// Begins the table at `path`.
    pub(super) fn new(path: &Path, kind: Arc<TableKind>) -> Self {
        let shape = &kind.shape;
        let columns = |cells: &mut dyn Iterator<Item = Cell>| cells.map(Column::new).collect();
        let lists = shape.lists.iter().map(|list| Entries {
            place: UInt64Builder::new(),
            fields: columns(&mut list.fields.iter().map(|leaf| leaf.cell)),
            lengths: Vec::new(),
        });
        Self {
            file: ParquetFile::new(path, Arc::clone(&kind.file)),
            lists: lists.collect(),
            fields: columns(&mut shape.fields.iter().map(|(_, leaf)| leaf.cell)),
            kind,
            event: Vec::new(),
            write: Vec::new(),
            slot: Vec::new(),
            time: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Adds a row: write number `write` of the run.
    pub(super) fn push(&mut self, stamp: Stamp, write: u64, account: &Account) -> Result<(), ResultsError> {
        let Self { kind, values, .. } = self;
        let shape = &kind.shape;
        values.clear();
        account.describe(&mut String::new(), &mut |_, value| values.push(value));
        // Every account of a type has the same fields.
        let unlike = |reason| ResultsError::Value {
            path: self.file.path.clone(),
            reason,
        };
        if values.len() != shape.unused.len() {
            return Err(unlike("an account of another type".to_owned()));
        }
        for (column, (place, leaf)) in self.fields.iter_mut().zip(&shape.fields) {
            column.push(&leaf.name, &values[*place]).map_err(unlike)?;
        }
        for (entries, list) in self.lists.iter_mut().zip(&shape.lists) {
            let mut length = 0;
            let all = list.start..list.start + list.entries * list.fields.len();
            let used = values[all.clone()].chunks(list.fields.len());
            let unused = shape.unused[all].chunks(list.fields.len());
            for (place, (entry, _)) in (0..)
                .zip(used.zip(unused))
                .filter(|(_, (entry, zero))| entry != zero)
            {
                length += 1;
                entries.place.append_value(place);
                for (column, (leaf, value)) in entries.fields.iter_mut().zip(list.fields.iter().zip(entry)) {
                    column.push(&leaf.name, value).map_err(unlike)?;
                }
            }
            entries.lengths.push(length);
        }
        self.event.push(stamp.event.map(|event| event as u64));
        self.write.push(write);
        self.slot.push(stamp.clock.slot);
        self.time.push(stamp.clock.unix_timestamp);
        if self.write.len() == BATCH {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), ResultsError> {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(
                std::mem::take(&mut self.event)
                    .into_iter()
                    .collect::<UInt64Array>(),
            ),
            Arc::new(UInt64Array::from(std::mem::take(&mut self.write))),
            Arc::new(UInt64Array::from(std::mem::take(&mut self.slot))),
            Arc::new(arrow_array::Int64Array::from(std::mem::take(&mut self.time))),
        ];
        columns.extend(self.fields.iter_mut().map(Column::finish));
        let first = columns.len();
        let schema = self.kind.file.schema();
        for (list, column) in self.lists.iter_mut().zip(&schema.fields()[first..]) {
            let mut children: Vec<ArrayRef> = vec![Arc::new(list.place.finish())];
            children.extend(list.fields.iter_mut().map(Column::finish));
            let offsets = OffsetBuffer::from_lengths(std::mem::take(&mut list.lengths));
            if let DataType::List(item) = column.data_type()
                && let DataType::Struct(fields) = item.data_type()
            {
                let entries = StructArray::new(fields.clone(), children, None);
                columns.push(Arc::new(ListArray::new(
                    item.clone(),
                    offsets,
                    Arc::new(entries),
                    None,
                )));
            }
        }
        self.file.write(RecordBatch::try_new(schema.clone(), columns))
    }

    /// Completes the file.
    pub(super) fn finish(mut self) -> Result<(), ResultsError> {
        if !self.write.is_empty() {
            self.flush()?;
        }
        self.file.finish()
    }
}

/// What tables of one type of account have in common.
pub(super) struct TableKind {
    shape: Shape,
    file: Arc<FileKind>,
}

impl TableKind {
    /// Tables of accounts like `sample`, which `program` wrote.
    pub(super) fn of(sample: &Account, program: &str) -> Result<Self, ParquetError> {
        let shape = Shape::of(sample);
        let file = FileKind::new(schema(sample.type_name(), &shape), program)?;
        Ok(Self {
            shape,
            file: Arc::new(file),
        })
    }
}

fn schema(kind: &str, shape: &Shape) -> Schema {
    let mut fields = vec![
        Field::new("event", DataType::UInt64, true),
        Field::new("write", DataType::UInt64, false),
        Field::new("slot", DataType::UInt64, false),
        Field::new("unix_timestamp", DataType::Int64, false),
    ];
    fields.extend(shape.fields.iter().map(|(_, leaf)| field(kind, leaf)));
    fields.extend(shape.lists.iter().map(|list| {
        let mut entry = vec![Field::new("place", DataType::UInt64, false)];
        entry.extend(list.fields.iter().map(|leaf| field(kind, leaf)));
        let entry: FieldRef = Arc::new(Field::new("item", DataType::Struct(Fields::from(entry)), false));
        Field::new(&list.name, DataType::List(entry), false)
    }));
    Schema::new_with_metadata(
        fields,
        HashMap::from([("account_kind".to_owned(), kind.to_owned())]),
    )
}

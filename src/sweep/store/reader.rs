//! What an earlier run has left: which trials of a part need another run, and the rows of the others.

use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_schema::SchemaRef;
use arrow_select::concat::concat_batches;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::layout::CHUNK_TRIALS;
use super::rows::Outcome;
use super::{StoreError, Tables};

/// For each chunk of a part that shall hold `trials` trials, whether it must be run: because a trial of it failed,
/// or because the file does not have all of it.
///
/// # Errors
/// A file that is not a trials table.
pub fn unfinished_chunks(path: &Path, trials: u64) -> Result<Vec<bool>, StoreError> {
    let chunks = trials.div_ceil(CHUNK_TRIALS);
    // Chunks are counted off as their last trial is met; what remains was not met.
    let mut unfinished = Vec::new();
    let mut failed = false;
    let mut row = 0;
    for batch in open(path, Some("outcome"))? {
        let batch = batch.map_err(StoreError::table("read", path))?;
        let outcomes = batch.column(0).as_string_opt::<i32>();
        for outcome in outcomes.ok_or_else(|| alien(path))? {
            failed |= outcome != Some(Outcome::Ok.name());
            row += 1;
            if row % CHUNK_TRIALS == 0 || row == trials {
                unfinished.push(failed);
                failed = false;
            }
        }
    }
    unfinished.resize(chunks as usize, true);
    Ok(unfinished)
}

/// The rows of a part that an earlier run has left, in order.
pub struct OldPart {
    tables: Tables,
    trials: (PathBuf, ParquetRecordBatchReader),
    series: Option<(PathBuf, ParquetRecordBatchReader)>,
    ahead: VecDeque<RecordBatch>,
}

impl OldPart {
    /// Opens the files of a part.
    ///
    /// # Errors
    /// Files that are not Parquet.
    pub fn open(tables: &Tables, trials: &Path, series: Option<&Path>) -> Result<Self, StoreError> {
        let series = series
            .map(|path| Ok((path.to_owned(), open(path, None)?)))
            .transpose()?;
        Ok(Self {
            tables: tables.clone(),
            trials: (trials.to_owned(), open(trials, None)?),
            series,
            ahead: VecDeque::new(),
        })
    }

    /// The next chunk: its trials, and its series if there are any. `end` is one past its last trial.
    ///
    /// # Errors
    /// Files that end early or hold something else.
    pub fn next_chunk(&mut self, end: u64) -> Result<(RecordBatch, Option<RecordBatch>), StoreError> {
        let (path, reader) = &mut self.trials;
        let batch = reader.next().ok_or_else(|| alien(path))?;
        let batch = batch.map_err(StoreError::table("read", path))?;
        let trials = with_schema(&self.tables.trials, batch, path)?;
        Ok((trials, self.series_before(end)?))
    }

    /// Passes over the next chunk, as far as there is one.
    ///
    /// # Errors
    /// Files that hold something else.
    pub fn skip_chunk(&mut self, end: u64) -> Result<(), StoreError> {
        let (path, reader) = &mut self.trials;
        reader
            .next()
            .transpose()
            .map_err(StoreError::table("read", path))?;
        self.series_before(end)?;
        Ok(())
    }

    fn series_before(&mut self, end: u64) -> Result<Option<RecordBatch>, StoreError> {
        let Some((path, reader)) = &mut self.series else {
            return Ok(None);
        };
        let mut pieces = Vec::new();
        loop {
            let batch = match self.ahead.pop_front() {
                Some(batch) => batch,
                None => match reader.next() {
                    Some(batch) => batch.map_err(StoreError::table("read", path))?,
                    None => break,
                },
            };
            let trials = batch.column(0).as_primitive_opt::<UInt64Type>();
            let trials = trials.ok_or_else(|| alien(path))?;
            let here = trials.values().partition_point(|&trial| trial < end);
            pieces.push(with_schema(&self.tables.series, batch.slice(0, here), path)?);
            if here < batch.num_rows() {
                self.ahead.push_front(batch.slice(here, batch.num_rows() - here));
                break;
            }
        }
        // One batch, as it was when it was first written: how rows come in decides where pages end.
        concat_batches(&self.tables.series, &pieces)
            .map(Some)
            .map_err(StoreError::table("read", path))
    }
}

fn open(path: &Path, only: Option<&str>) -> Result<ParquetRecordBatchReader, StoreError> {
    let file = File::open(path).map_err(StoreError::io("read", path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(StoreError::table("read", path))?;
    let mask = match only {
        Some(column) => ProjectionMask::columns(builder.parquet_schema(), [column]),
        None => ProjectionMask::all(),
    };
    builder
        .with_projection(mask)
        .with_batch_size(CHUNK_TRIALS as usize)
        .build()
        .map_err(StoreError::table("read", path))
}

fn with_schema(schema: &SchemaRef, batch: RecordBatch, path: &Path) -> Result<RecordBatch, StoreError> {
    RecordBatch::try_new(schema.clone(), batch.columns().to_vec()).map_err(StoreError::table("read", path))
}

fn alien(path: &Path) -> StoreError {
    StoreError::table("read", path)("it is not the table that this sweep writes")
}

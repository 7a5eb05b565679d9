//! The finished trials of a sweep, read in batches.
//!
//! A sweep may be larger than memory, so nothing here holds more than a batch of each thread's. A trial goes by its
//! *place*: its number among those that finished, in the order of their numbers.

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, BooleanArray, RecordBatch};
use arrow_schema::DataType;
use arrow_select::filter::filter_record_batch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rayon::prelude::*;

use super::error::SampleError;
use crate::summary::{Results, SummaryError};
use crate::sweep::manifest::Manifest;
use crate::sweep::store::{Folder, Outcome};

/// Trials read at once.
pub const BATCH: usize = 4096;

/// A sweep's trials.
pub struct Table {
    /// Where they are and what their columns are.
    pub results: Results,
    /// What the sweep says about itself.
    pub manifest: Manifest,
    /// Trials that finished.
    pub finished: u64,
    /// Trials that failed: they have no metrics and cannot be picked.
    pub failed: u64,
    parts: Vec<Part>,
    batch: usize,
}

struct Part {
    path: PathBuf,
    /// The place of its first finished trial.
    first: u64,
}

/// Finished trials that follow each other.
pub struct Batch<'a> {
    rows: RecordBatch,
    first: u64,
    part: &'a Path,
}

impl Table {
    /// Opens a sweep's folder and counts its trials.
    ///
    /// # Errors
    /// No sweep, nothing finished, files that cannot be read.
    pub fn open(folder: &Path, batch: usize) -> Result<Self, SampleError> {
        let results = Results::open(folder)?;
        let manifest = Manifest::load(&Folder::new(folder).manifest()).map_err(SummaryError::from)?;
        let counts = results.parts.par_iter().map(|path| {
            let (mut finished, mut failed) = (0, 0);
            read(path, &[], batch, |rows, all| {
                finished += rows.num_rows() as u64;
                failed += all - rows.num_rows() as u64;
                Ok(())
            })?;
            Ok((finished, failed))
        });
        let counts = counts.collect::<Result<Vec<(u64, u64)>, SampleError>>()?;
        let (mut finished, mut failed) = (0, 0);
        let mut parts = Vec::new();
        for (path, (ok, not)) in results.parts.iter().zip(counts) {
            parts.push(Part {
                path: path.clone(),
                first: finished,
            });
            finished += ok;
            failed += not;
        }
        Ok(Self {
            results,
            manifest,
            finished,
            failed,
            parts,
            batch,
        })
    }

    /// Goes through the trials: each file by one thread, in order, into a state of its own; the states are merged in
    /// the order of the files. So the outcome does not depend on threads, and as long as `step` takes trials one by
    /// one, not on batches either.
    ///
    /// # Errors
    /// What `step` refuses, and files that cannot be read.
    pub fn fold<T: Send>(
        &self,
        columns: &[&str],
        new: impl Fn() -> T + Sync,
        step: impl Fn(&mut T, &Batch) -> Result<(), SampleError> + Sync,
        mut merge: impl FnMut(&mut T, T),
    ) -> Result<T, SampleError> {
        let mut whole = new();
        // Some files at a time, so that there are never more states than threads.
        for parts in self.parts.chunks(rayon::current_num_threads()) {
            let states = parts.par_iter().map(|part| {
                let mut state = new();
                let mut first = part.first;
                read(&part.path, columns, self.batch, |rows, _| {
                    let next = first + rows.num_rows() as u64;
                    let part = &part.path;
                    step(&mut state, &Batch { rows, first, part })?;
                    first = next;
                    Ok(())
                })?;
                Ok(state)
            });
            for state in states.collect::<Result<Vec<T>, SampleError>>()? {
                merge(&mut whole, state);
            }
        }
        Ok(whole)
    }
}

impl Batch<'_> {
    /// The places of the trials.
    pub fn places(&self) -> Range<u64> {
        self.first..self.first + self.rows.num_rows() as u64
    }

    /// A column.
    ///
    /// # Errors
    /// None of that name.
    pub fn column(&self, name: &str) -> Result<&dyn Array, SampleError> {
        let column = self.rows.column_by_name(name);
        column.map(AsRef::as_ref).ok_or_else(|| unlike(self.part, name))
    }

    /// A column of numbers. Yes is 1 and no is 0; what is missing is NaN.
    ///
    /// # Errors
    /// No column of numbers.
    pub fn numbers(&self, name: &str) -> Result<Vec<f64>, SampleError> {
        fn cast<T>(cells: impl Iterator<Item = Option<T>>, number: impl Fn(T) -> f64) -> Vec<f64> {
            cells.map(|cell| cell.map_or(f64::NAN, &number)).collect()
        }
        let cells = self.column(name)?;
        Ok(match cells.data_type() {
            DataType::Boolean => cast(cells.as_boolean().iter(), |yes| f64::from(u8::from(yes))),
            DataType::Int64 => cast(cells.as_primitive::<Int64Type>().iter(), |n| n as f64),
            DataType::UInt32 => cast(cells.as_primitive::<UInt32Type>().iter(), f64::from),
            DataType::UInt64 => cast(cells.as_primitive::<UInt64Type>().iter(), |n| n as f64),
            DataType::Float64 => cast(cells.as_primitive::<Float64Type>().iter(), |n| n),
            _ => return Err(unlike(self.part, name)),
        })
    }

    /// Several columns of numbers.
    ///
    /// # Errors
    /// One that is none.
    pub fn all_numbers<S: AsRef<str>>(&self, names: &[S]) -> Result<Vec<Vec<f64>>, SampleError> {
        names.iter().map(|name| self.numbers(name.as_ref())).collect()
    }

    /// An error about a column that holds something unexpected.
    pub fn unlike(&self, name: &str) -> SampleError {
        unlike(self.part, name)
    }
}

/// Reads columns of a file; `each` gets the finished trials of a batch, and how many trials the batch had.
fn read(
    path: &Path,
    columns: &[&str],
    batch: usize,
    mut each: impl FnMut(RecordBatch, u64) -> Result<(), SampleError>,
) -> Result<(), SampleError> {
    let file = File::open(path).map_err(SummaryError::io("read", path))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(SummaryError::table("read", path))?;
    let schema = reader.schema().clone();
    let place = |name: &str| schema.index_of(name).map_err(|_| unlike(path, name));
    let mut roots = vec![place(OUTCOME)?];
    for name in columns {
        roots.push(place(name)?);
    }
    let mask = ProjectionMask::roots(reader.parquet_schema(), roots);
    let batches = reader
        .with_projection(mask)
        .with_batch_size(batch)
        .build()
        .map_err(SummaryError::table("read", path))?;
    for rows in batches {
        let rows = rows.map_err(SummaryError::table("read", path))?;
        let outcomes = rows
            .column_by_name(OUTCOME)
            .and_then(|cells| cells.as_string_opt::<i32>())
            .ok_or_else(|| unlike(path, OUTCOME))?;
        let all = rows.num_rows() as u64;
        let finished = outcomes.iter().map(|outcome| outcome == Some(Outcome::Ok.name()));
        let finished = BooleanArray::from(finished.collect::<Vec<_>>());
        let rows = if finished.true_count() == rows.num_rows() {
            rows
        } else {
            filter_record_batch(&rows, &finished).map_err(SummaryError::table("read", path))?
        };
        each(rows, all)?;
    }
    Ok(())
}

const OUTCOME: &str = "outcome";

fn unlike(part: &Path, name: &str) -> SampleError {
    let text = format!("its column `{name}` is missing or of an unexpected type");
    SummaryError::table("read", part)(text).into()
}

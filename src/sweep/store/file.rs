//! A Parquet file in the making.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use sha2::{Digest, Sha256};

use super::StoreError;
use super::layout::{hex, temporary};
use super::schema::properties;

/// A Parquet file that has its name only once it is complete.
pub struct TableFile {
    path: PathBuf,
    writer: ArrowWriter<Hashed>,
    rows: u64,
}

/// A complete file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its rows.
    pub rows: u64,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

impl TableFile {
    /// Begins a file that will stand at `path`.
    ///
    /// # Errors
    /// A file that cannot be made.
    pub fn create(path: &Path, schema: &SchemaRef) -> Result<Self, StoreError> {
        let file = File::create(temporary(path)).map_err(StoreError::io("create", path))?;
        let hashed = Hashed {
            file,
            hasher: Sha256::new(),
            bytes: 0,
        };
        let writer = ArrowWriter::try_new(hashed, schema.clone(), Some(properties(schema)))
            .map_err(StoreError::table("write", path))?;
        Ok(Self {
            path: path.to_owned(),
            writer,
            rows: 0,
        })
    }

    /// Adds rows.
    ///
    /// # Errors
    /// Rows of another schema, a disk that is full.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), StoreError> {
        self.rows += batch.num_rows() as u64;
        self.writer
            .write(batch)
            .map_err(StoreError::table("write", &self.path))
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Completes the file and gives it its name.
    ///
    /// # Errors
    /// A disk that is full, a name that is taken by a folder.
    pub fn finish(self) -> Result<Stored, StoreError> {
        let hashed = self
            .writer
            .into_inner()
            .map_err(StoreError::table("write", &self.path))?;
        // Not synced: should the machine itself go down, the manifest's hash tells what got lost.
        fs::rename(temporary(&self.path), &self.path).map_err(StoreError::io("write", &self.path))?;
        Ok(Stored {
            rows: self.rows,
            bytes: hashed.bytes,
            sha256: hex(&hashed.hasher.finalize()),
        })
    }

    /// Gives the file up.
    pub fn discard(self) {
        drop(self.writer);
        // A file left behind does no harm: the next run removes it.
        fs::remove_file(temporary(&self.path)).ok();
    }
}

/// Length of a file of these rows.
///
/// # Errors
/// Rows of another schema.
pub fn encoded_length(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<u64, ParquetError> {
    let mut writer = ArrowWriter::try_new(io::sink(), schema.clone(), Some(properties(schema)))?;
    for batch in batches {
        writer.write(batch)?;
    }
    writer.finish()?;
    Ok(writer.bytes_written() as u64)
}

struct Hashed {
    file: File,
    hasher: Sha256,
    bytes: u64,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

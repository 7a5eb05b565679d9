//! The sweep's tables on disk: their schemas, their rows and the files that hold them.
//!
//! A file is written under a temporary name and renamed when it is whole, so that a name ending in `.parquet` is
//! always a complete file. Nothing in a file depends on the clock or on threads: the same rows give the same bytes.

mod file;
mod layout;
mod reader;
mod rows;
mod schema;

pub use file::{Stored, TableFile, encoded_length};
pub use layout::{CHUNK_TRIALS, Folder, part_number, part_trials, sha256_of_file};
pub use reader::{OldPart, unfinished_chunks};
pub use rows::{FailureRows, Outcome, SeriesRows, TrialRows, misfit};
pub use schema::{Header, SchemaError, Tables};

use std::path::{Path, PathBuf};

/// A file or folder that could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused.
    #[error("cannot {action} {path}: {source}", path = .path.display())]
    Io {
        /// What was tried, such as `write`.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A table that Parquet or Arrow refused.
    #[error("cannot {action} {path}: {text}", path = .path.display())]
    Table {
        /// What was tried, such as `write`.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        text: String,
    },
}

impl StoreError {
    /// Makes an error of the operating system's out of what was tried.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }

    /// Makes an error of Parquet's or Arrow's out of what was tried.
    pub fn table<E: std::fmt::Display>(action: &'static str, path: &Path) -> impl FnOnce(E) -> Self {
        move |source| Self::Table {
            action,
            path: path.to_owned(),
            text: source.to_string(),
        }
    }
}

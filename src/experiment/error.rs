//! What can be wrong with an experiment folder.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::event::{FieldError, ReadError};

/// Why an experiment folder could not be read or written, and which file of it.
#[derive(Debug, Error)]
#[error("{}: {kind}", path.display())]
pub struct ExperimentError {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong.
    pub kind: ExperimentErrorKind,
}

/// What is wrong with an experiment folder.
#[derive(Debug, Error)]
pub enum ExperimentErrorKind {
    /// Reading or writing failed.
    #[error("{0}")]
    Io(io::Error),
    /// A table cannot be written.
    #[error("{0}")]
    Csv(csv::Error),
    /// The file is not a JSON array of objects.
    #[error("not a JSON array of markets: {0}")]
    Json(serde_json::Error),
    /// A market's field is missing or means nothing.
    #[error("market {market}: {reason}")]
    Field {
        /// The market's place in the file, from 0.
        market: usize,
        /// The field.
        reason: FieldError,
    },
    /// A market's fields do not go together.
    #[error("market {market}: {reason}")]
    Market {
        /// The market's place in the file, from 0.
        market: usize,
        /// Why not.
        reason: String,
    },
    /// There is no market.
    #[error("no markets")]
    NoMarkets,
    /// There is something at the place to write to.
    #[error("already exists")]
    Exists,
    /// What is to be replaced is not an experiment folder.
    #[error("not an experiment folder, so not replaced: it has no events.csv")]
    NotAnExperiment,
    /// A folder is finished without one of its files.
    #[error("not written: `{0}` is missing")]
    Unfinished(&'static str),
}

impl ExperimentErrorKind {
    /// This, at `path`.
    pub(super) fn at(self, path: &Path) -> ExperimentError {
        ExperimentError {
            path: path.to_owned(),
            kind: self,
        }
    }
}

/// Why an experiment could not be read.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The folder or its markets.
    #[error(transparent)]
    Folder(#[from] ExperimentError),
    /// Its events.
    #[error(transparent)]
    Events(#[from] ReadError),
}

//! Why a sweep did not start or could not go on.

use std::path::PathBuf;

use super::super::manifest::ManifestError;
use super::super::store::{SchemaError, StoreError};

/// A sweep that did not start, or that could not go on. What it has written stays and can be resumed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The folder holds something, and nothing was said about it.
    #[error(
        "{folder} is not empty\n{contents}\nUse `--resume` to go on with the sweep in it, `--overwrite` to run it anew, or `--out` for another folder",
        folder = .folder.display()
    )]
    Occupied {
        /// The folder.
        folder: PathBuf,
        /// What it holds.
        contents: String,
    },
    /// The folder holds something that is not a sweep.
    #[error("{folder} holds files, but no sweep that could be {asked}; use `--out` for another folder", folder = .folder.display())]
    NotASweep {
        /// The folder.
        folder: PathBuf,
        /// `resumed` or `overwritten`.
        asked: &'static str,
    },
    /// The sweep in the folder is another one.
    #[error(
        "the sweep in {folder} cannot be resumed, since this is not the same:\n  {lines}\nUse `--out` for another folder, or `--overwrite` to lose what it holds",
        folder = .folder.display(), lines = .differences.join("\n  ")
    )]
    Differs {
        /// The folder.
        folder: PathBuf,
        /// What differs, a line each.
        differences: Vec<String>,
    },
    /// The sweep in the folder was asked for more trials than now.
    #[error(
        "the sweep in {folder} has {there} trials, and this limit leaves {asked}; resume it with a limit of at least {there}, or use `--out`",
        folder = .folder.display()
    )]
    Fewer {
        /// The folder.
        folder: PathBuf,
        /// Trials of the sweep in the folder.
        there: u64,
        /// Trials asked for now.
        asked: u64,
    },
    /// Another run writes to the folder.
    #[error("{holder} is writing to {folder}; wait for it, stop it, or use `--out` for another folder", folder = .folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
        /// Who does, as far as known.
        holder: String,
    },
    /// Series without an interval make no sense.
    #[error("a series needs an interval of at least 1 second")]
    NoInterval,
    /// The plan could not be written out.
    #[error("cannot write the spec: {0}")]
    Spec(String),
    /// The threads could not be started.
    #[error("cannot start {threads} threads: {reason}")]
    Threads {
        /// How many.
        threads: usize,
        /// Why not.
        reason: String,
    },
    /// Ctrl-C cannot be caught.
    #[error("cannot watch for Ctrl-C: {0}")]
    Interrupt(String),
    /// Two columns share a name.
    #[error(transparent)]
    Columns(#[from] SchemaError),
    /// A table could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A manifest could not be read or written.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

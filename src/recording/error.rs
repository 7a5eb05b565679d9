//! What can be wrong with a recording, and how to mend it.

use std::path::PathBuf;

/// Why a recording cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// A file could not be read.
    #[error("cannot read {}: {source}", file.display())]
    Read {
        /// The file, as opened.
        file: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file is not what it seems to be, or holds nothing that was asked for.
    #[error("{}: {problem}", file.display())]
    File {
        /// The file, as opened.
        file: PathBuf,
        /// What is wrong, and the mend.
        problem: String,
    },
    /// A row makes no sense.
    #[error("{}:{line}: {problem}", file.display())]
    Row {
        /// The file, as opened.
        file: PathBuf,
        /// The line in a text, counted from 1, or the row of a table.
        line: u64,
        /// What is wrong with it, and the mend.
        problem: String,
    },
}

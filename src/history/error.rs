//! Why a recording cannot be compared.

use drift::error::ErrorCode;
use std::path::{Path, PathBuf};

/// Why a recording cannot be read, driven or reported on.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// A file that cannot be opened.
    #[error("cannot read {}: {source}", path.display())]
    Open {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that is no Parquet, or a broken one.
    #[error("{}: {reason}: give a Parquet file of decoded perpetual markets, one row a state", path.display())]
    Parquet {
        /// Which.
        path: PathBuf,
        /// What the reader says.
        reason: String,
    },
    /// A column that is needed and not there.
    #[error("{}: there is no column `{column}`, without which no market can be driven: give a file that has it", path.display())]
    NoColumn {
        /// In which file.
        path: PathBuf,
        /// Which.
        column: String,
    },
    /// A column of a type that holds no such values.
    #[error("{}: column `{column}` is of type {found}: give text, numbers or flags", path.display())]
    ColumnType {
        /// In which file.
        path: PathBuf,
        /// Which.
        column: String,
        /// Its type.
        found: String,
    },
    /// Two columns for one field.
    #[error("{}: both `{first}` and `{second}` stand for {field}: leave one out", path.display())]
    TwoColumns {
        /// In which file.
        path: PathBuf,
        /// One.
        first: String,
        /// The other.
        second: String,
        /// The field of the account.
        field: String,
    },
    /// A market that the file does not have.
    #[error("{}: there is no market `{wanted}`: give --market one of {}", path.display(), known.join(", "))]
    NoMarket {
        /// In which file.
        path: PathBuf,
        /// The name asked for.
        wanted: String,
        /// The names that are there.
        known: Vec<String>,
    },
    /// A value that is missing or makes no sense.
    #[error("{}: row {row}: `{column}` {reason}", path.display())]
    Value {
        /// In which file.
        path: PathBuf,
        /// The row, from 1.
        row: usize,
        /// The column.
        column: String,
        /// What is wrong, and the mend.
        reason: String,
    },
    /// Rows that are not in the order of time.
    #[error(
        "{}: row {row} of `{market}` is of {time}, which is {what} row {before}: {mend}", path.display()
    )]
    Order {
        /// In which file.
        path: PathBuf,
        /// The market.
        market: String,
        /// The later row, from 1.
        row: usize,
        /// Its `commit_unix`.
        time: i64,
        /// `before that of` or `also that of`.
        what: &'static str,
        /// The row before it.
        before: usize,
        /// The mend.
        mend: &'static str,
    },
    /// Too little to compare.
    #[error("{}: `{market}` has {found} states between the times asked for, and it takes two: give a wider --from and --to", path.display())]
    TooFew {
        /// In which file.
        path: PathBuf,
        /// The market.
        market: String,
        /// States found.
        found: usize,
    },
    /// The engine cannot be set up.
    #[error("the market cannot be set up from the state of row {row}: {what} is refused with {code}")]
    Setup {
        /// The state's row, from 1.
        row: usize,
        /// What was tried.
        what: String,
        /// Why.
        code: ErrorCode,
    },
    /// A result that cannot be written.
    #[error("cannot write {}: {reason}", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl HistoryError {
    pub(super) fn write(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::Write {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

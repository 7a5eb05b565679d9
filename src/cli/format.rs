//! How results are printed.

use clap::ValueEnum;

/// For people or for machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Tables and lines.
    Text,
    /// One JSON object.
    Json,
}

//! The files of a divergence report.
//!
//! | file | for whom |
//! |---|---|
//! | `report.html` | people: one page that stands alone |
//! | `report.md` | a terminal or a pull request |
//! | `report.json` | machines: see [`DivergenceReport`], whose schema `harness schema report` prints |
//! | `divergence.parquet` | polars and DuckDB: one row a finding, see [`table`] |

use super::divergence::page;
use super::markdown::markdown;
use crate::divergence::table::{self, TableError};
use crate::divergence::{DivergenceReport, FORMAT};
use crate::staged::StagedFile;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The file that machines read.
pub const REPORT: &str = "report.json";

/// Why a report is not written or read.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The table cannot be written.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file that holds something else.
    #[error("{} is no report: {source}", path.display())]
    Json {
        /// Which.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// A report by another version of the harness, which has another form.
    #[error("{}: a report of format {found}, of which this harness reads {FORMAT}: replay once more", path.display())]
    Format {
        /// Which.
        path: PathBuf,
        /// Its format.
        found: u64,
    },
}

/// Writes `report` in all its forms into `folder`, which is made where there is none. Each file is written whole or not at
/// all.
///
/// # Errors
/// [`ReportError`].
pub fn write(report: &DivergenceReport, folder: &Path) -> Result<(), ReportError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| ReportError::Write { path, source }
    };
    let save = |name: &str, text: &str| {
        let path = folder.join(name);
        let saved = StagedFile::create(&path).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.place()
        });
        saved.map_err(failed(&path))
    };
    save("report.md", &markdown(report))?;
    let html = folder.join("report.html");
    page(report).write(&html).map_err(failed(&html))?;
    table::write(report, &folder.join("divergence.parquet"))?;
    // Last, since it is what `read` looks for.
    let path = folder.join(REPORT);
    let json = serde_json::to_string(report).map_err(|error| failed(&path)(error.into()))?;
    save(REPORT, &(json + "\n"))
}

/// Reads the report in `folder`.
///
/// # Errors
/// [`ReportError`].
pub fn read(folder: &Path) -> Result<DivergenceReport, ReportError> {
    let path = folder.join(REPORT);
    let text = std::fs::read_to_string(&path).map_err(|source| ReportError::Read {
        path: path.clone(),
        source,
    })?;
    let no_report = |source| ReportError::Json {
        path: path.clone(),
        source,
    };
    // The format first: a report of another one may well have another form.
    let value: serde_json::Value = serde_json::from_str(&text).map_err(no_report)?;
    match value["format"].as_u64() {
        Some(found) if found != u64::from(FORMAT) => Err(ReportError::Format { path, found }),
        _ => serde_json::from_str(&text).map_err(no_report),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::divergence::Side;
    use drift::engine::Switches;

    #[test]
    fn a_report_is_read_as_it_was_written() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("deep").join("down");
        let side = || Side::engine(Switches::default());
        let report = DivergenceReport::new("nothing".to_owned(), side(), side(), None, Vec::new());
        write(&report, &folder).unwrap();
        assert_eq!(read(&folder).unwrap(), report);
        let path = folder.join(REPORT);
        let newer = std::fs::read_to_string(&path)
            .unwrap()
            .replace("\"format\":1", "\"format\":77");
        std::fs::write(&path, newer).unwrap();
        let refusal = read(&folder).unwrap_err().to_string();
        assert!(refusal.contains("of format 77"), "{refusal}");
        std::fs::write(&path, "[]").unwrap();
        assert!(matches!(read(&folder), Err(ReportError::Json { .. })));
        assert!(matches!(read(place.path()), Err(ReportError::Read { .. })));
    }
}

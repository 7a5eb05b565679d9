//! Price files, read once and shared.

use super::range::{MAX_PRICE, PRICE_SCALE};
use super::{csv_rows::parse, error::PathError, price::PriceTable};
use crate::recording::{Holdings, Moment, PriceSeries, RecordingError, Recordings, Source, TimeUnit, Trades};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fmt::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// Reads the price files that specs name, each once, for any number of paths on any number of threads.
#[derive(Debug)]
pub struct PriceFiles {
    base: PathBuf,
    loaded: Mutex<BTreeMap<(PathBuf, Option<TimeUnit>), Loaded>>,
    recordings: Recordings,
    /// The recordings that are paths themselves.
    tables: Mutex<Vec<(Source, Arc<PriceTable>)>>,
}

#[derive(Debug)]
struct Loaded {
    sha256: String,
    table: Arc<PriceTable>,
    unit: TimeUnit,
}

impl PriceFiles {
    /// Files named relative to the directory `base`, usually the one of the spec that names them.
    pub fn new(base: impl Into<PathBuf>) -> Self {
        let base = base.into();
        Self {
            recordings: Recordings::new(&base),
            base,
            loaded: Mutex::default(),
            tables: Mutex::default(),
        }
    }

    /// The prices of `file`, whose times are in `unit` or, where none is given, in the one that their size tells; read from disk the first
    /// time.
    ///
    /// # Errors
    ///
    /// [`PathError::Read`], [`PathError::Row`] or [`PathError::Empty`], naming file and line.
    pub fn load(&self, file: &Path, unit: Option<TimeUnit>) -> Result<Arc<PriceTable>, PathError> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (file.to_owned(), unit);
        if let Some(known) = loaded.get(&name) {
            return Ok(known.table.clone());
        }
        let opened = self.base.join(file);
        let bytes = std::fs::read(&opened).map_err(|source| PathError::Read {
            file: opened.clone(),
            source,
        })?;
        let (table, unit) = parse(&opened, &bytes, unit)?;
        let table = Arc::new(table);
        let sha256 = hex(&Sha256::digest(&bytes));
        let entry = Loaded {
            sha256,
            table: table.clone(),
            unit,
        };
        loaded.insert(name, entry);
        Ok(table)
    }

    /// The recording `source`, read the first time.
    ///
    /// # Errors
    ///
    /// [`PathError::Recording`].
    pub fn series(&self, source: &Source) -> Result<Arc<PriceSeries>, PathError> {
        Ok(self.recordings.load(source)?)
    }

    /// The trades that `source` records, read the first time.
    ///
    /// # Errors
    ///
    /// As [`Recordings::trades`].
    pub fn trades(&self, source: &Source) -> Result<Arc<Trades>, RecordingError> {
        self.recordings.trades(source)
    }

    /// What the users in the table `name` hold, read the first time.
    ///
    /// # Errors
    ///
    /// As [`Recordings::holdings`].
    pub fn holdings(&self, name: &Path) -> Result<Arc<Holdings>, RecordingError> {
        self.recordings.holdings(name)
    }

    /// The same as prices by second.
    pub(super) fn recorded(&self, source: &Source) -> Result<Arc<PriceTable>, PathError> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, table)) = tables.iter().find(|(known, _)| known == source) {
            return Ok(table.clone());
        }
        let series = self.series(source)?;
        let table = PriceTable::of_series(&series).map_err(|(place, late)| RecordingError::File {
            file: self.base.join(&source.file),
            problem: match late {
                true => format!(
                    "spans more than {} seconds: choose a part with `from` and `to`",
                    u32::MAX
                ),
                false => format!(
                    "the price at {}, {}, is above {} dollars",
                    Moment(series.times()[place]),
                    series.prices()[place],
                    MAX_PRICE / PRICE_SCALE
                ),
            },
        })?;
        let table = Arc::new(table);
        tables.push((source.clone(), table.clone()));
        Ok(table)
    }

    /// Every file read so far, as named in specs, with the SHA-256 of its bytes in hexadecimal; sorted by name.
    pub fn digests(&self) -> Vec<(PathBuf, String)> {
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let digests = loaded
            .iter()
            .map(|((file, _), known)| (file.clone(), known.sha256.clone()));
        let mut digests: Vec<_> = digests.chain(self.recordings.digests()).collect();
        digests.sort();
        digests.dedup();
        digests
    }

    /// What was taken for granted about the files read so far: times that are not in seconds, though nobody said so; and what recordings
    /// turned out to be.
    pub fn notes(&self) -> Vec<String> {
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let guessed = loaded
            .iter()
            .filter(|((_, named), known)| named.is_none() && known.unit != TimeUnit::Seconds);
        let note = |((file, _), known): (&(PathBuf, _), &Loaded)| {
            let (file, unit) = (file.display(), known.unit);
            format!("{file}: times are read as {unit}, by their size; `unit: {unit}` in the spec states it")
        };
        guessed.map(note).chain(self.recordings.notes()).collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_once_and_shared() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("p.csv"), "t,p\n0,1\n5,2\n").unwrap();
        let files = PriceFiles::new(dir.path());
        let first = files.load(Path::new("p.csv"), None).unwrap();
        std::fs::remove_file(dir.path().join("p.csv")).unwrap();
        let second = files.load(Path::new("p.csv"), None).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        // printf 't,p\n0,1\n5,2\n' | sha256sum
        let digest = "901d797c69f697005c6a9fa49835d89f64bdb9d86c49b1950d5f278b64d0d9ff";
        assert_eq!(files.digests(), [(PathBuf::from("p.csv"), digest.to_owned())]);
    }

    #[test]
    fn guessed_units_are_told() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("p.csv"), "1735689600000,1\n").unwrap();
        std::fs::write(dir.path().join("s.csv"), "1735689600,1\n").unwrap();
        let files = PriceFiles::new(dir.path());
        files.load(Path::new("s.csv"), None).unwrap();
        files
            .load(Path::new("p.csv"), Some(TimeUnit::Milliseconds))
            .unwrap();
        assert_eq!(files.notes(), [""; 0]);
        files.load(Path::new("p.csv"), None).unwrap();
        let notes = files.notes();
        assert!(
            notes.len() == 1 && notes[0].contains("p.csv: times are read as milliseconds"),
            "{notes:?}"
        );
        assert_eq!(files.digests().len(), 2);
    }

    #[test]
    fn a_missing_file_is_named() {
        let files = PriceFiles::new("nowhere");
        let error = files.load(Path::new("p.csv"), None).unwrap_err().to_string();
        assert!(error.starts_with("cannot read price file nowhere"), "{error}");
        assert!(files.digests().is_empty());
    }
}

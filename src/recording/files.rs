//! Recordings, read once and shared.

use super::error::RecordingError;
use super::holdings::{Holdings, holdings};
use super::moment::written;
use super::read::{Facts, prices, trades};
use super::series::{MICROS, PriceSeries};
use super::source::Source;
use super::time_unit::TimeUnit;
use super::trades::Trades;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Reads the recordings that specs name, each once, for all who ask on any number of threads.
#[derive(Debug)]
pub struct Recordings {
    base: PathBuf,
    loaded: Mutex<Loaded>,
}

#[derive(Debug, Default)]
struct Loaded {
    prices: Vec<(Source, Arc<PriceSeries>, Facts)>,
    trades: Vec<(Source, Arc<Trades>, Facts)>,
    holdings: Vec<(PathBuf, Arc<Holdings>)>,
    sha256: BTreeMap<PathBuf, String>,
}

impl Recordings {
    /// Files named relative to the directory `base`, usually the one of the spec that names them.
    pub fn new(base: impl Into<PathBuf>) -> Self {
        Self {
            base: base.into(),
            loaded: Mutex::default(),
        }
    }

    /// The prices of `source`, read from disk the first time.
    ///
    /// # Errors
    /// A file that cannot be read, or a row that makes no sense, with file, line and mend.
    pub fn load(&self, source: &Source) -> Result<Arc<PriceSeries>, RecordingError> {
        Ok(self.load_with_facts(source)?.0)
    }

    /// [`Recordings::load`], with what the file turned out to be.
    ///
    /// # Errors
    /// As [`Recordings::load`].
    pub fn load_with_facts(&self, source: &Source) -> Result<(Arc<PriceSeries>, Facts), RecordingError> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, series, facts)) = loaded.prices.iter().find(|(known, ..)| known == source) {
            return Ok((series.clone(), facts.clone()));
        }
        let file = self.base.join(&source.file);
        let (series, facts) = prices(&file, source)?;
        loaded.note(&file, &source.file)?;
        let series = Arc::new(series);
        loaded
            .prices
            .push((source.clone(), series.clone(), facts.clone()));
        Ok((series, facts))
    }

    /// The trades of `source`, read from disk the first time.
    ///
    /// # Errors
    /// As [`Recordings::load`], and a file that does not say sizes or who took.
    pub fn trades(&self, source: &Source) -> Result<Arc<Trades>, RecordingError> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, found, _)) = loaded.trades.iter().find(|(known, ..)| known == source) {
            return Ok(found.clone());
        }
        let file = self.base.join(&source.file);
        let (found, facts) = trades(&file, source)?;
        loaded.note(&file, &source.file)?;
        let found = Arc::new(found);
        loaded.trades.push((source.clone(), found.clone(), facts));
        Ok(found)
    }

    /// What the users in the table `name` hold, read from disk the first time.
    ///
    /// # Errors
    /// As [`Recordings::load`].
    pub fn holdings(&self, name: &Path) -> Result<Arc<Holdings>, RecordingError> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, found)) = loaded.holdings.iter().find(|(known, _)| known == name) {
            return Ok(found.clone());
        }
        let file = self.base.join(name);
        let found = Arc::new(holdings(&file)?);
        loaded.note(&file, name)?;
        loaded.holdings.push((name.to_owned(), found.clone()));
        Ok(found)
    }

    /// Every file read so far, as named in specs, with the SHA-256 of its bytes in hexadecimal; sorted by name.
    pub fn digests(&self) -> Vec<(PathBuf, String)> {
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.sha256.clone().into_iter().collect()
    }

    /// What the files read so far turned out to be, a line each.
    pub fn notes(&self) -> Vec<String> {
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let prices = loaded.prices.iter().map(|(source, _, facts)| (source, facts));
        let trades = loaded.trades.iter().map(|(source, _, facts)| (source, facts));
        prices
            .chain(trades)
            .map(|(source, facts)| format!("{}: {facts}", source.file.display()))
            .collect()
    }
}

impl Loaded {
    fn note(&mut self, file: &Path, name: &Path) -> Result<(), RecordingError> {
        if !self.sha256.contains_key(name) {
            let read = |source| RecordingError::Read {
                file: file.to_owned(),
                source,
            };
            let mut hash = Sha256::new();
            std::io::copy(&mut std::fs::File::open(file).map_err(read)?, &mut hash).map_err(read)?;
            let text = hash.finalize().iter().fold(String::new(), |mut text, byte| {
                // Writing to a string cannot fail.
                let _ = write!(text, "{byte:02x}");
                text
            });
            self.sha256.insert(name.to_owned(), text);
        }
        Ok(())
    }
}

impl std::fmt::Display for Facts {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let (from, to) = (written(self.span.0), written(self.span.1));
        write!(f, "{}, {} rows from {from} to {to}", self.form, self.rows)?;
        match self.unit {
            None => write!(f, ", times in ISO 8601")?,
            Some(unit) if self.guessed && unit != TimeUnit::Seconds => {
                write!(
                    f,
                    ", times read as {unit} by their size (`unit: {unit}` states it)"
                )?;
            }
            Some(unit) => write!(f, ", times in {unit}")?,
        }
        if let Some(spacing) = self.spacing {
            write!(f, ", one every {} s", seconds(spacing))?;
        }
        if self.gaps > 0 {
            write!(
                f,
                ", {} gaps, the longest {} s",
                self.gaps,
                seconds(self.longest_gap)
            )?;
        }
        for (count, what) in [
            (self.repeated, "of a repeated time"),
            (self.skipped, "unreadable and left out"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        if !self.sorted {
            f.write_str(", put in order")?;
        }
        Ok(())
    }
}

fn seconds(micros: i64) -> String {
    match micros % MICROS {
        0 => (micros / MICROS).to_string(),
        _ => (micros as f64 / MICROS as f64).to_string(),
    }
}

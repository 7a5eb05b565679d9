//! Writing an experiment folder whole or not at all.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::error::{ExperimentError, ExperimentErrorKind as Kind};
use super::{EVENTS, HISTORY, MARKETS, MarketInit, SCENARIO, SPOT_MARKETS, SpotMarketInit};
use crate::event::{self, Event, spaced};

/// What to do where the folder to write is already there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Refuse.
    Keep,
    /// Put the new one in its place, provided it holds an experiment.
    Replace,
}

/// A folder being written. The files go to a folder beside it, hidden by a dot, that takes its name when it is
/// [finished](FolderWriter::finish) and is removed when it is not.
#[derive(Debug)]
pub struct FolderWriter {
    target: PathBuf,
    staging: PathBuf,
    existing: Existing,
}

impl FolderWriter {
    /// Begins the folder `target`; folders above it are made.
    ///
    /// # Errors
    /// [`Kind::Exists`], [`Kind::NotAnExperiment`] or [`Kind::Io`].
    pub fn create(target: &Path, existing: Existing) -> Result<Self, ExperimentError> {
        check(target, existing)?;
        let staging = beside(target, "writing");
        // A run that was killed under the same process number may have left one.
        if staging.exists() {
            fs::remove_dir_all(&staging).map_err(|error| Kind::Io(error).at(&staging))?;
        }
        fs::create_dir_all(&staging).map_err(|error| Kind::Io(error).at(&staging))?;
        Ok(Self {
            target: target.to_owned(),
            staging,
            existing,
        })
    }

    /// Writes `markets_json.csv`.
    ///
    /// # Errors
    /// [`Kind::NoMarkets`], [`Kind::Market`] where a market's number is not its place, and [`Kind::Io`].
    pub fn markets(&self, markets: &[MarketInit]) -> Result<(), ExperimentError> {
        if markets.is_empty() {
            return Err(Kind::NoMarkets.at(&self.target.join(MARKETS)));
        }
        self.in_order(MARKETS, 0, markets.iter().map(|market| market.market_index))?;
        self.json(MARKETS, markets.iter().map(MarketInit::write).collect())
    }

    /// Writes `spot_markets_json.csv`: all but the quote market.
    ///
    /// # Errors
    /// [`Kind::Market`] where a market's number is not its place plus one, and [`Kind::Io`].
    pub fn spot_markets(&self, markets: &[SpotMarketInit]) -> Result<(), ExperimentError> {
        self.in_order(SPOT_MARKETS, 1, markets.iter().map(|market| market.market_index))?;
        self.json(SPOT_MARKETS, markets.iter().map(SpotMarketInit::write).collect())
    }

    /// Writes `events.csv`.
    ///
    /// # Errors
    /// [`Kind::Io`].
    pub fn events<'a>(&self, events: impl IntoIterator<Item = &'a Event>) -> Result<(), ExperimentError> {
        self.file(EVENTS, |file| event::write(events, file).map_err(Kind::Io))
    }

    /// Writes `chs.csv`: a row of state after every event, under `header`.
    ///
    /// # Errors
    /// [`Kind::Csv`] where a row is longer or shorter than the header, and [`Kind::Io`].
    pub fn history<R>(
        &self,
        header: impl IntoIterator<Item: AsRef<[u8]>>,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<(), ExperimentError>
    where
        R: IntoIterator<Item: AsRef<[u8]>>,
    {
        self.file(HISTORY, |file| {
            let mut table = csv::Writer::from_writer(file);
            table.write_record(header).map_err(Kind::Csv)?;
            for row in rows {
                table.write_record(row).map_err(Kind::Csv)?;
            }
            table.flush().map_err(Kind::Io)
        })
    }

    /// Writes `scenario.yaml`.
    ///
    /// # Errors
    /// [`Kind::Io`].
    pub fn scenario(&self, yaml: &str) -> Result<(), ExperimentError> {
        self.file(SCENARIO, |file| file.write_all(yaml.as_bytes()).map_err(Kind::Io))
    }

    /// Puts the folder in its place. It must hold markets, spot markets (an empty list will do) and events.
    ///
    /// # Errors
    /// [`Kind::Unfinished`], and as [`FolderWriter::create`].
    pub fn finish(self) -> Result<(), ExperimentError> {
        if let Some(missing) = [EVENTS, MARKETS, SPOT_MARKETS]
            .into_iter()
            .find(|name| !self.staging.join(name).exists())
        {
            return Err(Kind::Unfinished(missing).at(&self.target));
        }
        check(&self.target, self.existing)?;
        let io = |error| Kind::Io(error).at(&self.target);
        if !self.target.exists() {
            return fs::rename(&self.staging, &self.target).map_err(io);
        }
        let replaced = beside(&self.target, "replaced");
        fs::rename(&self.target, &replaced).map_err(io)?;
        if let Err(error) = fs::rename(&self.staging, &self.target) {
            fs::rename(&replaced, &self.target).map_err(io)?;
            return Err(io(error));
        }
        fs::remove_dir_all(&replaced).map_err(|error| Kind::Io(error).at(&replaced))
    }

    fn in_order(
        &self,
        name: &str,
        first: usize,
        numbers: impl Iterator<Item = u16>,
    ) -> Result<(), ExperimentError> {
        for (market, number) in numbers.enumerate() {
            if usize::from(number) != first + market {
                let reason = format!("its number is {number}, its place asks for {}", first + market);
                return Err(Kind::Market { market, reason }.at(&self.target.join(name)));
            }
        }
        Ok(())
    }

    fn json(&self, name: &str, markets: Vec<Value>) -> Result<(), ExperimentError> {
        self.file(name, |file| {
            let text = spaced(&markets).map_err(Kind::Io)?;
            file.write_all(text.as_bytes()).map_err(Kind::Io)
        })
    }

    fn file(
        &self,
        name: &str,
        fill: impl FnOnce(&mut BufWriter<File>) -> Result<(), Kind>,
    ) -> Result<(), ExperimentError> {
        let filled = File::create(self.staging.join(name))
            .map_err(Kind::Io)
            .and_then(|file| {
                let mut file = BufWriter::new(file);
                fill(&mut file)?;
                file.flush().map_err(Kind::Io)
            });
        filled.map_err(|kind| kind.at(&self.target.join(name)))
    }
}

impl Drop for FolderWriter {
    fn drop(&mut self) {
        // After `finish` there is nothing here; before it there is no one to tell that removing it failed.
        let _ = fs::remove_dir_all(&self.staging);
    }
}

fn check(target: &Path, existing: Existing) -> Result<(), ExperimentError> {
    match existing {
        _ if target.symlink_metadata().is_err() => Ok(()),
        Existing::Keep => Err(Kind::Exists.at(target)),
        Existing::Replace if target.join(EVENTS).is_file() => Ok(()),
        Existing::Replace => Err(Kind::NotAnExperiment.at(target)),
    }
}

/// A hidden name beside `target`, on the same file system so that it can be renamed.
fn beside(target: &Path, purpose: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.{purpose}-{}", std::process::id()))
}

#[cfg(test)]
mod tests;

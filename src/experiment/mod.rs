//! Experiment folders, drift-sim's and our own: how a run starts and what happens in it.
//!
//! | file | what it holds |
//! |---|---|
//! | `events.csv` | the events ([`crate::event`]) |
//! | `markets_json.csv` | a JSON array, whatever the name says: the perp markets ([`MarketInit`]) |
//! | `spot_markets_json.csv` | a JSON array: the spot markets but the quote market ([`SpotMarketInit`]); older folders have none |
//! | `chs.csv` | the state after every event, for a reader; never read back |
//! | `scenario.yaml` | only ours: the scenario that the trial ran |
//!
//! A market of drift-sim's has some ninety fields; the few that say how it starts are read and the others passed over. What they
//! do not say is taken from drift-sim's replay. Our own files say it all, under [`RULES`], where an unknown name is refused.
//! Reserves above 1e17 are in drift-sim's older precision, 1e13, and a peg that a mark price shows to be in its older 1e3 likewise;
//! both become the protocol's.

mod error;
mod folder;
mod perp;
mod rules;
mod spot;

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde_json::{Map, Value};

pub use error::{ExperimentError, ExperimentErrorKind, LoadError};
pub use folder::{Existing, FolderWriter};
pub use perp::MarketInit;
pub use rules::{PerpRules, SpotRules};
pub use spot::SpotMarketInit;

use crate::event::{self, EventLog, ReadError};

/// The events.
pub const EVENTS: &str = "events.csv";
/// The perp markets.
pub const MARKETS: &str = "markets_json.csv";
/// The spot markets.
pub const SPOT_MARKETS: &str = "spot_markets_json.csv";
/// The state after every event.
pub const HISTORY: &str = "chs.csv";
/// The scenario.
pub const SCENARIO: &str = "scenario.yaml";

/// The field of a market that holds what drift-sim's files do not say.
pub const RULES: &str = "rules";
/// The one value in a perp market's rules that is not a rule.
const ORACLE_PRICE: &str = "oracle_price";

/// A folder's contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Experiment {
    /// The perp markets, by number.
    pub markets: Vec<MarketInit>,
    /// The spot markets from 1 on, by number.
    pub spot_markets: Vec<SpotMarketInit>,
    /// The events, in the file's order.
    pub log: EventLog,
    /// The text of `scenario.yaml`, where there is one.
    pub scenario: Option<String>,
}

impl Experiment {
    /// Reads a folder.
    ///
    /// # Errors
    /// [`LoadError`] naming the file, and the line or market, of the first thing that is wrong.
    pub fn read(folder: &Path) -> Result<Self, LoadError> {
        Self::with_log(folder, event::read_file(&folder.join(EVENTS))?)
    }

    /// Reads a folder, and answers beside it why the rows of `events.csv` that are no events are not.
    ///
    /// # Errors
    /// As [`Experiment::read`], but for such rows.
    pub fn read_leniently(folder: &Path) -> Result<(Self, Vec<ReadError>), LoadError> {
        let (log, refused) = event::read_file_leniently(&folder.join(EVENTS))?;
        Ok((Self::with_log(folder, log)?, refused))
    }

    fn with_log(folder: &Path, log: EventLog) -> Result<Self, LoadError> {
        let markets = list(&folder.join(MARKETS), MarketInit::read)?;
        if markets.is_empty() {
            return Err(ExperimentErrorKind::NoMarkets.at(&folder.join(MARKETS)).into());
        }
        let spot = folder.join(SPOT_MARKETS);
        let spot_markets = if spot.exists() {
            list(&spot, SpotMarketInit::read)?
        } else {
            Vec::new()
        };
        Ok(Self {
            markets,
            spot_markets,
            log,
            scenario: text(&folder.join(SCENARIO))?,
        })
    }

    /// Writes the folder, without a `chs.csv`; [`FolderWriter`] writes one with it.
    ///
    /// # Errors
    /// [`ExperimentError`]; nothing is written then.
    pub fn write(&self, folder: &Path, existing: Existing) -> Result<(), ExperimentError> {
        let writer = FolderWriter::create(folder, existing)?;
        writer.markets(&self.markets)?;
        writer.spot_markets(&self.spot_markets)?;
        writer.events(&self.log.events)?;
        if let Some(yaml) = &self.scenario {
            writer.scenario(yaml)?;
        }
        writer.finish()
    }
}

/// The markets of a file, each from its place and its JSON.
fn list<T>(
    file: &Path,
    read: impl Fn(usize, Map<String, Value>) -> Result<T, ExperimentErrorKind>,
) -> Result<Vec<T>, ExperimentError> {
    let parsed = fs::read_to_string(file)
        .map_err(ExperimentErrorKind::Io)
        .and_then(|text| {
            let markets: Vec<Map<String, Value>> = event::parse(&text).map_err(ExperimentErrorKind::Json)?;
            markets
                .into_iter()
                .enumerate()
                .map(|(place, market)| read(place, market))
                .collect()
        });
    parsed.map_err(|kind| kind.at(file))
}

/// A file's text, or `None` where there is no such file.
fn text(file: &Path) -> Result<Option<String>, ExperimentError> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ExperimentErrorKind::Io(error).at(file)),
    }
}

/// The market number at a place of a file.
fn number(place: usize) -> Result<u16, ExperimentErrorKind> {
    u16::try_from(place).map_err(|_| ExperimentErrorKind::Market {
        market: place,
        reason: "market numbers end at 65535".to_owned(),
    })
}

#[cfg(test)]
mod tests;

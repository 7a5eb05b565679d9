//! A replay's results folder.
//!
//! | file | what it holds |
//! |---|---|
//! | `run_info.json` | experiment, flags, program and its SHA-256, runtime, counts, and whether the engine agrees |
//! | `init_state.json` | every account of the program's once the exchange is open |
//! | `users.json` | the users' numbers, names and addresses |
//! | `ix_logs.csv` | every instruction: arguments, slot, time, outcome, compute units |
//! | `state_0.csv`, `perp_market_0.csv`, `user_3.csv`, ... | every write of the account, whole, in the program's own integers |
//!
//! Columns that count from 0: `event`, empty while the exchange is opened, and `write`, over all accounts of the run.

mod names;

use super::Happened;
use crate::bank::Receipt;
use crate::drift::accounts::Account;
use crate::drift::accounts::layout::Describe;
use crate::drift::clock::Clock;
use crate::event::{Event, Kind};
use names::Names;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The file that tells a results folder.
const RUN_INFO: &str = "run_info.json";

/// Why results cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// There is something else at the place to write to.
    #[error("{} is there and holds no {RUN_INFO}, so it is not replaced", .0.display())]
    NotResults(PathBuf),
    /// Writing failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A table cannot be written.
    #[error("{}: {source}", path.display())]
    Csv {
        /// Which.
        path: PathBuf,
        /// Why.
        source: csv::Error,
    },
}

/// When something was written.
#[derive(Clone, Copy)]
struct Stamp {
    event: Option<usize>,
    clock: Clock,
}

/// A results folder being written. It takes its name when it is [finished](ResultsWriter::finish); earlier results of the
/// same trial are replaced then, and not before.
pub struct ResultsWriter {
    target: PathBuf,
    staging: PathBuf,
    log: csv::Writer<File>,
    tables: BTreeMap<String, csv::Writer<File>>,
    names: Names,
    users: Map<String, Value>,
    writes: u64,
}

impl ResultsWriter {
    /// Begins the folder `target`.
    ///
    /// # Errors
    /// [`ResultsError`].
    pub fn create(target: &Path, perps: u16, spots: u16) -> Result<Self, ResultsError> {
        let exists = target.symlink_metadata().is_ok();
        if exists && !target.join(RUN_INFO).is_file() {
            return Err(ResultsError::NotResults(target.to_owned()));
        }
        let staging = beside(target, "writing");
        let io = |source| ResultsError::Io {
            path: staging.clone(),
            source,
        };
        // A run that was killed under the same process number may have left one.
        if staging.exists() {
            fs::remove_dir_all(&staging).map_err(io)?;
        }
        fs::create_dir_all(&staging).map_err(io)?;
        let mut log = table(&staging, "ix_logs")?;
        let header = [
            "event",
            "event_name",
            "instruction",
            "arguments",
            "slot",
            "unix_timestamp",
            "ok",
            "error_code",
            "error_name",
            "log_line",
            "compute_units",
        ];
        row(&staging, &mut log, header.map(str::to_owned))?;
        Ok(Self {
            target: target.to_owned(),
            staging,
            log,
            tables: BTreeMap::new(),
            names: Names::new(perps, spots),
            users: Map::new(),
            writes: 0,
        })
    }

    /// Writes what opening the exchange did.
    ///
    /// # Errors
    /// [`ResultsError`].
    pub fn opened(&mut self, receipts: &[Receipt], clock: Clock) -> Result<(), ResultsError> {
        let mut state: BTreeMap<String, Value> = BTreeMap::new();
        for receipt in receipts {
            self.writes(receipt, Stamp { event: None, clock })?;
            for (key, account) in &receipt.writes {
                if let Some(name) = self.names.of(key) {
                    state.insert(name.to_owned(), fields(account));
                }
            }
        }
        self.json("init_state.json", &json!(state))
    }

    /// Writes what event number `place` did.
    ///
    /// # Errors
    /// [`ResultsError`].
    pub fn happened(
        &mut self,
        place: usize,
        event: &Event,
        happened: &Happened,
        clock: Clock,
    ) -> Result<(), ResultsError> {
        if let Kind::DepositCollateral(deposit) = &event.kind {
            let keys = self.names.add_user(deposit.user_index);
            self.users
                .entry(deposit.user_index.to_string())
                .or_insert_with(|| {
                    json!({
                        "username": deposit.username,
                        "authority": keys.authority.to_string(),
                        "user": keys.user.to_string(),
                        "user_stats": keys.stats.to_string(),
                    })
                });
        }
        for (done, receipt) in happened.executed.iter().zip(&happened.receipts) {
            let refusal = done.outcome.err();
            let cells = [
                place.to_string(),
                event.kind.name().to_owned(),
                done.call.instruction.name().to_owned(),
                format!("{:?}", done.call.instruction),
                clock.slot.to_string(),
                clock.unix_timestamp.to_string(),
                refusal.is_none().to_string(),
                refusal.map(|code| code.number().to_string()).unwrap_or_default(),
                refusal.map(|code| code.name().to_owned()).unwrap_or_default(),
                receipt.complaint().unwrap_or_default().to_owned(),
                receipt.compute_units.to_string(),
            ];
            row(&self.staging, &mut self.log, cells)?;
            let event = Some(place);
            self.writes(receipt, Stamp { event, clock })?;
        }
        Ok(())
    }

    fn writes(&mut self, receipt: &Receipt, stamp: Stamp) -> Result<(), ResultsError> {
        for (key, account) in &receipt.writes {
            let Some(name) = self.names.of(key) else {
                continue;
            };
            let stamps = [
                stamp.event.map(|event| event.to_string()).unwrap_or_default(),
                self.writes.to_string(),
                stamp.clock.slot.to_string(),
                stamp.clock.unix_timestamp.to_string(),
            ];
            let (mut header, mut cells): (Vec<_>, Vec<_>) = (
                ["event", "write", "slot", "unix_timestamp"]
                    .map(str::to_owned)
                    .into(),
                stamps.into(),
            );
            account.describe(&mut String::new(), &mut |path, value| {
                header.push(path.to_owned());
                cells.push(value.to_string());
            });
            let file = match self.tables.get_mut(name) {
                Some(file) => file,
                None => {
                    let mut file = table(&self.staging, name)?;
                    row(&self.staging, &mut file, header)?;
                    self.tables.entry(name.to_owned()).or_insert(file)
                }
            };
            row(&self.staging, file, cells)?;
            self.writes += 1;
        }
        Ok(())
    }

    fn json(&self, name: &str, value: &Value) -> Result<(), ResultsError> {
        let path = self.staging.join(name);
        let text = format!("{value:#}\n");
        fs::write(&path, text).map_err(|source| ResultsError::Io { path, source })
    }

    /// Writes `run_info` and puts the folder in its place.
    ///
    /// # Errors
    /// [`ResultsError`].
    pub fn finish(mut self, run_info: &Value) -> Result<PathBuf, ResultsError> {
        self.json("users.json", &json!(self.users))?;
        self.json(RUN_INFO, run_info)?;
        let io = |source| ResultsError::Io {
            path: self.target.clone(),
            source,
        };
        for file in self.tables.values_mut().chain([&mut self.log]) {
            file.flush().map_err(io)?;
        }
        let replaced = beside(&self.target, "replaced");
        if self.target.exists() {
            fs::rename(&self.target, &replaced).map_err(io)?;
        }
        fs::rename(&self.staging, &self.target).map_err(io)?;
        if replaced.exists() {
            fs::remove_dir_all(&replaced).map_err(io)?;
        }
        Ok(self.target.clone())
    }
}

impl Drop for ResultsWriter {
    fn drop(&mut self) {
        // After `finish` there is nothing here; before it there is no one to tell that removing it failed.
        let _ = fs::remove_dir_all(&self.staging);
    }
}

fn fields(account: &Account) -> Value {
    let mut fields = Map::new();
    account.describe(&mut String::new(), &mut |path, value| {
        // As text: JSON readers round 128-bit numbers.
        fields.insert(path.to_owned(), json!(value.to_string()));
    });
    Value::Object(fields)
}

fn table(folder: &Path, name: &str) -> Result<csv::Writer<File>, ResultsError> {
    let path = folder.join(format!("{name}.csv"));
    csv::Writer::from_path(&path).map_err(|source| ResultsError::Csv { path, source })
}

fn row(
    folder: &Path,
    file: &mut csv::Writer<File>,
    cells: impl IntoIterator<Item = String>,
) -> Result<(), ResultsError> {
    file.write_record(cells).map_err(|source| ResultsError::Csv {
        path: folder.to_owned(),
        source,
    })
}

/// A hidden name beside `target`, on the same file system so that it can be renamed.
fn beside(target: &Path, purpose: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.{purpose}-{}", std::process::id()))
}

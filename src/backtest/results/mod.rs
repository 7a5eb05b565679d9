//! A replay's results folder.
//!
//! | file | what it holds |
//! |---|---|
//! | `run_info.json` | experiment, flags, program and its SHA-256, runtime, counts, and whether the engine agrees |
//! | `init_state.json` | every account of the program's once the exchange is open |
//! | `users.json` | the users' numbers, names and addresses |
//! | `ix_logs.parquet` | every instruction: arguments as JSON, slot, time, outcome, compute units |
//! | `report.json`, `report.md`, `report.html`, `divergence.parquet` | where engine and program differ: see [`files`] |
//! | `state_0.parquet`, `perp_market_0.parquet`, `user_3.parquet`, ... | every write of the account, whole, in the program's own integers |
//!
//! Columns that count from 0: `event`, null while the exchange is opened, and `write`, over all accounts of the run. Numbers
//! of 128 bits are decimals of 38 digits. What an account has many of, such as positions, is a list of its entries, each with its
//! `place`; those that are zero throughout are left out. A column's unit and scale are in its metadata: 1e6 of `quote` are one.
//! The program that ran is in the metadata of every table.
//! On request drift-sim's CSV files stand beside them.

mod column;
mod drift_sim;
mod log;
mod names;
mod shape;
mod table;

use super::{Happened, RunInfo};
use crate::bank::{Deployed, Receipt};
use crate::divergence::{DivergenceReport, Step};
use crate::event::{Event, Kind};
use crate::report::files;
use drift::accounts::Account;
use drift::accounts::layout::Describe;
use drift::clock::Clock;
use drift_sim::CsvFiles;
use log::{Entry, InstructionLog};
use names::Names;
use parquet::errors::ParquetError;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap, hash_map};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use table::{AccountTable, TableKind};

/// The file that tells a results folder.
pub const RUN_INFO: &str = "run_info.json";

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
    /// A Parquet file cannot be written.
    #[error("{}: {source}", path.display())]
    Parquet {
        /// Which.
        path: PathBuf,
        /// Why.
        source: ParquetError,
    },
    /// The report cannot be written.
    #[error(transparent)]
    Report(#[from] files::ReportError),
    /// A value that its column cannot hold.
    #[error("{}: {reason}", path.display())]
    Value {
        /// The table.
        path: PathBuf,
        /// Which value.
        reason: String,
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
    /// Named in every table.
    program: String,
    log: InstructionLog,
    tables: BTreeMap<String, AccountTable>,
    /// By the account's type.
    kinds: HashMap<&'static str, Arc<TableKind>>,
    csv: Option<CsvFiles>,
    names: Names,
    users: Map<String, Value>,
    writes: u64,
}

impl ResultsWriter {
    /// Begins the folder `target` of what `program` does, with drift-sim's CSV files beside the Parquet ones if `csv`.
    ///
    /// # Errors
    /// [`ResultsError`].
    pub fn create(
        target: &Path,
        program: &Deployed,
        perps: u16,
        spots: u16,
        csv: bool,
    ) -> Result<Self, ResultsError> {
        let exists = target.symlink_metadata().is_ok();
        if exists && !target.join(RUN_INFO).is_file() {
            return Err(ResultsError::NotResults(target.to_owned()));
        }
        let staging = beside(target, "writing");
        let io = |source| ResultsError::Io {
            path: staging.clone(),
            source,
        };
        remove_abandoned(target);
        // One of our own number is of a process that is gone.
        if staging.exists() {
            fs::remove_dir_all(&staging).map_err(io)?;
        }
        fs::create_dir_all(&staging).map_err(io)?;
        let program = program.to_string();
        let log = staging.join("ix_logs.parquet");
        Ok(Self {
            target: target.to_owned(),
            log: InstructionLog::new(&log, &program)
                .map_err(|source| ResultsError::Parquet { path: log, source })?,
            program,
            csv: csv.then(|| CsvFiles::create(&staging)).transpose()?,
            staging,
            tables: BTreeMap::new(),
            kinds: HashMap::new(),
            names: Names::new(perps, spots),
            users: Map::new(),
            writes: 0,
        })
    }

    /// Writes what opening the exchange did: the program's steps, and what the runtime says of its instructions.
    ///
    /// # Errors
    /// [`ResultsError`].
    pub fn opened(&mut self, steps: &[Step], receipts: &[Receipt]) -> Result<(), ResultsError> {
        let mut state: BTreeMap<String, Value> = BTreeMap::new();
        let instructions = steps.iter().filter(|step| step.instruction != Step::OUTSIDE);
        for (step, receipt) in instructions.zip(receipts) {
            let stamp = Stamp {
                event: None,
                clock: step.clock,
            };
            let entry = Entry {
                event_name: step.event_name,
                instruction: step.instruction,
                arguments: &step.arguments,
                error: receipt.outcome.err().map(|code| (code.number(), code.name())),
                log_line: receipt.complaint(),
                compute_units: receipt.compute_units,
            };
            self.instruction(stamp, &entry)?;
            self.writes(receipt, stamp)?;
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
        let stamp = Stamp {
            event: Some(place),
            clock,
        };
        for (done, receipt) in happened.executed.iter().zip(&happened.receipts) {
            let entry = Entry {
                event_name: event.kind.name(),
                instruction: done.call.instruction.name(),
                arguments: &done.call.instruction.arguments(),
                error: done.outcome.err().map(|code| (code.number(), code.name())),
                log_line: receipt.complaint(),
                compute_units: receipt.compute_units,
            };
            self.instruction(stamp, &entry)?;
            self.writes(receipt, stamp)?;
        }
        Ok(())
    }

    fn instruction(&mut self, stamp: Stamp, entry: &Entry) -> Result<(), ResultsError> {
        self.log.push(stamp, entry)?;
        self.csv
            .as_mut()
            .map_or(Ok(()), |csv| csv.instruction(stamp, entry))
    }

    fn writes(&mut self, receipt: &Receipt, stamp: Stamp) -> Result<(), ResultsError> {
        for (key, account) in &receipt.writes {
            let Some(name) = self.names.of(key) else {
                continue;
            };
            if let Some(csv) = &mut self.csv {
                csv.account(name, stamp, self.writes, account)?;
            }
            let table = match self.tables.get_mut(name) {
                Some(table) => table,
                None => {
                    let path = self.staging.join(format!("{name}.parquet"));
                    let kind = match self.kinds.entry(account.type_name()) {
                        hash_map::Entry::Occupied(known) => known.into_mut(),
                        hash_map::Entry::Vacant(free) => {
                            let kind = TableKind::of(account, &self.program);
                            let kind = kind.map_err(|source| ResultsError::Parquet {
                                path: path.clone(),
                                source,
                            })?;
                            free.insert(Arc::new(kind))
                        }
                    };
                    let table = AccountTable::new(&path, Arc::clone(kind));
                    self.tables.entry(name.to_owned()).or_insert(table)
                }
            };
            table.push(stamp, self.writes, account)?;
            self.writes += 1;
        }
        Ok(())
    }

    fn json(&self, name: &str, value: &impl Serialize) -> Result<(), ResultsError> {
        let path = self.staging.join(name);
        let written = serde_json::to_string_pretty(value)
            .map_err(io::Error::from)
            .and_then(|text| fs::write(&path, text + "\n"));
        written.map_err(|source| ResultsError::Io { path, source })
    }

    /// Writes the report of the replay, in all its forms.
    ///
    /// # Errors
    /// [`ResultsError`].
    pub fn report(&self, report: &DivergenceReport) -> Result<(), ResultsError> {
        Ok(files::write(report, &self.staging)?)
    }

    /// Writes `run_info` and puts the folder in its place.
    ///
    /// # Errors
    /// [`ResultsError`].
    pub fn finish(mut self, run_info: &RunInfo) -> Result<PathBuf, ResultsError> {
        self.json("users.json", &json!(self.users))?;
        for table in std::mem::take(&mut self.tables).into_values() {
            table.finish()?;
        }
        self.csv.take().map_or(Ok(()), CsvFiles::finish)?;
        self.log.finish()?;
        self.json(RUN_INFO, run_info)?;
        let io = |source| ResultsError::Io {
            path: self.target.clone(),
            source,
        };
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

/// How long nothing happens in a folder that nobody writes to any more.
const ABANDONED: Duration = Duration::from_secs(3_600);

/// Removes what runs that were killed have left of their results, as far as can be told: their process is gone, which may
/// only mean that it is another machine's, and nothing has happened for long.
fn remove_abandoned(target: &Path) {
    let (Some(parent), Some(name)) = (target.parent(), target.file_name()) else {
        return;
    };
    let prefix = format!(".{}.writing-", name.to_string_lossy());
    let processes = Path::new("/proc");
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let file = entry.file_name();
        let process = file
            .to_string_lossy()
            .strip_prefix(&prefix)
            .and_then(|number| number.parse::<u32>().ok());
        let Some(process) = process else { continue };
        let is_gone = processes.join("self").exists() && !processes.join(process.to_string()).exists();
        let changed = entry.metadata().and_then(|metadata| metadata.modified());
        let is_old = changed.is_ok_and(|changed| changed.elapsed().is_ok_and(|age| age > ABANDONED));
        if is_gone && is_old {
            // What cannot be removed does no harm.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// A hidden name beside `target`, on the same file system so that it can be renamed.
fn beside(target: &Path, purpose: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.{purpose}-{}", std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::time::SystemTime;

    #[test]
    fn only_what_is_surely_abandoned_is_removed() {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().join("trial_default");
        // Process numbers end at 2^22.
        let old = ".trial_default.writing-4294967295";
        let kept = [
            ".trial_default.writing-note",
            ".trial_default.writing-4294967294",
            ".other.writing-4294967295",
        ];
        for name in kept.iter().chain([&old]) {
            fs::create_dir(place.path().join(name)).unwrap();
        }
        let long_ago = SystemTime::now() - 2 * ABANDONED;
        for name in [old, kept[0], kept[2]] {
            File::open(place.path().join(name))
                .unwrap()
                .set_modified(long_ago)
                .unwrap();
        }
        remove_abandoned(&target);
        assert_eq!(place.path().join(old).exists(), !Path::new("/proc/self").exists());
        assert!(kept.iter().all(|name| place.path().join(name).exists()));
    }
}

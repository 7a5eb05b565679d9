//! The CSV files of drift-sim's backtest, for its notebooks: its names, and its units where it had human ones.
//!
//! A perp market's numbers are in whole quote, base, prices and shares of one, and so are the pools and price histories
//! inside a spot market; everything else is in the program's integers, as drift-sim left it.
//!
//! | file | columns |
//! |---|---|
//! | `perp_market_0.csv` | `market.status`, `market.amm.sqrt_k`, ... |
//! | `spot_market_0.csv` | `spot_market.deposit_balance`, `spot_market.revenue_pool.scaled_balance`, ... |
//! | `user_0.csv` | `authority`, `user.perp_positions_0.lp_shares`, `user.spot_positions_0.scaled_balance`, ... |
//! | `user_stats_0.csv`, `state_0.csv`, `spot_vault_0.csv`, `insurance_vault_0.csv` | the account's fields |
//! | `ix_logs.csv` | `slot`, `ix_name`, `ix_args` (JSON), `error`, `compute` |
//!
//! Every account's table ends with `slot`, `write_version`, which counts all writes of the run, and `updated_on`, in
//! seconds since 1970.

use super::log::Entry;
use super::{ResultsError, Stamp};
use crate::divergence::Unit;
use drift::accounts::Account;
use drift::accounts::layout::{Describe, Value};
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file that is open only while something is added to it: there may be more users than a process may have open files.
struct Appended(PathBuf);

impl Write for Appended {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.0)?
            .write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

type Table = csv::Writer<Appended>;

/// The CSV files of a results folder being written.
pub(super) struct CsvFiles {
    folder: PathBuf,
    log: Table,
    tables: BTreeMap<String, Table>,
}

impl CsvFiles {
    pub(super) fn create(folder: &Path) -> Result<Self, ResultsError> {
        let mut log = file(folder, "ix_logs");
        row(
            folder,
            &mut log,
            ["slot", "ix_name", "ix_args", "error", "compute"],
        )?;
        Ok(Self {
            folder: folder.to_owned(),
            log,
            tables: BTreeMap::new(),
        })
    }

    pub(super) fn instruction(&mut self, stamp: Stamp, entry: &Entry) -> Result<(), ResultsError> {
        let cells = [
            stamp.clock.slot.to_string(),
            entry.instruction.to_owned(),
            entry.arguments.to_string(),
            entry
                .error
                .map(|(code, name)| format!("{code} {name}"))
                .unwrap_or_default(),
            entry.compute_units.to_string(),
        ];
        row(&self.folder, &mut self.log, cells)
    }

    pub(super) fn account(
        &mut self,
        name: &str,
        stamp: Stamp,
        write: u64,
        account: &Account,
    ) -> Result<(), ResultsError> {
        let kind = account.type_name();
        let (mut header, mut cells) = (Vec::new(), Vec::new());
        account.describe(&mut String::new(), &mut |path, value| {
            if let Some(column) = column(kind, path) {
                header.push(column);
                cells.push(cell(kind, path, &value));
            }
        });
        header.extend(["slot", "write_version", "updated_on"].map(str::to_owned));
        cells.extend([
            stamp.clock.slot.to_string(),
            write.to_string(),
            stamp.clock.unix_timestamp.to_string(),
        ]);
        let table = match self.tables.get_mut(name) {
            Some(table) => table,
            None => {
                let mut table = file(&self.folder, name);
                row(&self.folder, &mut table, header)?;
                self.tables.entry(name.to_owned()).or_insert(table)
            }
        };
        row(&self.folder, table, cells)
    }

    /// Completes the files.
    pub(super) fn finish(mut self) -> Result<(), ResultsError> {
        for file in self.tables.values_mut().chain([&mut self.log]) {
            file.flush().map_err(|source| ResultsError::Io {
                path: self.folder.clone(),
                source,
            })?;
        }
        Ok(())
    }
}

/// drift-sim's name of the field at `path`; none for padding and orders, which it does not tell apart.
fn column(kind: &str, path: &str) -> Option<String> {
    let last = path.rsplit('.').next()?;
    if last.starts_with("padding") {
        return None;
    }
    let path = joined(path);
    Some(match kind {
        "PerpMarket" => format!("market.{path}"),
        "SpotMarket" => format!("spot_market.{path}"),
        "User" => match path.split_once('.') {
            None => path,
            Some(("orders", _)) => return None,
            Some((list, rest)) => format!("user.{list}_{rest}"),
        },
        _ => path,
    })
}

/// drift-sim's library writes no underscore before a digit: `last_mark_price_twap5min`, `volume24h`.
fn joined(path: &str) -> String {
    let mut name = String::with_capacity(path.len());
    for letter in path.chars() {
        if letter.is_ascii_digit() && name.ends_with('_') {
            name.pop();
        }
        name.push(letter);
    }
    name
}

fn cell(kind: &str, path: &str, value: &Value) -> String {
    let human = match kind {
        "PerpMarket" => true,
        "SpotMarket" => path.contains('.'),
        _ => false,
    };
    let text = value.to_string();
    match Unit::of(kind, path) {
        Some(unit) if human && matches!(value, Value::Int(_) | Value::Uint(_)) => {
            let shown = unit.show(&text);
            let number = shown.strip_suffix(&unit.name).unwrap_or(&shown);
            number.trim_end().to_owned()
        }
        _ => text,
    }
}

fn file(folder: &Path, name: &str) -> Table {
    csv::WriterBuilder::new()
        .buffer_capacity(1 << 16)
        .from_writer(Appended(folder.join(format!("{name}.csv"))))
}

fn row(
    folder: &Path,
    file: &mut Table,
    cells: impl IntoIterator<Item: AsRef<[u8]>>,
) -> Result<(), ResultsError> {
    file.write_record(cells).map_err(|source| ResultsError::Csv {
        path: folder.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_drift_sims() {
        let named = |kind, path| column(kind, path).unwrap_or_default();
        // As its extraction and plots spell them.
        assert_eq!(
            named("PerpMarket", "amm.last_mark_price_twap_5min"),
            "market.amm.last_mark_price_twap5min"
        );
        assert_eq!(named("PerpMarket", "amm.volume_24h"), "market.amm.volume24h");
        assert_eq!(named("PerpMarket", "market_index"), "market.market_index");
        assert_eq!(
            named("SpotMarket", "revenue_pool.scaled_balance"),
            "spot_market.revenue_pool.scaled_balance"
        );
        assert_eq!(
            named("User", "perp_positions.3.lp_shares"),
            "user.perp_positions_3.lp_shares"
        );
        assert_eq!(named("User", "authority"), "authority");
        assert_eq!(column("User", "orders.0.price"), None);
        assert_eq!(column("PerpMarket", "amm.padding"), None);
    }

    #[test]
    fn a_markets_numbers_are_human() {
        let uint = Value::Uint;
        assert_eq!(cell("PerpMarket", "amm.sqrt_k", &uint(2_500_000_000)), "2.5");
        assert_eq!(cell("PerpMarket", "amm.peg_multiplier", &uint(1_500_000)), "1.5");
        assert_eq!(cell("PerpMarket", "amm.total_fee", &Value::Int(-1)), "-0.000001");
        assert_eq!(cell("PerpMarket", "margin_ratio_initial", &uint(2_000)), "0.2");
        assert_eq!(cell("PerpMarket", "number_of_users", &uint(7)), "7");
        assert_eq!(
            cell("SpotMarket", "revenue_pool.scaled_balance", &uint(1)),
            "0.000000001"
        );
        assert_eq!(cell("SpotMarket", "deposit_balance", &uint(12)), "12");
        assert_eq!(cell("User", "perp_positions.0.lp_shares", &uint(12)), "12");
    }
}

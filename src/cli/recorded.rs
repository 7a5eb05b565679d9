//! The options by which a recorded file is read.

use crate::recording::{Column, Columns, Moment, PriceSeries, Source};
use clap::Args;
use serde::de::DeserializeOwned;
use std::path::PathBuf;

/// A recorded file, and what is not plain from it.
#[derive(Debug, Args)]
pub struct Recorded {
    /// The file: CSV (also .gz, .zst, .zip), Parquet, or the JSON of a chart.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What it is: prices, candles, klines, agg_trades, trades, drift_trades, drift_funding. Recognised where not given.
    #[arg(long, value_name = "FORM")]
    form: Option<String>,
    /// Which column holds what, by its name or its number from 1: time, price, open, high, low, size, quote, side.
    #[arg(long, value_name = "WHAT=COLUMN", value_delimiter = ',')]
    columns: Vec<String>,
    /// Only rows that have this text in this column.
    #[arg(long, value_name = "COLUMN=TEXT")]
    only: Vec<String>,
    /// The unit of the times: seconds, milliseconds, microseconds, nanoseconds. Told by their size where not given.
    #[arg(long)]
    unit: Option<String>,
    /// Which price: close, open, vwap, mid, oracle.
    #[arg(long)]
    price: Option<String>,
    /// Nothing before this time (ISO 8601, or a number since 1970).
    #[arg(long, value_name = "TIME")]
    from: Option<Moment>,
    /// Nothing from this time on.
    #[arg(long, value_name = "TIME")]
    to: Option<Moment>,
    /// One price every so many seconds.
    #[arg(long, value_name = "SECONDS")]
    resample: Option<u32>,
    /// What a missing row means: hold, interpolate, refuse.
    #[arg(long, default_value = "hold")]
    gaps: String,
    /// What to do with rows that are not in order: refuse, sort.
    #[arg(long, default_value = "refuse")]
    unsorted: String,
    /// What to do with rows of one time: refuse, first, last.
    #[arg(long)]
    repeated: Option<String>,
    /// What to do with rows whose time or price cannot be read: refuse, skip.
    #[arg(long, default_value = "refuse")]
    unreadable: String,
}

impl Recorded {
    /// The same as a spec has it.
    pub fn source(self) -> miette::Result<Source> {
        let word = |option: &str, text: Option<String>| text.map(|text| word(option, &text)).transpose();
        Ok(Source {
            form: self.form.map(|text| self::word("form", &text)).transpose()?,
            columns: columns(&self.columns)?,
            only: self
                .only
                .iter()
                .map(|pair| pair_of("only", pair))
                .collect::<miette::Result<_>>()?,
            unit: self.unit.map(|text| self::word("unit", &text)).transpose()?,
            price: self.price.map(|text| self::word("price", &text)).transpose()?,
            from: self.from,
            to: self.to,
            resample: self.resample,
            gaps: self::word("gaps", &self.gaps)?,
            unsorted: self::word("unsorted", &self.unsorted)?,
            repeated: word("repeated", self.repeated)?,
            unreadable: self::word("unreadable", &self.unreadable)?,
            file: self.file,
        })
    }
}

/// The most returns that are looked at.
const MOST_RETURNS: u64 = 1 << 28;

/// Refuses steps so short that `series` has too many of them.
pub fn check_steps(series: &PriceSeries, step_seconds: u32) -> miette::Result<()> {
    let steps = series.steps(step_seconds);
    match steps > MOST_RETURNS {
        true => Err(miette::miette!(
            "the file spans {steps} steps of {step_seconds} seconds, more than {MOST_RETURNS}: give a longer --step, or a shorter span with --from and --to"
        )),
        false => Ok(()),
    }
}

/// A word as specs have it.
fn word<T: DeserializeOwned>(option: &str, text: &str) -> miette::Result<T> {
    serde_json::from_value(text.into()).map_err(|error| miette::miette!("--{option}: {error}"))
}

fn pair_of(option: &str, pair: &str) -> miette::Result<(String, String)> {
    match pair.split_once('=') {
        Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
        None => Err(miette::miette!(
            "--{option} {pair}: give a name and a value, as `name=value`"
        )),
    }
}

fn columns(pairs: &[String]) -> miette::Result<Columns> {
    let pairs = pairs.iter().map(|pair| {
        let (what, column) = pair_of("columns", pair)?;
        let column = column.parse().map_or(Column::Name(column), Column::Number);
        Ok((what, serde_json::json!(column)))
    });
    let pairs: serde_json::Map<_, _> = pairs.collect::<miette::Result<_>>()?;
    serde_json::from_value(pairs.into()).map_err(|error| miette::miette!("--columns: {error}"))
}

//! `harness compare-history`.

use super::Outcome;
use super::table::print_aligned;
use crate::history::{
    Compared, Comparison, Errors, HistoryError, Recording, Resync, Series, calendar, parse_time,
};
use crate::report::{self, number::short};
use clap::Args;
use miette::{IntoDiagnostic, WrapErr};
use std::path::PathBuf;

/// Drive a recorded market through the engine, and show where its fields part from what was recorded.
///
/// The engine starts from the first recorded state and follows the recorded oracle; changes of the net position are trades, one between two
/// states. Differences are a result, not an error.
#[derive(Debug, Args)]
pub struct CompareHistory {
    /// A Parquet file of decoded perpetual markets, one row a state.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The market, by name.
    #[arg(long, value_name = "NAME", default_value = "SOL-PERP")]
    market: String,
    /// Nothing before this time, such as 2022-11-07.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    from: Option<i64>,
    /// Nothing from this time on.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    to: Option<i64>,
    /// Start again from the recorded state: `never`, `each`, or every so many states.
    #[arg(long, value_name = "STATES", default_value = "never")]
    resync: Resync,
    /// From which share of the recorded value on an error counts as a deviation.
    #[arg(long, value_name = "SHARE", default_value_t = 0.001, value_parser = share)]
    tolerance: f64,
    /// Makes a page with pictures.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Writes every field's series, recorded and the engine's, as Parquet.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

fn share(text: &str) -> Result<f64, String> {
    let share = text
        .parse()
        .ok()
        .filter(|share: &f64| (0.0..f64::INFINITY).contains(share));
    share.ok_or_else(|| format!("`{text}` is no share: give a number from 0, such as 0.001"))
}

impl CompareHistory {
    pub fn run(self) -> Outcome {
        let found = self.compare().into_diagnostic()?;
        print(&found);
        if let Some(file) = &self.out {
            found.write(file).into_diagnostic()?;
            say!("{}", file.display());
        }
        if let Some(file) = &self.html {
            let page = report::history::page(&found);
            page.write(file)
                .into_diagnostic()
                .wrap_err_with(|| format!("cannot write {}", file.display()))?;
            say!("{}", file.display());
        }
        Ok(())
    }

    fn compare(&self) -> Result<Comparison, HistoryError> {
        let recording = Recording::read(&self.file, &self.market, self.from, self.to)?;
        Comparison::new(recording, self.resync, self.tolerance)
    }
}

fn print(found: &Comparison) {
    let recording = &found.recording;
    let states = &recording.states;
    let times = states
        .first()
        .zip(states.last())
        .map(|(first, last)| (calendar(first.seen), calendar(last.seen)));
    let (first, last) = times.unwrap_or_default();
    say!(
        "{}: {} states from {first} to {last}, {}",
        recording.market,
        states.len(),
        found.resync
    );
    say!();
    let header = [
        "field",
        "unit",
        "equal",
        "off",
        "since state",
        "mean |error|",
        "median",
        "largest",
        "at",
        "last",
        "corr",
        "one step: equal",
        "median",
        "largest",
        "corr",
    ];
    let left = [
        true, true, false, false, true, false, false, false, true, false, false, false, false, false, false,
    ];
    print_aligned(header, left, found.fields.iter().map(|field| row(found, field)));
    say!();
    for ((instruction, code), times) in &found.asked.refusals {
        say!("refused: {instruction} with {code}, {times} times");
    }
    for (row, hours) in &recording.shifted {
        say!("row {row}: times put {hours} hours later, since the AMM's update was before its own funding");
    }
    for (field, times) in &recording.unfit {
        say!("{field}: {times} values that the account cannot hold, left at zero");
    }
    say!("not recorded, at zero: {}", recording.unrecorded.join(", "));
}

fn row(found: &Comparison, field: &Compared) -> [String; 15] {
    let of = |series: &Series| -> Errors { series.errors.clone() };
    let (asked, each) = (of(&field.asked), of(&field.each));
    let value = |integer: i128| short(field.quantity.value(integer));
    let state = |place: usize| {
        let state = found.recording.states.get(place + 1);
        state.map_or_else(String::new, |state| {
            format!("{} {}", place + 1, calendar(state.seen))
        })
    };
    let percent = |share: f64| {
        if share.is_finite() {
            format!("{:.3} %", share * 100.0)
        } else {
            "∞".to_owned()
        }
    };
    let correlation =
        |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"));
    [
        field.quantity.name.to_owned(),
        field.quantity.unit.to_owned(),
        asked.exact.to_string(),
        asked.deviating.to_string(),
        asked.first.map_or_else(|| "–".to_owned(), state),
        short(asked.mean_absolute / 10_f64.powi(field.quantity.places as i32)),
        percent(asked.median_relative),
        value(asked.largest.1),
        state(asked.largest.0),
        value(asked.last),
        correlation(asked.correlation),
        each.exact.to_string(),
        percent(each.median_relative),
        value(each.largest.1),
        correlation(each.correlation),
    ]
}

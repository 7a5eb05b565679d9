//! `harness data`.

use super::Outcome;
use super::format::Format;
use super::recorded::{Recorded, check_steps};
use super::table::print_aligned;
use crate::recording::{Description, Facts, MICROS, Recordings, Tail};
use crate::report;
use clap::{Args, Subcommand};
use miette::{IntoDiagnostic, miette};
use std::path::PathBuf;

/// Recorded data of real markets.
#[derive(Debug, Args)]
pub struct Data {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Inspect(Inspect),
}

/// Say what a recorded file is: form, rows, span, gaps, and what its returns are like.
#[derive(Debug, Args)]
struct Inspect {
    #[command(flatten)]
    recorded: Recorded,
    /// Seconds of a return; the time from row to row where that is regular, else the usual step that suits it.
    #[arg(long, value_name = "SECONDS")]
    step: Option<u32>,
    /// Makes a page with pictures, beside the file where no other is named.
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    html: Option<Option<PathBuf>>,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Data {
    pub fn run(self) -> Outcome {
        match self.what {
            What::Inspect(inspect) => inspect.run(),
        }
    }
}

impl Inspect {
    fn run(self) -> Outcome {
        let source = self.recorded.source()?;
        let (series, facts) = Recordings::new("").load_with_facts(&source).into_diagnostic()?;
        let step = self.step.unwrap_or_else(|| usual_step(&facts, source.resample));
        if step == 0 {
            return Err(miette!("--step is 0: give 1 second or more"));
        }
        check_steps(&series, step)?;
        let description = Description::of(&series, step).ok_or_else(|| {
            miette!(
                "{} has fewer than two returns over {step} seconds: give a smaller --step",
                source.file.display()
            )
        })?;
        match self.format {
            Format::Json => {
                let document =
                    serde_json::json!({"file": source.file, "is": facts.to_string(), "returns": description});
                say!("{document}");
            }
            Format::Text => {
                say!("{}: {facts}", source.file.display());
                print_aligned(["returns", ""], [true, false], rows(&description).into_iter());
            }
        }
        if let Some(page) = self.html {
            let file = page.unwrap_or_else(|| source.file.with_extension("html"));
            report::recording::page(&source.file, &series, &facts, &description)
                .write(&file)
                .into_diagnostic()?;
            if self.format == Format::Text {
                say!("{}", file.display());
            }
        }
        Ok(())
    }
}

/// Steps that people use, in seconds.
const STEPS: [u32; 9] = [1, 5, 10, 60, 300, 900, 3_600, 14_400, 86_400];

/// The time from row to row, or the usual step that is not shorter.
pub(super) fn usual_step(facts: &Facts, resample: Option<u32>) -> u32 {
    let whole = |micros: i64| u32::try_from(micros / MICROS).ok().filter(|seconds| *seconds > 0);
    let regular = resample.or(facts.spacing.and_then(whole));
    let usual = STEPS
        .into_iter()
        .find(|step| i64::from(*step) * MICROS >= facts.median_step);
    regular.or(usual).unwrap_or(STEPS[8])
}

fn rows(found: &Description) -> Vec<[String; 2]> {
    let percent = |value: f64| format!("{:.4} %", value * 100.0);
    let tail = |tail: Option<Tail>| match tail {
        Some(tail) => format!("{:.2} ± {:.2}", tail.index, tail.error),
        None => "too few".to_owned(),
    };
    let clustering = found.autocorrelation_of_squares.first().copied().unwrap_or(0.0);
    let hours = || found.by_hour.iter().flatten();
    let rows = [
        ("seconds of a step", found.step_seconds.to_string()),
        ("count", found.count.to_string()),
        ("mean", percent(found.mean)),
        ("standard deviation", percent(found.std_dev)),
        (
            "volatility a year",
            format!("{:.1} %", found.volatility_per_year * 100.0),
        ),
        ("skewness", format!("{:.3}", found.skewness)),
        ("excess kurtosis", format!("{:.2}", found.excess_kurtosis)),
        ("lowest", percent(found.lowest)),
        ("highest", percent(found.highest)),
        ("deepest fall", percent(found.deepest_fall)),
        (
            "tail index of falls (Hill, largest 5 %)",
            tail(found.tail_index[0]),
        ),
        ("tail index of rises", tail(found.tail_index[1])),
        (
            "autocorrelation at lag 1",
            format!("{:.3}", found.autocorrelation.first().copied().unwrap_or(0.0)),
        ),
        ("autocorrelation of squares at lag 1", format!("{clustering:.3}")),
        (
            "volatility a year in the calmest hour",
            format!("{:.1} %", 100.0 * hours().copied().fold(f64::INFINITY, f64::min)),
        ),
        (
            "in the wildest hour",
            format!("{:.1} %", 100.0 * hours().copied().fold(0.0, f64::max)),
        ),
    ];
    rows.map(|(name, value)| [name.to_owned(), value]).into()
}

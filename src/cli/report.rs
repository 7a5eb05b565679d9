//! `harness report`.

use super::Finish;
use super::diverge::with_picks;
use crate::divergence::{DivergenceReport, Severity};
use crate::report::{files, markdown};
use crate::sample::Selection;
use clap::Args;
use miette::{IntoDiagnostic, miette};
use std::path::{Path, PathBuf};

/// Make one divergence report of replays that are there.
///
/// `harness backtest` leaves a report.json in every results folder; this puts them together into report.html, report.md,
/// report.json and divergence.parquet. All must compare the same two sides.
///
/// Exits 0 with a report, 1 when something is as bad as --fail-on says, 2 when a trial could not be replayed or an event
/// was skipped.
#[derive(Debug, Args)]
pub struct Report {
    /// Results folders, such as experiments/results/lp_bias_7/trial_default, or folders above such.
    #[arg(required = true, value_name = "RESULT")]
    results: Vec<PathBuf>,
    /// The `selection.json` that `harness sample` wrote: how the trials were picked, and from how many.
    #[arg(long, value_name = "FILE")]
    selection: Option<PathBuf>,
    /// Where the report goes.
    #[arg(long, value_name = "DIR", default_value = "experiments/results/divergence")]
    out: PathBuf,
    #[command(flatten)]
    gate: Gate,
}

/// What is bad enough for an exit status of its own.
#[derive(Debug, Args)]
pub(super) struct Gate {
    /// Exit with 1 when a difference is at least so bad: info, minor, major or critical. Money that does not add up is
    /// critical.
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<Severity>,
}

impl Gate {
    /// The exit status that `report` deserves.
    pub(super) fn status(&self, report: &DivergenceReport) -> u8 {
        let lost = report.trials.iter().any(|trial| trial.accounted == Some(false));
        let worst = report.worst().max(lost.then_some(Severity::Critical));
        let partial =
            |trial: &crate::divergence::TrialReport| trial.stopped.is_some() || !trial.skipped.is_empty();
        match (self.fail_on, worst) {
            (Some(limit), Some(worst)) if worst >= limit => 1,
            _ if report.trials.iter().any(partial) => 2,
            _ => 0,
        }
    }
}

impl Report {
    pub fn run(self) -> Finish {
        let selection = self.selection.as_deref().map(Selection::load).transpose()?;
        let mut parts = Vec::new();
        for result in &self.results {
            for folder in reports_in(result)? {
                parts.push(files::read(&folder).into_diagnostic()?);
            }
        }
        let subject = match (&selection, &parts[..]) {
            (Some(selection), _) => selection.sweep.clone(),
            (None, [one]) => one.subject.clone(),
            (None, several) => format!("{} replays", several.len()),
        };
        let merged = match <[DivergenceReport; 1]>::try_from(parts) {
            // As it is, with what it knows of a sweep.
            Ok([one]) => Some(one),
            Err(parts) => DivergenceReport::merge(subject, parts).into_diagnostic()?,
        };
        let report = merged.ok_or_else(|| miette!("there is nothing to report on"))?;
        let report = match &selection {
            None => report,
            Some(selection) => with_picks(report, selection),
        };
        files::write(&report, &self.out).into_diagnostic()?;
        tell(&report, &self.out);
        Ok(self.gate.status(&report))
    }
}

/// The folders with a report in `result`: itself, or those in it.
fn reports_in(result: &Path) -> miette::Result<Vec<PathBuf>> {
    let has_report = |folder: &Path| folder.join(files::REPORT).is_file();
    if has_report(result) {
        return Ok(vec![result.to_owned()]);
    }
    let entries =
        std::fs::read_dir(result).map_err(|error| miette!("cannot read {}: {error}", result.display()))?;
    let mut found: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|folder| has_report(folder))
        .collect();
    found.sort();
    match found.is_empty() {
        false => Ok(found),
        true => Err(miette!(
            "there is no {} in {} or in the folders in it: `harness backtest` and `harness diverge` write one",
            files::REPORT,
            result.display()
        )),
    }
}

/// Prints the report and where its files are.
pub(super) fn tell(report: &DivergenceReport, folder: &Path) {
    say!("{}", markdown::markdown(report));
    say!("report: {}", folder.join("report.html").display());
}

//! `harness report`.

use super::Finish;
use super::picks::with_picks;
use crate::backtest::RUN_INFO;
use crate::divergence::{DivergenceReport, Severity};
use crate::report::{files, markdown};
use crate::sample::Selection;
use clap::Args;
use miette::{IntoDiagnostic, miette};
use std::collections::HashSet;
use std::io;
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
    /// Results folders, such as experiments/results/lp_bias_7/trial_default, or folders one or two levels above such.
    #[arg(required = true, value_name = "RESULT")]
    results: Vec<PathBuf>,
    /// The `selection.json` that `harness sample` wrote: how the trials were picked, and from how many.
    #[arg(long, value_name = "FILE")]
    selection: Option<PathBuf>,
    /// Where the report goes.
    #[arg(long, value_name = "DIR", default_value = "experiments/reports/divergence")]
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
        let mut folders = Vec::new();
        for result in &self.results {
            folders.extend(reports_in(result)?);
        }
        let mut seen = HashSet::new();
        folders.retain(|folder| seen.insert(folder.canonicalize().unwrap_or_else(|_| folder.clone())));
        if let ([_, _, ..], Some(joint)) = (&folders[..], folders.iter().find(|folder| !is_replay(folder))) {
            return Err(miette!(
                "{} is a report of several replays already: leave it out, or name it alone",
                joint.display()
            ));
        }
        let parts = folders.iter().map(|folder| files::read(folder));
        let mut parts = parts.collect::<Result<Vec<_>, _>>().into_diagnostic()?;
        let report = match (parts.len(), &selection) {
            // As it is, with what it knows of a sweep.
            (1, _) => parts.pop(),
            (_, Some(selection)) => {
                DivergenceReport::merge(selection.sweep.clone(), parts).into_diagnostic()?
            }
            (count, None) => DivergenceReport::merge(format!("{count} replays"), parts).into_diagnostic()?,
        };
        let report = report.ok_or_else(|| miette!("there is nothing to report on"))?;
        let report = match &selection {
            None => report,
            Some(selection) => with_picks(report, selection).into_diagnostic()?,
        };
        files::write(&report, &self.out).into_diagnostic()?;
        tell(&report, &self.out);
        Ok(self.gate.status(&report))
    }
}

fn has_report(folder: &Path) -> bool {
    folder.join(files::REPORT).is_file()
}

/// Whether the folder holds the results of one replay.
fn is_replay(folder: &Path) -> bool {
    has_report(folder) && folder.join(RUN_INFO).is_file()
}

/// The folders with a report that `result` stands for: itself, or all replays one or two levels below.
fn reports_in(result: &Path) -> miette::Result<Vec<PathBuf>> {
    if has_report(result) {
        return Ok(vec![result.to_owned()]);
    }
    let below = folders_in(result).map_err(|error| miette!("cannot read {}: {error}", result.display()))?;
    let mut found = Vec::new();
    for folder in below {
        if is_replay(&folder) {
            found.push(folder);
        } else {
            let deeper = folders_in(&folder).unwrap_or_default();
            found.extend(deeper.into_iter().filter(|folder| is_replay(folder)));
        }
    }
    match found.is_empty() {
        false => Ok(found),
        true => Err(miette!(
            "there is no {} in {} or in the folders in it: `harness backtest` and `harness diverge` write one",
            files::REPORT,
            result.display()
        )),
    }
}

/// The folders in a folder, in order; hidden ones are still being written.
fn folders_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let hidden = |path: &PathBuf| {
        path.file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
    };
    let mut found: Vec<_> = std::fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir() && !hidden(path))
        .collect();
    found.sort();
    Ok(found)
}

/// Prints what the report comes to, and where its files are, which say the rest.
pub(super) fn tell(report: &DivergenceReport, folder: &Path) {
    say!("{}", markdown::brief(report));
    say!("report: {}", folder.join("report.html").display());
}

//! Program and engine are one: the same events leave the same accounts on both sides, after every event, and every token
//! is accounted for. On Drift 2.83, where it is in the cache, and on the built-in program.
//!
//! `HARNESS_IDENTITY_TRIALS` says how many trials of `sweeps/lp_bias.yaml` are replayed, each under six sets of flags.
#![cfg(feature = "bank")]

mod common;

use harness::backtest::{self, Flag, Options, ProgramUnderTest, Summary};
use harness::bank::Deployed;
use harness::divergence::Outcomes;
use harness::experiment::Existing;
use harness::scenario::Scenario;
use harness::sweep::{Overrides, Plan, Rerun};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Trials of a sweep that are replayed where nobody says how many.
const FEW_TRIALS: u64 = 4;

/// A folder, and the flags it is replayed under.
type Job<'a> = (&'a Path, Vec<Flag>);

fn drift() -> Option<Deployed> {
    common::cached("2.83").map(Deployed::Elf)
}

/// drift-sim's experiments; none where they are not beside the repository.
fn experiments() -> Vec<PathBuf> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/experiments");
    let entries = std::fs::read_dir(shared).into_iter().flatten().flatten();
    let mut folders: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    if folders.is_empty() {
        println!("skipped: there are no experiments beside the repository");
    }
    folders.sort();
    folders
}

/// `count` trials of the sweep `lp_bias` as experiment folders under `place`: of different points, and of different
/// random futures.
fn lp_bias(place: &Path, count: u64) -> Vec<PathBuf> {
    /// Shares no factor with the sweep's number of points, and so comes by all of them.
    const STRIDE: u64 = 37;
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("sweeps/lp_bias.yaml");
    let plan = Plan::load::<Scenario>(&spec, &Overrides::default()).unwrap();
    let write = |number: u64| {
        let folder = place.join(format!("lp_bias_{number}"));
        Rerun::new(&plan).write(number, &folder, Existing::Keep).unwrap();
        folder
    };
    (0..count)
        .into_par_iter()
        .map(|number| write(number * STRIDE % plan.all_trials()))
        .collect()
}

fn trials() -> u64 {
    let count = std::env::var("HARNESS_IDENTITY_TRIALS").ok();
    count.map_or(FEW_TRIALS, |count| count.parse().expect("a number of trials"))
}

/// Spreads 0, 250 and 1000, each without and with oracle guards.
fn spreads_and_guards() -> Vec<Vec<Flag>> {
    let guards = [Flag::NoOracleGuards, Flag::OracleGuards];
    let pairs = [0, 250, 1_000].map(|spread| guards.map(|guard| vec![guard, Flag::Spread(spread)]));
    pairs.into_iter().flatten().collect()
}

/// Replays everything on `program`, several at a time, and answers what came of it, in order.
fn replay(program: &Deployed, jobs: &[Job]) -> Vec<Summary> {
    let results = tempfile::tempdir().unwrap();
    let run = |(folder, flags): &Job| {
        let options = Options {
            flags: flags.clone(),
            ..Options::new(
                ProgramUnderTest::by_heart(program.clone()),
                results.path().to_owned(),
            )
        };
        backtest::run(folder, &options)
    };
    let began = Instant::now();
    let done = backtest::each(jobs, None, |job| run(job).unwrap());
    let sum = |count: fn(&Summary) -> usize| done.iter().map(count).sum::<usize>();
    println!(
        "{} replays on {program}: {} events, {} instructions, {} of them refused, {} events left out, in {:.1?}",
        done.len(),
        sum(|it| it.events),
        sum(|it| it.instructions),
        sum(|it| it.refused.values().sum()),
        sum(|it| it.skipped.len()),
        began.elapsed()
    );
    done
}

/// What a replay has that it must not have.
fn faults(summary: &Summary) -> Vec<String> {
    let mut faults = Vec::new();
    if let Some(found) = &summary.divergence {
        let differences: Vec<_> = found.differences.iter().map(ToString::to_string).collect();
        faults.push(format!(
            "after event {:?}: {}",
            found.event,
            differences.join("; ")
        ));
    }
    let trial = &summary.report.trials[0];
    faults.extend(trial.findings.iter().map(|finding| format!("{finding:?}")));
    // What the report draws is the same on both sides, too.
    let apart = trial.timelines.iter().filter(|line| line.right.is_some());
    faults.extend(apart.map(|line| format!("{} {}", line.account, line.what)));
    if !summary.accounted {
        faults.push(format!("{:?} {:?}", summary.sheets, summary.books));
    }
    faults.extend(summary.skipped.iter().cloned());
    // Both sides saw all of it.
    let sent = |outcomes: &BTreeMap<String, Outcomes>| -> u64 {
        let all = outcomes.values();
        all.map(|outcomes| outcomes.accepted + outcomes.refused.values().sum::<u64>())
            .sum()
    };
    let [left, right] = [sent(&trial.counts.left), sent(&trial.counts.right)];
    if left != right || left < summary.instructions as u64 || summary.instructions == 0 {
        faults.push(format!(
            "{left} and {right} instructions compared, {} sent",
            summary.instructions
        ));
    }
    faults
}

#[track_caller]
fn assert_identical(program: &Deployed, jobs: &[Job]) -> Vec<Summary> {
    let done = replay(program, jobs);
    let faults: Vec<_> = jobs
        .iter()
        .zip(&done)
        .flat_map(|((folder, flags), summary)| {
            let place = format!("{} {flags:?}", folder.display());
            faults(summary)
                .into_iter()
                .map(move |fault| format!("{place}: {fault}"))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    done
}

/// Every folder under every set of flags.
fn product<'a>(folders: &'a [PathBuf], flags: &[Vec<Flag>]) -> Vec<Job<'a>> {
    let with_flags = |folder: &'a PathBuf| flags.iter().map(|flags| (folder.as_path(), flags.clone()));
    folders.iter().flat_map(with_flags).collect()
}

#[test]
fn drift_sims_experiments_on_drift() {
    let Some(program) = drift() else { return };
    let folders = experiments();
    let plain = [vec![], vec![Flag::NoOracleGuards], vec![Flag::OracleGuards]];
    let flags = [plain.to_vec(), spreads_and_guards()].concat();
    assert_identical(&program, &product(&folders, &flags));
}

#[test]
fn trials_of_a_sweep_on_drift() {
    let Some(program) = drift() else { return };
    let place = tempfile::tempdir().unwrap();
    let folders = lp_bias(place.path(), trials());
    let done = assert_identical(&program, &product(&folders, &spreads_and_guards()));
    // The flags reach the program: without a spread and at the widest, traders end with other balances.
    assert_ne!(done[0].sheets, done[4].sheets);
}

#[test]
fn both_on_the_built_in_program() {
    let place = tempfile::tempdir().unwrap();
    let folders = [experiments(), lp_bias(place.path(), trials().min(FEW_TRIALS))].concat();
    let flags = [vec![], vec![Flag::NoOracleGuards, Flag::Spread(250)]];
    assert_identical(&Deployed::BuiltIn, &product(&folders, &flags));
}

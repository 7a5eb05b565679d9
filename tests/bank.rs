//! The engine against programs in a bank, event by event: the real one, skipped aloud where it is not in the cache, and the
//! built-in one.
#![cfg(feature = "bank")]

use drift::engine::Switches;
use harness::backtest::{Flag, ProgramUnderTest, Replay, genesis};
use harness::bank::{Deployed, Program, RELEASES};
use harness::divergence::differences;
use harness::event::Event;
use harness::experiment::Experiment;
use harness::path::PriceFiles;
use harness::scenario::Scenario;
use harness::sweep::{Overrides, Plan};
use harness::trial::{self, History};
use harness::world::Genesis;
use std::path::{Path, PathBuf};

/// The built-in program, and the release that the engine follows, if it is in the cache.
fn programs() -> Vec<Deployed> {
    let program = Program::from_cache().ok();
    let program = program.filter(|program| program.release() == RELEASES.first());
    if program.is_none() {
        println!("skipped: Drift {} is not in the cache", RELEASES[0].version);
    }
    let real = program.map(Deployed::Elf);
    [Deployed::BuiltIn].into_iter().chain(real).collect()
}

/// Replays `events`, fails at the first difference, and answers how many instructions went through and how many did not.
fn replay(name: &str, genesis: &Genesis, events: &[Event], program: &Deployed) -> (usize, usize) {
    let mut replay = Replay::open(
        genesis,
        &ProgramUnderTest::by_heart(program.clone()),
        Switches::default(),
    )
    .unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for (place, event) in events.iter().enumerate() {
        let happened = replay
            .step(event)
            .unwrap_or_else(|error| panic!("{name}, event {place}: {error}"));
        for (done, receipt) in happened.executed.iter().zip(&happened.receipts) {
            assert!(receipt.compute_units > 0);
            assert!(!receipt.logs.is_empty());
            assert_eq!(done.outcome.is_ok(), receipt.complaint().is_none());
            *(if done.outcome.is_ok() {
                &mut accepted
            } else {
                &mut refused
            }) += 1;
        }
        // All accounts there are, whether or not the comparison has seen them written.
        let found = differences(replay.bank().accounts(), replay.engine().accounts());
        let told: Vec<_> = found.iter().map(|found| format!("  {found}")).collect();
        assert!(
            told.is_empty(),
            "{name}, event {place}, {event:?}\n{}",
            told.join("\n")
        );
        assert!(replay.equal_so_far());
    }
    (accepted, refused)
}

/// The trials `numbers` of a sweep in the repository.
fn trials(sweep: &str, numbers: &[u64]) {
    let programs = programs();
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("sweeps/{sweep}.yaml"));
    let plan = Plan::load::<Scenario>(&spec, &Overrides::default()).unwrap();
    for number in numbers {
        let trial = plan.trial(*number).unwrap();
        let scenario: Scenario = plan.scenario(trial.point).unwrap();
        let files = PriceFiles::new(&plan.scenario_folder);
        let mut history = History::default();
        trial::run(&scenario, plan.seed, trial.replicate.into(), &files, &mut history).unwrap();
        let start = scenario
            .prepare(plan.seed, trial.replicate.into(), &files)
            .unwrap()
            .genesis;
        for program in &programs {
            let name = format!("{sweep} {number} on {program}");
            let (accepted, refused) = replay(&name, &start, &history.events, program);
            println!("{name}: {accepted} instructions accepted, {refused} refused, identical");
            assert!(accepted > 0);
        }
    }
}

#[test]
fn simple_trials_are_identical() {
    trials("simple", &[0, 1, 2]);
}

#[test]
fn trials_of_a_biased_crowd_are_identical() {
    // A point without LPs and one with many, at either spread.
    trials("lp_bias", &[0, 777, 4_321, 9_999]);
}

/// Folders of drift-sim's, where the variable names a folder of such folders or there are some beside the repository.
#[test]
fn experiments_are_identical() {
    let programs = programs();
    let folder = std::env::var_os("HARNESS_EXPERIMENTS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/experiments"),
        PathBuf::from,
    );
    if !folder.is_dir() {
        println!("skipped: HARNESS_EXPERIMENTS names no folder of experiments");
        return;
    }
    let flags: [&[Flag]; 4] = [
        &[],
        &[Flag::NoOracleGuards],
        &[Flag::NoOracleGuards, Flag::Spread(250)],
        &[Flag::Spread(1_000)],
    ];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            continue;
        }
        let experiment = Experiment::read(&path).unwrap();
        for flags in flags {
            let start = genesis(&experiment, flags).unwrap();
            for program in &programs {
                let name = format!("{} {flags:?} on {program}", path.display());
                let (accepted, refused) = replay(&name, &start, &experiment.log.events, program);
                println!("{name}: {accepted} instructions accepted, {refused} refused, identical");
            }
        }
    }
}

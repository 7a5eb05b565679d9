//! From a sweep to experiments: what is sampled is written, and each folder ends as its row in the sweep says.
#![cfg(feature = "tables")]

use harness::experiment::Experiment;
use harness::path::PriceFiles;
use harness::sample::{Request, Selection, select};
use harness::scenario::Scenario;
use harness::sweep::run::{Settings, Stop, run};
use harness::sweep::{Overrides, Plan, Simulation};
use harness::trial::{self, Metric, Silent};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The first hundred trials of `sweeps/simple.yaml`.
fn sweep(place: &TempDir) -> PathBuf {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("sweeps")
        .join("simple.yaml");
    let overrides = Overrides {
        limit: Some(100),
        ..Overrides::default()
    };
    let plan = Plan::load::<Scenario>(&spec, &overrides).unwrap();
    let folder = place.path().join("simple");
    let simulation = Simulation::new(&plan).unwrap();
    run(&plan, &simulation, &Settings::new(&folder), &Stop::new()).unwrap();
    folder
}

#[test]
fn every_folder_runs_to_the_metrics_of_its_row() {
    let place = tempfile::tempdir().unwrap();
    let sweep = sweep(&place);
    let selection = select(&sweep, &Request::mix(8)).unwrap();
    let out = place.path().join("experiments");
    let folders = selection.write(&sweep, &out).unwrap();
    assert_eq!(folders.len(), 8);
    for (selected, folder) in selection.trials.iter().zip(&folders) {
        let experiment = Experiment::read(folder).unwrap();
        // The folder's own scenario, without the sweep.
        let scenario: Scenario = serde_saphyr::from_str(&experiment.scenario.unwrap()).unwrap();
        let files = PriceFiles::new(place.path());
        let again = trial::run(
            &scenario,
            selected.seed,
            selected.replicate.into(),
            &files,
            &mut Silent,
        )
        .unwrap();
        let mut compared = 0;
        for (info, value) in &again.values {
            let row = &selected.metrics.get(&*info.name);
            let same = match value {
                Metric::Count(value) => row.and_then(|row| row.as_u64()) == Some(*value),
                Metric::Signed(value) => row.and_then(|row| row.as_i64()) == Some(*value),
                Metric::Float(value) => row.and_then(|row| row.as_f64()) == Some(*value),
                Metric::Flag(value) => row.and_then(|row| row.as_bool()) == Some(*value),
                Metric::Codes(_) => continue,
            };
            assert!(
                same,
                "trial {}: {} is {value:?}, not {row:?}",
                selected.trial, info.name
            );
            compared += 1;
        }
        assert!(compared > 30);
        assert_eq!(again.events, experiment.log.events.len() as u64);
    }
}

#[test]
fn what_was_written_before_is_replaced_and_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    let sweep = sweep(&place);
    let selection = select(&sweep, &Request::mix(3)).unwrap();
    let out = place.path().join("experiments");
    let list = out.join("selection.json");
    for _ in 0..2 {
        selection.write(&sweep, &out).unwrap();
        selection.save(&list).unwrap();
    }
    assert_eq!(Selection::load(&list).unwrap(), selection);

    fs::write(&list, "{}").unwrap();
    let refusal = selection.save(&list).unwrap_err().to_string();
    assert!(
        refusal.contains("was not written for a selection from simple"),
        "{refusal}"
    );

    let scenario = out.join(&selection.trials[2].folder).join("scenario.yaml");
    fs::write(&scenario, "# Mine.\n").unwrap();
    let refusal = selection.write(&sweep, &out).unwrap_err().to_string();
    assert!(
        refusal.contains("move it away, or write elsewhere with `--out`"),
        "{refusal}"
    );
}

#[test]
fn a_trial_that_ends_otherwise_is_not_passed_off_as_the_one_sampled() {
    let place = tempfile::tempdir().unwrap();
    let sweep = sweep(&place);
    let mut selection = select(&sweep, &Request::mix(2)).unwrap();
    let fees = selection.trials[1].metrics["fees_usd"].as_f64().unwrap();
    selection.trials[1].metrics["fees_usd"] = (fees + 1e-6).into();
    let refusal = selection
        .write(&sweep, &place.path().join("out"))
        .unwrap_err()
        .to_string();
    assert!(refusal.contains("ends with fees_usd"), "{refusal}");
    assert!(
        refusal.contains("run it again with `harness sweep SPEC --overwrite`"),
        "{refusal}"
    );
}

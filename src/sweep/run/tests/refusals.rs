//! Folders that a run leaves alone.

use super::*;
use crate::sweep::manifest::Manifest;

fn refusal(plan: &Plan, settings: &Settings) -> String {
    let fake = Fake::new();
    let error = run(plan, &fake, settings, &Stop::new()).unwrap_err();
    assert_eq!(fake.ran(), 0, "a refused run runs nothing");
    error.to_string()
}

#[test]
fn a_sweep_is_not_overwritten_unless_asked() {
    let place = tempfile::tempdir().unwrap();
    run_all(&plan(), &Fake::new(), &settings(place.path(), 2));
    let before = files(place.path());
    let error = refusal(&plan(), &settings(place.path(), 2));
    for part in [
        "is not empty",
        "the sweep `fake`: 300 of 300 trials, 12 of them failed",
        "--resume",
        "--overwrite",
        "--out",
    ] {
        assert!(error.contains(part), "{error}");
    }
    assert_same(&before, &files(place.path()), "a refused run changes nothing");

    fs::write(place.path().join("notes.txt"), "mine").unwrap();
    let overwriting = Settings {
        existing: Existing::Overwrite,
        series: None,
        ..settings(place.path(), 2)
    };
    run_all(&limited(40), &Fake::new(), &overwriting);
    let names: Vec<_> = files(place.path()).into_keys().collect();
    let expected = [
        "/failures.parquet",
        "/manifest.json",
        "/notes.txt",
        "/spec.yaml",
        "trials/part-00000.parquet",
        "trials/part-00001.parquet",
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_folder_of_other_things_is_left_alone() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("notes.txt"), "mine").unwrap();
    for (existing, expected) in [
        (Existing::Refuse, "not a sweep's"),
        (Existing::Resume, "could be resumed"),
        (Existing::Overwrite, "could be overwritten"),
    ] {
        let settings = Settings {
            existing,
            ..settings(place.path(), 1)
        };
        let error = refusal(&plan(), &settings);
        assert!(error.contains(expected), "{error}");
    }
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
}

#[test]
fn another_sweep_is_not_resumed() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    run_all(&plan(), &Fake::new(), &settings(folder, 2));
    let before = files(folder);

    let overrides = Overrides {
        seed: Some(8),
        ..Overrides::default()
    };
    let other = plan_with(SPEC, &overrides).unwrap();
    let error = refusal(&other, &resuming(folder, 1));
    assert!(
        error.contains("seed: 7 then, 8 now") && error.contains("spec (fingerprint)"),
        "{error}"
    );

    let newer = Settings {
        harness: "newer".into(),
        ..resuming(folder, 1)
    };
    let error = refusal(&plan(), &newer);
    assert!(error.contains("harness version: test then, newer now"), "{error}");

    let without_series = Settings {
        series: None,
        ..resuming(folder, 1)
    };
    let error = refusal(&plan(), &without_series);
    assert!(
        error.contains("series interval: 60 s then, no series now"),
        "{error}"
    );

    assert_same(&before, &files(folder), "refusals change nothing");

    let path = folder.join("manifest.json");
    let mut manifest = Manifest::load(&path).unwrap();
    manifest.metrics[0].kind = "f64".into();
    manifest.program = "another build".into();
    manifest.save(&path).unwrap();
    let error = refusal(&plan(), &resuming(folder, 1));
    for line in [
        "metric 1: `fees_usd` (f64) then, `fees_usd` (i64) now",
        "program (SHA-256): another buil then",
    ] {
        assert!(error.contains(line), "{error}");
    }
}

#[test]
fn two_runs_do_not_share_a_folder() {
    struct Second<'a>(&'a Path, std::sync::Mutex<Option<String>>);
    impl Experiment for Second<'_> {
        fn columns(&self) -> Vec<Column> {
            Vec::new()
        }
        fn series_columns(&self) -> Vec<Column> {
            Vec::new()
        }
        fn run(&self, trial: TrialId, _: Option<u32>) -> Result<Output, Failure> {
            // The second run starts while the first is at this trial.
            if trial.number == 5 {
                *self.1.lock().unwrap() = Some(refusal(&plan(), &resuming(self.0, 1)));
            }
            Ok(Output::default())
        }
    }
    let place = tempfile::tempdir().unwrap();
    let first = Second(place.path(), Default::default());
    run(&limited(10), &first, &settings(place.path(), 1), &Stop::new()).unwrap();
    let error = first.1.into_inner().unwrap().unwrap();
    assert!(error.contains("is writing to"), "{error}");
}

#[test]
fn settings_that_make_no_sense_are_refused_before_anything_is_made() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("new");
    let settings = Settings {
        series: Some(0),
        ..settings(&folder, 1)
    };
    assert!(refusal(&plan(), &settings).contains("at least 1 second"));
    assert!(!folder.exists());
}

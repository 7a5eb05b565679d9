//! Stopped, killed and resumed: the end is the same.

use super::*;
use crate::sweep::manifest::Manifest;

#[test]
fn stopped_anywhere_and_resumed_is_as_if_it_had_not_been() {
    let whole = undisturbed();
    for (stop_at, threads) in [(0, 1), (31, 2), (32, 1), (150, 2), (299, 5)] {
        let what = format!("stopped at trial {stop_at} on {threads} threads");
        let place = tempfile::tempdir().unwrap();
        let (fake, stop) = Fake::stopping_at(stop_at);
        let report = run(&plan(), &fake, &settings(place.path(), threads), &stop).unwrap();
        if report.end == End::Stopped {
            assert_eq!(report.exit_code(), 130);
            assert!(report.to_string().contains("`--resume`"), "{report}");
            assert!(report.done < 300, "{what}");
            // The chunk in hand is lost, and nothing else.
            assert!(
                threads > 1 || report.done == stop_at / 16 * 16,
                "{what}: {}",
                report.done
            );
        }
        let leftovers = files(place.path());
        assert!(leftovers.keys().all(|name| !name.ends_with(".tmp")), "{what}");
        let report = run_all(&plan(), &Fake::new(), &resuming(place.path(), 3 - threads.min(2)));
        assert_eq!(report.end, End::Finished);
        assert_same(&whole, &files(place.path()), &what);
    }
}

/// What SIGKILL leaves at any moment: any number of the parts, a manifest that may be one part behind, unfinished
/// files, a lock.
#[test]
fn killed_at_any_moment_and_resumed_is_as_if_it_had_not_been() {
    let whole = undisturbed();
    let place = tempfile::tempdir().unwrap();
    for kept in 0..=10 {
        let folder = place.path().join(format!("killed-{kept}"));
        run_all(&plan(), &Fake::new(), &settings(&folder, 2));
        let path = folder.join("manifest.json");
        let mut manifest = Manifest::load(&path).unwrap();
        manifest.parts.truncate(kept);
        manifest.complete = false;
        manifest.save(&path).unwrap();
        // The part after the recorded ones may be there, in full or in half; those behind it are not.
        for part in kept..10 {
            let name = format!("part-{part:05}.parquet");
            let trials = folder.join("trials").join(&name);
            let bytes = fs::read(&trials).unwrap();
            if part > kept || kept % 2 == 0 {
                fs::remove_file(&trials).unwrap();
            }
            fs::remove_file(folder.join("series").join(&name)).unwrap();
            if part == kept {
                fs::write(trials.with_extension("parquet.tmp"), &bytes[..bytes.len() / 2]).unwrap();
            }
        }
        fs::remove_file(folder.join("failures.parquet")).unwrap();
        fs::write(folder.join("failures.parquet.tmp"), "PAR1").unwrap();
        fs::write(folder.join("manifest.json.tmp"), "{").unwrap();
        fs::write(folder.join(".lock"), "1\n").unwrap();

        let fake = Fake::new();
        run_all(&plan(), &fake, &resuming(&folder, 2));
        // Of the kept parts only chunks of 16 with failures are run again: at most 12 of them.
        let missing = 300 - (kept as u64 * 32).min(300);
        assert!(
            fake.ran() >= missing && fake.ran() <= missing + 12 * 16,
            "{kept}: {}",
            fake.ran()
        );
        assert_same(&whole, &files(&folder), &format!("{kept} parts kept"));
    }
}

#[test]
fn making_rows_safe_on_the_way_does_not_show_in_any_file() {
    let place = tempfile::tempdir().unwrap();
    let often = Settings {
        save_every: Duration::ZERO,
        ..settings(place.path(), 2)
    };
    run_all(&plan(), &Fake::new(), &often);
    assert_same(&undisturbed(), &files(place.path()), "saved at every turn");
}

#[test]
fn damaged_and_missing_parts_are_run_again() {
    let whole = undisturbed();
    let place = tempfile::tempdir().unwrap();
    run_all(&plan(), &Fake::new(), &settings(place.path(), 2));
    let part = |table: &str, number: u64| place.path().join(format!("{table}/part-{number:05}.parquet"));
    let mut bytes = fs::read(part("trials", 2)).unwrap();
    bytes[100] ^= 1;
    fs::write(part("trials", 2), bytes).unwrap();
    let bytes = fs::read(part("series", 4)).unwrap();
    fs::write(part("series", 4), &bytes[..bytes.len() - 1]).unwrap();
    fs::remove_file(part("series", 6)).unwrap();
    run_all(&plan(), &Fake::new(), &resuming(place.path(), 2));
    assert_same(&whole, &files(place.path()), "after repair");
}

#[test]
fn failed_trials_are_tried_again_and_no_others_than_their_chunks() {
    let faultless = tempfile::tempdir().unwrap();
    run_all(&plan(), &Fake::faultless(), &settings(faultless.path(), 1));

    let place = tempfile::tempdir().unwrap();
    run_all(&plan(), &Fake::new(), &settings(place.path(), 2));
    let fake = Fake::faultless();
    let report = run_all(&plan(), &fake, &resuming(place.path(), 2));
    assert_eq!((report.failed, report.exit_code()), (0, 0));
    // 17, 33, 67, 83, 117, 133, 167, 183, 217, 233, 267, 283 are in 12 chunks of 16.
    assert_eq!((report.ran, fake.ran()), (12 * 16, 12 * 16));
    assert_same(&files(faultless.path()), &files(place.path()), "mended");

    let idle = Fake::faultless();
    let report = run_all(&plan(), &idle, &resuming(place.path(), 2));
    assert_eq!(
        (report.end, idle.ran()),
        (End::Finished, 0),
        "nothing is left to do"
    );
    assert_same(
        &files(faultless.path()),
        &files(place.path()),
        "resumed once more",
    );
}

#[test]
fn a_limit_can_be_lifted_and_not_lowered() {
    let whole = undisturbed();
    let place = tempfile::tempdir().unwrap();
    let report = run_all(&limited(100), &Fake::new(), &settings(place.path(), 2));
    assert_eq!((report.trials, report.done), (100, 100));
    let error = run(
        &limited(99),
        &Fake::new(),
        &resuming(place.path(), 1),
        &Stop::new(),
    );
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("has 100 trials, and this limit leaves 99"),
        "{error}"
    );
    run_all(&plan(), &Fake::new(), &resuming(place.path(), 2));
    assert_same(&whole, &files(place.path()), "limit lifted");
}

#[test]
fn failing_fast_ends_the_run_and_resumes() {
    let place = tempfile::tempdir().unwrap();
    let fast = Settings {
        fail_fast: true,
        ..settings(place.path(), 1)
    };
    let report = run_all(&plan(), &Fake::new(), &fast);
    let text = "no market in trial 17".to_owned();
    assert_eq!(report.end, End::Failed { trial: 17, text });
    assert_eq!((report.ran, report.exit_code()), (18, 1));
    run_all(&plan(), &Fake::new(), &resuming(place.path(), 2));
    assert_same(&undisturbed(), &files(place.path()), "after a failure");
}

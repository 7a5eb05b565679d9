//! SIGKILL for real: this test program runs a sweep in another process and kills it, again and again.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::*;

const FOLDER: &str = "HARNESS_TEST_SWEEP";

/// Not a test of its own: what the other process does.
#[test]
#[ignore = "run by the test below"]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let fake = Fake {
        pause: Duration::from_millis(1),
        ..Fake::new()
    };
    let often = Settings {
        save_every: Duration::ZERO,
        ..resuming(Path::new(&folder), 2)
    };
    run_all(&plan(), &fake, &often);
}

#[test]
fn a_sweep_that_is_killed_again_and_again_ends_as_if_it_had_not_been() {
    let place = tempfile::tempdir().unwrap();
    let program = std::env::current_exe().unwrap();
    for round in 0..8u64 {
        let mut child = Command::new(&program)
            .args(["--exact", "sweep::run::tests::kill::child", "--ignored"])
            .env(FOLDER, place.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(25 + 17 * round));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let report = run_all(&plan(), &Fake::new(), &resuming(place.path(), 2));
    assert_eq!((report.end, report.done), (End::Finished, 300));
    assert_same(&undisturbed(), &files(place.path()), "killed eight times");
}

//! Several replays at a time, in a process of their own.
#![cfg(feature = "bank")]

use harness::bank::{Program, RELEASES};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Many times what the replays take.
const GENEROUS: Duration = Duration::from_secs(120);

/// Trials of a shipped sweep as experiment folders.
fn experiments(place: &Path, count: usize) -> Vec<PathBuf> {
    let sweep = Path::new(env!("CARGO_MANIFEST_DIR")).join("sweeps/simple.yaml");
    let write = |number: usize| {
        let folder = place.join(format!("simple_{number}"));
        let done = Command::new(env!("CARGO_BIN_EXE_harness"))
            .arg("run")
            .arg(&sweep)
            .args(["--trial", &number.to_string(), "--out"])
            .arg(&folder)
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        folder
    };
    (0..count).map(write).collect()
}

/// The status of `command`, which is killed when it takes too long.
fn status(command: &mut Command) -> ExitStatus {
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while began.elapsed() < GENEROUS {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    panic!("the replays wait for each other: not done after {GENEROUS:?}");
}

/// No program has a bank yet, and there are fewer threads than experiments: whoever waits for the bank must not keep it
/// from being made.
#[test]
fn replays_that_start_together_do_not_wait_for_each_other() {
    let place = tempfile::tempdir().unwrap();
    let folders = experiments(place.path(), 8);
    let real = Program::from_cache().ok();
    if real.is_none() {
        println!("skipped: Drift {} is not in the cache", RELEASES[0].version);
    }
    let programs = [
        Some(OsString::from("builtin")),
        real.map(|program| program.path.into_os_string()),
    ];
    for program in programs.into_iter().flatten() {
        let status = status(
            Command::new(env!("CARGO_BIN_EXE_harness"))
                .args(["backtest", "--threads", "2", "--results"])
                .arg(place.path().join("results"))
                .arg("--program")
                .arg(program)
                .args(&folders),
        );
        assert_eq!(status.code(), Some(0));
    }
}

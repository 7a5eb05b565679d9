//! What tests of the command line have in common.
// Every test file is a program of its own, and none of them needs all of this.
#![allow(dead_code)]

use harness::bank::{Program, RELEASES, cached_programs};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Runs the harness.
pub fn harness(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_harness"))
        .args(arguments)
        .output()
        .unwrap()
}

/// What a command printed.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A path as an argument.
pub fn argument(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The release `version`, where it is in the cache; a test that needs it says that it skips.
pub fn cached(version: &str) -> Option<Program> {
    let release = RELEASES.iter().find(|release| release.version == version);
    let programs = cached_programs();
    let found = programs
        .iter()
        .filter_map(|path| Program::read(path).ok())
        .find(|program| program.release() == release);
    if found.is_none() {
        println!("skipped: Drift {version} is not in the cache");
    }
    found
}

/// The interface description of `version`, where it is beside the repository.
pub fn interface(version: &str) -> Option<PathBuf> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../shared/protocol/drift-{version}.idl.json"));
    let found = path.exists();
    if !found {
        println!("skipped: {} is not there", path.display());
    }
    found.then_some(path)
}

//! A fingerprint of what the program is built from: sources, locked dependencies, compiler and target. A sweep is resumed
//! by the same build only, and hashing a binary of a hundred megabytes at each start takes longer than many trials.
//!
//! Cargo features are not part of it: they add commands and change no trial, and somebody who builds the bank in halfway
//! through a sweep may go on with it.

use sha2::{Digest, Sha256};
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Everything in the repository that the program's behaviour depends on.
const SOURCES: [&str; 3] = ["Cargo.toml", "Cargo.lock", "src"];

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut files = Vec::new();
    for source in SOURCES {
        println!("cargo:rerun-if-changed={source}");
        collect(&root.join(source), &mut files)?;
    }
    let mut named: Vec<(String, PathBuf)> = files
        .into_iter()
        .map(|file| {
            let name = file
                .strip_prefix(&root)
                .unwrap_or(&file)
                .to_string_lossy()
                .replace('\\', "/");
            (name, file)
        })
        .collect();
    named.sort();
    let mut hash = Sha256::new();
    let mut take = |name: &str, bytes: &[u8]| {
        for part in [name.as_bytes(), bytes] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    };
    take("compiler", &compiler()?);
    // An optimised build wraps where the other stops.
    for name in ["TARGET", "PROFILE"] {
        take(name, env::var(name).unwrap_or_default().as_bytes());
    }
    for (name, file) in named {
        take(&name, &fs::read(file)?);
    }
    println!("cargo:rustc-env=HARNESS_SOURCES={:x}", hash.finalize());
    Ok(())
}

/// What the compiler says of its version.
fn compiler() -> io::Result<Vec<u8>> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    Ok(Command::new(rustc).arg("-vV").output()?.stdout)
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        // What an editor leaves while a file is open.
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with('.') && !name.ends_with('~') {
            collect(&entry.path(), files)?;
        }
    }
    Ok(())
}

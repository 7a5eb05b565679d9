//! Where the runtime may put what it wants to put somewhere.
//!
//! A bank asks for folders in the system's temporary folder, which it never uses here. Those of the bank that
//! solana-program-test starts go when a thread of its own drops it, which the end of the process may forestall, as Ctrl-C
//! does. So they are made in the harness's cache, in a folder of this process: a command removes it when it ends, and the
//! next process removes what a dead one has left, however it died.

use super::program::cache_folder;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The file that a living process has locked, in its folder; and, among the folders, the one that is locked while they
/// are looked through.
const LOCK: &str = "lock";

/// A folder of this process.
struct Own {
    path: PathBuf,
    /// The system unlocks it when the process ends.
    _lock: File,
}

static OWN: OnceLock<Option<Own>> = OnceLock::new();

/// Has the temporary folders of this process made in the cache from here on; as before, where that cannot be written to.
pub(super) fn use_own_folder() {
    OWN.get_or_init(|| {
        let own = Own::new(&cache_folder().parent()?.join("runtime")).ok()?;
        if tempfile::env::override_temp_dir(&own.path).is_err() {
            // Whoever uses this crate has set a place of theirs.
            let _ = fs::remove_dir_all(&own.path);
            return None;
        }
        Some(own)
    });
}

/// Removes the temporary folders of this process: for its end, when nothing needs them any more.
pub fn remove_temporary_folders() {
    if let Some(Some(own)) = OWN.get() {
        let _ = fs::remove_dir_all(&own.path);
    }
}

impl Own {
    /// A folder among `all`, from which those of dead processes are removed.
    fn new(all: &Path) -> io::Result<Self> {
        fs::create_dir_all(all)?;
        let door = File::create(all.join(LOCK))?;
        door.lock()?;
        remove_those_of_the_dead(all)?;
        let prefix = format!("{}-", std::process::id());
        let folder = tempfile::Builder::new().prefix(&prefix).tempdir_in(all)?;
        let lock = File::create(folder.path().join(LOCK))?;
        lock.lock()?;
        Ok(Self {
            path: folder.keep(),
            _lock: lock,
        })
    }
}

fn remove_those_of_the_dead(all: &Path) -> io::Result<()> {
    for entry in fs::read_dir(all)? {
        let path = entry?.path();
        if !path.is_dir() {
            continue;
        }
        // Where nobody could lock, nobody does; where this cannot be told, somebody may.
        let lives = match File::open(path.join(LOCK)) {
            Ok(lock) => lock.try_lock().is_err(),
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        };
        if !lives {
            let _ = fs::remove_dir_all(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_the_dead_are_removed_and_those_of_the_living_stay() {
        let place = tempfile::tempdir().unwrap();
        let all = place.path().join("runtime");
        let (dead, living) = (Own::new(&all).unwrap(), Own::new(&all).unwrap());
        assert!(dead.path.exists() && dead.path != living.path);
        fs::create_dir(dead.path.join(".tmpabcdef")).unwrap();
        fs::create_dir(all.join("unlocked")).unwrap();
        let left = dead.path.clone();
        // As when its process ends, without a chance to remove anything.
        drop(dead);
        let other = Own::new(&all).unwrap();
        assert!(!left.exists() && !all.join("unlocked").exists());
        assert!(living.path.exists() && other.path.exists());
    }
}

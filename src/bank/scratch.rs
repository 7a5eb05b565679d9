//! Where the runtime may put what it wants to put somewhere.
//!
//! A bank asks for folders in the system's temporary folder which it never uses here, and which stay there, since a bank
//! that is shared by a whole process is never dropped. So they are made in the harness's cache, in a folder of this
//! process, and the next process removes what a dead one has left, however it died.

use super::program::cache_folder;
use std::fs;
use std::path::{Path, PathBuf};

/// Has temporary folders of the runtime made in the cache from here on.
pub(super) fn use_own_folder() {
    if let Some(folder) = folder() {
        // Refused the second time, when it is so already.
        let _ = tempfile::env::override_temp_dir(&folder);
    }
}

/// A folder of this process in the cache; `None` where none can be made.
fn folder() -> Option<PathBuf> {
    let all = cache_folder().parent()?.join("scratch");
    remove_those_of_the_dead(&all);
    let own = all.join(std::process::id().to_string());
    fs::create_dir_all(&own).ok()?;
    Some(own)
}

fn remove_those_of_the_dead(all: &Path) {
    // Where the system does not list its processes, nobody is known to be dead.
    if !Path::new("/proc/self").exists() {
        return;
    }
    for entry in fs::read_dir(all).into_iter().flatten().flatten() {
        let process = Path::new("/proc").join(entry.file_name());
        if !process.exists() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

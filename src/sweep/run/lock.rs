//! One run at a time in a folder.
//!
//! The lock is the operating system's lock on the file `.lock`, so it ends with the process that holds it, however
//! that ends; a file left behind locks nobody out. Its text, the process's number, is for messages only.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::super::store::{Folder, StoreError};
use super::RunError;

/// Holds a folder until it is dropped.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Takes the lock of a folder that exists.
    ///
    /// # Errors
    /// A folder that another run holds, or that cannot be written to.
    pub fn take(folder: &Folder) -> Result<Self, RunError> {
        let path = folder.lock();
        loop {
            let mut file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)
                .map_err(StoreError::io("create", &path))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(RunError::Locked {
                        folder: folder.root().to_owned(),
                        holder: holder(&mut file),
                    });
                }
                Err(TryLockError::Error(error)) => return Err(StoreError::io("lock", &path)(error).into()),
            }
            // The last holder may have removed the file between our opening and our locking it.
            if !still_there(&file, &path) {
                continue;
            }
            sign(&mut file).map_err(StoreError::io("write", &path))?;
            return Ok(Self { path, _file: file });
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Removed while it is still held. Failing to do so leaves a file that locks nobody out.
        fs::remove_file(&self.path).ok();
    }
}

fn sign(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    match file.read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => format!("process {}", text.trim()),
        _ => "another process".to_owned(),
    }
}

#[cfg(unix)]
fn still_there(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(held), Ok(there)) => (held.dev(), held.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

/// Where an open file cannot be removed, it is still there.
#[cfg(not(unix))]
fn still_there(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_by_one_until_it_is_let_go() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path());
        let first = Lock::take(&folder).unwrap();
        let error = Lock::take(&folder).unwrap_err().to_string();
        let own = format!("process {} is writing", std::process::id());
        assert!(error.contains(&own), "{error}");
        drop(first);
        assert!(!folder.lock().exists());
        Lock::take(&folder).unwrap();
    }

    #[test]
    fn the_lock_of_a_dead_process_holds_nobody() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path());
        fs::write(folder.lock(), "999999999, and a longer text than ours\n").unwrap();
        let lock = Lock::take(&folder).unwrap();
        assert_eq!(
            fs::read_to_string(folder.lock()).unwrap(),
            format!("{}\n", std::process::id())
        );
        drop(lock);
    }
}

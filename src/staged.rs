//! One file written whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file being written: under a hidden name beside its place, which it takes when it is [finished](StagedFile::finish).
/// One that is not finished is removed.
#[derive(Debug)]
pub(crate) struct StagedFile {
    target: PathBuf,
    staging: PathBuf,
    file: File,
}

impl StagedFile {
    /// Begins the file `target`; folders above it are made.
    pub(crate) fn create(target: &Path) -> io::Result<Self> {
        let name = target.file_name().ok_or(io::ErrorKind::IsADirectory)?;
        if target.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        let hidden = format!(".{}.writing-{}", name.to_string_lossy(), std::process::id());
        let staging = target.with_file_name(hidden);
        Ok(Self {
            target: target.to_owned(),
            file: File::create(&staging)?,
            staging,
        })
    }

    /// Puts the file in its place, over whatever was there, and has it outlive a loss of power.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.file.sync_all()?;
        self.place()
    }

    /// Puts the file in its place, over whatever was there. For what can be made again: a disk takes milliseconds to say
    /// that it has something.
    pub(crate) fn place(self) -> io::Result<()> {
        fs::rename(&self.staging, &self.target)
    }
}

impl Write for StagedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        // After `finish` there is nothing here; before it there is no one to tell that removing it failed.
        let _ = fs::remove_file(&self.staging);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_when_it_is_finished_and_not_before() {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().join("folder").join("file");
        let mut file = StagedFile::create(&target).unwrap();
        file.write_all(b"new").unwrap();
        assert!(!target.exists());
        file.finish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");

        let mut file = StagedFile::create(&target).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(names(target.parent().unwrap()), ["file"]);
    }

    #[test]
    fn a_folder_is_not_written_over() {
        let place = tempfile::tempdir().unwrap();
        assert!(StagedFile::create(place.path()).is_err());
        assert!(names(place.path()).is_empty());
    }
}

//! Where things are in a sweep's folder, and how many trials go into a file.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::StoreError;

/// Trials that are run, encoded and handed on together. Part of the format: it decides where pages end.
pub const CHUNK_TRIALS: u64 = 16;

/// Most trials in a file.
const LARGEST_PART: u64 = 8_192;
/// Fewest trials in a file, unless the sweep has less.
const SMALLEST_PART: u64 = 32;
/// Files that a sweep aims at: a killed sweep loses at most the part it was at.
const AIMED_PARTS: u64 = 16;

/// Trials in each part of a sweep of so many trials: a power of two, such that there are at most 16 parts or the
/// parts hold 8,192 trials each. Always a multiple of [`CHUNK_TRIALS`].
pub fn part_trials(all_trials: u64) -> u64 {
    let aimed = all_trials.div_ceil(AIMED_PARTS).min(LARGEST_PART);
    aimed.next_power_of_two().clamp(SMALLEST_PART, LARGEST_PART)
}

/// The folder of a sweep.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder at a path.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The path of the folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What was run, and the parts that are complete.
    pub fn manifest(&self) -> PathBuf {
        self.root.join("manifest.json")
    }

    /// The parts that are complete since the manifest was written, where a run was killed.
    pub fn part_log(&self) -> PathBuf {
        self.root.join("parts.jsonl")
    }

    /// The spec with everything it refers to written out.
    pub fn spec(&self) -> PathBuf {
        self.root.join("spec.yaml")
    }

    /// The trials that failed.
    pub fn failures(&self) -> PathBuf {
        self.root.join("failures.parquet")
    }

    /// Held by the run that writes here.
    pub fn lock(&self) -> PathBuf {
        self.root.join(".lock")
    }

    /// The folder of the trials.
    pub fn trials_folder(&self) -> PathBuf {
        self.root.join("trials")
    }

    /// The folder of the series.
    pub fn series_folder(&self) -> PathBuf {
        self.root.join("series")
    }

    /// The trials of a part.
    pub fn trials(&self, part: u64) -> PathBuf {
        self.trials_folder().join(part_name(part))
    }

    /// The series of a part's trials.
    pub fn series(&self, part: u64) -> PathBuf {
        self.series_folder().join(part_name(part))
    }

    /// Whether there is nothing in the folder that a run would be sorry to lose. A lock or an unfinished file of a
    /// run does not count.
    ///
    /// # Errors
    /// A folder that cannot be read. One that does not exist is vacant.
    pub fn is_vacant(&self) -> Result<bool, StoreError> {
        let mut passing = self.unfinished().to_vec();
        passing.push(self.lock());
        Ok(files_in(&self.root)?.iter().all(|path| passing.contains(path)))
    }

    /// Makes the folders that a run writes to.
    ///
    /// # Errors
    /// A folder that cannot be made.
    pub fn create(&self, with_series: bool) -> Result<(), StoreError> {
        let trials = self.trials_folder();
        fs::create_dir_all(&trials).map_err(StoreError::io("create", &trials))?;
        if with_series {
            let series = self.series_folder();
            fs::create_dir_all(&series).map_err(StoreError::io("create", &series))?;
        }
        Ok(())
    }

    /// Removes what an interrupted run left half written.
    ///
    /// # Errors
    /// A file that cannot be removed.
    pub fn remove_temporaries(&self) -> Result<(), StoreError> {
        for path in self.unfinished() {
            remove(&path)?;
        }
        for folder in [self.trials_folder(), self.series_folder()] {
            for path in files_in(&folder)? {
                if path.to_string_lossy().ends_with(".parquet.tmp") {
                    remove(&path)?;
                }
            }
        }
        Ok(())
    }

    /// The names that files of the folder itself have before they are complete.
    fn unfinished(&self) -> [PathBuf; 3] {
        [self.manifest(), self.spec(), self.failures()].map(|path| temporary(&path))
    }

    /// Removes the sweep that is here, and nothing else. The manifest goes last: until then the folder is still
    /// known as a sweep's.
    ///
    /// # Errors
    /// A file that cannot be removed.
    pub fn remove_sweep(&self) -> Result<(), StoreError> {
        self.remove_temporaries()?;
        for folder in [self.trials_folder(), self.series_folder()] {
            for path in files_in(&folder)? {
                if path.extension().is_some_and(|extension| extension == "parquet") {
                    remove(&path)?;
                }
            }
        }
        for path in [self.failures(), self.spec(), self.part_log(), self.manifest()] {
            remove(&path)?;
        }
        Ok(())
    }
}

/// The name a file has until it is complete.
pub(super) fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    name.into()
}

/// The SHA-256 of a file, in hexadecimal.
///
/// # Errors
/// A file that cannot be read.
pub fn sha256_of_file(path: &Path) -> Result<String, StoreError> {
    let mut file = File::open(path).map_err(StoreError::io("read", path))?;
    let mut hasher = Sha256::new();
    io::copy(&mut file, &mut hasher).map_err(StoreError::io("read", path))?;
    Ok(hex(&hasher.finalize()))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn part_name(part: u64) -> String {
    format!("part-{part:05}.parquet")
}

/// The number of the part whose complete file this is. In the order of these numbers, which is not that of the names
/// from the 100,000th part on, files hold the trials in order.
pub fn part_number(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    let number = name
        .strip_prefix("part-")?
        .strip_suffix(".parquet")?
        .parse()
        .ok()?;
    (name == part_name(number)).then_some(number)
}

fn files_in(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries
            .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
            .map_err(StoreError::io("read", folder)),
    }
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result.map_err(StoreError::io("remove", path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_few_and_hold_whole_chunks() {
        for (trials, part) in [
            (1, 32),
            (512, 32),
            (513, 64),
            (5_000, 512),
            (100_000, 8_192),
            (u64::MAX, 8_192),
        ] {
            assert_eq!(part_trials(trials), part, "{trials}");
        }
        for trials in (1..200_000).step_by(997) {
            let part = part_trials(trials);
            assert_eq!(part % CHUNK_TRIALS, 0);
            assert!(trials.div_ceil(part) <= 16 || part == LARGEST_PART, "{trials}");
        }
    }

    #[test]
    fn only_unfinished_files_leave_a_folder_vacant() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path().join("sweep"));
        assert!(folder.is_vacant().unwrap(), "a folder that is not there");
        fs::create_dir(folder.root()).unwrap();
        fs::write(folder.lock(), "1").unwrap();
        fs::write(temporary(&folder.manifest()), "").unwrap();
        assert!(folder.is_vacant().unwrap());
        fs::write(folder.root().join("notes.tmp"), "mine").unwrap();
        assert!(!folder.is_vacant().unwrap());
        folder.remove_temporaries().unwrap();
        assert_eq!(
            files_in(folder.root()).unwrap().len(),
            2,
            "the notes and the lock"
        );
    }

    #[test]
    fn removing_a_sweep_leaves_what_others_put_there() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path());
        folder.create(true).unwrap();
        let notes = folder.root().join("notes.txt");
        let foreign = folder.trials_folder().join("mine.csv");
        for path in [
            &notes,
            &foreign,
            &folder.trials(3),
            &folder.series(3),
            &folder.manifest(),
        ] {
            fs::write(path, "").unwrap();
        }
        folder.remove_sweep().unwrap();
        assert!(notes.exists() && foreign.exists());
        for path in [folder.trials(3), folder.series(3), folder.manifest()] {
            assert!(!path.exists(), "{}", path.display());
        }
    }

    #[test]
    fn hashes_are_sha256() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("abc");
        fs::write(&path, "abc").unwrap();
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            sha256_of_file(&path).unwrap(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}

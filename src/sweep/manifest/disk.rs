//! The manifest on disk, and the log of what is complete since it was written.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Manifest, ManifestError, Part};

/// Raised whenever a reader of the last version would misread the folder. Format 1 had no `parts.jsonl` and no notes.
pub(super) const FORMAT: u32 = 2;
/// The oldest format that is still read.
const OLDEST_FORMAT: u32 = 1;

impl Manifest {
    /// Reads a manifest and the log beside it.
    ///
    /// # Errors
    /// A file that cannot be read or is not a manifest of this format.
    pub fn load(path: &Path) -> Result<Self, ManifestError> {
        let mut text = read(path)?;
        loop {
            let mut manifest = Self::parse(path, &text)?;
            if manifest.complete {
                return Ok(manifest);
            }
            manifest.take_log(&log_beside(path))?;
            // A run that ends meanwhile takes the log's parts into the manifest and removes the log.
            let now = read(path)?;
            if now == text {
                return Ok(manifest);
            }
            text = now;
        }
    }

    fn parse(path: &Path, text: &str) -> Result<Self, ManifestError> {
        let unreadable = |text| ManifestError::Unreadable(path.display().to_string(), text);
        // The format first: the rest of another format may be anything.
        let format: Format = serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?;
        if !(OLDEST_FORMAT..=FORMAT).contains(&format.format) {
            let text = format!("it has format {}, not {OLDEST_FORMAT} to {FORMAT}", format.format);
            return Err(unreadable(text));
        }
        let mut manifest: Self = serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?;
        manifest.format = FORMAT;
        Ok(manifest)
    }

    /// Takes in the parts that a log lists, if there is one.
    fn take_log(&mut self, log: &Path) -> Result<(), ManifestError> {
        let text = match read(log) {
            Err(ManifestError::Io(_, _, error)) if error.kind() == ErrorKind::NotFound => return Ok(()),
            text => text?,
        };
        // A line without an end was being written when the run was killed; its part is run again.
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let part = serde_json::from_str(line)
                .map_err(|error| ManifestError::Unreadable(log.display().to_string(), error.to_string()))?;
            self.add(part);
        }
        Ok(())
    }

    /// Writes the manifest beside its place and moves it there, so that there is always a whole one. The log, whose
    /// parts it has, goes.
    ///
    /// # Errors
    /// A folder that cannot be written to.
    pub fn save(&self, path: &Path) -> Result<(), ManifestError> {
        let failed = |error| ManifestError::Io("write", path.display().to_string(), error);
        let mut text = serde_json::to_string_pretty(self).map_err(|error| failed(error.into()))?;
        text.push('\n');
        replace(path, text.as_bytes()).map_err(failed)?;
        match fs::remove_file(log_beside(path)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        }
    }
}

fn read(path: &Path) -> Result<String, ManifestError> {
    fs::read_to_string(path).map_err(|error| ManifestError::Io("read", path.display().to_string(), error))
}

/// The parts completed since the manifest at `path` was written, a line each.
fn log_beside(path: &Path) -> PathBuf {
    path.with_file_name("parts.jsonl")
}

/// A manifest's log, open to be added to.
#[derive(Debug)]
pub struct PartLog {
    path: PathBuf,
    file: Option<File>,
}

impl PartLog {
    /// The log of the manifest at `path`; made when the first part is added.
    pub fn beside(path: &Path) -> Self {
        Self {
            path: log_beside(path),
            file: None,
        }
    }

    /// Adds a part, and returns when it is on the disk.
    ///
    /// # Errors
    /// A disk that is full.
    pub fn add(&mut self, part: &Part) -> Result<(), ManifestError> {
        let failed = |error| ManifestError::Io("write", self.path.display().to_string(), error);
        let mut line = serde_json::to_string(part).map_err(|error| failed(error.into()))?;
        line.push('\n');
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(
                File::options()
                    .create(true)
                    .append(true)
                    .open(&self.path)
                    .map_err(failed)?,
            ),
        };
        file.write_all(line.as_bytes()).map_err(failed)?;
        file.sync_data().map_err(failed)
    }
}

/// Writes a file beside its place and moves it there.
pub(in super::super) fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    let mut file = File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::super::super::run::{Column, ColumnType};
    use super::super::testing::{manifest, part};
    use super::*;

    #[test]
    fn a_manifest_reads_back_and_leaves_no_other_file() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("manifest.json");
        let column = Column::new("fees", ColumnType::Int, "1e-6 USD", "all fees");
        let mut manifest = manifest("replicates: 40", &[column]);
        manifest.add(part(0, 32, 3));
        manifest.save(&path).unwrap();
        assert_eq!(Manifest::load(&path).unwrap(), manifest);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_log_adds_to_its_manifest_until_that_is_written_again() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("manifest.json");
        let mut manifest = manifest("replicates: 40", &[]);
        manifest.save(&path).unwrap();
        let mut log = PartLog::beside(&path);
        for part in [part(0, 16, 2), part(0, 32, 1)] {
            log.add(&part).unwrap();
            manifest.add(part);
        }
        assert_eq!(Manifest::load(&path).unwrap(), manifest);
        // Killed within a line.
        let torn = fs::read_to_string(log_beside(&path)).unwrap() + "{\"number\": 1, \"fir";
        fs::write(log_beside(&path), torn).unwrap();
        assert_eq!(Manifest::load(&path).unwrap(), manifest);
        manifest.save(&path).unwrap();
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
        assert_eq!(Manifest::load(&path).unwrap(), manifest);
    }

    #[test]
    fn a_reader_never_misses_a_part_while_the_run_ends() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("manifest.json");
        let mut manifest = manifest("replicates: 40", &[]);
        manifest.save(&path).unwrap();
        let safe = AtomicU64::new(0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for number in 0..200 {
                    let part = part(number, 32, 0);
                    PartLog::beside(&path).add(&part).unwrap();
                    safe.store(number + 1, Ordering::SeqCst);
                    manifest.add(part);
                    manifest.save(&path).unwrap();
                }
            });
            while safe.load(Ordering::SeqCst) < 200 {
                let at_least = safe.load(Ordering::SeqCst);
                let there = Manifest::load(&path).unwrap().parts.len() as u64;
                assert!(there >= at_least, "{there} of {at_least} parts");
            }
        });
    }

    #[test]
    fn what_is_written_grows_with_the_parts() {
        let written = |parts: u64| {
            let place = tempfile::tempdir().unwrap();
            let path = place.path().join("manifest.json");
            let mut manifest = manifest("replicates: 40", &[]);
            manifest.save(&path).unwrap();
            let empty = fs::metadata(&path).unwrap().len();
            let mut log = PartLog::beside(&path);
            for number in 0..parts {
                // Of one length, so that the numbers' own digits do not count.
                let part = part(100_000 + number, 32, 0);
                log.add(&part).unwrap();
                manifest.add(part);
            }
            assert_eq!(fs::metadata(&path).unwrap().len(), empty, "left alone meanwhile");
            let logged = fs::metadata(log_beside(&path)).unwrap().len();
            manifest.save(&path).unwrap();
            logged + fs::metadata(&path).unwrap().len() - empty
        };
        // The last comma of a list is the only part that is not in proportion.
        let (once, tenfold) = (written(20), written(200));
        assert!(tenfold.abs_diff(10 * once) < 500, "{once} and {tenfold} bytes");
    }

    #[test]
    fn the_format_without_a_log_is_read() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("manifest.json");
        let mut manifest = manifest("replicates: 40", &[]);
        manifest.add(part(0, 32, 1));
        let mut old = serde_json::to_value(&manifest).unwrap();
        old["format"] = 1.into();
        old.as_object_mut().unwrap().remove("notes");
        fs::write(&path, old.to_string()).unwrap();
        assert_eq!(Manifest::load(&path).unwrap(), manifest);
    }

    #[test]
    fn other_formats_and_other_files_are_refused() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("manifest.json");
        for (text, expected) in [
            ("{\"format\": 99, \"anything\": 1}", "format 99"),
            ("{}", "missing field"),
            ("[", "EOF"),
        ] {
            fs::write(&path, text).unwrap();
            let error = Manifest::load(&path).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}

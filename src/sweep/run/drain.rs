//! Chunks written to the files of their parts, in order.
//!
//! A part that takes long is made safe now and then: its files are completed as they are, recorded as a part with
//! fewer rows, and begun again with the rows they have. A run that resumes does the same with what it finds, so the
//! bytes of a whole part do not depend on it.

use std::time::{Duration, Instant};

use super::super::manifest::{Manifest, Part, PartFile, PartLog};
use super::super::store::{CHUNK_TRIALS, Folder, OldPart, Stored, TableFile, Tables};
use super::RunError;
use super::open::{PartWork, PartsWork};
use super::trial::Chunk;

/// Writes chunks. They must come in order; those that need no run are filled in from the files of an earlier run.
pub struct Drain {
    folder: Folder,
    tables: Tables,
    manifest: Manifest,
    log: PartLog,
    parts: PartsWork,
    open: Option<OpenPart>,
    failures: TableFile,
    /// The chunk that is next.
    next: u64,
    save_every: Duration,
    save_at: Instant,
}

struct OpenPart {
    number: u64,
    trials: TableFile,
    series: Option<TableFile>,
    failed: u64,
    old: Option<OldPart>,
}

impl Drain {
    /// Begins at the first chunk.
    ///
    /// # Errors
    /// A file that cannot be made.
    pub fn new(
        folder: Folder,
        tables: Tables,
        manifest: Manifest,
        parts: PartsWork,
        save_every: Duration,
    ) -> Result<Self, RunError> {
        let failures = TableFile::create(&folder.failures(), &tables.failures)?;
        Ok(Self {
            log: PartLog::beside(&folder.manifest()),
            folder,
            tables,
            manifest,
            parts,
            open: None,
            failures,
            next: 0,
            save_every,
            save_at: Instant::now() + save_every,
        })
    }

    /// Writes a chunk, after those before it that needed no run.
    ///
    /// # Errors
    /// A disk that is full, files of the earlier run that cannot be read.
    pub fn take(&mut self, chunk: u64, rows: &Chunk) -> Result<(), RunError> {
        self.fill_up_to(chunk)?;
        let end = self.end_of(chunk);
        let open = self.open_part(chunk)?;
        if let Some(old) = &mut open.old {
            old.skip_chunk(end)?;
        }
        open.trials.write(&rows.trials)?;
        if let (Some(file), Some(series)) = (&mut open.series, &rows.series) {
            file.write(series)?;
        }
        if let Some(failures) = &rows.failures {
            open.failed += failures.num_rows() as u64;
            self.failures.write(failures)?;
        }
        self.advance()?;
        if Instant::now() >= self.save_at {
            self.save()?;
        }
        Ok(())
    }

    /// Completes the sweep after its last chunk.
    ///
    /// # Errors
    /// As [`Drain::take`].
    pub fn finish(mut self) -> Result<Manifest, RunError> {
        self.fill_up_to(self.chunks())?;
        self.failures.finish()?;
        self.manifest.complete = true;
        self.manifest.save(&self.folder.manifest())?;
        Ok(self.manifest)
    }

    /// Ends before the last chunk. What was written stays, and so do the failures met so far.
    ///
    /// # Errors
    /// A disk that is full.
    pub fn stop(mut self) -> Result<Manifest, RunError> {
        if let Some(open) = self.open.take() {
            if has_more(&self.manifest, &open) {
                self.complete(open)?;
            } else {
                open.trials.discard();
                if let Some(series) = open.series {
                    series.discard();
                }
            }
        }
        self.failures.finish()?;
        self.manifest.save(&self.folder.manifest())?;
        Ok(self.manifest)
    }

    /// Makes the rows of the open part safe.
    fn save(&mut self) -> Result<(), RunError> {
        let begun = Instant::now();
        if let Some(open) = self.open.take_if(|open| has_more(&self.manifest, open)) {
            let (number, failed) = (open.number, open.failed);
            self.complete(open)?;
            let old = self.old_part(number)?;
            let mut open = self.begin(number, Some(old))?;
            for chunk in number * self.part_chunks()..self.next {
                open.copy_chunk(self.end_of(chunk))?;
            }
            (open.failed, open.old) = (failed, None);
            self.open = Some(open);
        }
        // Rows are copied each time: that may take a twentieth of the time at most, unless every turn is asked for.
        self.save_at = match self.save_every {
            Duration::ZERO => begun,
            every => begun + every.max(begun.elapsed() * 20),
        };
        Ok(())
    }

    /// Whether all chunks that needed a run have come, when `last` is the last of them.
    pub fn is_past(&self, last: Option<u64>) -> bool {
        last.is_none_or(|last| self.next > last)
    }

    fn fill_up_to(&mut self, chunk: u64) -> Result<(), RunError> {
        while self.next < chunk {
            let number = self.part_of(self.next);
            if *self.parts.of(number) == PartWork::Keep {
                self.next = ((number + 1) * self.part_chunks()).min(self.chunks());
                continue;
            }
            let end = self.end_of(self.next);
            self.open_part(self.next)?.copy_chunk(end)?;
            self.advance()?;
        }
        Ok(())
    }

    fn open_part(&mut self, chunk: u64) -> Result<&mut OpenPart, RunError> {
        let number = self.part_of(chunk);
        let open = match self.open.take() {
            Some(open) => open,
            None => {
                let old = match self.parts.of(number) {
                    PartWork::Mend(_) => Some(self.old_part(number)?),
                    _ => None,
                };
                self.begin(number, old)?
            }
        };
        Ok(self.open.insert(open))
    }

    fn old_part(&self, number: u64) -> Result<OldPart, RunError> {
        let series = self.folder.series(number);
        let series = self.with_series().then_some(series.as_path());
        Ok(OldPart::open(&self.tables, &self.folder.trials(number), series)?)
    }

    fn begin(&self, number: u64, old: Option<OldPart>) -> Result<OpenPart, RunError> {
        let series = self
            .with_series()
            .then(|| TableFile::create(&self.folder.series(number), &self.tables.series));
        Ok(OpenPart {
            number,
            trials: TableFile::create(&self.folder.trials(number), &self.tables.trials)?,
            series: series.transpose()?,
            failed: 0,
            old,
        })
    }

    /// Goes to the next chunk, and completes the part if that was its last.
    fn advance(&mut self) -> Result<(), RunError> {
        self.next += 1;
        if !self.next.is_multiple_of(self.part_chunks()) && self.next < self.chunks() {
            return Ok(());
        }
        match self.open.take() {
            Some(open) => self.complete(open),
            None => Ok(()),
        }
    }

    /// Completes the files of a part, and only then has the manifest vouch for them.
    fn complete(&mut self, open: OpenPart) -> Result<(), RunError> {
        let trials = part_file(open.trials.finish()?);
        let series = open.series.map(TableFile::finish).transpose()?.map(part_file);
        let part = Part {
            number: open.number,
            first: open.number * self.manifest.part_trials,
            failed: open.failed,
            trials,
            series,
        };
        self.log.add(&part)?;
        self.manifest.add(part);
        Ok(())
    }

    fn with_series(&self) -> bool {
        self.manifest.series_interval_s.is_some()
    }

    fn part_of(&self, chunk: u64) -> u64 {
        chunk / self.part_chunks()
    }

    fn part_chunks(&self) -> u64 {
        self.manifest.part_trials / CHUNK_TRIALS
    }

    fn chunks(&self) -> u64 {
        self.manifest.trials.div_ceil(CHUNK_TRIALS)
    }

    /// One past the last trial of a chunk.
    fn end_of(&self, chunk: u64) -> u64 {
        (chunk + 1).saturating_mul(CHUNK_TRIALS).min(self.manifest.trials)
    }
}

impl OpenPart {
    /// Copies the next chunk of the earlier run. `end` is one past its last trial.
    fn copy_chunk(&mut self, end: u64) -> Result<(), RunError> {
        if let Some(old) = &mut self.old {
            let (trials, series) = old.next_chunk(end)?;
            self.trials.write(&trials)?;
            if let (Some(file), Some(series)) = (&mut self.series, series) {
                file.write(&series)?;
            }
        }
        Ok(())
    }
}

/// Whether the open part holds more trials than what the manifest has of it, so that it may take its place.
fn has_more(manifest: &Manifest, open: &OpenPart) -> bool {
    let before = manifest.part(open.number);
    before.is_none_or(|part| part.trials.rows < open.trials.rows())
}

fn part_file(stored: Stored) -> PartFile {
    PartFile {
        rows: stored.rows,
        bytes: stored.bytes,
        sha256: stored.sha256,
    }
}

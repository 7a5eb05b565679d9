//! What a run finds in its folder, and what it has to do there.

use std::collections::BTreeMap;
use std::fs;

use super::super::manifest::{self, About, Manifest, Part, PartFile};
use super::super::plan::Plan;
use super::super::store::{CHUNK_TRIALS, Folder, StoreError, part_trials, sha256_of_file, unfinished_chunks};
use super::lock::Lock;
use super::{Column, RunError, Settings};

/// What to do about a sweep that is already in the folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// Leave it alone and do not run.
    #[default]
    Refuse,
    /// Go on with it: run the parts that are missing and the trials that failed. Where there is none, begin.
    Resume,
    /// Remove it and begin anew.
    Overwrite,
}

/// A folder ready to be written to, held against other runs.
pub struct Opened {
    /// The folder.
    pub folder: Folder,
    /// Its lock.
    pub lock: Lock,
    /// Its manifest, as it is on disk.
    pub manifest: Manifest,
    /// What is to be done for each part.
    pub parts: PartsWork,
}

/// What is to be done for a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartWork {
    /// Nothing: it is complete, and no trial failed.
    Keep,
    /// Run its trials.
    Run,
    /// Run the trials of these chunks and take the others from its files.
    Mend(Vec<bool>),
}

impl Opened {
    /// Opens the folder that the settings name, for a sweep with these metrics and series.
    ///
    /// # Errors
    /// A folder that is not for this run, and anything on disk that fails.
    pub fn new(
        plan: &Plan,
        settings: &Settings,
        metrics: &[Column],
        series: &[Column],
    ) -> Result<Self, RunError> {
        let folder = Folder::new(&settings.folder);
        let spec = plan.resolved_spec().map_err(RunError::Spec)?;
        let wanted = Manifest::new(
            plan,
            &About {
                harness: &settings.harness,
                program: env!("HARNESS_SOURCES"),
                part_trials: part_trials(plan.all_trials()),
                series_interval_s: settings.series,
                metrics,
                series,
            },
        );
        // Before anything is made: a refused run leaves no trace.
        let vacant = folder.is_vacant()?;
        if !vacant && settings.existing == Existing::Refuse {
            return Err(occupied(&folder));
        }
        fs::create_dir_all(folder.root()).map_err(StoreError::io("create", folder.root()))?;
        let lock = Lock::take(&folder)?;
        // Looked at again, since the lock may have been waited for by two.
        let there = match (folder.is_vacant()?, settings.existing) {
            (true, _) => None,
            (false, Existing::Refuse) => return Err(occupied(&folder)),
            (false, _) if !folder.manifest().exists() => {
                return Err(RunError::NotASweep {
                    folder: folder.root().to_owned(),
                    asked: match settings.existing {
                        Existing::Resume => "resumed",
                        _ => "overwritten",
                    },
                });
            }
            (false, Existing::Overwrite) => {
                folder.remove_sweep()?;
                None
            }
            (false, Existing::Resume) => Some(Manifest::load(&folder.manifest())?),
        };
        folder.remove_temporaries()?;
        let (manifest, parts) = match there {
            None => (wanted, PartsWork::default()),
            Some(there) => resume(&folder, &there, wanted)?,
        };
        // The manifest first: with it the folder is a sweep that can be resumed or overwritten.
        manifest.save(&folder.manifest())?;
        folder.create(settings.series.is_some())?;
        manifest::replace(&folder.spec(), spec.as_bytes())
            .map_err(StoreError::io("write", &folder.spec()))?;
        Ok(Self {
            folder,
            lock,
            manifest,
            parts,
        })
    }
}

/// What is to be done for each part: to run it, but for those that an earlier run has something of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartsWork {
    known: BTreeMap<u64, PartWork>,
}

impl PartsWork {
    /// What is to be done for the part of a number.
    pub fn of(&self, number: u64) -> &PartWork {
        self.known.get(&number).unwrap_or(&PartWork::Run)
    }

    /// The chunks to run, in order.
    pub fn chunks_to_run(&self, manifest: &Manifest) -> impl Iterator<Item = u64> {
        let part_chunks = manifest.part_trials / CHUNK_TRIALS;
        (0..manifest.trials.div_ceil(CHUNK_TRIALS))
            .filter(move |chunk| self.of(chunk / part_chunks).runs(chunk % part_chunks))
    }

    /// How many trials are to be run, and the last chunk of them. Takes time in proportion to the parts that an earlier
    /// run has something of.
    pub fn to_run(&self, manifest: &Manifest) -> (u64, Option<u64>) {
        let (chunks, part_chunks) = (
            manifest.trials.div_ceil(CHUNK_TRIALS),
            manifest.part_trials / CHUNK_TRIALS,
        );
        let trials_in = |chunk: u64| CHUNK_TRIALS.min(manifest.trials - chunk * CHUNK_TRIALS);
        let mut trials = manifest.trials;
        for (part, work) in &self.known {
            let here = (part * part_chunks)..((part + 1) * part_chunks).min(chunks);
            let done = here.filter(|chunk| !work.runs(chunk % part_chunks));
            trials -= done.map(trials_in).sum::<u64>();
        }
        let mut last = chunks;
        while last > 0 && !self.of((last - 1) / part_chunks).runs((last - 1) % part_chunks) {
            last -= 1;
        }
        (trials, last.checked_sub(1))
    }
}

impl PartWork {
    /// Whether the chunk at place `chunk` of the part is to be run.
    fn runs(&self, chunk: u64) -> bool {
        match self {
            PartWork::Keep => false,
            PartWork::Run => true,
            PartWork::Mend(unfinished) => unfinished.get(chunk as usize).copied().unwrap_or(true),
        }
    }
}

/// Takes over from an earlier run whatever its manifest vouches for.
fn resume(
    folder: &Folder,
    there: &Manifest,
    mut wanted: Manifest,
) -> Result<(Manifest, PartsWork), RunError> {
    let differences = there.differences(&wanted);
    if !differences.is_empty() {
        return Err(RunError::Differs {
            folder: folder.root().to_owned(),
            differences,
        });
    }
    if wanted.trials < there.trials {
        return Err(RunError::Fewer {
            folder: folder.root().to_owned(),
            there: there.trials,
            asked: wanted.trials,
        });
    }
    let mut parts = PartsWork::default();
    for part in &there.parts {
        let first = part.number.saturating_mul(wanted.part_trials);
        if first >= wanted.trials || !is_whole(folder, part) {
            continue;
        }
        let trials = wanted.part_trials.min(wanted.trials - first);
        let work = if part.failed == 0 && part.trials.rows == trials {
            PartWork::Keep
        } else {
            PartWork::Mend(unfinished_chunks(&folder.trials(part.number), trials)?)
        };
        parts.known.insert(part.number, work);
        wanted.add(part.clone());
    }
    Ok((wanted, parts))
}

/// Whether the files of a part are those that the manifest names.
fn is_whole(folder: &Folder, part: &Part) -> bool {
    let is = |path: &std::path::Path, file: &PartFile| {
        fs::metadata(path).is_ok_and(|there| there.len() == file.bytes)
            && sha256_of_file(path).is_ok_and(|sha256| sha256 == file.sha256)
    };
    is(&folder.trials(part.number), &part.trials)
        && part
            .series
            .as_ref()
            .is_none_or(|series| is(&folder.series(part.number), series))
}

fn occupied(folder: &Folder) -> RunError {
    let contents = match Manifest::load(&folder.manifest()) {
        Ok(manifest) => {
            let done: u64 = manifest.parts.iter().map(|part| part.trials.rows).sum();
            format!(
                "It holds the sweep `{}`: {done} of {} trials, {} of them failed.",
                manifest.name, manifest.trials, manifest.failed
            )
        }
        Err(_) if folder.manifest().exists() => "It holds a sweep of another version.".to_owned(),
        Err(_) => "It holds files that are not a sweep's.".to_owned(),
    };
    RunError::Occupied {
        folder: folder.root().to_owned(),
        contents,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::plan;
    use super::*;

    fn manifest(trials: u64) -> Manifest {
        let about = About {
            harness: "1.0.0",
            program: "",
            part_trials: 2 * CHUNK_TRIALS,
            series_interval_s: None,
            metrics: &[],
            series: &[],
        };
        Manifest {
            trials,
            ..Manifest::new(&plan("replicates: 1"), &about)
        }
    }

    #[test]
    fn what_is_to_run_is_counted_without_counting() {
        // Five chunks and a half, in parts of two.
        let manifest = manifest(5 * CHUNK_TRIALS + CHUNK_TRIALS / 2);
        let works = [PartWork::Run, PartWork::Keep, PartWork::Mend(vec![false, true])];
        for first in &works {
            for second in &works {
                for third in &works {
                    let known = (0..).zip([first, second, third].map(Clone::clone)).collect();
                    let parts = PartsWork { known };
                    let chunks: Vec<u64> = parts.chunks_to_run(&manifest).collect();
                    let trials = |chunk: &u64| {
                        if *chunk == 5 {
                            CHUNK_TRIALS / 2
                        } else {
                            CHUNK_TRIALS
                        }
                    };
                    let expected = (chunks.iter().map(trials).sum(), chunks.last().copied());
                    assert_eq!(parts.to_run(&manifest), expected, "{parts:?}");
                }
            }
        }
    }

    #[test]
    fn a_plan_of_any_size_costs_nothing() {
        let parts = PartsWork::default();
        let manifest = manifest(u64::MAX);
        assert_eq!(
            parts.to_run(&manifest),
            (u64::MAX, Some(u64::MAX.div_ceil(CHUNK_TRIALS) - 1))
        );
        assert_eq!(parts.chunks_to_run(&manifest).nth(5), Some(5));
    }
}

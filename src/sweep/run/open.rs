//! What a run finds in its folder, and what it has to do there.

use std::fs;
use std::sync::OnceLock;

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
    pub parts: Vec<PartWork>,
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
                program: program(),
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
            None => {
                let parts = vec![PartWork::Run; part_count(&wanted)];
                (wanted, parts)
            }
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

/// The chunks to run, in order.
pub fn chunks_to_run(manifest: &Manifest, parts: &[PartWork]) -> impl Iterator<Item = u64> {
    let part_chunks = manifest.part_trials / CHUNK_TRIALS;
    (0..manifest.trials.div_ceil(CHUNK_TRIALS)).filter(move |chunk| {
        match parts.get((chunk / part_chunks) as usize) {
            Some(PartWork::Keep) | None => false,
            Some(PartWork::Run) => true,
            Some(PartWork::Mend(unfinished)) => unfinished
                .get((chunk % part_chunks) as usize)
                .copied()
                .unwrap_or(true),
        }
    })
}

fn part_count(manifest: &Manifest) -> usize {
    manifest.trials.div_ceil(manifest.part_trials) as usize
}

/// The SHA-256 of this program, or `unknown` where the system does not tell.
fn program() -> &'static str {
    static PROGRAM: OnceLock<String> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let path = std::env::current_exe().ok();
        path.and_then(|path| sha256_of_file(&path).ok())
            .unwrap_or_else(|| "unknown".to_owned())
    })
}

/// Takes over from an earlier run whatever its manifest vouches for.
fn resume(
    folder: &Folder,
    there: &Manifest,
    mut wanted: Manifest,
) -> Result<(Manifest, Vec<PartWork>), RunError> {
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
    let mut parts = vec![PartWork::Run; part_count(&wanted)];
    for part in &there.parts {
        let Some(work) = parts.get_mut(part.number as usize) else {
            continue;
        };
        if !is_whole(folder, part) {
            continue;
        }
        let first = part.number * wanted.part_trials;
        let trials = wanted.part_trials.min(wanted.trials - first);
        *work = if part.failed == 0 && part.trials.rows == trials {
            PartWork::Keep
        } else {
            PartWork::Mend(unfinished_chunks(&folder.trials(part.number), trials)?)
        };
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

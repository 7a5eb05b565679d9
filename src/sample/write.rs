//! Writing what was picked as experiments.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::Value;

use super::error::SampleError;
use super::selection::{Selected, Selection};
use super::words::shown;
use crate::experiment::{Existing, SCENARIO};
use crate::scenario::Scenario;
use crate::staged::StagedFile;
use crate::sweep::store::Folder;
use crate::sweep::{Overrides, Plan, Rerun};
use crate::trial::{Metric, Metrics};

impl Selection {
    /// Runs the trials again, in parallel, and writes each as an experiment folder under `out`, by the name that
    /// [`Selected::folder`] says. What an earlier call has written for the same trials is replaced, and nothing else.
    /// Returns the folders.
    ///
    /// # Errors
    /// A sweep whose spec cannot be read, a trial that does not end as it did in the sweep, folders of others' at the
    /// places to write to.
    pub fn write(&self, sweep: &Path, out: &Path) -> Result<Vec<PathBuf>, SampleError> {
        let places: Vec<PathBuf> = self.trials.iter().map(|trial| out.join(&trial.folder)).collect();
        for (trial, place) in self.trials.iter().zip(&places) {
            check(place, &self.sweep, trial)?;
        }
        let plan = Plan::load::<Scenario>(&Folder::new(sweep).spec(), &Overrides::default())?;
        let rerun = Rerun::new(&plan);
        let written = self.trials.par_iter().zip(&places);
        let written = written.map(|(trial, place)| trial.write(&rerun, place));
        // The first error in the order of picks, not of time.
        written
            .collect::<Vec<_>>()
            .into_iter()
            .collect::<Result<(), _>>()?;
        Ok(places)
    }

    /// Writes the file, by convention `selection.json`, in place of an earlier selection from the same sweep.
    ///
    /// # Errors
    /// Anything else at that place, a place that cannot be written to.
    pub fn save(&self, path: &Path) -> Result<(), SampleError> {
        let ours = || Self::load(path).is_ok_and(|old| old.sweep == self.sweep);
        if path.symlink_metadata().is_ok() && !ours() {
            return Err(SampleError::Foreign {
                path: path.to_owned(),
                whose: format!("a selection from {}", self.sweep),
            });
        }
        let text = self.to_json();
        let text = text.map_err(|error| SampleError::io("write", path)(error.into()))?;
        let saved = StagedFile::create(path).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.finish()
        });
        saved.map_err(SampleError::io("write", path))
    }
}

impl Selected {
    /// Runs the trial again, and writes it as an experiment in place of what is at `place`.
    ///
    /// # Errors
    /// A trial that does not end as it did in the sweep, a folder that cannot be written.
    pub fn write(&self, rerun: &Rerun, place: &Path) -> Result<(), SampleError> {
        compare(self, &rerun.write(self.trial, place, Existing::Replace)?)
    }
}

/// Refuses a folder that is not the trial's own.
fn check(place: &Path, sweep: &str, trial: &Selected) -> Result<(), SampleError> {
    if place.symlink_metadata().is_err() {
        return Ok(());
    }
    let scenario = fs::read_to_string(place.join(SCENARIO)).unwrap_or_default();
    let ours = format!("# Trial {} of {sweep}:", trial.trial);
    if scenario.starts_with(&ours) {
        return Ok(());
    }
    Err(SampleError::Foreign {
        path: place.to_owned(),
        whose: format!("trial {} of {sweep}", trial.trial),
    })
}

/// Refuses a trial that has not ended as its row says.
fn compare(trial: &Selected, now: &Metrics) -> Result<(), SampleError> {
    for (info, value) in &now.values {
        let now = match value {
            Metric::Count(value) => *value as f64,
            Metric::Signed(value) => *value as f64,
            Metric::Float(value) => *value,
            Metric::Flag(value) => f64::from(u8::from(*value)),
            Metric::Codes(_) => continue,
        };
        let then = match trial.metrics.get(&*info.name) {
            None => continue,
            Some(Value::Bool(then)) => f64::from(u8::from(*then)),
            Some(then) => then.as_f64().unwrap_or(f64::NAN),
        };
        // A selection that was read back may be a rounding off.
        let same = (now - then).abs() <= 1e-12 * then.abs() || !now.is_finite() && then.is_nan();
        if !same {
            return Err(SampleError::Changed {
                trial: trial.trial,
                metric: info.name.to_string(),
                then: shown(then),
                now: shown(now),
            });
        }
    }
    Ok(())
}

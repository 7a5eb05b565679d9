//! One trial of a plan again, as an experiment folder.

use std::path::Path;

use super::{Plan, SpecError};
use crate::experiment::{Existing, ExperimentError, FolderWriter};
use crate::path::PriceFiles;
use crate::scenario::Scenario;
use crate::trial::{self, History, Metrics, TrialError};

/// Runs trials of a plan again, each from its number alone.
pub struct Rerun<'a> {
    plan: &'a Plan,
    files: PriceFiles,
}

/// Why a trial is not written.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum RerunError {
    /// A number beyond the last.
    #[error("{sweep} has trials 0 to {last}, no trial {number}")]
    NoSuchTrial {
        /// The sweep.
        sweep: String,
        /// Its last trial.
        last: u64,
        /// The trial asked for.
        number: u64,
    },
    /// The spec is at fault.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Spec(#[from] SpecError),
    /// A trial that fails.
    #[error("trial {number} cannot be finished: {error}")]
    Trial {
        /// The trial.
        number: u64,
        /// Why not.
        error: TrialError,
    },
    /// A folder that cannot be written.
    #[error("cannot write an experiment: {0}")]
    Experiment(#[from] ExperimentError),
}

impl<'a> Rerun<'a> {
    /// Trials of a plan.
    pub fn new(plan: &'a Plan) -> Self {
        Self {
            plan,
            files: PriceFiles::new(&plan.scenario_folder),
        }
    }

    /// Runs a trial and writes what happened, what it started from and the state after every event, in drift-sim's
    /// formats. Same trial, same bytes.
    ///
    /// # Errors
    /// No such trial, a trial that fails, a folder that cannot be written or replaced.
    pub fn write(&self, number: u64, out: &Path, existing: Existing) -> Result<Metrics, RerunError> {
        let plan = self.plan;
        let trial = plan.trial(number).ok_or_else(|| RerunError::NoSuchTrial {
            sweep: plan.name.clone(),
            last: plan.all_trials().saturating_sub(1),
            number,
        })?;
        let scenario: Scenario = plan.scenario(trial.point)?;
        let mut history = History::default();
        let metrics = trial::run(
            &scenario,
            plan.seed,
            trial.replicate.into(),
            &self.files,
            &mut history,
        )
        .map_err(|error| RerunError::Trial { number, error })?;
        let folder = FolderWriter::create(out, existing)?;
        folder.markets(&history.markets)?;
        folder.spot_markets(&history.spot_markets)?;
        folder.events(&history.events)?;
        folder.history(history.header(), &history.rows)?;
        let yaml = plan.scenario_yaml(trial.point).unwrap_or_default();
        folder.scenario(&format!(
            "# Trial {number} of {}: point {}, replicate {}, seed {}.\n{yaml}",
            plan.name, trial.point, trial.replicate, plan.seed
        ))?;
        folder.finish()?;
        Ok(metrics)
    }
}

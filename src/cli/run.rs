//! `harness run`.

use super::{Outcome, table};
use crate::experiment::{Existing, FolderWriter};
use crate::path::PriceFiles;
use crate::scenario::Scenario;
use crate::sweep::{Overrides, Plan};
use crate::trial::{self, History, Metric};
use clap::Args;
use miette::{IntoDiagnostic, WrapErr, miette};
use std::path::{Path, PathBuf};

/// Run one trial again and write it as an experiment folder.
///
/// The folder holds what happened (`events.csv`), what it started from (`markets_json.csv`, `spot_markets_json.csv`,
/// `scenario.yaml`) and the state after every event (`chs.csv`), in drift-sim's formats. Same trial, same bytes.
#[derive(Debug, Args)]
pub struct Run {
    /// A sweep's folder under `data`, or its spec.
    #[arg(value_name = "SWEEP")]
    sweep: PathBuf,
    /// The trial's number, as in the column `trial`.
    #[arg(long, value_name = "N")]
    trial: u64,
    /// The folder to write; `experiments/init/<sweep>_<trial>` where not given.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace the folder if it is there.
    #[arg(long)]
    overwrite: bool,
}

impl Run {
    pub fn run(self) -> Outcome {
        let spec = if self.sweep.is_dir() {
            self.sweep.join("spec.yaml")
        } else {
            self.sweep.clone()
        };
        let plan = Plan::load::<Scenario>(&spec, &Overrides::default())?;
        let trial = plan.trial(self.trial).ok_or_else(|| {
            miette!(
                "{} has trials 0 to {}, no trial {}",
                plan.name,
                plan.all_trials().saturating_sub(1),
                self.trial
            )
        })?;
        let out = self.out.unwrap_or_else(|| {
            Path::new("experiments")
                .join("init")
                .join(format!("{}_{}", plan.name, self.trial))
        });
        if out.exists() && !self.overwrite {
            let out = out.display();
            return Err(miette!(
                "{out} is there already: use `--overwrite`, or `--out` for another folder"
            ));
        }
        let scenario: Scenario = plan.scenario(trial.point)?;
        let files = PriceFiles::new(&plan.scenario_folder);
        let mut history = History::default();
        let metrics = trial::run(&scenario, plan.seed, trial.replicate.into(), &files, &mut history)
            .into_diagnostic()
            .wrap_err_with(|| format!("trial {} cannot be finished", self.trial))?;

        let existing = if self.overwrite {
            Existing::Replace
        } else {
            Existing::Keep
        };
        let written = || -> Result<(), crate::experiment::ExperimentError> {
            let folder = FolderWriter::create(&out, existing)?;
            folder.markets(&history.markets)?;
            folder.spot_markets(&history.spot_markets)?;
            folder.events(&history.events)?;
            folder.history(history.header(), &history.rows)?;
            let yaml = plan.scenario_yaml(trial.point).unwrap_or_default();
            folder.scenario(&format!(
                "# Trial {} of {}: point {}, replicate {}, seed {}.\n{yaml}",
                trial.number, plan.name, trial.point, trial.replicate, plan.seed
            ))?;
            folder.finish()
        };
        written().into_diagnostic()?;

        let shown = metrics.values.iter().map(|(info, value)| {
            let text = match value {
                Metric::Count(value) => value.to_string(),
                Metric::Signed(value) => value.to_string(),
                Metric::Float(value) => format!("{value:.6}"),
                Metric::Flag(value) => value.to_string(),
                Metric::Codes(codes) => codes
                    .iter()
                    .map(|(code, count)| {
                        let name = crate::drift::error::ErrorCode::from_number(*code);
                        format!("{count} {}", name.map_or("unknown", |code| code.name()))
                    })
                    .collect::<Vec<_>>()
                    .join(", "),
            };
            [info.name.clone(), text, info.unit.name().to_owned()]
        });
        table::print(["metric", "value", "unit"], shown);
        say!("trial {} of {} is in {}", trial.number, plan.name, out.display());
        Ok(())
    }
}

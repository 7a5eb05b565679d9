//! `harness run`.

use super::{Outcome, table};
use crate::experiment::Existing;
use crate::scenario::Scenario;
use crate::sweep::{Overrides, Plan, Rerun};
use crate::trial::Metric;
use clap::Args;
use miette::miette;
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
        let existing = if self.overwrite {
            Existing::Replace
        } else {
            Existing::Keep
        };
        let metrics = Rerun::new(&plan).write(self.trial, &out, existing)?;

        let shown = metrics.values.iter().map(|(info, value)| {
            let text = match value {
                Metric::Count(value) => value.to_string(),
                Metric::Signed(value) => value.to_string(),
                Metric::Float(value) => format!("{value:.6}"),
                Metric::Flag(value) => value.to_string(),
                Metric::Codes(codes) => codes
                    .iter()
                    .map(|(code, count)| {
                        let name = drift::error::ErrorCode::from_number(*code);
                        format!("{count} {}", name.map_or("unknown", |code| code.name()))
                    })
                    .collect::<Vec<_>>()
                    .join(", "),
            };
            [info.name.to_string(), text, info.unit.name().to_owned()]
        });
        table::print(["metric", "value", "unit"], shown);
        say!("trial {} of {} is in {}", self.trial, plan.name, out.display());
        Ok(())
    }
}

//! `harness sweep`.

use super::{Finish, Outcome};
use crate::path::PriceFiles;
use crate::scenario::Scenario;
use crate::sweep::run::{self, Existing, Settings, Stop, estimate};
use crate::sweep::{Overrides, Plan, Simulation};
use clap::Args;
use miette::{IntoDiagnostic, WrapErr};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// Run every trial of a sweep into Parquet.
///
/// A trial is one point of the parameters under one random future. Results are the same bytes at any number of
/// threads, and after being stopped and resumed.
#[derive(Debug, Args)]
pub struct Sweep {
    /// The sweep's spec.
    #[arg(value_name = "SPEC")]
    spec: PathBuf,
    /// Where the results go; `data/<name>` where not given.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Random futures at each point, in place of the spec's.
    #[arg(long, value_name = "N")]
    replicates: Option<u32>,
    /// Seed, in place of the spec's.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Run the first N trials only; they cover all points alike.
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Hold a value of the scenario, such as `agents.traders.users=50`. Can be given more than once.
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Threads; one on each processor where not given.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    threads: usize,
    /// Also write the markets' state every so many seconds of simulated time.
    #[arg(long, value_name = "SECONDS")]
    series: Option<u32>,
    /// Go on with a sweep that was stopped, and try failed trials again.
    #[arg(long, conflicts_with = "overwrite")]
    resume: bool,
    /// Remove the results that are there and begin anew.
    #[arg(long)]
    overwrite: bool,
    /// Stop at the first trial that fails.
    #[arg(long)]
    fail_fast: bool,
    /// Say how many points and trials there are, and about how long and how large it will be; write nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Sweep {
    pub fn run(self) -> Finish {
        let overrides = Overrides {
            set: self.set,
            replicates: self.replicates,
            seed: self.seed,
            limit: self.limit,
        };
        let plan = Plan::load::<Scenario>(&self.spec, &overrides)?;
        let simulation = Simulation::new(&plan)?;
        let mut settings = Settings::new(self.out.unwrap_or_else(|| Path::new("data").join(&plan.name)));
        settings.threads = self.threads;
        settings.series = self.series;
        settings.fail_fast = self.fail_fast;
        settings.existing = match (self.resume, self.overwrite) {
            (true, _) => Existing::Resume,
            (_, true) => Existing::Overwrite,
            _ => Existing::Refuse,
        };
        for note in plan.notes().iter().chain(&simulation.files().notes()) {
            complain!("note: {note}");
        }
        if self.dry_run {
            let estimate =
                estimate(&plan, &simulation, &settings, Duration::from_secs(5)).into_diagnostic()?;
            say!("{estimate}");
            return Ok(0);
        }
        let stop = Stop::on_interrupt().into_diagnostic()?;
        let report = run::run(&plan, &simulation, &settings, &stop).into_diagnostic()?;
        keep_prices(simulation.files(), &plan.scenario_folder, &settings.folder)?;
        say!("{report}");
        Ok(report.exit_code())
    }
}

/// Copies the price files beside the results, under the names that the scenario gives them, so that a trial can be run
/// again from there alone. Files outside the scenario's folder stay where they are.
fn keep_prices(files: &PriceFiles, from: &Path, to: &Path) -> Outcome {
    for (name, _) in files.digests() {
        if !name.components().all(|part| matches!(part, Component::Normal(_))) {
            continue;
        }
        let target = to.join(&name);
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder).into_diagnostic()?;
        }
        std::fs::copy(from.join(&name), &target)
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot copy {} to {}", name.display(), target.display()))?;
    }
    Ok(())
}

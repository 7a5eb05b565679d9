//! `harness sample`.

use super::{Outcome, table};
use crate::sample::{Pick, Request, Selection, select};
use clap::Args;
use std::path::{Path, PathBuf};

const METHODS: &str = "\
Methods:
  representative=6             the medoids of all metrics: together they cover
                               the sweep, and each says how many it stands for
  extreme=4                    the furthest values, one metric after the other
  extreme(fees_usd)=3          the largest, the smallest and the furthest tail
  largest(fees_usd)=2          the largest only; likewise smallest
  quantile(fees_usd, 0.1)=1    nearest to quantiles; by default 0.05, 0.5, 0.95
  novel=2                      far from all other trials
  refused=2                    most instructions refused, by error code
  refused(PriceBandsBreached)  the same for named codes
  random=2                     drawn at random, always the same ones
  where(lp_profit_usd < 0)=2   the first for which a condition in SQL holds;
                               names with dots go in \"double quotes\"

  Several metrics are separated by commas, and `lp_*` stands for all that begin
  so; representative(lp_*)=6 and novel(lp_*)=2 look at these only. Without a
  count there is one trial for each thing named.

Weights:
  A representative trial weighs as many trials as it stands for, a random one all
  trials that were not picked on purpose over those drawn (random picks come
  last), any other trial 1: it stands for itself.";

/// Pick trials of a sweep that are worth a replay, say why, and write each as an experiment.
///
/// With `-n N` alone, half of the trials are representative; of the other half one is extreme, one random, one novel, one
/// with refused instructions, and so on in turn. `--pick` says what to pick instead.
///
/// No trial is picked twice: one that two picks want goes to the first, and the second takes its next. Same sweep, same
/// picks, same trials. Failed trials are left out.
#[derive(Debug, Args)]
#[command(after_long_help = METHODS)]
pub struct Sample {
    /// The folder that `harness sweep` wrote, such as data/lp_bias.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    #[command(flatten)]
    wanted: Wanted,
    /// Where the experiments and `selection.json` go; where not given, experiments to `experiments/init/<sweep>_<trial>`
    /// and `selection.json` to the sweep's folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Only print what would be picked.
    #[arg(long)]
    dry_run: bool,
}

/// What to pick.
#[derive(Debug, Args)]
pub(super) struct Wanted {
    /// How many trials, in a mix. [default: 12]
    #[arg(short = 'n', long = "count", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    count: Option<u32>,
    /// What to pick, in place of the mix: METHOD, METHOD=COUNT or METHOD(ARGUMENTS)=COUNT. Can be given more than once.
    #[arg(long, value_name = "METHOD=COUNT", conflicts_with = "count")]
    pick: Vec<Pick>,
}

impl Wanted {
    /// Whether anything was said about what to pick.
    #[cfg(feature = "bank")]
    pub(super) fn is_given(&self) -> bool {
        self.count.is_some() || !self.pick.is_empty()
    }

    pub(super) fn request(&self) -> Request {
        match self.pick[..] {
            [] => Request::mix(self.count.unwrap_or(12) as usize),
            _ => Request::new(self.pick.clone()),
        }
    }
}

impl Sample {
    pub fn run(self) -> Outcome {
        let selection = select(&self.folder, &self.wanted.request())?;
        if self.dry_run {
            print(&selection);
            return Ok(());
        }
        let list = self.out.as_ref().unwrap_or(&self.folder).join("selection.json");
        let experiments = self.out.unwrap_or_else(|| Path::new("experiments").join("init"));
        let folders = selection.write(&self.folder, &experiments)?;
        selection.save(&list)?;
        print(&selection);
        let (count, experiments) = (folders.len(), experiments.display());
        say!(
            "{count} experiments are in {experiments}, the selection in {}",
            list.display()
        );
        Ok(())
    }
}

fn print(selection: &Selection) {
    let rows = selection.trials.iter().map(|trial| {
        [
            trial.trial.to_string(),
            trial.method.clone(),
            trial.metric.clone().unwrap_or_default(),
            trial.value.map(crate::sample::shown).unwrap_or_default(),
            crate::sample::shown(trial.weight),
            trial.reason.clone(),
        ]
    });
    let left = [false, true, true, false, false, true];
    table::print_aligned(
        ["trial", "method", "metric", "value", "weight", "reason"],
        left,
        rows,
    );
    if selection.failed > 0 {
        say!("{} failed trials were left out", selection.failed);
    }
}

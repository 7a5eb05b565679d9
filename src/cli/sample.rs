//! `harness sample`.

use super::{Outcome, table};
use crate::sample::{Pick, Request, Selection, select};
use clap::Args;
use std::path::PathBuf;

/// Pick trials of a sweep that are worth a replay, say why, and write each as an experiment.
///
/// With `-n 12` alone, half of the trials are representative; of the other half, in turn: one extreme, one random, one
/// novel, one with refused instructions. `--pick` says instead what to pick, as METHOD, METHOD=COUNT or
/// METHOD(ARGUMENTS)=COUNT, and can be given more than once:
///
///   representative=6               the medoids of all metrics: together they cover the sweep
///   extreme=4                      the furthest values of all metrics, one metric after the other
///   extreme(fees_usd)=3            the largest, the smallest and the furthest tail of named metrics
///   largest(fees_usd)=2            the largest of named metrics; likewise smallest
///   quantile(fees_usd, 0.05, 0.5)  nearest to quantiles of named metrics; without numbers 0.05, 0.5 and 0.95
///   novel=2                        far from all other trials
///   refused=2                      most instructions refused, error code by error code
///   refused(PriceBandsBreached)    the same for named codes
///   random=2                       drawn by the sweep's seed
///   where(lp_profit_usd < 0)=2     the first trials for which a condition in SQL holds; names with dots in "double quotes"
///
/// Metrics can be patterns such as `lp_*`; representative and novel take them, too. No trial is picked twice: one that two
/// picks want goes to the first, and the second takes its next. Same sweep, same picks, same trials.
///
/// The weight is the number of trials that a trial stands for: the size of its cluster for representative ones, all trials
/// over those drawn for random ones, and 1 for all others.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Sample {
    /// The folder that `harness sweep` wrote, such as data/lp_bias.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    #[command(flatten)]
    wanted: Wanted,
    /// Where the experiments go, each as `<sweep>_<trial>`, with `selection.json` beside them.
    #[arg(long, value_name = "DIR", default_value = "experiments/init")]
    out: PathBuf,
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
    /// What to pick, in place of the mix.
    #[arg(long, value_name = "METHOD=COUNT", conflicts_with = "count")]
    pick: Vec<Pick>,
}

impl Wanted {
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
        selection.write(&self.folder, &self.out)?;
        print(&selection);
        let (count, list) = (selection.trials.len(), self.out.join("selection.json"));
        say!("\n{count} experiments and {} are written; next:", list.display());
        if let Some(first) = selection.trials.first() {
            say!("  harness backtest {}", self.out.join(&first.folder).display());
        }
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
    table::print_wide(
        ["trial", "method", "metric", "value", "weight", "reason"],
        left,
        rows,
    );
    if selection.failed > 0 {
        say!("{} failed trials were left out", selection.failed);
    }
}

//! Random trials besides the picked ones, replayed for what they say about the whole sweep.
//!
//! They leave nothing but their number, however many they are; the first ones that are worth a look are told apart, so
//! that they can be replayed again with all their tables.

use crate::backtest::{ReplayPair, stream};
use crate::cli::progress;
use crate::divergence::{CONFIDENCE, TrialReport, needed};
use crate::sample::{Drawn, Draws, SampleError, Selected, Selection};
use crate::scenario::Scenario;
use crate::sweep::run::Stop;
use crate::sweep::store::Folder;
use crate::sweep::{Overrides, Plan, Rerun};
use clap::Args;
use indicatif::ProgressBar;
use miette::IntoDiagnostic;
use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Trials worth a look that are told apart.
const LISTED: usize = 20;

/// Most trials drawn at once: for each draw the sweep's tables are gone through.
const BATCH: u64 = 1_024;

/// How the rate of divergence is bounded.
#[derive(Debug, Args)]
pub(super) struct Wanted {
    /// Replay random trials besides the picked ones until, if none of them differs, no more than this share of the
    /// sweep's trials does, such as 1%; of each that differs not, only the number is kept.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    bound: Option<f64>,
    /// The confidence of what is said about the sweep.
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "95%")]
    confidence: f64,
    /// Without --bound: how long to replay random trials besides the picked ones; 0 for not at all.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "10", conflicts_with = "bound")]
    random_seconds: Duration,
}

/// What came of random trials.
#[derive(Default)]
pub(super) struct Found {
    /// Those worth a look, the first in the order in which they were drawn.
    pub listed: Vec<Selected>,
    /// The others.
    pub drawn: Option<Drawn>,
    /// Whether somebody stopped it.
    pub interrupted: bool,
}

/// A share above 0 and below 1, as such or in percent.
fn share(text: &str) -> Result<f64, String> {
    let (number, scale) = match text.trim().strip_suffix('%') {
        Some(percent) => (percent.trim_end(), 100.0),
        None => (text.trim(), 1.0),
    };
    let share = number.parse::<f64>().ok().map(|number| number / scale);
    let fits = share.filter(|share| *share > 0.0 && *share < 1.0);
    fits.ok_or_else(|| "a share above 0 and below 1 is wanted, such as 1% or 0.01".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok();
    let fits = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    fits.ok_or_else(|| "a number of seconds is wanted, such as 10; 0 for none".to_owned())
}

impl Wanted {
    /// The rate that random trials are to bound, if one was asked for.
    pub(super) fn bound(&self) -> Option<f64> {
        self.bound
    }

    /// How many random trials there are to be, and until when.
    fn limits(&self, selection: &Selection) -> (u64, Option<Instant>) {
        let Some(bound) = self.bound else {
            return (u64::MAX, Instant::now().checked_add(self.random_seconds));
        };
        let picked = selection.trials.iter().filter(|trial| trial.method == "random");
        let missing = needed(bound, self.confidence).saturating_sub(picked.count() as u64);
        (missing, None)
    }

    /// Replays random trials of `sweep` besides those of `selection`.
    pub(super) fn replay(
        &self,
        pair: &ReplayPair,
        sweep: &Path,
        selection: &Selection,
        threads: Option<NonZeroUsize>,
    ) -> miette::Result<Found> {
        let none = Drawn {
            agreed: 0,
            differed: 0,
            stopped: 0,
            confidence: self.confidence,
        };
        if self.bound.is_none() && self.random_seconds.is_zero() {
            return Ok(Found {
                drawn: (self.confidence != CONFIDENCE).then_some(none),
                ..Found::default()
            });
        }
        let stop = Stop::on_interrupt().into_diagnostic()?;
        let plan = Plan::load::<Scenario>(&Folder::new(sweep).spec(), &Overrides::default())?;
        let draws = Draws::new(sweep, selection)?;
        let (missing, until) = self.limits(selection);
        let count = missing.min(draws.left());
        let bar = match until {
            None => progress::random_trials(count),
            Some(_) => progress::random_trials_for(self.random_seconds),
        };
        let scratch = tempfile::tempdir().into_diagnostic()?;
        let checks = Checks {
            // Their tables would be most of the time, and all of the disk.
            pair: ReplayPair {
                options: crate::backtest::Options {
                    results: None,
                    ..pair.options.clone()
                },
                ..pair.clone()
            },
            rerun: Rerun::new(&plan),
            scratch: scratch.path(),
            outcome: Mutex::new(Outcome {
                worth_a_look: BTreeMap::new(),
                drawn: none,
                failure: None,
            }),
            bar,
        };
        let mut queue = Queue {
            draws,
            left: count,
            batch: VecDeque::new(),
            next_batch: 64,
            number: 0,
        };
        let next = || {
            let is_over = stop.is_asked() || until.is_some_and(|until| Instant::now() >= until);
            if is_over || checks.outcome().failure.is_some() {
                return None;
            }
            queue.next().unwrap_or_else(|error| {
                checks.outcome().failure = Some(error);
                None
            })
        };
        stream(next, threads, |(number, trial)| checks.check(number, trial));
        checks.bar.finish_and_clear();
        let Checks { outcome, .. } = checks;
        let outcome = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
        match outcome.failure {
            Some(error) => Err(error.into()),
            None => Ok(Found {
                listed: outcome
                    .worth_a_look
                    .into_values()
                    .map(|(trial, _)| trial)
                    .collect(),
                drawn: Some(outcome.drawn),
                interrupted: stop.is_asked(),
            }),
        }
    }
}

/// Drawn trials that wait for their replay.
struct Queue {
    draws: Draws,
    /// How many are still to be drawn.
    left: u64,
    batch: VecDeque<Selected>,
    next_batch: u64,
    /// The next one's number.
    number: u64,
}

impl Queue {
    fn next(&mut self) -> Result<Option<(u64, Selected)>, SampleError> {
        if self.batch.is_empty() {
            let count = self.left.min(self.next_batch);
            self.batch = self.draws.draw(count)?.into();
            self.left -= count;
            self.next_batch = BATCH.min(self.next_batch * 2);
        }
        self.number += 1;
        Ok(self.batch.pop_front().map(|trial| (self.number, trial)))
    }
}

/// How a trial that is worth a look fared.
#[derive(Clone, Copy)]
enum Fared {
    Agreed,
    Differed,
    Stopped,
}

impl Fared {
    fn of(trial: &TrialReport) -> Self {
        match trial {
            _ if trial.stopped.is_some() => Self::Stopped,
            _ if trial.divergent => Self::Differed,
            _ => Self::Agreed,
        }
    }

    fn count(self, drawn: &mut Drawn) {
        match self {
            Self::Agreed => drawn.agreed += 1,
            Self::Differed => drawn.differed += 1,
            Self::Stopped => drawn.stopped += 1,
        }
    }
}

/// What was found so far.
struct Outcome {
    /// By the order in which they were drawn, whatever the threads.
    worth_a_look: BTreeMap<u64, (Selected, Fared)>,
    drawn: Drawn,
    failure: Option<SampleError>,
}

/// Replays under way.
struct Checks<'a> {
    pair: ReplayPair,
    rerun: Rerun<'a>,
    scratch: &'a Path,
    outcome: Mutex<Outcome>,
    bar: ProgressBar,
}

impl Checks<'_> {
    fn outcome(&self) -> MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check(&self, number: u64, trial: Selected) {
        let folder = self.scratch.join(&trial.folder);
        let report = trial.write(&self.rerun, &folder).map(|()| {
            let report = self.pair.replay(&folder);
            report.unwrap_or_else(|error| self.pair.stopped(&folder, &error))
        });
        // What stays goes with the folder around it.
        let _ = fs::remove_dir_all(&folder);
        self.bar.inc(1);
        let mut outcome = self.outcome();
        let report = match report {
            Ok(report) => report,
            Err(error) => {
                outcome.failure.get_or_insert(error);
                return;
            }
        };
        let is_fine = |trial: &TrialReport| {
            matches!(Fared::of(trial), Fared::Agreed)
                && trial.accounted != Some(false)
                && trial.skipped.is_empty()
        };
        let Some(told) = report.trials.iter().find(|trial| !is_fine(trial)) else {
            return Fared::Agreed.count(&mut outcome.drawn);
        };
        outcome.worth_a_look.insert(number, (trial, Fared::of(told)));
        if outcome.worth_a_look.len() > LISTED
            && let Some((_, (_, fared))) = outcome.worth_a_look.pop_last()
        {
            fared.count(&mut outcome.drawn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_as_such_and_in_percent() {
        assert_eq!(share("1%"), Ok(0.01));
        assert_eq!(share(" 0.05 "), Ok(0.05));
        assert_eq!(share("99.5 %"), Ok(0.995));
        for text in ["0", "1", "100%", "-1%", "%", "a", "nan", ""] {
            assert!(share(text).unwrap_err().contains("1% or 0.01"), "{text}");
        }
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        assert!(seconds("-1").is_err() && seconds("inf").is_err());
    }
}

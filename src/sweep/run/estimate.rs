//! What a sweep will take, from a few of its trials.

use std::fmt;
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use indicatif::{HumanBytes, HumanCount, HumanDuration};

use super::super::plan::Plan;
use super::super::store::{StoreError, encoded_length, part_trials};
use super::trial::{Chunk, ChunkRows};
use super::{Experiment, RunError, Settings, sweep};

/// Trials that are tried at most.
const MOST_TRIALS: u64 = 16;

/// What a sweep will take, more or less. Shown, it is what `--dry-run` prints.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// Points of the sweep.
    pub points: u64,
    /// Trials of the sweep.
    pub trials: u64,
    /// Threads it will use.
    pub threads: usize,
    /// Trials that were tried.
    pub tried: u64,
    /// Trials of these that failed.
    pub failed: u64,
    /// Mean time of a trial on one thread.
    pub trial_time: Duration,
    /// Time of the whole sweep.
    pub time: Duration,
    /// Length of all its tables; rather too much, since few rows compress less well than many.
    pub bytes: u64,
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (points, trials) = (HumanCount(self.points), HumanCount(self.trials));
        writeln!(f, "{points} points, {trials} trials on {} threads", self.threads)?;
        let milliseconds = self.trial_time.as_secs_f64() * 1e3;
        write!(f, "{} trials tried: {milliseconds:.3} ms each", self.tried)?;
        if self.failed > 0 {
            write!(f, ", {} of them failed", self.failed)?;
        }
        let (time, bytes) = (HumanDuration(self.time), HumanBytes(self.bytes));
        write!(f, "\nestimated: {time}, up to {bytes}")
    }
}

/// Tries trials spread over the sweep, one at least, until there are 16 or `patience` is over, and extrapolates.
/// Writes nothing.
///
/// # Errors
/// Columns that do not make a table.
pub fn estimate<E: Experiment>(
    plan: &Plan,
    experiment: &E,
    settings: &Settings,
    patience: Duration,
) -> Result<Estimate, RunError> {
    let bench = sweep::bench(plan, experiment, settings)?;
    let tables = &bench.tables;
    let with_series = settings.series.is_some();
    let trials = plan.trials();
    let wanted = trials.min(MOST_TRIALS);

    let mut first = None;
    let mut all = ChunkRows::new(tables, with_series);
    let (mut tried, mut failed) = (0, 0);
    let mut times = Vec::new();
    let started = Instant::now();
    for sample in 0..wanted {
        // Odd steps over an even number of points would meet few of them; this spreads over numbers.
        let number = u128::from(sample) * u128::from(trials) / u128::from(wanted);
        let begun = Instant::now();
        let Some((trial, result)) = bench.attempt(number as u64) else {
            break;
        };
        times.push(begun.elapsed());
        tried += 1;
        failed += u64::from(result.is_err());
        let params = bench.params(trial.point);
        if first.is_none() {
            let mut rows = ChunkRows::new(tables, with_series);
            rows.push(tables, trial, &params, result.clone());
            first = Some(rows);
        }
        all.push(tables, trial, &params, result);
        if started.elapsed() >= patience {
            break;
        }
    }
    // The first trial also warms everything up.
    let timed = if times.len() > 1 { &times[1..] } else { &times[..] };
    let trial_time = timed.iter().sum::<Duration>() / (timed.len().max(1) as u32);

    let threads = match settings.threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    let files = trials.div_ceil(part_trials(plan.all_trials()));
    let one = first.map(ChunkRows::finish).transpose().map_err(broken)?;
    let all = all.finish().map_err(broken)?;
    let table = |schema, of: fn(&Chunk) -> Option<&RecordBatch>| -> Result<f64, RunError> {
        let length = |batch: Option<&RecordBatch>| {
            encoded_length(schema, &batch.cloned().into_iter().collect::<Vec<_>>()).map_err(broken)
        };
        let one = length(one.as_ref().and_then(of))? as f64;
        let rest = tried.max(2) - 1;
        // With a single trial, as if every file's own share were nothing.
        let each = match tried {
            0 | 1 => one - length(None)? as f64,
            _ => (length(of(&all))? as f64 - one) / rest as f64,
        };
        Ok(files as f64 * one + (trials - files) as f64 * each.max(0.0))
    };
    let mut bytes = table(&tables.trials, |chunk| Some(&chunk.trials))?;
    if with_series {
        bytes += table(&tables.series, |chunk| chunk.series.as_ref())?;
    }
    let busy = (threads as u64).min(trials.max(1));
    let seconds = trial_time.as_secs_f64() * trials as f64 / busy as f64;
    Ok(Estimate {
        points: plan.points(),
        trials,
        threads,
        tried,
        failed,
        trial_time,
        time: Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX),
        bytes: bytes as u64,
    })
}

fn broken(error: impl fmt::Display) -> StoreError {
    StoreError::Table {
        action: "make rows of",
        path: "the trials tried".into(),
        text: error.to_string(),
    }
}

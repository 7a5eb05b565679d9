//! The run of a whole sweep.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::HumanCount;
use rayon::ThreadPoolBuilder;

use super::super::plan::Plan;
use super::super::progress::{Progress, Style};
use super::super::store::{CHUNK_TRIALS, Header, StoreError, Tables};
use super::drain::Drain;
use super::open::{Existing, Opened};
use super::queue::Queue;
use super::stop::{INTERRUPTED, Stop};
use super::trial::{Bench, Chunk, ChunkRows, Failed};
use super::{Experiment, RunError};

/// Chunks that may be under way or wait for their turn: 1,024 trials, so that writing a file or one slow trial holds
/// up nobody at once.
const WINDOW: u64 = 64;

/// How a sweep is to be run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where its files go.
    pub folder: PathBuf,
    /// What to do about a sweep that is there.
    pub existing: Existing,
    /// Number of threads; 0 for one on each processor.
    pub threads: usize,
    /// Also write series: seconds of simulated time between rows.
    pub series: Option<u32>,
    /// Stop at the first trial that fails.
    pub fail_fast: bool,
    /// How often the rows of a file that is not complete are made safe against a kill; zero for after every chunk.
    pub save_every: Duration,
    /// How to show the progress.
    pub progress: Style,
    /// The harness's version, which a resumed sweep must share.
    pub harness: String,
}

impl Settings {
    /// Into a folder that is empty or not there, on all processors, without series.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            existing: Existing::Refuse,
            threads: 0,
            series: None,
            fail_fast: false,
            save_every: Duration::from_secs(30),
            progress: Style::Auto,
            harness: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// What a run has done. Shown, it is the run's closing words.
#[derive(Clone, Debug)]
pub struct Report {
    /// Where the files are.
    pub folder: PathBuf,
    /// Trials of the sweep.
    pub trials: u64,
    /// Trials whose rows are safe, of this run and of those before it.
    pub done: u64,
    /// Trials of `done` that failed.
    pub failed: u64,
    /// Trials that this run has run.
    pub ran: u64,
    /// How long it took.
    pub elapsed: Duration,
    /// Most rows of trials that waited in memory for their turn to be written.
    pub most_rows_waiting: u64,
    /// How it ended.
    pub end: End,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// All trials are done, though some may have failed.
    Finished,
    /// It was asked to stop.
    Stopped,
    /// A trial failed, and that was to end it.
    Failed {
        /// The trial's number.
        trial: u64,
        /// Why it failed.
        text: String,
    },
}

impl Report {
    /// 0 when all trials are done and none failed, 1 when one failed, 130 when the run was stopped.
    pub fn exit_code(&self) -> u8 {
        match self.end {
            End::Stopped => INTERRUPTED,
            End::Failed { .. } => 1,
            End::Finished => u8::from(self.failed > 0),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let folder = self.folder.display();
        let count = HumanCount;
        match &self.end {
            End::Finished => write!(f, "finished: {} trials", count(self.trials))?,
            End::Stopped => write!(
                f,
                "stopped: {} of {} trials",
                count(self.done),
                count(self.trials)
            )?,
            End::Failed { trial, text } => {
                writeln!(f, "trial {trial} failed: {text}")?;
                write!(f, "ended: {} of {} trials", count(self.done), count(self.trials))?;
            }
        }
        let seconds = self.elapsed.as_secs_f64();
        let rate = self.ran as f64 / seconds.max(1e-9);
        let (failed, ran) = (count(self.failed), count(self.ran));
        write!(
            f,
            " in {folder}, {failed} failed; ran {ran} in {seconds:.1} s, {rate:.1} trials/s"
        )?;
        if self.end != End::Finished {
            write!(f, "\ngo on with the same command and `--resume`")?;
        } else if self.failed > 0 {
            write!(
                f,
                "\n{folder}/failures.parquet says why; `--resume` tries them again"
            )?;
        }
        Ok(())
    }
}

/// Runs a sweep, or what is left of it, until it is done, a trial fails with [`Settings::fail_fast`], or `stop` is
/// asked.
///
/// # Errors
/// A folder that is not for this run; threads that cannot be started; anything on disk that fails. What is complete
/// on disk stays.
pub fn run<E: Experiment>(
    plan: &Plan,
    experiment: &E,
    settings: &Settings,
    stop: &Stop,
) -> Result<Report, RunError> {
    let started = Instant::now();
    let bench = bench(plan, experiment, settings)?;
    let opened = Opened::new(plan, settings, &bench.metrics, &bench.states)?;
    let (manifest, parts) = (opened.manifest, opened.parts);
    let trials = manifest.trials;

    let (to_run, last) = parts.to_run(&manifest);
    let pool = ThreadPoolBuilder::new()
        .num_threads(settings.threads)
        .thread_name(|number| format!("trials-{number}"))
        .build()
        .map_err(|error| RunError::Threads {
            threads: settings.threads,
            reason: error.to_string(),
        })?;
    let window = WINDOW.max(8 * pool.current_num_threads() as u64);
    let work_list = parts.clone();
    let drain = Drain::new(
        opened.folder,
        bench.tables.clone(),
        manifest.clone(),
        parts,
        settings.save_every,
    )?;
    let work = work_list.chunks_to_run(&manifest);
    let shared = Shared {
        bench: &bench,
        trials,
        stop,
        fail_fast: settings.fail_fast,
        ran: AtomicU64::new(0),
        ended: AtomicBool::new(false),
        first_failure: Mutex::new(None),
        progress: Progress::begin(settings.progress, to_run),
    };
    let queue = Queue::new(work, window, drain);
    let outcomes = pool.broadcast(|_| shared.work(&queue));
    shared.progress.end();

    let most_rows_waiting = queue.most_waiting() as u64 * CHUNK_TRIALS;
    let drain = queue.into_taker();
    outcomes.into_iter().collect::<Result<(), RunError>>()?;
    let failure = shared.first_failure.into_inner();
    let failure = failure.unwrap_or_else(PoisonError::into_inner);
    let finished = drain.is_past(last);
    let manifest = if finished { drain.finish()? } else { drain.stop()? };
    drop(opened.lock);
    Ok(Report {
        folder: settings.folder.clone(),
        trials,
        done: manifest.parts.iter().map(|part| part.trials.rows).sum(),
        failed: manifest.failed,
        ran: shared.ran.into_inner(),
        elapsed: started.elapsed(),
        most_rows_waiting,
        end: match failure {
            Some(failed) if settings.fail_fast => End::Failed {
                trial: failed.trial.number,
                text: failed.failure.text,
            },
            _ if finished => End::Finished,
            _ => End::Stopped,
        },
    })
}

/// The experiment with everything its rows need.
pub(super) fn bench<'a, E: Experiment>(
    plan: &'a Plan,
    experiment: &'a E,
    settings: &Settings,
) -> Result<Bench<'a, E>, RunError> {
    if settings.series == Some(0) {
        return Err(RunError::NoInterval);
    }
    let (metrics, states) = (experiment.columns(), experiment.series_columns());
    let header = Header {
        sweep: plan.name.clone(),
        harness: settings.harness.clone(),
        spec: plan.fingerprint(),
        series_interval_s: settings.series,
    };
    Ok(Bench {
        plan,
        experiment,
        series: settings.series,
        tables: Tables::new(&header, &plan.columns, &metrics, &states)?,
        metrics,
        states,
    })
}

struct Shared<'a, E> {
    bench: &'a Bench<'a, E>,
    trials: u64,
    stop: &'a Stop,
    fail_fast: bool,
    ran: AtomicU64,
    ended: AtomicBool,
    first_failure: Mutex<Option<Failed>>,
    progress: Progress,
}

impl<E: Experiment> Shared<'_, E> {
    /// What every thread does.
    fn work<I: Iterator<Item = u64>>(&self, queue: &Queue<I, (u64, Chunk), Drain>) -> Result<(), RunError> {
        // A thread that ends early, even by panic, must not leave the others waiting for its chunk.
        let _closer = Closer(queue);
        while let Some((place, chunk)) = queue.next() {
            let Some(rows) = self.run_chunk(chunk)? else {
                return Ok(());
            };
            let size = rows.size();
            queue.bring(place, (chunk, rows), size, |drain, (chunk, rows)| {
                drain.take(chunk, &rows)
            })?;
        }
        Ok(())
    }

    /// The rows of a chunk; `None` when the run ends before they are all there.
    fn run_chunk(&self, chunk: u64) -> Result<Option<Chunk>, RunError> {
        let tables = &self.bench.tables;
        let mut rows = ChunkRows::new(tables, self.bench.series.is_some());
        for number in trials_of(chunk, self.trials) {
            if self.stop.is_asked() || self.ended.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let Some((trial, result)) = self.bench.attempt(number) else {
                break;
            };
            self.ran.fetch_add(1, Ordering::Relaxed);
            match &result {
                Ok(output) => self.progress.trial(output.events, false),
                Err(failed) => {
                    self.progress.trial(0, true);
                    self.note(failed);
                }
            }
            rows.push(tables, trial, &self.bench.params(trial.point), result);
        }
        let rows = rows.finish();
        Ok(Some(rows.map_err(|error| StoreError::Table {
            action: "make rows of",
            path: format!("chunk {chunk}").into(),
            text: error.to_string(),
        })?))
    }

    fn note(&self, failed: &Failed) {
        if !self.fail_fast {
            return;
        }
        let mut first = self.first_failure.lock().unwrap_or_else(PoisonError::into_inner);
        if first
            .as_ref()
            .is_none_or(|first| failed.trial.number < first.trial.number)
        {
            *first = Some(failed.clone());
        }
        self.ended.store(true, Ordering::Relaxed);
    }
}

struct Closer<'a, I: Iterator, T, D>(&'a Queue<I, T, D>);

impl<I: Iterator, T, D> Drop for Closer<'_, I, T, D> {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn trials_of(chunk: u64, trials: u64) -> std::ops::Range<u64> {
    let first = chunk * CHUNK_TRIALS;
    first..first.saturating_add(CHUNK_TRIALS).min(trials)
}

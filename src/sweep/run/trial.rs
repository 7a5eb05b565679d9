//! One trial, whatever it does, and a chunk of them as columns.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

use super::super::plan::{ParamValue, Plan};
use super::super::store::{FailureRows, Outcome, SeriesRows, Tables, TrialRows, misfit};
use super::{Column, Experiment, Failure, Output, TrialId};

/// What all trials of a run have in common.
pub struct Bench<'a, E> {
    /// Points and trials by number.
    pub plan: &'a Plan,
    /// What runs them.
    pub experiment: &'a E,
    /// The interval of the series, if there is one.
    pub series: Option<u32>,
    /// The metrics.
    pub metrics: Vec<Column>,
    /// The columns of the series.
    pub states: Vec<Column>,
    /// The tables that rows are made for.
    pub tables: Tables,
}

/// A trial that did not come to its end.
#[derive(Clone, Debug)]
pub struct Failed {
    /// Which.
    pub trial: TrialId,
    /// By error or by panic.
    pub outcome: Outcome,
    /// Why.
    pub failure: Failure,
}

/// The rows of consecutive trials.
pub struct Chunk {
    /// One row a trial.
    pub trials: RecordBatch,
    /// Their series, if asked for.
    pub series: Option<RecordBatch>,
    /// One row for each that failed, if any did.
    pub failures: Option<RecordBatch>,
}

impl Chunk {
    /// Bytes it holds.
    pub fn size(&self) -> usize {
        let batches = [Some(&self.trials), self.series.as_ref(), self.failures.as_ref()];
        batches
            .into_iter()
            .flatten()
            .map(RecordBatch::get_array_memory_size)
            .sum()
    }
}

impl<E: Experiment> Bench<'_, E> {
    /// Runs the trial of a number. `None` when the plan has no such trial.
    pub fn attempt(&self, number: u64) -> Option<(TrialId, Result<Output, Failed>)> {
        let planned = self.plan.trial(number)?;
        let trial = TrialId {
            number,
            point: planned.point,
            replicate: planned.replicate,
            seed: self.plan.seed,
        };
        let failed = |outcome, failure| Failed {
            trial,
            outcome,
            failure,
        };
        let result = match quietly(|| self.experiment.run(trial, self.series)) {
            Ok(Ok(output)) => match self.misfit(&output) {
                None => Ok(output),
                Some(text) => {
                    let kind = "table".to_owned();
                    Err(failed(Outcome::Failed, Failure { kind, text }))
                }
            },
            Ok(Err(failure)) => Err(failed(Outcome::Failed, failure)),
            Err(text) => {
                let kind = "panic".to_owned();
                Err(failed(Outcome::Panicked, Failure { kind, text }))
            }
        };
        Some((trial, result))
    }

    fn misfit(&self, output: &Output) -> Option<String> {
        misfit(&output.row, &self.metrics).or_else(|| {
            let mut rows = output.series.iter();
            rows.find_map(|row| misfit(row, &self.states).map(|text| format!("series: {text}")))
        })
    }

    /// The parameters of a point.
    pub fn params(&self, point: u64) -> Vec<ParamValue> {
        self.plan.params(point)
    }
}

/// Collects the rows of a chunk.
pub struct ChunkRows {
    trials: TrialRows,
    series: Option<SeriesRows>,
    failures: Option<FailureRows>,
}

impl ChunkRows {
    /// No trial yet.
    pub fn new(tables: &Tables, with_series: bool) -> Self {
        Self {
            trials: TrialRows::new(&tables.trials),
            series: with_series.then(|| SeriesRows::new(&tables.series)),
            failures: None,
        }
    }

    /// Adds a trial.
    pub fn push(
        &mut self,
        tables: &Tables,
        trial: TrialId,
        params: &[ParamValue],
        result: Result<Output, Failed>,
    ) {
        match result {
            Ok(output) => {
                self.trials.push(trial, params, Some(output.row), Outcome::Ok);
                if let Some(series) = &mut self.series {
                    series.push(trial, output.series);
                }
            }
            Err(Failed { outcome, failure, .. }) => {
                self.trials.push(trial, params, None, outcome);
                self.failures
                    .get_or_insert_with(|| FailureRows::new(&tables.failures))
                    .push(trial, params, outcome, &failure);
            }
        }
    }

    /// The chunk.
    ///
    /// # Errors
    /// None as long as rows fit their columns.
    pub fn finish(self) -> Result<Chunk, ArrowError> {
        Ok(Chunk {
            trials: self.trials.finish()?,
            series: self.series.map(SeriesRows::finish).transpose()?,
            failures: self.failures.map(FailureRows::finish).transpose()?,
        })
    }
}

thread_local! {
    /// While a trial runs: the text of its panic, once there is one.
    static CAUGHT: RefCell<Option<Option<String>>> = const { RefCell::new(None) };
}

/// Calls `run`; a panic in it becomes its text and place, and nothing is printed.
fn quietly<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let ours = CAUGHT.with_borrow_mut(|caught| match caught {
                Some(text) => {
                    let place = info.location().map(|place| format!(" ({place})"));
                    let message = info.payload_as_str().unwrap_or("no message");
                    *text = Some(format!("{message}{}", place.unwrap_or_default()));
                    true
                }
                None => false,
            });
            if !ours {
                usual(info);
            }
        }));
    });
    CAUGHT.set(Some(None));
    // What a panic leaves half changed is the trial's own: experiments are shared and not changed.
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    let text = CAUGHT.take().flatten();
    result.map_err(|_| text.unwrap_or_else(|| "no message".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_its_text_and_place() {
        assert_eq!(quietly(|| 1 + 1), Ok(2));
        let text = quietly(|| panic!("lost {} lots", 3)).unwrap_err();
        assert!(
            text.starts_with("lost 3 lots (") && text.contains("trial.rs"),
            "{text}"
        );
        let text = quietly(|| std::panic::panic_any(5u8)).unwrap_err();
        assert!(text.starts_with("no message ("), "{text}");
    }
}

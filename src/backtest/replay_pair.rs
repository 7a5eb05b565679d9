//! Two sides that are to do the same: the engine and a program, or two programs.

use super::source::Source;
use super::{
    BacktestError, BalanceSheet, Options, ProgramUnderTest, ReplayError, genesis, name_of, run, side_by_side,
};
use crate::divergence::{DivergenceReport, Side, TrialReport};
use drift::engine::Switches;
use std::collections::BTreeMap;
use std::path::Path;

/// A program, and what it is compared with.
#[derive(Clone, Debug)]
pub struct ReplayPair {
    /// The program and how it is replayed on; with another program it is the left side, with the engine the right one.
    pub options: Options,
    /// The other program; the engine where there is none.
    pub against: Option<ProgramUnderTest>,
}

impl ReplayPair {
    /// What is compared, left and right.
    pub fn sides(&self) -> [Side; 2] {
        let program = self.options.program_under_test.side();
        match &self.against {
            None => [Side::engine(Switches::default()), program],
            Some(against) => [program, against.side()],
        }
    }

    /// Replays the experiment in `folder` on both, and reports. Beside the engine the program's results are written as
    /// well, where the options name a place.
    ///
    /// # Errors
    /// [`BacktestError`].
    pub fn replay(&self, folder: &Path) -> Result<DivergenceReport, BacktestError> {
        match &self.against {
            None => Ok(run(folder, &self.options)?.report),
            Some(against) => self.side_by_side(folder, against),
        }
    }

    /// The report of an experiment that could not be replayed.
    pub fn stopped(&self, folder: &Path, why: &BacktestError) -> DivergenceReport {
        let [left, right] = self.sides();
        let label = self.options.label(&name_of(folder));
        let trial = TrialReport {
            command: Some(self.command(folder)),
            ..TrialReport::stopped(label.clone(), why.to_string())
        };
        DivergenceReport::new(label, left, right, None, vec![trial])
    }

    fn side_by_side(
        &self,
        folder: &Path,
        against: &ProgramUnderTest,
    ) -> Result<DivergenceReport, BacktestError> {
        let Options {
            program_under_test,
            flags,
            ..
        } = &self.options;
        let source = Source::read(folder, self.options.keep_going)?;
        let mut genesis = genesis(&source.experiment, flags).map_err(|source| BacktestError::SetUp {
            folder: folder.to_owned(),
            source,
        })?;
        genesis.exchange.drift_sim_compat = self.options.drift_sim_compat;
        let events = &source.experiment.log.events;
        let done = side_by_side(&genesis, events, self.options.unwind, program_under_test, against).map_err(
            |source| BacktestError::Open {
                folder: folder.to_owned(),
                source,
            },
        )?;
        let mut unable: BTreeMap<usize, Vec<_>> = BTreeMap::new();
        for (place, side, error) in done.skipped {
            unable.entry(place).or_default().push((side, error));
        }
        let (mut skipped, mut one_sided) = (source.skipped.clone(), Vec::new());
        for (place, sides) in unable {
            // Past the events of the file, those of the end are the left side's, and no fault of the experiment.
            let Some(event) = events.get(place) else {
                continue;
            };
            let told = source.place(place, event);
            match &sides[..] {
                // Nobody can: then it is the event's fault, and nothing that was compared.
                [(_, error), _] if !self.options.keep_going => {
                    return Err(BacktestError::Event {
                        place: told,
                        source: ReplayError::Event(error.clone()),
                    });
                }
                [(_, error), _] => skipped.push(format!("{told}: {error}")),
                sides => one_sided.extend(
                    sides
                        .iter()
                        .map(|(side, error)| format!("{told}: the {side} side cannot: {error}")),
                ),
            }
        }
        let label = self.options.label(&name_of(folder));
        let trial = TrialReport {
            timelines: done.timelines,
            balance_sheets: done.sheets.iter().flat_map(BalanceSheet::rows).collect(),
            accounted: Some(done.accounted),
            broken: done.broken,
            miscounted: done.miscounted,
            skipped,
            one_sided,
            command: Some(self.command(folder)),
            ..TrialReport::new(label.clone(), done.compared)
        };
        let [left, right] = self.sides();
        Ok(DivergenceReport::new(label, left, right, None, vec![trial]))
    }

    /// The command that compares the experiment in `folder` again.
    fn command(&self, folder: &Path) -> String {
        let Some(against) = &self.against else {
            return self.options.command(folder);
        };
        let ours = self.options.command(folder);
        format!(
            "{} {}",
            ours.replacen("harness backtest", "harness diverge", 1),
            against.arguments("--against", "--against-idl")
        )
    }
}

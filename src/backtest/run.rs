//! A whole experiment: folder in, results folder out.

use super::balance_sheet::{BalanceSheet, balance_sheets};
use super::invariant_watch::Found;
use super::residual::Tries;
use super::source::{EventPlace, Source};
use super::{
    FirstDifference, Options, Replay, ReplayError, ResultsError, ResultsWriter, RunInfo, SetUpError, Summary,
    genesis, name_of, switches,
};
use crate::bank::BankLedger;
use crate::divergence::{self, DivergenceReport, TrialReport};
use crate::ending::{self, Cast, Side};
use crate::event::Event;
use crate::experiment::LoadError;
use crate::trial::InterestDust;
use crate::world::{Genesis, World};
use drift::engine::{BeforeTrade, Switches};
use drift::error::ErrorCode;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Why an experiment was not replayed.
#[derive(Debug, thiserror::Error)]
pub enum BacktestError {
    /// The folder cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The folder and the flags do not make a start.
    #[error("{}: {source}", folder.display())]
    SetUp {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: SetUpError,
    },
    /// The exchange cannot be opened.
    #[error("{}: {source}", folder.display())]
    Open {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: ReplayError,
    },
    /// An event cannot be carried out.
    #[error("{place}: {source}")]
    Event {
        /// Which.
        place: EventPlace,
        /// Why.
        source: ReplayError,
    },
    /// The balances at the end do not fit the program's integers.
    #[error("{}: the balance sheet cannot be computed: {code}", folder.display())]
    BalanceSheet {
        /// The folder.
        folder: PathBuf,
        /// Why.
        code: ErrorCode,
    },
    /// The results cannot be written.
    #[error(transparent)]
    Results(#[from] ResultsError),
}

/// Replays the experiment in `folder`, and writes its results, where the options say so.
///
/// # Errors
/// [`BacktestError`]; earlier results stay as they are then.
pub fn run(folder: &Path, options: &Options) -> Result<Summary, BacktestError> {
    let source = Source::read(folder, options.keep_going)?;
    let experiment = &source.experiment;
    let set_up = |source| BacktestError::SetUp {
        folder: folder.to_owned(),
        source,
    };
    let mut genesis = genesis(experiment, &options.flags).map_err(set_up)?;
    genesis.exchange.drift_sim_compat = options.drift_sim_compat;
    let switches = switches(experiment).map_err(set_up)?;
    let replay = Replay::open(&genesis, &options.program_under_test, switches);
    let mut replay = replay.map_err(|source| BacktestError::Open {
        folder: folder.to_owned(),
        source,
    })?;
    if options.invariants {
        replay.watch_invariants();
    }
    let target = options.folder_of(&name_of(folder));
    let (perps, spots) = (replay.world().perp_count(), replay.world().spot_count());
    let program = &options.program_under_test.program;
    let mut writer = target
        .as_deref()
        .map(|target| ResultsWriter::create(target, program, perps, spots, options.csv))
        .transpose()?;
    if let Some(writer) = &mut writer {
        writer.opened(replay.opening_steps(), replay.opening())?;
    }
    let mut run = Run {
        folder,
        source: &source,
        genesis: &genesis,
        switches,
        replay,
        writer,
        tries: Tries::default(),
        dust: InterestDust::default(),
        next: 0,
        skipped: source.skipped.clone(),
        one_sided: Vec::new(),
        done: Done::default(),
    };
    let mut cast = Cast::default();
    let mut last = 0;
    for event in &experiment.log.events {
        if let Err(error) = run.carry_out(event) {
            if !options.keep_going || !matches!(error, BacktestError::Event { .. }) {
                return Err(error);
            }
            run.skipped.push(error.to_string());
            continue;
        }
        cast.note(&event.kind);
        last = last.max(event.timestamp);
    }
    let unwinding = match options.unwind {
        true => ending::end(&mut run, &mut cast, last, Run::carry_out)?,
        false => 0,
    };
    run.finish(&cast.users, unwinding, target, options)
}

/// A replay under way, with what it leaves.
struct Run<'a> {
    folder: &'a Path,
    source: &'a Source,
    genesis: &'a Genesis,
    switches: Switches,
    replay: Replay,
    writer: Option<ResultsWriter>,
    tries: Tries,
    /// What interest leaves in the vaults.
    dust: InterestDust,
    /// The next event's number.
    next: usize,
    skipped: Vec<String>,
    /// Events that only one side could carry out, and why the other could not.
    one_sided: Vec<String>,
    done: Done,
}

/// What was done so far.
#[derive(Default)]
struct Done {
    events: usize,
    instructions: usize,
    refused: BTreeMap<ErrorCode, usize>,
    compute_units: u64,
}

impl Run<'_> {
    fn carry_out(&mut self, event: &Event) -> Result<(), BacktestError> {
        let place = self.next;
        self.next += 1;
        self.dust.before(self.replay.world(), self.replay.bank());
        let happened = self.replay.step(event).map_err(|source| BacktestError::Event {
            place: self.source.place(place, event),
            source,
        })?;
        if let Some((side, error)) = &happened.unable {
            let place = self.source.place(place, event);
            self.one_sided
                .push(format!("{place}: the {side} cannot: {error}"));
        }
        self.tries.note(&event.kind, &happened);
        self.dust
            .after(&happened.executed, self.replay.world(), self.replay.bank())
            .map_err(|code| self.no_sheet(code))?;
        let done = &mut self.done;
        done.events += 1;
        for (executed, receipt) in happened.executed.iter().zip(&happened.receipts) {
            done.instructions += 1;
            done.compute_units += receipt.compute_units;
            if let Err(code) = executed.outcome {
                *done.refused.entry(code).or_default() += 1;
            }
        }
        if let Some(writer) = &mut self.writer {
            let clock = self.genesis.exchange.clock(event.timestamp);
            writer.happened(place, event, &happened, clock)?;
        }
        Ok(())
    }

    fn no_sheet(&self, code: ErrorCode) -> BacktestError {
        BacktestError::BalanceSheet {
            folder: self.folder.to_owned(),
            code,
        }
    }

    fn finish(
        mut self,
        users: &[u32],
        unwinding: usize,
        results: Option<PathBuf>,
        options: &Options,
    ) -> Result<Summary, BacktestError> {
        let (world, bank) = (self.replay.world(), self.replay.bank());
        let claims = self.tries.residuals(world, bank, users);
        let (sheets, books) =
            balance_sheets(world, bank, users, &self.dust).map_err(|code| self.no_sheet(code))?;
        let Found { broken, miscounted } = self.replay.take_broken();
        let closed = sheets.iter().all(BalanceSheet::closes) && broken.is_empty();
        let accounted = closed && books.holds(self.done.instructions as u64);
        let experiment = name_of(self.folder);
        let label = options.label(&experiment);
        let trial = TrialReport {
            timelines: self.replay.take_timelines(),
            balance_sheets: sheets.iter().flat_map(BalanceSheet::rows).collect(),
            accounted: Some(accounted),
            broken: broken.clone(),
            miscounted: miscounted.clone(),
            skipped: self.skipped.clone(),
            one_sided: self.one_sided,
            command: Some(options.command(self.folder)),
            ..TrialReport::new(label.clone(), self.replay.take_compared())
        };
        let (left, right) = (
            divergence::Side::engine(self.switches),
            options.program_under_test.side(),
        );
        let Done {
            events,
            instructions,
            refused,
            compute_units,
        } = self.done;
        let summary = Summary {
            events,
            skipped: self.skipped,
            instructions,
            refused,
            compute_units,
            unwinding,
            claims,
            sheets,
            books,
            broken,
            miscounted,
            accounted,
            departs: self.switches.before_trade != BeforeTrade::Deployed,
            divergence: FirstDifference::of(&trial),
            report: DivergenceReport::new(label, left, right, None, vec![trial]),
            experiment,
            results,
        };
        if let Some(writer) = self.writer {
            writer.report(&summary.report)?;
            writer.finish(&RunInfo::new(self.folder, options, &summary))?;
        }
        Ok(summary)
    }
}

impl Side for Run<'_> {
    type Ledger = BankLedger;

    fn side(&self) -> (&World, &BankLedger) {
        (self.replay.world(), self.replay.bank())
    }
}

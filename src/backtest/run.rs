//! A whole experiment: folder in, results folder out.

use super::balance_sheet::{BalanceSheet, balance_sheets};
use super::claim::{Claim, Tries};
use super::source::{EventPlace, Source};
use super::unwind::{Side, unwind};
use super::{
    Divergence, Flag, Replay, ReplayError, ResultsError, ResultsWriter, SetUpError, genesis, switches,
};
use crate::bank::{BankLedger, Deployed};
use crate::divergence::{Counts, Finding};
use crate::drift::engine::BeforeTrade;
use crate::drift::error::ErrorCode;
use crate::event::Event;
use crate::experiment::LoadError;
use crate::trial::{Conservation, InterestDust};
use crate::world::{Genesis, Habits, World};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What to replay experiments on, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The program.
    pub program: Deployed,
    /// Departures from how the folder starts.
    pub flags: Vec<Flag>,
    /// The folder under which every experiment gets its own.
    pub results: PathBuf,
    /// Whether a row that is no event, or an event that cannot be carried out, is skipped and counted, instead of ending the replay.
    pub keep_going: bool,
    /// Whether everybody gets out after the last event.
    pub unwind: bool,
    /// Where events are made into something else than they say.
    pub habits: Habits,
    /// Whether drift-sim's CSV files are written beside the Parquet files.
    pub csv: bool,
}

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

/// What a replay came to.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The experiment's name: its folder's.
    pub experiment: String,
    /// Events carried out.
    pub events: usize,
    /// Events skipped, each with its reason.
    pub skipped: Vec<String>,
    /// Instructions sent, without those that opened the exchange.
    pub instructions: usize,
    /// Instructions refused, by reason.
    pub refused: BTreeMap<ErrorCode, usize>,
    /// Compute units of all instructions.
    pub compute_units: u64,
    /// How many of the events are of the end, when everybody gets out.
    pub unwinding: usize,
    /// What users still have in the exchange, and why.
    pub claims: Vec<Claim>,
    /// Where the tokens are, by spot market.
    pub sheets: Vec<BalanceSheet>,
    /// Whether the program's totals agree with the balances they are totals of.
    pub books: Conservation,
    /// Whether every sheet closes and the program's books agree with themselves.
    pub accounted: bool,
    /// Whether the scenario has the engine depart from the deployed rules, which the program follows.
    pub departs: bool,
    /// Where program and engine first differed, if they did.
    pub divergence: Option<Divergence>,
    /// What was compared, the engine on the left.
    pub compared: Counts,
    /// Every difference between engine and program, with its cause.
    pub findings: Vec<Finding>,
    /// The results folder.
    pub results: PathBuf,
}

impl Summary {
    fn new(experiment: String, results: PathBuf) -> Self {
        Self {
            experiment,
            events: 0,
            skipped: Vec::new(),
            instructions: 0,
            refused: BTreeMap::new(),
            compute_units: 0,
            unwinding: 0,
            claims: Vec::new(),
            sheets: Vec::new(),
            books: Conservation::default(),
            accounted: false,
            departs: false,
            divergence: None,
            compared: Counts::default(),
            findings: Vec::new(),
            results,
        }
    }
}

/// Replays the experiment in `folder`, and writes its results.
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
    genesis.exchange.habits = options.habits;
    let switches = switches(experiment).map_err(set_up)?;
    let replay =
        Replay::open(&genesis, &options.program, switches).map_err(|source| BacktestError::Open {
            folder: folder.to_owned(),
            source,
        })?;
    let name = name_of(folder);
    let target = options.results.join(&name).join(trial_name(options));
    let (perps, spots) = (replay.world().perp_count(), replay.world().spot_count());
    let mut writer = ResultsWriter::create(&target, perps, spots, options.csv)?;
    writer.opened(replay.opening_steps(), replay.opening())?;
    let mut run = Run {
        folder,
        source: &source,
        genesis: &genesis,
        replay,
        writer,
        summary: Summary {
            departs: switches.before_trade != BeforeTrade::Deployed,
            skipped: source.skipped.clone(),
            ..Summary::new(name, target)
        },
        tries: Tries::default(),
        dust: InterestDust::default(),
        next: 0,
    };
    let mut users = BTreeSet::new();
    let mut last = 0;
    for event in &experiment.log.events {
        if let Err(error) = run.carry_out(event) {
            if !options.keep_going || !matches!(error, BacktestError::Event { .. }) {
                return Err(error);
            }
            run.summary.skipped.push(error.to_string());
            continue;
        }
        users.extend(event.kind.user());
        last = last.max(event.timestamp);
    }
    let users: Vec<u32> = users.into_iter().collect();
    if options.unwind {
        run.summary.unwinding = unwind(&mut run, &users, last, Run::carry_out)?;
    }
    run.finish(&users, options)
}

/// A replay under way, with what it leaves.
struct Run<'a> {
    folder: &'a Path,
    source: &'a Source,
    genesis: &'a Genesis,
    replay: Replay,
    writer: ResultsWriter,
    summary: Summary,
    tries: Tries,
    /// What interest leaves in the vaults.
    dust: InterestDust,
    /// The next event's number.
    next: usize,
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
        self.tries.note(&event.kind, &happened);
        self.dust
            .after(self.replay.world(), self.replay.bank())
            .map_err(|code| self.no_sheet(code))?;
        let summary = &mut self.summary;
        summary.events += 1;
        for (done, receipt) in happened.executed.iter().zip(&happened.receipts) {
            summary.instructions += 1;
            summary.compute_units += receipt.compute_units;
            if let Err(code) = done.outcome {
                *summary.refused.entry(code).or_default() += 1;
            }
        }
        let clock = self.genesis.exchange.clock(event.timestamp);
        self.writer.happened(place, event, &happened, clock)?;
        Ok(())
    }

    fn no_sheet(&self, code: ErrorCode) -> BacktestError {
        BacktestError::BalanceSheet {
            folder: self.folder.to_owned(),
            code,
        }
    }

    fn finish(mut self, users: &[u32], options: &Options) -> Result<Summary, BacktestError> {
        let (world, bank) = (self.replay.world(), self.replay.bank());
        self.summary.claims = self.tries.claims(world, bank, users);
        let (sheets, books) =
            balance_sheets(world, bank, users, &self.dust).map_err(|code| self.no_sheet(code))?;
        let closed = sheets.iter().all(BalanceSheet::closes);
        self.summary.accounted = closed && books.holds(self.summary.instructions as u64);
        self.summary.sheets = sheets;
        self.summary.books = books;
        self.summary.divergence = self.replay.divergence().cloned();
        (self.summary.compared, self.summary.findings) = self.replay.take_findings();
        self.writer
            .finish(&run_info(self.folder, options, &self.summary))?;
        Ok(self.summary)
    }
}

impl Side for Run<'_> {
    type Ledger = BankLedger;

    fn side(&self) -> (&World, &BankLedger) {
        (self.replay.world(), self.replay.bank())
    }
}

/// The name under which the results of the experiment in `folder` go: the folder's own.
pub fn name_of(folder: &Path) -> String {
    // A path such as `.` or `..` has no name of its own.
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    whole.file_name().map_or_else(
        || "experiment".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// `trial_`, the flags as drift-sim joins them, and the habits; `trial_default` without any.
fn trial_name(options: &Options) -> String {
    let mut words: Vec<_> = options.flags.iter().map(Flag::to_string).collect();
    let Habits {
        init_leverage,
        oracle_follows_trade,
    } = options.habits;
    words.extend(init_leverage.map(|leverage| format!("init_leverage_{leverage}")));
    words.extend(oracle_follows_trade.then(|| "oracle_follows_trade".to_owned()));
    if words.is_empty() {
        words.push("default".to_owned());
    }
    format!("trial_{}", words.join("_"))
}

fn run_info(folder: &Path, options: &Options, summary: &Summary) -> serde_json::Value {
    let refused: BTreeMap<_, _> = summary
        .refused
        .iter()
        .map(|(code, count)| (code.name(), count))
        .collect();
    json!({
        "experiment": summary.experiment,
        "folder": folder.display().to_string(),
        "flags": options.flags.iter().map(Flag::to_string).collect::<Vec<_>>(),
        "init_leverage": options.habits.init_leverage.map(|leverage| leverage.to_string()),
        "oracle_follows_trade": options.habits.oracle_follows_trade,
        "harness": env!("CARGO_PKG_VERSION"),
        "program": options.program.facts(),
        "runtime": {
            "name": "solana-runtime",
            "version": crate::bank::RUNTIME_VERSION,
            "features": "all",
        },
        "events": summary.events,
        "events_skipped": summary.skipped,
        "instructions": summary.instructions,
        "instructions_refused": refused,
        "compute_units": summary.compute_units,
        "unwinding_events": summary.unwinding,
        "claims_left": summary.claims,
        "balance_sheets": summary.sheets,
        "accounted": summary.accounted,
        "engine": {
            "departs_from_deployed_rules": summary.departs,
            "identical": summary.divergence.is_none(),
            "first_difference": summary.divergence.as_ref().map(|found| json!({
                "event": found.event,
                "differences": found.differences.iter().map(ToString::to_string).collect::<Vec<_>>(),
            })),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trials_are_named_by_their_flags() {
        let mut options = Options {
            program: Deployed::BuiltIn,
            flags: Vec::new(),
            results: PathBuf::new(),
            keep_going: false,
            unwind: true,
            habits: Habits::default(),
            csv: false,
        };
        assert_eq!(trial_name(&options), "trial_default");
        options.flags = vec![Flag::NoOracleGuards, Flag::Spread(1_000)];
        assert_eq!(trial_name(&options), "trial_no_oracle_guards_spread_1000");
        options.flags.clear();
        options.habits.init_leverage = "0.5".parse().ok();
        options.habits.oracle_follows_trade = true;
        assert_eq!(
            trial_name(&options),
            "trial_init_leverage_0.5_oracle_follows_trade"
        );
        assert_eq!(name_of(Path::new("experiments/init/simple")), "simple");
    }
}

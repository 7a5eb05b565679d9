//! `harness backtest`.

use super::progress;
use crate::backtest::{
    self, BacktestError, Flag, NoProgramUnderTest, Options, ProgramUnderTest, SameName, Summary, stuck,
};
use crate::experiment::LoadError;
use crate::trial::Conservation;
use crate::world::{DriftSimCompat, Leverage};
use clap::Args;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

/// How many skipped events are shown by themselves.
const SKIPPED_SHOWN: usize = 5;

/// Replay experiments on a Drift program in a Solana bank, and in the engine beside it.
///
/// Every event is carried out on both sides, as signed transactions in the bank, and every account is compared after it.
/// Nothing else is needed: no validator, no network, and where there is no ELF the built-in program runs. Results go to `RESULTS/<experiment>/trial_<flags>/`:
/// every instruction and every write of every account, as Parquet.
///
/// Exits 0 when program and engine are identical throughout and every token is accounted for, 1 when not, 2 when an experiment cannot be replayed
/// or an event was skipped.
#[derive(Debug, Args)]
pub struct Backtest {
    /// Experiment folders: `events.csv` and `markets_json.csv`, drift-sim's or those of `harness run`.
    #[arg(required = true, value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// The program's ELF, or `builtin` for the engine as a native program; where not given, the newest known release in
    /// the cache (`harness program list`), else the built-in program.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// The program's Anchor IDL, for one that has another interface than Drift 2.83.
    #[arg(long, value_name = "FILE")]
    idl: Option<PathBuf>,
    /// Departures from how the folder starts: no_oracle_guards, oracle_guards, spread_250 (any number), joined by commas.
    #[arg(short = 't', long, value_name = "FLAGS", value_delimiter = ',')]
    trial: Vec<Flag>,
    /// The folder under which results are written.
    #[arg(long, value_name = "DIR", default_value = "experiments/results")]
    results: PathBuf,
    /// Open positions with this much of the user's free collateral, and not with the event's quote amount. drift-sim's
    /// replay did so by default, with 0.0002.
    #[arg(long, value_name = "X")]
    init_leverage: Option<Leverage>,
    /// Have a market's oracle show the AMM's price after every accepted close, as drift-sim's replay did.
    #[arg(long)]
    oracle_follows_trade: bool,
    /// Skip and count lines that are no events and events that neither side can carry out, instead of giving up.
    #[arg(long)]
    keep_going: bool,
    /// End with the last event; otherwise the markets expire after it, positions settle at the expiry price, whoever has too
    /// little margin is liquidated, debts are repaid, and stakes and deposits withdrawn, until nobody is left.
    #[arg(long)]
    no_unwind: bool,
    /// Do not look after every event whether the markets' totals are the sums of what users hold, and the vaults hold what
    /// is claimed.
    #[arg(long)]
    no_invariants: bool,
    /// Also write drift-sim's CSV files, in its names and human units.
    #[arg(long)]
    csv: bool,
    /// Experiments replayed at a time; by default one a core.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// How many fields to show of the first difference.
    #[arg(long, default_value_t = 5, value_name = "N")]
    show: usize,
}

/// Why nothing is replayed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Program(#[from] NoProgramUnderTest),
    #[error(transparent)]
    SameName(#[from] SameName),
}

impl Backtest {
    pub fn run(self) -> ExitCode {
        match self.replay() {
            Ok(status) => ExitCode::from(status),
            Err(error) => {
                complain!("error: {error}");
                ExitCode::from(2)
            }
        }
    }

    fn replay(&self) -> Result<u8, Failure> {
        let options = self.options()?;
        backtest::distinct(&self.folders)?;
        say!("program: {}", options.program_under_test.program);
        let progress = progress::experiments(self.folders.len());
        // In parallel, but told in the order of the arguments.
        let done = backtest::each(&self.folders, self.threads, |folder| {
            let done = backtest::run(folder, &options);
            progress.inc(1);
            done
        });
        progress.finish_and_clear();
        let worst = done.iter().map(|result| tell(result, &options, self.show)).max();
        if done.len() > 1 {
            total(&done);
        }
        Ok(worst.unwrap_or_default())
    }

    fn options(&self) -> Result<Options, NoProgramUnderTest> {
        let program_under_test =
            ProgramUnderTest::choose(self.program.as_deref(), self.idl.as_deref(), "--idl")?;
        Ok(Options {
            flags: self.trial.clone(),
            keep_going: self.keep_going,
            unwind: !self.no_unwind,
            invariants: !self.no_invariants,
            drift_sim_compat: DriftSimCompat {
                init_leverage: self.init_leverage,
                oracle_follows_trade: self.oracle_follows_trade,
            },
            csv: self.csv,
            ..Options::new(program_under_test, self.results.clone())
        })
    }
}

/// Prints what became of all experiments together.
fn total(done: &[Result<Summary, BacktestError>]) {
    let count = |kept: &dyn Fn(&Summary) -> bool| done.iter().flatten().filter(|it| kept(it)).count();
    say!(
        "{} experiments: {} identical, {} different, {} accounted for to the last token, {} with events skipped, {} not replayed",
        done.len(),
        count(&|it| it.divergence.is_none()),
        count(&|it| it.divergence.is_some()),
        count(&|it| it.accounted),
        count(&|it| !it.skipped.is_empty()),
        done.iter().filter(|result| result.is_err()).count(),
    );
}

/// Prints what became of an experiment, and answers the exit status it deserves.
fn tell(result: &Result<Summary, BacktestError>, options: &Options, show: usize) -> u8 {
    let summary = match result {
        Ok(summary) => summary,
        Err(error) => {
            let skippable = match error {
                BacktestError::Event { .. } => true,
                BacktestError::Load(LoadError::Events(error)) => error.line > 1,
                _ => false,
            };
            let mend = if skippable && !options.keep_going {
                " (--keep-going skips what is no event or cannot be carried out)"
            } else {
                ""
            };
            complain!("error: {error}{mend}");
            return 2;
        }
    };
    let refused: usize = summary.refused.values().sum();
    say!(
        "{}: {} events, {} instructions, {refused} refused, {} compute units",
        summary.experiment,
        summary.events,
        summary.instructions,
        summary.compute_units
    );
    for (code, count) in &summary.refused {
        say!("  refused {count} with {code}");
    }
    for reason in summary.skipped.iter().take(SKIPPED_SHOWN) {
        say!("  skipped {reason}");
    }
    if summary.skipped.len() > SKIPPED_SHOWN {
        let more = summary.skipped.len() - SKIPPED_SHOWN;
        say!("  skipped {more} more, listed in run_info.json");
    }
    let one_sided = summary.report.trials.iter().flat_map(|trial| &trial.one_sided);
    for reason in one_sided.take(SKIPPED_SHOWN) {
        say!("  on one side only: {reason}");
    }
    if summary.departs {
        say!(
            "  warning: the scenario's strategy is a departure from the deployed program: the engine follows it, the program \
             does not, and differences are to be expected"
        );
    }
    let program = options.program_under_test.side().name;
    let engine = match &summary.divergence {
        None => {
            say!(
                "  engine and {program} are identical in every account after every event{}{}",
                if summary.report.layouts().is_empty() {
                    ""
                } else {
                    ", but for fields that their layouts do not share"
                },
                if options.program_under_test.program.is_built_in() && !summary.departs {
                    ", by construction: the program is the engine"
                } else {
                    ""
                }
            );
            0
        }
        Some(found) => {
            let when = found.event.map_or("opening the exchange".to_owned(), |event| {
                format!("event {event}")
            });
            say!("  engine and {program} differ first after {when}, the engine's value first:",);
            for difference in found.differences.iter().take(show) {
                say!("    {difference}");
            }
            1
        }
    };
    for sheet in &summary.sheets {
        say!(
            "  spot market {}: {} tokens made = {} in wallets + {} in the vault + {} insured; claims: users {} less {} owed, \
             revenue {}, profit and loss {}, fees {}, rounded off {}",
            sheet.market,
            sheet.funded,
            sheet.wallets,
            sheet.vault,
            sheet.insurance_vault,
            sheet.user_deposits,
            sheet.user_borrows,
            sheet.revenue_pool,
            sheet.pnl_pools,
            sheet.fee_pools,
            sheet.rounding()
        );
    }
    for group in stuck(&summary.claims) {
        let (users, plural) = (group.users, if group.users == 1 { " has" } else { "s have" });
        say!(
            "  {users} user{plural} {} {} {} left: {}",
            group.amount,
            group.what,
            group.market,
            group.why
        );
    }
    for broken in &summary.broken {
        say!("  {broken}");
    }
    for count in &summary.miscounted {
        say!("  {count} (a count beside the money)");
    }
    if !summary.accounted && summary.broken.is_empty() {
        let Conservation {
            unclaimed_balance,
            vault_excess,
            unclaimed_positions,
        } = summary.books;
        say!(
            "  it does not add up: balances {unclaimed_balance}, vaults {vault_excess} and positions \
             {unclaimed_positions} off the totals"
        );
    }
    if let Some(results) = &summary.results {
        say!("  results: {}", results.display());
    }
    match summary.skipped.is_empty() {
        false => 2,
        true if summary.accounted => engine,
        true => 1,
    }
}

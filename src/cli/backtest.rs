//! `harness backtest`.

use crate::backtest::{self, BacktestError, Flag, Left, Options, Summary};
use crate::bank::{Deployed, ProgramError};
use crate::trial::Conservation;
use clap::Args;
use rayon::prelude::*;
use std::path::PathBuf;
use std::process::ExitCode;

/// Replay experiments on a Drift program in a Solana bank, and in the engine beside it.
///
/// Every event is carried out on both sides, as signed transactions in the bank, and every account is compared after it.
/// Nothing else is needed: no validator, no network, and where there is no ELF the built-in program runs. Results go to `RESULTS/<experiment>/trial_<flags>/`:
/// every instruction and every write of every account as CSV.
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
    /// Departures from how the folder starts: no_oracle_guards, oracle_guards, spread_250 (any number), joined by commas.
    #[arg(long, value_name = "FLAGS", value_delimiter = ',')]
    trial: Vec<Flag>,
    /// The folder under which results are written.
    #[arg(long, value_name = "DIR", default_value = "experiments/results")]
    results: PathBuf,
    /// Skip and count events that cannot be carried out, instead of giving up.
    #[arg(long)]
    keep_going: bool,
    /// End with the last event; otherwise LP shares are removed, positions closed, profit and loss settled and deposits
    /// withdrawn after it.
    #[arg(long)]
    no_unwind: bool,
    /// How many fields to show of the first difference.
    #[arg(long, default_value_t = 5, value_name = "N")]
    show: usize,
}

impl Backtest {
    pub fn run(self) -> ExitCode {
        let options = match self.options() {
            Ok(options) => options,
            Err(error) => {
                eprintln!("error: {error}");
                return ExitCode::from(2);
            }
        };
        println!("program: {}", options.program);
        // In parallel, but told in the order of the arguments.
        let done: Vec<_> = self
            .folders
            .par_iter()
            .map(|folder| backtest::run(folder, &options))
            .collect();
        let worst = done.iter().map(|result| tell(result, &options, self.show)).max();
        ExitCode::from(worst.unwrap_or_default())
    }

    fn options(&self) -> Result<Options, ProgramError> {
        Ok(Options {
            program: Deployed::choose(self.program.as_deref())?,
            flags: self.trial.clone(),
            results: self.results.clone(),
            keep_going: self.keep_going,
            unwind: !self.no_unwind,
        })
    }
}

/// Prints what became of an experiment, and answers the exit status it deserves.
fn tell(result: &Result<Summary, BacktestError>, options: &Options, show: usize) -> u8 {
    let summary = match result {
        Ok(summary) => summary,
        Err(error) => {
            eprintln!("error: {error}");
            return 2;
        }
    };
    let refused: usize = summary.refused.values().sum();
    println!(
        "{}: {} events, {} instructions, {refused} refused, {} compute units",
        summary.experiment, summary.events, summary.instructions, summary.compute_units
    );
    for (code, count) in &summary.refused {
        println!("  refused {count} with {code}");
    }
    for reason in &summary.skipped {
        println!("  skipped {reason}");
    }
    if summary.departs {
        println!(
            "  warning: the scenario's strategy is a departure from the deployed program: the engine follows it, the program \
             does not, and differences are to be expected"
        );
    }
    let engine = match &summary.divergence {
        None => {
            println!(
                "  engine and {} are identical in every account after every event{}",
                options.program,
                if options.program.is_built_in() && !summary.departs {
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
            println!(
                "  engine and {} differ first after {when}; expected is the program's:",
                options.program
            );
            for difference in found.differences.iter().take(show) {
                println!("    {difference}");
            }
            1
        }
    };
    for sheet in &summary.sheets {
        println!(
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
    if summary.left != Left::default() {
        let Left {
            lp_shares,
            base,
            quote,
            balances,
        } = summary.left;
        println!(
            "  users still have {lp_shares} LP shares, {base} base, {quote} unsettled quote, {balances} in balances"
        );
    }
    if !summary.accounted {
        let Conservation {
            unclaimed_balance,
            vault_excess,
            unclaimed_positions,
        } = summary.books;
        println!(
            "  it does not add up: balances {unclaimed_balance}, vaults {vault_excess} and positions \
             {unclaimed_positions} off the totals"
        );
    }
    println!("  results: {}", summary.results.display());
    match summary.skipped.is_empty() {
        false => 2,
        true if summary.accounted => engine,
        true => 1,
    }
}

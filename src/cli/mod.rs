//! The command line: one file a command; parse, call, print.

/// Prints a line. A reader who has seen enough, such as `head`, is no error.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}

/// Prints a line of complaint.
macro_rules! complain {
    ($($text:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(std::io::stderr(), $($text)*);
    }};
}

#[cfg(feature = "bank")]
mod backtest;
#[cfg(feature = "bank")]
mod diverge;
#[cfg(feature = "bank")]
mod fetch;
#[cfg(feature = "bank")]
mod hunt;
#[cfg(not(all(feature = "bank", feature = "tables")))]
mod missing;
#[cfg(feature = "bank")]
mod picks;
#[cfg(feature = "bank")]
mod program;
#[cfg(feature = "bank")]
mod progress;
#[cfg(feature = "bank")]
mod record;
#[cfg(feature = "bank")]
mod report;
mod run;
#[cfg(feature = "tables")]
mod sample;
mod schema;
#[cfg(feature = "tables")]
mod summary;
#[cfg(feature = "tables")]
mod sweep;
mod table;
mod verify;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// What a command comes to; an error is shown with its place and mend, and ends the process with status 2.
type Outcome = miette::Result<()>;

/// The same for a command with exit statuses of its own.
#[cfg(feature = "tables")]
type Finish = miette::Result<u8>;

/// A Monte Carlo laboratory for Drift v2's dynamic AMM.
#[derive(Debug, Parser)]
#[command(name = "harness", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[cfg(feature = "bank")]
    Backtest(backtest::Backtest),
    /// Replay experiments on a Drift program in a Solana bank, and in the engine beside it (not in this build: needs the feature `bank`)
    #[cfg(not(feature = "bank"))]
    Backtest(missing::Missing),
    #[cfg(feature = "bank")]
    Diverge(diverge::Diverge),
    /// Pick trials of a sweep, replay them on a program, and report where simulator and program differ (not in this build: needs the feature `bank`)
    #[cfg(not(feature = "bank"))]
    Diverge(missing::Missing),
    #[cfg(feature = "bank")]
    Hunt(hunt::Hunt),
    /// Play random sessions on a Drift program and on the engine, or on two programs, until they differ (not in this build: needs the feature `bank`)
    #[cfg(not(feature = "bank"))]
    Hunt(missing::Missing),
    #[cfg(feature = "bank")]
    Program(program::ProgramCommand),
    /// Fetch, list and inspect Drift programs (not in this build: needs the feature `bank`)
    #[cfg(not(feature = "bank"))]
    Program(missing::Missing),
    #[cfg(feature = "bank")]
    Record(record::Record),
    /// Record the instructions of an experiment on a Drift program, for `verify` (not in this build: needs the feature `bank`)
    #[cfg(not(feature = "bank"))]
    Record(missing::Missing),
    #[cfg(feature = "bank")]
    Report(report::Report),
    /// Put what several replays found into one report (not in this build: needs the feature `bank`)
    #[cfg(not(feature = "bank"))]
    Report(missing::Missing),
    Run(run::Run),
    #[cfg(feature = "tables")]
    Sample(sample::Sample),
    /// Pick telling trials of a sweep (not in this build: needs the feature `tables`)
    #[cfg(not(feature = "tables"))]
    Sample(missing::Missing),
    Schema(schema::Schema),
    #[cfg(feature = "tables")]
    Summary(summary::Summary),
    /// Summarise a sweep point by point (not in this build: needs the feature `tables`)
    #[cfg(not(feature = "tables"))]
    Summary(missing::Missing),
    #[cfg(feature = "tables")]
    Sweep(sweep::Sweep),
    /// Run every trial of a sweep into Parquet (not in this build: needs the feature `tables`)
    #[cfg(not(feature = "tables"))]
    Sweep(missing::Missing),
    Verify(verify::Verify),
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let code = run_command(Cli::parse().command);
    #[cfg(feature = "bank")]
    crate::bank::remove_temporary_folders();
    code
}

fn run_command(command: Command) -> ExitCode {
    match command {
        #[cfg(feature = "bank")]
        Command::Backtest(command) => command.run(),
        #[cfg(not(feature = "bank"))]
        Command::Backtest(command) => command.refuse("backtest", "bank"),
        #[cfg(feature = "bank")]
        Command::Program(command) => finish(command.run()),
        #[cfg(not(feature = "bank"))]
        Command::Program(command) => command.refuse("program", "bank"),
        #[cfg(feature = "bank")]
        Command::Diverge(command) => finish_with(command.run()),
        #[cfg(not(feature = "bank"))]
        Command::Diverge(command) => command.refuse("diverge", "bank"),
        #[cfg(feature = "bank")]
        Command::Hunt(command) => finish_with(command.run()),
        #[cfg(not(feature = "bank"))]
        Command::Hunt(command) => command.refuse("hunt", "bank"),
        #[cfg(feature = "bank")]
        Command::Record(command) => command.run(),
        #[cfg(not(feature = "bank"))]
        Command::Record(command) => command.refuse("record", "bank"),
        #[cfg(feature = "bank")]
        Command::Report(command) => finish_with(command.run()),
        #[cfg(not(feature = "bank"))]
        Command::Report(command) => command.refuse("report", "bank"),
        Command::Run(command) => finish(command.run()),
        #[cfg(feature = "tables")]
        Command::Sample(command) => finish(command.run()),
        #[cfg(not(feature = "tables"))]
        Command::Sample(command) => command.refuse("sample", "tables"),
        Command::Schema(command) => finish(command.run()),
        #[cfg(feature = "tables")]
        Command::Summary(command) => finish(command.run()),
        #[cfg(not(feature = "tables"))]
        Command::Summary(command) => command.refuse("summary", "tables"),
        #[cfg(feature = "tables")]
        Command::Sweep(command) => finish_with(command.run()),
        #[cfg(not(feature = "tables"))]
        Command::Sweep(command) => command.refuse("sweep", "tables"),
        Command::Verify(command) => command.run(),
    }
}

fn finish(outcome: Outcome) -> ExitCode {
    outcome.map_or_else(complain, |()| ExitCode::SUCCESS)
}

#[cfg(feature = "tables")]
fn finish_with(outcome: Finish) -> ExitCode {
    outcome.map_or_else(complain, ExitCode::from)
}

fn complain(report: miette::Report) -> ExitCode {
    complain!("{report:?}");
    ExitCode::from(2)
}

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
    #[cfg(feature = "bank")]
    Diverge(diverge::Diverge),
    #[cfg(feature = "bank")]
    Program(program::ProgramCommand),
    #[cfg(feature = "bank")]
    Record(record::Record),
    #[cfg(feature = "bank")]
    Report(report::Report),
    Run(run::Run),
    #[cfg(feature = "tables")]
    Sample(sample::Sample),
    Schema(schema::Schema),
    #[cfg(feature = "tables")]
    Summary(summary::Summary),
    #[cfg(feature = "tables")]
    Sweep(sweep::Sweep),
    Verify(verify::Verify),
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    match Cli::parse().command {
        #[cfg(feature = "bank")]
        Command::Backtest(command) => command.run(),
        #[cfg(feature = "bank")]
        Command::Program(command) => finish(command.run()),
        #[cfg(feature = "bank")]
        Command::Diverge(command) => finish_with(command.run()),
        #[cfg(feature = "bank")]
        Command::Record(command) => command.run(),
        #[cfg(feature = "bank")]
        Command::Report(command) => finish_with(command.run()),
        Command::Run(command) => finish(command.run()),
        #[cfg(feature = "tables")]
        Command::Sample(command) => finish(command.run()),
        Command::Schema(command) => finish(command.run()),
        #[cfg(feature = "tables")]
        Command::Summary(command) => finish(command.run()),
        #[cfg(feature = "tables")]
        Command::Sweep(command) => finish_with(command.run()),
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

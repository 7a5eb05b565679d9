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
#[cfg(feature = "tables")]
mod calibrate;
#[cfg(feature = "tables")]
mod compare_history;
#[cfg(feature = "tables")]
mod data;
#[cfg(feature = "bank")]
mod diverge;
#[cfg(feature = "bank")]
mod fetch;
mod format;
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
#[cfg(feature = "tables")]
mod recorded;
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

/// The commands and their modules. One that needs a feature is known to builds without it by a line, and refused with the way to get it.
macro_rules! commands {
    ($($kind:ident in $module:ident $(, with $feature:literal: $about:literal)?;)*) => {
        #[derive(Debug, Subcommand)]
        enum Command { $(
            $(#[cfg(feature = $feature)])?
            $kind($module::$kind),
            $(
                #[cfg(not(feature = $feature))]
                #[command(about = concat!($about, " (not in this build: needs the feature `", $feature, "`)"))]
                $kind(missing::Missing),
            )?
        )* }

        impl Command {
            fn run(self) -> ExitCode {
                match self { $(
                    $(#[cfg(feature = $feature)])?
                    Command::$kind(command) => command.run().status(),
                    $(
                        #[cfg(not(feature = $feature))]
                        Command::$kind(command) => command.refuse(stringify!($module), $feature),
                    )?
                )* }
            }
        }
    };
}

commands! {
    Backtest in backtest, with "bank": "Replay experiments on a Drift program in a Solana bank, and in the engine beside it";
    Calibrate in calibrate, with "tables": "Fit price models to recorded prices";
    CompareHistory in compare_history, with "tables": "Drive a recorded market through the engine, and show where its fields part from what was recorded";
    Data in data, with "tables": "Say what a file of recorded prices is";
    Diverge in diverge, with "bank": "Pick trials of a sweep, replay them on a program, and report where simulator and program differ";
    Hunt in hunt, with "bank": "Play random sessions on a Drift program and on the engine, or on two programs, until they differ";
    Program in program, with "bank": "Fetch, list and inspect Drift programs";
    Record in record, with "bank": "Record the instructions of an experiment on a Drift program, for `verify`";
    Report in report, with "bank": "Put what several replays found into one report";
    Run in run;
    Sample in sample, with "tables": "Pick telling trials of a sweep";
    Schema in schema;
    Summary in summary, with "tables": "Summarise a sweep point by point";
    Sweep in sweep, with "tables": "Run every trial of a sweep into Parquet";
    Verify in verify;
}

/// How a command's end becomes an exit status.
trait End {
    fn status(self) -> ExitCode;
}

impl End for ExitCode {
    fn status(self) -> ExitCode {
        self
    }
}

impl End for Outcome {
    fn status(self) -> ExitCode {
        self.map_or_else(complain, |()| ExitCode::SUCCESS)
    }
}

#[cfg(feature = "tables")]
impl End for Finish {
    fn status(self) -> ExitCode {
        self.map_or_else(complain, ExitCode::from)
    }
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let code = Cli::parse().command.run();
    #[cfg(feature = "bank")]
    crate::bank::remove_temporary_folders();
    code
}

fn complain(report: miette::Report) -> ExitCode {
    complain!("{report:?}");
    ExitCode::from(2)
}

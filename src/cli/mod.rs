//! The command line: one file a command; parse, call, print.

mod verify;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// A Monte Carlo laboratory for Drift v2's dynamic AMM.
#[derive(Debug, Parser)]
#[command(name = "harness", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Verify(verify::Verify),
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    match Cli::parse().command {
        Command::Verify(command) => command.run(),
    }
}

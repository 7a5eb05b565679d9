//! `harness record`.

use crate::backtest::{Flag, RecordError, RecordOptions, Recording, record};
use crate::bank::{Deployed, ProgramError};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Record experiments on a Drift program, one fixture an instruction, for `harness verify`.
///
/// The experiments are replayed on the program alone, in a Solana bank in this process, as `harness backtest` replays
/// them. Every instruction becomes a line of JSON, those that open the exchange and those that are refused included:
/// arguments, clock, every account before and after, outcome, error code, last log lines, compute units. Several
/// experiments follow one another, each in an exchange of its own. Same experiments, same program, same bytes.
///
/// Exits 0 when everything is recorded, 2 when an experiment cannot be replayed, and then writes nothing, or when an
/// event was skipped.
#[derive(Debug, Args)]
pub struct Record {
    /// Experiment folders: `events.csv` and `markets_json.csv`, drift-sim's or those of `harness run`.
    #[arg(required = true, value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// The file to write: JSON lines, gzipped where the name ends in .gz.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The program's ELF; where not given, the newest known release in the cache (`harness program list`).
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Departures from how the folders start: no_oracle_guards, oracle_guards, spread_250 (any number), joined by commas.
    #[arg(short = 't', long, value_name = "FLAGS", value_delimiter = ',')]
    trial: Vec<Flag>,
    /// Skip and count events that cannot be carried out, instead of giving up.
    #[arg(long)]
    keep_going: bool,
    /// End with the last event; otherwise the markets expire and everybody gets out after it.
    #[arg(long)]
    no_unwind: bool,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The engine would only attest itself.
    #[error(
        "only a real program can be recorded, not the built-in one: name an ELF with --program FILE, or get one with \
         `harness program fetch`"
    )]
    BuiltIn,
    #[error(transparent)]
    Program(#[from] ProgramError),
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl Record {
    pub fn run(self) -> ExitCode {
        let recordings = match self.record() {
            Ok(recordings) => recordings,
            Err(error) => {
                complain!("error: {error}");
                return ExitCode::from(2);
            }
        };
        for recording in &recordings {
            say!(
                "{}: {} instructions, {} refused",
                recording.folder.display(),
                recording.instructions,
                recording.refused
            );
            for reason in &recording.skipped {
                say!("  skipped {reason}");
            }
        }
        say!("fixtures: {}", self.out.display());
        match recordings.iter().all(|recording| recording.skipped.is_empty()) {
            true => ExitCode::SUCCESS,
            false => ExitCode::from(2),
        }
    }

    fn record(&self) -> Result<Vec<Recording>, Failure> {
        let Deployed::Elf(program) = Deployed::choose(self.program.as_deref())? else {
            return Err(Failure::BuiltIn);
        };
        say!("program: {program}");
        let options = RecordOptions {
            program,
            flags: self.trial.clone(),
            keep_going: self.keep_going,
            unwind: !self.no_unwind,
        };
        Ok(record(&self.folders, &options, &self.out)?)
    }
}

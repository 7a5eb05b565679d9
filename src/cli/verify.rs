//! `harness verify`.

use super::format::Format;
use crate::verify::{Fixtures, Report, Verdict, check};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Run recorded instructions through the engine and compare every account and error code.
///
/// Exits 0 when nothing differs, 1 when something does, 2 when a file cannot be read.
#[derive(Debug, Args)]
pub struct Verify {
    /// Recordings of the real program: one instruction a line in JSON, plain or gzipped.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How many differing lines to show in full.
    #[arg(long, default_value_t = 5, value_name = "N")]
    show: usize,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Verify {
    pub fn run(self) -> ExitCode {
        let mut report = Report::default();
        let mut shown = 0;
        for path in &self.files {
            let lines = match Fixtures::open(path) {
                Ok(lines) => lines,
                Err(error) => return unreadable(error),
            };
            for line in lines {
                let (number, fixture) = match line {
                    Ok(line) => line,
                    Err(error) => return unreadable(error),
                };
                let verdict = check(&fixture);
                report.count(&fixture.instruction, &verdict);
                if let Verdict::Differing(differences) = &verdict
                    && self.format == Format::Text
                    && shown < self.show
                {
                    shown += 1;
                    say!("{}, line {number}: {}", path.display(), fixture.instruction);
                    differences.iter().for_each(|difference| say!("  {difference}"));
                }
            }
        }
        match self.format {
            Format::Text => say!("{report}"),
            Format::Json => match serde_json::to_string(&report) {
                Ok(json) => say!("{json}"),
                Err(error) => return unreadable(error),
            },
        }
        if report.all.differing == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(1)
        }
    }
}

fn unreadable(error: impl std::fmt::Display) -> ExitCode {
    complain!("error: {error}");
    ExitCode::from(2)
}

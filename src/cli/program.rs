//! `harness program`.

use super::Outcome;
use super::fetch::Fetch;
use crate::bank::{self, BankLedger, Deployed, ElfFacts, cache_folder, cached_programs, inspect};
use clap::{Args, Subcommand};
use drift::instruction::Instruction;
use miette::{IntoDiagnostic, miette};
use std::path::PathBuf;

/// Drift programs to replay on: ELF files.
#[derive(Debug, Args)]
pub struct Program {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The built-in program, and what is in the cache folder.
    List,
    /// What an ELF is: size, sha256, SBPF version, release, and which of the instructions we use it has.
    Inspect {
        /// The ELF.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    Fetch(Fetch),
}

impl Program {
    pub fn run(self) -> Outcome {
        match self.what {
            What::List => list(),
            What::Inspect { file } => look(bank::Program::read(&file).into_diagnostic()?),
            What::Fetch(fetch) => fetch.run(),
        }
    }
}

fn list() -> Outcome {
    say!("{}", Deployed::BuiltIn);
    say!("{}", cache_folder().display());
    for path in cached_programs() {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        match bank::Program::read(&path) {
            Ok(program) => {
                let facts = facts(&program)?;
                let size = program.elf.len();
                let file = match program.file_sha256 == program.sha256 {
                    true => String::new(),
                    false => format!(", of the whole file {}", program.file_sha256),
                };
                say!(
                    "  {name}  {size} bytes  SBPF v{}  {program}{file}",
                    facts.sbpf_version
                );
            }
            Err(error) => say!("  {name}  {error}"),
        }
    }
    Ok(())
}

fn look(program: bank::Program) -> Outcome {
    let facts = facts(&program)?;
    say!("file          {}", program.path.display());
    say!("size          {} bytes", program.elf.len());
    say!("sha256        {}", program.sha256);
    if program.file_sha256 != program.sha256 {
        say!("              of the ELF; that of the file, which has more, is");
        say!("              {}", program.file_sha256);
    }
    say!("verifiable    {}", program.stripped_sha256);
    say!("              is the sha256 without the zeros at the end, by which verifiable builds are compared");
    say!("sbpf          version {}", facts.sbpf_version);
    say!(
        "release       {}",
        program.release().map_or("not known", |release| release.version)
    );
    // The program itself is asked: it runs in a bank, and refuses what it does not know.
    let mut bank = BankLedger::new(&Deployed::from(program));
    let (has, lacks): (Vec<_>, Vec<_>) = Instruction::NAMES
        .iter()
        .copied()
        .partition(|name: &&str| bank.answers(name));
    say!(
        "instructions  {} of the {} we use",
        has.len(),
        Instruction::NAMES.len()
    );
    has.iter().for_each(|name| say!("  has {name}"));
    lacks.iter().for_each(|name| say!("  lacks {name}"));
    Ok(())
}

fn facts(program: &bank::Program) -> miette::Result<ElfFacts> {
    inspect(&program.elf).map_err(|reason| miette!("{}: {reason}", program.path.display()))
}

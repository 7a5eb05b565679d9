//! `harness hunt`.

use super::Finish;
use super::format::Format;
use crate::backtest::{NoProgramUnderTest, ProgramUnderTest};
use crate::bank::RELEASES;
use crate::hunt::{Found, Played, Runs, Search, Searched, Session, play, search, write_summary};
use crate::sweep::run::Stop;
use clap::Args;
use drift::engine::Switches;
use indicatif::{ProgressBar, ProgressStyle};
use miette::{IntoDiagnostic, WrapErr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Play random sessions on a Drift program and on the engine, or on two programs, until they differ.
///
/// A session opens an exchange with markets, parameters and users of its own and sends instructions, sensible ones, borderline ones and
/// wrong ones, while prices crash and time passes. After each instruction the outcome and every account it could write are
/// compared, and the totals of the markets are checked against what users hold. Sessions are steered towards what was not reached yet. The
/// first difference ends the search: the session is made as short as possible and written, with the instruction as a fixture
/// for `harness verify` and a report. Without --sessions the end depends on the machine's speed; with it, same seed,
/// same sessions.
///
/// Exits 0 when nothing was found, 1 when something was, 2 when the search cannot run.
#[derive(Debug, Args)]
pub struct Hunt {
    /// The program's ELF; where not given, the newest known release in the cache (`harness program list`).
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Another program to compare with, instead of the engine; `builtin` is the engine as a native program.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Where the sessions come from.
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
    /// For how many minutes to search; 1 where neither this nor --sessions is given.
    #[arg(long, value_name = "M", value_parser = minutes)]
    minutes: Option<Duration>,
    /// At most so many sessions.
    #[arg(long, value_name = "N")]
    sessions: Option<u64>,
    /// Go on after a difference, and report each kind once.
    #[arg(long)]
    keep_going: bool,
    /// Where to write what is found, and what was reached.
    #[arg(long, default_value = "data/hunt", value_name = "DIR")]
    out: PathBuf,
    /// Play one session again that was found, and tell what comes of it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seed", "minutes", "sessions", "keep_going"])]
    replay: Option<PathBuf>,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Why there is nothing to search on.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// A release whose accounts have other fields.
    #[error(
        "Drift {0} has an interface of its own; `hunt` compares programs with that of {known}: `harness backtest` and \
         `harness diverge` take others, with their IDL",
        known = RELEASES[0].version
    )]
    Interface(&'static str),
    #[error(transparent)]
    Program(NoProgramUnderTest),
}

/// A program with the interface that the harness knows by heart.
fn known_by_heart(file: Option<&Path>) -> Result<ProgramUnderTest, Failure> {
    ProgramUnderTest::choose(file, None, "--idl").map_err(|error| match error {
        NoProgramUnderTest::Interface { version, .. } => Failure::Interface(version),
        other => Failure::Program(other),
    })
}

fn minutes(text: &str) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|_| "not a number of minutes".to_owned())?;
    Duration::try_from_secs_f64(number * 60.0).map_err(|_| "not a number of minutes from 0 on".to_owned())
}

impl Hunt {
    pub fn run(self) -> Finish {
        let (left, right) = self.sides().into_diagnostic()?;
        match &self.replay {
            Some(file) => {
                let session = Session::read(file).into_diagnostic()?;
                Ok(told(&play(&session, &left, &right)))
            }
            None => self.search(&left, &right),
        }
    }

    fn sides(&self) -> Result<(Runs, Runs), Failure> {
        let left = known_by_heart(self.program.as_deref())?;
        let right = match &self.against {
            None => Runs::Engine(Switches::default()),
            Some(file) => Runs::Program(known_by_heart(Some(file))?),
        };
        if self.format == Format::Text {
            say!("program: {}", left.program);
        }
        Ok((Runs::Program(left), right))
    }

    fn search(&self, left: &Runs, right: &Runs) -> Finish {
        let minute = Duration::from_secs(60);
        let what = Search {
            seed: self.seed,
            sessions: self.sessions,
            time: self.minutes.or(self.sessions.is_none().then_some(minute)),
            keep_going: self.keep_going,
        };
        let stop = Stop::on_interrupt().into_diagnostic()?;
        let bar = ProgressBar::no_length();
        if let Ok(style) = ProgressStyle::with_template("{elapsed} {msg}") {
            bar.set_style(style);
        }
        let progress = |done: &Searched| {
            bar.set_message(format!(
                "{} sessions, {} instructions ({:.0}/s), {} outcomes in {} states, {} found",
                done.sessions,
                done.compared,
                done.rate(),
                done.coverage.reached.len(),
                done.coverage.states(),
                done.found
            ));
            bar.tick();
            !stop.is_asked()
        };
        let mut failed = None;
        let mut report = |found: Found| match found.write(&self.out, left, right) {
            Ok(folder) => bar.suspend(|| complain!("found: {}\n  {}", found.title(), folder.display())),
            Err(error) => failed = Some(error),
        };
        let done = search(&what, left, right, progress, &mut report);
        bar.finish_and_clear();
        let unwritten = || format!("cannot write into {}", self.out.display());
        if let Some(error) = failed {
            return Err(error).into_diagnostic().wrap_err_with(unwritten);
        }
        let summary = write_summary(&self.out, self.seed, left, right, &done)
            .into_diagnostic()
            .wrap_err_with(unwritten)?;
        match self.format {
            Format::Json => say!("{summary}"),
            Format::Text => {
                say!(
                    "{} sessions, {} instructions compared, {:.0} a second; {} not modelled, {} refused by the runtime alone",
                    done.sessions,
                    done.compared,
                    done.rate(),
                    done.not_modelled,
                    done.refused_by_runtime
                );
                say!(
                    "{} pairs of instruction and outcome, {} with their class of state: {}",
                    done.coverage.reached.len(),
                    done.coverage.states(),
                    self.out.join("hunt.json").display()
                );
                match done.found {
                    0 => say!("nothing found"),
                    found => say!("{found} found"),
                }
            }
        }
        Ok(u8::from(done.found > 0))
    }
}

/// Tells what a session came to: the exit status.
fn told(played: &Played) -> u8 {
    if let Some(difference) = &played.difference {
        say!("{difference}");
        return 1;
    }
    if let Some((place, broken)) = &played.broken {
        say!("after action {}:", place + 1);
        broken.iter().for_each(|broken| say!("  {broken}"));
        return 1;
    }
    say!("{} instructions, no difference", played.compared);
    0
}

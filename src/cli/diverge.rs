//! `harness diverge`.

mod draws;

use super::picks::with_picks;
use super::report::{Gate, tell};
use super::sample::Wanted;
use super::{Finish, progress};
use crate::backtest::{Flag, Options, ProgramUnderTest, ReplayPair, distinct, each, name_of};
use crate::divergence::DivergenceReport;
use crate::report::files;
use crate::sample::{Selection, select};
use crate::sweep::run::INTERRUPTED;
use crate::sweep::store::Folder;
use clap::Args;
use miette::{IntoDiagnostic, miette};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// Pick trials of a sweep, replay them on the program, and report where simulator and program differ.
///
/// Samples as `harness sample` does, runs each trial again, replays it as `harness backtest` does, several at a time, and
/// writes one report on all of them: report.html for people, report.md, report.json, divergence.parquet. With --against
/// two programs are compared with each other instead, each spoken to by its own interface.
///
/// Then random trials are replayed for what they say about all others: for ten seconds, or as many as --bound needs. They
/// leave nothing but their number; the first 20 that differ are kept as the picked ones are.
///
/// Exits 0 with a report, 1 when something is as bad as --fail-on says, 2 when a trial could not be replayed or an event
/// was skipped. Ctrl-C among the random trials ends them with a report on those that are done, and status 130.
#[derive(Debug, Args)]
pub struct Diverge {
    /// The folder that `harness sweep` wrote, such as data/lp_bias; or experiment folders, of which none is left out.
    #[arg(required = true, value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    #[command(flatten)]
    wanted: Wanted,
    #[command(flatten)]
    random: draws::Wanted,
    /// The program's ELF, or `builtin` for the engine as a native program; where not given, the newest known release in
    /// the cache (`harness program list`), else the built-in program.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// The program's Anchor IDL, for one that has another interface than Drift 2.83.
    #[arg(long, value_name = "FILE")]
    idl: Option<PathBuf>,
    /// Compare the program with this one, an ELF or `builtin`, and not with the simulator.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// The other program's Anchor IDL.
    #[arg(long, value_name = "FILE", requires = "against")]
    against_idl: Option<PathBuf>,
    /// Departures from how the trials start: no_oracle_guards, oracle_guards, spread_250 (any number), joined by commas.
    #[arg(short = 't', long, value_name = "FLAGS", value_delimiter = ',')]
    trial: Vec<Flag>,
    /// Skip and count lines that are no events and events that neither side can carry out, instead of giving up the trial.
    #[arg(long)]
    keep_going: bool,
    /// End with the last event; otherwise the markets expire and everybody gets out after it, of two programs as the first one's accounts ask for.
    #[arg(long)]
    no_unwind: bool,
    /// The folder for everything: `init/` for the trials, `results/` for their replays, and the report. Where not given,
    /// experiments/init, experiments/results, and the report in experiments/reports/<sweep>.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    gate: Gate,
    /// Trials replayed at a time; by default one a core.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

/// The file that says what was picked.
const SELECTION: &str = "selection.json";

/// What is replayed.
struct Subject {
    name: String,
    folders: Vec<PathBuf>,
    /// Where they come from, if they were picked.
    picked: Option<Picked>,
}

/// What was picked from a sweep.
struct Picked {
    sweep: PathBuf,
    selection: Selection,
}

/// Where things go.
struct Places {
    init: PathBuf,
    results: PathBuf,
    report: PathBuf,
}

impl Diverge {
    pub fn run(self) -> Finish {
        let replay_pair = self.replay_pair()?;
        let [left, right] = replay_pair.sides();
        let places = self.places(&replay_pair)?;
        let replay_pair = ReplayPair {
            options: Options {
                results: Some(places.results.clone()),
                ..replay_pair.options
            },
            ..replay_pair
        };
        say!("comparing {} with {}", left.name, right.name);
        let mut subject = self.subject(&places)?;
        let mut parts = replay(&replay_pair, &subject.folders, self.threads)?;
        // Before the random trials, so that nothing that ends them takes the picked ones along.
        let mut report = written(&subject, &parts, &places.report)?;
        let mut interrupted = false;
        if let Some(Picked { sweep, selection }) = &mut subject.picked {
            let found = self.random.replay(&replay_pair, sweep, selection, self.threads)?;
            interrupted = found.interrupted;
            if let Some(drawn) = found.drawn {
                let listed = Selection {
                    trials: found.listed.clone(),
                    ..selection.clone()
                };
                let folders = listed.write(sweep, &places.init)?;
                parts.extend(replay(&replay_pair, &folders, self.threads)?);
                selection.add_drawn(found.listed, drawn);
                selection.save(&places.report.join(SELECTION))?;
                report = written(&subject, &parts, &places.report)?;
            }
        }
        tell(&report, &places.report);
        let of = &report.statistics;
        let is_known = of.sweep == Some(of.picked);
        if let (Some(wanted), Some(reached)) = (self.random.bound(), of.random_bound)
            && reached > wanted
            && !is_known
        {
            say!("the bound that was asked for is not reached");
        }
        Ok(match interrupted {
            true => INTERRUPTED,
            false => self.gate.status(&report),
        })
    }

    fn replay_pair(&self) -> miette::Result<ReplayPair> {
        let program = ProgramUnderTest::choose(self.program.as_deref(), self.idl.as_deref(), "--idl");
        let against = self
            .against
            .as_deref()
            .map(|named| ProgramUnderTest::choose(Some(named), self.against_idl.as_deref(), "--against-idl"))
            .transpose();
        Ok(ReplayPair {
            options: Options {
                flags: self.trial.clone(),
                keep_going: self.keep_going,
                unwind: !self.no_unwind,
                ..Options::new(program.into_diagnostic()?, PathBuf::new())
            },
            against: against.into_diagnostic()?,
        })
    }

    fn places(&self, replay_pair: &ReplayPair) -> miette::Result<Places> {
        if let Some(out) = &self.out {
            return Ok(Places {
                init: out.join("init"),
                results: out.join("results"),
                report: out.clone(),
            });
        }
        let [first, ..] = &self.folders[..] else {
            return Err(miette!("name a sweep's folder, or experiments"));
        };
        let mut name = replay_pair.options.label(&name_of(first)).replace('/', "_");
        if replay_pair.against.is_some() {
            let [left, right] = replay_pair.sides().map(|side| side.name.replace(' ', "_"));
            name.push_str(&format!("_{left}_against_{right}"));
        }
        let place = |folder: &str| Path::new("experiments").join(folder);
        Ok(Places {
            init: place("init"),
            results: place("results"),
            report: place("reports").join(name),
        })
    }

    /// Picks trials and writes them, or takes the experiments as they are.
    fn subject(&self, places: &Places) -> miette::Result<Subject> {
        let is_sweep = |folder: &&PathBuf| Folder::new(folder.as_path()).manifest().is_file();
        let sweep = match (self.folders.iter().find(is_sweep), &self.folders[..]) {
            (Some(sweep), [_]) => sweep,
            (Some(sweep), _) => {
                return Err(miette!(
                    "{} is a sweep: name it alone, since a report says how many trials of a sweep differ",
                    sweep.display()
                ));
            }
            (None, folders) => {
                if self.wanted.is_given() || self.random.bound().is_some() {
                    return Err(miette!(
                        "{} is no sweep, so nothing can be picked from it: name a folder that `harness sweep` wrote, or \
                         leave out -n, --pick and --bound to replay experiments",
                        folders[0].display()
                    ));
                }
                return Ok(Subject {
                    name: match folders {
                        [one] => name_of(one),
                        several => format!("{} experiments", several.len()),
                    },
                    folders: folders.to_vec(),
                    picked: None,
                });
            }
        };
        let selection = select(sweep, &self.wanted.request())?;
        say!(
            "running {} picked trials of {} again",
            selection.trials.len(),
            selection.sweep
        );
        let folders = selection.write(sweep, &places.init)?;
        // Before the replays, which are not to be lost over it.
        selection.save(&places.report.join(SELECTION))?;
        Ok(Subject {
            name: selection.sweep.clone(),
            folders,
            picked: Some(Picked {
                sweep: sweep.clone(),
                selection,
            }),
        })
    }
}

/// The report on all `parts`, which is also written to `place`.
fn written(subject: &Subject, parts: &[DivergenceReport], place: &Path) -> miette::Result<DivergenceReport> {
    let report = DivergenceReport::merge(subject.name.clone(), parts.to_vec())
        .into_diagnostic()?
        .ok_or_else(|| miette!("there is nothing to replay"))?;
    let report = match &subject.picked {
        None => report,
        Some(picked) => with_picks(report, &picked.selection).into_diagnostic()?,
    };
    files::write(&report, place).into_diagnostic()?;
    Ok(report)
}

/// Replays experiments, several at a time, and reports on each.
fn replay(
    replay_pair: &ReplayPair,
    folders: &[PathBuf],
    threads: Option<NonZeroUsize>,
) -> miette::Result<Vec<DivergenceReport>> {
    distinct(folders).into_diagnostic()?;
    let progress = progress::experiments(folders.len());
    let parts = each(folders, threads, |folder| {
        let done = replay_pair.replay(folder);
        progress.inc(1);
        done.unwrap_or_else(|error| replay_pair.stopped(folder, &error))
    });
    progress.finish_and_clear();
    Ok(parts)
}

//! What is kept of a search: each finding in a folder of its own, and what was reached.

use super::action::{Deed, deeds};
use super::arguments::GENERATED;
use super::difference::told;
use super::scene::Scene;
use super::{Difference, Runs, Searched, Session};
use crate::backtest::Recorder;
use crate::staged::StagedFile;
use crate::trial::Broken;
use drift::ledger::Ledger;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Something found, with the shortest session that shows it.
#[derive(Debug)]
pub struct Found {
    /// The session.
    pub session: Session,
    /// How many actions the session had in which it was found.
    pub of_actions: usize,
    /// Where the sides parted.
    pub difference: Option<Difference>,
    /// What does not hold any more after an action.
    pub broken: Option<(usize, Vec<Broken>)>,
}

impl Found {
    /// What it is, in a few words.
    pub fn title(&self) -> String {
        match (&self.difference, &self.broken) {
            (Some(difference), _) => difference.signature(),
            (None, Some((_, broken))) => broken
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; "),
            (None, None) => String::new(),
        }
    }

    /// Writes `session.json`, `report.md` and, where the left side is a program, `fixture.jsonl` into a new folder in `out`.
    /// Answers the folder.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(&self, out: &Path, left: &Runs, right: &Runs) -> io::Result<PathBuf> {
        let instruction = self
            .difference
            .as_ref()
            .map(|found| found.call.instruction.name());
        let folder = free(out, instruction.unwrap_or("invariant"))?;
        write(&folder.join("session.json"), self.session.to_json().as_bytes())?;
        let mut report = format!(
            "# {}\n\nLeft: {}. Right: {}. Shrunk from {} actions to {}.\n\n",
            self.title(),
            left.name(),
            right.name(),
            self.of_actions,
            self.session.actions.len()
        );
        if let Some(difference) = &self.difference {
            report += &format!("```\n{difference}```\n\n");
        }
        report += "`session.json` shows it again: `harness hunt --replay session.json`.\n";
        if let Some(fixture) = self.fixture(left) {
            write(&folder.join("fixture.jsonl"), &fixture)?;
            report += "`fixture.jsonl` is the instruction as the left program carried it out: `harness verify fixture.jsonl`.\n";
        }
        write(&folder.join("report.md"), report.as_bytes())?;
        Ok(folder)
    }

    /// The last instruction of the session, as the program on this side carries it out.
    fn fixture(&self, side: &Runs) -> Option<Vec<u8>> {
        let Runs::Program(program) = side else { return None };
        self.difference.as_ref()?.action?;
        let mut lines = Vec::new();
        let mut recorder = Recorder::new(program.bank(), &mut lines);
        let scene = Scene::of(self.session.seed);
        let (world, _) = scene.open(&mut recorder)?;
        for action in &self.session.actions {
            for deed in deeds(&scene, &world, *action, &recorder) {
                match deed {
                    Deed::Clock(clock) => recorder.set_clock(clock),
                    Deed::Set(key, account) => recorder.set_account(key, account),
                    Deed::Call(call) => drop(recorder.execute(&call)),
                }
            }
        }
        recorder.count().ok()?;
        let text = String::from_utf8(lines).ok()?;
        Some(format!("{}\n", text.lines().next_back()?).into_bytes())
    }
}

/// A folder of this name that is not there yet, made.
fn free(out: &Path, name: &str) -> io::Result<PathBuf> {
    std::fs::create_dir_all(out)?;
    let mut number = 1;
    loop {
        let folder = out.join(format!("{name}-{number}"));
        match std::fs::create_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            made => return made.map(|()| folder),
        }
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = StagedFile::create(path)?;
    file.write_all(bytes)?;
    file.finish()
}

/// Writes `hunt.json` into `out`: what was compared, what was reached, and which instructions were never accepted. Answers the
/// same as JSON.
///
/// # Errors
/// What the file system says.
pub fn write_summary(
    out: &Path,
    seed: u64,
    left: &Runs,
    right: &Runs,
    searched: &Searched,
) -> io::Result<Value> {
    let coverage = &searched.coverage;
    let reached: Vec<Value> = coverage
        .reached
        .iter()
        .map(|(reached, count)| {
            let outcome = told(reached.outcome.map_or(Ok(()), Err));
            json!({"instruction": reached.instruction, "outcome": outcome, "count": count})
        })
        .collect();
    let never: Vec<&str> = GENERATED
        .iter()
        .copied()
        .filter(|name| coverage.of(name).0 == 0)
        .collect();
    let summary = json!({
        "left": left.name(),
        "right": right.name(),
        "seed": seed,
        "sessions": searched.sessions,
        "instructions_compared": searched.compared,
        "not_modelled": searched.not_modelled,
        "refused_by_runtime": searched.refused_by_runtime,
        "states": coverage.states(),
        "found": searched.found,
        "never_accepted": never,
        "reached": reached,
    });
    std::fs::create_dir_all(out)?;
    write(&out.join("hunt.json"), format!("{summary:#}\n").as_bytes())?;
    Ok(summary)
}

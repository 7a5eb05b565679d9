//! What a verification found, for people and for machines.

use super::{Difference, Verdict};
use drift::error::ErrorCode;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Counts of lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All lines.
    pub total: usize,
    /// Same outcome, same bytes.
    pub identical: usize,
    /// Anything else.
    pub differing: usize,
    /// Not modelled.
    pub unsupported: usize,
}

impl Counts {
    fn count(&mut self, verdict: &Verdict) {
        self.total += 1;
        match verdict {
            Verdict::Identical => self.identical += 1,
            Verdict::Differing(_) => self.differing += 1,
            Verdict::Unsupported => self.unsupported += 1,
        }
    }
}

/// Tallies in all and by instruction.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// All lines.
    #[serde(flatten)]
    pub all: Counts,
    /// Lines of each instruction.
    pub by_instruction: BTreeMap<String, Counts>,
}

impl Report {
    /// Counts one line.
    pub fn count(&mut self, instruction: &str, verdict: &Verdict) {
        self.all.count(verdict);
        match self.by_instruction.get_mut(instruction) {
            Some(counts) => counts.count(verdict),
            None => self
                .by_instruction
                .entry(instruction.to_owned())
                .or_default()
                .count(verdict),
        }
    }

    /// The closing line.
    pub fn summary(&self) -> String {
        let Counts {
            total,
            identical,
            differing,
            unsupported,
        } = self.all;
        format!("verified {identical} of {total} instructions, {differing} differ, {unsupported} unsupported")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self
            .by_instruction
            .keys()
            .map(String::len)
            .max()
            .unwrap_or(0)
            .max("instruction".len());
        writeln!(
            f,
            "{:width$}  lines  identical  differing  unsupported",
            "instruction"
        )?;
        for (name, counts) in &self.by_instruction {
            let Counts {
                total,
                identical,
                differing,
                unsupported,
            } = counts;
            writeln!(
                f,
                "{name:width$}  {total:5}  {identical:9}  {differing:9}  {unsupported:11}"
            )?;
        }
        f.write_str(&self.summary())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn outcome(number: Option<u32>) -> String {
            match number {
                None => "success".to_owned(),
                Some(number) => ErrorCode::from_number(number)
                    .map_or_else(|| format!("error {number}"), |code| code.to_string()),
            }
        }
        fn value(value: &Option<drift::accounts::layout::Value>) -> String {
            value
                .as_ref()
                .map_or_else(|| "nothing".to_owned(), ToString::to_string)
        }
        match self {
            Difference::Outcome { expected, actual } => {
                write!(
                    f,
                    "outcome: expected {}, actual {}",
                    outcome(*expected),
                    outcome(*actual)
                )
            }
            Difference::Field {
                account,
                kind,
                path,
                expected,
                actual,
            } => {
                write!(
                    f,
                    "{kind} {account}  {path}: expected {}, actual {}",
                    value(expected),
                    value(actual)
                )
            }
        }
    }
}

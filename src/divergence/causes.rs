//! The causes of all trials of a report, and what they come to.

use super::{DivergenceReport, Finding, Kind, Severity, Side, TrialReport};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One cause, in all the trials it was found in: same kind, instruction, field and type of account.
#[derive(Clone, Debug)]
pub struct Cause<'a> {
    /// Where it is worst; of equals, where it was found first.
    pub example: Seen<'a>,
    /// All, in the order of trials.
    pub seen: Vec<Seen<'a>>,
}

/// A cause in a trial.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The trial's place in the report.
    pub trial: usize,
    /// The finding.
    pub finding: &'a Finding,
}

impl Cause<'_> {
    /// The places of the trials that have it.
    pub fn trials(&self) -> Vec<usize> {
        let mut trials: Vec<usize> = self.seen.iter().map(|seen| seen.trial).collect();
        trials.dedup();
        trials
    }

    /// Findings that follow from it, in all trials.
    pub fn knock_ons(&self) -> u64 {
        let follow = self
            .seen
            .iter()
            .filter_map(|seen| seen.finding.knock_ons.as_ref());
        follow.map(|follow| follow.findings).sum()
    }
}

/// What two findings have in common that are of one cause.
type Sort<'a> = (
    Kind,
    &'a str,
    &'a str,
    Option<&'a str>,
    [Option<&'a str>; 2],
    bool,
);

fn sort(finding: &Finding) -> Sort<'_> {
    let refusals = [&finding.left_refused, &finding.right_refused];
    (
        finding.kind,
        &finding.first.instruction,
        &finding.field,
        finding.account_kind.as_deref(),
        refusals.map(|refused| refused.as_ref().map(|refused| refused.name.as_str())),
        // Of an instruction that one side lacks: which.
        finding.left.is_some(),
    )
}

impl DivergenceReport {
    /// The causes of all trials, the worst first; among equals those of more trials, then those that were found first.
    pub fn causes(&self) -> Vec<Cause<'_>> {
        let mut places: HashMap<Sort, usize> = HashMap::new();
        let mut causes: Vec<Cause> = Vec::new();
        for (trial, of) in self.trials.iter().enumerate() {
            for finding in of.causes() {
                let seen = Seen { trial, finding };
                let place = *places.entry(sort(finding)).or_insert_with(|| {
                    causes.push(Cause {
                        example: seen,
                        seen: Vec::new(),
                    });
                    causes.len() - 1
                });
                let cause = &mut causes[place];
                cause.seen.push(seen);
                if finding.severity > cause.example.finding.severity {
                    cause.example = seen;
                }
            }
        }
        // Stable: what was found first stays first.
        causes.sort_by_key(|cause| Reverse((cause.example.finding.severity, cause.trials().len())));
        causes
    }

    /// The fields that only one side's layout has, by type of account: their names on the left and on the right.
    pub fn layouts(&self) -> BTreeMap<&str, [BTreeSet<&str>; 2]> {
        let mut layouts: BTreeMap<&str, [BTreeSet<&str>; 2]> = BTreeMap::new();
        for finding in self.trials.iter().flat_map(TrialReport::layouts) {
            let kind = finding.account_kind.as_deref().unwrap_or_default();
            let [left, right] = layouts.entry(kind).or_default();
            // What both have is of another size or type.
            if finding.left.is_some() {
                left.insert(&finding.field);
            }
            if finding.right.is_some() {
                right.insert(&finding.field);
            }
        }
        layouts
    }

    /// Whether nothing could differ: one side is the engine as a program, and the other that or the engine itself.
    pub fn same_by_construction(&self) -> bool {
        let sides = [&self.left, &self.right];
        let ours = |side: &&Side| matches!(side.kind.as_str(), "engine" | "built-in program");
        let program = sides.iter().any(|side| side.kind == "built-in program");
        program && sides.iter().all(ours) && sides.iter().all(|side| side.switch.is_none())
    }

    /// How it went, in a sentence.
    pub fn verdict(&self) -> String {
        let (left, right) = (&self.left.name, &self.right.name);
        let replayed: Vec<_> = self
            .trials
            .iter()
            .filter(|trial| trial.stopped.is_none())
            .collect();
        let divergent = self.trials.iter().filter(|trial| trial.divergent).count();
        let total =
            |of: &dyn Fn(&TrialReport) -> u64| -> u64 { replayed.iter().map(|trial| of(trial)).sum() };
        let mut said = match divergent {
            _ if replayed.is_empty() && divergent == 0 => "Nothing was compared".to_owned(),
            0 => format!(
                "{left} and {right} are identical in {}: {} events and {} instructions, every account after each",
                trials(replayed.len()),
                total(&|trial| trial.counts.events),
                total(&|trial| trial.counts.instructions),
            ),
            _ => {
                let causes = self.causes().len();
                format!(
                    "{left} and {right} differ in {} of {}: {causes} cause{}, the worst {}",
                    divergent + self.statistics.unlisted.differed as usize,
                    trials(self.trials.len() + self.statistics.unlisted.total() as usize),
                    if causes == 1 { "" } else { "s" },
                    self.worst().unwrap_or(Severity::Info),
                )
            }
        };
        if self.same_by_construction() && divergent == 0 && !replayed.is_empty() {
            said.push_str("; by construction, since the program is the engine");
        }
        let unlisted = self.statistics.unlisted;
        if unlisted.agreed > 0 {
            said.push_str(&format!(
                "; alike in {} besides, drawn at random",
                trials(unlisted.agreed as usize)
            ));
        }
        let stopped = self.trials.len() - replayed.len() + unlisted.stopped as usize;
        if stopped > 0 {
            said.push_str(&format!("; {} could not be replayed", trials(stopped)));
        }
        let unaccounted = self
            .trials
            .iter()
            .filter(|trial| trial.accounted == Some(false))
            .count();
        if unaccounted > 0 {
            said.push_str(&format!(
                "; in {} not every token is accounted for",
                trials(unaccounted)
            ));
        }
        if !self.layouts().is_empty() {
            said.push_str(
                "; some fields are in the layout of one side only, or in another form, and were not compared",
            );
        }
        said.push('.');
        // A side's name begins it, such as `simulator`.
        let mut letters = said.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }
}

fn trials(count: usize) -> String {
    format!("{count} trial{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{finding, report, trial};
    use super::*;

    #[test]
    fn one_cause_in_several_trials_is_told_once_and_the_worst_first() {
        let fee = |severity| Finding {
            severity,
            ..finding(0, Kind::Rounding, "amm.total_fee")
        };
        let refused = Finding {
            severity: Severity::Critical,
            ..finding(1, Kind::Refused, "outcome")
        };
        let follows = Finding {
            cause: Some(0),
            ..finding(2, Kind::Unknown, "quote_asset_amount")
        };
        let report = report(vec![
            trial("one", vec![fee(Severity::Minor), follows.clone()]),
            trial("two", vec![fee(Severity::Major), refused]),
            trial("three", Vec::new()),
        ]);
        let causes = report.causes();
        let told: Vec<_> = causes
            .iter()
            .map(|cause| {
                (
                    cause.example.finding.field.as_str(),
                    cause.example.trial,
                    cause.trials(),
                )
            })
            .collect();
        assert_eq!(told, [("outcome", 1, vec![1]), ("amm.total_fee", 1, vec![0, 1])]);
        assert_eq!(
            report.verdict(),
            "Simulator and simulator differ in 2 of 3 trials: 2 causes, the worst critical."
        );
    }

    #[test]
    fn the_verdict_says_what_it_does_not_show() {
        let mut same = report(vec![trial("one", Vec::new())]);
        assert!(
            same.verdict()
                .starts_with("Simulator and simulator are identical in 1 trial: 0 events")
        );
        same.right.kind = "built-in program".to_owned();
        assert!(same.same_by_construction());
        assert!(same.verdict().contains("by construction"));
        same.left.switch = Some("PrePeg".to_owned());
        assert!(!same.same_by_construction());
        same.trials
            .push(TrialReport::stopped("two".to_owned(), "no file".to_owned()));
        assert!(same.verdict().ends_with("; 1 trial could not be replayed."));
        same.trials.remove(0);
        assert!(same.verdict().starts_with("Nothing was compared"));
    }
}

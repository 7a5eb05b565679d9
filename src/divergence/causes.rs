//! The causes of all trials of a report, and what they come to.

use super::{DivergenceReport, Finding, Kind, Severity, TrialReport};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One cause, in all the trials it was found in: same kind, instruction, field and type of account.
#[derive(Clone, Debug)]
pub struct Cause<'a> {
    /// Where it is worst; of equals, where it was found first.
    pub finding: &'a Finding,
    /// The trial of that finding.
    pub trial: &'a TrialReport,
    /// The trials it was found in, in order.
    pub trials: Vec<&'a TrialReport>,
    /// How often it was found in them: once for each account, say.
    pub findings: u64,
    /// Findings that follow from it, in all trials.
    pub knock_ons: u64,
}

/// What two findings have in common that are of one cause.
type Sort<'a> = (Kind, &'a str, &'a str, Option<&'a str>, [Option<&'a str>; 2]);

fn sort(finding: &Finding) -> Sort<'_> {
    let refusals = [&finding.left_refused, &finding.right_refused];
    (
        finding.kind,
        &finding.first.instruction,
        &finding.field,
        finding.account_kind.as_deref(),
        refusals.map(|refused| refused.as_ref().map(|refused| refused.name.as_str())),
    )
}

impl DivergenceReport {
    /// The causes of all trials, the worst first; among equals those of more trials, then those that were found first.
    pub fn causes(&self) -> Vec<Cause<'_>> {
        let mut places: HashMap<Sort, usize> = HashMap::new();
        let mut causes: Vec<Cause> = Vec::new();
        for trial in &self.trials {
            for finding in trial.causes() {
                let place = *places.entry(sort(finding)).or_insert_with(|| {
                    causes.push(Cause {
                        finding,
                        trial,
                        trials: Vec::new(),
                        findings: 0,
                        knock_ons: 0,
                    });
                    causes.len() - 1
                });
                let cause = &mut causes[place];
                if finding.severity > cause.finding.severity {
                    (cause.finding, cause.trial) = (finding, trial);
                }
                cause.findings += 1;
                cause.knock_ons += finding.knock_ons.as_ref().map_or(0, |follow| follow.findings);
                if !cause.trials.last().is_some_and(|last| std::ptr::eq(*last, trial)) {
                    cause.trials.push(trial);
                }
            }
        }
        // Stable: what was found first stays first.
        causes.sort_by_key(|cause| {
            let trials = std::cmp::Reverse(cause.trials.len());
            (std::cmp::Reverse(cause.finding.severity), trials)
        });
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

    /// Whether nothing could differ: the one side is the engine, the other the engine as a program.
    pub fn same_by_construction(&self) -> bool {
        let of = |kind: &str| {
            [&self.left, &self.right]
                .into_iter()
                .any(|side| side.kind == kind)
        };
        let switched = self.left.switch.is_some() || self.right.switch.is_some();
        of("engine") && of("built-in program") && !switched
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
                let causes = self
                    .causes()
                    .into_iter()
                    .filter(|cause| cause.finding.kind != Kind::Layout);
                let causes = causes.count();
                format!(
                    "{left} and {right} differ in {divergent} of {}: {causes} cause{}, the worst {}",
                    trials(self.trials.len()),
                    if causes == 1 { "" } else { "s" },
                    self.worst().unwrap_or(Severity::Info),
                )
            }
        };
        if self.same_by_construction() && divergent == 0 && !replayed.is_empty() {
            said.push_str("; by construction, since the program is the engine");
        }
        let stopped = self.trials.len() - replayed.len();
        if stopped > 0 {
            said.push_str(&format!("; {} could not be replayed to the end", trials(stopped)));
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
                let names: Vec<_> = cause
                    .trials
                    .iter()
                    .map(|trial| trial.experiment.as_str())
                    .collect();
                (
                    cause.finding.field.as_str(),
                    cause.trial.experiment.as_str(),
                    names,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("outcome", "two", vec!["two"]),
                ("amm.total_fee", "two", vec!["one", "two"])
            ]
        );
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
        assert!(
            same.verdict()
                .ends_with("; 1 trial could not be replayed to the end.")
        );
        same.trials.remove(0);
        assert!(same.verdict().starts_with("Nothing was compared"));
    }
}

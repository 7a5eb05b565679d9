//! One report of several.

use super::{DivergenceReport, Picked, Side, Survey, TrialReport};
use std::collections::HashSet;

/// Why there is no one report of several.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Mismatch {
    /// Reports that compare other sides than each other.
    #[error("`{first}` compares {first_sides}, and `{other}` {other_sides}: make a report of each")]
    Sides {
        /// The subject of the first report.
        first: String,
        /// What it compares.
        first_sides: String,
        /// The subject of one that compares something else.
        other: String,
        /// What that compares.
        other_sides: String,
    },
    /// Two replays of one name.
    #[error("there are two replays called `{0}`: name one of them")]
    Twice(String),
    /// None of the trials is of the selection.
    #[error("none of the replays is of the selection from `{0}`")]
    Foreign(String),
}

fn sides(report: &DivergenceReport) -> String {
    let told = |side: &Side| match &side.sha256 {
        Some(sha256) => format!("{} ({})", side.name, sha256.chars().take(8).collect::<String>()),
        None => side.name.clone(),
    };
    format!("{} with {}", told(&report.left), told(&report.right))
}

/// Whether both are the same program, whatever strategies their scenarios ask for.
fn same(one: &Side, other: &Side) -> bool {
    let plain = |side: &Side| Side {
        switch: None,
        ..side.clone()
    };
    plain(one) == plain(other)
}

/// The strategies of both, each once.
fn strategies(one: Option<String>, other: Option<&String>) -> Option<String> {
    let (Some(one), Some(other)) = (&one, other) else {
        return one.or_else(|| other.cloned());
    };
    let known = one.split(", ").any(|known| known == other);
    Some(if known {
        one.clone()
    } else {
        format!("{one}, {other}")
    })
}

impl DivergenceReport {
    /// One report about `subject` with the trials of all `parts`, in their order; none of no part. What the parts say of
    /// sweeps is left out, since they may be of several.
    ///
    /// # Errors
    /// [`Mismatch`] where not all compare the same sides, or a trial is in several of them.
    pub fn merge(subject: String, parts: Vec<Self>) -> Result<Option<Self>, Mismatch> {
        let mut parts = parts.into_iter();
        let Some(mut whole) = parts.next() else {
            return Ok(None);
        };
        for part in parts {
            if !(same(&whole.left, &part.left) && same(&whole.right, &part.right)) {
                return Err(Mismatch::Sides {
                    first_sides: sides(&whole),
                    first: whole.subject,
                    other_sides: sides(&part),
                    other: part.subject,
                });
            }
            whole.left.switch = strategies(whole.left.switch, part.left.switch.as_ref());
            whole.right.switch = strategies(whole.right.switch, part.right.switch.as_ref());
            whole.trials.extend(part.trials);
        }
        let mut names = HashSet::new();
        if let Some(again) = whole.trials.iter().find(|trial| !names.insert(&trial.experiment)) {
            return Err(Mismatch::Twice(again.experiment.clone()));
        }
        let trials = whole.trials.into_iter().map(|trial| TrialReport {
            trial: None,
            picked: None,
            ..trial
        });
        let trials = trials.collect();
        Ok(Some(Self::new(subject, whole.left, whole.right, None, trials)))
    }

    /// The same with how its trials were picked, out of a sweep: `picks` are the experiment's name, the trial's
    /// number in the sweep, and why, in the order in which the trials are to stand. Others come last; those that there is
    /// no replay of are told so.
    ///
    /// # Errors
    /// [`Mismatch::Foreign`] where none of the trials was picked.
    pub fn picked(self, survey: Survey, picks: &[(String, u64, Picked)]) -> Result<Self, Mismatch> {
        let mut others = self.trials;
        let mut trials = Vec::new();
        let mut found = false;
        for (name, number, picked) in picks {
            // Under flags an experiment's name is followed by them.
            let is_of = |trial: &TrialReport| trial.experiment.split('/').next() == Some(name);
            let (mut own, rest): (Vec<_>, Vec<_>) = others.into_iter().partition(is_of);
            others = rest;
            found |= !own.is_empty();
            if own.is_empty() {
                let why = "there is no replay of it among those that were named";
                own.push(TrialReport::stopped(name.clone(), why.to_owned()));
            }
            trials.extend(own.into_iter().map(|trial| TrialReport {
                trial: Some(*number),
                picked: Some(picked.clone()),
                ..trial
            }));
        }
        if !found {
            return Err(Mismatch::Foreign(self.subject));
        }
        trials.extend(others.into_iter().map(|trial| TrialReport {
            trial: None,
            picked: None,
            ..trial
        }));
        Ok(Self::new(
            self.subject,
            self.left,
            self.right,
            Some(survey),
            trials,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::super::testing::{finding, report, trial};
    use super::*;

    #[test]
    fn trials_come_together_without_what_their_reports_said_of_sweeps() {
        let fee = || vec![finding(0, Kind::Rounding, "amm.total_fee")];
        let mut one = report(vec![trial("one", fee())]);
        one.trials[0].trial = Some(1);
        one.trials[0].picked = Some(picked());
        let parts = vec![one.clone(), report(vec![trial("two", Vec::new())])];
        let whole = DivergenceReport::merge("both".to_owned(), parts)
            .unwrap()
            .unwrap();
        let told: Vec<_> = whole
            .trials
            .iter()
            .map(|trial| (trial.experiment.as_str(), trial.divergent, trial.picked.is_some()))
            .collect();
        assert_eq!(told, [("one", true, false), ("two", false, false)]);
        assert_eq!(whole.statistics.statements, ["1 of 2 replays diverged."]);
        let twice = DivergenceReport::merge("both".to_owned(), vec![one.clone(), one]);
        assert_eq!(twice, Err(Mismatch::Twice("one".to_owned())));
        assert_eq!(DivergenceReport::merge("none".to_owned(), Vec::new()), Ok(None));
    }

    fn picked() -> Picked {
        Picked {
            method: "random".to_owned(),
            reason: "drawn".to_owned(),
            weight: 50.0,
        }
    }

    #[test]
    fn picks_are_found_by_name_and_missed_where_there_is_no_replay() {
        let picks = [("three", 9), ("one", 7)].map(|(name, number)| (name.to_owned(), number, picked()));
        let whole = report(vec![
            trial("other", Vec::new()),
            trial("one/trial_spread_0", Vec::new()),
        ]);
        let whole = whole.picked(Survey::of(100), &picks).unwrap();
        let told: Vec<_> = whole
            .trials
            .iter()
            .map(|trial| (trial.trial, trial.stopped.is_some()))
            .collect();
        assert_eq!(told, [(Some(9), true), (Some(7), false), (None, false)]);
        let statistics = &whole.statistics;
        // Nobody knows about the one without a replay, and what is of no sweep says nothing about this one.
        assert_eq!(
            (statistics.sweep, statistics.random, statistics.random_divergent),
            (Some(100), 2, 1)
        );
        assert_eq!(
            (statistics.picked, statistics.replayed, statistics.stopped),
            (2, 2, 1)
        );
        let foreign = report(vec![trial("other", Vec::new())]).picked(Survey::of(100), &picks);
        assert_eq!(foreign.unwrap_err(), Mismatch::Foreign("lp_bias".to_owned()));
    }

    #[test]
    fn only_the_same_sides_come_together() {
        let one = report(vec![trial("one", Vec::new())]);
        let mut switched = report(vec![trial("two", Vec::new())]);
        switched.left.switch = Some("PrePeg".to_owned());
        let mut free = switched.clone();
        free.left.switch = Some("PreFreePeg".to_owned());
        free.trials[0].experiment = "three".to_owned();
        let mut again = switched.clone();
        again.trials[0].experiment = "four".to_owned();
        let parts = vec![one.clone(), switched, free, again];
        let whole = DivergenceReport::merge("all".to_owned(), parts).unwrap().unwrap();
        assert_eq!(whole.left.switch.as_deref(), Some("PrePeg, PreFreePeg"));
        let mut other = one.clone();
        other.right.name = "Drift 2.83".to_owned();
        other.right.sha256 = Some("080423d7c91f826994".to_owned());
        let refusal = DivergenceReport::merge("all".to_owned(), vec![one, other])
            .unwrap_err()
            .to_string();
        assert!(
            refusal.contains("simulator with Drift 2.83 (080423d7)"),
            "{refusal}"
        );
    }
}

//! The causes of all trials, those alike as one: as [`DivergenceReport::causes`] has them, with each of their places.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::divergence::{DivergenceReport, Finding};

/// Causes of one kind in one field after one instruction, in however many trials.
pub struct Cause<'a> {
    /// The worst of them, of the first trial that has it.
    pub example: Seen<'a>,
    /// All, in the order of trials.
    pub seen: Vec<Seen<'a>>,
}

/// A cause in a trial.
#[derive(Clone, Copy)]
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
}

/// The anchor of the cause at a place of the list.
pub fn anchor(place: usize) -> String {
    format!("cause-{place}")
}

/// The causes of all trials: the worst first, then those of most trials, then as they came.
pub fn causes(report: &DivergenceReport) -> Vec<Cause<'_>> {
    let mut causes: Vec<Cause> = Vec::new();
    let mut places = HashMap::new();
    for (trial, of) in report.trials.iter().enumerate() {
        for finding in of.causes() {
            let refusals = [&finding.left_refused, &finding.right_refused];
            let key = (
                finding.kind,
                &finding.first.instruction,
                &finding.field,
                &finding.account_kind,
                refusals.map(|refused| refused.as_ref().map(|refused| &refused.name)),
            );
            let seen = Seen { trial, finding };
            let place = *places.entry(key).or_insert_with(|| {
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
    causes.sort_by_key(|cause| Reverse((cause.example.finding.severity, cause.trials().len())));
    causes
}

#[cfg(test)]
mod tests {
    use super::super::testing::{finding, report_of, trial};
    use super::*;
    use crate::divergence::{Kind, Severity};

    #[test]
    fn causes_alike_are_one_and_the_worst_comes_first() {
        let minor = finding(0, Kind::Rounding, Severity::Minor, "amm.total_fee");
        let mut worse = minor.clone();
        worse.severity = Severity::Major;
        let mut knock_on = finding(1, Kind::Unknown, Severity::Critical, "amm.sqrt_k");
        knock_on.cause = Some(0);
        let other = finding(0, Kind::Refused, Severity::Critical, "outcome");
        let mut elsewhere = minor.clone();
        elsewhere.first.instruction = "settle_pnl".into();
        let report = report_of(vec![
            trial(0, vec![minor.clone(), knock_on]),
            trial(1, vec![worse, elsewhere]),
            trial(2, vec![other, minor]),
        ]);
        let causes = causes(&report);
        // The other forms of the report count the same.
        let elsewhere = report.causes();
        let elsewhere = elsewhere.iter().map(|cause| (cause.finding, cause.trials.len()));
        assert!(
            causes
                .iter()
                .map(|cause| (cause.example.finding, cause.trials().len()))
                .eq(elsewhere)
        );
        let told: Vec<(&str, Severity, Vec<usize>, usize)> = causes
            .iter()
            .map(|cause| {
                let example = cause.example;
                (
                    example.finding.field.as_str(),
                    example.finding.severity,
                    cause.trials(),
                    example.trial,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("outcome", Severity::Critical, vec![2], 2),
                ("amm.total_fee", Severity::Major, vec![0, 1, 2], 1),
                ("amm.total_fee", Severity::Minor, vec![1], 1),
            ]
        );
    }
}

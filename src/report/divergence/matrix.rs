//! What every instruction came to, on both sides.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use crate::divergence::{DivergenceReport, Outcomes};
use crate::report::number::grouped;
use crate::report::page::note;
use crate::report::table::{Cell, Table};

/// The table of instructions by outcome, over all trials; none without any instruction.
pub fn matrix(report: &DivergenceReport) -> Option<Markup> {
    let left = sum(report.trials.iter().map(|trial| &trial.counts.left));
    let right = sum(report.trials.iter().map(|trial| &trial.counts.right));
    let instructions: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    let both = || left.values().chain(right.values());
    let errors: BTreeSet<&String> = both().flat_map(|outcomes| outcomes.refused.keys()).collect();
    if instructions.is_empty() {
        return None;
    }
    let mut table = Table::new("Instructions by outcome, over all trials")
        .text("instruction")
        .number("accepted");
    for error in &errors {
        table = table.number(error.as_str());
    }
    let none = Outcomes::default();
    let mut differing = 0;
    for instruction in instructions {
        let [left, right] = [&left, &right].map(|side| side.get(instruction).unwrap_or(&none));
        let mut row = vec![Cell::code(instruction)];
        let refused = |side: &Outcomes, error: &String| side.refused.get(error).copied().unwrap_or_default();
        let counts = [(left.accepted, right.accepted)];
        let counts = counts.into_iter().chain(
            errors
                .iter()
                .map(|error| (refused(left, error), refused(right, error))),
        );
        for (left, right) in counts {
            differing += u64::from(left != right);
            row.push(cell(left, right));
        }
        table.row(row);
    }
    let said = match differing {
        0 => "Both sides count the same everywhere.".to_owned(),
        1 => format!(
            "One cell differs: {} first, then {}.",
            report.left.name, report.right.name
        ),
        many => format!(
            "{} cells differ: {} first, then {}.",
            grouped(many),
            report.left.name,
            report.right.name
        ),
    };
    Some(
        html! { p { (said) } (table) (note("Counts that agree may still be of different instructions; the findings tell these.")) },
    )
}

fn cell(left: u64, right: u64) -> Cell {
    match (left, right) {
        (0, 0) => Cell::none(),
        _ if left == right => Cell::count(left),
        _ => {
            Cell::number(left as f64, format!("{} / {}", grouped(left), grouped(right))).class("bad differs")
        }
    }
}

fn sum<'a>(trials: impl Iterator<Item = &'a BTreeMap<String, Outcomes>>) -> BTreeMap<String, Outcomes> {
    let mut summed: BTreeMap<String, Outcomes> = BTreeMap::new();
    for (instruction, outcomes) in trials.flatten() {
        let sum = summed.entry(instruction.clone()).or_default();
        sum.accepted += outcomes.accepted;
        for (error, count) in &outcomes.refused {
            *sum.refused.entry(error.clone()).or_default() += count;
        }
    }
    summed
}

#[cfg(test)]
mod tests {
    use super::super::testing::{report_of, trial};
    use super::*;

    #[test]
    fn sides_that_count_alike_share_a_cell() {
        let html = matrix(&report_of(vec![trial(0, vec![]), trial(1, vec![])]))
            .unwrap()
            .into_string();
        // Nine accepted and one refused in each trial.
        assert!(
            html.contains("<td class=\"n\" data-v=\"18\">18</td><td class=\"n\" data-v=\"2\">2</td>"),
            "{html}"
        );
        assert!(html.contains("the same everywhere"));
        assert_eq!(matrix(&report_of(vec![])).map(|html| html.0), None);
    }

    #[test]
    fn sides_that_do_not_are_both_shown() {
        let mut odd = trial(0, vec![]);
        odd.counts.right.insert(
            "settle_pnl".into(),
            Outcomes {
                accepted: 4,
                ..Outcomes::default()
            },
        );
        let html = matrix(&report_of(vec![odd])).unwrap().into_string();
        assert!(
            html.contains("<td class=\"n bad differs\" data-v=\"0\">0 / 4</td>"),
            "{html}"
        );
        assert!(html.contains("One cell differs"));
    }
}

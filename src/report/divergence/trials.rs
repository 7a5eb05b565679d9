//! The trials that were replayed, and why these.

use maud::{Markup, html};

use super::words;
use crate::divergence::{DivergenceReport, Outcomes, TrialReport};
use crate::report::number::grouped;
use crate::report::page::note;
use crate::report::summary::words::shown;
use crate::report::table::{Cell, Table};

/// The table of trials.
pub fn table(report: &DivergenceReport) -> Markup {
    if report.trials.is_empty() {
        return note("No trial was replayed.");
    }
    let picked = report.trials.iter().any(|trial| trial.picked.is_some());
    // What matters most stands where a phone shows it.
    let mut table = Table::new("Replayed trials")
        .text("trial")
        .text("differs")
        .note("the worst severity of what differs")
        .number("causes");
    if picked {
        table = table
            .text("picked")
            .note("the method that picked it")
            .number("weight")
            .note("how many trials of the sweep it stands for")
            .text("reason");
    }
    let mut table = table
        .number("events")
        .number("instructions")
        .number("refused")
        .note("on the left, and on the right where that is another number")
        .text("money")
        .note("whether every token is accounted for");
    for (place, trial) in report.trials.iter().enumerate() {
        let mut cells = vec![
            Cell::markup(words::link(report, place)).sorted_by(trial.trial.unwrap_or(place as u64) as f64),
        ];
        cells.extend(found(trial));
        if picked {
            cells.extend(why(trial));
        }
        cells.extend(compared(trial));
        table.row(cells);
    }
    html! { (table) }
}

fn why(trial: &TrialReport) -> [Cell; 3] {
    match &trial.picked {
        None => [Cell::none(), Cell::none(), Cell::none()],
        Some(picked) => [
            Cell::text(&picked.method),
            Cell::number(picked.weight, shown(picked.weight)),
            Cell::text(&picked.reason).class("wrap"),
        ],
    }
}

fn found(trial: &TrialReport) -> [Cell; 2] {
    let differs = match (trial.worst, &trial.stopped) {
        (Some(worst), _) => Cell::markup(words::badge(worst)).sorted_by(f64::from(worst as u8) + 1.0),
        (None, Some(_)) => Cell::text("stopped").class("warn").sorted_by(0.5),
        (None, None) => Cell::text("no").class("ok").sorted_by(0.0),
    };
    [differs, Cell::count(trial.causes().count() as u64)]
}

fn compared(trial: &TrialReport) -> [Cell; 4] {
    let money = match trial.accounted {
        None => Cell::none(),
        Some(true) => Cell::text("accounted").class("ok"),
        Some(false) => Cell::text("not accounted").class("bad"),
    };
    let (left, right) = refused(trial);
    let refused = match left == right {
        true => Cell::count(left),
        false => {
            Cell::number(left as f64, format!("{} / {}", grouped(left), grouped(right))).class("bad differs")
        }
    };
    [
        Cell::count(trial.counts.events),
        Cell::count(trial.counts.instructions),
        refused,
        money,
    ]
}

/// How many instructions each side refused.
pub fn refused(trial: &TrialReport) -> (u64, u64) {
    let sum = |outcomes: &Outcomes| outcomes.refused.values().sum::<u64>();
    (
        trial.counts.left.values().map(sum).sum(),
        trial.counts.right.values().map(sum).sum(),
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{finding, report_of, trial};
    use super::*;
    use crate::divergence::{Kind, Picked, Severity};

    #[test]
    fn a_trial_tells_why_it_was_picked_and_what_was_found() {
        let mut picked = trial(
            4_321,
            vec![finding(0, Kind::Refused, Severity::Critical, "outcome")],
        );
        picked.picked = Some(Picked {
            method: "extreme".into(),
            reason: "the lowest <fee>".into(),
            weight: 2.5,
        });
        let side = picked.counts.right.get_mut("place_perp_order").unwrap();
        side.refused.insert("MaxOpenInterest".into(), 2);
        let html = table(&report_of(vec![picked, trial(7, vec![])])).into_string();
        for piece in [
            "<a href=\"#trial-0\">trial 4\u{202f}321</a>",
            "the lowest &lt;fee&gt;",
            "data-v=\"2.5\">2.500",
            "<span class=\"badge bad\">critical</span>",
            // One on both sides, two more on the right.
            "data-v=\"1\">1 / 3</td>",
        ] {
            assert!(html.contains(piece), "{piece} in {html}");
        }
        assert_eq!(html.matches("<td class=\"ok\" data-v=\"0\">no</td>").count(), 1);
    }
}

//! Trial by trial: what differs, how it went, where the money is, what was refused.

use maud::{Markup, html};

use super::words::cause_anchor;
use super::{findings, timelines, trials, words};
use crate::divergence::Cause;
use crate::divergence::{DivergenceReport, Refused, RefusedStep, TrialReport};
use crate::report::number::{counted, grouped};
use crate::report::page::{folded, note};
use crate::report::table::{Cell, Table};

/// A longer table is folded.
const OPEN: usize = 10;
/// Most refused instructions, or skipped events, that are listed.
const ROWS: usize = 200;

/// All trials: folded, but for those that diverge and an only one.
pub fn trials(report: &DivergenceReport, causes: &[Cause]) -> Markup {
    html! {
        @for (place, trial) in report.trials.iter().enumerate() {
            @let body = told(report, causes, place, trial);
            @if report.trials.len() == 1 {
                div.anchor #(words::anchor(place)) { (body) }
            } @else {
                details open[trial.divergent] {
                    summary { (words::name(trial)) ": " (found(trial)) }
                    // Inside, so that a link to it opens what is folded.
                    div.anchor #(words::anchor(place)) { (body) }
                }
            }
        }
    }
}

/// What was found, in a few words.
fn found(trial: &TrialReport) -> String {
    let stopped = if trial.stopped.is_some() {
        ", stopped early"
    } else {
        ""
    };
    match (trial.worst, trial.causes().count() as u64) {
        (None, _) => format!("no difference{stopped}"),
        (Some(_), 0) => format!("no difference but in layout{stopped}"),
        (Some(worst), causes) => format!("{}, the worst {worst}{stopped}", counted(causes, "cause")),
    }
}

fn told(report: &DivergenceReport, causes: &[Cause], place: usize, trial: &TrialReport) -> Markup {
    let counts = &trial.counts;
    let own: Vec<(usize, &Cause)> = causes
        .iter()
        .enumerate()
        .filter(|(_, cause)| cause.seen.iter().any(|seen| seen.trial == place))
        .collect();
    html! {
        p {
            (trial.experiment) ": " (counted(counts.events, "event")) ", " (counted(counts.instructions, "instruction")) ", "
            (counted(counts.accounts, "account")) "."
            @if let Some(picked) = &trial.picked { " Picked as " (picked.method) ": " (picked.reason) "." }
        }
        @for (events, what) in [
            (&trial.skipped, "skipped: neither side carried them out."),
            (&trial.one_sided, "carried out on one side only; they are among what differs."),
        ] {
            @if !events.is_empty() {
                (note(format!("{} {what}", counted(events.len() as u64, "event"))))
                (folded("Why", &html! { ul { @for why in events.iter().take(ROWS) { li { (why) } } } }))
            }
        }
        @if let Some(stopped) = &trial.stopped { p.warn { "Not replayed: " (stopped) } }
        @if !own.is_empty() {
            ul.causes { @for (number, cause) in own {
                li {
                    (words::badge(cause.example.finding.severity)) " "
                    @let statement = statement(cause, place);
                    @if findings::has_entry(number) { a href=(format!("#{}", cause_anchor(number))) { (statement) } }
                    @else { (statement) }
                }
            } }
        }
        @if let Some(charts) = timelines::timelines(report, trial) { h3 { "Over time" } (charts) }
        @if !trial.balance_sheets.is_empty() { h3 { "Money at the end" } (balance_sheet(report, trial)) }
        h3 { "Refused instructions" }
        (refused(report, trial))
        @if let Some(command) = &trial.command { h3 { "To see it again" } pre { code { (command) } } }
    }
}

/// What differs in this very trial.
fn statement(cause: &Cause, place: usize) -> String {
    let own = cause
        .seen
        .iter()
        .find(|seen| seen.trial == place)
        .unwrap_or(&cause.example);
    let first = words::place(&own.finding.first);
    words::cut(
        &format!(
            "{first}, {}: {}",
            own.finding.first.instruction,
            own.finding.statement()
        ),
        200,
    )
}

/// Where the tokens are: items by spot market.
fn balance_sheet(report: &DivergenceReport, trial: &TrialReport) -> Markup {
    let rows = &trial.balance_sheets;
    let mut markets: Vec<u16> = rows.iter().map(|row| row.market).collect();
    markets.sort_unstable();
    markets.dedup();
    let mut items: Vec<&str> = Vec::new();
    for row in rows {
        if !items.contains(&row.item.as_str()) {
            items.push(&row.item);
        }
    }
    let caption = format!(
        "Tokens of each spot market in {}, in the mint’s smallest unit",
        report.right.name
    );
    let mut table = Table::new(caption).text("item");
    for market in &markets {
        table = table.number(format!("spot market {market}"));
    }
    for item in items {
        let mut cells = vec![Cell::text(item.replace('_', " "))];
        cells.extend(markets.iter().map(|market| {
            let found = rows.iter().find(|row| row.market == *market && row.item == item);
            found.map_or_else(Cell::none, |row| {
                Cell::number(row.amount.parse().unwrap_or(f64::NAN), words::digits(&row.amount))
            })
        }));
        table.row(cells);
    }
    html! {
        (table)
        @match trial.accounted {
            Some(true) => p.ok { "Every token is accounted for." },
            Some(false) => p.bad { "Not every token is accounted for." },
            None => (note("Nobody looked whether every token is accounted for.")),
        }
        @if !trial.broken.is_empty() {
            p.bad { "What ceased to add up:" }
            ul { @for broken in &trial.broken { li { (broken) } } }
        }
        @if !trial.miscounted.is_empty() {
            p { "Counts that are off, as the deployed program gets them wrong where LPs leave:" }
            ul { @for count in &trial.miscounted { li { (count) } } }
        }
    }
}

fn refused(report: &DivergenceReport, trial: &TrialReport) -> Markup {
    let (left, right) = trials::refused(trial);
    let mut table = Table::new("In the order of events")
        .number("event")
        .text("what")
        .number("at")
        .note("seconds since 1970")
        .text("instruction")
        .text(&report.left.name)
        .text(&report.right.name);
    for step in trial.refused.iter().take(ROWS) {
        table.row(row(step));
    }
    let listed = table.len();
    let sides = format!(
        "{} refused {} and {} {}.",
        report.left.name,
        grouped(left),
        report.right.name,
        grouped(right)
    );
    html! {
        p { @if left + right + trial.refused.len() as u64 == 0 { "None on either side." } @else { (sides) } }
        @if listed > OPEN { (folded(counted(listed as u64, "refused instruction"), &html! { (table) })) }
        @else if listed > 0 { (table) }
        // A step that both sides refuse is one row.
        @if left.max(right) > listed as u64 { (note(match listed {
            0 => "They are counted, not listed.".to_owned(),
            some => format!("The first {} are listed; all are counted above.", grouped(some as u64)),
        })) }
    }
}

fn row(step: &RefusedStep) -> Vec<Cell> {
    let reason = |refused: &Option<Refused>| Cell::markup(words::refusal(refused.as_ref(), "not refused"));
    let code = |refused: &Option<Refused>| refused.as_ref().map(|refused| refused.code);
    let class = if code(&step.left) == code(&step.right) {
        "wrap"
    } else {
        "wrap differs"
    };
    // Engine and program mostly say the same; saying it twice would hide where they do not.
    let right = match step.left == step.right {
        true => Cell::text("the same").class("none"),
        false => reason(&step.right).class(class),
    };
    vec![
        step.event.map_or_else(
            || Cell::text("set-up").sorted_by(-1.0),
            |event| Cell::count(event as u64),
        ),
        Cell::text(&step.event_name),
        Cell::number(step.time as f64, words::digits(&step.time.to_string())),
        Cell::code(&step.instruction),
        reason(&step.left).class(class),
        right,
    ]
}

#[cfg(test)]
mod tests {
    use super::super::testing::{report, report_of, trial};
    use super::*;
    use crate::divergence::SheetRow;

    fn html(report: &DivergenceReport) -> String {
        trials(report, &report.causes()).into_string()
    }

    #[test]
    fn divergent_trials_are_open_and_others_folded() {
        let html = html(&report());
        assert!(
            html.contains("<details open><summary>trial 3: 1 cause, the worst major</summary>"),
            "{html}"
        );
        assert!(html.contains("<details><summary>trial 9: no difference</summary>"));
    }

    #[test]
    fn the_balance_sheet_has_a_column_for_each_market() {
        let mut of = trial(0, vec![]);
        let row = |market, item: &str, amount: &str| SheetRow {
            market,
            item: item.into(),
            amount: amount.into(),
        };
        of.balance_sheets = vec![
            row(1, "user_deposits", "5"),
            row(0, "vault", "123456789012345678901"),
            row(0, "user_deposits", "-7"),
        ];
        let html = html(&report_of(vec![of]));
        assert!(html.contains("spot market 0") && html.contains("user deposits"));
        assert!(html.contains(">123\u{202f}456\u{202f}789\u{202f}012\u{202f}345\u{202f}678\u{202f}901</td>"));
        assert!(
            html.contains("data-v=\"-7\">−7</td><td class=\"n\" data-v=\"5\">5</td>"),
            "{html}"
        );
    }

    #[test]
    fn many_refused_instructions_are_folded_and_cut() {
        let mut of = trial(0, vec![]);
        let refused = Refused {
            code: 6_003,
            name: "InsufficientCollateral".into(),
            log: None,
        };
        let step = |event| RefusedStep {
            event: Some(event),
            event_name: "OpenPosition".into(),
            time: 60,
            instruction: "place_perp_order".into(),
            left: Some(refused.clone()),
            right: (event != 1).then(|| refused.clone()),
        };
        of.refused = (0..250).map(step).collect();
        of.counts
            .left
            .get_mut("place_perp_order")
            .unwrap()
            .refused
            .insert("InsufficientCollateral".into(), 250);
        let html = html(&report_of(vec![of]));
        assert!(html.contains("simulator refused 250 and Drift 2.83 1."));
        assert!(
            html.contains("<summary>200 refused instructions</summary>")
                && html.contains("The first 200 are listed")
        );
        assert_eq!(html.matches("<td class=\"wrap differs\">").count(), 2);
    }
}

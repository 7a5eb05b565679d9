//! The causes with both values, their sizes and what follows from them.

use maud::{Markup, html};

use super::words;
use super::words::cause_anchor;
use crate::divergence::{Cause, Seen};
use crate::divergence::{DivergenceReport, Finding, Size};
use crate::report::number::{counted, grouped, short};
use crate::report::page::{folded, note};
use crate::report::table::{Cell, Table};

/// Most causes that are told in full.
const FULL: usize = 40;
/// Most rows of a folded table.
const ROWS: usize = 50;
/// Most links to trials in a line.
const LINKS: usize = 24;
/// Most signs of a value.
const VALUE: usize = 200;

/// All causes, the worst first.
pub fn findings(report: &DivergenceReport, causes: &[Cause]) -> Markup {
    if causes.is_empty() {
        return html! { p { "No difference was found: in all that was compared, every account after every write, every outcome and every clock is the same on both sides." @if !report.layouts().is_empty() { " The layouts are not; see below." } } };
    }
    html! {
        @for (place, cause) in causes.iter().take(FULL).enumerate() { (told(report, cause, place)) }
        @if causes.len() > FULL {
            (note(format!("The {} worst of {} causes are told in full.", FULL, grouped(causes.len() as u64))))
            (folded("The other causes", &others(report, &causes[FULL..])))
        }
    }
}

/// Whether a cause has an entry of its own, to which a link may lead.
pub fn has_entry(place: usize) -> bool {
    place < FULL
}

fn told(report: &DivergenceReport, cause: &Cause, place: usize) -> Markup {
    let (finding, trials) = (cause.example.finding, cause.trials());
    let trial = &report.trials[cause.example.trial];
    html! {
        div.finding #(cause_anchor(place)) {
            h3 { (words::badge(finding.severity)) " " (words::cut(&finding.statement(), VALUE)) }
            p {
                (finding.kind) " in " code { (finding.first.instruction) } ", "
                @match trials.len() {
                    1 => (words::link(report, trials[0])),
                    many => {
                        (grouped(many as u64)) " trials: "
                        @for (number, trial) in trials.iter().take(LINKS).enumerate() {
                            @if number > 0 { ", " } (words::link(report, *trial))
                        }
                        @if many > LINKS { " and " (grouped((many - LINKS) as u64)) " more" }
                        ". What follows is of " (words::link(report, cause.example.trial))
                    }
                }
                "."
            }
            (facts(report, finding))
            @if cause.seen.len() > 1 {
                (folded(format!("Seen in {} places", grouped(cause.seen.len() as u64)), &seen(report, &cause.seen)))
            }
            @if let Some(table) = knock_ons(report, &cause.example) { (table) }
            @if let Some(command) = &trial.command { pre { code { (command) } } }
        }
    }
}

fn facts(report: &DivergenceReport, finding: &Finding) -> Markup {
    let sides = [
        (&report.left.name, &finding.left, &finding.left_refused),
        (&report.right.name, &finding.right, &finding.right_refused),
    ];
    let account = finding.account.as_deref().or(finding.account_kind.as_deref());
    html! {
        dl.facts {
            @for (name, value, refused) in sides {
                // A log line needs room.
                div.wide[refused.is_some()] { dt { (name) } dd {
                    @match (refused, value) {
                        (Some(_), _) => (words::refusal(refused.as_ref(), "")),
                        (None, Some(text)) => span title=(words::cut(text, VALUE)) { (words::cut(&finding.shown(Some(text)), VALUE)) },
                        (None, None) => span.none { "nothing" },
                    }
                } }
            }
            div { dt { "first seen" } dd {
                (words::place(&finding.first)) br;
                "step " (grouped(finding.first.step)) ", slot " (grouped(finding.first.slot)) ", at " (words::digits(&finding.first.unix_timestamp.to_string())) " s"
            } }
            div { dt { "where" } dd {
                @if let Some(account) = account { code { (account) } " " }
                @if let (Some(_), Some(kind)) = (&finding.account, &finding.account_kind) { "(" (kind) ") " }
                code { (finding.field) }
            } }
            @for (name, size) in [("size at first", &finding.size), ("at most", &finding.largest_size), ("at last", &finding.last_size)] {
                @if let Some(size) = size { div { dt { (name) } dd { (sized(finding, size)) } } }
            }
            div { dt { "history" } dd { (history(finding)) } }
            @if let Some(knock_ons) = finding.knock_ons.as_ref().filter(|knock_ons| knock_ons.findings > 0) {
                div { dt { "follows from it" } dd {
                    (counted(knock_ons.findings, "knock-on")) ", " (grouped(knock_ons.same_step)) " in its own step, in "
                    (counted(knock_ons.accounts, "account"))
                    @if knock_ons.outcomes > 0 { ", " (counted(knock_ons.outcomes, "outcome")) }
                    @if let Some(event) = knock_ons.last_event { ", to event " (grouped(event as u64)) }
                } }
            }
        }
    }
}

fn sized(finding: &Finding, size: &Size) -> Markup {
    html! {
        (words::digits(&size.ulps)) " ulp"
        @if let Some(unit) = &finding.unit { br; (short(size.absolute)) " " (unit.name) }
        br; (share(size.relative)) " of the value"
    }
}

/// A share in percent, or as a power of ten where percents would be zeros.
fn share(share: f64) -> String {
    match share {
        small if small < 1e-5 => short(small),
        share => format!("{} %", short(share * 100.0)),
    }
}

fn history(finding: &Finding) -> String {
    let grew = match (&finding.size, finding.grew) {
        (None, _) => "",
        (Some(_), true) => "grew, ",
        (Some(_), false) => "did not grow, ",
    };
    // What happens passes; only what is written stays, and can heal.
    let stays = finding.account.is_some();
    let end = match &finding.healed {
        Some(healed) => format!("healed in {}", words::place(healed)),
        None if stays => format!("last seen in {}, not healed", words::place(&finding.last)),
        None => format!("last seen in {}", words::place(&finding.last)),
    };
    format!("seen {}; {grew}{end}", counted(finding.occurrences, "time"))
}

/// The columns that tell a finding in a row.
fn columns(report: &DivergenceReport, table: Table) -> Table {
    table
        .number("event")
        .text("instruction")
        .text("account")
        .text("field")
        .text(&report.left.name)
        .text(&report.right.name)
        .number("ulps at most")
        .note("in units of the field’s own integer")
        .text("history")
        .text("kind")
        .text("severity")
}

fn cells(finding: &Finding) -> Vec<Cell> {
    let value = |value: &Option<String>| Cell::text(words::cut(&finding.shown(value.as_deref()), 60));
    let event = finding.first.event.map(|event| event as u64);
    let history = match (&finding.healed, finding.grew) {
        (Some(_), true) => "grew, healed",
        (Some(_), false) => "healed",
        (None, true) => "grew",
        (None, false) => "stays",
    };
    vec![
        event.map_or_else(|| Cell::text("set-up").sorted_by(-1.0), Cell::count),
        Cell::code(&finding.first.instruction),
        finding.account.as_ref().map_or_else(Cell::none, Cell::code),
        Cell::code(&finding.field),
        value(&finding.left),
        value(&finding.right),
        match finding.largest_size.as_ref() {
            Some(size) => Cell::number(size.ulps.parse().unwrap_or(f64::NAN), words::digits(&size.ulps)),
            None => Cell::none(),
        },
        Cell::text(history),
        Cell::text(finding.kind.name()),
        Cell::markup(words::badge(finding.severity)).sorted_by(f64::from(finding.severity as u8)),
    ]
}

fn seen(report: &DivergenceReport, seen: &[Seen]) -> Markup {
    let mut table = columns(report, Table::new("Where the same was seen").text("trial"));
    for seen in seen.iter().take(ROWS) {
        let mut row = vec![Cell::markup(words::link(report, seen.trial)).sorted_by(seen.trial as f64)];
        row.extend(cells(seen.finding));
        table.row(row);
    }
    html! { (table) (rest(seen.len() as u64)) }
}

fn knock_ons(report: &DivergenceReport, of: &Seen) -> Option<Markup> {
    let all = || {
        report.trials[of.trial]
            .findings
            .iter()
            .filter(|finding| finding.cause == Some(of.finding.id))
    };
    let count = all().count() as u64;
    let mut table = columns(
        report,
        Table::new("Differences that follow from this one, as they appeared"),
    );
    for finding in all().take(ROWS) {
        table.row(cells(finding));
    }
    let body = html! { (table) (rest(count)) };
    (count > 0).then(|| folded(counted(count, "knock-on"), &body))
}

fn others(report: &DivergenceReport, causes: &[Cause]) -> Markup {
    let mut table = columns(report, Table::new("Causes, the worst first").number("trials"));
    for cause in causes.iter().take(10 * ROWS) {
        let mut row = vec![Cell::count(cause.trials().len() as u64)];
        row.extend(cells(cause.example.finding));
        table.row(row);
    }
    html! {
        (table)
        @if causes.len() > 10 * ROWS { (note(format!("The first {} of {} are listed.", 10 * ROWS, grouped(causes.len() as u64)))) }
    }
}

fn rest(count: u64) -> Markup {
    html! {
        @if count > ROWS as u64 {
            (note(format!("The first {ROWS} are listed; {} more are in the report’s data.", grouped(count - ROWS as u64))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{finding, report, report_of, trial};
    use super::*;
    use crate::divergence::{Kind, Severity};

    fn html(report: &DivergenceReport) -> String {
        findings(report, &report.causes()).into_string()
    }

    #[test]
    fn a_cause_tells_both_values_with_units_and_what_follows() {
        let html = html(&report());
        for piece in [
            "perp_market_0 amm.total_fee: 0.1 quote against 0.100001 quote",
            "<dt>size at first</dt><dd>1 ulp<br>1.00e−6 quote",
            "<summary>1 knock-on</summary>",
            "InsufficientCollateral (6003)",
            "Program log: margin &lt;script&gt;",
            "<pre><code>harness backtest",
        ] {
            assert!(html.contains(piece), "{piece} in {html}");
        }
    }

    #[test]
    fn nothing_is_said_in_words() {
        assert!(html(&report_of(vec![trial(0, vec![])])).contains("No difference was found"));
    }

    #[test]
    fn many_are_cut_and_counted() {
        let many: Vec<Finding> = (0..60)
            .map(|id| {
                let mut one = finding(id, Kind::Rounding, Severity::Minor, "amm.sqrt_k");
                one.cause = (id > 0).then_some(0);
                one
            })
            .collect();
        let html_of = html(&report_of(vec![trial(0, many)]));
        // 59 knock-ons, 50 of them listed.
        assert!(html_of.contains("The first 50 are listed; 9 more"), "{html_of}");
        let many = (0..45).map(|id| finding(id, Kind::Rounding, Severity::Minor, &format!("field_{id}")));
        let html = html(&report_of(vec![trial(0, many.collect())]));
        assert_eq!(html.matches("class=\"finding\"").count(), FULL);
        assert!(html.contains("The 40 worst of 45 causes") && html.contains("field_44"));
    }
}

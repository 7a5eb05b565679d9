//! `report.md`: a divergence report for a terminal or a pull request.

use crate::divergence::{Cause, DivergenceReport, Outcomes, Refused, Side, TrialReport};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Most causes that are told in full.
const CAUSES: usize = 20;

/// `report` as Markdown.
pub fn markdown(report: &DivergenceReport) -> String {
    let mut text = format!(
        "# {}: {} against {}\n\n**{}**\n\n",
        plain(&report.subject),
        plain(&report.left.name),
        plain(&report.right.name),
        plain(&report.verdict())
    );
    for (name, side) in [("left", &report.left), ("right", &report.right)] {
        line(&mut text, format_args!("- {name}: {}", told(side)));
    }
    text.push_str("\n## What the sample says\n\n");
    for statement in &report.statistics.statements {
        line(&mut text, format_args!("- {statement}"));
    }
    text.push_str("\n## Trials\n\n");
    trials(&mut text, &report.trials);
    causes(&mut text, report);
    text.push_str("\n## Instructions\n\n");
    instructions(&mut text, report);
    text
}

/// Causes that [`brief`] tells.
const BRIEFLY: usize = 3;

/// `report` in a few lines: the verdict, what the sample says, and the worst that differs.
pub fn brief(report: &DivergenceReport) -> String {
    let mut text = report.verdict();
    text.push('\n');
    for statement in &report.statistics.statements {
        line(&mut text, format_args!("- {statement}"));
    }
    for trial in &report.trials {
        if let Some(why) = &trial.stopped {
            line(
                &mut text,
                format_args!("{} was not replayed: {why}", trial.experiment),
            );
        }
    }
    let causes = report.causes();
    for (number, found) in causes.iter().take(BRIEFLY).enumerate() {
        cause(&mut text, number + 1, found, &report.trials[found.example.trial]);
    }
    if causes.len() > BRIEFLY {
        line(
            &mut text,
            format_args!("{} more in the report", causes.len() - BRIEFLY),
        );
    }
    text
}

/// A `String` takes everything.
fn line(text: &mut String, arguments: std::fmt::Arguments) {
    let _ = text.write_fmt(arguments);
    text.push('\n');
}

/// A text that says nothing to Markdown, and stays in its cell.
fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\n' | '\r' => escaped.push(' '),
            '|' | '*' | '`' | '<' | '>' | '[' | ']' | '\\' => escaped.extend(['\\', sign]),
            _ => escaped.push(sign),
        }
    }
    escaped
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace('\n', " "))
}

fn told(side: &Side) -> String {
    let mut told = format!("{} ({})", plain(&side.name), side.kind);
    for (what, value) in [
        ("sha256", side.sha256.as_ref()),
        ("interface", side.idl.as_ref()),
        (
            "strategy that departs from the deployed rule:",
            side.switch.as_ref(),
        ),
    ] {
        if let Some(value) = value {
            told.push_str(&format!(", {what} {}", code(value)));
        }
    }
    told
}

fn row<'a>(text: &mut String, cells: impl IntoIterator<Item = &'a str>) {
    for cell in cells {
        let _ = write!(text, "| {cell} ");
    }
    text.push_str("|\n");
}

fn head(text: &mut String, names: &[&str]) {
    row(text, names.iter().copied());
    row(text, names.iter().map(|_| "---"));
}

fn trials(text: &mut String, trials: &[TrialReport]) {
    head(
        text,
        &[
            "trial",
            "picked as",
            "weight",
            "instructions",
            "refused",
            "causes",
            "worst",
            "money",
            "why",
        ],
    );
    for trial in trials {
        let picked = trial.picked.as_ref();
        let refused = [&trial.counts.left, &trial.counts.right]
            .map(|side| side.values().flat_map(|it| it.refused.values()).sum::<u64>());
        let refused = match refused {
            [left, right] if left == right => right.to_string(),
            [left, right] => format!("{left} / {right}"),
        };
        let money = match trial.accounted {
            None => "",
            Some(true) => "accounted for",
            Some(false) => "**does not add up**",
        };
        let why = match (&trial.stopped, picked) {
            (Some(why), _) => format!("**not replayed:** {}", plain(why)),
            (None, Some(picked)) => plain(&picked.reason),
            (None, None) => String::new(),
        };
        let weight = picked.map(|picked| format!("{:.4}", picked.weight));
        row(
            text,
            [
                plain(&trial.experiment).as_str(),
                picked.map_or("", |picked| picked.method.as_str()),
                weight
                    .as_deref()
                    .map_or("", |weight| weight.trim_end_matches('0').trim_end_matches('.')),
                &trial.counts.instructions.to_string(),
                &refused,
                &trial.causes().count().to_string(),
                trial.worst.map_or("", |worst| worst.name()),
                money,
                &why,
            ],
        );
    }
    let count = |of: fn(&TrialReport) -> &[String]| trials.iter().map(|trial| of(trial).len()).sum::<usize>();
    for (events, sides) in [
        (count(|trial| &trial.skipped), "neither side"),
        (count(|trial| &trial.one_sided), "one side only"),
    ] {
        if events > 0 {
            line(
                text,
                format_args!("\n{events} events could be carried out on {sides}; report.json says why."),
            );
        }
    }
}

fn causes(text: &mut String, report: &DivergenceReport) {
    let causes = report.causes();
    text.push_str("\n## What differs\n\n");
    if causes.is_empty() {
        text.push_str("Nothing.\n");
    }
    for (number, found) in causes.iter().take(CAUSES).enumerate() {
        cause(text, number + 1, found, &report.trials[found.example.trial]);
    }
    if causes.len() > CAUSES {
        line(
            text,
            format_args!("{} more are in report.json.", causes.len() - CAUSES),
        );
    }
    for (kind, [left, right]) in report.layouts() {
        let lists = [
            (
                "on the left side only",
                left.difference(&right).collect::<Vec<_>>(),
            ),
            ("on the right side only", right.difference(&left).collect()),
            (
                "in another form on either side",
                left.intersection(&right).collect(),
            ),
        ];
        for (place, fields) in lists {
            let fields: Vec<_> = fields.into_iter().map(|field| code(field)).collect();
            if !fields.is_empty() {
                let (kind, fields) = (code(kind), fields.join(", "));
                line(
                    text,
                    format_args!("\nFields of {kind} {place}, which were not compared: {fields}."),
                );
            }
        }
    }
}

fn cause(text: &mut String, number: usize, cause: &Cause, trial: &TrialReport) {
    let finding = cause.example.finding;
    let (first, among) = (&finding.first, cause.trials().len());
    line(
        text,
        format_args!(
            "{number}. **{}: {}**, {} in {among} trial{}",
            finding.severity,
            finding.kind,
            code(&first.instruction),
            if among == 1 { "" } else { "s" },
        ),
    );
    let item = |text: &mut String, words: String| line(text, format_args!("   - {words}"));
    item(text, plain(&finding.statement()));
    let event = first.event.map_or("set-up".to_owned(), |event| {
        format!("event {event} ({})", first.event_name)
    });
    item(
        text,
        format!(
            "in {}, {}, slot {}, time {}",
            plain(&trial.experiment),
            plain(&event),
            first.slot,
            first.unix_timestamp
        ),
    );
    for (side, refused) in [("left", &finding.left_refused), ("right", &finding.right_refused)] {
        if let Some(Refused {
            code: number,
            name,
            log,
        }) = refused
        {
            let log = log
                .as_deref()
                .map(|log| format!(": {}", code(log)))
                .unwrap_or_default();
            item(text, format!("{side} refuses with {name} ({number}){log}"));
        }
    }
    if let (Some(size), Some(largest)) = (&finding.size, &finding.largest_size) {
        let grew = if finding.grew {
            format!(", {} at most", largest.ulps)
        } else {
            String::new()
        };
        item(
            text,
            format!(
                "off by {} of its own units ({:.3e} of the whole){grew}",
                size.ulps, size.relative
            ),
        );
    }
    if let Some(healed) = &finding.healed {
        let event = healed
            .event
            .map_or("set-up".to_owned(), |event| format!("event {event}"));
        item(text, format!("equal again from {event} on"));
    }
    let (findings, knock_ons) = (cause.seen.len(), cause.knock_ons());
    if findings > 1 || knock_ons > 0 {
        item(
            text,
            format!("seen {findings} times in all; {knock_ons} other differences follow from it"),
        );
    }
    if let Some(command) = &trial.command {
        item(text, code(command));
    }
}

fn instructions(text: &mut String, report: &DivergenceReport) {
    head(text, &["instruction", "outcome", "left", "right", ""]);
    let names: BTreeSet<&String> = report
        .trials
        .iter()
        .flat_map(|trial| trial.counts.left.keys().chain(trial.counts.right.keys()))
        .collect();
    for name in names {
        let sides = [true, false].map(|left| {
            let outcomes = report.trials.iter().filter_map(|trial| {
                let side = if left {
                    &trial.counts.left
                } else {
                    &trial.counts.right
                };
                side.get(name)
            });
            outcomes.collect::<Vec<&Outcomes>>()
        });
        let accepted = sides
            .each_ref()
            .map(|side| side.iter().map(|it| it.accepted).sum());
        outcome(text, name, "accepted", accepted);
        let errors: BTreeSet<&String> = sides.iter().flatten().flat_map(|it| it.refused.keys()).collect();
        for error in errors {
            let of =
                |side: &Vec<&Outcomes>| -> u64 { side.iter().filter_map(|it| it.refused.get(error)).sum() };
            outcome(text, name, error, sides.each_ref().map(of));
        }
    }
}

fn outcome(text: &mut String, name: &str, outcome: &str, [left, right]: [u64; 2]) {
    let differs = if left == right { "" } else { "**differs**" };
    row(
        text,
        [
            &code(name) as &str,
            &plain(outcome),
            &left.to_string(),
            &right.to_string(),
            differs,
        ],
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::divergence::testing::{finding, report, trial};
    use crate::divergence::{Finding, Kind, Picked, Severity};

    #[test]
    fn a_report_says_what_differs_and_how_to_see_it() {
        let refused = Finding {
            severity: Severity::Critical,
            left: Some("accepted".to_owned()),
            right: Some("refused: PriceBandsBreached".to_owned()),
            right_refused: Some(Refused {
                code: 6023,
                name: "PriceBandsBreached".to_owned(),
                log: Some("Error | `said`".to_owned()),
            }),
            size: None,
            account: None,
            ..finding(0, Kind::Refused, "outcome")
        };
        let mut one = trial(
            "lp_bias_3",
            vec![refused, finding(1, Kind::Rounding, "amm.total_fee")],
        );
        one.command = Some("harness backtest lp_bias_3".to_owned());
        one.picked = Some(Picked {
            method: "representative".to_owned(),
            reason: "a <script> | in a cell".to_owned(),
            weight: 40.0,
        });
        let extra = Finding {
            left: None,
            ..finding(2, Kind::Layout, "amm.extra")
        };
        one.findings.push(extra);
        let other = TrialReport::stopped("lp_bias_4".to_owned(), "cannot read it".to_owned());
        let text = markdown(&report(vec![one, other]));
        for piece in [
            "# lp_bias: simulator against simulator\n",
            "| lp_bias_3 | representative | 40 | 0 | 0 | 2 | critical |  | a \\<script\\> \\| in a cell |",
            "**not replayed:** cannot read it",
            "1. **critical: refused on one side**, `place_and_take_perp_order` in 1 trial\n",
            "   - outcome: accepted against refused: PriceBandsBreached\n",
            "   - right refuses with PriceBandsBreached (6023): `Error | 'said'`\n",
            "2. **minor: rounding**",
            "   - `harness backtest lp_bias_3`\n",
            "Fields of `PerpMarket` on the right side only, which were not compared: `amm.extra`.",
        ] {
            assert!(text.contains(piece), "{piece} in\n{text}");
        }
    }
}

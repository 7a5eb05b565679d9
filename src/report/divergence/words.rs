//! Words and marks that the sections of the page share.

use maud::{Markup, html};

use crate::divergence::{DivergenceReport, Kind, Place, Refused, Severity, TrialReport};
use crate::report::number::grouped;
use crate::report::page::State;

/// What a trial is called.
pub fn name(trial: &TrialReport) -> String {
    match trial.trial {
        Some(number) => format!("trial {}", grouped(number)),
        None => trial.experiment.clone(),
    }
}

/// The anchor of the trial at a place of the report.
pub fn anchor(place: usize) -> String {
    format!("trial-{place}")
}

/// A link to the trial at a place of the report.
pub fn link(report: &DivergenceReport, place: usize) -> Markup {
    html! { @if let Some(trial) = report.trials.get(place) { a href=(format!("#{}", anchor(place))) { (name(trial)) } } }
}

/// How a severity is coloured among marks and cells.
pub fn state(severity: Severity) -> State {
    match severity {
        Severity::Info => State::Ok,
        Severity::Minor => State::Warn,
        Severity::Major | Severity::Critical => State::Bad,
    }
}

/// The class that colours a severity as text.
pub fn class(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "none",
        other => state(other).class(),
    }
}

/// A severity that catches the eye.
pub fn badge(severity: Severity) -> Markup {
    html! { span class=(format!("badge {}", class(severity))) { (severity) } }
}

/// The event in which something was.
pub fn event(event: Option<usize>, name: &str) -> String {
    match event {
        Some(number) => format!("event {} ({name})", grouped(number as u64)),
        None => name.to_owned(),
    }
}

/// When something was seen.
pub fn place(place: &Place) -> String {
    event(place.event, &place.event_name)
}

/// An error's name with its number.
pub fn error(refused: &Refused) -> String {
    match refused.name.as_str() {
        "" => format!("error {}", refused.code),
        name => format!("{name} ({})", refused.code),
    }
}

/// Why a side refused, with what its program wrote.
pub fn refusal(refused: Option<&Refused>, none: &str) -> Markup {
    let Some(refused) = refused else {
        return html! { span.none { (none) } };
    };
    html! {
        code { (error(refused)) }
        @if let Some(log) = &refused.log { br; code.log { (cut(log, LOG)) } }
    }
}

/// Most signs of a log line.
const LOG: usize = 400;

/// An integer that is written out, in groups of three digits; anything else stays as it is.
pub fn digits(text: &str) -> String {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("−", digits),
        None => ("", text),
    };
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return text.to_owned();
    }
    let mut written = String::from(sign);
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            written.push('\u{202f}');
        }
        written.push(digit);
    }
    written
}

/// A text of at most so many signs; one that is cut says so.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// What a severity means.
pub fn severity_means(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => {
            "Expected, or about layout only: a model switch in force and all that follows from it, or a field that one \
             side’s layout does not have."
        }
        Severity::Minor => "Rounding that does not add up, or arguments that differ.",
        Severity::Major => "Any other field, or the clock.",
        Severity::Critical => {
            "An instruction that only one side accepts or executes, or what somebody owns: balances, positions, shares \
             and tokens that differ by more than rounding, or that one side never wrote."
        }
    }
}

/// What a kind means.
pub fn kind_means(kind: Kind) -> &'static str {
    match kind {
        Kind::Refused => "Accepted by one side only, or refused by each for another reason.",
        Kind::MissingInstruction => "An instruction that only one side executed.",
        Kind::Clock => "The time or slot at which an instruction ran, or one that an account holds.",
        Kind::OracleOrGuardRail => {
            "What the oracle shows or when it was read, its limits, and refusals because of them."
        }
        Kind::ModelSwitch => "A scenario’s strategy that departs from the deployed rule on purpose.",
        Kind::MissingWrite => "An account or field that one side changed and the other never did.",
        Kind::Rounding => "At most two units of the field’s own integer, and not growing.",
        Kind::Accumulating => {
            "At most one unit a write, but growing: rounding that adds up, or an amount that is off by one unit each time."
        }
        Kind::Arguments => "An instruction’s arguments, which each side lowers from its own accounts.",
        Kind::Layout => "A field that only one side’s layout has.",
        Kind::Unknown => "None of these.",
    }
}

/// The anchor of the cause at a place of the list.
pub fn cause_anchor(place: usize) -> String {
    format!("cause-{place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_integers_are_grouped_and_other_texts_stay() {
        for (text, shown) in [
            (
                "1234567890123456789012",
                "1\u{202f}234\u{202f}567\u{202f}890\u{202f}123\u{202f}456\u{202f}789\u{202f}012",
            ),
            ("-1000", "−1\u{202f}000"),
            ("999", "999"),
            ("1.5", "1.5"),
            ("-", "-"),
        ] {
            assert_eq!(digits(text), shown);
        }
    }

    #[test]
    fn texts_are_cut_between_signs() {
        assert_eq!(
            (cut("größe", 5), cut("größe", 4)),
            ("größe".into(), "grö…".into())
        );
    }

    #[test]
    fn an_error_without_a_name_has_its_number() {
        let refused = |name: &str| Refused {
            code: 6_003,
            name: name.into(),
            log: None,
        };
        assert_eq!(error(&refused("")), "error 6003");
        assert_eq!(
            error(&refused("InsufficientCollateral")),
            "InsufficientCollateral (6003)"
        );
    }
}

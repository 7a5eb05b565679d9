//! What a reader takes away first: whether the two sides agree.

use maud::{Markup, html};

use crate::divergence::{Counts, DivergenceReport, Severity, Side};
use crate::report::number::{counted, grouped};
use crate::report::page::{State, Verdict};

/// Signs of a hash that tell it.
const HASH: usize = 12;

/// The verdict on a report.
pub fn verdict(report: &DivergenceReport) -> Verdict {
    let sum = |of: fn(&Counts) -> u64| report.trials.iter().map(|trial| of(&trial.counts)).sum::<u64>();
    let instructions = sum(|counts| counts.instructions);
    let is_whole = report.trials.iter().all(|trial| trial.stopped.is_none());
    let adds_up = report.trials.iter().all(|trial| trial.accounted != Some(false));
    let mut sentence = report.verdict();
    if report.same_by_construction() && instructions > 0 {
        sentence += match report.worst() {
            None => " This proves nothing about the deployed program.",
            Some(_) => {
                " Both sides run the same engine: what differs is how the harness runs it, and says nothing about the \
                 deployed program."
            }
        };
    }
    let state = match report.worst() {
        Some(worst) if worst > Severity::Info => State::Bad,
        _ if !adds_up => State::Bad,
        None if is_whole && instructions > 0 => State::Ok,
        _ => State::Warn,
    };
    let mut facts = vec![
        ("left".to_owned(), side(&report.left)),
        ("right".to_owned(), side(&report.right)),
    ];
    let counts = [
        (
            "trials",
            report.trials.len() as u64 + report.statistics.unlisted.total(),
        ),
        ("events", sum(|counts| counts.events)),
        ("instructions", instructions),
        ("accounts", sum(|counts| counts.accounts)),
    ];
    facts.extend(counts.map(|(name, count)| (name.to_owned(), html! { (grouped(count)) })));
    facts.push(("money".to_owned(), money(report)));
    Verdict {
        state,
        sentence,
        facts,
    }
}

fn side(side: &Side) -> Markup {
    let idl = side.idl.as_ref().map(|idl| format!("read by {idl}"));
    html! {
        strong { (side.name) } br;
        (side.kind)
        @if let Some(sha256) = &side.sha256 { br; (hash(sha256)) }
        @if let Some(idl) = idl { br; (idl) }
        @if let Some(sha256) = &side.idl_sha256 { br; (hash(sha256)) }
        @if let Some(switch) = &side.switch { br; span.warn { "switch " code { (switch) } } }
    }
}

/// A hash by its first signs; the whole is there to be copied.
fn hash(whole: &str) -> Markup {
    let short: String = whole.chars().take(HASH).collect();
    html! { code title=(whole) { (short) } }
}

fn money(report: &DivergenceReport) -> Markup {
    let count = |of: Option<bool>| report.trials.iter().filter(|trial| trial.accounted == of).count() as u64;
    let (closed, open, unseen) = (count(Some(true)), count(Some(false)), count(None));
    html! {
        @if open > 0 { span.bad { "not accounted for in " (counted(open, "trial")) } }
        @else if closed > 0 && unseen == 0 { "every token accounted for" }
        @else if closed > 0 { "accounted for in " (counted(closed, "trial")) ", not looked at in " (grouped(unseen)) }
        @else { "not looked at" }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{finding, report_of, trial};
    use super::*;
    use crate::divergence::Kind;

    #[test]
    fn no_difference_is_good() {
        let found = verdict(&report_of(vec![trial(0, vec![]), trial(1, vec![])]));
        assert_eq!(found.state, State::Ok);
        assert!(
            found.sentence.contains("are identical in 2 trials"),
            "{}",
            found.sentence
        );
    }

    #[test]
    fn differences_are_bad_and_expected_ones_a_caution() {
        let refused = finding(0, Kind::Refused, Severity::Critical, "outcome");
        let switched = finding(0, Kind::ModelSwitch, Severity::Info, "amm.peg_multiplier");
        let layout = finding(0, Kind::Layout, Severity::Info, "amm.extra");
        for (of, state, says) in [
            (refused, State::Bad, "1 cause, the worst critical."),
            (switched, State::Warn, "1 cause, the worst info."),
            (
                layout,
                State::Warn,
                "in the layout of one side only, or in another form, and were not compared.",
            ),
        ] {
            let found = verdict(&report_of(vec![trial(0, vec![of]), trial(1, vec![])]));
            assert_eq!(found.state, state);
            assert!(found.sentence.ends_with(says), "{}", found.sentence);
        }
    }

    #[test]
    fn what_was_not_compared_or_is_missing_is_no_good() {
        let mut short = report_of(vec![trial(0, vec![])]);
        short.trials[0].stopped = Some("the left side stopped".into());
        assert_eq!(verdict(&short).state, State::Warn);
        let mut lost = report_of(vec![trial(0, vec![])]);
        lost.trials[0].accounted = Some(false);
        assert_eq!(verdict(&lost).state, State::Bad);
        let none = verdict(&report_of(vec![]));
        assert_eq!(none.state, State::Warn);
        assert!(
            none.sentence.starts_with("Nothing was compared"),
            "{}",
            none.sentence
        );
    }

    #[test]
    fn the_built_in_program_proves_nothing() {
        let mut report = report_of(vec![trial(0, vec![])]);
        report.right.kind = "built-in program".into();
        assert!(
            verdict(&report)
                .sentence
                .contains("proves nothing about the deployed program")
        );
        report.left.switch = Some("PrePeg".into());
        assert!(!verdict(&report).sentence.contains("proves nothing"));
    }
}

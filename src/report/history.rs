//! The page of a recorded market beside the engine's.

use super::chart::{Axis, Line, Series, thin};
use super::number::short;
use super::page::{Page, State, Verdict, folded, gallery, note};
use super::table::{Cell, Table};
use crate::history::{Compared, Comparison, calendar};
use maud::{Markup, Render, html};

/// Places along an axis at which a long series is drawn.
const COLUMNS: usize = 800;

/// The page of `found`.
pub fn page(found: &Comparison) -> Page {
    let states = &found.recording.states;
    let ends = states.first().zip(states.last());
    let (first, last) = ends
        .map(|(first, last)| (calendar(first.seen), calendar(last.seen)))
        .unwrap_or_default();
    let exact = found
        .fields
        .iter()
        .filter(|field| field.asked.errors.deviating == 0)
        .count();
    let refused: u64 = found.asked.refusals.values().sum();
    let mut page = Page::new(format!(
        "{} as recorded and as the engine has it",
        found.recording.market
    ))
    .verdict(Verdict {
        state: if exact == found.fields.len() {
            State::Ok
        } else {
            State::Warn
        },
        sentence: format!(
            "{exact} of {} fields stay within the tolerance, {}",
            found.fields.len(),
            found.resync
        ),
        facts: vec![
            ("states".into(), html! { (states.len()) }),
            ("from".into(), html! { (first) }),
            ("to".into(), html! { (last) }),
            (
                "tolerance".into(),
                html! { (format!("{} %", found.tolerance * 100.0)) },
            ),
            ("instructions refused".into(), html! { (refused) }),
        ],
    });
    page.section("errors", "Errors by field", html! {
        (table(found))
        (note("Relative errors are shares of the recorded value; one step starts from the recorded state before. Correlations are of changes from state to state."))
        @for ((instruction, code), times) in &found.asked.refusals {
            (note(format!("refused: {instruction} with {code}, {times} times")))
        }
        (note(format!("Not recorded, at zero: {}.", found.recording.unrecorded.join(", "))))
    });
    page.section(
        "time",
        "Over time",
        gallery(found.fields.iter().map(|field| picture(found, field))),
    );
    let off = found
        .fields
        .iter()
        .filter(|field| field.asked.errors.deviating > 0);
    page.section("one-step", "Errors of one step", html! {
        (folded("Each field's error after a step from the recorded state before", &gallery(off.map(|field| step_errors(found, field)))))
    });
    page
}

fn table(found: &Comparison) -> Markup {
    let mut table = Table::new("Fields of the market, free-running or as asked, and one step at a time")
        .text("field")
        .text("unit")
        .number("off")
        .text("since")
        .number("mean |error|")
        .number("median")
        .number("largest")
        .number("last")
        .number("correlation")
        .number("one step: off")
        .number("median")
        .number("correlation");
    let share = |share: f64| match share.is_finite() {
        true => Cell::number(share, format!("{:.3} %", share * 100.0)),
        false => Cell::text("∞"),
    };
    let correlation = |value: Option<f64>| {
        value.map_or_else(Cell::none, |value| Cell::number(value, format!("{value:.3}")))
    };
    for field in &found.fields {
        let (asked, each) = (&field.asked.errors, &field.each.errors);
        let scale = 10f64.powi(field.quantity.places as i32);
        let value = |integer: f64| Cell::number(integer / scale, short(integer / scale));
        let since = asked
            .first
            .and_then(|place| found.recording.states.get(place + 1));
        table.row([
            Cell::code(field.quantity.name),
            Cell::text(field.quantity.unit),
            Cell::count(asked.deviating as u64),
            since.map_or_else(Cell::none, |state| Cell::text(calendar(state.seen))),
            value(asked.mean_absolute),
            share(asked.median_relative),
            value(asked.largest.1 as f64),
            value(asked.last as f64),
            correlation(asked.correlation),
            Cell::count(each.deviating as u64),
            share(each.median_relative),
            correlation(each.correlation),
        ]);
    }
    table.render()
}

/// Seconds since the first state of the state that a series has at `place`.
fn time(found: &Comparison, place: usize) -> f64 {
    let states = &found.recording.states;
    (states[place + 1].seen - states[0].seen) as f64
}

fn series(found: &Comparison, field: &Compared, name: &str, values: &[i128], dashed: bool) -> Series {
    let points = values.iter().enumerate();
    let points: Vec<_> = points
        .map(|(place, value)| (time(found, place), field.quantity.value(*value)))
        .collect();
    Series {
        name: name.into(),
        points: thin(&points, COLUMNS),
        step: true,
        dashed,
    }
}

fn picture(found: &Comparison, field: &Compared) -> Markup {
    let mut line = Line::new(field.quantity.name, field.quantity.unit, Axis::Seconds);
    line.series
        .push(series(found, field, "recorded", &field.asked.recorded, false));
    line.series
        .push(series(found, field, "engine", &field.asked.engine, true));
    line.render()
}

fn step_errors(found: &Comparison, field: &Compared) -> Markup {
    let mut line = Line::new(field.quantity.name, field.quantity.unit, Axis::Seconds);
    let pairs = field.each.engine.iter().zip(&field.each.recorded);
    let errors: Vec<i128> = pairs.map(|(engine, recorded)| engine - recorded).collect();
    line.series.push(series(found, field, "error", &errors, false));
    line.render()
}

//! What a reader takes away first: whether the sweep is whole and sound.

use maud::html;

use crate::report::number::{counted, grouped};
use crate::report::page::{State, Verdict};
use crate::summary::Reading;
use crate::sweep::manifest::Manifest;

/// The verdict on a sweep.
pub fn verdict(reading: &Reading, manifest: &Manifest) -> Verdict {
    let overall = reading.overall;
    let (run, planned) = (overall.trials, reading.results.planned);
    let trials = match run < planned {
        true => format!("{} of {} so far", grouped(run), counted(planned, "trial")),
        false => counted(run, "trial"),
    };
    let failed = match overall.failed {
        0 => "none failed".to_owned(),
        failed => format!("{} failed and left out", grouped(failed)),
    };
    let (broken, conserved) = match overall.conservation {
        None => (false, String::new()),
        Some(found) if found.broken > 0 => {
            let first = found.first.map(|trial| format!(", first in trial {trial}"));
            let first = first.unwrap_or_default();
            (
                true,
                format!(
                    "; money was not conserved in {}{first}",
                    counted(found.broken, "trial")
                ),
            )
        }
        Some(_) if overall.failed > 0 => (false, "; every finished trial conserved money".to_owned()),
        Some(_) => (false, " and every one conserved money".to_owned()),
    };
    let state = match (broken, overall.failed > 0 || run < planned) {
        (true, _) => State::Bad,
        (false, true) => State::Warn,
        (false, false) => State::Ok,
    };
    let points = counted(reading.points as u64, "point");
    let mut facts = vec![
        (
            "parameters varied".to_owned(),
            html! { (reading.results.parameters.len()) },
        ),
        ("points".to_owned(), html! { (grouped(manifest.points)) }),
        (
            "replicates".to_owned(),
            html! { (grouped(manifest.replicates.into())) },
        ),
        ("seed".to_owned(), html! { (manifest.seed) }),
    ];
    if let Some(interval) = manifest.series_interval_s {
        facts.push(("series".to_owned(), html! { "every " (interval) " s" }));
    }
    for (name, text) in [
        ("harness", &manifest.harness),
        ("spec", &manifest.spec),
        ("program", &manifest.program),
    ] {
        // The first signs of a hash tell it; the whole is there to be copied.
        let short: String = text.chars().take(12).collect();
        if !text.is_empty() {
            facts.push((name.to_owned(), html! { code title=(text) { (short) } }));
        }
    }
    Verdict {
        state,
        sentence: format!("{trials} at {points}: {failed}{conserved}."),
        facts,
    }
}

//! Why trials were picked, in a report of their replays.

use crate::divergence::{DivergenceReport, Mismatch, Picked, Survey, Unlisted, rounded};
use crate::sample::Selection;

/// The report with how its trials were picked; picked ones that it lacks are told as not replayed.
pub(super) fn with_picks(
    report: DivergenceReport,
    selection: &Selection,
) -> Result<DivergenceReport, Mismatch> {
    let picks = selection.trials.iter().map(|selected| {
        let picked = Picked {
            method: selected.method.clone(),
            reason: selected.reason.clone(),
            weight: rounded(selected.weight),
        };
        (selected.folder.clone(), selected.trial, picked)
    });
    let mut survey = Survey::of(selection.finished);
    if let Some(drawn) = &selection.drawn {
        survey.confidence = drawn.confidence;
        survey.unlisted = Unlisted {
            agreed: drawn.agreed,
            differed: drawn.differed,
            stopped: drawn.stopped,
        };
    }
    report.picked(survey, &picks.collect::<Vec<_>>())
}

//! Why trials were picked, in a report of their replays.

use crate::divergence::{DivergenceReport, Mismatch, Picked, rounded};
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
    report.picked(selection.finished, &picks.collect::<Vec<_>>())
}

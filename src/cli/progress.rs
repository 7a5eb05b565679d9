//! Progress over experiments, shown to people only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

/// A bar over so many experiments; a single one has none.
pub(super) fn experiments(count: usize) -> ProgressBar {
    let progress = ProgressBar::new(count as u64);
    match ProgressStyle::with_template("{bar:40} {pos} of {len} experiments, {eta} left") {
        Ok(style) if count > 1 => progress.set_style(style),
        _ => progress.set_draw_target(ProgressDrawTarget::hidden()),
    }
    progress
}

/// A bar over so many random trials.
pub(super) fn random_trials(count: u64) -> ProgressBar {
    let progress = ProgressBar::new(count);
    match ProgressStyle::with_template("{bar:40} {pos} of {len} random trials, {eta} left") {
        Ok(style) => progress.with_style(style),
        Err(_) => progress,
    }
}

/// A count of random trials that goes on for some time.
pub(super) fn random_trials_for(time: Duration) -> ProgressBar {
    let progress = ProgressBar::no_length();
    let template = format!(
        "{{pos}} random trials in {{elapsed}} of {:.0}s",
        time.as_secs_f64()
    );
    match ProgressStyle::with_template(&template) {
        Ok(style) => progress.with_style(style),
        Err(_) => progress,
    }
}

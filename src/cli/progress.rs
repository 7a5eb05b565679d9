//! Progress over experiments, shown to people only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar over so many experiments; a single one has none.
pub(super) fn experiments(count: usize) -> ProgressBar {
    let progress = ProgressBar::new(count as u64);
    match ProgressStyle::with_template("{bar:40} {pos} of {len} experiments, {eta} left") {
        Ok(style) if count > 1 => progress.set_style(style),
        _ => progress.set_draw_target(ProgressDrawTarget::hidden()),
    }
    progress
}

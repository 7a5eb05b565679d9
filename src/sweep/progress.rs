//! How far a run is, on standard error: a bar on a terminal, a line now and then elsewhere.

use std::fmt;
use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// Between two lines where there is no terminal.
const LINES_EVERY: Duration = Duration::from_secs(10);

/// How to show progress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// A bar on a terminal, lines elsewhere.
    #[default]
    Auto,
    /// A bar.
    Bar,
    /// A line every ten seconds.
    Lines,
    /// Not at all.
    Silent,
}

/// Counts what happens, from any thread, and shows it.
#[derive(Debug)]
pub struct Progress {
    counts: Arc<Counts>,
    display: Display,
}

#[derive(Debug)]
enum Display {
    Bar(ProgressBar),
    /// Milliseconds from the start to the next line.
    Lines(AtomicU64),
    Silent,
}

#[derive(Debug)]
struct Counts {
    total: u64,
    started: Instant,
    trials: AtomicU64,
    events: AtomicU64,
    failed: AtomicU64,
}

impl Progress {
    /// Begins to show a run of so many trials.
    pub fn begin(style: Style, total: u64) -> Self {
        let counts = Arc::new(Counts {
            total,
            started: Instant::now(),
            trials: AtomicU64::new(0),
            events: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        });
        let bar = match style {
            Style::Auto => io::stderr().is_terminal(),
            Style::Bar => true,
            Style::Lines | Style::Silent => false,
        };
        let display = if bar {
            Display::Bar(bar_of(&counts))
        } else if style == Style::Silent {
            Display::Silent
        } else {
            Display::Lines(AtomicU64::new(LINES_EVERY.as_millis() as u64))
        };
        Self { counts, display }
    }

    /// A trial has come to its end.
    pub fn trial(&self, events: u64, failed: bool) {
        self.counts.trials.fetch_add(1, Ordering::Relaxed);
        self.counts.events.fetch_add(events, Ordering::Relaxed);
        self.counts.failed.fetch_add(failed.into(), Ordering::Relaxed);
        match &self.display {
            Display::Bar(bar) => bar.inc(1),
            Display::Lines(next) => {
                let now = self.counts.started.elapsed().as_millis() as u64;
                let due = next.load(Ordering::Relaxed);
                let after = now + LINES_EVERY.as_millis() as u64;
                // Of the threads that find the line due, one prints it.
                if now >= due
                    && next
                        .compare_exchange(due, after, Ordering::Relaxed, Ordering::Relaxed)
                        .is_ok()
                {
                    eprintln!("{}", self.counts.totals());
                }
            }
            Display::Silent => {}
        }
    }

    /// Shows no more.
    pub fn end(&self) {
        if let Display::Bar(bar) = &self.display {
            bar.finish_and_clear();
        }
    }
}

impl Counts {
    fn totals(&self) -> Totals {
        Totals {
            total: self.total,
            trials: self.trials.load(Ordering::Relaxed),
            events: self.events.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            elapsed: self.started.elapsed(),
        }
    }
}

fn bar_of(counts: &Arc<Counts>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(counts.total), ProgressDrawTarget::stderr());
    let shown = counts.clone();
    let style = ProgressStyle::with_template("{wide_bar} {totals}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("totals", move |_: &ProgressState, out: &mut dyn fmt::Write| {
            // A line that cannot be formatted is drawn again a moment later.
            write!(out, "{}", shown.totals()).ok();
        });
    bar.set_style(style);
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}

/// The counts at a moment.
struct Totals {
    total: u64,
    trials: u64,
    events: u64,
    failed: u64,
    elapsed: Duration,
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let percent = self.trials * 100 / self.total.max(1);
        let (trials, total) = (HumanCount(self.trials), HumanCount(self.total));
        write!(f, "{trials}/{total} trials ({percent} %)")?;
        let seconds = self.elapsed.as_secs_f64();
        if self.trials > 0 && seconds > 0.0 {
            let rate = self.trials as f64 / seconds;
            let left = self.total.saturating_sub(self.trials) as f64 / rate;
            let events = short(self.events as f64 / seconds);
            write!(f, ", {} trials/s, {events} events/s", short(rate))?;
            if let Ok(left) = Duration::try_from_secs_f64(left) {
                write!(f, ", {} left", HumanDuration(left))?;
            }
        }
        if self.failed > 0 {
            write!(f, ", {} failed", HumanCount(self.failed))?;
        }
        Ok(())
    }
}

/// A rate in three or four figures.
fn short(rate: f64) -> String {
    match rate {
        0.0..10.0 => format!("{rate:.2}"),
        10.0..100.0 => format!("{rate:.1}"),
        100.0..10_000.0 => format!("{rate:.0}"),
        10_000.0..1e6 => format!("{:.1}k", rate / 1e3),
        _ => format!("{:.1}M", rate / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(trials: u64, events: u64, failed: u64, seconds: u64) -> String {
        let elapsed = Duration::from_secs(seconds);
        let total = 5_000;
        Totals {
            total,
            trials,
            events,
            failed,
            elapsed,
        }
        .to_string()
    }

    #[test]
    fn a_line_says_rates_and_the_time_left() {
        // 1,000 of 5,000 in 10 s: 100 a second, 40 s for the rest.
        assert_eq!(
            totals(1_000, 250_000, 0, 10),
            "1,000/5,000 trials (20 %), 100 trials/s, 25.0k events/s, 40 seconds left"
        );
        assert_eq!(
            totals(10, 40_000_000, 3, 20),
            "10/5,000 trials (0 %), 0.50 trials/s, 2.0M events/s, 3 hours left, 3 failed"
        );
        assert_eq!(totals(0, 0, 0, 10), "0/5,000 trials (0 %)");
    }

    #[test]
    fn counting_is_silent_without_a_display_and_survives_an_empty_run() {
        for style in [Style::Silent, Style::Lines, Style::Bar] {
            let progress = Progress::begin(style, 0);
            progress.trial(5, true);
            progress.end();
            let totals = progress.counts.totals();
            assert_eq!((totals.trials, totals.events, totals.failed), (1, 5, 1));
        }
    }
}

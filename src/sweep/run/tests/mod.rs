//! Whole sweeps of a small experiment, on disk.

mod kill;
mod output;
mod refusals;
mod resume;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::*;
use crate::sweep::plan::{Overrides, Plan};
use crate::sweep::progress::Style;
use crate::sweep::testing::plan_with;

/// 4 points; with 75 replicates 300 trials, which make 10 parts of 32.
const SPEC: &str = "name: fake\nparameters:\n- grid:\n    agents.traders.short_bias: [0, 0.5]\n    agents.traders.count: [1, 2]\nreplicates: 75\n";

fn plan() -> Plan {
    plan_with(SPEC, &Overrides::default()).unwrap()
}

fn limited(limit: u64) -> Plan {
    let overrides = Overrides {
        limit: Some(limit),
        ..Overrides::default()
    };
    plan_with(SPEC, &overrides).unwrap()
}

/// Trials whose results follow from their numbers; some fail and some panic.
struct Fake {
    /// Trials with this remainder modulo 50 fail.
    failing: Option<u64>,
    /// Trials with this remainder modulo 50 panic.
    panicking: Option<u64>,
    /// Asks this to stop at the trial of this number.
    stop_at: Option<(u64, Stop)>,
    /// How long a trial takes.
    pause: Duration,
    ran: AtomicU64,
}

impl Fake {
    fn new() -> Self {
        Self {
            failing: Some(17),
            panicking: Some(33),
            stop_at: None,
            pause: Duration::ZERO,
            ran: AtomicU64::new(0),
        }
    }

    fn faultless() -> Self {
        Self {
            failing: None,
            panicking: None,
            ..Self::new()
        }
    }

    fn stopping_at(trial: u64) -> (Self, Stop) {
        let stop = Stop::new();
        let fake = Self {
            stop_at: Some((trial, stop.clone())),
            ..Self::new()
        };
        (fake, stop)
    }

    fn ran(&self) -> u64 {
        self.ran.load(Ordering::Relaxed)
    }
}

impl Experiment for Fake {
    fn columns(&self) -> Vec<Column> {
        vec![
            Column::new("fees_usd", ColumnType::Int, "1e-6 USD", "fees paid"),
            Column::new("orders", ColumnType::Uint, "", "orders placed"),
            Column::new("gap_rms", ColumnType::Float, "1", "distance of mark and oracle"),
            Column::new("solvent", ColumnType::Bool, "", "whether all claims can be met"),
            Column::new("label", ColumnType::Text, "", "a word"),
            Column::new("refusals", ColumnType::Counts, "", "refusals by error code"),
        ]
    }

    fn series_columns(&self) -> Vec<Column> {
        vec![
            Column::new("time_s", ColumnType::Uint, "s", "time since the start"),
            Column::new("mark_usd", ColumnType::Float, "USD", "mark price"),
        ]
    }

    fn run(&self, trial: TrialId, series: Option<u32>) -> Result<Output, Failure> {
        self.ran.fetch_add(1, Ordering::Relaxed);
        let number = trial.number;
        if !self.pause.is_zero() {
            std::thread::sleep(self.pause);
        }
        if let Some((at, stop)) = &self.stop_at
            && number == *at
        {
            stop.ask();
        }
        if self.failing == Some(number % 50) {
            return Err(Failure {
                kind: "setup".into(),
                text: format!("no market in trial {number}"),
            });
        }
        if self.panicking == Some(number % 50) {
            panic!("trial {number} divides by zero");
        }
        let codes = 0..(number % 3) as u32;
        let refusals = codes.map(|code| Count {
            code: 6_000 + code,
            count: code + 1,
        });
        let noise = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11) as f64 / (1u64 << 53) as f64;
        let times = series.map_or(0..0, |_| 0..number % 4);
        Ok(Output {
            row: vec![
                Cell::Int(-(number as i64)),
                Cell::Uint(u64::MAX - number),
                if number.is_multiple_of(5) {
                    Cell::Null
                } else {
                    Cell::Float(noise)
                },
                Cell::Bool(number % 2 == 1),
                Cell::Text(format!("word {}", number % 7)),
                Cell::Counts(refusals.collect()),
            ],
            series: times
                .map(|step| {
                    let time = step * u64::from(series.unwrap_or(0));
                    vec![Cell::Uint(time), Cell::Float(100.0 + noise * step as f64)]
                })
                .collect(),
            events: 3,
        })
    }
}

fn settings(folder: &Path, threads: usize) -> Settings {
    Settings {
        threads,
        progress: Style::Silent,
        series: Some(60),
        harness: "test".into(),
        ..Settings::new(folder)
    }
}

fn resuming(folder: &Path, threads: usize) -> Settings {
    Settings {
        existing: Existing::Resume,
        ..settings(folder, threads)
    }
}

fn run_all(plan: &Plan, fake: &Fake, settings: &Settings) -> Report {
    run(plan, fake, settings, &Stop::new()).unwrap()
}

/// Every file of a folder by its name within it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for place in ["", "trials", "series"] {
        let Ok(entries) = fs::read_dir(folder.join(place)) else {
            continue;
        };
        for entry in entries {
            let entry = entry.unwrap();
            if entry.path().is_file() {
                let name = format!("{place}/{}", entry.file_name().to_string_lossy());
                files.insert(name, fs::read(entry.path()).unwrap());
            }
        }
    }
    files
}

/// Fails with the names that differ, rather than with their bytes.
fn assert_same(left: &BTreeMap<String, Vec<u8>>, right: &BTreeMap<String, Vec<u8>>, what: &str) {
    assert_eq!(
        left.keys().collect::<Vec<_>>(),
        right.keys().collect::<Vec<_>>(),
        "{what}"
    );
    let differing: Vec<_> = left.keys().filter(|name| left[*name] != right[*name]).collect();
    assert!(differing.is_empty(), "{what}: {differing:?} differ");
}

/// The files of a sweep that nothing disturbed.
fn undisturbed() -> BTreeMap<String, Vec<u8>> {
    let place = tempfile::tempdir().unwrap();
    run_all(&plan(), &Fake::new(), &settings(place.path(), 1));
    files(place.path())
}

//! Sweeps made for tests, by the writer that sweeps use.

use tempfile::TempDir;

use super::{Request, SampleError, Selection, select};
use crate::summary::testing::manifest;
use crate::sweep::run::{Cell, Column, ColumnType, Count, TrialId};
use crate::sweep::store::{Folder, Header, Outcome, TableFile, Tables, TrialRows};
use crate::sweep::{ParamColumn, ParamType, ParamValue};

/// The metrics of a trial.
#[derive(Clone, Debug)]
pub struct Trial {
    pub x: f64,
    pub y: f64,
    pub failed: bool,
    pub refusals: Vec<(u32, u32)>,
}

/// A trial at a place of the plane.
pub fn at(x: f64, y: f64) -> Trial {
    Trial {
        x,
        y,
        failed: false,
        refusals: Vec::new(),
    }
}

/// Trials along a line.
pub fn line(values: impl IntoIterator<Item = f64>) -> Vec<Trial> {
    values.into_iter().map(|x| at(x, 0.0)).collect()
}

/// A trial with instructions refused.
pub fn refused(refusals: &[(u32, u32)]) -> Trial {
    Trial {
        refusals: refusals.to_vec(),
        ..at(0.0, 0.0)
    }
}

/// A trial that failed.
pub fn failed() -> Trial {
    Trial {
        failed: true,
        ..at(0.0, 0.0)
    }
}

/// Writes a sweep over `traders.bias`, which is half the point's number, in files of so many trials, two points to a
/// replicate. Its metrics are `x_usd`, `y`, `constant`, `broken` (never finite) and `refusals`.
pub fn sweep(trials: &[Trial], part: usize) -> TempDir {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::new(place.path());
    folder.create(false).unwrap();
    manifest(place.path(), trials.len() as u64);
    let parameters = [ParamColumn {
        path: "traders.bias".to_owned(),
        kind: ParamType::Float,
    }];
    let metrics = [
        Column::new("x_usd", ColumnType::Float, "USD", ""),
        Column::new("y", ColumnType::Float, "", ""),
        Column::new("constant", ColumnType::Int, "", ""),
        Column::new("broken", ColumnType::Float, "", ""),
        Column::new("refusals", ColumnType::Counts, "", ""),
    ];
    let header = Header {
        sweep: "bias".to_owned(),
        harness: "0".to_owned(),
        spec: String::new(),
        series_interval_s: None,
    };
    let schema = Tables::new(&header, &parameters, &metrics, &[]).unwrap().trials;
    for (number, trials) in (0u64..).zip(trials.chunks(part)) {
        let mut rows = TrialRows::new(&schema);
        for (trial, place) in trials.iter().zip(number * part as u64..) {
            let id = TrialId {
                number: place,
                point: place % 2,
                replicate: (place / 2) as u32,
                seed: 7,
            };
            let counts = trial.refusals.iter().map(|(code, count)| Count {
                code: *code,
                count: *count,
            });
            let row = vec![
                Cell::Float(trial.x),
                Cell::Float(trial.y),
                Cell::Int(3),
                if place % 3 == 0 {
                    Cell::Null
                } else {
                    Cell::Float(f64::NAN)
                },
                Cell::Counts(counts.collect()),
            ];
            let (row, outcome) = match trial.failed {
                true => (None, Outcome::Failed),
                false => (Some(row), Outcome::Ok),
            };
            rows.push(id, &[ParamValue::Float((place % 2) as f64 / 2.0)], row, outcome);
        }
        let mut file = TableFile::create(&folder.trials(number), &schema).unwrap();
        file.write(&rows.finish().unwrap()).unwrap();
        file.finish().unwrap();
    }
    place
}

/// Picks as written on the command line.
pub fn request(picks: &[&str]) -> Request {
    Request::new(picks.iter().map(|pick| pick.parse().unwrap()).collect())
}

pub fn selected(sweep: &TempDir, picks: &[&str]) -> Selection {
    select(sweep.path(), &request(picks)).unwrap()
}

/// The numbers of the trials that are picked.
pub fn picked(sweep: &TempDir, picks: &[&str]) -> Vec<u64> {
    let selection = selected(sweep, picks);
    selection.trials.iter().map(|trial| trial.trial).collect()
}

/// How a request is refused.
pub fn refusal(sweep: &TempDir, picks: &[&str]) -> String {
    match select(sweep.path(), &request(picks)) {
        Ok(selection) => format!("picked {}", selection.trials.len()),
        Err(SampleError::Results(error)) => error.to_string(),
        Err(error) => error.to_string(),
    }
}

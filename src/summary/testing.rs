//! Sweeps' folders made for tests, by the writer that sweeps use.

use std::path::Path;

use tempfile::TempDir;

use crate::sweep::manifest::Manifest;
use crate::sweep::run::{Cell, Column, ColumnType, TrialId};
use crate::sweep::store::{Folder, Header, Outcome, TableFile, Tables, TrialRows};
use crate::sweep::{ParamColumn, ParamType, ParamValue};

/// A trial: replicate, point, profit (nothing when it failed).
pub type Trial = (u32, u64, Option<f64>);

/// Writes a folder as a sweep over `markets.0.spread` and `agents.traders.short_bias` does, with two points for
/// each spread. Metrics: the profit, minus ten times the profit as `fees_usd`, `refused` (always 0), `conserved`
/// (below a million) and `label`, which is a text. `parts` are the trials of each file.
pub fn sweep(parts: &[&[Trial]]) -> TempDir {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::new(place.path());
    folder.create(false).unwrap();
    manifest(place.path(), parts.iter().map(|part| part.len() as u64).sum());
    let parameters = ["markets.0.spread", "agents.traders.short_bias"].map(|path| ParamColumn {
        path: path.to_owned(),
        kind: ParamType::Float,
    });
    let metrics = [
        Column::new(
            "lp_profit_usd",
            ColumnType::Float,
            "USD",
            "LPs' equity less their deposits",
        ),
        Column::new("fees_usd", ColumnType::Float, "USD", ""),
        Column::new("refused", ColumnType::Uint, "", "instructions refused"),
        Column::new("conserved", ColumnType::Bool, "", ""),
        Column::new("label", ColumnType::Text, "", ""),
        Column::new("refusals", ColumnType::Counts, "", ""),
    ];
    let header = Header {
        sweep: "bias".to_owned(),
        harness: "0".to_owned(),
        spec: String::new(),
        series_interval_s: None,
    };
    let schema = Tables::new(&header, &parameters, &metrics, &[]).unwrap().trials;
    let mut number = 0;
    for (part, trials) in (0..).zip(parts) {
        let mut rows = TrialRows::new(&schema);
        for (replicate, point, profit) in *trials {
            let id = TrialId {
                number,
                point: *point,
                replicate: *replicate,
                seed: 7,
            };
            let params = [(point / 2) as f64 * 0.25, (point % 2) as f64 * 0.5].map(ParamValue::Float);
            let outcome = if profit.is_some() {
                Outcome::Ok
            } else {
                Outcome::Failed
            };
            rows.push(id, &params, profit.map(row), outcome);
            number += 1;
        }
        let mut file = TableFile::create(&folder.trials(part), &schema).unwrap();
        file.write(&rows.finish().unwrap()).unwrap();
        file.finish().unwrap();
    }
    place
}

fn row(profit: f64) -> Vec<Cell> {
    vec![
        Cell::Float(profit),
        Cell::Float(-10.0 * profit),
        Cell::Uint(0),
        Cell::Bool(profit < 1e6),
        Cell::Text("x".to_owned()),
        Cell::Counts(Vec::new()),
    ]
}

/// Writes the manifest of a sweep of so many trials.
pub fn manifest(folder: &Path, trials: u64) {
    let manifest = Manifest {
        format: 2,
        harness: "0".to_owned(),
        program: String::new(),
        name: "bias".to_owned(),
        description: None,
        spec: String::new(),
        scenario_folder: String::new(),
        seed: 7,
        points: 4,
        replicates: 4,
        trials,
        part_trials: 32,
        series_interval_s: None,
        parameters: Vec::new(),
        metrics: Vec::new(),
        series: Vec::new(),
        notes: Vec::new(),
        complete: false,
        failed: 0,
        parts: Vec::new(),
    };
    manifest.save(&Folder::new(folder).manifest()).unwrap();
}

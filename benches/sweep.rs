//! Writing a sweep: rows a second into Parquet, with trials that cost nothing and rows as wide as those of lp_bias.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use harness::scenario::Scenario;
use harness::sweep::progress::Style;
use harness::sweep::run::{
    Cell, Column, ColumnType, Existing, Experiment, Failure, Output, Settings, Stop, TrialId, run,
};
use harness::sweep::{Overrides, Plan};
use std::path::Path;

/// As many as lp_bias has.
const METRICS: usize = 56;
const TRIALS: u64 = 10_000;

struct Rows;

impl Experiment for Rows {
    fn columns(&self) -> Vec<Column> {
        (0..METRICS)
            .map(|n| Column::new(&format!("metric_{n}"), ColumnType::Float, "USD", "a number"))
            .collect()
    }

    fn series_columns(&self) -> Vec<Column> {
        Vec::new()
    }

    fn run(&self, trial: TrialId, _: Option<u32>) -> Result<Output, Failure> {
        // Digits that do not compress, as profits do not.
        let mixed = |n: u64| (trial.number * 61 + n).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        let row = (0..METRICS as u64)
            .map(|n| Cell::Float(mixed(n) as f64 / 1e6))
            .collect();
        Ok(Output {
            row,
            series: Vec::new(),
            events: 1,
        })
    }
}

fn write(criterion: &mut Criterion) {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("sweeps/lp_bias.yaml");
    let overrides = Overrides {
        limit: Some(TRIALS),
        ..Overrides::default()
    };
    let plan = Plan::load::<Scenario>(&spec, &overrides).expect("a shipped sweep");
    let folder = tempfile::tempdir().expect("a folder");
    let mut group = criterion.benchmark_group("write");
    group.sample_size(10).throughput(Throughput::Elements(TRIALS));
    for threads in [1, 2] {
        group.bench_function(format!("{threads}_threads"), |bencher| {
            bencher.iter(|| {
                let settings = Settings {
                    existing: Existing::Overwrite,
                    threads,
                    progress: Style::Silent,
                    ..Settings::new(folder.path().join("sweep"))
                };
                run(&plan, &Rows, &settings, &Stop::new()).expect("a sweep")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, write);
criterion_main!(benches);

//! What is in the files.

use std::fs::File;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::*;
use crate::sweep::manifest::Manifest;

fn read(path: &Path) -> RecordBatch {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let schema = builder.schema().clone();
    let batches: Vec<_> = builder.build().unwrap().map(|batch| batch.unwrap()).collect();
    arrow_select::concat::concat_batches(&schema, &batches).unwrap()
}

fn texts(batch: &RecordBatch, column: &str) -> Vec<String> {
    let column = batch.column_by_name(column).unwrap().as_string::<i32>();
    column.iter().map(|text| text.unwrap().to_owned()).collect()
}

fn numbers(batch: &RecordBatch, column: &str) -> Vec<u64> {
    let column = batch.column_by_name(column).unwrap().as_primitive::<UInt64Type>();
    column.values().to_vec()
}

#[test]
fn a_row_holds_the_trial_its_parameters_and_its_metrics() {
    let place = tempfile::tempdir().unwrap();
    run_all(&plan(), &Fake::new(), &settings(place.path(), 2));
    // The second part: trials 32 to 63. Trial 38 is replicate 9 of point 2: bias 0.5, one trader.
    let part = read(&place.path().join("trials/part-00001.parquet"));
    assert_eq!(numbers(&part, "trial"), (32..64).collect::<Vec<_>>());
    let row = 38 - 32;
    assert_eq!(numbers(&part, "point")[row], 2);
    assert_eq!(numbers(&part, "seed")[row], 7);
    let column = |name: &str| part.column_by_name(name).unwrap();
    assert_eq!(column("replicate").as_primitive::<UInt32Type>().value(row), 9);
    let bias = column("agents.traders.short_bias").as_primitive::<Float64Type>();
    assert_eq!(bias.value(row), 0.5);
    let traders = column("agents.traders.count").as_primitive::<Int64Type>();
    assert_eq!(traders.value(row), 1);
    assert_eq!(column("fees_usd").as_primitive::<Int64Type>().value(row), -38);
    assert_eq!(
        column("orders").as_primitive::<UInt64Type>().value(row),
        18_446_744_073_709_551_577
    );
    assert!(!column("solvent").as_boolean().value(row));
    assert_eq!(column("label").as_string::<i32>().value(row), "word 3");
    assert!(column("gap_rms").is_null(40 - 32) && column("gap_rms").is_valid(row));
    let refusals = column("refusals").as_list::<i32>().value(row);
    let refusals = refusals.as_struct();
    let codes = refusals.column(0).as_primitive::<UInt32Type>();
    let counts = refusals.column(1).as_primitive::<UInt32Type>();
    assert_eq!(
        (codes.values().as_ref(), counts.values().as_ref()),
        ([6_000, 6_001].as_ref(), [1, 2].as_ref())
    );
    assert_eq!(texts(&part, "outcome")[row], "ok");
}

#[test]
fn trials_that_fail_have_a_row_without_metrics_and_a_reason() {
    let place = tempfile::tempdir().unwrap();
    let report = run_all(&plan(), &Fake::new(), &settings(place.path(), 2));
    // Of 300 trials, those that end on 17 or 67 fail and those that end on 33 or 83 panic.
    assert_eq!((report.done, report.failed, report.exit_code()), (300, 12, 1));
    assert!(report.to_string().contains("12 failed; ran 300 in "), "{report}");
    let failures = read(&place.path().join("failures.parquet"));
    let expected: Vec<u64> = (0..300).filter(|n| [17, 33].contains(&(n % 50))).collect();
    assert_eq!(numbers(&failures, "trial"), expected);
    assert_eq!(texts(&failures, "outcome")[..2], ["failed", "panicked"]);
    assert_eq!(texts(&failures, "error_kind")[..2], ["setup", "panic"]);
    let errors = texts(&failures, "error");
    assert_eq!(errors[0], "no market in trial 17");
    assert!(
        errors[1].starts_with("trial 33 divides by zero ("),
        "{}",
        errors[1]
    );
    assert!(failures.column_by_name("agents.traders.short_bias").is_some());

    let part = read(&place.path().join("trials/part-00000.parquet"));
    assert_eq!(texts(&part, "outcome")[17], "failed");
    for metric in Fake::new().columns() {
        assert!(
            part.column_by_name(&metric.name).unwrap().is_null(17),
            "{}",
            metric.name
        );
    }
}

#[test]
fn the_series_of_a_trial_is_in_order_of_time() {
    let place = tempfile::tempdir().unwrap();
    run_all(&plan(), &Fake::faultless(), &settings(place.path(), 2));
    let series = read(&place.path().join("series/part-00000.parquet"));
    // Trial n has n modulo 4 rows: 1, 2, 2, 3, 3, 3, 5, ...
    let trials = numbers(&series, "trial");
    assert_eq!(trials[..7], [1, 2, 2, 3, 3, 3, 5]);
    assert_eq!(trials.len(), 8 * (1 + 2 + 3));
    assert_eq!(numbers(&series, "time_s")[..6], [0, 0, 60, 0, 60, 120]);
}

#[test]
fn files_say_what_they_are() {
    let place = tempfile::tempdir().unwrap();
    let plan = plan();
    run_all(&plan, &Fake::faultless(), &settings(place.path(), 1));
    let file = File::open(place.path().join("trials/part-00000.parquet")).unwrap();
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let about = builder.metadata().file_metadata();
    let about = about.key_value_metadata().unwrap();
    for (key, value) in [
        ("harness.version", "test"),
        ("harness.sweep", "fake"),
        ("harness.spec", plan.fingerprint().as_str()),
        ("harness.series_interval_s", "60"),
    ] {
        let entry = about.iter().find(|entry| entry.key == key).unwrap();
        assert_eq!(entry.value.as_deref(), Some(value));
    }
    let fees = builder.schema().field_with_name("fees_usd").unwrap();
    assert_eq!(fees.data_type(), &DataType::Int64);
    assert_eq!(fees.metadata().get("unit").map(String::as_str), Some("1e-6 USD"));
    assert_eq!(
        fees.metadata().get("description").map(String::as_str),
        Some("fees paid")
    );
    let manifest = Manifest::load(&place.path().join("manifest.json")).unwrap();
    assert!(manifest.complete);
    assert_eq!(
        (manifest.parts.len(), manifest.parts[9].trials.rows),
        (10, 300 - 9 * 32)
    );
    let spec = fs::read_to_string(place.path().join("spec.yaml")).unwrap();
    assert!(spec.contains("short_bias") && spec.contains("seed: 7"), "{spec}");
}

#[test]
fn threads_do_not_show_in_any_file() {
    let one = undisturbed();
    assert_eq!(one.len(), 10 + 10 + 3, "parts, series, failures, manifest, spec");
    for threads in [2, 5] {
        let place = tempfile::tempdir().unwrap();
        run_all(&plan(), &Fake::new(), &settings(place.path(), threads));
        assert_same(&one, &files(place.path()), &format!("{threads} threads"));
    }
}

/// Ten times the trials leave no more rows in memory.
#[test]
fn rows_in_memory_do_not_grow_with_the_sweep() {
    let overrides = Overrides {
        replicates: Some(5_000),
        ..Overrides::default()
    };
    let plan = plan_with(SPEC, &overrides).unwrap();
    let place = tempfile::tempdir().unwrap();
    let report = run_all(&plan, &Fake::faultless(), &settings(place.path(), 5));
    assert_eq!((report.done, report.exit_code()), (20_000, 0));
    assert!(report.most_rows_waiting <= 1_024, "{}", report.most_rows_waiting);
}

#[test]
fn a_row_that_does_not_fit_is_a_failure() {
    struct Short;
    impl Experiment for Short {
        fn columns(&self) -> Vec<Column> {
            Fake::new().columns()
        }
        fn series_columns(&self) -> Vec<Column> {
            Vec::new()
        }
        fn run(&self, _: TrialId, _: Option<u32>) -> Result<Output, Failure> {
            Ok(Output::default())
        }
    }
    let place = tempfile::tempdir().unwrap();
    let report = run(&limited(3), &Short, &settings(place.path(), 1), &Stop::new()).unwrap();
    assert_eq!((report.done, report.failed), (3, 3));
    let failures = read(&place.path().join("failures.parquet"));
    assert_eq!(texts(&failures, "error")[0], "a row of 0 cells for 6 columns");
}

#[test]
fn an_estimate_is_of_the_order_of_what_the_sweep_writes() {
    let place = tempfile::tempdir().unwrap();
    let overrides = Overrides {
        replicates: Some(5_000),
        ..Overrides::default()
    };
    let plan = plan_with(SPEC, &overrides).unwrap();
    let (fake, settings) = (Fake::faultless(), settings(place.path(), 2));
    let estimate = estimate(&plan, &fake, &settings, std::time::Duration::from_secs(60)).unwrap();
    assert_eq!(
        (estimate.trials, estimate.tried, estimate.failed),
        (20_000, 16, 0)
    );
    assert_eq!(
        fs::read_dir(place.path()).unwrap().count(),
        0,
        "it writes nothing"
    );
    run_all(&plan, &fake, &settings);
    let tables = files(place.path())
        .into_iter()
        .filter(|(name, _)| name.ends_with(".parquet"));
    let bytes: u64 = tables.map(|(_, bytes)| bytes.len() as u64).sum();
    // Few rows compress less well than many, and these numbers follow each other.
    let range = bytes / 2..bytes * 5;
    assert!(range.contains(&estimate.bytes), "{} for {bytes}", estimate.bytes);
}

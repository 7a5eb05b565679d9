use std::fs;
use std::path::Path;

use super::testing::{Trial, manifest, sweep};
use super::*;

fn options() -> Options {
    let share = |value| Fraction::new(value).unwrap();
    Options {
        metrics: Vec::new(),
        by: Vec::new(),
        against: None,
        confidence: share(0.95),
        bootstrap: None,
        quantiles: [0.05, 0.5, 0.95].map(share).to_vec(),
        tails: vec![share(0.25)],
    }
}

/// Four points, four replicates, in the order of trials; one trial failed.
///
/// Point 1 is point 0 plus 1, 2, 3 and 2; point 2 ten times point 0; point 3 has no trial 1.
const GRID: [Trial; 16] = [
    (0, 0, Some(10.0)),
    (0, 1, Some(11.0)),
    (0, 2, Some(100.0)),
    (0, 3, Some(1.0)),
    (1, 0, Some(20.0)),
    (1, 1, Some(22.0)),
    (1, 2, Some(200.0)),
    (1, 3, None),
    (2, 0, Some(60.0)),
    (2, 1, Some(63.0)),
    (2, 2, Some(600.0)),
    (2, 3, Some(2.0)),
    (3, 0, Some(30.0)),
    (3, 1, Some(32.0)),
    (3, 2, Some(300.0)),
    (3, 3, Some(6.0)),
];

fn grid() -> tempfile::TempDir {
    sweep(&[&GRID[..7], &GRID[7..]])
}

fn profit(folder: &Path, options: Options) -> (Summary, Vec<Statistics>) {
    let options = Options {
        metrics: vec!["lp_profit_usd".into()],
        ..options
    };
    let summary = Summary::new(folder, options).unwrap();
    let cells = summary.metrics[0].cells.iter().flatten().cloned().collect();
    (summary, cells)
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

#[test]
fn every_point_is_summarised_over_all_parts() {
    let (summary, cells) = profit(grid().path(), options());
    let points: Vec<_> = summary
        .rows
        .iter()
        .map(|row| (row.point, row.trials, row.failed))
        .collect();
    assert_eq!(
        points,
        [(Some(0), 4, 0), (Some(1), 4, 0), (Some(2), 4, 0), (Some(3), 4, 1)]
    );
    assert_eq!(summary.rows[3].values, [Value::Float(0.25), Value::Float(0.5)]);

    // 10, 20, 30, 60: mean 30, squares of the differences 400 + 100 + 0 + 900 = 1400, t(0.975, 3) = 3.182446.
    let first = &cells[0];
    let std_dev = (1400.0f64 / 3.0).sqrt();
    let half = 3.182_446_305 * std_dev / 2.0;
    assert!(close(first.mean, 30.0) && close(first.std_dev.unwrap(), std_dev));
    let interval = first.interval.unwrap();
    assert!((interval.low - (30.0 - half)).abs() < 1e-6 && (interval.high - (30.0 + half)).abs() < 1e-6);
    // Places 0.15, 1.5 and 2.85 of the sorted values.
    for (quantile, expected) in first.quantiles.iter().zip([11.5, 25.0, 55.5]) {
        assert!(close(*quantile, expected), "{quantile}");
    }
    assert_eq!((first.lower_tails[0], first.upper_tails[0]), (10.0, 60.0));
    assert_eq!((first.min, first.max, first.count), (10.0, 60.0, 4));
    assert_eq!((cells[3].count, cells[3].mean), (3, 3.0));
}

#[test]
fn how_the_trials_went_is_counted() {
    let (summary, _) = profit(grid().path(), options());
    let overall = Overall {
        trials: 16,
        failed: 1,
        seed: 7,
        conservation: Some(Conservation {
            broken: 0,
            first: None,
        }),
    };
    assert_eq!(
        (summary.overall, summary.points, summary.planned),
        (overall, 4, 16)
    );

    // The tests' trials do not conserve money when they earn a million.
    let folder = sweep(&[
        &[(0, 0, Some(1.0)), (1, 0, None)],
        &[(2, 0, Some(2e6)), (3, 0, Some(3e6))],
    ]);
    let (summary, _) = profit(folder.path(), options());
    assert_eq!(
        summary.overall.conservation,
        Some(Conservation {
            broken: 2,
            first: Some(2)
        })
    );
    let text = summary.to_string();
    let line = text.lines().next().unwrap();
    assert!(
        line.ends_with(
            ": 4 trials at 1 point, 1 failed and left out; MONEY WAS NOT CONSERVED in 2 trials, the first is trial 2"
        ),
        "{line}"
    );
}

#[test]
fn comparisons_are_made_within_replicates() {
    let (summary, cells) = profit(
        grid().path(),
        Options {
            against: Some(0),
            ..options()
        },
    );
    let points: Vec<_> = summary.rows.iter().map(|row| row.point).collect();
    assert_eq!(points, [Some(1), Some(2), Some(3)]);
    // 1, 2, 3, 2: mean 2, squares 2, so s² / n = 2 / 3 / 4; far tighter than either point alone.
    assert_eq!((cells[0].mean, cells[0].count), (2.0, 4));
    let half = 3.182_446_305 * (1.0f64 / 6.0).sqrt();
    assert!((cells[0].interval.unwrap().high - (2.0 + half)).abs() < 1e-6);
    assert_eq!(cells[1].mean, 270.0);
    // Replicate 1 failed at point 3: 1 - 10, 2 - 60 and 6 - 30.
    assert!(close(cells[2].mean, -91.0 / 3.0));
    assert_eq!((cells[2].count, summary.metrics[0].missing), (3, 0));

    // The other way round, three values have no partner.
    let (summary, cells) = profit(
        grid().path(),
        Options {
            against: Some(3),
            ..options()
        },
    );
    assert_eq!(summary.metrics[0].missing, 3);
    assert!(close(cells[0].mean, 91.0 / 3.0));
}

#[test]
fn points_are_pooled_by_parameters() {
    let by = vec!["short_bias".to_owned()];
    let (summary, cells) = profit(grid().path(), Options { by, ..options() });
    assert_eq!(summary.parameters.len(), 1);
    let rows: Vec<_> = summary
        .rows
        .iter()
        .map(|row| (row.point, row.points, row.values.clone()))
        .collect();
    assert_eq!(
        rows,
        [
            (None, 2, vec![Value::Float(0.0)]),
            (None, 2, vec![Value::Float(0.5)])
        ]
    );
    // Points 0 and 2: 120 and ten times as much over eight trials.
    assert_eq!((cells[0].mean, cells[0].count), (165.0, 8));
    // Replicates average 55, 110, 165 and 330: squares 110² + 55² + 0 + 165² = 42350.
    let half = 3.182_446_305 * (42_350.0f64 / 3.0 / 4.0).sqrt();
    assert!((cells[0].interval.unwrap().high - (165.0 + half)).abs() < 1e-4);
    assert_eq!(cells[1].count, 7);
}

#[test]
fn resampled_intervals_lie_around_the_mean() {
    let of = || {
        profit(
            grid().path(),
            Options {
                bootstrap: Some(500),
                ..options()
            },
        )
        .1
    };
    let cells = of();
    for cell in &cells {
        let interval = cell.interval.unwrap();
        assert!(cell.min <= interval.low && interval.low < cell.mean);
        assert!(cell.mean < interval.high && interval.high <= cell.max);
    }
    // Point 2 is ten times point 0, and the same replicates are drawn.
    let (one, ten) = (cells[0].interval.unwrap(), cells[2].interval.unwrap());
    assert!(close(one.low * 10.0, ten.low) && close(one.high * 10.0, ten.high));
    assert_eq!(cells, of());
}

#[test]
fn missing_values_are_left_out_and_said() {
    let folder = sweep(&[&[
        (0, 0, Some(f64::NAN)),
        (1, 0, Some(3.0)),
        (2, 0, Some(5.0)),
        (0, 1, Some(f64::NAN)),
    ]]);
    let (summary, cells) = profit(folder.path(), options());
    assert_eq!((cells.len(), cells[0].count, cells[0].mean), (1, 2, 4.0));
    assert_eq!(
        (summary.metrics[0].missing, &summary.metrics[0].cells[1]),
        (2, &None)
    );
    assert!(
        summary.to_string().contains("left out: 2 values missing"),
        "{summary}"
    );
}

#[test]
fn tables_read_well() {
    let folder = grid();
    let show = |options| {
        let mut summary = Summary::new(folder.path(), options).unwrap();
        summary.folder = "data/bias".into();
        summary.to_string()
    };
    insta::assert_snapshot!("points", show(options()));
    insta::assert_snapshot!(
        "against",
        show(Options {
            against: Some(0),
            metrics: vec!["lp_*".into()],
            ..options()
        })
    );
    insta::assert_snapshot!(
        "by",
        show(Options {
            by: vec!["short_bias".into()],
            bootstrap: Some(100),
            ..options()
        })
    );
}

#[test]
fn flags_are_told_from_numbers() {
    let folder = grid();
    let show = |against| {
        let metrics = vec!["conserved".to_owned()];
        Summary::new(
            folder.path(),
            Options {
                metrics,
                against,
                ..options()
            },
        )
        .unwrap()
        .to_string()
    };
    assert!(
        show(None).ends_with("conserved\n  true in every trial\n"),
        "{}",
        show(None)
    );
    let difference = "conserved, less that of point 0 in the same replicate\n  0 in every trial\n";
    assert!(show(Some(0)).ends_with(difference), "{}", show(Some(0)));
}

#[test]
fn an_unfinished_sweep_says_so() {
    let folder = grid();
    fs::remove_file(folder.path().join("trials/part-00001.parquet")).unwrap();
    fs::write(folder.path().join("trials/part-00001.parquet.tmp"), "half").unwrap();
    let (summary, _) = profit(folder.path(), options());
    let text = summary.to_string();
    assert!(
        text.contains(": 7 of 16 trials so far at 4 points, none failed"),
        "{text}"
    );
}

#[test]
fn every_refusal_names_its_mend() {
    let folder = grid();
    let place = tempfile::tempdir().unwrap();
    let refusal = |path: &Path, options: Options| {
        let text = Summary::new(path, options).unwrap_err().to_string();
        let text = text.replace(&folder.path().display().to_string(), "SWEEP");
        text.replace(&place.path().display().to_string(), "PLACE")
    };
    let mut refusals = vec![
        refusal(&place.path().join("nothing"), options()),
        refusal(place.path(), options()),
        refusal(&folder.path().join("trials"), options()),
        refusal(
            folder.path(),
            Options {
                metrics: vec!["lp_profits".into()],
                ..options()
            },
        ),
        refusal(
            folder.path(),
            Options {
                metrics: vec!["label".into()],
                ..options()
            },
        ),
        refusal(
            folder.path(),
            Options {
                by: vec!["short_bais".into()],
                ..options()
            },
        ),
        refusal(
            folder.path(),
            Options {
                against: Some(9),
                ..options()
            },
        ),
    ];
    fs::create_dir_all(place.path().join("empty/trials")).unwrap();
    manifest(&place.path().join("empty"), 5);
    refusals.push(refusal(&place.path().join("empty"), options()));
    refusals.push(refusal(place.path(), options()));
    fs::write(folder.path().join("manifest.json"), "{").unwrap();
    refusals.push(refusal(folder.path(), options()));
    insta::assert_snapshot!(refusals.join("\n"));
}

#[test]
fn a_broken_part_is_an_error() {
    let folder = grid();
    let part = folder.path().join("trials/part-00001.parquet");
    let whole = fs::read(&part).unwrap();
    for broken in [&whole[..0], &whole[..whole.len() / 2], &whole[1..]] {
        fs::write(&part, broken).unwrap();
        let error = Summary::new(folder.path(), options()).unwrap_err();
        assert!(matches!(error, SummaryError::Table { .. }), "{error}");
    }
}

#[test]
fn files_hold_the_same_numbers() {
    let folder = grid();
    let summary = Summary::new(
        folder.path(),
        Options {
            metrics: vec!["*".into()],
            ..options()
        },
    )
    .unwrap();
    let csv_path = folder.path().join("summary.csv");
    summary.write(&Target::new(&csv_path, false).unwrap()).unwrap();
    let text = fs::read_to_string(&csv_path).unwrap();
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some(
            "point,points,markets.0.spread,agents.traders.short_bias,metric,unit,failed,count,mean,mean_low_0.95,\
             mean_high_0.95,std_dev,min,max,quantile_0.05,quantile_0.5,quantile_0.95,lowest_0.25,highest_0.25"
        )
    );
    // Four numbers that can be averaged at four points.
    assert_eq!(text.lines().count(), 1 + 16);
    let cells: Vec<&str> = text.lines().nth(1).unwrap().split(',').collect();
    assert_eq!(
        cells[..9],
        ["0", "1", "0", "0", "lp_profit_usd", "USD", "0", "4", "30"]
    );
    assert_eq!(cells[12..14], ["10", "60"]);

    let path = folder.path().join("summary.parquet");
    summary.write(&Target::new(&path, false).unwrap()).unwrap();
    let read = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(
        fs::File::open(&path).unwrap(),
    );
    let batches: Vec<_> = read.unwrap().build().unwrap().map(Result::unwrap).collect();
    let rows: usize = batches.iter().map(|batch| batch.num_rows()).sum();
    assert_eq!(rows, 16);
    let means = batches[0].column_by_name("mean").unwrap();
    let means = means
        .as_any()
        .downcast_ref::<arrow_array::Float64Array>()
        .unwrap();
    assert!(close(means.value(0), 30.0) && close(means.value(3), 3.0));

    let left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(
        !left.iter().any(|name| name.to_string_lossy().ends_with(".tmp")),
        "{left:?}"
    );
}

#[test]
fn files_are_not_lost_by_accident() {
    let folder = grid();
    let path = folder.path().join("summary.csv");
    fs::write(&path, "mine").unwrap();
    assert!(matches!(Target::new(&path, false), Err(SummaryError::Exists(_))));
    assert!(Target::new(&path, true).is_ok());
    for name in ["summary", "summary.xlsx"] {
        let error = Target::new(&folder.path().join(name), false);
        assert!(matches!(error, Err(SummaryError::UnknownFormat(_))), "{name}");
    }
    let nowhere = Target::new(&folder.path().join("no/where.csv"), false).unwrap();
    let (summary, _) = profit(folder.path(), options());
    assert!(matches!(summary.write(&nowhere), Err(SummaryError::Io { .. })));
}

use super::*;
use crate::path::Garch;

/// A recording of a GARCH path, one price a minute.
fn recorded(folder: &std::path::Path, minutes: u32) -> PriceFiles {
    let garch = Garch {
        start_price: 1e4,
        alpha: 0.2,
        beta: 0.7,
        step_seconds: 60,
        ..Garch::default()
    };
    let path = garch.build(Pcg64::new(8, 1), 60 * minutes).unwrap();
    let mut text = String::from("t,p\n");
    for minute in 0..=i64::from(minutes) {
        let price = path.price_at(60 * minute) as f64 / 1e6;
        text.push_str(&format!("{},{price}\n", 1_700_000_000 + 60 * minute));
    }
    std::fs::write(folder.join("p.csv"), text).unwrap();
    PriceFiles::new(folder)
}

fn spec(yaml: &str) -> Bootstrap {
    let spec: Bootstrap = serde_saphyr::from_str(yaml).unwrap();
    assert_eq!(spec.check(), []);
    spec
}

fn returns(path: &PricePath, steps: u32) -> Vec<f64> {
    let price = |n: u32| path.price_at(i64::from(60 * n)) as f64;
    (0..steps).map(|n| (price(n + 1) / price(n)).ln()).collect()
}

fn moments(values: &[f64]) -> (f64, f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let central = |power| values.iter().map(|v| (v - mean).powi(power)).sum::<f64>() / n;
    (mean, central(2).sqrt(), central(4) / central(2).powi(2))
}

/// The autocorrelation of the squares.
fn clustering(values: &[f64], lag: usize) -> f64 {
    let squares: Vec<f64> = values.iter().map(|v| v * v).collect();
    let n = squares.len() as f64;
    let mean = squares.iter().sum::<f64>() / n;
    let variance = squares.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / n;
    let pairs = squares.iter().zip(&squares[lag..]);
    pairs.map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / n / variance
}

#[test]
fn the_distribution_and_what_follows_what_are_the_recorded_ones() {
    let folder = tempfile::tempdir().unwrap();
    let (minutes, steps) = (20_000, 200_000);
    let files = recorded(folder.path(), minutes);
    for block in ["stationary", "moving"] {
        let spec = spec(&format!(
            "{{recording: {{file: p.csv}}, block: {block}, block_seconds: 6000, step_seconds: 60, start_price: 1e4}}"
        ));
        let series = files.series(&spec.recording).unwrap();
        let recorded = Grid::of(&series, spec.span(&files).unwrap(), 60).returns.clone();
        let path = spec.build(Pcg64::new(9, 1), 60 * steps, &files).unwrap();
        let made = returns(&path, steps);
        let ((mean, deviation, kurtosis), (found_mean, found_deviation, found_kurtosis)) =
            (moments(&recorded), moments(&made));
        assert!(
            (found_mean - mean).abs() < 4.0 * deviation / f64::from(steps).sqrt(),
            "{block}"
        );
        assert!(
            (found_deviation / deviation - 1.0).abs() < 0.02,
            "{block}: {found_deviation}"
        );
        assert!(
            (found_kurtosis / kurtosis - 1.0).abs() < 0.1,
            "{block}: {found_kurtosis}"
        );
        // Of pairs one apart, one in a hundred is torn; of pairs five apart, five.
        for (lag, torn) in [(1, 0.01), (5, 0.05)] {
            let expected = clustering(&recorded, lag) * (1.0 - torn);
            let found = clustering(&made, lag);
            assert!(
                (found - expected).abs() < 0.03,
                "{block} {lag}: {found} {expected}"
            );
        }
        // Every return is a recorded one, to the last millionth of a dollar of some thousands.
        let mut sorted = recorded.clone();
        sorted.sort_by(f64::total_cmp);
        for made in made.iter().step_by(997) {
            let near = sorted.partition_point(|r| r < made);
            let gap =
                [near.saturating_sub(1), near.min(sorted.len() - 1)].map(|at| (sorted[at] - made).abs());
            assert!(gap[0].min(gap[1]) < 1e-8, "{block}: {made}");
        }
    }
}

#[test]
fn blocks_are_as_long_as_told() {
    let lengths = |block| {
        let mut blocks = Blocks::new(block, 50, 100_000, Pcg64::new(2, 3));
        let mut lengths = Vec::new();
        for _ in 0..500_000 {
            if blocks.left == 0 {
                lengths.push(0.0);
            }
            blocks.next();
            *lengths.last_mut().unwrap() += 1.0;
        }
        lengths.pop();
        lengths
    };
    let (mean, deviation, _) = moments(&lengths(Resampling::Stationary));
    // Geometric: mean 50, variance 50² - 50. Some ten thousand blocks.
    assert!((mean - 50.0).abs() < 4.0 * 49.5 / 100.0, "{mean}");
    assert!((deviation - 49.5).abs() < 3.0, "{deviation}");
    assert!(lengths(Resampling::Moving).iter().all(|length| *length == 50.0));
}

#[test]
fn a_moving_block_never_leaves_the_recording() {
    let mut blocks = Blocks::new(Resampling::Moving, 7, 10, Pcg64::new(2, 3));
    let mut starts = [0; 10];
    for _ in 0..4_000 {
        let first = blocks.next();
        starts[first] += 1;
        (1..7).for_each(|n| assert_eq!(blocks.next(), first + n));
    }
    // Four starts, each a thousand times: standard deviation 27.
    assert!(
        starts[..4].iter().all(|count: &i32| (count - 1_000).abs() < 120),
        "{starts:?}"
    );
}

#[test]
fn volatility_and_drift_are_as_recorded_or_as_told() {
    let folder = tempfile::tempdir().unwrap();
    let files = recorded(folder.path(), 5_000);
    let (common, steps) = (
        "recording: {file: p.csv}, step_seconds: 60, start_price: 1e4",
        100_000,
    );
    let plain = spec(&format!("{{{common}}}"));
    let told = spec(&format!(
        "{{{common}, volatility_per_year: 2, drift_per_year: 30}}"
    ));
    let of = |spec: &Bootstrap| returns(&spec.build(Pcg64::new(9, 1), 60 * steps, &files).unwrap(), steps);
    let (plain, told) = (of(&plain), of(&told));
    let (mean, deviation, _) = moments(&told);
    let years = 60.0 / SECONDS_PER_YEAR;
    assert!(
        (deviation / (2.0 * years.sqrt()) - 1.0).abs() < 0.05,
        "{deviation}"
    );
    let expected = 30.0 * years - 2.0 * years;
    assert!(
        (mean - expected).abs() < 4.0 * deviation / f64::from(steps).sqrt(),
        "{mean} {expected}"
    );
    // The same blocks, stretched and shifted.
    let (mean, deviation, _) = moments(&plain);
    let (told_mean, told_deviation, _) = moments(&told);
    for (plain, told) in plain.iter().zip(&told).step_by(101) {
        let [one, other] = [(plain - mean) / deviation, (told - told_mean) / told_deviation];
        assert!((one - other).abs() < 1e-3, "{one} {other}");
    }
}

#[test]
fn a_path_goes_on_from_the_last_price_and_needs_a_block() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("p.csv"), "0,10\n60,11\n120,12.5\n").unwrap();
    let files = PriceFiles::new(folder.path());
    let build = |yaml: &str| spec(yaml).build(Pcg64::new(1, 1), 600, &files);
    let path = build("{recording: {file: p.csv}, block_seconds: 60, step_seconds: 60}").unwrap();
    assert_eq!(path.start_price(), 12_500_000);
    let short = build("{recording: {file: p.csv}, block_seconds: 180, step_seconds: 60}").unwrap_err();
    assert_eq!(
        short.to_string(),
        "p.csv covers 120 seconds in whole steps, less than a block of 180: give a longer recording or a shorter block"
    );
    let late = build("{recording: {file: p.csv, from: 1700000121}}").unwrap_err();
    assert!(
        late.to_string().contains("no rows between `from` and `to`"),
        "{late}"
    );
}

/// From the same Python as the golden paths of the other models.
#[test]
fn blocks_are_what_the_documents_say() {
    use crate::random::{Purpose, stream};
    let rng = stream(7, 3, Purpose::PricePath, 2);
    let mut blocks = Blocks::new(Resampling::Stationary, 3, 10, rng);
    let places: Vec<_> = (0..12).map(|_| blocks.next()).collect();
    assert_eq!(places, [7, 8, 9, 0, 1, 9, 0, 8, 9, 0, 5, 6]);
}

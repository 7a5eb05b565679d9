use super::*;
use crate::path::{Anchor, MAX_PRICE, MIN_PRICE, Regime};
use crate::random::{Purpose, stream};
use proptest::prelude::*;

fn read(yaml: &str) -> Result<PathSpec, String> {
    serde_saphyr::from_str(yaml).map_err(|error| error.to_string())
}

fn points(path: &PricePath) -> Vec<(i64, u64)> {
    path.iter().collect()
}

const ALL: [&str; 11] = [
    "constant: {price: 20}",
    "random_walk: {}",
    "heteroskedastic_walk: {}",
    "geometric_brownian_motion: {}",
    "jump_diffusion: {}",
    "mean_reversion: {}",
    "crash: {}",
    "garch: {degrees_of_freedom: 4}",
    "heston: {}",
    "regime_switching: {}",
    "hawkes_jumps: {jumps_per_day: 500}",
];

/// Those that draw on a recording.
const RECORDED: [&str; 2] = [
    "bootstrap: {recording: {file: p.csv}, block_seconds: 60}",
    "splice: {path: {garch: {}}, recording: {file: p.csv}, at: 700, seconds: 600, depth: 0.3}",
];

/// A file of twenty minutes, and the folder that holds it.
fn recorded() -> (tempfile::TempDir, PriceFiles) {
    let folder = tempfile::tempdir().unwrap();
    let rows = (0..120).map(|n| format!("{},{}\n", 10 * n, 50 + (n * 37 + 50) % 101));
    std::fs::write(folder.path().join("p.csv"), rows.collect::<String>()).unwrap();
    let files = PriceFiles::new(folder.path());
    (folder, files)
}

#[test]
fn every_model_is_read_by_its_name_and_written_back() {
    for yaml in ALL.into_iter().chain(RECORDED).chain(["csv: {file: a.csv}"]) {
        let spec = read(yaml).unwrap();
        assert!(yaml.starts_with(spec.model()), "{yaml}");
        assert_eq!(spec.validate(), Ok(()), "{yaml}");
        let written = serde_json::to_string(&spec).unwrap();
        assert_eq!(serde_json::from_str::<PathSpec>(&written).unwrap(), spec);
        assert_eq!(read(&serde_saphyr::to_string(&spec).unwrap()).unwrap(), spec);
    }
}

#[test]
fn a_mistake_in_a_spec_is_located() {
    for (yaml, parts) in [
        (
            "random_walk:\n  step_std: 2",
            ["step_std", "step_std_dev", "line 2"],
        ),
        ("random_wlak: {}", ["random_wlak", "random_walk", "line 1"]),
        (
            "mean_reversion:\n  start_price: 5\n  step_seconds: -1",
            ["step_seconds", "", "line 3"],
        ),
        ("constant: {}", ["price", "missing", "line 1"]),
        (
            "random_walk:\n  anchor:\n    highest: 5",
            ["highest", "lowest", "line 3"],
        ),
    ] {
        let said = read(yaml).unwrap_err();
        for part in parts {
            assert!(said.contains(part), "{part} not in: {said}");
        }
    }
}

#[test]
fn wrong_values_are_all_named() {
    for (yaml, said) in [
        (
            "constant: {price: 0}",
            vec!["constant.price is 0: give a number from 0.000001 to 1000000000 dollars"],
        ),
        (
            "random_walk: {anchor: {start: 1}, floor_price: 2, min_gap_seconds: 9, max_gap_seconds: 3, prices: 0, up_probability: 1.5}",
            vec![
                "random_walk.anchor.start is 1: give at least floor_price, 2 dollars",
                "random_walk.max_gap_seconds is 3: give at least min_gap_seconds, 9",
                "random_walk.prices is 0: give a number from 1 to 16777216",
                "random_walk.up_probability is 1.5: give a number from 0 to 1",
            ],
        ),
        (
            "heteroskedastic_walk: {min_gap_seconds: 0, max_gap_seconds: 11}",
            vec![
                "heteroskedastic_walk.min_gap_seconds is 0: give a number from 1 to 4294967295 seconds",
                "heteroskedastic_walk.memory_seconds is 10: give at least max_gap_seconds, 11",
            ],
        ),
        (
            "geometric_brownian_motion: {start_price: 3, floor_price: 4, volatility_per_year: .nan, step_seconds: 0}",
            vec![
                "geometric_brownian_motion.floor_price is 4: give at most start_price, 3 dollars",
                "geometric_brownian_motion.volatility_per_year is NaN: give a number from 0 to 1000 (standard deviation of the yearly log return; 0.8 is 80 %)",
                "geometric_brownian_motion.step_seconds is 0: give a number from 1 to 4294967295 seconds",
            ],
        ),
        (
            "jump_diffusion: {jumps_per_day: -1, jump_mean: 11, jump_std_dev: -0.1}",
            vec![
                "jump_diffusion.jumps_per_day is -1: give a number from 0 to 86400 jumps a day",
                "jump_diffusion.jump_mean is 11: give a number from -10 to 10 (log return)",
                "jump_diffusion.jump_std_dev is -0.1: give a number from 0 to 5 (log return)",
            ],
        ),
        (
            "mean_reversion: {half_life_seconds: 0, mean_price: -1}",
            vec![
                "mean_reversion.mean_price is -1: give a number from 0.000001 to 1000000000 dollars",
                "mean_reversion.half_life_seconds is 0: give a number from 0.001 to 1000000000000 seconds",
            ],
        ),
        (
            "garch: {alpha: 0.2, beta: 0.7, gamma: 0.3, degrees_of_freedom: 2}",
            vec![
                "garch.alpha is 0.2: give alpha + beta + gamma / 2 below 1, found 1.0499999999999998",
                "garch.degrees_of_freedom is 2: give a number from 2.001 to 1000000 (Student's t has a variance above 2)",
            ],
        ),
        (
            "heston: {start_volatility_per_year: -1, reversion_per_year: 0, volatility_of_variance: 0, correlation: 1.1}",
            vec![
                "heston.start_volatility_per_year is -1: give a number from 0 to 1000 (standard deviation of the yearly log return; 0.8 is 80 %)",
                "heston.reversion_per_year is 0: give a number from 0.001 to 1000000 a year (ln 2 over the half-life in years)",
                "heston.volatility_of_variance is 0: give a number from 0.001 to 100000 (geometric_brownian_motion has none)",
                "heston.correlation is 1.1: give a number from -1 to 1",
            ],
        ),
        (
            "regime_switching: {regimes: [{volatility_per_year: -1, mean_seconds: 0}], start: 1}",
            vec![
                "regime_switching.regimes is a list of 1: give 2 or more",
                "regime_switching.regimes.0.volatility_per_year is -1: give a number from 0 to 1000 (standard deviation of the yearly log return; 0.8 is 80 %)",
                "regime_switching.regimes.0.mean_seconds is 0: give a number from 1 to 1000000000000 seconds",
                "regime_switching.start is 1: give a number from 0 to 0",
            ],
        ),
        (
            "hawkes_jumps: {branching_ratio: 1, decay_seconds: 0}",
            vec![
                "hawkes_jumps.branching_ratio is 1: give a number from 0 to 0.99 (jumps that a jump brings)",
                "hawkes_jumps.decay_seconds is 0: give a number from 0.01 to 1000000000 seconds",
            ],
        ),
        (
            "bootstrap: {recording: {file: p.csv, resample: 0}, start_price: 1, floor_price: 2, block_seconds: 5, volatility_per_year: -1}",
            vec![
                "bootstrap.recording.resample is 0: give 1 second or more",
                "bootstrap.floor_price is 2: give at most start_price, 1 dollars",
                "bootstrap.block_seconds is 5: give at least step_seconds, 10",
                "bootstrap.volatility_per_year is -1: give a number from 0 to 1000 (standard deviation of the yearly log return; 0.8 is 80 %)",
            ],
        ),
        (
            "csv: {file: ''}",
            vec!["csv.file is empty: give the name of a file"],
        ),
    ] {
        let spec = read(yaml).unwrap();
        let errors = spec.validate().unwrap_err();
        let found: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(found, said);
        let files = PriceFiles::new("");
        let refused = spec.build(Pcg64::new(0, 0), 10, &files).unwrap_err();
        assert_eq!(refused.to_string(), said[0]);
    }
}

#[test]
fn the_same_stream_gives_the_same_path_and_another_another() {
    let (_folder, files) = recorded();
    for yaml in ALL.into_iter().chain(RECORDED) {
        let spec = read(yaml).unwrap();
        let path = |replicate| {
            let rng = stream(1, replicate, Purpose::PricePath, 0);
            points(&spec.build(rng, 5_000, &files).unwrap())
        };
        assert_eq!(path(0), path(0), "{yaml}");
        assert_eq!(path(0) == path(1), spec.model() == "constant", "{yaml}");
    }
}

#[test]
fn a_longer_horizon_goes_on_where_the_shorter_ended() {
    let (_folder, files) = recorded();
    let anchored = "heteroskedastic_walk: {anchor: {start: 90}}";
    for yaml in ALL[3..].iter().copied().chain(RECORDED).chain([anchored]) {
        let spec = read(yaml).unwrap();
        let path = |horizon| points(&spec.build(Pcg64::new(1, 2), horizon, &files).unwrap());
        let (short, long) = (path(1_000), path(3_000));
        assert_eq!(short, long[..short.len()], "{yaml}");
        assert!(long[short.len()].0 > 1_000, "{yaml}");
    }
}

#[test]
fn a_file_is_checked_before_it_is_needed() {
    let missing = read("csv: {file: none.csv}").unwrap();
    assert!(missing.preload(&PriceFiles::new("nowhere")).is_err());
    let other = read("random_walk: {}").unwrap();
    assert!(other.preload(&PriceFiles::new("nowhere")).is_ok());
}

proptest! {
    #[test]
    fn no_spec_that_validates_leaves_the_bounds(
        price in 1e-6..1e9f64,
        volatility in 0.0..=1000f64,
        drift in -1000.0..=1000f64,
        jumps in 0.0..=86_400f64,
        jump in -10.0..=10f64,
        deviation in 0.0..=5f64,
        step_seconds in 1u32..1_000,
        half_life_seconds in 0.001..1e12f64,
        share in 0.0..0.99f64,
        speed in 0.001..1e5f64,
        luck: u64,
    ) {
        let specs = [
            PathSpec::JumpDiffusion(JumpDiffusion {
                start_price: price,
                volatility_per_year: volatility,
                drift_per_year: drift,
                jumps_per_day: jumps,
                jump_mean: jump,
                jump_std_dev: deviation,
                step_seconds,
                floor_price: 1e-6,
            }),
            PathSpec::MeanReversion(MeanReversion {
                start_price: price,
                mean_price: 1.0,
                half_life_seconds,
                volatility_per_year: volatility,
                step_seconds,
                floor_price: 1e-6,
            }),
            PathSpec::Garch(Garch {
                start_price: price,
                volatility_per_year: volatility,
                drift_per_year: drift,
                alpha: share / 4.0,
                beta: share / 2.0,
                gamma: share / 2.0,
                degrees_of_freedom: Some(2.001 + speed),
                step_seconds,
                floor_price: 1e-6,
            }),
            PathSpec::Heston(Heston {
                start_price: price,
                volatility_per_year: volatility,
                start_volatility_per_year: Some(speed / 100.0),
                drift_per_year: drift,
                reversion_per_year: speed,
                volatility_of_variance: 1e2 / speed,
                correlation: 2.0 * share - 1.0,
                step_seconds,
                floor_price: 1e-6,
            }),
            PathSpec::RegimeSwitching(RegimeSwitching {
                start_price: price,
                regimes: vec![
                    Regime {
                        volatility_per_year: volatility,
                        drift_per_year: drift,
                        mean_seconds: 1.0 + speed,
                    };
                    2
                ],
                step_seconds,
                ..RegimeSwitching::default()
            }),
            PathSpec::HawkesJumps(HawkesJumps {
                start_price: price,
                volatility_per_year: volatility,
                drift_per_year: drift,
                jumps_per_day: jumps / 10.0,
                branching_ratio: share,
                decay_seconds: speed,
                jump_mean: jump,
                jump_std_dev: deviation,
                step_seconds,
                floor_price: 1e-6,
            }),
            PathSpec::RandomWalk(RandomWalk {
                anchor: Anchor::Start(price),
                step_std_dev: volatility,
                min_gap_seconds: step_seconds,
                max_gap_seconds: step_seconds,
                ..RandomWalk::default()
            }),
        ];
        let files = PriceFiles::new("");
        for spec in specs {
            prop_assert_eq!(spec.validate(), Ok(()));
            match spec.build(stream(luck, 0, Purpose::PricePath, 0), 10 * step_seconds, &files) {
                Ok(path) => {
                    for (_, price) in path.iter() {
                        prop_assert!((MIN_PRICE..=MAX_PRICE).contains(&price));
                    }
                }
                Err(PathError::TooHigh { .. }) => {}
                Err(other) => prop_assert!(false, "{}", other),
            }
        }
    }
}

#[test]
fn every_example_in_the_documents_is_read() {
    let sources = [
        include_str!("../garch.rs"),
        include_str!("../heston.rs"),
        include_str!("../regime_switching.rs"),
        include_str!("../hawkes_jumps.rs"),
        include_str!("../bootstrap.rs"),
        include_str!("../splice.rs"),
    ];
    for source in sources {
        let start = source.find("/// ```yaml\n").unwrap();
        let lines = source[start..]
            .lines()
            .skip(1)
            .take_while(|line| *line != "/// ```");
        let yaml: Vec<_> = lines.map(|line| line.strip_prefix("/// ").unwrap()).collect();
        let spec = read(&yaml.join("\n")).unwrap();
        assert_eq!(spec.validate(), Ok(()), "{yaml:?}");
    }
}

#[test]
fn the_floor_holds_and_the_ceiling_fails_in_every_model() {
    let (_folder, files) = recorded();
    for (model, rest) in [
        ("geometric_brownian_motion", ""),
        ("jump_diffusion", ""),
        ("mean_reversion", "volatility_per_year: 9"),
        ("crash", "at: 0"),
        ("garch", "degrees_of_freedom: 3"),
        ("heston", ""),
        ("regime_switching", ""),
        ("hawkes_jumps", "jumps_per_day: 500"),
        ("bootstrap", "recording: {file: p.csv}, block_seconds: 60"),
    ] {
        let build = |prices: &str| {
            let spec = read(&format!("{model}: {{{prices}, {rest}}}")).unwrap();
            spec.build(stream(3, 0, Purpose::PricePath, 0), 86_400, &files)
        };
        let path = build("start_price: 100, floor_price: 99.99").unwrap();
        let lowest = path.iter().map(|(_, price)| price).min();
        assert_eq!(lowest, Some(99_990_000), "{model}");
        let too_high = match model {
            "crash" => "start_price: 1e9, depth: -1",
            "mean_reversion" => "start_price: 1e9, mean_price: 1e9",
            _ => "start_price: 1e9",
        };
        let refused = build(too_high).unwrap_err().to_string();
        let said = format!("{model}: the price at second ");
        assert!(refused.starts_with(&said), "{refused}");
    }
}

/// Worked out in Python from the documents of the streams, of PCG64, of the normal variates and of each model, with the C library's functions.
#[test]
fn paths_are_what_the_documents_say() {
    let common = "drift_per_year: 0.2, step_seconds: 60";
    for (yaml, expected) in [
        (
            format!("garch: {{volatility_per_year: 0.9, alpha: 0.1, beta: 0.8, gamma: 0.05, degrees_of_freedom: 4, {common}}}"),
            [100_085_948, 100_110_105, 100_122_289, 100_251_392, 100_267_291],
        ),
        (
            format!("heston: {{start_volatility_per_year: 1.2, reversion_per_year: 2000, volatility_of_variance: 60, correlation: -0.5, {common}}}"),
            [100_138_158, 100_186_389, 100_232_871, 100_539_359, 100_583_459],
        ),
        (
            format!("heston: {{start_volatility_per_year: 0.01, reversion_per_year: 2000, volatility_of_variance: 300, correlation: -0.5, {common}}}"),
            [100_000_999, 100_001_442, 100_010_707, 100_026_477, 100_026_921],
        ),
        (
            "regime_switching: {step_seconds: 60, regimes: [{volatility_per_year: 0.5, drift_per_year: 2, mean_seconds: 90}, {volatility_per_year: 3, drift_per_year: -5, mean_seconds: 30}, {volatility_per_year: 1, mean_seconds: 60}]}".to_owned(),
            [100_057_953, 100_078_240, 100_097_201, 100_563_452, 100_586_593],
        ),
        (
            format!("hawkes_jumps: {{volatility_per_year: 0.3, jumps_per_day: 2000, branching_ratio: 0.6, decay_seconds: 100, jump_mean: -0.01, jump_std_dev: 0.02, {common}}}"),
            [107_375_702, 110_375_402, 107_691_071, 104_671_764, 104_189_798],
        ),
    ] {
        let spec = read(&yaml).unwrap();
        let path = spec.build(stream(7, 3, Purpose::PricePath, 2), 300, &PriceFiles::new("")).unwrap();
        let found: Vec<_> = path.iter().skip(1).map(|(_, price)| price).collect();
        assert_eq!(found, expected, "{yaml}");
    }
}

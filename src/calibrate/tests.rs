//! Models are recovered from what their paths make, with errors that are as large as they say.

use super::testing::{sample, simulated, spec};
use super::*;
use rayon::prelude::*;

/// A model, a path of steps of an hour, and its parameters.
type Case = (Model, &'static str, &'static [(&'static str, f64)]);

const HOUR: u32 = 3600;

const CASES: [Case; 8] = [
    (
        Model::GeometricBrownianMotion,
        "geometric_brownian_motion: {start_price: 1000, volatility_per_year: 0.9, drift_per_year: 0.5, step_seconds: 3600}",
        &[("volatility_per_year", 0.9)],
    ),
    (
        Model::JumpDiffusion,
        "jump_diffusion: {start_price: 1000, volatility_per_year: 0.6, jumps_per_day: 0.5, jump_mean: -0.01, jump_std_dev: 0.03, step_seconds: 3600}",
        &[
            ("volatility_per_year", 0.6),
            ("jumps_per_day", 0.5),
            ("jump_mean", -0.01),
            ("jump_std_dev", 0.03),
        ],
    ),
    (
        Model::MeanReversion,
        "mean_reversion: {start_price: 900, mean_price: 1000, half_life_seconds: 43200, volatility_per_year: 0.8, step_seconds: 3600}",
        &[("half_life_seconds", 43_200.0), ("volatility_per_year", 0.8)],
    ),
    (
        Model::Garch,
        "garch: {start_price: 1000, volatility_per_year: 0.9, alpha: 0.1, beta: 0.85, degrees_of_freedom: 5, step_seconds: 3600}",
        &[
            ("volatility_per_year", 0.9),
            ("alpha", 0.1),
            ("beta", 0.85),
            ("degrees_of_freedom", 5.0),
        ],
    ),
    (
        Model::Gjr,
        "garch: {start_price: 1000, volatility_per_year: 0.9, alpha: 0.05, beta: 0.85, gamma: 0.12, degrees_of_freedom: 5, step_seconds: 3600}",
        &[
            ("alpha", 0.05),
            ("gamma", 0.12),
            ("beta", 0.85),
            ("degrees_of_freedom", 5.0),
        ],
    ),
    (
        Model::Heston,
        "heston: {start_price: 1000, volatility_per_year: 0.9, reversion_per_year: 150, volatility_of_variance: 12, correlation: -0.4, step_seconds: 3600}",
        &[
            ("volatility_per_year", 0.9),
            ("reversion_per_year", 150.0),
            ("volatility_of_variance", 12.0),
            ("correlation", -0.4),
        ],
    ),
    (
        Model::RegimeSwitching,
        "regime_switching: {start_price: 1000, step_seconds: 3600, regimes: [{volatility_per_year: 0.5, mean_seconds: 180000}, {volatility_per_year: 1.6, mean_seconds: 36000}]}",
        &[
            ("regimes.0.volatility_per_year", 0.5),
            ("regimes.0.mean_seconds", 180_000.0),
            ("regimes.1.volatility_per_year", 1.6),
            ("regimes.1.mean_seconds", 36_000.0),
        ],
    ),
    (
        Model::HawkesJumps,
        "hawkes_jumps: {start_price: 1000, volatility_per_year: 0.5, jumps_per_day: 0.3, branching_ratio: 0.6, decay_seconds: 14400, jump_mean: -0.005, jump_std_dev: 0.03, step_seconds: 3600}",
        &[
            ("volatility_per_year", 0.5),
            ("jumps_per_day", 0.3),
            ("branching_ratio", 0.6),
            ("decay_seconds", 14_400.0),
            ("jump_std_dev", 0.03),
        ],
    ),
];

fn fitted(case: &Case, count: u32, replicate: u64) -> Fit {
    let returns = simulated(&spec(case.1), HOUR, count, replicate);
    Fit::new(case.0, &sample(&returns, HOUR)).unwrap()
}

/// Of several samples: the root of the mean squared error of a parameter, and the share of intervals that hold the truth.
struct Errors {
    root_mean_square: f64,
    coverage: f64,
}

/// The errors of each parameter of a case.
fn errors(case: &Case, count: u32, replicates: u64) -> Vec<Errors> {
    let fits: Vec<Fit> = (0..replicates)
        .into_par_iter()
        .map(|replicate| fitted(case, count, replicate))
        .collect();
    let of = |(name, truth): &(&str, f64)| {
        let estimates = || fits.iter().map(|fit| fit.parameter(name).unwrap());
        let square: f64 = estimates().map(|estimate| (estimate.value - truth).powi(2)).sum();
        let holds = |estimate: &&Estimate| {
            estimate
                .interval
                .is_some_and(|[low, high]| (low..=high).contains(truth))
        };
        Errors {
            root_mean_square: (square / replicates as f64).sqrt(),
            coverage: estimates().filter(holds).count() as f64 / replicates as f64,
        }
    };
    case.2.iter().map(of).collect()
}

#[test]
fn every_model_is_recovered_from_what_its_path_makes() {
    CASES.par_iter().for_each(|case| {
        let fit = fitted(case, 3000, 0);
        for (name, truth) in case.2 {
            let found = fit.parameter(name).unwrap();
            let error = found
                .std_error
                .unwrap_or_else(|| panic!("{} {name}: {found:?}", case.0.name()));
            let distance = (found.value - truth).abs() / error;
            assert!(
                distance < 4.0,
                "{} {name}: {found:?}, truth {truth}",
                case.0.name()
            );
            // An estimate that says nothing would pass that.
            assert!(
                error < 0.8 * truth.abs().max(0.02),
                "{} {name}: {found:?}",
                case.0.name()
            );
        }
    });
}

#[test]
fn errors_shrink_with_the_root_of_the_length_and_are_as_large_as_told() {
    for (case, replicates) in [(&CASES[0], 60), (&CASES[2], 60), (&CASES[3], 24)] {
        let (short, long) = (errors(case, 600, replicates), errors(case, 5400, replicates));
        for ((short, long), (name, _)) in short.iter().zip(&long).zip(case.2) {
            // Nine times as long: a third of the error. The standard error of the logarithm of a ratio of such is √(1 / replicates).
            let ratio = (short.root_mean_square / long.root_mean_square / 3.0).ln();
            let bound = 3.0 / (replicates as f64).sqrt();
            // In short samples a GARCH's errors are worse than their asymptotics; the other bound is on the safe side.
            assert!(
                ratio > -bound && ratio < bound + 0.7,
                "{} {name}: {ratio}",
                case.0.name()
            );
            let error = (0.95f64 * 0.05 / replicates as f64).sqrt();
            assert!(
                long.coverage > 0.95 - 3.5 * error,
                "{} {name}: {}",
                case.0.name(),
                long.coverage
            );
        }
    }
}

/// `cargo test --release --lib calibrate::tests::coverage -- --ignored --nocapture` prints errors and coverage of all models at three lengths.
#[test]
#[ignore = "minutes of an optimised build"]
fn coverage() {
    const REPLICATES: u64 = 200;
    for case in &CASES {
        println!("{}", case.0.name());
        let lengths = [1000, 4000, 16_000].map(|count| (count, errors(case, count, REPLICATES)));
        for (place, (name, truth)) in case.2.iter().enumerate() {
            let told = lengths.iter().map(|(count, errors)| {
                let Errors {
                    root_mean_square,
                    coverage,
                } = errors[place];
                format!(
                    "{count}: error {root_mean_square:.4}, coverage {:.1} %",
                    coverage * 100.0
                )
            });
            println!("  {name} {truth}; {}", told.collect::<Vec<_>>().join("; "));
        }
        for errors in &lengths[2].1 {
            assert!(
                errors.coverage > if case.0.is_quasi() { 0.6 } else { 0.9 },
                "{}",
                case.0.name()
            );
        }
    }
}

/// Returns of a GJR-GARCH with Student's t of 5 degrees of freedom, made with nothing but arithmetic that Python does alike: uniform numbers
/// are x / 2³² of x ← 1664525 x + 1013904223 from 7 on, normal ones the sum of twelve less 6.
fn made_alike() -> Vec<f64> {
    let mut state = 7u32;
    let mut uniform = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / 4_294_967_296.0
    };
    let mut normal = || (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
    let (alpha, gamma, beta, long_run) = (0.06, 0.08, 0.87, 1e-8);
    let omega = long_run * (1.0 - alpha - beta - gamma / 2.0);
    let mut variance: f64 = long_run;
    let mut next = || {
        let numerator = normal();
        let squares = (0..5).fold(0.0, |sum, _| {
            let other = normal();
            sum + other * other
        });
        let shock = variance.sqrt() * (numerator * (3.0 / squares).sqrt());
        let weight = alpha + if shock < 0.0 { gamma } else { 0.0 };
        variance = omega + weight * shock * shock + beta * variance;
        shock
    };
    (0..2000).map(|_| next()).collect()
}

// arch 8.0: variances by arch.univariate.GARCH (p = 1, o = 0 or 1, q = 1) with the unconditional variance as backcast, densities by its
// StudentsT, on returns times 10⁴; the maximum by scipy's Nelder-Mead, standard errors from a Hessian by central differences.
#[test]
fn garch_is_that_of_arch() {
    let returns = made_alike();
    for (found, expected) in returns
        .iter()
        .zip([5.60921691e-05, 3.04984078e-05, -9.00769342e-05])
    {
        assert!((found / expected - 1.0).abs() < 1e-8, "{found} {expected}");
    }
    let sample = sample(&returns, 1);
    let check = |model, log_likelihood: f64, variance: f64, expected: &[(&str, f64, f64)]| {
        let fit = Fit::new(model, &sample).unwrap();
        // The path's returns are less by half their variance, which is next to nothing here.
        let distance = fit.log_likelihood - log_likelihood;
        assert!(distance.abs() < 0.01, "{distance}");
        let volatility = fit.parameter("volatility_per_year").unwrap().value;
        let found = (volatility * 1e4).powi(2) / crate::path::SECONDS_PER_YEAR;
        assert!((found / variance - 1.0).abs() < 0.01, "{found} {variance}");
        for (name, value, std_error) in expected {
            let found = fit.parameter(name).unwrap();
            assert!(
                (found.value - value).abs() < 0.02 * std_error,
                "{found:?} {value}"
            );
            assert!(
                (found.std_error.unwrap() / std_error - 1.0).abs() < 0.03,
                "{found:?} {std_error}"
            );
        }
    };
    check(
        Model::Garch,
        15_788.145903,
        1.650040,
        &[
            ("alpha", 0.137155, 0.019423),
            ("beta", 0.841512, 0.019397),
            ("degrees_of_freedom", 4.568453, 0.455041),
        ],
    );
    check(
        Model::Gjr,
        15_794.590673,
        1.580540,
        &[
            ("alpha", 0.078013, 0.019748),
            ("gamma", 0.111463, 0.031962),
            ("beta", 0.844304, 0.018348),
            ("degrees_of_freedom", 4.734583, 0.488030),
        ],
    );
}

#[test]
fn closed_forms_are_maxima() {
    let normal = fitted(&CASES[0], 500, 1);
    let returns = simulated(&spec(CASES[0].1), HOUR, 500, 1);
    let (n, mean) = (500.0, returns.iter().sum::<f64>() / 500.0);
    let variance = returns.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / n;
    // -n/2 (ln 2πσ² + 1)
    let expected = -n / 2.0 * ((2.0 * std::f64::consts::PI * variance).ln() + 1.0);
    assert!((normal.log_likelihood - expected).abs() < 1e-6);
    assert!((normal.aic() - (4.0 - 2.0 * expected)).abs() < 1e-6);
    assert!((normal.bic() - (2.0 * 500f64.ln() - 2.0 * expected)).abs() < 1e-6);
    // σ / √(2n), as for any normal sample.
    let volatility = normal.parameter("volatility_per_year").unwrap();
    assert!((volatility.std_error.unwrap() / volatility.value * 1000f64.sqrt() - 1.0).abs() < 1e-3);

    // Around the least squares of the autoregression no likelihood is larger: the optimiser does not move from there.
    let (model, path, _) = CASES[2];
    let returns = simulated(&spec(path), HOUR, 1000, 1);
    let sample = sample(&returns, HOUR);
    let fit = Fit::new(model, &sample).unwrap();
    let moved = fit::maximum(model, &sample, &fit.coordinates).unwrap();
    for (found, before) in moved.iter().zip(&fit.coordinates) {
        assert!((found - before).abs() < 1e-4, "{moved:?} {:?}", fit.coordinates);
    }
}

#[test]
fn what_reverts_to_nothing_is_refused() {
    // Each return is 2 % of the way from a price long ago: away from it.
    let returns: Vec<f64> = (0..200).map(|n| 1e-4 * 1.02f64.powi(n)).collect();
    let refused = Fit::new(Model::MeanReversion, &sample(&returns, 60))
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("give --model geometric_brownian_motion"),
        "{refused}"
    );
}

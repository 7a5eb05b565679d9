use super::*;
use rand_pcg::Pcg64;

const DAY: f64 = 1.0 / 365.0;

fn variances(spec: &Heston, steps: u32, rng: &mut Pcg64) -> Vec<f64> {
    let (step, mut normal) = (Step::new(spec), Normal::new());
    let mut variance = spec.start_variance();
    let next = |_| {
        variance = step.take(variance, normal.draw(rng), 0.0).1;
        variance
    };
    (0..steps).map(next).collect()
}

fn mean_and_variance(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n)
}

/// Feller's condition holds (2κθ = 51.2 > ξ² = 16) and does not (ξ² = 144).
fn calm_and_wild() -> [Heston; 2] {
    [4.0, 12.0].map(|volatility_of_variance| Heston {
        volatility_of_variance,
        reversion_per_year: 40.0,
        start_volatility_per_year: Some(1.2),
        step_seconds: 3_600,
        ..Heston::default()
    })
}

#[test]
fn the_variance_has_the_moments_of_the_square_root_process() {
    for spec in calm_and_wild() {
        let (kappa, theta, xi2, v0) = (40.0, 0.64, spec.volatility_of_variance.powi(2), 1.44);
        for hours in [1u32, 240] {
            let years = f64::from(hours) * DAY / 24.0;
            let mut rng = Pcg64::new(1, 2);
            let n = 20_000;
            let last = (0..n).map(|_| *variances(&spec, hours, &mut rng).last().unwrap());
            let (mean, variance) = mean_and_variance(&last.collect::<Vec<_>>());
            // J. C. Cox, J. E. Ingersoll and S. A. Ross, "A Theory of the Term Structure of Interest Rates", 1985, equation 19.
            let keep = (-kappa * years).exp();
            let expected = theta + (v0 - theta) * keep;
            let spread =
                v0 * xi2 / kappa * (keep - keep * keep) + theta * xi2 / (2.0 * kappa) * (1.0 - keep).powi(2);
            let error = (spread / n as f64).sqrt();
            assert!(
                (mean - expected).abs() < 4.0 * error,
                "{hours}: {mean} {expected}"
            );
            assert!(
                (variance / spread - 1.0).abs() < 0.12,
                "{hours}: {variance} {spread}"
            );
        }
    }
}

#[test]
fn the_integrated_variance_has_its_mean_and_variance() {
    for mut spec in calm_and_wild() {
        spec.start_volatility_per_year = None;
        let (kappa, theta, hours, n) = (40.0, 0.64, 240u32, 10_000);
        let xi = spec.volatility_of_variance;
        let mut rng = Pcg64::new(3, 2);
        let integral = |_| {
            let all = variances(&spec, hours, &mut rng);
            // Trapezoids.
            let inner: f64 = all.iter().sum::<f64>() + (theta - all[all.len() - 1]) / 2.0;
            inner * DAY / 24.0
        };
        let (mean, variance) = mean_and_variance(&(0..n).map(integral).collect::<Vec<_>>());
        let t = f64::from(hours) * DAY / 24.0;
        // From θ on the integral is θt + ξ/κ ∫ √v (1 - exp(-κ(t - s))) dZ: its variance by Itô's isometry with E v = θ.
        let (once, twice) = ((-kappa * t).exp(), (-2.0 * kappa * t).exp());
        let expected = xi * xi * theta / (kappa * kappa)
            * (t - 2.0 * (1.0 - once) / kappa + (1.0 - twice) / (2.0 * kappa));
        let error = (expected / f64::from(n)).sqrt();
        assert!((mean - theta * t).abs() < 4.0 * error, "{mean}");
        assert!((variance / expected - 1.0).abs() < 0.1, "{variance} {expected}");
    }
}

#[test]
fn the_expected_price_grows_by_the_drift_at_any_step() {
    for correlation in [-0.9, 0.0, 0.5] {
        for step_seconds in [3_600, 86_400, 10 * 86_400] {
            let spec = Heston {
                drift_per_year: 0.5,
                volatility_of_variance: 8.0,
                correlation,
                step_seconds,
                ..Heston::default()
            };
            let horizon = 10 * 86_400;
            let n = 10_000;
            let end = |k| {
                spec.build(Pcg64::new(k, 9), horizon)
                    .unwrap()
                    .price_at(horizon.into())
            };
            let prices: Vec<f64> = (0..n).map(|k| end(k) as f64 / 1e6).collect();
            let (mean, variance) = mean_and_variance(&prices);
            let expected = 100.0 * (0.5 * 10.0 * DAY).exp();
            let error = (variance / n as f64).sqrt();
            assert!(
                (mean - expected).abs() < 4.0 * error,
                "{correlation} {step_seconds}: {mean}"
            );
        }
    }
}

#[test]
fn price_and_variance_correlate_as_told() {
    let (step, mut normal, mut rng) = (Step::new(&Heston::default()), Normal::new(), Pcg64::new(4, 4));
    let (mut variance, mut products, mut squares) = (0.64, 0.0, [0.0; 2]);
    let n = 100_000;
    for _ in 0..n {
        let (shock, own) = (normal.draw(&mut rng), normal.draw(&mut rng));
        let across = (1.0f64 - 0.09).sqrt();
        let (moved, next) = step.take(variance, -0.3 * shock + across * own, across * shock + 0.3 * own);
        let turned = next - variance;
        products += moved * turned;
        squares[0] += moved * moved;
        squares[1] += turned * turned;
        variance = next;
    }
    let found = products / (squares[0] * squares[1]).sqrt();
    assert!((found + 0.3).abs() < 0.02, "{found}");
}

#[test]
fn without_volatility_nothing_moves() {
    let spec = Heston {
        volatility_per_year: 0.0,
        ..Heston::default()
    };
    let path = spec.build(Pcg64::new(1, 1), 1_000).unwrap();
    assert_eq!(path.iter().collect::<Vec<_>>(), [(0, 100_000_000)]);
}

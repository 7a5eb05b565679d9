//! Statistics by which a fit is judged.

use super::law::normal_chance;
use super::sample::moments;
use statrs::function::gamma::gamma_ur;

/// The largest distance between the share of scores up to a value and the standard normal distribution's, which is the statistic of Kolmogorov
/// and Smirnov on the probability integral transforms.
pub(super) fn kolmogorov_smirnov(scores: &[f64]) -> f64 {
    let mut chances: Vec<f64> = scores.iter().map(|score| normal_chance(*score)).collect();
    chances.sort_unstable_by(f64::total_cmp);
    let n = chances.len() as f64;
    let distance = |(place, chance): (usize, &f64)| {
        let (below, up_to) = (place as f64 / n, (place + 1) as f64 / n);
        (chance - below).max(up_to - chance)
    };
    chances.iter().enumerate().map(distance).fold(0.0, f64::max)
}

/// The chance of a distance as large or larger, were no parameter estimated (A. Kolmogorov, 1933, with the correction for n of M. A. Stephens,
/// "Use of the Kolmogorov-Smirnov, Cramér-Von Mises and Related Statistics Without Extensive Tables", 1970).
pub(super) fn kolmogorov_chance(distance: f64, n: usize) -> f64 {
    let root = (n as f64).sqrt();
    let stretched = (root + 0.12 + 0.11 / root) * distance;
    if stretched < 0.2 {
        // The series below needs many terms there, and the chance is 1 to twelve digits.
        return 1.0;
    }
    let term = |k: i32| {
        let term = 2.0 * libm::exp(-2.0 * f64::from(k * k) * stretched * stretched);
        if k % 2 == 1 { term } else { -term }
    };
    (1..=40).map(term).sum::<f64>().clamp(0.0, 1.0)
}

/// Correlations of values with those so many places before them, from 1 place to `lags`.
pub fn autocorrelations(values: &[f64], lags: usize) -> Vec<f64> {
    let (mean, _) = moments(values);
    let apart: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let total: f64 = apart.iter().map(|a| a * a).sum();
    let at = |lag: usize| apart.iter().zip(&apart[lag..]).map(|(a, b)| a * b).sum::<f64>() / total;
    (1..=lags.min(values.len() - 1)).map(at).collect()
}

/// What the correlations at the first `lags` places come to together (G. M. Ljung and G. E. P. Box, "On a Measure of Lack of Fit in Time
/// Series Models", 1978).
pub(super) fn ljung_box(values: &[f64], lags: usize) -> f64 {
    let n = values.len() as f64;
    let terms = autocorrelations(values, lags);
    let sum: f64 = terms
        .iter()
        .zip(1u32..)
        .map(|(r, lag)| r * r / (n - f64::from(lag)))
        .sum();
    n * (n + 2.0) * sum
}

/// The chance of a value as large or larger from a χ² distribution.
pub(super) fn chi_squared_chance(value: f64, degrees: usize) -> f64 {
    if value <= 0.0 {
        1.0
    } else {
        gamma_ur(degrees as f64 / 2.0, value / 2.0)
    }
}

/// The least returns in a tail that say something about it.
const LEAST_TAIL: usize = 10;

/// How many of `n` returns count as the tail: the twentieth part.
pub(super) fn tail_count(n: usize) -> usize {
    (n / 20).max(LEAST_TAIL)
}

/// The exponent by which the chance of large returns, up or down, falls with their size, by the largest twentieth of them (B. M. Hill, "A
/// Simple General Approach to Inference About the Tail of a Distribution", 1975). Its standard error for independent returns is itself over
/// the root of their number. Distributions without such a tail, such as the normal one, have larger values the more returns there are.
pub(super) fn hill(returns: &[f64]) -> f64 {
    let (mean, _) = moments(returns);
    let mut sizes: Vec<f64> = returns.iter().map(|value| (value - mean).abs()).collect();
    sizes.sort_unstable_by(|a, b| b.total_cmp(a));
    let count = tail_count(sizes.len());
    let least = sizes[count];
    count as f64
        / sizes[..count]
            .iter()
            .map(|size| libm::log(size / least))
            .sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-9, "{found} {expected}");
    }

    /// 200 numbers that Python makes alike: a sawtooth with a drift.
    fn saw() -> Vec<f64> {
        (0..200u32)
            .map(|n| f64::from(n * n % 37) / 37.0 - 0.5 + f64::from(n) / 400.0)
            .collect()
    }

    // statsmodels 0.15: acorr_ljungbox(saw, lags=[10]) and of the squares; scipy 1.17: kstest(saw, "norm"), kstwobign.sf of the corrected
    // statistic.
    #[test]
    fn statistics_are_those_of_scipy_and_statsmodels() {
        let saw = saw();
        let squares: Vec<f64> = saw.iter().map(|value| value * value).collect();
        close(ljung_box(&saw, 10), 83.26864614578942);
        close(ljung_box(&squares, 10), 47.28468143147588);
        close(kolmogorov_smirnov(&saw), 0.3363808269325486);
        close(kolmogorov_chance(0.08, 200), 0.14752990351258327);
        // The table's 95 % quantile at ten degrees of freedom.
        close(chi_squared_chance(18.307_038_053_275_146, 10), 0.05);
    }

    #[test]
    fn hills_index_is_that_of_a_pareto_tail() {
        // Sizes at the quantiles of a Pareto distribution of exponent 3, as many up as down.
        let size = |n: u32| (f64::from(2000 - n / 2) / 2000.0).powf(-1.0 / 3.0);
        let returns: Vec<f64> = (0..4000)
            .map(|n| if n % 2 == 0 { size(n) } else { -size(n) })
            .collect();
        assert!((hill(&returns) - 3.0).abs() < 0.1, "{}", hill(&returns));
    }
}

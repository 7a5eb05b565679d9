//! How sure estimates are.

/// The covariance of coordinates at the maximum of a likelihood.
#[derive(Clone, Debug)]
pub(super) struct Covariance {
    /// A row for each coordinate; zeros for those that the likelihood does not determine.
    pub matrix: Vec<Vec<f64>>,
    /// Whether the likelihood determines a coordinate: whether it falls to both sides of it within a few units.
    pub determined: Vec<bool>,
}

/// Information on a coordinate below which it counts as not determined: its standard error would be 5, where a coordinate is a logarithm or
/// a log odds for which 5 is a factor of 150.
const LEAST_INFORMATION: f64 = 0.04;

/// The covariance of the coordinates `at` which the sum of `terms`, the log densities of the observations in order, is largest.
///
/// The inverse of the observed information (minus the Hessian, by central differences) where the densities are the model's own; for a
/// quasi-likelihood the sandwich of it around the covariance of the scores (P. J. Huber, 1967; H. White, "Maximum Likelihood Estimation of
/// Misspecified Models", 1982), which may be correlated over time (W. K. Newey and K. D. West, 1987).
pub(super) fn covariance(terms: &dyn Fn(&[f64]) -> Vec<f64>, at: &[f64], quasi: bool) -> Covariance {
    let total = |at: &[f64]| terms(at).iter().sum::<f64>();
    let peak = total(at);
    let moved = |changes: &[(usize, f64)]| {
        let mut moved = at.to_vec();
        for &(place, step) in changes {
            moved[place] += step;
        }
        moved
    };
    let curvature = |place: usize, step: f64| {
        let beside = total(&moved(&[(place, step)])) + total(&moved(&[(place, -step)]));
        -(beside - 2.0 * peak) / (step * step)
    };
    // A twentieth of a standard error: the likelihood falls by about 0.001, far above rounding, and is a parabola there.
    let steps: Vec<f64> = (0..at.len())
        .map(|place| {
            let rough = curvature(place, 1e-3).max(0.0);
            (0.05 / rough.sqrt()).clamp(1e-6, 0.05)
        })
        .collect();
    let curvatures: Vec<f64> = (0..at.len())
        .map(|place| curvature(place, steps[place]))
        .collect();
    let mut determined: Vec<bool> = curvatures.iter().map(|own| *own > LEAST_INFORMATION).collect();
    let free: Vec<usize> = (0..at.len()).filter(|&place| determined[place]).collect();

    let information: Vec<Vec<f64>> = free
        .iter()
        .map(|&row| {
            let entry = |&column: &usize| {
                if row == column {
                    return curvatures[row];
                }
                let (down, right) = (steps[row], steps[column]);
                let corner = |x: f64, y: f64| total(&moved(&[(row, x * down), (column, y * right)]));
                let twist = corner(1.0, 1.0) - corner(1.0, -1.0) - corner(-1.0, 1.0) + corner(-1.0, -1.0);
                -twist / (4.0 * down * right)
            };
            free.iter().map(entry).collect()
        })
        .collect();
    let Some(mut inverse) = inverse(&information) else {
        determined.fill(false);
        return Covariance {
            matrix: vec![vec![0.0; at.len()]; at.len()],
            determined,
        };
    };
    if quasi {
        let slopes: Vec<Vec<f64>> = free
            .iter()
            .map(|&place| {
                let (above, below) = (
                    terms(&moved(&[(place, steps[place])])),
                    terms(&moved(&[(place, -steps[place])])),
                );
                let slope = |(above, below): (&f64, &f64)| (above - below) / (2.0 * steps[place]);
                above.iter().zip(&below).map(slope).collect()
            })
            .collect();
        inverse = product(&product(&inverse, &long_run_covariance(&slopes)), &inverse);
    }
    let mut matrix = vec![vec![0.0; at.len()]; at.len()];
    for (row, &to_row) in free.iter().enumerate() {
        for (column, &to_column) in free.iter().enumerate() {
            matrix[to_row][to_column] = inverse[row][column];
        }
    }
    Covariance { matrix, determined }
}

/// The covariance of sums of series whose members may be correlated over a few steps, with the weights of Newey and West and their usual
/// number of lags, `4 (n / 100)^(2/9)`.
fn long_run_covariance(series: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = series.first().map_or(0, Vec::len);
    let lags = (4.0 * libm::pow(n as f64 / 100.0, 2.0 / 9.0)) as usize;
    let at_lag =
        |a: &[f64], b: &[f64], lag: usize| a.iter().skip(lag).zip(b).map(|(a, b)| a * b).sum::<f64>();
    let entry = |a: &Vec<f64>, b: &Vec<f64>| {
        let lagged = (1..=lags.min(n.saturating_sub(1))).map(|lag| {
            let weight = 1.0 - lag as f64 / (lags + 1) as f64;
            weight * (at_lag(a, b, lag) + at_lag(b, a, lag))
        });
        at_lag(a, b, 0) + lagged.sum::<f64>()
    };
    series
        .iter()
        .map(|row| series.iter().map(|column| entry(row, column)).collect())
        .collect()
}

fn product(a: &[Vec<f64>], b: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let columns = b.first().map_or(0, Vec::len);
    a.iter()
        .map(|row| {
            let entry = |column: usize| row.iter().zip(b).map(|(left, right)| left * right[column]).sum();
            (0..columns).map(entry).collect()
        })
        .collect()
}

/// The inverse of a symmetric matrix that is positive definite, by Cholesky's decomposition; `None` for any other.
fn inverse(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let n = matrix.len();
    let mut lower = vec![vec![0.0; n]; n];
    for row in 0..n {
        for column in 0..=row {
            let rest: f64 = (0..column).map(|k| lower[row][k] * lower[column][k]).sum();
            let left = matrix[row][column] - rest;
            if row == column {
                // A pivot that is rounding alone is none.
                if left.is_nan() || left <= 1e-12 * matrix[row][row] {
                    return None;
                }
                lower[row][row] = left.sqrt();
            } else {
                lower[row][column] = left / lower[column][column];
            }
        }
    }
    let solve = |unit: usize| {
        let mut x = vec![0.0; n];
        x[unit] = 1.0;
        for row in 0..n {
            let known: f64 = (0..row).map(|k| lower[row][k] * x[k]).sum();
            x[row] = (x[row] - known) / lower[row][row];
        }
        for row in (0..n).rev() {
            let known: f64 = (row + 1..n).map(|k| lower[k][row] * x[k]).sum();
            x[row] = (x[row] - known) / lower[row][row];
        }
        x
    };
    Some((0..n).map(solve).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inverse_is_one() {
        // By hand: det = 4·3 - 2·2 = 8.
        let found = inverse(&[vec![4.0, 2.0], vec![2.0, 3.0]]).unwrap();
        for (found, expected) in found.concat().iter().zip([0.375, -0.25, -0.25, 0.5]) {
            assert!((found - expected).abs() < 1e-15);
        }
        assert_eq!(inverse(&[vec![1.0, 1.0], vec![1.0, 1.0]]), None);
        assert_eq!(inverse(&[vec![-1.0]]), None);
    }

    /// Observations with squares alternating between 1 and 9 under a normal density of mean 0 and the logarithm of its standard deviation
    /// as coordinate; a second coordinate does nothing.
    fn terms(at: &[f64]) -> Vec<f64> {
        let square = |n: usize| if n.is_multiple_of(2) { 1.0 } else { 9.0 };
        let term = |n| -at[0] - square(n) / (2.0 * (2.0 * at[0]).exp());
        (0..1000).map(term).collect()
    }

    #[test]
    fn information_and_sandwich_are_those_of_theory() {
        // The mean square is 5, so the maximum is at ln √5; the information on ln σ is 2n.
        let at = [5f64.ln() / 2.0, 7.0];
        let found = covariance(&terms, &at, false);
        assert_eq!(found.determined, [true, false]);
        assert!(
            (found.matrix[0][0] * 2000.0 - 1.0).abs() < 1e-4,
            "{:?}",
            found.matrix
        );
        assert_eq!(found.matrix[1], [0.0, 0.0]);

        // Scores are square / 5 - 1 = ∓0.8. They alternate: with 6 lags and weights 6/7, 5/7, ... 1/7 their long-run variance is
        // 0.64 n (1 - 2 (6 - 5 + 4 - 3 + 2 - 1) / 7) = 0.64 n / 7, but for the ends.
        let sandwich = covariance(&terms, &at, true).matrix[0][0];
        let expected = 0.64 * 1000.0 / 7.0 / (2000.0 * 2000.0);
        assert!((sandwich / expected - 1.0).abs() < 0.01, "{sandwich} {expected}");
    }
}

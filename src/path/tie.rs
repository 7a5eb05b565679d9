//! What ties the paths of several markets to each other.

use super::luck::{Chance, Driver, split};
use super::recorded::Span;
use crate::random::{Pcg64, Purpose, stream};

/// How a path depends on other markets of its replicate.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Tie {
    /// Not at all.
    #[default]
    Free,
    /// Its shocks, standard normal variates one a step, are weighted sums of several markets' own.
    Correlated {
        /// The market whose chance it takes for its own: itself, or one that it goes along with in everything.
        leader: Source,
        /// What the leader's shocks count.
        own: f64,
        /// What those of others count.
        others: Vec<Share>,
    },
    /// Its recording is resampled with the same blocks as others.
    Common {
        /// The number of the oracle whose chance all share.
        leader: u64,
        /// The time that all recordings cover.
        span: Span,
    },
}

/// A market whose chance is used, by itself or by others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The number of its oracle.
    pub index: u64,
    /// How its model takes its shocks.
    pub drive: Drive,
}

/// What another market's shocks count.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// That market.
    pub market: Source,
    /// Their weight.
    pub weight: f64,
}

/// How a model takes its shocks from its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drive {
    /// Seconds from one to the next.
    pub step_seconds: u32,
    /// Whether a stream for other things is split off first.
    pub(super) splits: bool,
}

impl Drive {
    /// The shocks in a market's stream, times `weight`.
    fn of(self, mut rng: Pcg64, weight: f64) -> Driver {
        if self.splits {
            split(&mut rng);
        }
        Driver::new(rng, weight)
    }
}

impl Tie {
    /// The chances of the path of oracle `index` in this replicate.
    pub(super) fn chance(&self, (seed, replicate, index): (u64, u64, u64)) -> Chance {
        let stream = |index| stream(seed, replicate, Purpose::PricePath, index);
        match self {
            Tie::Free => stream(index).into(),
            Tie::Common { leader, span } => Chance {
                span: Some(*span),
                ..stream(*leader).into()
            },
            Tie::Correlated { leader, own, others } => {
                let mut rng = stream(leader.index);
                // What the leader's model does not leave to chance is left to the path's own.
                let rest = (leader.index != index).then(|| match leader.drive.splits {
                    true => split(&mut rng),
                    false => split(&mut stream(index)),
                });
                let others = others
                    .iter()
                    .map(|share| share.market.drive.of(stream(share.market.index), share.weight));
                Chance {
                    rng,
                    rest,
                    weight: *own,
                    others: others.collect(),
                    span: None,
                }
            }
        }
    }
}

/// What is left of a variance of 1 below which it counts as nothing: correlations have no more digits than that.
const NOTHING: f64 = 1e-9;

/// Independent standard variates, weighed by the rows of what this answers, have the given correlations: the matrix's Cholesky factor. Row `k`
/// of `below` holds the correlations of variate `k` with those before it.
///
/// # Errors
///
/// The first variate whose correlations contradict those of the variates before it, so that no variates have them all.
pub fn cholesky(below: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, usize> {
    let mut factor: Vec<Vec<f64>> = Vec::with_capacity(below.len());
    for (k, correlations) in below.iter().enumerate() {
        let mut row = Vec::with_capacity(k + 1);
        for (j, correlation) in correlations.iter().enumerate() {
            let shared: f64 = row.iter().zip(&factor[j]).map(|(a, b): (&f64, &f64)| a * b).sum();
            let left = correlation - shared;
            // The variate may hold nothing that those before it do not.
            match factor[j][j] {
                0.0 if left.abs() > NOTHING.sqrt() => return Err(k),
                0.0 => row.push(0.0),
                own => row.push(left / own),
            }
        }
        let left = 1.0 - row.iter().map(|weight| weight * weight).sum::<f64>();
        match left {
            left if left < -NOTHING => return Err(k),
            left if left < NOTHING => row.push(0.0),
            left => row.push(left.sqrt()),
        }
        factor.push(row);
    }
    Ok(factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_factor_is_the_one_of_the_textbook() {
        // [1, .5, .25; .5, 1, .75; .25, .75, 1]: l21 = 1/2, l22 = √3/2, l31 = 1/4, l32 = (3/4 - 1/8) / l22 = 5 / (4√3), and
        // l33² = 1 - 1/16 - 25/48 = 5/12.
        let factor = cholesky(&[vec![], vec![0.5], vec![0.25, 0.75]]).unwrap();
        let root = 3f64.sqrt();
        let expected = [
            vec![1.0],
            vec![0.5, root / 2.0],
            vec![0.25, 5.0 / (4.0 * root), (5.0f64 / 12.0).sqrt()],
        ];
        for (found, expected) in factor.iter().flatten().zip(expected.iter().flatten()) {
            assert!((found - expected).abs() < 1e-15, "{found} {expected}");
        }
    }

    #[test]
    fn full_and_no_correlation_are_exact() {
        let factor = cholesky(&[vec![], vec![1.0], vec![0.0, 0.0], vec![-1.0, -1.0, 0.0]]);
        let expected = vec![
            vec![1.0],
            vec![1.0, 0.0],
            vec![0.0, 0.0, 1.0],
            vec![-1.0, 0.0, 0.0, 0.0],
        ];
        assert_eq!(factor, Ok(expected));
    }

    #[test]
    fn contradictions_are_found() {
        assert_eq!(cholesky(&[vec![], vec![0.9], vec![0.9, -0.9]]), Err(2));
        assert_eq!(cholesky(&[vec![], vec![1.0], vec![0.5, 0.4]]), Err(2));
        assert_eq!(cholesky(&[vec![], vec![1.5]]), Err(1));
    }

    proptest! {
        #[test]
        fn the_factor_times_itself_is_the_matrix(rows in prop::collection::vec(prop::array::uniform5(-1.0..1.0f64), 1..6)) {
            // Correlations that some variates have: inner products of unit vectors.
            let unit = |row: &[f64; 5]| {
                let length = row.iter().map(|x| x * x).sum::<f64>().sqrt().max(1e-9);
                row.map(|x| x / length)
            };
            let vectors: Vec<_> = rows.iter().map(unit).collect();
            let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            prop_assume!(vectors.iter().all(|v| (product(v, v) - 1.0).abs() < 1e-9));
            let below: Vec<Vec<f64>> = (0..vectors.len())
                .map(|k| (0..k).map(|j| product(&vectors[k], &vectors[j])).collect())
                .collect();
            let factor = cholesky(&below).unwrap();
            for k in 0..below.len() {
                for j in 0..=k {
                    let wanted = if j == k { 1.0 } else { below[k][j] };
                    prop_assert!((product(&factor[k], &factor[j]) - wanted).abs() < 1e-6);
                }
            }
        }
    }
}

//! The rows of one block, each computed from its number.

use rand::Rng;
use rand::seq::SliceRandom;
use sobol_burley::parts::{owen_scramble_rev, sobol_rev};

use super::super::spec::{Block, BlockKind, Dimension, Distribution, Method};
use super::super::tree::Node;
use super::check::probe;
use crate::random::{Pcg64, Purpose, stream};

/// A block and what it needs to give its rows in any order.
#[derive(Clone, Debug)]
pub(super) struct Design {
    block: Block,
    len: u64,
    draws: Draws,
}

/// Where the numbers between 0 and 1 of a sampling block come from: stream [`Purpose::Design`], replicate 0, the
/// block's position in the spec as index.
#[derive(Clone, Debug)]
enum Draws {
    /// Not a sampling block.
    None,
    /// Row by row from the stream.
    Random(Pcg64),
    /// First the stream shuffles the strata of each path in turn, then it gives, row by row, the position of each
    /// draw within its stratum.
    Lhs { strata: Vec<Vec<u32>>, within: Pcg64 },
    /// The stream gives each path the key of its Owen scrambling.
    Sobol { keys: Vec<u32> },
}

impl Design {
    /// The rows of a block that stands at position `number` of the spec.
    pub fn new(block: Block, seed: u64, number: u64) -> Self {
        let mut rng = stream(seed, 0, Purpose::Design, number);
        let (len, draws) = match &block.kind {
            BlockKind::Grid(axes) => {
                let lens = axes.iter().map(|axis| axis.values.len());
                // [`size::points`](super::size::points) has refused what overflows.
                (lens.fold(1, u64::saturating_mul), Draws::None)
            }
            BlockKind::Zip(axes) => (axes.first().map_or(1, |axis| axis.values.len()), Draws::None),
            BlockKind::Table { rows, .. } => (rows.len() as u64, Draws::None),
            BlockKind::Sample {
                method,
                count,
                dimensions,
            } => {
                let draws = match method {
                    Method::Random => Draws::Random(rng),
                    Method::Lhs => Draws::lhs(rng, *count, dimensions.len()),
                    Method::Sobol => Draws::Sobol {
                        keys: dimensions.iter().map(|_| rng.next_u32()).collect(),
                    },
                };
                (*count, draws)
            }
        };
        Self { block, len, draws }
    }

    /// The block.
    pub fn block(&self) -> &Block {
        &self.block
    }

    /// Number of rows, at least 1.
    pub fn len(&self) -> u64 {
        self.len.max(1)
    }

    /// The values of a row, in the order of the block's paths.
    pub fn row(&self, row: u64) -> Vec<Node> {
        match &self.block.kind {
            BlockKind::Grid(axes) => {
                let mut rest = row;
                let mut values = Vec::with_capacity(axes.len());
                for axis in axes.iter().rev() {
                    values.push(axis.values.at(rest % axis.values.len()));
                    rest /= axis.values.len();
                }
                values.reverse();
                values
            }
            BlockKind::Zip(axes) => axes.iter().map(|axis| axis.values.at(row)).collect(),
            BlockKind::Table { rows, .. } => {
                let row = usize::try_from(row).ok().and_then(|row| rows.get(row));
                row.cloned().unwrap_or_default()
            }
            BlockKind::Sample {
                count, dimensions, ..
            } => {
                let draws = self.draws.row(row, *count, dimensions.len());
                dimensions
                    .iter()
                    .zip(draws)
                    .map(|(dimension, u)| drawn(dimension, u))
                    .collect()
            }
        }
    }

    /// Values that show what kind of values the path at `index` takes.
    pub fn examples(&self, index: usize) -> Vec<Node> {
        let examples = match &self.block.kind {
            BlockKind::Grid(axes) | BlockKind::Zip(axes) => axes.get(index).map(|axis| {
                let values = &axis.values;
                probe(values.len()).map(|i| values.at(i)).collect()
            }),
            BlockKind::Table { rows, .. } => {
                Some(rows.iter().filter_map(|row| row.get(index).cloned()).collect())
            }
            BlockKind::Sample { dimensions, .. } => dimensions.get(index).map(|dimension| {
                let distribution = &dimension.distribution;
                let kinds = match distribution {
                    Distribution::Choice(choices) => {
                        choices.iter().map(|choice| choice.kind.clone()).collect()
                    }
                    _ => vec![distribution.quantile(0.5)],
                };
                kinds
                    .into_iter()
                    .map(|kind| Node {
                        kind,
                        span: dimension.span,
                    })
                    .collect()
            }),
        };
        examples.unwrap_or_default()
    }
}

fn drawn(dimension: &Dimension, u: f64) -> Node {
    Node {
        kind: dimension.distribution.quantile(u),
        span: dimension.span,
    }
}

impl Draws {
    fn lhs(mut rng: Pcg64, count: u64, dimensions: usize) -> Self {
        let strata = (0..dimensions)
            .map(|_| {
                let mut strata: Vec<u32> = (0..count.min(u32::MAX.into()) as u32).collect();
                strata.shuffle(&mut rng);
                strata
            })
            .collect();
        Self::Lhs { strata, within: rng }
    }

    /// One number for each dimension, above 0 and below 1.
    fn row(&self, row: u64, count: u64, dimensions: usize) -> Vec<f64> {
        match self {
            Self::None => Vec::new(),
            Self::Random(rng) => at_row(rng, row, dimensions),
            Self::Lhs { strata, within } => {
                let within = at_row(within, row, dimensions);
                let place = |(strata, u): (&Vec<u32>, f64)| {
                    let stratum = usize::try_from(row).ok().and_then(|row| strata.get(row));
                    inside((f64::from(stratum.copied().unwrap_or(0)) + u) / count as f64)
                };
                strata.iter().zip(within).map(place).collect()
            }
            Self::Sobol { keys } => {
                let index = (row as u32).reverse_bits();
                let coordinate = |(dimension, &key): (usize, &u32)| {
                    let bits = owen_scramble_rev(sobol_rev(index, dimension as u32), key).reverse_bits();
                    // The library's own conversion is to `f32`, which keeps 23 of these 32 bits.
                    (f64::from(bits) + 0.5) / 2f64.powi(32)
                };
                keys.iter().enumerate().map(coordinate).collect()
            }
        }
    }
}

/// The numbers of a row: those before it are skipped, not drawn.
fn at_row(rng: &Pcg64, row: u64, dimensions: usize) -> Vec<f64> {
    let mut rng = rng.clone();
    rng.advance(u128::from(row) * dimensions as u128);
    (0..dimensions).map(|_| open_unit(rng.next_u64())).collect()
}

/// The middle of one of 2^52 cells between 0 and 1: never 0 nor 1, so that every quantile is finite.
fn open_unit(bits: u64) -> f64 {
    ((bits >> 12) as f64 + 0.5) / 2f64.powi(52)
}

/// Rounding can reach 1 in the last stratum.
fn inside(u: f64) -> f64 {
    u.min(1f64.next_down())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sobol(seed: u64, dimensions: usize, count: u64) -> Vec<Vec<f64>> {
        let mut rng = stream(seed, 0, Purpose::Design, 0);
        let draws = Draws::Sobol {
            keys: (0..dimensions).map(|_| rng.next_u32()).collect(),
        };
        (0..count).map(|row| draws.row(row, count, dimensions)).collect()
    }

    proptest! {
        #[test]
        fn a_latin_hypercube_hits_every_stratum_once(seed: u64, count in 1u64..200, dimensions in 1usize..6) {
            let draws = Draws::lhs(stream(seed, 0, Purpose::Design, 0), count, dimensions);
            for dimension in 0..dimensions {
                let mut hits = vec![0; count as usize];
                for row in 0..count {
                    let u = draws.row(row, count, dimensions)[dimension];
                    prop_assert!(u > 0.0 && u < 1.0);
                    hits[(u * count as f64) as usize] += 1;
                }
                prop_assert!(hits.iter().all(|&hits| hits == 1), "{hits:?}");
            }
        }

        /// Sobol's first two dimensions form a (0, m, 2)-net, and Owen's scrambling keeps it one: each box of
        /// 2^-a by 2^-b with a + b = m holds exactly one of the first 2^m points.
        #[test]
        fn sobol_points_fill_every_elementary_interval(seed: u64, m in 0u32..9) {
            let points = sobol(seed, 2, 1 << m);
            for a in 0..=m {
                let (columns, rows) = (1usize << a, 1usize << (m - a));
                let mut hits = vec![0; columns * rows];
                for point in &points {
                    let column = (point[0] * columns as f64) as usize;
                    let row = (point[1] * rows as f64) as usize;
                    hits[column * rows + row] += 1;
                }
                prop_assert!(hits.iter().all(|&hits| hits == 1), "{columns} by {rows}: {hits:?}");
            }
        }

        #[test]
        fn every_sobol_dimension_is_stratified(seed: u64) {
            let points = sobol(seed, 256, 64);
            for dimension in 0..256 {
                let mut cells: Vec<usize> = points.iter().map(|point| (point[dimension] * 64.0) as usize).collect();
                cells.sort_unstable();
                prop_assert_eq!(cells, (0..64).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn rows_do_not_depend_on_the_order_of_asking() {
        let draws = Draws::Random(stream(3, 0, Purpose::Design, 1));
        let forwards: Vec<_> = (0..50).map(|row| draws.row(row, 50, 3)).collect();
        let mut backwards: Vec<_> = (0..50).rev().map(|row| draws.row(row, 50, 3)).collect();
        backwards.reverse();
        assert_eq!(forwards, backwards);
        let mut rng = stream(3, 0, Purpose::Design, 1);
        let flat: Vec<f64> = (0..150).map(|_| open_unit(rng.next_u64())).collect();
        assert_eq!(forwards.concat(), flat, "rows follow each other in one stream");
    }

    #[test]
    fn sobol_keeps_more_digits_than_f32() {
        let finer = sobol(1, 1, 64)
            .iter()
            .filter(|point| f64::from(point[0] as f32) != point[0])
            .count();
        assert!(finer > 48, "{finer} of 64");
    }
}

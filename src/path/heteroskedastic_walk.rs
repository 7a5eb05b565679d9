//! drift-sim's heteroskedastic walk.

use super::{
    error::{FieldError, Fields, PathError},
    normal::Normal,
    price::PricePath,
    walk::{Anchor, Gaps, Walk},
};
use rand::RngExt;
use rand_pcg::Pcg64;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Additive walk whose step size remembers the last steps, drift-sim's `rand_heterosk_oracle`: large moves follow large moves.
///
/// A step goes up or down with equal odds by the absolute value of a normal variate, after `gap` uniform seconds. The variate's standard
/// deviation is `base_std_dev` with `base_probability` and else the remembered one, which starts at `base_std_dev` and becomes, after a step
/// of size `move`, `sqrt((move² · gap + remembered² · (memory_seconds - gap)) / memory_seconds)`.
///
/// The defaults are drift-sim's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HeteroskedasticWalk {
    /// Where the walk lies: `lowest: 1` (default), shifted so that its lowest price is 1 dollar, or `start: 90`, starting at 90 dollars.
    pub anchor: Anchor,
    /// Standard deviation of a step that remembers nothing, in dollars per step. Default 1.
    pub base_std_dev: f64,
    /// Probability of a step that remembers nothing, 0 to 1. Default 0.125.
    pub base_probability: f64,
    /// Seconds over which the remembered deviation is averaged, at least `max_gap_seconds`. Default 10.
    pub memory_seconds: u32,
    /// Least seconds between two prices. Default 1.
    pub min_gap_seconds: u32,
    /// Most seconds between two prices. Default 8.
    pub max_gap_seconds: u32,
    /// Number of prices after which the walk ends and the last price holds; none (default) for as many as the horizon takes.
    pub prices: Option<u32>,
    /// Lowest price, in dollars. Default 0.000001.
    pub floor_price: f64,
}

impl Default for HeteroskedasticWalk {
    fn default() -> Self {
        Self {
            anchor: Anchor::Lowest(1.0),
            base_std_dev: 1.0,
            base_probability: 0.125,
            memory_seconds: 10,
            min_gap_seconds: 1,
            max_gap_seconds: 8,
            prices: None,
            floor_price: 1e-6,
        }
    }
}

impl HeteroskedasticWalk {
    pub(super) const MODEL: &str = "heteroskedastic_walk";

    fn walk(&self) -> Walk {
        Walk {
            model: Self::MODEL,
            anchor: self.anchor,
            floor: self.floor_price,
            prices: self.prices,
            gaps: Gaps {
                least: self.min_gap_seconds,
                most: self.max_gap_seconds,
            },
        }
    }

    pub(super) fn check(&self) -> Vec<FieldError> {
        let mut fields = Fields::of(Self::MODEL);
        self.walk().check(&mut fields);
        fields.between("base_std_dev", self.base_std_dev, 0.0, 1e9, "dollars");
        fields.between("base_probability", self.base_probability, 0.0, 1.0, "");
        fields.require(
            self.memory_seconds >= self.max_gap_seconds,
            "memory_seconds",
            self.memory_seconds,
            || format!("give at least max_gap_seconds, {}", self.max_gap_seconds),
        );
        fields.finish()
    }

    pub(super) fn build(&self, mut rng: Pcg64, horizon: u32) -> Result<PricePath, PathError> {
        let walk = self.walk();
        let mut normal = Normal::new();
        let mut remembered = self.base_std_dev;
        walk.build(horizon, || {
            let up = rng.random::<f64>() < 0.5;
            let forget = rng.random::<f64>() < self.base_probability;
            let deviation = if forget { self.base_std_dev } else { remembered };
            let size = normal.draw(&mut rng).abs() * deviation;
            let gap = walk.gaps.draw(&mut rng);
            remembered = mixed_deviation(remembered, size, gap, self.memory_seconds);
            (if up { size } else { -size }, gap)
        })
    }
}

/// The remembered deviation after a step of `size`, in dollars: the mean square of both, each weighed by its share of `memory` seconds.
fn mixed_deviation(remembered: f64, size: f64, gap: u32, memory: u32) -> f64 {
    let (gap, memory) = (f64::from(gap), f64::from(memory));
    ((size * size * gap + remembered * remembered * (memory - gap)) / memory).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    // Worked out in Python from the documents of the stream, the normal variates and this model.
    #[test]
    fn a_path_is_what_the_documents_say() {
        let spec = HeteroskedasticWalk {
            anchor: Anchor::Start(90.0),
            ..HeteroskedasticWalk::default()
        };
        let rng = stream(7, 3, Purpose::PricePath, 2);
        let path = spec.build(rng, 27).unwrap();
        assert_eq!(
            path.iter().collect::<Vec<_>>(),
            [
                (0, 90_000_000),
                (8, 89_382_499),
                (14, 89_346_343),
                (18, 87_671_265),
                (24, 86_321_252),
                (25, 86_844_552),
                (27, 86_897_425)
            ]
        );
    }

    fn sizes(path: &PricePath) -> Vec<f64> {
        let prices: Vec<_> = path.iter().map(|(_, price)| price as f64 / 1e6).collect();
        let moves = prices.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        moves.collect()
    }

    #[test]
    fn memory_weighs_by_time() {
        // (4 * 5 + 1 * 5) / 10 = 2.5; a gap of the whole memory leaves the last step alone; (9 * 1 + 4 * 9) / 10 = 4.5.
        assert_eq!(mixed_deviation(1.0, 2.0, 5, 10), 2.5f64.sqrt());
        assert_eq!(mixed_deviation(1.0, 2.0, 10, 10), 2.0);
        assert_eq!(mixed_deviation(2.0, 3.0, 1, 10), 4.5f64.sqrt());
    }

    #[test]
    fn as_in_drift_sim_the_lowest_price_is_one_dollar_and_gaps_average_four_and_a_half_seconds() {
        let path = HeteroskedasticWalk::default()
            .build(Pcg64::new(1, 1), 90_000)
            .unwrap();
        assert_eq!(path.iter().map(|(_, price)| price).min(), Some(1_000_000));
        // Gaps 1..=8: mean 4.5, variance 5.25, so about 20,000 prices, standard deviation sqrt(90000 * 5.25 / 4.5^3) = 72. A few moves are
        // below a millionth of a dollar and drop out.
        assert!(path.len().abs_diff(20_000) < 350, "{}", path.len());
    }

    #[test]
    fn without_memory_it_is_a_plain_walk() {
        let spec = HeteroskedasticWalk {
            base_probability: 1.0,
            base_std_dev: 3.0,
            ..HeteroskedasticWalk::default()
        };
        let sizes = sizes(&spec.build(Pcg64::new(2, 1), 200_000).unwrap());
        let n = sizes.len() as f64;
        let square = sizes.iter().map(|size| size * size).sum::<f64>() / n;
        assert!((square / 9.0 - 1.0).abs() < 4.0 * (2.0 / n).sqrt(), "{square}");
    }

    #[test]
    fn large_moves_follow_large_moves() {
        // In a memory so long that a step weighs nothing the deviation stays what it was, and sizes are uncorrelated. In drift-sim's ten
        // seconds they are not.
        let correlation = |memory_seconds| {
            let spec = HeteroskedasticWalk {
                memory_seconds,
                ..HeteroskedasticWalk::default()
            };
            let sizes = sizes(&spec.build(Pcg64::new(3, 1), 200_000).unwrap());
            let n = sizes.len() as f64;
            let mean = sizes.iter().sum::<f64>() / n;
            let variance = sizes.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / n;
            let pairs = sizes.windows(2);
            pairs.map(|p| (p[0] - mean) * (p[1] - mean)).sum::<f64>() / n / variance
        };
        assert!(correlation(1_000_000_000).abs() < 0.02);
        assert!(correlation(10) > 0.1);
    }
}

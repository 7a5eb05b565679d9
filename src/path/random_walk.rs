//! drift-sim's random walk.

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

/// Additive random walk, drift-sim's `random_walk_oracle`. A step goes up with `up_probability`, else down, by the absolute value of a normal
/// variate, after a uniform number of seconds.
///
/// The defaults are drift-sim's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RandomWalk {
    /// Where the walk lies: `lowest: 1` (default), shifted so that its lowest price is 1 dollar, or `start: 90`, starting at 90 dollars.
    pub anchor: Anchor,
    /// Standard deviation of the normal variate behind a step, in dollars per step. Default 1.
    pub step_std_dev: f64,
    /// Probability that a step goes up, 0 to 1. Default 0.5.
    pub up_probability: f64,
    /// Least seconds between two prices. Default 1.
    pub min_gap_seconds: u32,
    /// Most seconds between two prices. Default 9.
    pub max_gap_seconds: u32,
    /// Number of prices after which the walk ends and the last price holds; none (default) for as many as the horizon takes.
    pub prices: Option<u32>,
    /// Lowest price, in dollars. Default 0.000001.
    pub floor_price: f64,
}

impl Default for RandomWalk {
    fn default() -> Self {
        Self {
            anchor: Anchor::Lowest(1.0),
            step_std_dev: 1.0,
            up_probability: 0.5,
            min_gap_seconds: 1,
            max_gap_seconds: 9,
            prices: None,
            floor_price: 1e-6,
        }
    }
}

impl RandomWalk {
    pub(super) const MODEL: &str = "random_walk";

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
        fields.between("step_std_dev", self.step_std_dev, 0.0, 1e9, "dollars");
        fields.between("up_probability", self.up_probability, 0.0, 1.0, "");
        fields.finish()
    }

    pub(super) fn build(&self, mut rng: Pcg64, horizon: u32) -> Result<PricePath, PathError> {
        let walk = self.walk();
        let mut normal = Normal::new();
        walk.build(horizon, || {
            let up = rng.random::<f64>() < self.up_probability;
            let size = normal.draw(&mut rng).abs() * self.step_std_dev;
            (if up { size } else { -size }, walk.gaps.draw(&mut rng))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    // Worked out in Python from the documents of the stream, the normal variates and this model.
    #[test]
    fn a_path_is_what_the_documents_say() {
        let spec = RandomWalk {
            anchor: Anchor::Start(90.0),
            ..RandomWalk::default()
        };
        let rng = stream(7, 3, Purpose::PricePath, 1);
        let path = spec.build(rng, 15).unwrap();
        assert_eq!(
            path.iter().collect::<Vec<_>>(),
            [
                (0, 90_000_000),
                (2, 87_362_937),
                (5, 88_303_303),
                (6, 87_555_439),
                (7, 87_145_926),
                (15, 87_111_233)
            ]
        );
    }

    fn deltas(path: &PricePath) -> Vec<f64> {
        let prices: Vec<_> = path.iter().map(|(_, price)| price as f64 / 1e6).collect();
        prices.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    #[test]
    fn as_in_drift_sim_the_lowest_price_is_one_dollar_and_gaps_average_five_seconds() {
        let path = RandomWalk::default().build(Pcg64::new(1, 1), 200_000).unwrap();
        assert_eq!(path.iter().map(|(_, price)| price).min(), Some(1_000_000));
        // Gaps 1..=9: mean 5, variance 20/3, so about 40,000 prices, standard deviation sqrt(200000 * 6.67 / 125) = 103.
        assert!(path.len().abs_diff(40_000) < 420, "{}", path.len());

        let steps = deltas(&path);
        let n = steps.len() as f64;
        // Steps are symmetric and normal with deviation 1: mean 0, mean square 1 (variance of a square: 2).
        assert!(steps.iter().sum::<f64>().abs() < 4.0 * n.sqrt());
        let square = steps.iter().map(|d| d * d).sum::<f64>() / n;
        assert!((square - 1.0).abs() < 4.0 * (2.0 / n).sqrt(), "{square}");
    }

    #[test]
    fn the_odds_of_up_are_kept() {
        let mut spec = RandomWalk {
            up_probability: 1.0,
            anchor: Anchor::Start(90.0),
            step_std_dev: 0.02,
            ..RandomWalk::default()
        };
        let path = spec.build(Pcg64::new(2, 1), 5_000).unwrap();
        assert_eq!(path.start_price(), 90_000_000);
        assert!(deltas(&path).iter().all(|&delta| delta > 0.0));

        spec.up_probability = 0.25;
        spec.anchor = Anchor::Lowest(1.0);
        let steps = deltas(&spec.build(Pcg64::new(3, 1), 100_000).unwrap());
        let n = steps.len() as f64;
        let up = steps.iter().filter(|&&delta| delta > 0.0).count() as f64;
        assert!((up / n - 0.25).abs() < 4.0 * (0.25 * 0.75 / n).sqrt());
    }

    #[test]
    fn the_same_luck_meets_another_scale() {
        let one = RandomWalk {
            anchor: Anchor::Start(1e6),
            ..RandomWalk::default()
        };
        let ten = RandomWalk {
            step_std_dev: 10.0,
            ..one.clone()
        };
        let path = |spec: &RandomWalk| deltas(&spec.build(Pcg64::new(4, 1), 1_000).unwrap());
        for (one, ten) in path(&one).into_iter().zip(path(&ten)) {
            assert!((one * 10.0 - ten).abs() < 2e-5);
        }
    }
}

//! What the two additive walks share: where a walk lies, when it steps, how it becomes a path.

use super::{
    error::{Fields, PathError},
    price::PricePath,
    recorder::{MOST_POINTS, Recorder, check_length},
};
use rand::RngExt;
use rand_pcg::Pcg64;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where an additive walk lies on the price axis.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Anchor {
    /// The whole walk is shifted so that its lowest price is this many dollars, wherever that makes it start. drift-sim does so, with 1
    /// dollar, whatever starting price it is given. The lowest price depends on how far the walk goes: a longer horizon can move all of it.
    Lowest(f64),
    /// The walk starts at this many dollars. A step that would take it below the floor price ends at the floor price.
    Start(f64),
}

impl Anchor {
    pub(super) fn check(&self, fields: &mut Fields, floor: f64) {
        let (field, price) = match *self {
            Anchor::Lowest(price) => ("anchor.lowest", price),
            Anchor::Start(price) => ("anchor.start", price),
        };
        fields.price(field, price);
        fields.require(price >= floor, field, price, || {
            format!("give at least floor_price, {floor} dollars")
        });
    }
}

/// Seconds between two steps of a walk: whole, uniform, both ends included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gaps {
    pub(super) least: u32,
    pub(super) most: u32,
}

impl Gaps {
    pub(super) fn check(&self, fields: &mut Fields) {
        let unit = "seconds";
        fields.between("min_gap_seconds", self.least, 1, u32::MAX, unit);
        fields.require(self.least <= self.most, "max_gap_seconds", self.most, || {
            format!("give at least min_gap_seconds, {}", self.least)
        });
    }

    /// One draw from `rng` whatever the range, so that walks with other gaps meet the same steps.
    pub(super) fn draw(&self, rng: &mut Pcg64) -> u32 {
        let count = f64::from(self.most) - f64::from(self.least) + 1.0;
        let beyond_least = (rng.random::<f64>() * count) as u32;
        self.least.saturating_add(beyond_least).min(self.most)
    }
}

/// The frame of a walk, from its spec.
pub(super) struct Walk {
    pub(super) model: &'static str,
    pub(super) anchor: Anchor,
    pub(super) floor: f64,
    pub(super) prices: Option<u32>,
    pub(super) gaps: Gaps,
}

impl Walk {
    pub(super) fn check(&self, fields: &mut Fields) {
        fields.price("floor_price", self.floor);
        self.anchor.check(fields, self.floor);
        self.gaps.check(fields);
        if let Some(prices) = self.prices {
            fields.between("prices", u64::from(prices), 1, MOST_POINTS, "");
        }
    }

    /// Walks with `step`, which answers the next move in dollars and the seconds until it is made.
    ///
    /// With a number of prices given the walk has that many, as in drift-sim, and the path is what of it lies within the horizon. Without one
    /// it ends at the horizon.
    pub(super) fn build(
        &self,
        horizon_seconds: u32,
        mut step: impl FnMut() -> (f64, u32),
    ) -> Result<PricePath, PathError> {
        let most = match self.prices {
            Some(prices) => u64::from(prices),
            None => 1 + u64::from(horizon_seconds / self.gaps.least),
        };
        check_length(self.model, most)?;

        let mut level = match self.anchor {
            Anchor::Lowest(_) => 0.0,
            Anchor::Start(price) => price,
        };
        let mut second = 0u32;
        let mut walk = vec![(second, level)];
        while (walk.len() as u64) < most {
            let (delta, gap) = step();
            level += delta;
            if let Anchor::Start(_) = self.anchor {
                level = level.max(self.floor);
            }
            second = second.saturating_add(gap);
            if self.prices.is_none() && second > horizon_seconds {
                break;
            }
            walk.push((second, level));
        }

        let shift = match self.anchor {
            Anchor::Start(_) => 0.0,
            Anchor::Lowest(price) => price - walk.iter().map(|point| point.1).fold(f64::INFINITY, f64::min),
        };
        let mut recorder = Recorder::new(self.model, self.floor, walk.len() as u64)?;
        for (second, level) in walk {
            recorder.record(second, level + shift)?;
        }
        Ok(recorder.finish(horizon_seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(anchor: Anchor, prices: Option<u32>) -> Walk {
        Walk {
            model: "walk",
            anchor,
            floor: 0.5,
            prices,
            gaps: Gaps { least: 1, most: 9 },
        }
    }

    fn steps(moves: &[(f64, u32)]) -> impl FnMut() -> (f64, u32) {
        let mut moves = moves.iter().copied();
        move || moves.next().unwrap_or((0.0, 9))
    }

    #[test]
    fn lowest_shifts_the_whole_walk() {
        let path = walk(Anchor::Lowest(1.0), None)
            .build(30, steps(&[(2.0, 3), (-5.0, 4), (1.0, 9)]))
            .unwrap();
        // Levels 0, 2, -3, -2; the lowest is -3, so all rise by 4.
        assert_eq!(
            path.iter().collect::<Vec<_>>(),
            [(0, 4_000_000), (3, 6_000_000), (7, 1_000_000), (16, 2_000_000)]
        );
    }

    #[test]
    fn start_keeps_the_start_and_stops_at_the_floor() {
        let path = walk(Anchor::Start(3.0), None)
            .build(30, steps(&[(2.0, 3), (-5.0, 4), (1.0, 9)]))
            .unwrap();
        assert_eq!(
            path.iter().collect::<Vec<_>>(),
            [(0, 3_000_000), (3, 5_000_000), (7, 500_000), (16, 1_500_000)]
        );
    }

    #[test]
    fn the_lowest_price_counts_even_beyond_the_horizon_when_the_number_is_given() {
        let moves = [(2.0, 3), (-5.0, 4), (1.0, 9)];
        let path = walk(Anchor::Lowest(1.0), Some(3))
            .build(5, steps(&moves))
            .unwrap();
        assert_eq!(path.iter().collect::<Vec<_>>(), [(0, 4_000_000), (3, 6_000_000)]);
        let path = walk(Anchor::Lowest(1.0), None).build(5, steps(&moves)).unwrap();
        assert_eq!(path.iter().collect::<Vec<_>>(), [(0, 1_000_000), (3, 3_000_000)]);
    }

    #[test]
    fn the_number_of_prices_ends_a_walk_before_its_horizon() {
        let path = walk(Anchor::Start(3.0), Some(2))
            .build(1000, steps(&[(1.0, 3), (1.0, 3), (1.0, 3)]))
            .unwrap();
        assert_eq!(path.iter().collect::<Vec<_>>(), [(0, 3_000_000), (3, 4_000_000)]);
    }

    #[test]
    fn gaps_cover_their_range_evenly() {
        let mut rng = Pcg64::new(5, 6);
        let mut seen = [0u32; 11];
        for _ in 0..90_000 {
            seen[Gaps { least: 1, most: 9 }.draw(&mut rng) as usize] += 1;
        }
        assert_eq!((seen[0], seen[10]), (0, 0));
        // 10,000 of each expected, standard deviation 94.
        assert!(seen[1..10].iter().all(|n| n.abs_diff(10_000) < 400), "{seen:?}");
    }
}

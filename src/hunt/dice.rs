//! Chance that depends on a seed alone.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

/// Throws that follow from a seed.
pub(super) struct Dice(Pcg64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(Pcg64::seed_from_u64(seed))
    }

    /// A seed for other dice.
    pub(super) fn seed(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `end`, which is above 0. Nobody minds the bias of a remainder here.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0.next_u64() % end.max(1)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i128, high: i128) -> i128 {
        let width = (high - low).max(0) as u128 + 1;
        low + (u128::from(self.0.next_u64()) % width) as i128
    }

    /// Whether something of `percent` in a hundred happens.
    pub(super) fn happens(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of `choices`, which are some.
    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// The place of one of `weights`, by weight.
    pub(super) fn weigh(&mut self, weights: &[u64]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (place, weight) in weights.iter().enumerate() {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return place,
            }
        }
        0
    }

    /// A part of `whole`, at times exactly it, one more, twice as much, nothing, the least, or more than there can be (-1,
    /// which is the largest number of every width).
    pub(super) fn part_of(&mut self, whole: u128) -> i128 {
        let whole = i128::try_from(whole).unwrap_or(i128::MAX / 4).min(i128::MAX / 4);
        match self.below(100) {
            0..45 => whole / 100 * self.between(1, 100),
            45..70 => whole,
            70..75 => whole + 1,
            75..80 => (whole - 1).max(0),
            80..83 => 0,
            83..86 => 1,
            86..92 => whole * 2,
            92..95 => whole / 1_000,
            _ => -1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_kept_and_nothing_of_no_weight_happens() {
        let mut dice = Dice::new(3);
        let mut seen = [0u32; 3];
        for _ in 0..4_000 {
            seen[dice.weigh(&[1, 0, 3])] += 1;
        }
        assert_eq!(seen[1], 0);
        // Three quarters, give or take five standard deviations of 27.
        assert!((2_860..3_140).contains(&seen[2]), "{seen:?}");
        assert_eq!(dice.between(-5, -5), -5);
    }
}

//! Trials drawn at random, always the same ones for a sweep.
//!
//! The numbers come from streams of [`Purpose::Sample`], replicate 0. Index 0 draws random picks, index 1 the trials that
//! novelty is measured against, the others those that medoids are searched among.

use std::collections::HashSet;
use std::path::Path;

use rand::Rng;

use super::Sampler;
use super::choice::Choice;
use super::error::SampleError;
use super::request::Method;
use super::selection::{Selected, Selection, selected};
use super::table::{BATCH, Table};
use super::words::{counted, trials};
use crate::random::{Pcg64, Purpose, stream};

/// Places drawn one after the other, none of them taken. More of them begin with the same ones.
pub(super) fn random(sampler: &mut Sampler, count: usize) -> Vec<Choice> {
    let finished = sampler.table.finished;
    let mut rng = stream(sampler.table.manifest.seed, 0, Purpose::Sample, 0);
    let mut places = Vec::new();
    // There are as many left as asked for, so every draw ends in time.
    while places.len() < count && (sampler.taken.len() as u64) < finished {
        let place = below(&mut rng, finished);
        if sampler.take(place) {
            places.push(place);
        }
    }
    // What nobody picked on purpose: the draws are from these.
    let left = finished - (sampler.taken.len() - places.len()) as u64;
    let (weight, reason) = standing(places.len() as u64, left);
    let choices = places.into_iter().map(|place| Choice {
        weight,
        ..Choice::new(place, reason.clone())
    });
    choices.collect()
}

/// What each of `drawn` trials weighs that stand for `left`, and why, in words.
pub(super) fn standing(drawn: u64, left: u64) -> (f64, String) {
    let stand = if drawn == 1 { "stands" } else { "stand together" };
    let such = counted(drawn as usize, "such trial");
    (
        left as f64 / drawn as f64,
        format!("drawn at random; {such} {stand} for {}", trials(left)),
    )
}

/// More of a sweep's trials drawn at random: those that a larger `random` pick would have had next.
pub struct Draws {
    table: Table,
    rng: Pcg64,
    /// The places drawn so far.
    drawn: Taken,
    /// The trials that were picked, by number, and those handed out since.
    gone: HashSet<u64>,
}

impl Draws {
    /// Of the sweep in `folder`, beyond what `selection` has of it.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn new(folder: &Path, selection: &Selection) -> Result<Self, SampleError> {
        let table = Table::open(folder, BATCH)?;
        Ok(Self {
            rng: stream(table.manifest.seed, 0, Purpose::Sample, 0),
            drawn: Taken::new(),
            gone: selection.trials.iter().map(|trial| trial.trial).collect(),
            table,
        })
    }

    /// Trials that were neither picked nor drawn.
    pub fn left(&self) -> u64 {
        self.table.finished.saturating_sub(self.gone.len() as u64)
    }

    /// So many more, or as many as are left, in the order in which chance has them. All trials of a sweep are gone
    /// through for it, so that many at a time are better.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn draw(&mut self, count: u64) -> Result<Vec<Selected>, SampleError> {
        let wanted = count.min(self.left()) as usize;
        let finished = self.table.finished;
        let mut trials = Vec::new();
        while trials.len() < wanted && (self.drawn.len() as u64) < finished {
            let mut places = Vec::new();
            while places.len() < wanted - trials.len() && (self.drawn.len() as u64) < finished {
                let place = below(&mut self.rng, finished);
                if self.drawn.insert(place) {
                    places.push(place);
                }
            }
            let choice = |place| (Method::Random.name(), 0, Choice::new(place, String::new()));
            let found = selected(&self.table, places.into_iter().map(choice).collect())?;
            trials.extend(found.into_iter().filter(|trial| self.gone.insert(trial.trial)));
        }
        Ok(trials)
    }
}

/// So many different places out of `of`, or all, in order: Algorithm S of Knuth, "The Art of Computer Programming", 3.4.2.
pub(super) fn draw(seed: u64, index: u64, count: u64, of: u64) -> Vec<u64> {
    if of <= count {
        return (0..of).collect();
    }
    let mut rng = stream(seed, 0, Purpose::Sample, index);
    let mut missing = count;
    let hit = |place: &u64| {
        let hit = below(&mut rng, of - place) < missing;
        missing -= u64::from(hit);
        hit
    };
    (0..of).filter(hit).collect()
}

/// A number below a limit: the high half of a product, whose bias of 2^-64 times the limit nobody will see.
fn below(rng: &mut Pcg64, limit: u64) -> u64 {
    ((u128::from(rng.next_u64()) * u128::from(limit)) >> 64) as u64
}

/// The trials taken so far.
pub(super) type Taken = HashSet<u64>;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn draws_are_different_places_in_order(seed: u64, count in 0u64..40, of in 0u64..60) {
            let drawn = draw(seed, 3, count, of);
            prop_assert_eq!(drawn.len() as u64, count.min(of));
            prop_assert!(drawn.is_sorted_by(|a, b| a < b));
            prop_assert!(drawn.iter().all(|place| *place < of));
            prop_assert_eq!(&drawn, &draw(seed, 3, count, of));
        }
    }

    #[test]
    fn every_place_is_drawn_equally_often() {
        // Of 3 out of 10 each place is in 3000 of 10,000 draws, give or take 46: five deviations are 230.
        let mut times = [0i32; 10];
        for seed in 0..10_000 {
            draw(seed, 0, 3, 10)
                .iter()
                .for_each(|place| times[*place as usize] += 1);
        }
        assert!(times.iter().all(|times| (times - 3000).abs() < 230), "{times:?}");
    }
}

//! The random numbers that a path is made with.

use super::normal::Normal;
use super::recorded::Span;
use rand::SeedableRng;
use rand_pcg::Pcg64;

/// A path's stream of random numbers, and what it shares of others'.
pub(super) struct Chance {
    pub rng: Pcg64,
    /// The stream for what is not shocks, where that is another's; else it is seeded from `rng`.
    pub rest: Option<Pcg64>,
    /// What the path's own shocks count.
    pub weight: f64,
    pub others: Vec<Driver>,
    /// The time that recordings have in common whose blocks are drawn together.
    pub span: Option<Span>,
}

impl From<Pcg64> for Chance {
    /// A stream that shares nothing.
    fn from(rng: Pcg64) -> Self {
        Self {
            rng,
            rest: None,
            weight: 1.0,
            others: Vec::new(),
            span: None,
        }
    }
}

/// One market's normal variates, each times a weight.
pub(super) struct Driver {
    weight: f64,
    rng: Pcg64,
    normal: Normal,
}

impl Driver {
    /// The variates as they follow in `rng`.
    pub(super) fn new(rng: Pcg64, weight: f64) -> Self {
        Self {
            weight,
            rng,
            normal: Normal::new(),
        }
    }

    fn draw(&mut self) -> f64 {
        self.weight * self.normal.draw(&mut self.rng)
    }
}

/// Standard normal variates that drive a price, one a step.
pub(super) struct Shocks {
    own: Driver,
    /// Those of other markets that this one moves with.
    others: Vec<Driver>,
}

impl<C: Into<Chance>> From<C> for Shocks {
    fn from(chance: C) -> Self {
        let Chance {
            rng, weight, others, ..
        } = chance.into();
        Self {
            own: Driver::new(rng, weight),
            others,
        }
    }
}

impl Shocks {
    /// The next variate.
    pub(super) fn draw(&mut self) -> f64 {
        let own = self.own.draw();
        self.others.iter_mut().fold(own, |sum, other| sum + other.draw())
    }
}

/// Takes the seed of the stream for whatever else a model leaves to chance off a path's: its first 32 bytes.
pub(super) fn split(rng: &mut Pcg64) -> Pcg64 {
    Pcg64::from_rng(rng)
}

/// Shocks, and a stream for whatever else a model leaves to chance: jumps, regimes, variances. Neither depends on how much of the other is
/// used.
pub(super) struct Luck {
    pub shocks: Shocks,
    pub rest: Pcg64,
}

impl<C: Into<Chance>> From<C> for Luck {
    fn from(chance: C) -> Self {
        let mut chance = chance.into();
        Self {
            rest: chance.rest.take().unwrap_or_else(|| split(&mut chance.rng)),
            shocks: chance.into(),
        }
    }
}

//! The random numbers that a path is made with.

use super::normal::Normal;
use rand::SeedableRng;
use rand_pcg::Pcg64;

/// Standard normal variates that drive a price, one a step.
pub(super) struct Shocks {
    own: Driver,
    /// Those of other markets that this one moves with.
    others: Vec<Driver>,
}

/// A market's own variates and what they count.
struct Driver {
    weight: f64,
    rng: Pcg64,
    normal: Normal,
}

impl Driver {
    fn new(rng: Pcg64, weight: f64) -> Self {
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

impl From<Pcg64> for Shocks {
    /// A market's own variates.
    fn from(rng: Pcg64) -> Self {
        Self {
            own: Driver::new(rng, 1.0),
            others: Vec::new(),
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

/// Shocks, and a stream for whatever else a model leaves to chance: jumps, regimes, variances. Neither depends on how much of the other is
/// used.
pub(super) struct Luck {
    pub shocks: Shocks,
    pub rest: Pcg64,
}

impl From<Pcg64> for Luck {
    /// The first 32 bytes of a stream seed the one for the rest; the shocks are drawn from what follows.
    fn from(mut rng: Pcg64) -> Self {
        Self {
            rest: Pcg64::from_rng(&mut rng),
            shocks: rng.into(),
        }
    }
}

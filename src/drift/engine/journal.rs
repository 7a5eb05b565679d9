//! What an instruction takes out or creates, as it was before: one that fails has changed nothing.

use super::frame::Entry;
use crate::accounts::{Account, Stored};

/// Copies of what the running instruction took out, by type, in memory that the next one uses again.
#[derive(Debug, Default)]
pub struct Journal {
    pub(crate) states: Copies<crate::accounts::State>,
    pub(crate) perp_markets: Copies<crate::accounts::PerpMarket>,
    pub(crate) spot_markets: Copies<crate::accounts::SpotMarket>,
    pub(crate) users: Copies<crate::accounts::User>,
    pub(crate) user_stats: Copies<crate::accounts::UserStats>,
    pub(crate) stakes: Copies<crate::accounts::InsuranceFundStake>,
    pub(crate) tokens: Copies<crate::accounts::TokenAccount>,
    pub(crate) mints: Copies<crate::accounts::Mint>,
    pub(crate) created: Vec<usize>,
}

/// Copies of one type with their entries. Those from `used` on are free.
#[derive(Debug)]
pub struct Copies<T> {
    kept: Vec<(usize, Box<T>)>,
    used: usize,
}

impl<T> Default for Copies<T> {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            used: 0,
        }
    }
}

impl<T: Stored + Copy> Copies<T> {
    /// Keeps `value`, which is at `entry`. One that is taken out again later is kept again, and the first copy counts.
    pub(super) fn keep(&mut self, entry: usize, value: &T) {
        match self.kept.get_mut(self.used) {
            Some((place, copy)) => {
                *place = entry;
                **copy = *value;
            }
            None => self.kept.push((entry, Box::new(*value))),
        }
        self.used += 1;
    }

    fn restore(&mut self, entries: &mut [Entry]) {
        for (entry, value) in self.kept.drain(..self.used).rev() {
            entries[entry].account = T::wrap(value);
        }
        self.used = 0;
    }
}

impl Journal {
    /// Forgets everything: the instruction succeeded.
    pub fn clear(&mut self) {
        self.states.used = 0;
        self.perp_markets.used = 0;
        self.spot_markets.used = 0;
        self.users.used = 0;
        self.user_stats.used = 0;
        self.stakes.used = 0;
        self.tokens.used = 0;
        self.mints.used = 0;
        self.created.clear();
    }

    /// Puts everything back: the instruction failed.
    pub fn restore(&mut self, entries: &mut [Entry]) {
        self.states.restore(entries);
        self.perp_markets.restore(entries);
        self.spot_markets.restore(entries);
        self.users.restore(entries);
        self.user_stats.restore(entries);
        self.stakes.restore(entries);
        self.tokens.restore(entries);
        self.mints.restore(entries);
        for entry in self.created.drain(..) {
            entries[entry].account = Account::Absent;
        }
    }
}

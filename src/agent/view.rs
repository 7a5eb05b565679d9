//! What an agent sees.

use crate::path::PricePath;
use crate::world::World;
use drift::accounts::{PerpMarket, PerpPosition, User};
use drift::ledger::MemoryLedger;

/// The accounts as they stand, and the oracles, at one moment of a trial.
pub struct View<'a> {
    /// Seconds since the trial's start.
    pub now: i64,
    /// The accounts.
    pub ledger: &'a MemoryLedger,
    /// Where they are.
    pub world: &'a World,
    /// The oracle's path of each perpetual market.
    pub paths: &'a [PricePath],
}

impl<'a> View<'a> {
    /// A perpetual market; none where the scenario has no such market.
    pub fn market(&self, index: u16) -> Option<&'a PerpMarket> {
        self.world.perp(self.ledger, index)
    }

    /// A user's account; none before the first deposit.
    pub fn user(&self, number: u32) -> Option<&'a User> {
        self.world.user(self.ledger, number)
    }

    /// A user's position, where there is an entry for it.
    pub fn position(&self, user: u32, market: u16) -> Option<&'a PerpPosition> {
        self.world.position(self.ledger, user, market)
    }

    /// The market's price outside, at 1e6, `ahead` seconds from now.
    pub fn oracle_price(&self, market: u16, ahead: i64) -> Option<u64> {
        Some(self.paths.get(usize::from(market))?.price_at(self.now + ahead))
    }

    /// The AMM's price without spread, at 1e6.
    pub fn mark_price(&self, market: u16) -> Option<u64> {
        self.market(market)?.amm.reserve_price().ok()
    }
}

//! What an agent sees.

use crate::path::PricePath;
use crate::watch::{Endangered, Watch};
use crate::world::{AtPrices, Prices, World};
use drift::accounts::{PerpMarket, PerpPosition, User};
use drift::engine::margin::{Margin, Terms};
use drift::ledger::MemoryLedger;
use drift::math::weight::MarginType;
use drift::units::{PRICE, QUOTE_SPOT_MARKET};

/// The accounts as they stand, and the oracles, at one moment of a trial.
pub struct View<'a> {
    /// Seconds since the trial's start.
    pub now: i64,
    /// The accounts.
    pub ledger: &'a MemoryLedger,
    /// Where they are.
    pub world: &'a World,
    /// The price outside of each perpetual market.
    pub paths: &'a [PricePath],
    /// The same of each spot market from 1 on.
    pub spot_paths: &'a [PricePath],
    /// What the oracle of each perpetual market shows: the same, but where it is late or out.
    pub shown: &'a [PricePath],
    /// The same of each spot market from 1 on.
    pub spot_shown: &'a [PricePath],
    /// Who is under the maintenance margin, where the scenario has somebody who asks.
    pub watch: Option<&'a Watch>,
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

    /// Whether a user owes tokens of a spot market.
    pub fn owes(&self, user: u32, market: u16) -> bool {
        let account = self.user(user);
        let mut debts = account.iter().flat_map(|account| &account.spot_positions);
        debts.any(|held| held.market_index == market && held.is_borrow())
    }

    /// The tokens that a user's stake in a spot market's insurance fund is worth, in the mint's smallest unit.
    pub fn stake_worth(&self, user: u32, market: u16) -> u64 {
        self.world.insurance_stake_value(self.ledger, user, market)
    }

    /// The market's price outside, at 1e6, `ahead` seconds from now.
    pub fn oracle_price(&self, market: u16, ahead: i64) -> Option<u64> {
        Some(self.paths.get(usize::from(market))?.price_at(self.now + ahead))
    }

    /// The price outside of a spot market's asset, at 1e6.
    pub fn spot_price(&self, market: u16) -> Option<u64> {
        match market {
            QUOTE_SPOT_MARKET => Some(PRICE),
            _ => Some(self.spot_paths.get(usize::from(market) - 1)?.price_at(self.now)),
        }
    }

    /// The AMM's price without spread, at 1e6.
    pub fn mark_price(&self, market: u16) -> Option<u64> {
        self.market(market)?.amm.reserve_price().ok()
    }

    /// A user's maintenance margin at the prices that oracles show; none where it cannot be reckoned.
    pub fn margin(&self, user: u32) -> Option<Margin> {
        let at =
            |paths: &[PricePath]| -> Vec<u64> { paths.iter().map(|path| path.price_at(self.now)).collect() };
        let (perps, spots) = (at(self.shown), at(self.spot_shown));
        let mut markets = AtPrices {
            world: self.world,
            ledger: self.ledger,
            prices: Prices {
                perps: &perps,
                spots: &spots,
            },
        };
        Margin::of(
            self.user(user)?,
            &mut markets,
            Terms::new(MarginType::Maintenance),
        )
        .ok()
    }

    /// Everybody who may be liquidated now, in the order of their numbers.
    pub fn endangered(&self) -> impl Iterator<Item = Endangered> + 'a {
        self.watch.into_iter().flat_map(Watch::endangered)
    }
}

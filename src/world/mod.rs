//! A world: the exchange as a trial or replay starts it, and events carried out in it, on either ledger.

mod genesis;
mod habits;
mod keys;
mod lower;
mod remaining;

pub use genesis::{Exchange, Genesis, GenesisError};
pub use habits::{Habits, Leverage, NoLeverage};
pub use keys::{Role, UserKeys, user_keys};
pub use lower::{LowerError, Step};

use crate::event::{Event, Kind, OraclePrice};
use drift::accounts::{Account, PerpMarket, PerpPosition, PriceFeed, Pubkey, SpotMarket, Stored, User};
use drift::clock::Clock;
use drift::error::ErrorCode;
use drift::instruction::Call;
use drift::key::pda;
use drift::ledger::Ledger;

/// The addresses of a perpetual market and what its oracle shows.
#[derive(Clone, Debug)]
struct PerpPlace {
    market: Pubkey,
    feed: Feed,
}

/// The addresses of a spot market and what its oracle shows; the quote market has none.
#[derive(Clone, Debug)]
struct SpotPlace {
    market: Pubkey,
    mint: Pubkey,
    vault: Pubkey,
    insurance_vault: Pubkey,
    feed: Option<Feed>,
}

#[derive(Clone, Copy, Debug)]
struct Feed {
    address: Pubkey,
    price: OraclePrice,
    confidence: OraclePrice,
}

impl Feed {
    fn account(&self, slot: u64) -> Account {
        // `OraclePrice` never exceeds `i64::MAX`.
        let price = i64::try_from(self.price.mantissa()).unwrap_or(i64::MAX);
        let feed = PriceFeed::new(price, self.confidence.mantissa(), OraclePrice::EXPONENT, slot);
        Account::Oracle(Box::new(feed), Box::default())
    }
}

/// Where everything is, and what the oracles show.
#[derive(Clone, Debug)]
pub struct World {
    exchange: Exchange,
    admin: Pubkey,
    state: Pubkey,
    signer: Pubkey,
    perps: Vec<PerpPlace>,
    spots: Vec<SpotPlace>,
}

/// One instruction of an event and what became of it.
#[derive(Clone, Debug)]
pub struct Executed {
    /// The instruction.
    pub call: Call,
    /// Success, or the reason of the refusal.
    pub outcome: Result<(), ErrorCode>,
}

impl World {
    /// The time of instructions at `second` of the trial.
    pub fn clock(&self, second: i64) -> Clock {
        self.exchange.clock(second)
    }

    /// Carries out `event`: sets the clock, lets every oracle publish its latest price, and executes the event's
    /// instructions one by one. A refused instruction is a result; an event that cannot be lowered is an error. A
    /// clock does not go back: an event dated before the last one happens when that one did.
    pub fn apply<L: Ledger>(&mut self, ledger: &mut L, event: &Event) -> Result<Vec<Executed>, LowerError> {
        let (now, then) = (ledger.clock(), self.clock(event.timestamp));
        let clock = Clock {
            slot: then.slot.max(now.slot),
            unix_timestamp: then.unix_timestamp.max(now.unix_timestamp),
        };
        ledger.set_clock(clock);
        match &event.kind {
            Kind::PerpOraclePrice(shown) => {
                let place = self
                    .perps
                    .get_mut(usize::from(shown.market_index))
                    .ok_or(LowerError::perp(shown.market_index))?;
                (place.feed.price, place.feed.confidence) = (shown.price, shown.conf);
            }
            Kind::SpotOraclePrice(shown) => {
                let place = self
                    .spots
                    .get_mut(usize::from(shown.market_index))
                    .ok_or(LowerError::spot(shown.market_index))?;
                let feed = place.feed.as_mut().ok_or(LowerError::QuoteOracle)?;
                (feed.price, feed.confidence) = (shown.price, shown.conf);
            }
            _ => {}
        }
        self.publish(ledger, clock.slot);
        let mut executed = Vec::new();
        for step in self.lower(ledger, &event.kind)? {
            match step {
                Step::Set(key, account) => ledger.set_account(key, account),
                Step::Open(key, secret) => ledger.open_wallet(key, secret),
                Step::Execute(call) => {
                    let outcome = ledger.execute(&call);
                    executed.push(Executed { call, outcome });
                }
            }
        }
        if let Kind::ClosePosition(close) = &event.kind {
            let traded = executed.iter().any(|done: &Executed| done.outcome.is_ok());
            if self.exchange.habits.oracle_follows_trade && traded {
                self.follow_trade(ledger, close.market_index);
            }
        }
        Ok(executed)
    }

    /// Writes every feed with its latest price, fresh as of `slot`.
    fn publish<L: Ledger>(&self, ledger: &mut L, slot: u64) {
        let feeds = self
            .spots
            .iter()
            .filter_map(|spot| spot.feed.as_ref())
            .chain(self.perps.iter().map(|p| &p.feed));
        for feed in feeds {
            ledger.set_account(feed.address, feed.account(slot));
        }
    }

    /// How many perpetual markets there are.
    pub fn perp_count(&self) -> u16 {
        self.perps.len() as u16
    }

    /// How many spot markets there are, the quote market included.
    pub fn spot_count(&self) -> u16 {
        self.spots.len() as u16
    }

    /// The address of a spot market's vault.
    pub fn vault(&self, index: u16) -> Option<Pubkey> {
        Some(self.spots.get(usize::from(index))?.vault)
    }

    /// A perpetual market as it stands.
    pub fn perp<'a>(&self, ledger: &'a impl Ledger, index: u16) -> Option<&'a PerpMarket> {
        PerpMarket::peek(ledger.account(&self.perps.get(usize::from(index))?.market)?)
    }

    /// A spot market as it stands.
    pub fn spot<'a>(&self, ledger: &'a impl Ledger, index: u16) -> Option<&'a SpotMarket> {
        SpotMarket::peek(ledger.account(&self.spots.get(usize::from(index))?.market)?)
    }

    /// A user as it stands; none before the first deposit.
    pub fn user<'a>(&self, ledger: &'a impl Ledger, number: u32) -> Option<&'a User> {
        User::peek(ledger.account(&user_keys(number).user)?)
    }

    /// A user's position in a perpetual market, if there is an entry for it.
    pub fn position<'a>(&self, ledger: &'a impl Ledger, user: u32, market: u16) -> Option<&'a PerpPosition> {
        let positions = &self.user(ledger, user)?.perp_positions;
        positions
            .iter()
            .find(|position| position.market_index == market && !position.is_available())
    }
}

/// Addresses that do not depend on the world.
fn fixed() -> (Pubkey, Pubkey, Pubkey) {
    (Role::Admin.address(), pda::state(), pda::signer().0)
}

#[cfg(test)]
mod tests;

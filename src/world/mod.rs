//! A world: the exchange as a trial or replay starts it, and events carried out in it, on either ledger.

mod drift_sim_compat;
mod genesis;
mod keys;
mod lower;
mod margin;
mod places;
mod remaining;
mod valuation;

pub use drift_sim_compat::{DriftSimCompat, Leverage, NoLeverage};
pub use genesis::{Exchange, Genesis, GenesisError};
pub use keys::{Role, UserKeys, user_keys};
pub use lower::{Course, LowerError, Step};
pub use valuation::{AtPrices, Prices};

use crate::event::{Event, Kind, PerpOraclePrice, SpotOraclePrice};
use drift::accounts::{PerpMarket, PerpPosition, SpotMarket, State, Stored, User, UserStats};
use drift::clock::Clock;
use drift::error::ErrorCode;
use drift::instruction::Call;
use drift::ledger::Ledger;
use places::{Feed, Fixed, PerpPlace, SpotPlace, Stamp, UserPlace};

/// Where everything is, and what the oracles show.
#[derive(Clone, Debug)]
pub struct World {
    exchange: Exchange,
    fixed: Fixed,
    perps: Vec<PerpPlace>,
    spots: Vec<SpotPlace>,
    users: Vec<Option<UserPlace>>,
    /// Memory for the steps of an event.
    steps: Vec<Step>,
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

    /// The second of the trial that `ledger`'s clock shows.
    pub fn second(&self, ledger: &impl Ledger) -> i64 {
        let now = ledger.clock().unix_timestamp;
        now.saturating_sub(self.exchange.unix_start)
    }

    /// Carries out `event`: sets the clock, lets every oracle that is not out publish its latest price, and executes the event's
    /// instructions one by one. A refused instruction is a result; an event that cannot be lowered is an error. A
    /// clock does not go back: an event dated before the last one happens when that one did.
    pub fn apply<L: Ledger>(&mut self, ledger: &mut L, event: &Event) -> Result<Vec<Executed>, LowerError> {
        let mut executed = Vec::new();
        self.apply_into(ledger, event, &mut executed)?;
        Ok(executed)
    }

    /// [`World::apply`], with what was executed added to a list whose memory is used again.
    pub fn apply_into<L: Ledger>(
        &mut self,
        ledger: &mut L,
        event: &Event,
        executed: &mut Vec<Executed>,
    ) -> Result<(), LowerError> {
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
                let late = (shown.delay_slots, shown.outage);
                place.feed.show(shown.price, shown.conf, late, clock.slot);
            }
            Kind::SpotOraclePrice(shown) => {
                let place = self
                    .spots
                    .get_mut(usize::from(shown.market_index))
                    .ok_or(LowerError::spot(shown.market_index))?;
                let feed = place.feed.as_mut().ok_or(LowerError::QuoteOracle)?;
                let late = (shown.delay_slots, shown.outage);
                feed.show(shown.price, shown.conf, late, clock.slot);
            }
            _ => {}
        }
        self.publish(ledger, clock.slot);
        if matches!(event.kind, Kind::PerpOraclePrice(_) | Kind::SpotOraclePrice(_)) {
            // Nothing but what the oracles show.
            return Ok(());
        }
        if let Some(number) = event.kind.user() {
            self.introduce(ledger, number);
        }
        if let Kind::Liquidate(event) = &event.kind {
            event
                .target
                .into_iter()
                .for_each(|target| self.introduce(ledger, target));
        }
        let before = executed.len();
        let mut course = Course::default();
        loop {
            self.take_steps(ledger, &event.kind, &mut course, executed)?;
            if !course.goes_on() {
                break;
            }
        }
        if let Kind::ClosePosition(close) = &event.kind {
            let traded = executed[before..].iter().any(|done| done.outcome.is_ok());
            if self.exchange.drift_sim_compat.oracle_follows_trade && traded {
                self.follow_trade(ledger, close.market_index);
            }
        }
        Ok(())
    }

    /// Lowers `kind` as far as the accounts as they stand allow, and takes the steps.
    fn take_steps<L: Ledger>(
        &mut self,
        ledger: &mut L,
        kind: &Kind,
        course: &mut Course,
        executed: &mut Vec<Executed>,
    ) -> Result<(), LowerError> {
        let mut steps = std::mem::take(&mut self.steps);
        let lowered = self.lower(ledger, kind, course, &mut steps);
        if lowered.is_err() {
            steps.clear();
        }
        for step in steps.drain(..) {
            match step {
                Step::Set(address, account) => ledger.put(&address, account),
                Step::Open(key) => ledger.open_wallet(key),
                Step::Execute(call) => {
                    let outcome = ledger.execute(&call);
                    executed.push(Executed { call, outcome });
                }
            }
        }
        self.steps = steps;
        lowered
    }

    /// Writes every feed with its latest price in `slot`.
    fn publish<L: Ledger>(&self, ledger: &mut L, slot: u64) {
        let feeds = self
            .spots
            .iter()
            .filter_map(|spot| spot.feed.as_ref())
            .chain(self.perps.iter().map(|p| &p.feed));
        for feed in feeds {
            feed.publish(ledger, slot);
        }
    }

    /// Events by which oracles that are late or out publish what they show, fresh again.
    pub fn freshened(&self) -> Vec<Kind> {
        let late = |feed: &Feed| feed.stamp != Stamp::FRESH;
        let perps = (0..).zip(&self.perps).filter(|(_, place)| late(&place.feed));
        let perps = perps.map(|(market_index, place)| {
            Kind::from(PerpOraclePrice {
                market_index,
                price: place.feed.price,
                conf: place.feed.confidence,
                ..PerpOraclePrice::default()
            })
        });
        let spots = (0..).zip(&self.spots);
        let spots = spots.filter_map(|(market_index, place)| {
            let feed = place.feed.as_ref().filter(|feed| late(feed))?;
            Some(Kind::from(SpotOraclePrice {
                market_index,
                price: feed.price,
                conf: feed.confidence,
                ..SpotOraclePrice::default()
            }))
        });
        perps.chain(spots).collect()
    }

    /// What holds in all markets.
    pub fn state<'a>(&self, ledger: &'a impl Ledger) -> Option<&'a State> {
        State::peek(ledger.at(&self.fixed.state)?)
    }

    /// How many perpetual markets there are.
    pub fn perp_count(&self) -> u16 {
        self.perps.len() as u16
    }

    /// How many spot markets there are, the quote market included.
    pub fn spot_count(&self) -> u16 {
        self.spots.len() as u16
    }

    /// A perpetual market as it stands.
    pub fn perp<'a>(&self, ledger: &'a impl Ledger, index: u16) -> Option<&'a PerpMarket> {
        PerpMarket::peek(ledger.at(&self.perps.get(usize::from(index))?.market)?)
    }

    /// A spot market as it stands.
    pub fn spot<'a>(&self, ledger: &'a impl Ledger, index: u16) -> Option<&'a SpotMarket> {
        SpotMarket::peek(ledger.at(&self.spots.get(usize::from(index))?.market)?)
    }

    /// A user as it stands; none before the first deposit.
    pub fn user<'a>(&self, ledger: &'a impl Ledger, number: u32) -> Option<&'a User> {
        User::peek(ledger.at(&self.named_user(number)?.user)?)
    }

    /// A user's statistics as they stand; none before the first deposit.
    pub fn stats<'a>(&self, ledger: &'a impl Ledger, number: u32) -> Option<&'a UserStats> {
        UserStats::peek(ledger.at(&self.named_user(number)?.stats)?)
    }

    /// A user's position in a perpetual market, if there is an entry for it.
    pub fn position<'a>(&self, ledger: &'a impl Ledger, user: u32, market: u16) -> Option<&'a PerpPosition> {
        let positions = &self.user(ledger, user)?.perp_positions;
        positions
            .iter()
            .find(|position| position.market_index == market && !position.is_available())
    }
}

#[cfg(test)]
mod tests;

//! The trial's loop: agents are asked when they are due, their events carried out one by one.
//!
//! Oracles that are neither late nor out publish before every instruction, so their slot does not lag. The price changes when it is looked at: just
//! before the first event of a second that follows a change of the path, an oracle event shows the new price. Nothing
//! happens in seconds in which nobody is due.

use super::counts::Counts;
use super::metrics::{Info, Metric, Metrics};
use super::observer::{Moment, Observer, Silent};
use super::risk::Risk;
use super::tally::Tally;
use crate::agent::View;
use crate::event::{
    ClosePosition, DepositCollateral, Event, Kind, OraclePrice, PerpOraclePrice, Portion, RemoveLiquidity,
    SpotOraclePrice,
};
use crate::path::{Feed, PathError, PriceFiles, PricePath, Reading, Stamp};
use crate::scenario::{Actor, Prepared, Scenario, ScenarioError, TrialUser};
use crate::watch::Watch;
use crate::world::{Executed, GenesisError, LowerError, World};
use drift::ledger::MemoryLedger;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

/// Why a trial could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The scenario cannot start.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// The program refuses the markets.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// An agent answered an event that cannot be carried out.
    #[error("second {second}: {source}")]
    Event {
        /// When.
        second: i64,
        /// Why.
        source: LowerError,
    },
    /// A price beyond an oracle's range.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The accounts at the end do not add up to numbers.
    #[error("the results cannot be computed: {0}")]
    Results(drift::error::ErrorCode),
}

impl TrialError {
    /// One word to group failures by.
    pub fn kind(&self) -> &'static str {
        match self {
            TrialError::Scenario(_) => "scenario",
            TrialError::Genesis(_) => "set_up",
            TrialError::Event { .. } => "event",
            TrialError::Path(_) => "path",
            TrialError::Results(_) => "results",
        }
    }
}

struct Stage<'a, O> {
    world: World,
    ledger: MemoryLedger,
    perp_paths: &'a [PricePath],
    spot_paths: &'a [PricePath],
    /// The prices outside: of perpetual markets, then of spot markets from 1 on.
    outside: &'a [PricePath],
    /// How the oracles follow them, in the same order.
    feeds: &'a [Option<Feed>],
    /// What each oracle shows, in the same order.
    shown: Vec<Reading>,
    counts: Counts,
    /// The instructions of the event at hand.
    executed: Vec<Executed>,
    observer: &'a mut O,
}

impl<O: Observer> Stage<'_, O> {
    fn moment(&self, second: i64) -> Moment<'_> {
        Moment {
            second,
            ledger: &self.ledger,
            world: &self.world,
            paths: self.perp_paths,
        }
    }

    /// Follows margins up to `second`, where somebody does.
    fn look(&mut self, second: i64) {
        if let Some(risk) = &mut self.counts.risk {
            risk.watch.advance(&self.world, &self.ledger, second);
        }
    }

    fn carry_out(&mut self, second: i64, kind: Kind) -> Result<(), TrialError> {
        let event = Event {
            timestamp: second,
            kind,
        };
        // An oracle shows a price; whatever is counted besides changes by instructions alone.
        let shows_price = matches!(event.kind, Kind::PerpOraclePrice(_) | Kind::SpotOraclePrice(_));
        if !shows_price {
            self.counts.before(&event, &self.world, &self.ledger);
        }
        self.executed.clear();
        let applied = match &mut self.counts.risk {
            None => self
                .world
                .apply_into(&mut self.ledger, &event, &mut self.executed),
            Some(risk) => {
                let mut ledger = Tally {
                    ledger: &mut self.ledger,
                    losses: &mut risk.losses,
                };
                self.world.apply_into(&mut ledger, &event, &mut self.executed)
            }
        };
        applied.map_err(|source| TrialError::Event { second, source })?;
        if !shows_price {
            self.counts
                .after(&self.executed, &self.world, &self.ledger, second)
                .map_err(TrialError::Results)?;
        }
        self.counts.events[event.kind.ordinal()] += 1;
        let moment = Moment {
            second,
            ledger: &self.ledger,
            world: &self.world,
            paths: self.perp_paths,
        };
        self.observer.happened(&event, &self.executed, &moment);
        Ok(())
    }

    /// Lets the oracles show what is new at `second`.
    fn show_prices(&mut self, second: i64) -> Result<(), TrialError> {
        let perps = self.perp_paths.len();
        for place in 0..self.shown.len() {
            let path = if place < perps {
                &self.perp_paths[place]
            } else {
                &self.spot_paths[place - perps]
            };
            let reading = match &self.feeds[place] {
                Some(feed) => feed.at(second),
                None => Reading::sure(path.price_at(second)),
            };
            if self.shown[place] == reading {
                continue;
            }
            self.shown[place] = reading;
            let [price, conf] = [reading.price, reading.confidence]
                .map(|micros| OraclePrice::from_micros(micros).unwrap_or_default());
            let slots_since = |then: i64| {
                let slots = |second| self.world.clock(second).slot;
                Some(slots(second).saturating_sub(slots(then)))
            };
            let (delay_slots, outage) = match reading.stamp {
                Stamp::Behind(0) => (None, None),
                Stamp::Behind(seconds) => (slots_since(second - i64::from(seconds)), None),
                Stamp::Of(then) => (slots_since(then), Some(true)),
            };
            let kind = if place < perps {
                PerpOraclePrice {
                    market_index: place as u16,
                    price,
                    conf,
                    slot: 0,
                    delay_slots,
                    outage,
                }
                .into()
            } else {
                SpotOraclePrice {
                    market_index: (place - perps + 1) as u16,
                    price,
                    conf,
                    slot: 0,
                    delay_slots,
                    outage,
                }
                .into()
            };
            self.carry_out(second, kind)?;
        }
        Ok(())
    }

    fn open_accounts(&mut self, users: &[TrialUser]) -> Result<(), TrialError> {
        for (number, user) in (0u32..).zip(users) {
            let deposit = DepositCollateral {
                user_index: number,
                deposit_amount: user.deposit,
                spot_market_index: user.deposit_market,
                mint_amount: 0,
                username: user.group.clone(),
            };
            self.carry_out(0, deposit.into())?;
        }
        Ok(())
    }

    fn act(&mut self, actors: &mut [Actor], horizon: i64, sample_every: i64) -> Result<(), TrialError> {
        let due = (0u32..).zip(actors.iter());
        let mut queue: BinaryHeap<Reverse<(i64, u32)>> = due
            .filter_map(|(order, actor)| Some(Reverse((actor.agent.first_call()?.max(0), order))))
            .collect();
        let interval = self.observer.interval().map(i64::from);
        let (mut next_sample, mut next_look) = (0, 0);
        let mut wanted = Vec::new();
        loop {
            let second = queue
                .peek()
                .map_or(horizon, |Reverse((second, _))| *second)
                .min(horizon);
            // What is sampled at a second is the state before its events.
            while next_sample <= second {
                self.counts
                    .sample(&self.world, &self.ledger, self.perp_paths, next_sample);
                next_sample += sample_every;
            }
            if let Some(interval) = interval {
                while next_look <= second {
                    let moment = Moment {
                        second: next_look,
                        ledger: &self.ledger,
                        world: &self.world,
                        paths: self.perp_paths,
                    };
                    self.observer.sampled(&moment);
                    next_look += interval;
                }
            }
            if second >= horizon {
                return Ok(());
            }
            let Some(mut first) = queue.peek_mut() else {
                return Ok(());
            };
            let order = first.0.1;
            self.look(second);
            let view = View {
                now: second,
                ledger: &self.ledger,
                world: &self.world,
                paths: &self.outside[..self.perp_paths.len()],
                spot_paths: &self.outside[self.perp_paths.len()..],
                shown: self.perp_paths,
                spot_shown: self.spot_paths,
                watch: self.counts.risk.as_ref().map(|risk| &risk.watch),
            };
            let next = actors[order as usize].agent.call(&view, &mut wanted);
            match next {
                Some(next) => first.0.0 = next.max(second + 1),
                None => drop(PeekMut::pop(first)),
            }
            wanted.retain(|kind| !matches!(kind, Kind::Null(_)));
            if wanted.is_empty() {
                continue;
            }
            self.show_prices(second)?;
            for kind in wanted.drain(..) {
                self.carry_out(second, kind)?;
            }
        }
    }

    /// Ends the trial as drift-sim does: shares removed, positions closed, one user a second.
    fn unwind(&mut self, users: u32, mut second: i64) -> Result<i64, TrialError> {
        for market_index in 0..self.world.perp_count() {
            for user_index in 0..users {
                let held = |stage: &Self| {
                    stage
                        .world
                        .position(&stage.ledger, user_index, market_index)
                        .copied()
                };
                if held(self).is_some_and(|position| position.lp_shares > 0) {
                    self.show_prices(second)?;
                    let lp_token_amount = Portion::All;
                    self.carry_out(
                        second,
                        RemoveLiquidity {
                            market_index,
                            user_index,
                            lp_token_amount,
                        }
                        .into(),
                    )?;
                    second += 1;
                }
                if held(self).is_some_and(|position| position.base_asset_amount != 0) {
                    self.show_prices(second)?;
                    self.carry_out(
                        second,
                        ClosePosition {
                            user_index,
                            market_index,
                        }
                        .into(),
                    )?;
                    second += 1;
                }
            }
        }
        Ok(second)
    }
}

/// Runs replicate `replicate` of a sweep with this `seed` over `scenario`.
pub fn run<O: Observer>(
    scenario: &Scenario,
    seed: u64,
    replicate: u64,
    files: &PriceFiles,
    observer: &mut O,
) -> Result<Metrics, TrialError> {
    play(scenario, scenario.prepare(seed, replicate, files)?, observer)
}

/// What the metrics of a trial of `scenario` are, and a value of each's type.
pub fn columns(
    scenario: &Scenario,
    seed: u64,
    files: &PriceFiles,
) -> Result<Vec<(Info, Metric)>, TrialError> {
    let mut prepared = scenario.prepare(seed, 0, files)?;
    prepared.users.clear();
    prepared.actors.clear();
    Ok(play(scenario, prepared, &mut Silent)?.values)
}

fn play<O: Observer>(
    scenario: &Scenario,
    mut prepared: Prepared,
    observer: &mut O,
) -> Result<Metrics, TrialError> {
    let mut ledger = MemoryLedger::new(prepared.switches);
    let world = prepared.genesis.open(&mut ledger)?;
    let paths = prepared.perp_paths.iter().chain(&prepared.spot_paths);
    let shown = paths.map(|path| Reading::sure(path.start_price())).collect();
    let moment = Moment {
        second: 0,
        ledger: &ledger,
        world: &world,
        paths: &prepared.perp_paths,
    };
    observer.started(&prepared, &moment);
    let mut actors = std::mem::take(&mut prepared.actors);
    let users = prepared.users.len() as u32;
    let mut counts = Counts::new(prepared.perp_paths.len());
    if prepared.watched {
        let watch = Watch::new(&world, users, &prepared.perp_paths, &prepared.spot_paths);
        counts.risk = Some(Risk::new(watch, world.spot_count()));
    }
    let mut stage = Stage {
        world,
        ledger,
        perp_paths: &prepared.perp_paths,
        spot_paths: &prepared.spot_paths,
        outside: &prepared.outside,
        feeds: &prepared.feeds,
        shown,
        counts,
        executed: Vec::new(),
        observer,
    };
    let horizon = i64::from(scenario.horizon);
    stage.open_accounts(&prepared.users)?;
    stage.act(&mut actors, horizon, i64::from(scenario.sample_every.max(1)))?;
    stage.show_prices(horizon)?;
    stage.look(horizon);
    let end = if scenario.unwind {
        stage.unwind(users, horizon)?
    } else {
        horizon
    };
    stage.look(end);
    let moment = stage.moment(end);
    Metrics::compute(&stage.counts, &prepared, &moment).map_err(TrialError::Results)
}

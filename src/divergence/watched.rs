//! A world on a ledger that is watched: events in, steps out.

use super::{Names, Observed, RecordingLedger, Step};
use crate::event::Event;
use crate::world::{Executed, Genesis, GenesisError, LowerError, World};

/// A side that refuses to open the exchange, and what it says of it.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{source}{}", said.as_ref().map(|said| format!(": {said}")).unwrap_or_default())]
pub struct OpenError {
    /// Which instruction is refused.
    pub source: GenesisError,
    /// The program's own words, or those of the interface it is spoken to by.
    pub said: Option<String>,
}

/// One side of a replay.
pub struct Watched<L> {
    ledger: L,
    world: World,
    names: Names,
    events: usize,
}

impl<L: Observed> Watched<L> {
    /// Opens the exchange in `ledger`, and answers what that did.
    ///
    /// # Errors
    /// [`OpenError`] where the markets are refused.
    pub fn open(genesis: &Genesis, mut ledger: L) -> Result<(Self, Vec<Step>), OpenError> {
        let mut names = Names::new(genesis.perps.len() as u16, genesis.spots.len() as u16 + 1);
        let mut recording_ledger = RecordingLedger::new(&mut ledger, &mut names, None, Step::OPENING);
        let world = genesis.open(&mut recording_ledger);
        let steps = recording_ledger.finish();
        let world = world.map_err(|source| {
            let said = ledger.last_receipt().1;
            OpenError { source, said }
        })?;
        let watched = Self {
            ledger,
            world,
            names,
            events: 0,
        };
        Ok((watched, steps))
    }

    /// Carries out `event`, and answers its instructions and the steps it took; where it cannot be carried out, the steps
    /// until then.
    pub fn step(&mut self, event: &Event) -> (Result<Vec<Executed>, LowerError>, Vec<Step>) {
        let place = self.events;
        self.events += 1;
        self.names.extend(event.kind.user());
        let mut recording_ledger =
            RecordingLedger::new(&mut self.ledger, &mut self.names, Some(place), event.kind.name());
        let executed = self.world.apply(&mut recording_ledger, event);
        (executed, recording_ledger.finish())
    }

    /// Where the accounts are, and the accounts.
    pub fn side(&self) -> (&World, &L) {
        (&self.world, &self.ledger)
    }

    /// How many events there were.
    pub fn events(&self) -> usize {
        self.events
    }

    /// The accounts.
    pub fn ledger(&self) -> &L {
        &self.ledger
    }

    /// The accounts, for what the ledger keeps besides.
    pub fn ledger_mut(&mut self) -> &mut L {
        &mut self.ledger
    }

    /// Where the accounts are.
    pub fn world(&self) -> &World {
        &self.world
    }
}

//! Looking on while a trial runs.

use crate::event::Event;
use crate::path::PricePath;
use crate::scenario::Prepared;
use crate::world::{Executed, World};
use drift::ledger::MemoryLedger;

/// The state of a trial at a moment.
pub struct Moment<'a> {
    /// Seconds since the start.
    pub second: i64,
    /// The accounts.
    pub ledger: &'a MemoryLedger,
    /// Where they are.
    pub world: &'a World,
    /// What the oracles of the perpetual markets show.
    pub paths: &'a [PricePath],
}

/// Someone who looks on.
pub trait Observer {
    /// The exchange is open, nobody has acted.
    fn started(&mut self, _: &Prepared, _: &Moment) {}

    /// `event` happened, by `executed`.
    fn happened(&mut self, _: &Event, _: &[Executed], _: &Moment) {}

    /// A multiple of [`Observer::interval`] is reached, or the horizon.
    fn sampled(&mut self, _: &Moment) {}

    /// Seconds between samples; `None` for none.
    fn interval(&self) -> Option<u32> {
        None
    }
}

/// Nobody.
pub struct Silent;

impl Observer for Silent {}

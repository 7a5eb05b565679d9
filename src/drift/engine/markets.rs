//! The remaining accounts of an instruction: oracles, then spot markets, then perpetual markets.

use super::frame::{Effects, Frame, Held};
use super::oracles::Oracles;
use crate::accounts::{OracleGuardRails, PerpMarket, SpotMarket, Stored};
use crate::error::{ErrorCode, Result};
use smallvec::SmallVec;

/// A market with an index of its own and errors of its own.
pub trait Indexed: Stored {
    /// Refusal of an index that is not there.
    const MISSING: ErrorCode;
    /// Refusal of one that is there twice.
    const TWICE: ErrorCode;
    /// Refusal of one that is read-only where it must be writable.
    const READ_ONLY: ErrorCode;
    /// Refusal of an account, of whatever type, that the instruction is changing already.
    const LOCKED: ErrorCode;
    /// Refusal of a change to one that nobody declared writable.
    const UNLOADABLE: ErrorCode;
    /// The market's index.
    fn index(&self) -> u16;
}

impl Indexed for PerpMarket {
    const MISSING: ErrorCode = ErrorCode::PerpMarketNotFound;
    const TWICE: ErrorCode = ErrorCode::InvalidMarketAccount;
    const READ_ONLY: ErrorCode = ErrorCode::MarketWrongMutability;
    const LOCKED: ErrorCode = ErrorCode::CouldNotLoadMarketData;
    const UNLOADABLE: ErrorCode = ErrorCode::UnableToLoadPerpMarketAccount;

    fn index(&self) -> u16 {
        self.market_index
    }
}

impl Indexed for SpotMarket {
    const MISSING: ErrorCode = ErrorCode::SpotMarketNotFound;
    const TWICE: ErrorCode = ErrorCode::InvalidSpotMarketAccount;
    const READ_ONLY: ErrorCode = ErrorCode::SpotMarketWrongMutability;
    const LOCKED: ErrorCode = ErrorCode::CouldNotLoadSpotMarketData;
    const UNLOADABLE: ErrorCode = ErrorCode::UnableToLoadSpotMarketAccount;

    fn index(&self) -> u16 {
        self.market_index
    }
}

/// Markets of one kind, by index.
#[derive(Debug)]
pub struct Table<M> {
    entries: SmallVec<[Held<M>; 2]>,
}

impl<M> Default for Table<M> {
    fn default() -> Self {
        Self {
            entries: SmallVec::new(),
        }
    }
}

impl<M: Indexed> Table<M> {
    fn place(&self, index: u16) -> Result<usize> {
        self.entries
            .iter()
            .position(|market| market.index() == index)
            .ok_or(M::MISSING)
    }

    /// The market `index`.
    pub fn get(&self, index: u16) -> Result<&M> {
        Ok(&self.entries[self.place(index)?])
    }

    /// The market `index`, to change.
    pub fn get_mut(&mut self, index: u16) -> Result<&mut M> {
        let place = self.place(index)?;
        let market = &mut self.entries[place];
        if market.is_writable() {
            Ok(market)
        } else {
            Err(M::UNLOADABLE)
        }
    }

    /// Two different markets at once, to change.
    pub fn pair_mut(&mut self, first: u16, second: u16) -> Result<(&mut M, &mut M)> {
        let places = [self.place(first)?, self.place(second)?];
        if places.iter().any(|place| !self.entries[*place].is_writable()) {
            return Err(M::UNLOADABLE);
        }
        let [first, second] = self.entries.get_disjoint_mut(places).map_err(|_| M::UNLOADABLE)?;
        Ok((first, second))
    }

    /// All markets, in the order in which the instruction named them.
    pub fn iter(&self) -> impl Iterator<Item = &M> {
        self.entries.iter().map(|market| &**market)
    }

    fn load(frame: &mut Frame, next: &mut usize, must_write: &[u16]) -> Result<Self> {
        let mut table = Self::default();
        while *next < frame.len() {
            if frame.is_locked(*next)? {
                return Err(M::LOCKED);
            }
            let key = frame.key(*next)?;
            if table.entries.iter().any(|market| market.key() == key) {
                return Err(M::TWICE);
            }
            // One that the instruction already took under its own name ends the list as any other account does.
            let Some(index) = M::peek(frame.account(*next)?).map(M::index) else {
                break;
            };
            if table.place(index).is_ok() {
                return Err(M::TWICE);
            }
            let market = frame.take::<M>(*next)?;
            if must_write.contains(&index) && !market.is_writable() {
                return Err(M::READ_ONLY);
            }
            table.entries.push(market);
            *next += 1;
        }
        Ok(table)
    }

    fn restore(self, frame: &mut Frame) {
        self.entries.into_iter().for_each(|market| frame.put(market));
    }
}

/// Everything the remaining accounts hold but users.
#[derive(Debug)]
pub struct Markets {
    /// Price feeds.
    pub oracles: Oracles,
    /// Spot markets.
    pub spots: Table<SpotMarket>,
    /// Perpetual markets.
    pub perps: Table<PerpMarket>,
    /// What was done to them that they do not say.
    pub effects: Effects,
}

/// Indices of markets an instruction needs writable.
#[derive(Clone, Copy, Debug, Default)]
pub struct MustWrite<'a> {
    /// Perpetual markets.
    pub perps: &'a [u16],
    /// Spot markets.
    pub spots: &'a [u16],
}

impl Markets {
    /// Takes oracles, spot and perpetual markets from position `next` on, and moves `next` behind them.
    /// `guard_rails` are the exchange's, where the instruction judges oracles by them.
    pub fn load(
        frame: &mut Frame,
        next: &mut usize,
        must_write: MustWrite,
        guard_rails: Option<OracleGuardRails>,
    ) -> Result<Self> {
        let oracles = Oracles::load(frame, next, guard_rails)?;
        let spots = Table::load(frame, next, must_write.spots)?;
        let perps = Table::load(frame, next, must_write.perps)?;
        // Every market that must be written must also be there.
        for index in must_write.perps {
            perps.place(*index)?;
        }
        Ok(Self {
            oracles,
            spots,
            perps,
            effects: Effects::default(),
        })
    }

    /// As [`Markets::load`], but without spot markets, and without asking that the markets to write to be there.
    pub fn load_perps(frame: &mut Frame, next: &mut usize, must_write: &[u16]) -> Result<Self> {
        Ok(Self {
            oracles: Oracles::load(frame, next, None)?,
            spots: Table::default(),
            perps: Table::load(frame, next, must_write)?,
            effects: Effects::default(),
        })
    }

    /// Puts every market back.
    pub fn restore(self, frame: &mut Frame) {
        self.spots.restore(frame);
        self.perps.restore(frame);
        frame.effects.add(self.effects);
    }
}

//! The accounts of one running instruction.

use super::journal::Journal;
use crate::accounts::{Account, Pubkey, Stored};
use crate::clock::Clock;
use crate::error::{ErrorCode, Result};
use std::ops::{Deref, DerefMut};

/// Research switches: deliberate departures from the deployed rules, all off by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Switches {
    /// What the AMM does to its curve before a trade, in place of the deployed rule.
    pub before_trade: BeforeTrade,
    /// Whether orders get or have tightened their auctions by the market's averages, as mainnet's build of the program
    /// does. Drift's own test build, from which the recordings are, takes auctions as they come.
    pub guided_auctions: bool,
}

/// drift-sim's strategies for the curve just before a trade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BeforeTrade {
    /// The deployed rule.
    #[default]
    Deployed,
    /// `PrePeg`: repeg to the oracle as far as the fee budget reaches.
    PrePeg,
    /// `PreFreePeg`: repeg, and rescale the reserves, to the oracle as far as the fee budget reaches.
    PreFreePeg,
}

/// An account as a ledger keeps it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its address.
    pub key: Pubkey,
    /// Its contents.
    pub account: Account,
}

/// How an instruction names an account. An address named twice has, at both places, the rights of both.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// Which of the ledger's entries.
    pub entry: usize,
    /// Whether its holder signed.
    pub signer: bool,
    /// Whether it may be changed.
    pub writable: bool,
}

/// A typed account taken out of its entry. [`Frame::put`] returns it; an instruction that fails may just drop it.
#[derive(Debug)]
pub struct Held<T> {
    entry: usize,
    writable: bool,
    key: Pubkey,
    value: Box<T>,
}

impl<T> Held<T> {
    /// The account's address.
    pub fn key(&self) -> Pubkey {
        self.key
    }

    /// Whether the transaction may change the account.
    pub fn is_writable(&self) -> bool {
        self.writable
    }
}

impl<T> Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Held<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

/// What an instruction did that no account says afterwards. Costs at 1e6; negative where the AMM gained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Cost of moving pegs, with the k changes that helped to pay for it.
    pub repeg_cost: i128,
    /// Cost of changing k for its own sake: by an administrator, or after funding.
    pub k_cost: i128,
}

impl Effects {
    /// Adds what another part of an instruction, or another instruction, did.
    pub fn add(&mut self, other: Effects) {
        self.repeg_cost = self.repeg_cost.saturating_add(other.repeg_cost);
        self.k_cost = self.k_cost.saturating_add(other.k_cost);
    }
}

/// Clock, switches and accounts of one instruction. Positions count the instruction's account list.
#[derive(Debug)]
pub struct Frame<'a> {
    /// When it runs.
    pub clock: Clock,
    /// Departures from the deployed rules.
    pub switches: Switches,
    /// What the instruction did besides changing accounts; without meaning when it failed.
    pub effects: Effects,
    entries: &'a mut [Entry],
    slots: &'a [Slot],
    journal: Option<&'a mut Journal>,
}

impl<'a> Frame<'a> {
    /// The frame of an instruction that names the `entries` of a ledger by `slots`.
    pub fn new(clock: Clock, switches: Switches, entries: &'a mut [Entry], slots: &'a [Slot]) -> Self {
        debug_assert!(slots.iter().all(|slot| slot.entry < entries.len()));
        Self {
            clock,
            switches,
            effects: Effects::default(),
            entries,
            slots,
            journal: None,
        }
    }

    /// Keeps in `journal` whatever is taken out or created from here on, as it was.
    pub fn journaled(self, journal: &'a mut Journal) -> Self {
        Self {
            journal: Some(journal),
            ..self
        }
    }

    /// How many accounts the instruction names.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether it names none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The slot at `position`; `AccountNotEnoughKeys` past the end.
    pub fn slot(&self, position: usize) -> Result<Slot> {
        self.slots
            .get(position)
            .copied()
            .ok_or(ErrorCode::AccountNotEnoughKeys)
    }

    /// Address and contents at `position`.
    pub fn entry(&self, position: usize) -> Result<&Entry> {
        Ok(&self.entries[self.slot(position)?.entry])
    }

    /// The address at `position`.
    pub fn key(&self, position: usize) -> Result<Pubkey> {
        Ok(self.entry(position)?.key)
    }

    /// The address at `position`, which must have signed (`AccountNotSigner`).
    pub fn signer(&self, position: usize) -> Result<Pubkey> {
        let slot = self.slot(position)?;
        if slot.signer {
            Ok(self.entries[slot.entry].key)
        } else {
            Err(ErrorCode::AccountNotSigner)
        }
    }

    /// Refuses with `ConstraintMut` an account that may not be changed.
    pub fn must_be_writable(&self, position: usize) -> Result {
        if self.slot(position)?.writable {
            Ok(())
        } else {
            Err(ErrorCode::ConstraintMut)
        }
    }

    /// The account at `position`, to look at.
    pub fn account(&self, position: usize) -> Result<&Account> {
        Ok(&self.entry(position)?.account)
    }

    /// Takes the account at `position` out; fails with Anchor's loader codes when it is of another type.
    pub fn take<T: Stored>(&mut self, position: usize) -> Result<Held<T>> {
        let held = self.hold(position)?;
        // Read-only ones too: an instruction that fails drops whatever it has in its hands.
        if let Some(journal) = &mut self.journal {
            T::copies(journal).keep(held.entry, &held.value);
        }
        Ok(held)
    }

    fn hold<T: Stored>(&mut self, position: usize) -> Result<Held<T>> {
        let Slot { entry, writable, .. } = self.slot(position)?;
        let Entry { key, account } = &mut self.entries[entry];
        Ok(Held {
            entry,
            writable,
            key: *key,
            value: T::take(account)?,
        })
    }

    /// Has `held` be changed in place from here on, so that its bytes cannot be read where it is named again.
    pub fn lock<T>(&mut self, held: &Held<T>) {
        if let Account::Taken(loaded) = &mut self.entries[held.entry].account {
            loaded.locked = true;
        }
    }

    /// Whether the account at `position` is locked.
    pub fn is_locked(&self, position: usize) -> Result<bool> {
        Ok(matches!(self.account(position)?, Account::Taken(loaded) if loaded.locked))
    }

    /// Returns what [`Frame::take`] took.
    pub fn put<T: Stored>(&mut self, held: Held<T>) {
        T::put_back(&mut self.entries[held.entry].account, held.value);
    }

    /// Fills an empty account and takes it out; `AccountAlreadyInUse` when there is something in it.
    pub fn create_and_take<T: Stored>(&mut self, position: usize, value: Box<T>) -> Result<Held<T>> {
        self.create(position, T::wrap(value))?;
        // There was nothing that would have to come back.
        self.hold(position)
    }

    /// Fills an empty account; `AccountAlreadyInUse` when there is something in it. One that may not be written to is the
    /// runtime's business, since the system program is called for it: `RefusedByRuntime`.
    pub fn create(&mut self, position: usize, account: Account) -> Result {
        let slot = self.slot(position)?;
        if !slot.writable {
            return Err(ErrorCode::RefusedByRuntime);
        }
        let entry = slot.entry;
        let place = &mut self.entries[entry].account;
        if *place != Account::Absent {
            return Err(ErrorCode::AccountAlreadyInUse);
        }
        *place = account;
        if let Some(journal) = &mut self.journal {
            journal.created.push(entry);
        }
        Ok(())
    }
}

/// Accounts that a test names in their order.
#[cfg(test)]
#[derive(Clone, Debug, Default)]
pub(crate) struct Cast {
    pub entries: Vec<Entry>,
    pub slots: Vec<Slot>,
}

#[cfg(test)]
impl Cast {
    /// Names another account; it may be changed.
    pub fn add(&mut self, key: Pubkey, signer: bool, account: Account) {
        self.slots.push(Slot {
            entry: self.entries.len(),
            signer,
            writable: true,
        });
        self.entries.push(Entry { key, account });
    }

    pub fn frame(&mut self, clock: Clock) -> Frame<'_> {
        Frame::new(clock, Switches::default(), &mut self.entries, &self.slots)
    }
}

//! The accounts of one running instruction.

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

/// One account as the transaction holds it. An address named twice is one slot, with the rights of both.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Its address.
    pub key: Pubkey,
    /// Whether its holder signed.
    pub signer: bool,
    /// Whether it may be changed.
    pub writable: bool,
    /// Its contents.
    pub account: Account,
}

/// A typed account taken out of its slot. [`Frame::put`] returns it; an instruction that fails may just drop it.
#[derive(Debug)]
pub struct Held<T> {
    slot: usize,
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
    slots: &'a mut [Slot],
    places: &'a [usize],
}

impl<'a> Frame<'a> {
    /// `places[i]` is the slot of the instruction's `i`th account.
    pub fn new(clock: Clock, switches: Switches, slots: &'a mut [Slot], places: &'a [usize]) -> Self {
        debug_assert!(places.iter().all(|place| *place < slots.len()));
        Self {
            clock,
            switches,
            effects: Effects::default(),
            slots,
            places,
        }
    }

    /// How many accounts the instruction names.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether it names none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    fn place(&self, position: usize) -> Result<usize> {
        self.places
            .get(position)
            .copied()
            .ok_or(ErrorCode::AccountNotEnoughKeys)
    }

    /// The slot at `position`; `AccountNotEnoughKeys` past the end.
    pub fn slot(&self, position: usize) -> Result<&Slot> {
        Ok(&self.slots[self.place(position)?])
    }

    /// The address at `position`.
    pub fn key(&self, position: usize) -> Result<Pubkey> {
        Ok(self.slot(position)?.key)
    }

    /// The address at `position`, which must have signed (`AccountNotSigner`).
    pub fn signer(&self, position: usize) -> Result<Pubkey> {
        let slot = self.slot(position)?;
        if slot.signer {
            Ok(slot.key)
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
        Ok(&self.slot(position)?.account)
    }

    /// Takes the account at `position` out; fails with Anchor's loader codes when it is of another type.
    pub fn take<T: Stored>(&mut self, position: usize) -> Result<Held<T>> {
        let place = self.place(position)?;
        let slot = &mut self.slots[place];
        let value = T::take(&mut slot.account)?;
        Ok(Held {
            slot: place,
            writable: slot.writable,
            key: slot.key,
            value,
        })
    }

    /// Has `held` be changed in place from here on, so that its bytes cannot be read where it is named again.
    pub fn lock<T>(&mut self, held: &Held<T>) {
        if let Account::Taken(loaded) = &mut self.slots[held.slot].account {
            loaded.locked = true;
        }
    }

    /// Whether the account at `position` is locked.
    pub fn is_locked(&self, position: usize) -> Result<bool> {
        Ok(matches!(self.account(position)?, Account::Taken(loaded) if loaded.locked))
    }

    /// Returns what [`Frame::take`] took.
    pub fn put<T: Stored>(&mut self, held: Held<T>) {
        self.slots[held.slot].account = T::wrap(held.value);
    }

    /// Fills an empty account; `AccountAlreadyInUse` when there is something in it.
    pub fn create(&mut self, position: usize, account: Account) -> Result {
        let place = self.place(position)?;
        let slot = &mut self.slots[place];
        if slot.account != Account::Absent {
            return Err(ErrorCode::AccountAlreadyInUse);
        }
        slot.account = account;
        Ok(())
    }

    /// Copies every account into `undo`, whose memory is used again.
    pub fn remember(&self, undo: &mut Vec<Account>) {
        if undo.len() < self.slots.len() {
            undo.resize(self.slots.len(), Account::Absent);
        }
        for (kept, slot) in undo.iter_mut().zip(self.slots.iter()) {
            kept.copy_from(&slot.account);
        }
    }

    /// Puts back what [`Frame::remember`] copied.
    pub fn restore(&mut self, undo: &mut [Account]) {
        for (slot, kept) in self.slots.iter_mut().zip(undo) {
            slot.account = std::mem::take(kept);
        }
    }
}

//! The engine's ledger: accounts in a list, instructions applied in place and undone when they fail.

use super::Ledger;
use crate::accounts::{Account, PriceFeed, Pubkey};
use crate::clock::Clock;
use crate::engine::{self, Effects, Entry, Frame, Journal, Slot, Switches};
use crate::error::Result;
use crate::instruction::{AccountMeta, Address, Call, Instruction};
use std::collections::HashMap;

/// Accounts in memory under the engine's rules.
///
/// An account has a number from the moment its address is first named, and is found by it; addresses are looked up only
/// where somebody does not know the number.
#[derive(Debug, Default)]
pub struct MemoryLedger {
    clock: Clock,
    switches: Switches,
    effects: Effects,
    entries: Vec<Entry>,
    numbers: HashMap<Pubkey, u32, foldhash::fast::FixedState>,
    slots: Slots,
    journal: Journal,
}

impl MemoryLedger {
    /// An empty ledger under `switches`.
    pub fn new(switches: Switches) -> Self {
        Self {
            switches,
            ..Self::default()
        }
    }

    /// Every account with its address, in the order in which the addresses were first named.
    pub fn accounts(&self) -> impl Iterator<Item = (&Pubkey, &Account)> {
        self.entries.iter().map(|entry| (&entry.key, &entry.account))
    }

    /// What all instructions so far did besides changing accounts.
    pub fn effects(&self) -> Effects {
        self.effects
    }

    #[inline]
    fn find(&self, address: &Address) -> Option<usize> {
        match self.entries.get(address.number as usize) {
            Some(entry) if entry.key == address.key => Some(address.number as usize),
            _ => self.look_up(&address.key),
        }
    }

    #[cold]
    fn look_up(&self, key: &Pubkey) -> Option<usize> {
        self.numbers.get(key).map(|number| *number as usize)
    }

    #[inline]
    fn find_or_open(&mut self, address: &Address) -> usize {
        match self.find(address) {
            Some(number) => number,
            None => self.open(address.key),
        }
    }

    #[cold]
    fn open(&mut self, key: Pubkey) -> usize {
        let number = self.entries.len();
        self.numbers.insert(key, number as u32);
        self.entries.push(Entry {
            key,
            account: Account::Absent,
        });
        number
    }
}

/// The slots of an instruction, with the rights of all mentions of an account at each of them.
#[derive(Debug, Default)]
struct Slots {
    list: Vec<Slot>,
    /// Bits of the entries so far, by the lowest six bits of their number: one that is not set was not named.
    named: u64,
}

impl Slots {
    fn clear(&mut self) {
        self.list.clear();
        self.named = 0;
    }

    #[inline]
    fn add(&mut self, entry: usize, meta: &AccountMeta) {
        let mut slot = Slot {
            entry,
            signer: meta.signer,
            writable: meta.writable,
        };
        let bit = 1 << (entry % 64);
        if self.named & bit != 0 {
            for before in self.list.iter_mut().filter(|before| before.entry == entry) {
                before.signer |= slot.signer;
                before.writable |= slot.writable;
                slot = *before;
            }
        }
        self.named |= bit;
        self.list.push(slot);
    }
}

impl Ledger for MemoryLedger {
    #[inline]
    fn clock(&self) -> Clock {
        self.clock
    }

    #[inline]
    fn set_clock(&mut self, clock: Clock) {
        self.clock = clock;
    }

    fn account(&self, key: &Pubkey) -> Option<&Account> {
        self.at(&(*key).into())
    }

    fn set_account(&mut self, key: Pubkey, account: Account) {
        self.put(&key.into(), account);
    }

    fn locate(&mut self, key: Pubkey) -> Address {
        let number = self.find_or_open(&key.into()) as u32;
        Address { key, number }
    }

    #[inline]
    fn at(&self, address: &Address) -> Option<&Account> {
        match &self.entries[self.find(address)?].account {
            Account::Absent => None,
            account => Some(account),
        }
    }

    #[inline]
    fn put(&mut self, address: &Address, account: Account) {
        let number = self.find_or_open(address);
        self.entries[number].account = account;
    }

    #[inline]
    fn publish(&mut self, address: &Address, feed: &PriceFeed) {
        let number = self.find_or_open(address);
        match &mut self.entries[number].account {
            Account::Oracle(shown, tail) if tail.is_empty() => **shown = *feed,
            account => *account = Account::Oracle(Box::new(*feed), Box::default()),
        }
    }

    fn execute(&mut self, call: &Call) -> Result {
        let mut slots = std::mem::take(&mut self.slots);
        slots.clear();
        for meta in &call.accounts {
            let address = Address {
                key: meta.key,
                number: meta.number,
            };
            let entry = self.find_or_open(&address);
            slots.add(entry, meta);
        }
        let mut frame = Frame::new(self.clock, self.switches, &mut self.entries, &slots.list)
            .journaled(&mut self.journal);
        let outcome = engine::execute(&mut frame, &call.instruction);
        match outcome {
            Ok(()) => {
                self.effects.add(frame.effects);
                self.journal.clear();
            }
            Err(_) => self.journal.restore(&mut self.entries),
        }
        self.slots = slots;
        outcome
    }
}

/// Executes `instruction` over `metas` and the `accounts` that belong to them, in their order; on failure `accounts`
/// are as they were.
pub fn run_atomic(
    clock: Clock,
    switches: Switches,
    instruction: &Instruction,
    metas: &[AccountMeta],
    accounts: &mut [Account],
) -> Result {
    let mut entries: Vec<Entry> = Vec::with_capacity(metas.len());
    let mut slots = Slots::default();
    for (meta, account) in metas.iter().zip(accounts.iter()) {
        let known = entries.iter().position(|entry| entry.key == meta.key);
        let place = known.unwrap_or(entries.len());
        let entry = Entry {
            key: meta.key,
            account: account.clone(),
        };
        match entries.get_mut(place) {
            Some(known) => *known = entry,
            None => entries.push(entry),
        }
        slots.add(place, meta);
    }
    engine::execute(
        &mut Frame::new(clock, switches, &mut entries, &slots.list),
        instruction,
    )?;
    for (slot, account) in slots.list.iter().zip(accounts) {
        account.clone_from(&entries[slot.entry].account);
    }
    Ok(())
}

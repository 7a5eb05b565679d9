//! The engine's ledger: accounts in a hash map, instructions applied in place and undone when they fail.

use super::Ledger;
use crate::accounts::{Account, Pubkey};
use crate::clock::Clock;
use crate::engine::{self, Effects, Frame, Slot, Switches};
use crate::error::Result;
use crate::instruction::{AccountMeta, Call, Instruction};
use std::collections::HashMap;

/// Accounts in memory under the engine's rules.
#[derive(Debug, Default)]
pub struct MemoryLedger {
    clock: Clock,
    switches: Switches,
    effects: Effects,
    homes: HashMap<Pubkey, usize, foldhash::fast::FixedState>,
    accounts: Vec<Account>,
    // What a call needs while it runs, kept so that its memory is allocated once.
    slots: Vec<Slot>,
    places: Vec<usize>,
    slot_homes: Vec<usize>,
    undo: Vec<Account>,
}

impl MemoryLedger {
    /// An empty ledger under `switches`.
    pub fn new(switches: Switches) -> Self {
        Self {
            switches,
            ..Self::default()
        }
    }

    /// Every account with its address, in no particular order.
    pub fn accounts(&self) -> impl Iterator<Item = (&Pubkey, &Account)> {
        self.homes.iter().map(|(key, home)| (key, &self.accounts[*home]))
    }

    /// What all instructions so far did besides changing accounts.
    pub fn effects(&self) -> Effects {
        self.effects
    }

    fn home(&mut self, key: Pubkey) -> usize {
        *self.homes.entry(key).or_insert_with(|| {
            self.accounts.push(Account::Absent);
            self.accounts.len() - 1
        })
    }
}

/// Turns an account list into slots, one an address with the rights of all its mentions, and their places.
fn arrange(metas: &[AccountMeta], slots: &mut Vec<Slot>, places: &mut Vec<usize>) {
    for meta in metas {
        let place = match slots.iter_mut().position(|slot| slot.key == meta.key) {
            Some(place) => {
                slots[place].signer |= meta.signer;
                slots[place].writable |= meta.writable;
                place
            }
            None => {
                let AccountMeta {
                    key,
                    signer,
                    writable,
                } = *meta;
                slots.push(Slot {
                    key,
                    signer,
                    writable,
                    account: Account::Absent,
                });
                slots.len() - 1
            }
        };
        places.push(place);
    }
}

impl Ledger for MemoryLedger {
    fn clock(&self) -> Clock {
        self.clock
    }

    fn set_clock(&mut self, clock: Clock) {
        self.clock = clock;
    }

    fn account(&self, key: &Pubkey) -> Option<&Account> {
        let account = &self.accounts[*self.homes.get(key)?];
        (*account != Account::Absent).then_some(account)
    }

    fn set_account(&mut self, key: Pubkey, account: Account) {
        let home = self.home(key);
        self.accounts[home] = account;
    }

    fn execute(&mut self, call: &Call) -> Result {
        let (mut slots, mut places) = (std::mem::take(&mut self.slots), std::mem::take(&mut self.places));
        slots.clear();
        places.clear();
        arrange(&call.accounts, &mut slots, &mut places);
        self.slot_homes.clear();
        for slot in &mut slots {
            let home = self.home(slot.key);
            slot.account = std::mem::take(&mut self.accounts[home]);
            self.slot_homes.push(home);
        }
        let mut frame = Frame::new(self.clock, self.switches, &mut slots, &places);
        frame.remember(&mut self.undo);
        let outcome = engine::execute(&mut frame, &call.instruction);
        match outcome {
            Ok(()) => self.effects.add(frame.effects),
            Err(_) => frame.restore(&mut self.undo),
        }
        for (slot, home) in slots.iter_mut().zip(&self.slot_homes) {
            self.accounts[*home] = std::mem::take(&mut slot.account);
        }
        (self.slots, self.places) = (slots, places);
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
    let (mut slots, mut places) = (Vec::new(), Vec::new());
    arrange(metas, &mut slots, &mut places);
    for (place, account) in places.iter().zip(accounts.iter()) {
        slots[*place].account = account.clone();
    }
    engine::execute(&mut Frame::new(clock, switches, &mut slots, &places), instruction)?;
    for (place, account) in places.iter().zip(accounts) {
        account.clone_from(&slots[*place].account);
    }
    Ok(())
}

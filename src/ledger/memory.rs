//! The engine's ledger: accounts in a hash map, instructions applied in place and undone when they fail.

use super::Ledger;
use crate::drift::accounts::{Account, Pubkey};
use crate::drift::clock::Clock;
use crate::drift::engine::{self, Frame, Slot, Switches};
use crate::drift::error::Result;
use crate::drift::instruction::{AccountMeta, Call, Instruction};
use std::collections::HashMap;

/// Accounts in memory under the engine's rules.
#[derive(Debug, Default)]
pub struct MemoryLedger {
    clock: Clock,
    switches: Switches,
    accounts: HashMap<Pubkey, Account, foldhash::fast::FixedState>,
    slots: Vec<Slot>,
    places: Vec<usize>,
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
        self.accounts.iter()
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
        self.accounts.get(key)
    }

    fn set_account(&mut self, key: Pubkey, account: Account) {
        self.accounts.insert(key, account);
    }

    fn execute(&mut self, call: &Call) -> Result {
        let Self {
            accounts,
            slots,
            places,
            undo,
            ..
        } = self;
        slots.clear();
        places.clear();
        arrange(&call.accounts, slots, places);
        for slot in slots.iter_mut() {
            if let Some(account) = accounts.get_mut(&slot.key) {
                slot.account = std::mem::take(account);
            }
        }
        let mut frame = Frame::new(self.clock, self.switches, slots, places);
        let outcome = run_undoable(&mut frame, &call.instruction, undo);
        for slot in slots.drain(..) {
            if slot.account != Account::Absent {
                accounts.insert(slot.key, slot.account);
            }
        }
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

fn run_undoable(frame: &mut Frame, instruction: &Instruction, undo: &mut Vec<Account>) -> Result {
    frame.remember(undo);
    let outcome = engine::execute(frame, instruction);
    if outcome.is_err() {
        frame.restore(undo);
    }
    outcome
}

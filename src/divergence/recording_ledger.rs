//! A ledger that writes down what happens in it, step by step.

use super::{Names, Refusal, Step, Write};
use crate::contents::Observed;
use drift::accounts::{Account, Pubkey};
use drift::error::ErrorCode;
use drift::instruction::Call;
use drift::ledger::Ledger;
use serde_json::Value;
use std::sync::Arc;

/// Watches `ledger` during one event.
pub struct RecordingLedger<'a, L> {
    ledger: &'a mut L,
    names: &'a mut Names,
    event: Option<usize>,
    event_name: &'static str,
    /// Accounts written from outside since the last instruction.
    outside: Vec<Write>,
    steps: Vec<Step>,
}

impl<'a, L: Observed> RecordingLedger<'a, L> {
    /// Watches event number `event`, called `event_name`; `None` and [`Step::OPENING`] while the exchange is opened.
    pub fn new(
        ledger: &'a mut L,
        names: &'a mut Names,
        event: Option<usize>,
        event_name: &'static str,
    ) -> Self {
        Self {
            ledger,
            names,
            event,
            event_name,
            outside: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// What happened.
    pub fn finish(mut self) -> Vec<Step> {
        self.flush(None);
        self.steps
    }

    /// Makes a step of what was written from outside, before the instruction `next` if there is one.
    fn flush(&mut self, next: Option<&Call>) {
        if self.outside.is_empty() {
            return;
        }
        let writes = std::mem::take(&mut self.outside);
        let mut accounts: Vec<Arc<str>> = writes.iter().map(|write| Arc::clone(&write.account)).collect();
        // What is written after an instruction of the same event may be made of what that one left, such as an oracle
        // that follows the trade; and what a wallet is given of what the instruction is about, such as a debt.
        let read = self.steps.last().map_or(&[][..], |step| &step.accounts);
        accounts.extend(read.iter().cloned());
        let of_tokens = |write: &Write| {
            ["wallet_", "treasury_"]
                .iter()
                .any(|kind| write.account.starts_with(kind))
        };
        if let Some(next) = next.filter(|_| writes.iter().any(of_tokens)) {
            accounts.extend(next.accounts.iter().map(|meta| self.names.of(&meta.key)));
        }
        let step = self.step(Step::OUTSIDE, Value::Null);
        self.steps.push(Step {
            accounts,
            writes,
            ..step
        });
    }

    fn step(&self, instruction: &'static str, arguments: Value) -> Step {
        Step {
            event: self.event,
            event_name: self.event_name,
            instruction,
            arguments,
            clock: self.ledger.clock(),
            outcome: Ok(()),
            compute_units: None,
            accounts: Vec::new(),
            writes: Vec::new(),
        }
    }
}

impl<L: Observed> Ledger for RecordingLedger<'_, L> {
    drift::forward! { self => self.ledger; clock, set_clock, account, open_wallet }

    fn set_account(&mut self, key: Pubkey, account: Account) {
        let changes = account != Account::Opaque && self.ledger.account(&key) != Some(&account);
        self.ledger.set_account(key, account);
        if changes {
            let account = self.names.of(&key);
            self.outside.push(Write {
                account,
                contents: self.ledger.contents(&key),
            });
        }
    }

    fn execute(&mut self, call: &Call) -> Result<(), ErrorCode> {
        self.flush(Some(call));
        let mut step = self.step(call.instruction.name(), call.instruction.arguments());
        let mut before: Vec<(Pubkey, Option<Account>)> = Vec::new();
        for (place, meta) in call.accounts.iter().enumerate() {
            let account = self.ledger.account(&meta.key);
            let repeated = call.accounts[..place].iter().any(|other| other.key == meta.key);
            // Wallets and programs are never looked into.
            if account == Some(&Account::Opaque) {
                continue;
            }
            if meta.writable && !before.iter().any(|(key, _)| *key == meta.key) {
                before.push((meta.key, account.cloned()));
            }
            if !repeated {
                step.accounts.push(self.names.of(&meta.key));
            }
        }
        let outcome = self.ledger.execute(call);
        let (compute_units, log) = self.ledger.last_receipt();
        step.compute_units = compute_units;
        step.outcome = outcome.map_err(|code| Refusal { code, log });
        for (key, old) in before {
            if self.ledger.account(&key) != old.as_ref() {
                let account = self.names.of(&key);
                step.writes.push(Write {
                    account,
                    contents: self.ledger.contents(&key),
                });
            }
        }
        self.steps.push(step);
        outcome
    }
}

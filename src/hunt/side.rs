//! The two that are compared: the engine, or a program in a bank.

use crate::backtest::ProgramUnderTest;
use crate::bank::BankLedger;
use drift::accounts::{Account, Pubkey};
use drift::clock::Clock;
use drift::engine::Switches;
use drift::error::Result;
use drift::instruction::{Address, Call};
use drift::ledger::{Ledger, MemoryLedger};

/// What runs on one side.
#[derive(Clone, Debug)]
// Two live at a time.
#[allow(clippy::large_enum_variant)]
pub enum Runs {
    /// The engine, under its switches.
    Engine(Switches),
    /// A program.
    Program(ProgramUnderTest),
}

/// One side of a session.
// Two live at a time.
#[allow(clippy::large_enum_variant)]
pub(super) enum Side {
    Engine(MemoryLedger),
    Bank(BankLedger),
}

impl Runs {
    /// A side on which nothing has happened.
    pub(super) fn start(&self) -> Side {
        match self {
            Runs::Engine(switches) => Side::Engine(MemoryLedger::new(*switches)),
            Runs::Program(program) => Side::Bank(program.bank()),
        }
    }

    /// The name in reports.
    pub(super) fn name(&self) -> String {
        match self {
            Runs::Engine(_) => "engine".to_owned(),
            Runs::Program(program) => program.side().name,
        }
    }
}

macro_rules! on_either {
    ($side:expr, $ledger:ident => $body:expr) => {
        match $side {
            Side::Engine($ledger) => $body,
            Side::Bank($ledger) => $body,
        }
    };
}

impl Ledger for Side {
    fn clock(&self) -> Clock {
        on_either!(self, ledger => ledger.clock())
    }

    fn set_clock(&mut self, clock: Clock) {
        on_either!(self, ledger => ledger.set_clock(clock))
    }

    fn account(&self, key: &Pubkey) -> Option<&Account> {
        on_either!(self, ledger => ledger.account(key))
    }

    fn set_account(&mut self, key: Pubkey, account: Account) {
        on_either!(self, ledger => ledger.set_account(key, account))
    }

    fn locate(&mut self, key: Pubkey) -> Address {
        on_either!(self, ledger => ledger.locate(key))
    }

    fn open_wallet(&mut self, key: Pubkey) {
        on_either!(self, ledger => ledger.open_wallet(key))
    }

    fn execute(&mut self, call: &Call) -> Result {
        match self {
            Side::Engine(ledger) => ledger.execute(call),
            Side::Bank(ledger) => {
                let outcome = ledger.execute(call);
                // Nobody reads them, and they add up.
                ledger.take_receipts();
                outcome
            }
        }
    }
}

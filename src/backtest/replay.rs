//! Events, one by one, on a program and on the engine.

use crate::bank::{BankLedger, Deployed, Receipt};
use crate::divergence::differences;
use crate::drift::engine::Switches;
use crate::event::Event;
use crate::ledger::MemoryLedger;
use crate::verify::Difference;
use crate::world::{Executed, Genesis, GenesisError, LowerError, World};

/// Why a replay cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The program refuses the markets.
    #[error("on the program, {0}")]
    Program(GenesisError),
    /// The engine refuses the markets.
    #[error("in the engine, {0}")]
    Engine(GenesisError),
    /// An event that cannot be carried out.
    #[error(transparent)]
    Event(#[from] LowerError),
}

/// What one event did.
#[derive(Clone, Debug)]
pub struct Happened {
    /// Its instructions, as the program took them.
    pub executed: Vec<Executed>,
    /// What the runtime says of each.
    pub receipts: Vec<Receipt>,
}

/// The first moment at which the two sides differ.
#[derive(Clone, Debug)]
pub struct Divergence {
    /// How many events came before; `None` when the exchange was opened.
    pub event: Option<usize>,
    /// What differs: outcomes, then fields.
    pub differences: Vec<Difference>,
}

/// An experiment under way on both sides. Each side lowers every event from its own accounts.
pub struct Replay {
    bank: BankLedger,
    bank_world: World,
    engine: MemoryLedger,
    engine_world: World,
    opening: Vec<Receipt>,
    events: usize,
    divergence: Option<Divergence>,
}

impl Replay {
    /// Opens the exchange on `program`, which always follows the deployed rules, and in the engine under `switches`.
    ///
    /// # Errors
    /// [`ReplayError::Program`] and [`ReplayError::Engine`].
    pub fn open(genesis: &Genesis, program: &Deployed, switches: Switches) -> Result<Self, ReplayError> {
        let mut bank = BankLedger::new(program);
        let bank_world = genesis.open(&mut bank).map_err(ReplayError::Program)?;
        let opening = bank.take_receipts();
        let mut engine = MemoryLedger::new(switches);
        let engine_world = genesis.open(&mut engine).map_err(ReplayError::Engine)?;
        let mut replay = Self {
            bank,
            bank_world,
            engine,
            engine_world,
            opening,
            events: 0,
            divergence: None,
        };
        replay.compare(None, Vec::new());
        Ok(replay)
    }

    /// Carries out `event` on both sides and, as long as they were equal, compares every account.
    ///
    /// # Errors
    /// [`ReplayError::Event`].
    pub fn step(&mut self, event: &Event) -> Result<Happened, ReplayError> {
        let place = self.events;
        self.events += 1;
        let result = self.bank_world.apply(&mut self.bank, event);
        let receipts = self.bank.take_receipts();
        let engine = self.engine_world.apply(&mut self.engine, event);
        let executed = result?;
        let engine = engine?;
        let number =
            |done: Option<&Executed>| done.and_then(|done| done.outcome.err()).map(|code| code.number());
        let outcomes = (0..executed.len().max(engine.len()))
            .map(|at| (number(executed.get(at)), number(engine.get(at))))
            .filter(|(expected, actual)| expected != actual)
            .map(|(expected, actual)| Difference::Outcome { expected, actual })
            .collect();
        self.compare(Some(place), outcomes);
        Ok(Happened { executed, receipts })
    }

    fn compare(&mut self, event: Option<usize>, mut found: Vec<Difference>) {
        if self.divergence.is_some() {
            return;
        }
        found.extend(differences(self.bank.accounts(), self.engine.accounts()));
        if !found.is_empty() {
            self.divergence = Some(Divergence {
                event,
                differences: found,
            });
        }
    }

    /// What the runtime says of the instructions that opened the exchange.
    pub fn opening(&self) -> &[Receipt] {
        &self.opening
    }

    /// The first moment at which the sides differed; `None` while they are equal.
    pub fn divergence(&self) -> Option<&Divergence> {
        self.divergence.as_ref()
    }

    /// The program's accounts.
    pub fn bank(&self) -> &BankLedger {
        &self.bank
    }

    /// Where the accounts are.
    pub fn world(&self) -> &World {
        &self.bank_world
    }
}

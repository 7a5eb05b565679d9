//! Events, one by one, on a program and on the engine.

use super::ProgramUnderTest;
use super::invariant_watch::{Found, InvariantWatch};
use super::timelines::Timelines;
use crate::bank::{BankLedger, Receipt};
use crate::divergence::{Compared, Comparison, Context, OpenError, Step, Timeline, Watched};
use crate::event::Event;
use crate::world::{Executed, Genesis, LowerError, World};
use drift::engine::{BeforeTrade, Switches};
use drift::ledger::MemoryLedger;

/// Why a replay cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The program refuses the markets.
    #[error("on the program, {0}")]
    Program(OpenError),
    /// The engine refuses the markets.
    #[error("in the engine, {0}")]
    Engine(OpenError),
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
    /// Why one side, which is named, could not carry it out where the other could: what they did is compared like
    /// anything else.
    pub unable: Option<(&'static str, LowerError)>,
}

/// An experiment under way on both sides. Each side lowers every event from its own accounts.
pub struct Replay {
    bank: Watched<BankLedger>,
    engine: Watched<MemoryLedger>,
    opening: Vec<Receipt>,
    opening_steps: Vec<Step>,
    comparison: Comparison,
    timelines: Timelines,
    invariants: Option<InvariantWatch>,
    /// When the last event was: seconds from the start.
    last_second: i64,
}

impl Replay {
    /// Opens the exchange on `program_under_test`, which always follows the deployed rules, and in the engine under `switches`.
    ///
    /// # Errors
    /// [`ReplayError::Program`] and [`ReplayError::Engine`].
    pub fn open(
        genesis: &Genesis,
        program_under_test: &ProgramUnderTest,
        switches: Switches,
    ) -> Result<Self, ReplayError> {
        let (mut bank, program_steps) =
            Watched::open(genesis, program_under_test.bank()).map_err(ReplayError::Program)?;
        let opening = bank.ledger_mut().take_receipts();
        let (engine, engine_steps) =
            Watched::open(genesis, MemoryLedger::new(switches)).map_err(ReplayError::Engine)?;
        let switch = switches.before_trade != BeforeTrade::Deployed;
        let mut comparison = Comparison::new(Context { switch });
        comparison.event(&engine_steps, &program_steps);
        Ok(Self {
            bank,
            engine,
            opening,
            opening_steps: program_steps,
            comparison,
            timelines: Timelines::new(genesis.perps.len() as u16),
            invariants: None,
            last_second: 0,
        })
    }

    /// Has every event looked at for whether its accounts add up, on both sides.
    pub fn watch_invariants(&mut self) {
        self.invariants = Some(InvariantWatch::default());
    }

    /// What ceased to hold, after which event and on which side.
    pub(super) fn take_broken(&mut self) -> Found {
        self.invariants
            .take()
            .map(InvariantWatch::finish)
            .unwrap_or_default()
    }

    /// Carries out `event` on both sides and compares what it did.
    ///
    /// # Errors
    /// [`ReplayError::Event`].
    pub fn step(&mut self, event: &Event) -> Result<Happened, ReplayError> {
        let place = self.bank.events();
        let (executed, program_steps) = self.bank.step(event);
        let receipts = self.bank.ledger_mut().take_receipts();
        let (engine, engine_steps) = self.engine.step(event);
        self.comparison.event(&engine_steps, &program_steps);
        let right = (!self.comparison.equal_so_far()).then(|| self.bank.side());
        self.timelines.after(event, self.engine.side(), right);
        if let Some(watch) = &mut self.invariants {
            watch.meet(event.kind.user());
            let (world, ledger) = self.engine.side();
            watch.look(place, "engine", world, ledger);
            // While both are the same, one look is for both.
            if let Some((world, ledger)) = right {
                watch.look(place, "program", world, ledger);
            }
        }
        self.last_second = event.timestamp;
        let (executed, unable) = match (executed, engine) {
            (Err(error), Err(_)) => return Err(error.into()),
            (Err(error), Ok(_)) => (Vec::new(), Some(("program", error))),
            (Ok(executed), Err(error)) => (executed, Some(("engine", error))),
            (Ok(executed), Ok(_)) => (executed, None),
        };
        Ok(Happened {
            executed,
            receipts,
            unable,
        })
    }

    /// What was compared so far and what differs, the engine on the left; the comparison starts anew after this.
    pub fn take_compared(&mut self) -> Compared {
        std::mem::take(&mut self.comparison).finish()
    }

    /// How markets and users fared so far; they are not followed any more after this.
    pub fn take_timelines(&mut self) -> Vec<Timeline> {
        let mut timelines = std::mem::take(&mut self.timelines);
        timelines.end(self.last_second, self.engine.side(), self.bank.side());
        timelines.finish()
    }

    /// What the runtime says of the instructions that opened the exchange.
    pub fn opening(&self) -> &[Receipt] {
        &self.opening
    }

    /// What the program did when the exchange was opened.
    pub fn opening_steps(&self) -> &[Step] {
        &self.opening_steps
    }

    /// Whether nothing has differed so far, but for what only one side's layout has.
    pub fn equal_so_far(&self) -> bool {
        self.comparison.equal_so_far()
    }

    /// The engine's accounts.
    pub fn engine(&self) -> &MemoryLedger {
        self.engine.ledger()
    }

    /// The program's accounts.
    pub fn bank(&self) -> &BankLedger {
        self.bank.ledger()
    }

    /// Where the accounts are.
    pub fn world(&self) -> &World {
        self.bank.world()
    }
}

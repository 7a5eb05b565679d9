//! Events, one by one, on a program and on the engine.

use super::Opponent;
use super::course::Course;
use crate::bank::{BankLedger, Receipt};
use crate::divergence::{Compared, Comparison, Context, OpenError, Step, Timeline, Watched, differences};
use crate::drift::engine::{BeforeTrade, Switches};
use crate::event::Event;
use crate::ledger::MemoryLedger;
use crate::verify::Difference;
use crate::world::{Executed, Genesis, LowerError, World};

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
    /// The engine's steps.
    pub engine_steps: Vec<Step>,
    /// The program's steps.
    pub program_steps: Vec<Step>,
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
    bank: Watched<BankLedger>,
    engine: Watched<MemoryLedger>,
    opening: Vec<Receipt>,
    opening_steps: Vec<Step>,
    comparison: Comparison,
    course: Course,
    /// When the last event was: seconds from the start.
    last_second: i64,
    divergence: Option<Divergence>,
}

impl Replay {
    /// Opens the exchange on `opponent`, which always follows the deployed rules, and in the engine under `switches`.
    ///
    /// # Errors
    /// [`ReplayError::Program`] and [`ReplayError::Engine`].
    pub fn open(genesis: &Genesis, opponent: &Opponent, switches: Switches) -> Result<Self, ReplayError> {
        let (mut bank, program_steps) =
            Watched::open(genesis, opponent.bank()).map_err(ReplayError::Program)?;
        let opening = bank.ledger_mut().take_receipts();
        let (engine, engine_steps) =
            Watched::open(genesis, MemoryLedger::new(switches)).map_err(ReplayError::Engine)?;
        let switch = switches.before_trade != BeforeTrade::Deployed;
        let mut comparison = Comparison::new(Context { switch });
        comparison.event(&engine_steps, &program_steps);
        let mut replay = Self {
            bank,
            engine,
            opening,
            opening_steps: program_steps,
            comparison,
            course: Course::new(genesis.perps.len() as u16),
            last_second: 0,
            divergence: None,
        };
        replay.compare(None, Vec::new());
        Ok(replay)
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
        self.course.after(event, self.engine.side(), self.bank.side());
        self.last_second = event.timestamp;
        let executed = executed?;
        let engine = engine?;
        let number =
            |done: Option<&Executed>| done.and_then(|done| done.outcome.err()).map(|code| code.number());
        let outcomes = (0..executed.len().max(engine.len()))
            .map(|at| (number(executed.get(at)), number(engine.get(at))))
            .filter(|(expected, actual)| expected != actual)
            .map(|(expected, actual)| Difference::Outcome { expected, actual })
            .collect();
        self.compare(Some(place), outcomes);
        Ok(Happened {
            executed,
            receipts,
            engine_steps,
            program_steps,
        })
    }

    /// What was compared so far and what differs, the engine on the left; the comparison starts anew after this.
    pub fn take_compared(&mut self) -> Compared {
        std::mem::take(&mut self.comparison).finish()
    }

    /// How markets and users fared so far; they are not followed any more after this.
    pub fn take_timelines(&mut self) -> Vec<Timeline> {
        let mut course = std::mem::take(&mut self.course);
        course.end(self.last_second, self.engine.side(), self.bank.side());
        course.finish()
    }

    fn compare(&mut self, event: Option<usize>, mut found: Vec<Difference>) {
        if self.divergence.is_some() {
            return;
        }
        found.extend(differences(
            self.bank.ledger().accounts(),
            self.engine.ledger().accounts(),
        ));
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

    /// What the program did when the exchange was opened.
    pub fn opening_steps(&self) -> &[Step] {
        &self.opening_steps
    }

    /// The first moment at which the sides differed; `None` while they are equal.
    pub fn divergence(&self) -> Option<&Divergence> {
        self.divergence.as_ref()
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

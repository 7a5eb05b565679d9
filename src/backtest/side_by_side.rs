//! The same events on two programs, each spoken to by its own interface.

use super::balance_sheet::{BalanceSheet, balance_sheets};
use super::invariant_watch::{Found, InvariantWatch};
use super::timelines::Timelines;
use super::{ProgramUnderTest, ReplayError};
use crate::bank::BankLedger;
use crate::divergence::{Compared, Comparison, Context, Step, Timeline, Watched};
use crate::ending::{self, Cast, Side};
use crate::event::Event;
use crate::trial::InterestDust;
use crate::world::{Genesis, LowerError, World};
use drift::error::ErrorCode;
use std::convert::Infallible;

/// What a replay on two programs came to.
#[derive(Clone, Debug)]
pub struct SideBySide {
    /// What was compared, and what differs.
    pub compared: Compared,
    /// How markets and users fared on both programs.
    pub timelines: Vec<Timeline>,
    /// Events that a side could not carry out: the event's number, the side, and why.
    pub skipped: Vec<(usize, &'static str, LowerError)>,
    /// Where the tokens are on the right side, by spot market.
    pub sheets: Vec<BalanceSheet>,
    /// What ceased to add up on the way, after which event and on which side.
    pub broken: Vec<String>,
    /// Counts that are off, with the program's own fault as a rule.
    pub miscounted: Vec<String>,
    /// Whether every token is accounted for, on both sides.
    pub accounted: bool,
}

/// Carries out `events` on both programs, the exchange being opened on each by its own instructions, and if `end` gets
/// everybody out after them, as the left side's accounts ask for. What one side cannot carry out is skipped there, and
/// found as instructions that only the other executed.
///
/// # Errors
/// [`ReplayError::Program`] where one of them refuses the markets.
pub fn side_by_side(
    genesis: &Genesis,
    events: &[Event],
    end: bool,
    left: &ProgramUnderTest,
    right: &ProgramUnderTest,
) -> Result<SideBySide, ReplayError> {
    let open = |program_under_test: &ProgramUnderTest| {
        Watched::open(genesis, program_under_test.bank()).map_err(ReplayError::Program)
    };
    let (left, left_steps) = open(left)?;
    let (right, right_steps) = open(right)?;
    let mut replay = BothReplays {
        left: SideReplay::new(left),
        right: SideReplay::new(right),
        comparison: Comparison::new(Context::default()),
        timelines: Timelines::new(genesis.perps.len() as u16),
        invariants: InvariantWatch::default(),
        skipped: Vec::new(),
        cast: Cast::default(),
        second: 0,
    };
    replay.comparison.event(&left_steps, &right_steps);
    for event in events {
        replay.carry_out(event);
    }
    let mut cast = std::mem::take(&mut replay.cast);
    if end {
        let last = events
            .iter()
            .map(|event| event.timestamp)
            .max()
            .unwrap_or_default();
        let carry_out = |replay: &mut BothReplays, event: &Event| -> Result<(), Infallible> {
            replay.carry_out(event);
            Ok(())
        };
        // Nothing ends it early.
        let Ok(_) = ending::end(&mut replay, &mut cast, last, carry_out);
    }
    Ok(replay.finish(&cast.users))
}

/// A program in the replay.
struct SideReplay {
    watched: Watched<BankLedger>,
    /// What interest leaves in its vaults; an error once that cannot be told.
    dust: Result<InterestDust, ErrorCode>,
    instructions: u64,
}

impl SideReplay {
    fn new(watched: Watched<BankLedger>) -> Self {
        Self {
            watched,
            dust: Ok(InterestDust::default()),
            instructions: 0,
        }
    }

    fn step(&mut self, event: &Event) -> (Option<LowerError>, Vec<Step>) {
        if let Ok(dust) = &mut self.dust {
            dust.before(self.watched.world(), self.watched.ledger());
        }
        let (done, steps) = self.watched.step(event);
        self.watched.ledger_mut().take_receipts();
        if let Ok(dust) = &mut self.dust
            && let Err(code) = dust.after(
                done.as_deref().unwrap_or_default(),
                self.watched.world(),
                self.watched.ledger(),
            )
        {
            self.dust = Err(code);
        }
        self.instructions += done.as_ref().map_or(0, |done| done.len() as u64);
        (done.err(), steps)
    }

    /// Where the tokens are, and whether all are accounted for; no sheets where the balances do not fit the program's
    /// integers.
    fn sheets(&self, users: &[u32]) -> (Vec<BalanceSheet>, bool) {
        let Ok(dust) = &self.dust else {
            return (Vec::new(), false);
        };
        let sheets = balance_sheets(self.watched.world(), self.watched.ledger(), users, dust);
        sheets.map_or((Vec::new(), false), |(sheets, books)| {
            let accounted = sheets.iter().all(BalanceSheet::closes) && books.holds(self.instructions);
            (sheets, accounted)
        })
    }
}

/// Both under way.
struct BothReplays {
    left: SideReplay,
    right: SideReplay,
    comparison: Comparison,
    timelines: Timelines,
    invariants: InvariantWatch,
    skipped: Vec<(usize, &'static str, LowerError)>,
    cast: Cast,
    /// When the last event was.
    second: i64,
}

impl BothReplays {
    fn carry_out(&mut self, event: &Event) {
        let place = self.left.watched.events();
        let (left_unable, left_steps) = self.left.step(event);
        let (right_unable, right_steps) = self.right.step(event);
        self.comparison.event(&left_steps, &right_steps);
        let right = (!self.comparison.equal_so_far()).then(|| self.right.watched.side());
        self.timelines.after(event, self.left.watched.side(), right);
        self.invariants.meet(event.kind.user());
        let (world, ledger) = self.left.watched.side();
        self.invariants.look(place, "left", world, ledger);
        // While both are the same, one look is for both.
        if let Some((world, ledger)) = right {
            self.invariants.look(place, "right", world, ledger);
        }
        self.second = event.timestamp;
        if left_unable.is_none() || right_unable.is_none() {
            self.cast.note(&event.kind);
        }
        for (side, unable) in [("left", left_unable), ("right", right_unable)] {
            self.skipped.extend(unable.map(|error| (place, side, error)));
        }
    }

    fn finish(mut self, users: &[u32]) -> SideBySide {
        self.timelines
            .end(self.second, self.left.watched.side(), self.right.watched.side());
        let (_, left) = self.left.sheets(users);
        let (sheets, right) = self.right.sheets(users);
        let Found { broken, miscounted } = self.invariants.finish();
        SideBySide {
            compared: self.comparison.finish(),
            timelines: self.timelines.finish(),
            skipped: self.skipped,
            sheets,
            accounted: left && right && broken.is_empty(),
            broken,
            miscounted,
        }
    }
}

impl Side for BothReplays {
    type Ledger = BankLedger;

    fn side(&self) -> (&World, &BankLedger) {
        self.left.watched.side()
    }
}

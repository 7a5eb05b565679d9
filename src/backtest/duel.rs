//! The same events on two programs, each spoken to by its own interface.

use super::course::Course;
use super::{Opponent, ReplayError};
use crate::divergence::{Compared, Comparison, Context, Timeline, Watched};
use crate::event::Event;
use crate::world::{Genesis, LowerError};

/// What a duel came to.
#[derive(Clone, Debug)]
pub struct Duel {
    /// What was compared, and what differs.
    pub compared: Compared,
    /// How markets and users fared on both programs.
    pub timelines: Vec<Timeline>,
    /// Events that a side could not carry out: the event's number, the side, and why.
    pub skipped: Vec<(usize, &'static str, LowerError)>,
}

/// Carries out `events` on both programs, the exchange being opened on each by its own instructions. What one side cannot
/// carry out is skipped there, and found as instructions that only the other executed.
///
/// # Errors
/// [`ReplayError::Program`] where one of them refuses the markets.
pub fn duel(
    genesis: &Genesis,
    events: &[Event],
    left: &Opponent,
    right: &Opponent,
) -> Result<Duel, ReplayError> {
    let open = |opponent: &Opponent| Watched::open(genesis, opponent.bank()).map_err(ReplayError::Program);
    let (mut left, left_steps) = open(left)?;
    let (mut right, right_steps) = open(right)?;
    let mut comparison = Comparison::new(Context::default());
    let mut course = Course::new(genesis.perps.len() as u16);
    comparison.event(&left_steps, &right_steps);
    let mut skipped = Vec::new();
    for (place, event) in events.iter().enumerate() {
        let (left_done, left_steps) = left.step(event);
        let (right_done, right_steps) = right.step(event);
        for side in [&mut left, &mut right] {
            side.ledger_mut().take_receipts();
        }
        comparison.event(&left_steps, &right_steps);
        course.after(event, left.side(), right.side());
        for (side, done) in [("left", left_done), ("right", right_done)] {
            skipped.extend(done.err().map(|error| (place, side, error)));
        }
    }
    let last = events.last().map_or(0, |event| event.timestamp);
    course.end(last, left.side(), right.side());
    Ok(Duel {
        compared: comparison.finish(),
        timelines: course.finish(),
        skipped,
    })
}

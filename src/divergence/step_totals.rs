//! What a comparison keeps of its steps besides what differs in them.

use super::{ComputeUnits, Counts, Finding, Refused, RefusedStep, Step};
use std::collections::BTreeMap;

/// Most refused instructions that are kept whole; all are counted.
const REFUSED_KEPT: usize = 200;

/// What a comparison answers.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// What was compared.
    pub counts: Counts,
    /// Every difference with its cause, in the order of appearance.
    pub findings: Vec<Finding>,
    /// The first instructions that a side refused, in order.
    pub refused: Vec<RefusedStep>,
    /// Compute units by instruction, on the sides that count them.
    pub compute_units: Vec<ComputeUnits>,
}

/// Both sides' steps, counted.
#[derive(Debug, Default)]
pub(super) struct StepTotals {
    pub counts: Counts,
    last_event: Option<usize>,
    refused: Vec<RefusedStep>,
    /// By side and instruction: compute units, and how many instructions spent just so many.
    spent: BTreeMap<(&'static str, &'static str), BTreeMap<u64, u64>>,
}

impl StepTotals {
    /// Takes in a step of both sides, or of one.
    pub fn pair(&mut self, left: Option<&Step>, right: Option<&Step>) {
        let Some(either) = left.or(right) else { return };
        let counts = &mut self.counts;
        if either.event.is_some() && either.event != self.last_event {
            counts.events += 1;
            self.last_event = either.event;
        }
        if either.instruction == Step::OUTSIDE {
            return;
        }
        counts.instructions += 1;
        for (name, step, side) in [
            ("left", left, &mut counts.left),
            ("right", right, &mut counts.right),
        ] {
            let Some(step) = step else { continue };
            side.entry(step.instruction.to_owned()).or_default().count(step);
            if let Some(units) = step.compute_units {
                let spent = self.spent.entry((name, step.instruction)).or_default();
                *spent.entry(units).or_default() += 1;
            }
        }
        let [left, right] = [left, right].map(|step| {
            let refusal = step.and_then(|step| step.outcome.as_ref().err());
            refusal.map(Refused::from)
        });
        if (left.is_some() || right.is_some()) && self.refused.len() < REFUSED_KEPT {
            self.refused.push(RefusedStep {
                event: either.event,
                event_name: either.event_name.to_owned(),
                time: either.clock.unix_timestamp,
                instruction: either.instruction.to_owned(),
                left,
                right,
            });
        }
    }

    /// All of it.
    pub fn finish(self, findings: Vec<Finding>) -> Compared {
        let spent = self.spent.into_iter();
        Compared {
            counts: self.counts,
            findings,
            refused: self.refused,
            compute_units: spent
                .map(|((side, instruction), spent)| ComputeUnits {
                    side: side.to_owned(),
                    instruction: instruction.to_owned(),
                    spent: spent.into_iter().collect(),
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Refusal;
    use super::*;
    use drift::clock::Clock;
    use drift::error::ErrorCode;
    use serde_json::Value;

    fn step(event: usize, units: Option<u64>, refused: bool) -> Step {
        let refusal = Refusal {
            code: ErrorCode::InsufficientCollateral,
            log: Some("said so".to_owned()),
        };
        Step {
            event: Some(event),
            event_name: "settle_pnl",
            instruction: "settle_pnl",
            arguments: Value::Null,
            clock: Clock {
                slot: 1,
                unix_timestamp: 60,
            },
            outcome: if refused { Err(refusal) } else { Ok(()) },
            compute_units: units,
            accounts: Vec::new(),
            writes: Vec::new(),
        }
    }

    #[test]
    fn refusals_and_compute_units_are_kept_by_side() {
        let mut step_totals = StepTotals::default();
        for (event, units, refused) in [(0, 700, false), (1, 300, true), (2, 700, false)] {
            let (left, right) = (step(event, None, false), step(event, Some(units), refused));
            step_totals.pair(Some(&left), Some(&right));
        }
        step_totals.pair(None, Some(&step(2, Some(5), false)));
        let done = step_totals.finish(Vec::new());
        assert_eq!((done.counts.events, done.counts.instructions), (3, 4));
        let [refused] = &done.refused[..] else {
            panic!("{:?}", done.refused)
        };
        assert_eq!((refused.event, refused.time, &refused.left), (Some(1), 60, &None));
        let right = refused.right.as_ref().unwrap();
        assert_eq!(right.code, ErrorCode::InsufficientCollateral.number());
        assert_eq!(right.log.as_deref(), Some("said so"));
        let [spent] = &done.compute_units[..] else {
            panic!("{:?}", done.compute_units)
        };
        assert_eq!(
            (spent.side.as_str(), spent.instruction.as_str()),
            ("right", "settle_pnl")
        );
        assert_eq!(spent.spent, [(5, 1), (300, 1), (700, 2)]);
    }

    #[test]
    fn a_flood_of_refusals_is_counted_but_not_kept() {
        let mut step_totals = StepTotals::default();
        for event in 0..REFUSED_KEPT + 50 {
            let (left, right) = (step(event, None, true), step(event, None, true));
            step_totals.pair(Some(&left), Some(&right));
        }
        let done = step_totals.finish(Vec::new());
        assert_eq!(done.refused.len(), REFUSED_KEPT);
        let refused: u64 = done.counts.left["settle_pnl"].refused.values().sum();
        assert_eq!(refused as usize, REFUSED_KEPT + 50);
    }
}

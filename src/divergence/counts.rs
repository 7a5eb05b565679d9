//! How much was compared, and what came of it on either side.

use super::Step;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What one side's instructions of a name came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Outcomes {
    /// Accepted.
    pub accepted: u64,
    /// Refused, by the error's name.
    pub refused: BTreeMap<String, u64>,
    /// Instructions whose compute units were counted.
    pub counted: u64,
    /// Their compute units, summed.
    pub compute_units: u64,
    /// The most that one of them spent.
    pub most_compute_units: u64,
}

impl Outcomes {
    pub(super) fn count(&mut self, step: &Step) {
        match &step.outcome {
            Ok(()) => self.accepted += 1,
            Err(refusal) => *self.refused.entry(refusal.code.name().to_owned()).or_default() += 1,
        }
        if let Some(units) = step.compute_units {
            self.counted += 1;
            self.compute_units += units;
            self.most_compute_units = self.most_compute_units.max(units);
        }
    }
}

/// What was compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Events, the opening of the exchange not counted.
    pub events: u64,
    /// Instructions of either side, those that opened the exchange included.
    pub instructions: u64,
    /// Accounts that either side wrote.
    pub accounts: u64,
    /// The left side's outcomes, by instruction.
    pub left: BTreeMap<String, Outcomes>,
    /// The right side's outcomes, by instruction.
    pub right: BTreeMap<String, Outcomes>,
}

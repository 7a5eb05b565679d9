//! What a report shows of a replay besides its findings.

use super::Refused;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How one number ran over a replay, on both sides. Places of all lists belong together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Timeline {
    /// Whose: `perp_market_0`, `user_3`.
    pub account: String,
    /// What: `mark price`, `oracle price`, `peg multiplier`, `base reserve`, `quote reserve`, `net position`,
    /// `cumulative funding rate`, `collateral`.
    pub what: String,
    /// The unit of the values: `USD`, `base`; empty for a ratio.
    pub unit: String,
    /// The events after which the values held.
    pub events: Vec<u64>,
    /// When these events were: seconds from the experiment's start.
    pub times: Vec<i64>,
    /// The left side's values.
    pub left: Vec<Option<f64>>,
    /// The right side's values; none where all are the left side's.
    pub right: Option<Vec<Option<f64>>>,
}

/// An instruction that a side refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefusedStep {
    /// The event it is of; none while the exchange was opened.
    pub event: Option<usize>,
    /// The event's name.
    pub event_name: String,
    /// When: seconds since 1970.
    pub time: i64,
    /// The instruction.
    pub instruction: String,
    /// Why the left side refused it; none where it did not.
    pub left: Option<Refused>,
    /// Why the right side refused it; none where it did not.
    pub right: Option<Refused>,
}

/// What one instruction cost on one side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComputeUnits {
    /// `left` or `right`.
    pub side: String,
    /// The instruction.
    pub instruction: String,
    /// Compute units and how many instructions spent just so many, in order.
    pub spent: Vec<(u64, u64)>,
}

/// Where the tokens of a spot market are at the end, in the mint's smallest unit; as text, since JSON readers round long
/// numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SheetRow {
    /// The spot market's index.
    pub market: u16,
    /// The line of the balance sheet: `funded`, `wallets`, `vault`, `user_deposits`.
    pub item: String,
    /// The amount.
    pub amount: String,
}

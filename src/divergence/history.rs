//! What one side did, step by step.

use super::Contents;
use drift::clock::Clock;
use drift::error::ErrorCode;
use serde_json::Value;
use std::sync::Arc;

/// A side's history.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Who: "simulator", "Drift 2.83".
    pub who: String,
    /// What it did, in order.
    pub steps: Vec<Step>,
}

/// One instruction, or accounts written from outside.
#[derive(Clone, Debug)]
pub struct Step {
    /// The event's number, from 0; `None` while the exchange is opened.
    pub event: Option<usize>,
    /// The event's name.
    pub event_name: &'static str,
    /// The instruction's name in the interface; [`Step::OUTSIDE`] where accounts were written from outside, as oracles are.
    pub instruction: &'static str,
    /// Its arguments by name.
    pub arguments: Value,
    /// When.
    pub clock: Clock,
    /// Success, or why not.
    pub outcome: Outcome,
    /// Compute units spent; `None` where nobody counts them.
    pub compute_units: Option<u64>,
    /// Names of the accounts it could read or write.
    pub accounts: Vec<Arc<str>>,
    /// The accounts that it changed.
    pub writes: Vec<Write>,
}

impl Step {
    /// In place of an instruction's name: accounts written from outside.
    pub const OUTSIDE: &str = "from outside";
    /// In place of an event's name: the exchange is opened.
    pub const OPENING: &str = "set-up";
}

/// What became of an instruction.
pub type Outcome = Result<(), Refusal>;

/// Why an instruction was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason.
    pub code: ErrorCode,
    /// The line in which the program says what is wrong, if it said anything.
    pub log: Option<String>,
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self { code, log: None }
    }
}

/// An account as an instruction left it.
#[derive(Clone, Debug)]
pub struct Write {
    /// The account's name, such as `perp_market_0` or `user_3`.
    pub account: Arc<str>,
    /// All of it.
    pub contents: Contents,
}

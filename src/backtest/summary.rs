//! What a replay came to.

use super::{BalanceSheet, Residual};
use crate::divergence::{DivergenceReport, Finding, Kind, TrialReport};
use crate::trial::Conservation;
use drift::error::ErrorCode;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What a replay came to.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The experiment's name: its folder's.
    pub experiment: String,
    /// Events carried out.
    pub events: usize,
    /// Events skipped, each with its reason.
    pub skipped: Vec<String>,
    /// Instructions sent, without those that opened the exchange.
    pub instructions: usize,
    /// Instructions refused, by reason.
    pub refused: BTreeMap<ErrorCode, usize>,
    /// Compute units of all instructions.
    pub compute_units: u64,
    /// How many of the events are of the end, when everybody gets out.
    pub unwinding: usize,
    /// What users still have in the exchange, and why.
    pub claims: Vec<Residual>,
    /// Where the tokens are, by spot market.
    pub sheets: Vec<BalanceSheet>,
    /// Whether the program's totals agree with the balances they are totals of.
    pub books: Conservation,
    /// What ceased to add up on the way, after which event and on which side.
    pub broken: Vec<String>,
    /// Counts that are off, with the program's own fault as a rule.
    pub miscounted: Vec<String>,
    /// Whether nothing ceased to add up, every sheet closes, and the program's books agree with themselves.
    pub accounted: bool,
    /// Whether the scenario has the engine depart from the deployed rules, which the program follows.
    pub departs: bool,
    /// Where engine and program first differed, if they did.
    pub divergence: Option<FirstDifference>,
    /// What was compared, the engine on the left, and what differs: the report of this one trial.
    pub report: DivergenceReport,
    /// The results folder, where results were to be left.
    pub results: Option<PathBuf>,
}

/// Where engine and program first differed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FirstDifference {
    /// The event's number from 0; none while the exchange was opened.
    pub event: Option<usize>,
    /// What differed after its first instruction that differed: the engine's value, then the program's.
    pub differences: Vec<String>,
}

impl FirstDifference {
    /// Of a trial, if its sides differ in anything but layout.
    pub fn of(trial: &TrialReport) -> Option<Self> {
        let found = || {
            trial
                .findings
                .iter()
                .filter(|finding| finding.kind != Kind::Layout)
        };
        let first = &found().min_by_key(|finding| finding.first.step)?.first;
        Some(Self {
            event: first.event,
            differences: found()
                .filter(|finding| finding.first.step == first.step)
                .map(Finding::statement)
                .collect(),
        })
    }
}

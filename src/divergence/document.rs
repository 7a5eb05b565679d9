//! `report.json`: everything a divergence report says, for machines.

use super::{
    Compared, ComputeUnits, Counts, Finding, Kind, Pick, RefusedStep, Replayed, Severity, SheetRow,
    Statistics, Survey, Timeline,
};
use drift::engine::{BeforeTrade, Switches};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Raised whenever a reader of the last version would misread the document.
pub const FORMAT: u32 = 1;

/// One of the two that were compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// What to call it: `simulator`, `Drift 2.83`.
    pub name: String,
    /// `engine`, `built-in program` or `elf`.
    pub kind: String,
    /// The SHA-256 of the program's ELF; none for what is the harness itself.
    pub sha256: Option<String>,
    /// The interface description its accounts were read by; none for the one the harness knows by heart.
    pub idl: Option<String>,
    /// The SHA-256 of that description.
    pub idl_sha256: Option<String>,
    /// A strategy in force that departs from the deployed rule: `PrePeg` or `PreFreePeg`.
    pub switch: Option<String>,
}

impl Side {
    /// The engine that sweeps run on, under `switches`.
    pub fn engine(switches: Switches) -> Self {
        let switch = match switches.before_trade {
            BeforeTrade::Deployed => None,
            BeforeTrade::PrePeg => Some("PrePeg"),
            BeforeTrade::PreFreePeg => Some("PreFreePeg"),
        };
        Self {
            name: "simulator".to_owned(),
            kind: "engine".to_owned(),
            sha256: None,
            idl: None,
            idl_sha256: None,
            switch: switch.map(str::to_owned),
        }
    }
}

/// How a trial came to be replayed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Picked {
    /// The method that picked it.
    pub method: String,
    /// Why, in words.
    pub reason: String,
    /// How many trials of the sweep it stands for.
    pub weight: f64,
}

/// A trial that was replayed on both sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrialReport {
    /// The experiment's name.
    pub experiment: String,
    /// The trial's number in the sweep, if it is of one.
    pub trial: Option<u64>,
    /// How it came to be replayed, if it was picked.
    pub picked: Option<Picked>,
    /// What was compared.
    pub counts: Counts,
    /// Whether the sides differ in anything but layout.
    pub divergent: bool,
    /// The worst severity among the findings; none without any.
    pub worst: Option<Severity>,
    /// What differs, causes and knock-ons, in the order of appearance.
    pub findings: Vec<Finding>,
    /// Why the trial was not replayed, if it was not: then nothing was compared.
    pub stopped: Option<String>,
    /// Events that neither side could carry out, and why.
    pub skipped: Vec<String>,
    /// Events that only one side could carry out, and why the other could not; they are among what differs.
    pub one_sided: Vec<String>,
    /// Instructions that a side refused, the first ones in order; all are counted in `counts`.
    pub refused: Vec<RefusedStep>,
    /// How markets and users fared over time, on both sides.
    pub timelines: Vec<Timeline>,
    /// Compute units by instruction, on the sides that count them.
    pub compute_units: Vec<ComputeUnits>,
    /// Where the right side's tokens are at the end, by spot market.
    pub balance_sheets: Vec<SheetRow>,
    /// Whether every token is accounted for; none where nobody looked.
    pub accounted: Option<bool>,
    /// What ceased to add up on the way: totals that are not the sums of their parts, and vaults that hold less than is
    /// claimed, each with the event and the side.
    #[serde(default)]
    pub broken: Vec<String>,
    /// Counts beside the money that are off: open interest by side, and how many users have base. Deployed programs get these
    /// wrong where LPs leave.
    #[serde(default)]
    pub miscounted: Vec<String>,
    /// The command that replays this trial and shows what differs.
    pub command: Option<String>,
}

impl TrialReport {
    /// A report of what a comparison found.
    pub fn new(experiment: String, compared: Compared) -> Self {
        let Compared {
            counts,
            findings,
            refused,
            compute_units,
        } = compared;
        Self {
            experiment,
            trial: None,
            picked: None,
            counts,
            divergent: findings.iter().any(|finding| finding.kind != Kind::Layout),
            worst: findings.iter().map(|finding| finding.severity).max(),
            findings,
            stopped: None,
            skipped: Vec::new(),
            one_sided: Vec::new(),
            refused,
            timelines: Vec::new(),
            compute_units,
            balance_sheets: Vec::new(),
            accounted: None,
            broken: Vec::new(),
            miscounted: Vec::new(),
            command: None,
        }
    }

    /// The report of a trial that was not replayed, and why.
    pub fn stopped(experiment: String, why: String) -> Self {
        Self {
            stopped: Some(why),
            ..Self::new(experiment, Compared::default())
        }
    }

    /// The causes: findings that follow from no other. Fields that only one side's layout has are none.
    pub fn causes(&self) -> impl Iterator<Item = &Finding> {
        let finding = self.findings.iter().filter(|finding| finding.cause.is_none());
        finding.filter(|finding| finding.kind != Kind::Layout)
    }

    /// The fields that only one side's layout has.
    pub fn layouts(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.kind == Kind::Layout)
    }
}

/// The whole document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DivergenceReport {
    /// Version of this document.
    pub format: u32,
    /// Version of the harness that wrote it.
    pub harness: String,
    /// What was replayed: the sweep's name, or the experiments'.
    pub subject: String,
    /// The left side.
    pub left: Side,
    /// The right side.
    pub right: Side,
    /// The trials, in the order in which they were picked.
    pub trials: Vec<TrialReport>,
    /// What the sample says about the sweep.
    pub statistics: Statistics,
}

impl DivergenceReport {
    /// The report of `trials`; those that were picked come from the sweep of `survey`.
    pub fn new(
        subject: String,
        left: Side,
        right: Side,
        survey: Option<Survey>,
        trials: Vec<TrialReport>,
    ) -> Self {
        let replays = trials.iter().map(|trial| Replayed {
            pick: trial
                .trial
                .zip(trial.picked.as_ref())
                .map(|(trial, picked)| Pick {
                    trial,
                    method: picked.method.clone(),
                    weight: picked.weight,
                }),
            divergent: trial.divergent,
            stopped: trial.stopped.is_some(),
        });
        let statistics = Statistics::new(survey, &replays.collect::<Vec<_>>());
        Self {
            format: FORMAT,
            harness: env!("CARGO_PKG_VERSION").to_owned(),
            subject,
            left,
            right,
            trials,
            statistics,
        }
    }

    /// The worst severity in any trial: what `--fail-on` looks at.
    pub fn worst(&self) -> Option<Severity> {
        self.trials.iter().filter_map(|trial| trial.worst).max()
    }

    /// The JSON schema of this document.
    pub fn schema() -> schemars::Schema {
        schemars::schema_for!(DivergenceReport)
    }
}

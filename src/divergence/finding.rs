//! What a comparison answers.

use super::{Refusal, Unit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How bad a difference is, mildest first.
///
/// - `info`: expected or about layout only: a model switch in force and all that follows from it, a field that one
///   side's layout does not have.
/// - `minor`: rounding that does not add up, and arguments that differ.
/// - `major`: any other field, and the clock.
/// - `critical`: an instruction that only one side accepts or executes, and what somebody owns: balances, positions, LP
///   shares and token amounts that differ by more than rounding, or that one side never wrote.
///
/// A cause is as severe as the worst that follows from it, knock-ons included; one whose cause is a switch is `info`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Expected, or about layout only.
    Info,
    /// Rounding.
    Minor,
    /// A field or the clock.
    Major,
    /// An outcome, or what somebody owns.
    Critical,
}

impl Severity {
    /// All, mildest first.
    pub const ALL: [Severity; 4] = [
        Severity::Info,
        Severity::Minor,
        Severity::Major,
        Severity::Critical,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Minor => "minor",
            Severity::Major => "major",
            Severity::Critical => "critical",
        }
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// A word that is no severity.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no severity: there are info, minor, major and critical")]
pub struct UnknownSeverity(pub String);

impl std::str::FromStr for Severity {
    type Err = UnknownSeverity;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|severity| severity.name() == text);
        known.ok_or_else(|| UnknownSeverity(text.to_owned()))
    }
}

/// Of what kind a difference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Accepted by one side only, or refused by each for another reason.
    Refused,
    /// An instruction that only one side executed.
    MissingInstruction,
    /// The time or slot at which an instruction ran, or one that an account holds.
    Clock,
    /// What the oracle shows or when it was read, its limits, and refusals because of them.
    OracleOrGuardRail,
    /// A scenario's strategy that departs from the deployed rule on purpose.
    ModelSwitch,
    /// An account or field that one side changed and the other never did.
    MissingWrite,
    /// At most two units of the field's own integer, and not growing.
    Rounding,
    /// At most one unit a write, but growing: rounding that adds up, or an amount that is off by one unit each time.
    Accumulating,
    /// An instruction's arguments, which each side lowers from its own accounts.
    Arguments,
    /// A field that only one side's layout has.
    Layout,
    /// Something else.
    Unknown,
}

impl Kind {
    /// All.
    pub const ALL: [Kind; 11] = [
        Kind::Refused,
        Kind::MissingInstruction,
        Kind::Clock,
        Kind::OracleOrGuardRail,
        Kind::ModelSwitch,
        Kind::MissingWrite,
        Kind::Rounding,
        Kind::Accumulating,
        Kind::Arguments,
        Kind::Layout,
        Kind::Unknown,
    ];

    /// As files have it.
    pub fn key(self) -> &'static str {
        match self {
            Kind::Refused => "refused",
            Kind::MissingInstruction => "missing_instruction",
            Kind::Clock => "clock",
            Kind::OracleOrGuardRail => "oracle_or_guard_rail",
            Kind::ModelSwitch => "model_switch",
            Kind::MissingWrite => "missing_write",
            Kind::Rounding => "rounding",
            Kind::Accumulating => "accumulating",
            Kind::Arguments => "arguments",
            Kind::Layout => "layout",
            Kind::Unknown => "unknown",
        }
    }

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Refused => "refused on one side",
            Kind::MissingInstruction => "missing instruction",
            Kind::Clock => "clock or slot",
            Kind::OracleOrGuardRail => "oracle or guard rail",
            Kind::ModelSwitch => "model switch in force",
            Kind::MissingWrite => "missing write",
            Kind::Rounding => "rounding",
            Kind::Accumulating => "accumulating by a unit a write",
            Kind::Arguments => "arguments",
            Kind::Layout => "layout",
            Kind::Unknown => "unknown",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// When something was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// The step's number, from 0, over both sides.
    pub step: u64,
    /// The event's number, from 0: the line of `events.csv` less two; none while the exchange is opened.
    pub event: Option<usize>,
    /// The event's name.
    pub event_name: String,
    /// The instruction's name.
    pub instruction: String,
    /// The slot.
    pub slot: u64,
    /// The time, in seconds since 1970.
    pub unix_timestamp: i64,
}

/// How large a difference of numbers is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Size {
    /// In the field's own integer; as text, since JSON readers round long numbers.
    pub ulps: String,
    /// In the finding's unit.
    pub absolute: f64,
    /// As a share of the larger of both values' sizes.
    pub relative: f64,
}

/// A refusal, as one side reported it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refused {
    /// The error's number.
    pub code: u32,
    /// Its name.
    pub name: String,
    /// The program's log line, if it wrote one.
    pub log: Option<String>,
}

impl From<&Refusal> for Refused {
    fn from(refusal: &Refusal) -> Self {
        Self {
            code: refusal.code.number(),
            name: refusal.code.name().to_owned(),
            log: refusal.log.clone(),
        }
    }
}

/// What follows from a cause.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnockOns {
    /// Findings folded under this one.
    pub findings: u64,
    /// How many of them first appeared in the cause's own step.
    pub same_step: u64,
    /// Instructions that only one side accepted or executed, counted each time.
    pub outcomes: u64,
    /// Accounts in which something differed.
    pub accounts: u64,
    /// The last event in which any was seen.
    pub last_event: Option<usize>,
}

/// A difference between two histories, from its first appearance to its last.
///
/// Values are text in the field's own integer; `left` and `right` are those of its first appearance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Its number within the trial, from 0, in the order of appearance.
    pub id: u32,
    /// Of what kind it is.
    pub kind: Kind,
    /// How bad it is; a cause's is that of the worst that follows from it.
    pub severity: Severity,
    /// The finding it follows from; none for a cause.
    pub cause: Option<u32>,
    /// When it first appeared.
    pub first: Place,
    /// When it was last seen.
    pub last: Place,
    /// When the sides became equal again for good, if they did.
    pub healed: Option<Place>,
    /// How often it was seen: after every write of the account, or at every instruction.
    pub occurrences: u64,
    /// The account's name, such as `perp_market_0`; none for outcomes, arguments and the clock.
    pub account: Option<String>,
    /// The account's type.
    pub account_kind: Option<String>,
    /// The field's dotted path; `outcome`, `instruction`, `arguments`, `clock.slot`, `clock.unix_time` and `account`
    /// where it is no field.
    pub field: String,
    /// The left side's value; none where it has none.
    pub left: Option<String>,
    /// The right side's value; none where it has none.
    pub right: Option<String>,
    /// The left side's refusal, of an outcome.
    pub left_refused: Option<Refused>,
    /// The right side's refusal, of an outcome.
    pub right_refused: Option<Refused>,
    /// What the values count, of amounts.
    pub unit: Option<Unit>,
    /// How large it was at first, of numbers.
    pub size: Option<Size>,
    /// How large it was at last.
    pub last_size: Option<Size>,
    /// How large it was at most.
    pub largest_size: Option<Size>,
    /// Whether it ever was larger than at first.
    pub grew: bool,
    /// What follows from it; none for a knock-on.
    pub knock_ons: Option<KnockOns>,
}

impl Finding {
    /// A value in the finding's unit: what a person reads.
    pub fn shown(&self, value: Option<&str>) -> String {
        match (value, &self.unit) {
            (None, _) => "nothing".to_owned(),
            (Some(value), Some(unit)) => unit.show(value),
            (Some(value), None) => value.to_owned(),
        }
    }

    /// What differs, in a line: `perp_market_0 amm.total_fee: 0.1 quote against 0.100001 quote`.
    pub fn statement(&self) -> String {
        let account = self
            .account
            .as_deref()
            .map(|name| format!("{name} "))
            .unwrap_or_default();
        let [left, right] = [&self.left, &self.right].map(|value| self.shown(value.as_deref()));
        format!("{account}{}: {left} against {right}", self.field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_are_ordered_and_read_as_they_are_shown() {
        assert!(Severity::ALL.is_sorted());
        for severity in Severity::ALL {
            assert_eq!(severity.to_string().parse(), Ok(severity));
        }
        let refusal = "severe".parse::<Severity>().unwrap_err().to_string();
        assert!(refusal.contains("critical"), "{refusal}");
    }
}

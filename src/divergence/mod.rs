//! Where two histories of the same events differ: comparing, apart from whoever executed.
//!
//! A [`History`] is what one side did: [`Step`]s in order, each an instruction with its outcome and the accounts it
//! wrote. A [`Comparison`] takes two of them, whole or event by event, and answers [`Finding`]s: what differs, since
//! when, by how much, of what [`Kind`] and [`Severity`].
//!
//! # What counts as a cause
//! An instruction is a function of the accounts it names, the clock and its arguments. So a step whose inputs are equal
//! on both sides, and whose effects are not, is where a difference comes from: whatever first differs there is one
//! finding, the *cause*, and the rest of that step is folded under it. A step that names an account in which the sides
//! already differ, or runs at another time, may differ for no reason of its own: what first differs there is a
//! *knock-on*, folded under the earliest cause among its inputs. An account that becomes equal again passes nothing on, and
//! where it differs once more it is for another reason.
//!
//! This never calls a consequence a cause. It may fold a second, independent cause under an earlier one where both touch
//! the same accounts: the histories cannot tell these apart.

mod align;
mod arguments;
mod causes;
mod classify;
mod compare;
mod counts;
mod decimal;
mod document;
mod fields;
mod finding;
mod findings;
mod history;
mod ledgers;
mod merge;
mod names;
mod recording_ledger;
mod statistics;
mod step_totals;
#[cfg(feature = "tables")]
pub mod table;
#[cfg(test)]
pub(crate) mod testing;
mod timeline;
mod track;
mod unit;
mod watched;

pub use crate::contents::{Contents, Decode, Observed};
pub use causes::{Cause, Seen};
pub use compare::{Comparison, Context, compare};
pub use counts::{Counts, Outcomes};
pub(crate) use decimal::rounded;
pub use document::{DivergenceReport, FORMAT, Picked, Side, TrialReport};
pub use finding::{Finding, Kind, KnockOns, Place, Refused, Severity, Size, UnknownSeverity};
pub use history::{History, Outcome, Refusal, Step, Write};
pub use ledgers::differences;
pub use merge::Mismatch;
pub use names::Names;
pub use recording_ledger::RecordingLedger;
pub use statistics::{
    CONFIDENCE, Pick, Replayed, Statistics, Survey, Unlisted, clopper_pearson_upper, needed,
};
pub use step_totals::Compared;
pub use timeline::{ComputeUnits, RefusedStep, SheetRow, Timeline};
pub use unit::Unit;
pub use watched::{OpenError, Watched};

//! One seeded run of a scenario.

mod assets;
mod conservation;
mod counts;
mod equity;
mod funding;
mod history;
mod interest;
mod invariants;
mod losses;
mod metrics;
mod named;
mod observer;
mod risk;
mod run;
mod series;
mod tally;

pub use conservation::Conservation;
#[cfg(feature = "bank")]
pub(crate) use equity::equity;
pub use history::History;
pub use interest::InterestDust;
pub use invariants::{Broken, Invariant, broken};
pub use metrics::{Info, Metric, Metrics, Unit};
pub use observer::{Moment, Observer, Silent};
pub use run::{TrialError, columns, run};
pub use series::Series;

#[cfg(test)]
mod tests;

//! One seeded run of a scenario.

mod conservation;
mod counts;
mod equity;
mod funding;
mod history;
mod interest;
mod metrics;
mod observer;
mod run;
mod series;

pub use conservation::Conservation;
#[cfg(feature = "bank")]
pub(crate) use equity::equity;
pub use history::History;
pub use interest::InterestDust;
pub use metrics::{Info, Metric, Metrics, Unit};
pub use observer::{Moment, Observer, Silent};
pub use run::{TrialError, run};
pub use series::Series;

#[cfg(test)]
mod tests;

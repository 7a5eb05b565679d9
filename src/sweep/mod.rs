//! The sweep: many seeded trials of one scenario over chosen parameter values.
//!
//! [`spec`] reads the file a person writes, [`plan`] turns it into numbered points and trials,
//! [`diagnostic`] says what is wrong with it and where.

pub mod decimal;
pub mod diagnostic;
pub mod manifest;
pub mod plan;
pub mod progress;
mod rerun;
pub mod run;
mod simulate;
pub mod source;
pub mod spec;
#[cfg(feature = "tables")]
pub mod store;
pub mod tree;

pub use diagnostic::SpecError;
pub use plan::{Overrides, ParamColumn, ParamType, ParamValue, Plan, Trial};
pub use rerun::{Rerun, RerunError};
pub use simulate::{Simulation, SimulationError};
pub use spec::{Spec, schema::schema};

#[cfg(test)]
pub(crate) mod testing;

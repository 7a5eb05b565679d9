//! Proof against the real program: recorded instructions run through the engine, every account and error compared.

mod compare;
mod fixture;
mod report;

pub use compare::{Difference, Verdict, check, differing_fields};
pub use fixture::{Fixture, FixtureError, Fixtures};
pub use report::{Counts, Report};

//! Running a sweep: trials on all threads, results on disk in trial order.
//!
//! Trials are run in chunks of 16. Any thread takes the next chunk, runs it and makes columns of its rows; whichever
//! thread completes the chunk that is next in order writes it, and those that wait behind it. So a slow trial holds
//! up nobody until a bounded number of chunks wait behind it, memory does not grow with the sweep, and the files do not
//! depend on threads.

mod experiment;
pub use experiment::{Cell, Column, ColumnType, Count, Experiment, Failure, Output, TrialId};

#[cfg(feature = "tables")]
mod drain;
#[cfg(feature = "tables")]
mod error;
#[cfg(feature = "tables")]
mod estimate;
#[cfg(feature = "tables")]
mod lock;
#[cfg(feature = "tables")]
mod open;
#[cfg(feature = "tables")]
mod queue;
#[cfg(feature = "tables")]
mod stop;
#[cfg(feature = "tables")]
mod sweep;
#[cfg(feature = "tables")]
mod trial;
#[cfg(feature = "tables")]
pub use self::{
    error::RunError,
    estimate::{Estimate, estimate},
    open::Existing,
    stop::{INTERRUPTED, Stop},
    sweep::{End, Report, Settings, run},
};

#[cfg(all(test, feature = "tables"))]
mod tests;

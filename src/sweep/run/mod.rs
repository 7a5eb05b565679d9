//! Running a sweep: trials on all threads, results on disk in trial order.

mod experiment;

pub use experiment::{Cell, Column, ColumnType, Count, Experiment, Failure, Output, TrialId};

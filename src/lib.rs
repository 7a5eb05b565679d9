//! A Monte Carlo laboratory for Drift v2's dynamic AMM.
#![warn(missing_docs)]
#![deny(unsafe_code)]

pub use drift;

pub mod agent;
#[cfg(feature = "bank")]
pub mod backtest;
#[cfg(feature = "bank")]
pub mod bank;
#[cfg(feature = "tables")]
pub mod calibrate;
pub mod cli;
pub mod complaint;
pub mod contents;
pub mod divergence;
pub mod ending;
pub mod event;
pub mod experiment;
#[cfg(feature = "tables")]
pub mod history;
#[cfg(feature = "bank")]
pub mod hunt;
pub mod idl;
pub mod path;
pub mod random;
pub mod recording;
#[cfg(feature = "tables")]
pub mod report;
#[cfg(feature = "tables")]
pub mod sample;
pub mod scenario;
#[cfg(feature = "tables")]
mod staged;
#[cfg(feature = "tables")]
pub mod summary;
pub mod sweep;
pub mod trial;
pub mod verify;
pub mod watch;
pub mod world;

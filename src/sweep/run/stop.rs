//! Stopping a run from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::RunError;

/// The exit code of a run that was interrupted: 128 and the number of SIGINT.
pub const INTERRUPTED: u8 = 130;

/// Asks a run to stop. Clones ask the same run.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Nobody has asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops at the first Ctrl-C (or SIGTERM), when the trials in hand are done; the second ends the process.
    ///
    /// # Errors
    /// A process that already has a handler: this can be called once.
    pub fn on_interrupt() -> Result<Self, RunError> {
        let stop = Self::new();
        let handle = stop.clone();
        ctrlc::set_handler(move || {
            if handle.0.swap(true, Ordering::SeqCst) {
                std::process::exit(INTERRUPTED.into());
            }
            eprintln!("\nstopping after the trials in hand; press Ctrl-C again to end at once");
        })
        .map_err(|error| RunError::Interrupt(error.to_string()))?;
        Ok(stop)
    }

    /// Asks the run to stop.
    pub fn ask(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether the run was asked to stop.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

//! What the runtime says of one transaction.

use drift::accounts::{Account, Pubkey};
use drift::error::ErrorCode;

/// A transaction that was processed: one instruction of the program.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Success, or the reason of the refusal.
    pub outcome: Result<(), ErrorCode>,
    /// The refusal in the runtime's own words.
    pub error: Option<String>,
    /// Compute units spent, without those of the two instructions that set the transaction's limits.
    pub compute_units: u64,
    /// Every line the programs logged.
    pub logs: Vec<String>,
    /// The accounts whose contents changed, as they are now, in the order the instruction names them.
    pub writes: Vec<(Pubkey, Account)>,
}

impl Receipt {
    /// Of what never reached the program.
    pub(super) fn refused(code: ErrorCode, error: String) -> Self {
        Self {
            outcome: Err(code),
            error: Some(error),
            compute_units: 0,
            logs: Vec::new(),
            writes: Vec::new(),
        }
    }

    /// The line in which the program says what is wrong, or the runtime's words where it said nothing.
    pub fn complaint(&self) -> Option<&str> {
        let error = self.error.as_deref()?;
        let said = |line: &&String| line.contains("AnchorError") || line.contains("Error ");
        let line = self.logs.iter().rev().find(said);
        Some(line.map_or(error, |line| line.trim_start_matches("Program log: ")))
    }
}

//! The only time an instruction knows.

/// Solana's clock as far as the program reads it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Slot number.
    pub slot: u64,
    /// Seconds since 1970.
    pub unix_timestamp: i64,
}

//! A market as it was, beside what the engine makes of it.
//!
//! A [`Recording`] is a list of states of one perpetual market, read from Parquet. [`drive`] takes the engine from one to the next, with the
//! recorded oracle and the recorded changes of net position as flow, and a [`Comparison`] sets the fields side by side. Whatever a recording's program
//! did otherwise than the engine's shows as an error of a field, since a state.

mod columns;
mod compare;
mod decimal;
mod drive;
mod error;
mod exchange;
mod export;
mod quantity;
mod recording;
mod rows;
#[cfg(test)]
mod tests;

pub use compare::{Compared, Comparison, Errors, Series, relative};
pub use decimal::calendar;
pub use drive::{Deeds, Drive, Resync, Step, drive};
pub use error::HistoryError;
pub use exchange::Refusals;
pub use quantity::{Quantity, quantities};
pub use recording::{Recording, State};

/// Seconds since 1970 of a time as people write it, in UTC: `2022-11-08`, `2022-11-08 15:30:00`, or the seconds themselves.
pub fn parse_time(text: &str) -> Result<i64, String> {
    decimal::seconds(text).ok_or_else(|| {
        format!(
            "`{text}` is no time: give one such as 2022-11-08 or 2022-11-08T15:30:00, or seconds since 1970"
        )
    })
}

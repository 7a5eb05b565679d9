//! What files record of real markets.
//!
//! A [`Source`] names a file and says what is not plain from it; [`Recordings`] reads each once, whatever its form: comma-separated rows
//! (also compressed with gzip, zstd or zip), Parquet, or the JSON of TradingView's charts. Which columns hold what, the unit of the times and the form
//! as a whole are recognised, and said in [`Recordings::notes`].
//!
//! Times are microseconds since 1970 (or since whatever the file counts from), prices are dollars. No price is seen before its time: the
//! closing price of a candle counts from the candle's end.

mod cell;
mod csv_rows;
mod description;
mod error;
mod files;
mod form;
mod holdings;
mod json_rows;
mod moment;
mod opened;
#[cfg(feature = "tables")]
mod parquet_rows;
mod plan;
mod read;
mod series;
mod source;
#[cfg(test)]
mod tests;
mod tidy;
mod time_unit;
mod trades;

pub use description::{Description, Tail};
pub use error::RecordingError;
pub use files::Recordings;
pub use form::Form;
pub use holdings::{Holding, Holdings};
pub use moment::Moment;
pub use read::Facts;
pub use series::{MICROS, PriceSeries};
pub use source::{Column, Columns, Gaps, PriceOf, Repeated, Source, Unreadable, Unsorted};
pub use time_unit::TimeUnit;
pub use trades::{Trade, Trades};

//! What files record of real markets.
//!
//! Times are microseconds since 1970 (or since whatever the file counts from), prices are dollars.

mod series;

pub use series::PriceSeries;

//! What happens in a trial, in drift-sim's words.
//!
//! An [`Event`] is what somebody wants at a time: an agent answers events, an experiment's `events.csv` holds them, and
//! lowering turns each into instructions against the accounts as they stand. Amounts are the protocol's integers: quote in
//! 1e-6, base and LP shares in 1e-9, a peg multiplier in 1e-6.
//!
//! # Adding an event
//! One file in `src/event/kinds/`:
//! ```text
//! parameters! {
//!     /// The admin sets a market's base spread.
//!     "update_base_spread" => UpdateBaseSpread {
//!         /// The new spread (1e6).
//!         base_spread: u32,
//!         /// The perp market.
//!         market_index: u16 = 0,
//!         /// Why.
//!         note: Option<String> = None,
//!     }
//! }
//! ```
//! and one line in the table of `src/event/kinds.rs`: `update_base_spread => UpdateBaseSpread`. Reading, writing, defaults,
//! messages and [`Kind`] follow from these; the tests of `src/event/parameters.rs` compile this very one.
//!
//! From outside the crate, an event is made, written and read so:
//! ```
//! use std::path::Path;
//!
//! use harness::event::{self, Direction, Event, OpenPosition};
//!
//! let trade = OpenPosition { user_index: 3, direction: Direction::Short, quote_amount: 25_000_000, market_index: 0 };
//! let events = [Event::new(60, trade)];
//! let mut file = Vec::new();
//! event::write(&events, &mut file)?;
//! assert_eq!(event::read(file.as_slice(), Path::new("events.csv"))?.events, events);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod csv;
mod field;
mod fields;
mod json;
mod kinds;
mod nearest;
mod parameters;
mod price;
mod words;

pub use csv::{EventLog, ReadError, ReadErrorKind, UnreadField, read, read_file, read_file_leniently, write};
pub use field::Field;
pub use fields::{FieldError, Fields};
pub(crate) use json::{parse, spaced};
pub use kinds::*;
pub use parameters::Parameters;
pub(crate) use parameters::parameters;
pub use price::OraclePrice;
pub use words::{Direction, MarketKind, Portion};

/// Something that happens at a time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    /// When, in seconds from the trial's start.
    pub timestamp: i64,
    /// What.
    pub kind: Kind,
}

impl Event {
    /// The event `kind` at `timestamp` seconds.
    pub fn new(timestamp: i64, kind: impl Into<Kind>) -> Self {
        Self {
            timestamp,
            kind: kind.into(),
        }
    }
}

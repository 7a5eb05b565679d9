//! Recorded trades in the order of their times.

/// A trade.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trade {
    /// Microseconds since 1970, or since whatever the file counts from.
    pub micros: i64,
    /// Dollars a unit of base.
    pub price: f64,
    /// Units of base: above 0 where the taker bought, below where he sold.
    pub size: f64,
}

/// Trades in the order of their times; several may be of one time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trades(pub Vec<Trade>);

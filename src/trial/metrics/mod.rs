//! What a trial leaves behind: one row of named numbers.

mod activity;
mod insurance;
mod lending;
mod liquidations;
mod markets;
mod row;
mod sums;
mod users;

use super::counts::Counts;
use super::observer::Moment;
use crate::scenario::Prepared;
use crate::world::{AtPrices, Prices};
use drift::error::Result;
use row::Row;
use std::borrow::Cow;
use users::Gains;

/// A metric's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Metric {
    /// A count or an integer in the protocol's scale.
    Count(u64),
    /// A signed integer in the protocol's scale.
    Signed(i64),
    /// A number.
    Float(f64),
    /// Whether something holds.
    Flag(bool),
    /// How often each code was met.
    Codes(Vec<(u32, u32)>),
}

/// A metric's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A plain number.
    Number,
    /// Dollars. Computed in millionths, exact as far as a double holds them.
    Dollars,
    /// Dollars a unit of base.
    Price,
    /// Units of base.
    Base,
    /// A share of one.
    Share,
    /// Seconds.
    Seconds,
    /// The smallest unit of a token.
    Token,
    /// A billionth of a token, before interest.
    ScaledToken,
}

impl Unit {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Number => "",
            Unit::Dollars => "USD",
            Unit::Price => "USD per unit of base",
            Unit::Base => "units of base",
            Unit::Share => "share of 1",
            Unit::Seconds => "s",
            Unit::Token => "smallest unit of the token",
            Unit::ScaledToken => "1e-9 token",
        }
    }
}

/// What a metric is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// The column's name.
    pub name: Cow<'static, str>,
    /// The unit.
    pub unit: Unit,
    /// What a value says.
    pub about: Cow<'static, str>,
}

/// The metrics of a trial, in a fixed order.
#[derive(Clone, Debug, PartialEq)]
pub struct Metrics {
    /// Each with its description.
    pub values: Vec<(Info, Metric)>,
    /// How many events happened.
    pub events: u64,
}

impl Metrics {
    pub(super) fn compute(counts: &Counts, prepared: &Prepared, end: &Moment) -> Result<Self> {
        let at = |paths: &[crate::path::PricePath]| -> Vec<u64> {
            paths.iter().map(|path| path.price_at(end.second)).collect()
        };
        let (perps, spots) = (at(&prepared.perp_paths), at(&prepared.spot_paths));
        let mut markets = AtPrices {
            world: end.world,
            ledger: end.ledger,
            prices: Prices {
                perps: &perps,
                spots: &spots,
            },
        };
        let gains = Gains::of(counts, prepared, &mut markets)?;
        let mut row = Row::default();
        let events = activity::add(&mut row, counts, prepared.watched)?;
        users::add(&mut row, counts, &gains)?;
        markets::add(&mut row, counts, end, &perps)?;
        if let Some(risk) = &counts.risk {
            liquidations::add(&mut row, risk, end)?;
            insurance::add(&mut row, risk, &gains, end)?;
            lending::add(&mut row, risk, counts, end)?;
        }
        markets::add_gaps(&mut row, counts);
        sums::add(&mut row, counts, prepared, end)?;
        Ok(Self {
            values: row.0,
            events,
        })
    }
}

//! What a file is, told by its header or its first row.

use super::cell::{Cell, Row};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a file records, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Rows of a time and a price.
    Prices,
    /// Candles: rows of a time, opening, highest, lowest and closing price, mostly with a volume.
    Candles,
    /// Binance's klines: candles in twelve columns, mostly without a header.
    Klines,
    /// Binance's aggregated trades.
    AggTrades,
    /// Binance's trades, or rows of a time, a price and a size.
    Trades,
    /// Drift's trade records.
    DriftTrades,
    /// Drift's funding records; the price is the oracle's average.
    DriftFunding,
}

impl Form {
    /// Whether rows are candles, whose closing price is known only later than their time.
    pub fn is_candles(self) -> bool {
        matches!(self, Form::Candles | Form::Klines)
    }

    /// Whether rows are trades, of which several may be of one time.
    pub fn is_trades(self) -> bool {
        matches!(self, Form::AggTrades | Form::Trades | Form::DriftTrades)
    }

    /// Whether every time in such files counts from 1970, whatever its unit, which has changed within some of them.
    pub(super) fn counts_from_1970(self) -> bool {
        matches!(self, Form::Klines | Form::AggTrades)
    }

    /// What a header of these names is about.
    pub(super) fn of_header(names: &[String]) -> Self {
        let has = |role: &[&str]| names.iter().any(|name| role.contains(&name.as_str()));
        if has(&["baseassetamountfilled"]) && has(&["quoteassetamountfilled"]) {
            return Form::DriftTrades;
        }
        if has(&["fundingrate"]) && has(&["oraclepricetwap"]) {
            return Form::DriftFunding;
        }
        if has(&["aggtradeid"]) {
            return Form::AggTrades;
        }
        if has(OPEN) && has(HIGH) && has(LOW) {
            let binance = has(CLOSE_TIME) && names.len() == 12;
            return if binance { Form::Klines } else { Form::Candles };
        }
        match has(PRICE) && has(SIZE) && has(SIDE) {
            true => Form::Trades,
            false => Form::Prices,
        }
    }

    /// What rows such as `first`, without a header, are; none where that cannot be told.
    pub(super) fn of_row(first: &dyn Row) -> Option<Self> {
        let number = |column: usize| first.cell(column).number();
        let recent = |column: usize| matches!(number(column), Some(time) if time > 1e11);
        let flag = |column: usize| {
            let cell = first.cell(column);
            matches!(cell, Cell::Text(text) if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false"))
        };
        match first.width() {
            2 => Some(Form::Prices),
            12 if recent(0) && recent(6) => Some(Form::Klines),
            7 | 8 if recent(5) && flag(6) => Some(Form::AggTrades),
            6 | 7 if recent(4) && flag(5) => Some(Form::Trades),
            5..=8
                if first.cell(0).micros(None).is_some() && (1..5).all(|column| number(column).is_some()) =>
            {
                Some(Form::Candles)
            }
            _ => None,
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Form::Prices => "times and prices",
            Form::Candles => "candles",
            Form::Klines => "Binance klines",
            Form::AggTrades => "Binance aggregated trades",
            Form::Trades => "trades",
            Form::DriftTrades => "Drift trade records",
            Form::DriftFunding => "Drift funding records",
        })
    }
}

/// Names of columns, in small letters and digits only.
pub(super) const TIME: &[&str] = &[
    "time",
    "timestamp",
    "ts",
    "opentime",
    "starttime",
    "datetime",
    "date",
    "unix",
    "unixtime",
    "unixtimestamp",
    "publishtime",
    "transacttime",
    "blocktime",
    "blockchaintimestamp",
    "commitunix",
    "t",
];
pub(super) const PRICE: &[&str] = &[
    "price",
    "oracleprice",
    "lastprice",
    "markprice",
    "indexprice",
    "value",
    "last",
    "p",
];
pub(super) const CLOSE: &[&str] = &["close", "closeprice", "c"];
pub(super) const OPEN: &[&str] = &["open", "openprice", "o"];
pub(super) const HIGH: &[&str] = &["high", "highprice", "h"];
pub(super) const LOW: &[&str] = &["low", "lowprice", "l"];
pub(super) const ASK: &[&str] = &["ask", "askprice", "bestask", "bestaskprice"];
pub(super) const BID: &[&str] = &["bid", "bidprice", "bestbid", "bestbidprice"];
pub(super) const SIZE: &[&str] = &[
    "size",
    "qty",
    "quantity",
    "baseassetamountfilled",
    "volume",
    "basevolume",
    "amount",
    "vol",
    "v",
];
pub(super) const QUOTE: &[&str] = &[
    "quoteassetvolume",
    "quotevolume",
    "quoteassetamountfilled",
    "quoteqty",
    "quoteamount",
    "volumeusd",
    "volumeusdt",
    "turnover",
];
pub(super) const SIDE: &[&str] = &[
    "side",
    "takerside",
    "takerorderdirection",
    "direction",
    "isbuyermaker",
];
pub(super) const CLOSE_TIME: &[&str] = &["closetime", "endtime"];

/// A column's name in small letters and digits only, by which it is known.
pub(super) fn plain(name: &str) -> String {
    let known = name.chars().filter(|letter| letter.is_alphanumeric());
    known.flat_map(char::to_lowercase).collect()
}

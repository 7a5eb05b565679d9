//! A recorded file as a spec names it.

use super::form::Form;
use super::moment::Moment;
use super::time_unit::TimeUnit;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Recorded prices or trades in a file.
///
/// Only `file` must be given. What the file is, which columns hold what, and the unit of its times are recognised, and said when it is read.
/// What makes no sense in it is refused with its line, unless one of the last fields says what to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The file, relative to the directory of the spec that names it: comma-separated text, also as `.gz`, `.zst` or `.zip`; Parquet; or JSON as
    /// TradingView's charts and Pyth's history have it.
    pub file: PathBuf,
    /// What the file is; recognised by its header or its first row where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    /// Which columns hold what, by name or number, where that is not plain.
    #[serde(default, skip_serializing_if = "Columns::is_empty")]
    pub columns: Columns,
    /// Only rows that have this text in these columns, such as `{symbol: SOL-PERP}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub only: BTreeMap<String, String>,
    /// The unit of the times; told by their size where not given. ISO 8601 needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<TimeUnit>,
    /// Which price: `close` of candles and `price` of other rows where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<PriceOf>,
    /// Nothing before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// Nothing from this time on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Moment>,
    /// One price every so many seconds, at whole multiples since 1970: the last one known then, or of `vwap` the average since the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resample: Option<u32>,
    /// What a missing row means, where rows come at regular times or `resample` says so.
    #[serde(default)]
    pub gaps: Gaps,
    /// What to do with a row whose time is before that of the row above.
    #[serde(default)]
    pub unsorted: Unsorted,
    /// What to do with rows of the same time. Trades may be of the same time, and the last one counts where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeated: Option<Repeated>,
    /// What to do with a row whose time or price is missing, not a number, zero or negative.
    #[serde(default)]
    pub unreadable: Unreadable,
}

impl Source {
    /// The file with everything to be recognised.
    pub fn of(file: impl Into<PathBuf>) -> Self {
        Self {
            file: file.into(),
            form: None,
            columns: Columns::default(),
            only: BTreeMap::new(),
            unit: None,
            price: None,
            from: None,
            to: None,
            resample: None,
            gaps: Gaps::default(),
            unsorted: Unsorted::default(),
            repeated: None,
            unreadable: Unreadable::default(),
        }
    }

    /// What makes no sense, each with the field's name and the mend; reads no file.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if self.file.as_os_str().is_empty() {
            problems.push(("file", "is empty: give the name of a file".to_owned()));
        }
        if self.resample == Some(0) {
            problems.push(("resample", "is 0: give 1 second or more".to_owned()));
        }
        if let (Some(from), Some(to)) = (self.from, self.to)
            && from >= to
        {
            problems.push(("to", format!("is {to}: give a time after `from`, {from}")));
        }
        problems
    }
}

/// Which columns hold what: their names, or their numbers from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Columns {
    /// When; of a candle when it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Column>,
    /// The price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Column>,
    /// A candle's first price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<Column>,
    /// A candle's highest price, or an ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<Column>,
    /// A candle's lowest price, or a bid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low: Option<Column>,
    /// Units of base traded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<Column>,
    /// Dollars traded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<Column>,
    /// Who took: `buy`, `long`, `sell`, `short`, or, where its name says that of the maker, `true` for a sale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<Column>,
}

impl Columns {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A column by its name, or by its number from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Column {
    /// The number, from 1.
    Number(usize),
    /// The name in the header, in any case.
    Name(String),
}

/// Which price of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriceOf {
    /// The last of a candle, known at its end; the price of a row that has only one.
    Close,
    /// The first of a candle, known at its beginning.
    Open,
    /// Dollars traded over units traded; of trades the average of a `resample` interval.
    Vwap,
    /// Midway between the highest and the lowest price of a candle, or between bid and ask.
    Mid,
    /// The oracle's price, where rows have it beside the trade's.
    Oracle,
}

/// What a missing row means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gaps {
    /// The price before holds.
    #[default]
    Hold,
    /// The price goes straight to the next one, a step for each missing row.
    Interpolate,
    /// The file is not taken.
    Refuse,
}

/// What to do with rows that are not in the order of their times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unsorted {
    /// The file is not taken.
    #[default]
    Refuse,
    /// They are put in order.
    Sort,
}

/// What to do with rows of the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Repeated {
    /// The file is not taken.
    Refuse,
    /// The first one counts.
    First,
    /// The last one counts.
    Last,
}

/// What to do with rows that cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unreadable {
    /// The file is not taken.
    #[default]
    Refuse,
    /// They are left out.
    Skip,
}

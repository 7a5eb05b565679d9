//! Which cells of a row become what.

use super::cell::{Cell, Row};
use super::form::{self, Form, plain};
use super::source::{Column, PriceOf, Source};

/// Which cells of a row become what.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub form: Form,
    time: usize,
    price: How,
    /// When the price is known.
    known: Known,
    size: Option<usize>,
    quote: Option<usize>,
    /// Who took, and whether the column says it of the maker.
    side: Option<(usize, bool)>,
    only: Vec<(usize, String)>,
}

/// Where a price comes from.
#[derive(Clone, Copy, Debug)]
enum How {
    Cell(usize),
    /// Dollars over units.
    Ratio(usize, usize),
    Middle(usize, usize),
}

/// When a price is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// At the row's time.
    AtOnce,
    /// At the end of the row's interval, of which a column has the last moment.
    After(usize),
    /// At the end of the row's interval, which is as long as the time to the next row mostly is.
    AtEnd,
}

/// The columns of a file.
struct Header<'a> {
    /// Plain names; none in a file without a header.
    names: Option<&'a [String]>,
    width: usize,
}

impl Header<'_> {
    /// The column that the spec says, or else the first of these names, or else the one of this number in files without a header.
    fn find(
        &self,
        said: Option<&Column>,
        names: &[&str],
        number: Option<usize>,
    ) -> Result<Option<usize>, String> {
        match (said, self.names) {
            (Some(Column::Number(number)), _) => match (1..=self.width).contains(number) {
                true => Ok(Some(number - 1)),
                false => Err(format!(
                    "there is no column {number}: give one from 1 to {}",
                    self.width
                )),
            },
            (Some(Column::Name(name)), Some(all)) => match all.iter().position(|known| *known == plain(name))
            {
                Some(place) => Ok(Some(place)),
                None => Err(format!("there is no column `{name}`: it has {}", listed(all))),
            },
            (Some(Column::Name(name)), None) => Err(format!(
                "there is no header, so no column `{name}`: give its number, from 1"
            )),
            (None, Some(all)) => {
                let of = |name: &&str| all.iter().position(|known| known == name);
                Ok(names.iter().find_map(of))
            }
            (None, None) => Ok(number.filter(|number| *number < self.width)),
        }
    }
}

fn listed(names: &[String]) -> String {
    const MOST: usize = 40;
    let shown = names.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    match names.len() > MOST {
        true => format!("{shown} and {} more", names.len() - MOST),
        false => shown,
    }
}

impl Plan {
    /// What `source` wants of a file whose columns have these plain `names`, or none, and whose first row of values is `first`.
    pub fn of(source: &Source, names: Option<&[String]>, first: &dyn Row) -> Result<Self, String> {
        let told = || match names {
            Some(names) => Some(Form::of_header(names)),
            None => Form::of_row(first),
        };
        let columns = &source.columns;
        let named = columns.time.is_some() && (columns.price.is_some() || columns.high.is_some());
        let form = source.form.or_else(told).or(named.then_some(Form::Prices)).ok_or_else(|| {
            let width = first.width();
            format!("cannot tell what {width} columns without a header are: give `form`, or `columns` with `time` and `price`")
        })?;
        let header = Header {
            names,
            width: first.width().max(names.map_or(0, <[_]>::len)),
        };
        // Places in files without a header: time, price, open, high, low, size, quote, side, the candle's end.
        let at: [Option<usize>; 9] = match form {
            Form::Klines => [
                Some(0),
                Some(4),
                Some(1),
                Some(2),
                Some(3),
                Some(5),
                Some(7),
                None,
                Some(6),
            ],
            Form::Candles => [
                Some(0),
                Some(4),
                Some(1),
                Some(2),
                Some(3),
                Some(5),
                None,
                None,
                None,
            ],
            Form::AggTrades => [Some(5), Some(1), None, None, None, Some(2), None, Some(6), None],
            Form::Trades => [
                Some(4),
                Some(1),
                None,
                None,
                None,
                Some(2),
                Some(3),
                Some(5),
                None,
            ],
            _ => [Some(0), Some(1), None, None, None, None, None, None, None],
        };
        let candle = form.is_candles();
        let time = header.find(columns.time.as_ref(), form::TIME, at[0])?;
        let time = time.ok_or_else(|| missing("time", names))?;
        let prices: &[&str] = match form {
            Form::DriftFunding => &["oraclepricetwap"],
            _ if candle => form::CLOSE,
            _ => form::PRICE,
        };
        let price = header.find(columns.price.as_ref(), prices, at[1])?;
        let price = match price {
            None if columns.price.is_none() => header.find(None, form::CLOSE, None)?,
            found => found,
        };
        let open = header.find(columns.open.as_ref(), form::OPEN, at[2])?;
        let or = |first: Option<usize>, names: &[&str]| match first {
            None => header.find(None, names, None),
            found => Ok(found),
        };
        let high = or(header.find(columns.high.as_ref(), form::HIGH, at[3])?, form::ASK)?;
        let low = or(header.find(columns.low.as_ref(), form::LOW, at[4])?, form::BID)?;
        let size = header.find(columns.size.as_ref(), form::SIZE, at[5])?;
        let quote = header.find(columns.quote.as_ref(), form::QUOTE, at[6])?;
        let side = header.find(columns.side.as_ref(), form::SIDE, at[7])?;
        let end = header.find(None, form::CLOSE_TIME, at[8])?;
        let of_maker = |place: usize| names.is_none_or(|names| names[place].contains("maker"));

        let ratio = || match (quote, size) {
            (Some(quote), Some(size)) => Ok(How::Ratio(quote, size)),
            _ => Err(missing("quote` and `size", names)),
        };
        let middle = || match (high, low) {
            (Some(high), Some(low)) => Ok(How::Middle(high, low)),
            _ => Err(missing("high` and `low", names)),
        };
        let cell = |place: Option<usize>, what| place.map(How::Cell).ok_or_else(|| missing(what, names));
        let price = match source.price {
            Some(PriceOf::Open) => cell(open, "open")?,
            Some(PriceOf::Vwap) if form.is_trades() && source.resample.is_none() => {
                return Err(
                    "`price: vwap` of trades is the average of an interval: give `resample`, its seconds"
                        .into(),
                );
            }
            Some(PriceOf::Vwap) if !form.is_trades() => ratio()?,
            Some(PriceOf::Mid) => middle()?,
            Some(PriceOf::Oracle) => cell(
                header.find(None, &["oracleprice", "oraclepricetwap"], None)?,
                "price` of an oracle, `oraclePrice",
            )?,
            _ if form == Form::DriftTrades && columns.price.is_none() => ratio()?,
            None if price.is_none() && high.is_some() && low.is_some() => middle()?,
            _ => cell(price, "price")?,
        };
        let known = match (candle && source.price != Some(PriceOf::Open), end) {
            (false, _) => Known::AtOnce,
            (true, Some(end)) => Known::After(end),
            (true, None) => Known::AtEnd,
        };
        let only = source.only.iter().map(|(name, value)| {
            let place = header.find(Some(&Column::Name(name.clone())), &[], None)?;
            Ok((place.unwrap_or(usize::MAX), value.clone()))
        });
        let only = only.collect::<Result<_, String>>()?;
        let side = side.map(|place| (place, of_maker(place)));
        Ok(Self {
            form,
            time,
            price,
            known,
            size,
            quote,
            side,
            only,
        })
    }

    /// When the row's price is known, as far as the row tells.
    pub fn known(&self) -> Known {
        self.known
    }

    /// Whether the row is one of those wanted.
    pub fn wants(&self, row: &dyn Row) -> bool {
        self.only
            .iter()
            .all(|(column, value)| row.cell(*column).shown() == value.as_str())
    }

    /// The cell with the row's time, or with the end of its interval where it has that.
    pub fn time<'r>(&self, row: &'r dyn Row) -> Cell<'r> {
        match self.known {
            Known::After(end) => row.cell(end),
            _ => row.cell(self.time),
        }
    }

    /// The row's price in dollars; none for a candle in which nothing was traded.
    pub fn price(&self, row: &dyn Row) -> Result<Option<f64>, String> {
        let dollars = match self.price {
            How::Cell(column) => number(row, column, "price")?,
            How::Middle(high, low) => f64::midpoint(number(row, high, "price")?, number(row, low, "price")?),
            How::Ratio(quote, size) => {
                let (quote, size) = (number(row, quote, "quote")?, number(row, size, "size")?);
                if quote == 0.0 && size == 0.0 {
                    return Ok(None);
                }
                quote / size
            }
        };
        match dollars > 0.0 && dollars.is_finite() {
            true => Ok(Some(dollars)),
            false => Err(format!("the price is {dollars}, which is not above 0")),
        }
    }

    /// Whether sizes are told.
    pub fn has_sizes(&self) -> bool {
        self.size.is_some() || self.quote.is_some()
    }

    /// Whether it is told who took.
    pub fn has_sides(&self) -> bool {
        self.side.is_some()
    }

    /// Units of base that changed hands, for a price.
    pub fn size(&self, row: &dyn Row, price: f64) -> Result<f64, String> {
        let size = match (self.size, self.quote) {
            (Some(size), _) => number(row, size, "size")?,
            (None, Some(quote)) => number(row, quote, "quote")? / price,
            (None, None) => return Ok(0.0),
        };
        match size >= 0.0 {
            true => Ok(size),
            false => Err(format!("the size is {size}, which is below 0")),
        }
    }

    /// 1 where the taker bought, -1 where he sold.
    pub fn sign(&self, row: &dyn Row) -> Result<f64, String> {
        let Some((column, of_maker)) = self.side else {
            return Err("no column says who took: give `columns: {side: ...}`".into());
        };
        let said = row.cell(column).shown().to_ascii_lowercase();
        let buys = match said.as_str() {
            "buy" | "b" | "long" | "bid" => Some(true),
            "sell" | "s" | "short" | "ask" => Some(false),
            // The buyer made: the taker sold.
            "true" | "1" if of_maker => Some(false),
            "false" | "0" if of_maker => Some(true),
            _ => None,
        };
        buys.map(|buys| if buys { 1.0 } else { -1.0 })
            .ok_or_else(|| format!("the side is `{said}`: `buy`, `long`, `sell` or `short` is expected"))
    }
}

fn number(row: &dyn Row, column: usize, what: &str) -> Result<f64, String> {
    let cell = row.cell(column);
    cell.number().ok_or_else(|| match cell {
        Cell::Missing => format!("the {what} is missing"),
        cell => format!("the {what} `{}` is not a number", cell.shown()),
    })
}

fn missing(what: &str, names: Option<&[String]>) -> String {
    match names {
        Some(names) => format!(
            "no column is known as `{what}`: say in `columns` which of these is: {}",
            listed(names)
        ),
        None => format!("no column is known as `{what}`: say in `columns` which is, by its number from 1"),
    }
}

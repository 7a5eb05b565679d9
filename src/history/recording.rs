//! Recorded states of one perpetual market, from Parquet.

use super::HistoryError;
use super::columns::{self, Field, NAME, NEEDED, TIME};
use super::rows::Rows;
use drift::accounts::PerpMarket;
use drift::accounts::layout::{Describe, Fill, Value};
use drift::clock::Clock;
use std::path::Path;

/// The states of a market, in the order of time.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The market's name.
    pub market: String,
    /// Its states; at least two.
    pub states: Vec<State>,
    /// Fields of the account that the file has no column for: they start as a migrated account's padding does, at zero.
    pub unrecorded: Vec<String>,
    /// Fields with values that the account cannot hold, and how many: those stay zero, too.
    pub unfit: Vec<(String, usize)>,
    /// Rows whose times were told in another zone than UTC, and by how many hours they were put right.
    pub shifted: Vec<(usize, i64)>,
}

/// A recorded state.
#[derive(Clone, Debug)]
pub struct State {
    /// Its row in the file, from 1.
    pub row: usize,
    /// When it was read (`commit_unix`).
    pub seen: i64,
    /// The account, as far as it is recorded. Addresses and numbers of the exchange are not.
    pub market: PerpMarket,
}

impl State {
    /// When the AMM last took up its oracle's price.
    pub fn clock(&self) -> Clock {
        Clock {
            slot: self.market.amm.last_update_slot,
            unix_timestamp: self.market.amm.historical_oracle_data.last_oracle_price_twap_ts,
        }
    }
}

impl Recording {
    /// Reads the states of `market` from a Parquet file, `from` (included) `to` (excluded), by `commit_unix`.
    ///
    /// # Errors
    /// [`HistoryError`]: a column that is needed is missing, a value is missing or makes no sense, times are not in order or repeat, there is no
    /// such market, or there are fewer than two states.
    pub fn read(path: &Path, market: &str, from: Option<i64>, to: Option<i64>) -> Result<Self, HistoryError> {
        let fields = columns::fields();
        let rows = Rows::read(path, market, &|name| {
            name == TIME || name == NAME || columns::place(&fields, name).is_some()
        })?;
        let columns = matched(path, &fields, &rows)?;
        let mut recording = Self {
            market: market.to_owned(),
            states: Vec::new(),
            unrecorded: unrecorded(&fields, &columns),
            unfit: Vec::new(),
            shifted: Vec::new(),
        };
        let mut unfit = vec![0; fields.len()];
        let mut last: Option<(usize, i64)> = None;
        for (place, row) in rows.numbers.iter().enumerate() {
            let bad = |column: &str, reason: String| HistoryError::Value {
                path: path.to_owned(),
                row: *row,
                column: column.to_owned(),
                reason,
            };
            let time = rows.time(place).map_err(|reason| bad(TIME, reason))?;
            if let Some((before, earlier)) = last
                && time <= earlier
            {
                let again = time == earlier;
                return Err(HistoryError::Order {
                    path: path.to_owned(),
                    market: market.to_owned(),
                    row: *row,
                    time,
                    what: if again { "also that of" } else { "before that of" },
                    before,
                    mend: if again {
                        "leave one of them out"
                    } else {
                        "sort the rows by `commit_unix`"
                    },
                });
            }
            last = Some((*row, time));
            if from.is_some_and(|from| time < from) || to.is_some_and(|to| time >= to) {
                continue;
            }
            let mut values: Vec<Option<Value>> = vec![None; fields.len()];
            for (field, column) in columns
                .iter()
                .enumerate()
                .filter_map(|(at, column)| Some((at, (*column)?)))
            {
                let name = rows.names[column].as_str();
                let text = rows.cell(column, place).ok_or_else(|| {
                    bad(
                        name,
                        format!(
                            "has no value: give {}, or leave the row out",
                            fields[field].wanted()
                        ),
                    )
                })?;
                let value = fields[field].read(text);
                values[field] = Some(
                    value
                        .ok_or_else(|| bad(name, format!("is `{text}`: give {}", fields[field].wanted())))?,
                );
            }
            let (market, odd) = filled(&fields, &values);
            odd.into_iter().for_each(|field| unfit[field] += 1);
            let mut state = State {
                row: *row,
                seen: time,
                market,
            };
            if let Some(hours) = in_utc(&mut state) {
                recording.shifted.push((*row, hours));
            }
            recording.check(path, &state)?;
            recording.states.push(state);
        }
        recording.unfit = fields
            .iter()
            .zip(unfit)
            .filter(|(_, count)| *count > 0)
            .map(|(field, count)| (field.path.clone(), count))
            .collect();
        if recording.states.len() < 2 {
            return Err(HistoryError::TooFew {
                path: path.to_owned(),
                market: market.to_owned(),
                found: recording.states.len(),
            });
        }
        Ok(recording)
    }

    /// Refuses a state that no curve is made of, or one whose clock runs back.
    fn check(&self, path: &Path, state: &State) -> Result<(), HistoryError> {
        let amm = &state.market.amm;
        let bad = |field: &str, reason: String| HistoryError::Value {
            path: path.to_owned(),
            row: state.row,
            column: format!("market.{field}"),
            reason,
        };
        let positive = [
            ("amm.base_asset_reserve", amm.base_asset_reserve),
            ("amm.quote_asset_reserve", amm.quote_asset_reserve),
            ("amm.sqrt_k", amm.sqrt_k),
            ("amm.peg_multiplier", amm.peg_multiplier),
        ];
        if let Some((field, _)) = positive.iter().find(|(_, value)| *value == 0) {
            return Err(bad(field, "is 0: leave the row out".to_owned()));
        }
        if amm.historical_oracle_data.last_oracle_price <= 0 {
            let field = "amm.historical_oracle_data.last_oracle_price";
            return Err(bad(field, "is not above 0: leave the row out".to_owned()));
        }
        let Some(before) = self.states.last() else {
            return Ok(());
        };
        let (was, is) = (before.clock(), state.clock());
        if is.slot < was.slot {
            let reason = format!(
                "is {}, before {} of row {}: leave one of them out",
                is.slot, was.slot, before.row
            );
            return Err(bad("amm.last_update_slot", reason));
        }
        if is.unix_timestamp < was.unix_timestamp {
            let reason = format!(
                "is {}, before {} of row {}: leave one of them out",
                super::calendar(is.unix_timestamp),
                super::calendar(was.unix_timestamp),
                before.row
            );
            return Err(bad(
                "amm.historical_oracle_data.last_oracle_price_twap_ts",
                reason,
            ));
        }
        Ok(())
    }
}

/// For each field its column, if there is one.
fn matched(path: &Path, fields: &[Field], rows: &Rows) -> Result<Vec<Option<usize>>, HistoryError> {
    let mut columns: Vec<Option<usize>> = vec![None; fields.len()];
    for (column, name) in rows.names.iter().enumerate() {
        let Some(field) = columns::place(fields, name) else {
            continue;
        };
        if let Some(first) = columns[field] {
            return Err(HistoryError::TwoColumns {
                path: path.to_owned(),
                first: rows.names[first].clone(),
                second: name.clone(),
                field: fields[field].path.clone(),
            });
        }
        columns[field] = Some(column);
    }
    let missing = fields
        .iter()
        .zip(&columns)
        .find(|(field, column)| column.is_none() && field.is_needed());
    match missing {
        Some((field, _)) => Err(HistoryError::NoColumn {
            path: path.to_owned(),
            column: field.column(),
        }),
        None => Ok(columns),
    }
}

fn unrecorded(fields: &[Field], columns: &[Option<usize>]) -> Vec<String> {
    let without = fields.iter().zip(columns).filter(|(_, column)| column.is_none());
    debug_assert!(NEEDED.len() < fields.len());
    without.map(|(field, _)| field.path.clone()).collect()
}

/// The account that `values` make, and the fields whose values it cannot hold.
fn filled(fields: &[Field], values: &[Option<Value>]) -> (PerpMarket, Vec<usize>) {
    let mut market = PerpMarket::default();
    let mut next = 0;
    // Both walk the account in its order.
    market.fill(&mut String::new(), &mut |path| {
        let at = next + fields[next..].iter().position(|field| field.path == path)?;
        next = at;
        values[at].clone()
    });
    let (mut odd, mut next) = (Vec::new(), 0);
    market.describe(&mut String::new(), &mut |path, held| {
        let Some(ahead) = fields[next..].iter().position(|field| field.path == path) else {
            return;
        };
        next += ahead;
        let held = match held {
            Value::Uint(held) => i128::try_from(held).map_or(Value::Uint(held), Value::Int),
            other => other,
        };
        if values[next].as_ref().is_some_and(|value| *value != held) {
            odd.push(next);
        }
    });
    (market, odd)
}

/// Seconds by which a state may be older than its reading without a doubt about its time zone.
const OLD: i64 = 3_600;

/// Brings the times of a state that was decoded in another time zone to UTC: one whose AMM took up the oracle's price before its own funding,
/// which cannot be. Answers by how many hours. Times that are recorded as numbers are in UTC always.
fn in_utc(state: &mut State) -> Option<i64> {
    let amm = &mut state.market.amm;
    let updated = amm.historical_oracle_data.last_oracle_price_twap_ts;
    if updated >= amm.last_funding_rate_ts || state.seen - updated < OLD {
        return None;
    }
    let hours = (state.seen - updated) / 3_600;
    let mut data = amm.historical_oracle_data;
    data.last_oracle_price_twap_ts += hours * 3_600;
    amm.historical_oracle_data = data;
    amm.last_trade_ts += hours * 3_600;
    amm.last_mark_price_twap_ts += hours * 3_600;
    Some(hours)
}

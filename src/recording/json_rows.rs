//! Rows of JSON: a chart's columns (`{"t": [...], "c": [...]}`, as TradingView and Pyth's history have them), a list of rows, or a list of
//! objects.

use super::cell::{Cell, Row};
use super::error::RecordingError;
use super::form::plain;
use super::read::Sink;
use serde_json::{Map, Value};
use std::io::Read;
use std::path::Path;

/// A row of values.
struct Values<'a>(Vec<&'a Value>);

impl Row for Values<'_> {
    fn width(&self) -> usize {
        self.0.len()
    }

    fn cell(&self, column: usize) -> Cell<'_> {
        match self.0.get(column) {
            Some(Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Cell::Integer(whole),
                (None, Some(float)) => Cell::Float(float),
                (None, None) => Cell::Missing,
            },
            Some(Value::String(text)) => Cell::text(text),
            Some(Value::Bool(true)) => Cell::Text("true"),
            Some(Value::Bool(false)) => Cell::Text("false"),
            _ => Cell::Missing,
        }
    }
}

/// Hands the rows of `text` to `rows`; their number is their place from 1.
pub(super) fn read(file: &Path, text: impl Read, rows: &mut dyn Sink) -> Result<(), RecordingError> {
    let refuse = |problem: String| RecordingError::File {
        file: file.to_owned(),
        problem,
    };
    let document: Value = serde_json::from_reader(text).map_err(|error| refuse(error.to_string()))?;
    let unknown =
        || refuse("is JSON, but neither columns of a chart (`t`, `c`, ...) nor a list of rows".into());
    let wrong = |line: usize| {
        move |problem| RecordingError::Row {
            file: file.to_owned(),
            line: line as u64 + 1,
            problem,
        }
    };
    match &document {
        Value::Object(columns) if columns.get("t").is_some_and(Value::is_array) => {
            let lists: Vec<(&String, &Vec<Value>)> = columns
                .iter()
                .filter_map(|(name, list)| Some((name, list.as_array()?)))
                .collect();
            let length = columns["t"].as_array().map_or(0, Vec::len);
            if let Some((name, list)) = lists
                .iter()
                .find(|(_, list)| !list.is_empty() && list.len() != length)
            {
                return Err(refuse(format!(
                    "`{name}` has {} values where `t` has {length}",
                    list.len()
                )));
            }
            let lists: Vec<_> = lists.into_iter().filter(|(_, list)| !list.is_empty()).collect();
            rows.header(lists.iter().map(|(name, _)| plain(name)).collect());
            for place in 0..length {
                let row = Values(lists.iter().map(|(_, list)| &list[place]).collect());
                rows.row(&row).map_err(wrong(place))?;
            }
        }
        Value::Object(members) => {
            let lists = members.values().filter_map(Value::as_array);
            let list = lists
                .into_iter()
                .find(|list| list.iter().any(|row| row.is_array() || row.is_object()));
            list_of_rows(list.ok_or_else(unknown)?, rows, wrong)?;
        }
        Value::Array(list) => list_of_rows(list, rows, wrong)?,
        _ => return Err(unknown()),
    }
    Ok(())
}

fn list_of_rows<W: FnOnce(String) -> RecordingError>(
    list: &[Value],
    rows: &mut dyn Sink,
    wrong: impl Fn(usize) -> W,
) -> Result<(), RecordingError> {
    let empty = Map::new();
    // The first object says which columns there are.
    let names: Vec<&String> = match list.first() {
        Some(Value::Object(first)) => first.keys().collect(),
        _ => Vec::new(),
    };
    if !names.is_empty() {
        rows.header(names.iter().map(|name| plain(name)).collect());
    }
    for (place, row) in list.iter().enumerate() {
        let values = match row {
            Value::Array(values) if names.is_empty() => values.iter().collect(),
            _ => {
                let members = row.as_object().unwrap_or(&empty);
                names
                    .iter()
                    .map(|name| members.get(*name).unwrap_or(&Value::Null))
                    .collect()
            }
        };
        rows.row(&Values(values)).map_err(wrong(place))?;
    }
    Ok(())
}

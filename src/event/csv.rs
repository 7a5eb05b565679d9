//! Events as drift-sim writes them: a CSV file of `event_name,timestamp,parameters`, the parameters a JSON object.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord, WriterBuilder};
use serde_json::{Map, Value};
use thiserror::Error;

use super::fields::FieldError;
use super::json::{parse, spaced};
use super::nearest::nearest;
use super::{Event, Kind};

const HEADER: [&str; 3] = ["event_name", "timestamp", "parameters"];

/// A file's events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventLog {
    /// The events, in the file's order, which need not be that of time.
    pub events: Vec<Event>,
    /// The line that each event's row starts on, from 1; empty where the events are from no file.
    pub lines: Vec<u64>,
    /// Parameters that no event knows; they were passed over.
    pub unread: Vec<UnreadField>,
}

/// A parameter that its event does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadField {
    /// The line that the row starts on, from 1.
    pub line: u64,
    /// The event.
    pub event: &'static str,
    /// The parameter.
    pub field: String,
}

/// Why a file of events could not be read, and where.
#[derive(Debug, Error)]
#[error("{}{}: {kind}", file.display(), if *line == 0 { String::new() } else { format!(":{line}") })]
pub struct ReadError {
    /// The file.
    pub file: PathBuf,
    /// The line that the row starts on, from 1; 0 where the file as a whole is meant.
    pub line: u64,
    /// What is wrong.
    pub kind: ReadErrorKind,
}

/// What is wrong with a file of events.
#[derive(Debug, Error)]
pub enum ReadErrorKind {
    /// The file cannot be opened.
    #[error("cannot open: {0}")]
    Open(io::Error),
    /// The text is not CSV, or reading it failed.
    #[error("not a row of CSV: {0}")]
    Csv(csv::Error),
    /// A column is missing.
    #[error("no column `{column}`{}", near.as_ref().map(|name| format!(", found `{name}`")).unwrap_or_default())]
    Column {
        /// The missing one.
        column: &'static str,
        /// One of a like name.
        near: Option<String>,
    },
    /// No event has this name.
    #[error("unknown event `{name}`{}", near.map(|name| format!(", did you mean `{name}`?")).unwrap_or_default())]
    Name {
        /// The name in the file.
        name: String,
        /// The nearest that there is.
        near: Option<&'static str>,
    },
    /// The time is not a whole number of seconds.
    #[error("timestamp must be a whole number of seconds, found `{0}`")]
    Timestamp(String),
    /// The parameters are not JSON.
    #[error("parameters of `{event}` are not a JSON object: {reason}")]
    Json {
        /// The event's name in the file.
        event: String,
        /// What the parser says.
        reason: serde_json::Error,
    },
    /// A parameter is missing or means nothing.
    #[error(transparent)]
    Field(#[from] FieldError),
}

/// Reads a file of events.
///
/// # Errors
/// [`ReadError`] for the first row that is no event, and where the file cannot be read.
pub fn read_file(file: &Path) -> Result<EventLog, ReadError> {
    strict(read_file_leniently(file)?)
}

/// Reads a file of events, and answers beside them why the rows that are none are not.
///
/// # Errors
/// [`ReadError`] where the file cannot be read or has other columns.
pub fn read_file_leniently(file: &Path) -> Result<(EventLog, Vec<ReadError>), ReadError> {
    let opened = File::open(file).map_err(|error| ReadError {
        file: file.to_owned(),
        line: 0,
        kind: ReadErrorKind::Open(error),
    })?;
    read_leniently(opened, file)
}

/// Reads events; `file` is the name for messages.
///
/// # Errors
/// As [`read_file`].
pub fn read(input: impl Read, file: &Path) -> Result<EventLog, ReadError> {
    strict(read_leniently(input, file)?)
}

/// The first row that is no event is one too many.
fn strict((log, refused): (EventLog, Vec<ReadError>)) -> Result<EventLog, ReadError> {
    refused.into_iter().next().map_or(Ok(log), Err)
}

fn read_leniently(input: impl Read, file: &Path) -> Result<(EventLog, Vec<ReadError>), ReadError> {
    let fail = |line, kind| ReadError {
        file: file.to_owned(),
        line,
        kind,
    };
    // Without quotes a JSON object of two parameters is two columns: such a row is refused rather than cut.
    let mut reader = ReaderBuilder::new().from_reader(input);
    let headers = reader
        .headers()
        .map_err(|error| fail(1, ReadErrorKind::Csv(error)))?;
    let columns = Columns::find(headers).map_err(|kind| fail(1, kind))?;
    let (mut log, mut refused) = (EventLog::default(), Vec::new());
    for record in reader.records() {
        let read = match record {
            Ok(record) => columns
                .event(&record)
                .map(|read| (line_of(record.position()), read))
                .map_err(|kind| fail(line_of(record.position()), kind)),
            Err(error) => Err(fail(line_of(error.position()), ReadErrorKind::Csv(error))),
        };
        match read {
            Ok((line, (event, unread))) => {
                log.unread.extend(unread.into_iter().map(|field| UnreadField {
                    line,
                    event: event.kind.name(),
                    field,
                }));
                log.lines.push(line);
                log.events.push(event);
            }
            Err(error) => refused.push(error),
        }
    }
    Ok((log, refused))
}

/// Writes events in the form that [`read`] and drift-sim read.
///
/// # Errors
/// Whatever writing to `output` fails with.
pub fn write<'a>(events: impl IntoIterator<Item = &'a Event>, output: impl Write) -> io::Result<()> {
    let mut writer = WriterBuilder::new().from_writer(output);
    writer.write_record(HEADER)?;
    for event in events {
        let parameters = spaced(&event.kind.write())?;
        writer.write_record([event.kind.name(), &event.timestamp.to_string(), &parameters])?;
    }
    writer.flush()
}

/// Where the three columns stand. pandas may put others beside them.
struct Columns([usize; 3]);

impl Columns {
    fn find(headers: &StringRecord) -> Result<Self, ReadErrorKind> {
        let mut places = [0; 3];
        for (place, column) in places.iter_mut().zip(HEADER) {
            *place = headers
                .iter()
                .position(|header| header.trim() == column)
                .ok_or_else(|| {
                    let others = headers.iter().filter(|header| !HEADER.contains(header));
                    ReadErrorKind::Column {
                        column,
                        near: nearest(column, others).map(str::to_owned),
                    }
                })?;
        }
        Ok(Self(places))
    }

    fn event(&self, record: &StringRecord) -> Result<(Event, Vec<String>), ReadErrorKind> {
        let [name, time, parameters] = self.0.map(|place| record.get(place).unwrap_or_default().trim());
        let timestamp = seconds(time).ok_or_else(|| ReadErrorKind::Timestamp(time.to_owned()))?;
        let json: Map<String, Value> = if parameters.is_empty() {
            Map::new()
        } else {
            parse(parameters).map_err(|reason| ReadErrorKind::Json {
                event: name.to_owned(),
                reason,
            })?
        };
        let Some(read) = Kind::read(name, json) else {
            let near = nearest(name, Kind::NAMES.iter().copied());
            return Err(ReadErrorKind::Name {
                name: name.to_owned(),
                near,
            });
        };
        let (kind, rest) = read?;
        Ok((Event { timestamp, kind }, rest.unread().collect()))
    }
}

/// A whole number of seconds. pandas writes a column that once held a gap as floats.
fn seconds(text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| {
        let float: f64 = text.parse().ok()?;
        // 2^63 is the first double past the range; a double from 2^53 on is whole and taken at its word.
        (float.fract() == 0.0 && float >= i64::MIN as f64 && float < i64::MAX as f64).then_some(float as i64)
    })
}

fn line_of(position: Option<&csv::Position>) -> u64 {
    position.map_or(0, csv::Position::line)
}

#[cfg(test)]
mod tests;

//! Rows of comma-separated text.

use super::cell::{Cell, Row};
use super::error::RecordingError;
use super::form::plain;
use super::opened::{Opened, open};
use super::read::Sink;
use csv::StringRecord;
use std::io::{BufRead, Read};
use std::path::Path;

impl Row for StringRecord {
    fn width(&self) -> usize {
        self.len()
    }

    fn cell(&self, column: usize) -> Cell<'_> {
        self.get(column).map_or(Cell::Missing, Cell::text)
    }
}

/// Hands the rows of `text` to `rows`. Columns are parted by commas or, where the first line has none, by semicolons or tabs.
pub(super) fn read(
    file: &Path,
    mut text: Box<dyn BufRead>,
    rows: &mut dyn Sink,
) -> Result<(), RecordingError> {
    let refused = |source| RecordingError::Read {
        file: file.to_owned(),
        source,
    };
    let beginning = text.fill_buf().map_err(refused)?;
    let first_line = beginning.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let parted_by = |byte: &u8| first_line.contains(byte);
    let delimiter = [b',', b';', b'\t'].into_iter().find(parted_by).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .from_reader(text);
    let mut record = StringRecord::new();
    let mut at_top = true;
    loop {
        let outcome = match reader.read_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) if std::mem::take(&mut at_top) && is_header(&record) => {
                rows.header(record.iter().map(plain).collect());
                Ok(())
            }
            Ok(true) => rows.row(&record),
            Err(error) => match error.into_kind() {
                // A file that ends in the middle of its compression, too.
                csv::ErrorKind::Io(source) => return Err(refused(source)),
                csv::ErrorKind::Utf8 { err, .. } => Err(format!("is not text in UTF-8: {err}")),
                other => Err(format!("{other:?}")),
            },
        };
        outcome.map_err(|problem| RecordingError::Row {
            file: file.to_owned(),
            line: line_of_row_ending_at(file, reader.position().byte()),
            problem,
        })?;
    }
}

/// Whether the first row names columns: no cell is a number or a time.
fn is_header(record: &StringRecord) -> bool {
    let is_value =
        |cell: &str| Cell::text(cell).number().is_some() || Cell::text(cell).micros(None).is_some();
    !record.is_empty() && !record.iter().any(is_value)
}

/// The line, from 1, of the row that ends before byte `end`, counted anew: the reader's own numbers are off below empty lines.
fn line_of_row_ending_at(file: &Path, end: u64) -> u64 {
    let Ok(Opened::Text(text)) = open(file) else {
        return 0;
    };
    let (mut line, mut breaks) = (1, 0);
    for byte in text.take(end).bytes().map_while(Result::ok) {
        match byte {
            b'\n' => breaks += 1,
            b'\r' => {}
            _ => line += std::mem::take(&mut breaks),
        }
    }
    line
}

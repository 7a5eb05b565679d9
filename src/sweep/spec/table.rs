//! The `table` block: rows written in the spec or in a CSV file with the paths as its header.

use super::super::diagnostic::{Fault, Problem};
use super::super::source::Span;
use super::super::tree::{Key, Kind, Node, scalar};
use super::Files;
use super::block::PathText;
use super::fields::{Fields, list, text};

pub(crate) const TABLE_KEYS: &[&str] = &["columns", "rows", "file"];

type Table = (Vec<PathText>, Vec<Vec<Node>>);

pub(super) fn read(body: &Node, files: &mut Files) -> Result<Table, Fault> {
    let fields = Fields::of(body, TABLE_KEYS)?;
    let (columns, rows, place) = match (
        fields.optional("file"),
        fields.optional("columns"),
        fields.optional("rows"),
    ) {
        (Some(file), None, None) => {
            let source = files.read(file)?;
            let (columns, rows) = csv(files, source)?;
            (columns, rows, file.span)
        }
        (None, Some(_), _) | (None, _, Some(_)) => {
            let columns = fields.required("columns")?;
            let rows = fields.required("rows")?;
            let (names, cells) = written(columns, rows)?;
            (names, cells, rows.span)
        }
        (Some(_), _, _) => {
            let message = "a table has either `file` or `columns` and `rows`";
            return Err(Problem::invalid(message).at(body.span));
        }
        (None, None, None) => return Err(Problem::MissingKey("columns".into()).at(body.span)),
    };
    if columns.is_empty() {
        return Err(Problem::Empty("the table has no columns".into()).at(place));
    }
    if rows.is_empty() {
        return Err(Problem::Empty("the table has no rows".into()).at(place));
    }
    Ok((columns, rows))
}

fn written(columns: &Node, rows: &Node) -> Result<Table, Fault> {
    let column = |node| {
        Ok(PathText {
            text: text(node)?.to_owned(),
            span: node.span,
        })
    };
    let columns: Vec<PathText> = list(columns)?.iter().map(column).collect::<Result<_, Fault>>()?;
    let row = |node| {
        let cells = list(node)?;
        if cells.len() != columns.len() {
            return Err(uneven(cells.len(), columns.len(), node.span));
        }
        Ok(cells.to_vec())
    };
    let rows = list(rows)?.iter().map(row).collect::<Result<_, Fault>>()?;
    Ok((columns, rows))
}

fn uneven(cells: usize, columns: usize, span: Option<Span>) -> Fault {
    Problem::invalid(format!("the row has {cells} values, the header {columns}")).at(span)
}

fn csv(files: &Files, source: u32) -> Result<Table, Fault> {
    let text = files
        .sources
        .get(source)
        .map(|source| &*source.text)
        .unwrap_or_default();
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    let broken = |error: csv::Error| {
        let start = error.position().map_or(0, |position| position.byte() as usize);
        Problem::invalid(format!("not a CSV table: {error}")).at(Some(Span {
            source,
            start,
            end: start,
        }))
    };
    let header = reader.headers().map_err(broken)?.clone();
    let columns: Vec<PathText> = header
        .iter()
        .enumerate()
        .map(|(index, name)| PathText {
            text: name.to_owned(),
            span: cell_span(text, source, &header, index),
        })
        .collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        if record.len() != columns.len() {
            return Err(uneven(
                record.len(),
                columns.len(),
                line_span(text, source, &record),
            ));
        }
        let cell = |(index, cell)| scalar(cell, cell_span(text, source, &record, index));
        rows.push(record.iter().enumerate().map(cell).collect());
    }
    Ok((columns, rows))
}

/// The line a record starts on.
fn line_span(text: &str, source: u32, record: &csv::StringRecord) -> Option<Span> {
    let from = record.position()?.byte() as usize;
    let rest = text.get(from..)?;
    let start = from + (rest.len() - rest.trim_start().len());
    let end = text[start..]
        .find(['\n', '\r'])
        .map_or(text.len(), |length| start + length);
    Some(Span { source, start, end })
}

/// Where a cell is written; its line when quotes make the exact place unclear.
fn cell_span(text: &str, source: u32, record: &csv::StringRecord, index: usize) -> Option<Span> {
    let line = line_span(text, source, record)?;
    let written = &text[line.start..line.end];
    if written.contains('"') {
        return Some(line);
    }
    let before: usize = written.split(',').take(index).map(|cell| cell.len() + 1).sum();
    let cell = written.split(',').nth(index)?;
    let start = line.start + before + (cell.len() - cell.trim_start().len());
    Some(Span {
        source,
        start,
        end: start + cell.trim().len(),
    })
}

/// The block with its rows written out, so that it stands without the file.
pub(super) fn inline(block: &Node, columns: &[PathText], rows: &[Vec<Node>]) -> Node {
    let list = |items| Node {
        kind: Kind::List(items),
        span: block.span,
    };
    let names = columns.iter().map(|column| Node {
        kind: Kind::Text(column.text.clone()),
        span: column.span,
    });
    let key = |name: &str| Key {
        name: name.to_owned(),
        span: block.span,
    };
    let map = |entries| Node {
        kind: Kind::Map(entries),
        span: block.span,
    };
    let rows = rows.iter().map(|row| list(row.clone())).collect();
    map(vec![(
        key("table"),
        map(vec![
            (key("columns"), list(names.collect())),
            (key("rows"), list(rows)),
        ]),
    )])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_where_it_is_written() {
        let text = "a, b\r\n10 ,  x y\n\"1,5\",2\n";
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text.as_bytes());
        let records: Vec<_> = reader.records().map(Result::unwrap).collect();
        let cell = |row: usize, index| {
            let span = cell_span(text, 0, &records[row], index).unwrap();
            &text[span.start..span.end]
        };
        assert_eq!((cell(0, 0), cell(0, 1)), ("a", "b"));
        assert_eq!((cell(1, 0), cell(1, 1)), ("10", "x y"));
        assert_eq!(cell(2, 1), "\"1,5\",2", "quotes: the line stands for the cell");
    }
}

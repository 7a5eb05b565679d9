//! Prices from a file.

use super::{
    error::{FieldError, Fields, PathError},
    files::PriceFiles,
    price::{MAX_PRICE, PRICE_SCALE, PricePath, PriceTable, from_dollars},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Recorded prices from a CSV file of two columns, time and price, as drift-sim has them.
///
/// Times are whole seconds, since 1970 or since anything else: the first row is second 0. They never decrease; of rows with the same time the
/// last counts. Prices are dollars above 0. A price holds until the next row, the last for good. One header row, whatever it says, may come
/// first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CsvFile {
    /// The file, relative to the directory of the spec that names it.
    pub file: PathBuf,
    /// Seconds after the first row at which the path starts. Default 0.
    #[serde(default)]
    pub start_seconds: u32,
}

impl CsvFile {
    pub(super) const MODEL: &str = "csv";

    pub(super) fn check(&self) -> Vec<FieldError> {
        let mut fields = Fields::of(Self::MODEL);
        let named = !self.file.as_os_str().is_empty();
        fields.require(named, "file", "empty", || "give the name of a file".into());
        fields.finish()
    }

    pub(super) fn build(&self, horizon: u32, files: &PriceFiles) -> Result<PricePath, PathError> {
        let table = files.load(&self.file)?;
        let covered = table.last_second();
        if self.start_seconds > covered {
            return Err(PathError::StartsTooLate {
                file: self.file.clone(),
                start: self.start_seconds,
                covered,
            });
        }
        Ok(PricePath::window(table, self.start_seconds, horizon))
    }
}

/// The prices of a file whose bytes these are. `file` is for messages.
pub(super) fn parse(file: &Path, bytes: &[u8]) -> Result<PriceTable, PathError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let mut rows = Rows::default();
    let mut record = csv::ByteRecord::new();
    loop {
        let more = reader.read_byte_record(&mut record);
        let read = match more {
            Ok(false) => break,
            Ok(true) => rows.add(&record),
            Err(error) => Err(error.to_string()),
        };
        read.map_err(|problem| PathError::Row {
            file: file.to_owned(),
            line: line_of_row_ending_at(bytes, reader.position().byte()),
            problem,
        })?;
    }
    rows.finish().ok_or_else(|| PathError::Empty {
        file: file.to_owned(),
    })
}

/// The line, from 1, of the row that ends before byte `end`. The reader's own line numbers are off below empty lines.
fn line_of_row_ending_at(bytes: &[u8], end: u64) -> u64 {
    let end = usize::try_from(end).map_or(bytes.len(), |end| end.min(bytes.len()));
    let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let break_length = bytes[..end].iter().rev().take_while(|b| is_break(b)).count();
    let until_row = &bytes[..end - break_length];
    1 + until_row.iter().filter(|&&byte| byte == b'\n').count() as u64
}

/// The rows read so far.
struct Rows {
    table: PriceTable,
    /// Whether the next row is the first, which may be a header.
    at_top: bool,
    /// Times of the first row and of the latest.
    span: Option<(i64, i64)>,
}

impl Default for Rows {
    fn default() -> Self {
        Self {
            table: PriceTable::with_capacity(0),
            at_top: true,
            span: None,
        }
    }
}

impl Rows {
    fn add(&mut self, record: &csv::ByteRecord) -> Result<(), String> {
        let at_top = std::mem::replace(&mut self.at_top, false);
        let (Some(time), Some(price), 2) = (record.get(0), record.get(1), record.len()) else {
            return Err(format!(
                "{} columns where two are expected: time,price",
                record.len()
            ));
        };
        let (time, price) = (String::from_utf8_lossy(time), String::from_utf8_lossy(price));
        if at_top && time.parse::<f64>().is_err() && price.parse::<f64>().is_err() {
            return Ok(());
        }
        let (time, price) = (whole_seconds(&time)?, positive_price(&price)?);
        let (first, before) = self.span.unwrap_or((time, time));
        if time < before {
            return Err(format!(
                "time {time} is before {before}, the time of the row above"
            ));
        }
        let second = time.checked_sub(first).map(u32::try_from);
        let Some(Ok(second)) = second else {
            let most = u32::MAX;
            return Err(format!(
                "time {time} is more than {most} seconds after the first row"
            ));
        };
        self.span = Some((first, time));
        self.table.push(second, price);
        Ok(())
    }

    /// The table, if there was a row of prices.
    fn finish(self) -> Option<PriceTable> {
        self.span.map(|_| self.table)
    }
}

fn whole_seconds(cell: &str) -> Result<i64, String> {
    // Tables that went through floats have times such as `12.0`. Below 2^53 a float is exact.
    let float = || {
        let time: f64 = cell.parse().ok()?;
        (time.fract() == 0.0 && time.abs() < 9e15).then_some(time as i64)
    };
    cell.parse()
        .ok()
        .or_else(float)
        .ok_or_else(|| format!("time `{cell}` is not a whole number of seconds"))
}

fn positive_price(cell: &str) -> Result<u64, String> {
    let dollars: f64 = cell
        .parse()
        .map_err(|_| format!("price `{cell}` is not a number"))?;
    let in_range = if dollars > 0.0 {
        from_dollars(dollars)
    } else {
        None
    };
    in_range.ok_or_else(|| {
        format!(
            "price `{cell}` is not above 0 and at most {} dollars",
            MAX_PRICE / PRICE_SCALE
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(text: &str) -> Vec<(i64, u64)> {
        let table = parse(Path::new("p.csv"), text.as_bytes()).unwrap();
        PricePath::whole(table, u32::MAX).iter().collect()
    }

    fn error(text: &[u8]) -> String {
        parse(Path::new("p.csv"), text).unwrap_err().to_string()
    }

    #[test]
    fn drift_sims_forms_are_read() {
        // Unix seconds; a row number; times that went through floats; no header at all.
        for text in [
            "blockchainTimestamp,oraclePrice\n1652069091,61.52953631\n1652069111,61.49412098\n",
            ",price\n0,61.52953631\n20,61.49412098\n",
            "timestamp,price\n0.0,61.52953631\n20.0,61.49412098",
            "5,61.52953631\n25,61.49412098",
            "\u{feff}t,p\r\n\r\n1, 61.52953631\r\n21, 61.49412098\r\n",
        ] {
            assert_eq!(points(text), [(0, 61_529_536), (20, 61_494_121)], "{text:?}");
        }
    }

    #[test]
    fn repeated_prices_and_times_leave_the_changes() {
        let text = "t,p\n10,1\n12,1\n15,2\n15,3\n18,3.5\n";
        assert_eq!(points(text), [(0, 1_000_000), (5, 3_000_000), (8, 3_500_000)]);
    }

    #[test]
    fn tiny_prices_stay_above_zero() {
        assert_eq!(points("0,0.0000001"), [(0, 1)]);
    }

    #[test]
    fn errors_name_file_and_line() {
        for (text, said) in [
            ("t,p\n0,1\n1,x\n", "p.csv:3: price `x` is not a number"),
            (
                "t,p\n\n\n0,1\n\nz,2",
                "p.csv:6: time `z` is not a whole number of seconds",
            ),
            (
                "t,p\r\n0,1\r\n1.5,2\r\n",
                "p.csv:3: time `1.5` is not a whole number of seconds",
            ),
            (
                "t,p\n5,1\n4,1\n",
                "p.csv:3: time 4 is before 5, the time of the row above",
            ),
            (
                "t,p\n5,1,2\n",
                "p.csv:2: 3 columns where two are expected: time,price",
            ),
            (
                "t,p\n5\n",
                "p.csv:2: 1 columns where two are expected: time,price",
            ),
            (
                "t,p\n5,0\n",
                "p.csv:2: price `0` is not above 0 and at most 1000000000 dollars",
            ),
            (
                "t,p\n5,-1\n",
                "p.csv:2: price `-1` is not above 0 and at most 1000000000 dollars",
            ),
            (
                "t,p\n5,NaN\n",
                "p.csv:2: price `NaN` is not above 0 and at most 1000000000 dollars",
            ),
            (
                "t,p\n5,2e9\n",
                "p.csv:2: price `2e9` is not above 0 and at most 1000000000 dollars",
            ),
            (
                "0,1\n4294967296,1\n",
                "p.csv:2: time 4294967296 is more than 4294967295 seconds after the first row",
            ),
            (
                "-9223372036854775808,1\n9223372036854775807,1\n",
                "p.csv:2: time 9223372036854775807 is more than 4294967295 seconds after the first row",
            ),
            (
                "t,p\n",
                "p.csv: no price rows; give rows of `time,price` below one header row",
            ),
            (
                "",
                "p.csv: no price rows; give rows of `time,price` below one header row",
            ),
        ] {
            assert_eq!(error(text.as_bytes()), said);
        }
        let broken = error(b"t,p\n0,\xff\n");
        assert_eq!(broken, "p.csv:2: price `\u{fffd}` is not a number");
    }

    #[test]
    fn a_path_may_start_within_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let text = "t,p\n1000,1\n1010,2\n1020,3\n1030,4\n";
        std::fs::write(dir.path().join("p.csv"), text).unwrap();
        let files = PriceFiles::new(dir.path());
        let mut spec = CsvFile {
            file: "p.csv".into(),
            start_seconds: 15,
        };
        let path = spec.build(10, &files).unwrap();
        assert_eq!(path.iter().collect::<Vec<_>>(), [(0, 2_000_000), (5, 3_000_000)]);

        spec.start_seconds = 31;
        assert_eq!(
            spec.build(10, &files).unwrap_err().to_string(),
            "start_seconds is 31, but p.csv covers only 30 seconds: give less"
        );
    }

    /// The recorded paths that stand beside a working copy, or where `HARNESS_ORACLES` says. Their facts were counted with Python's csv.
    #[test]
    fn recorded_paths_are_read_whole() {
        let dir = std::env::var_os("HARNESS_ORACLES")
            .map_or_else(|| PathBuf::from("../shared/oracles"), PathBuf::from);
        for (name, changes, seconds, start, at_100, lowest, last) in [
            (
                "luna_crash.csv",
                37_040,
                228_186,
                61_529_536,
                61_838_485,
                612_682,
                1_127_164,
            ),
            ("doge_moon.csv", 10_010, 78_799, 35_000, 77_127, 15_006, 7_175_663),
            (
                "up_only.csv",
                2_000,
                1_999,
                500_000,
                9_158_068,
                500_000,
                199_058_068,
            ),
        ] {
            let file = dir.join(name);
            if !file.exists() {
                println!("skipped: no {}", file.display());
                continue;
            }
            let files = PriceFiles::new(&dir);
            let spec = CsvFile {
                file: name.into(),
                start_seconds: 0,
            };
            let path = spec.build(u32::MAX, &files).unwrap();
            let (end, end_price) = path.iter().last().unwrap();
            assert_eq!((end, end_price), (seconds, last), "{name}");
            assert_eq!(path.len(), changes, "{name}");
            assert_eq!(path.start_price(), start, "{name}");
            assert_eq!(path.price_at(100), at_100, "{name}");
            let found = path.iter().map(|(_, price)| price).min();
            assert_eq!(found, Some(lowest), "{name}");
        }
    }
}

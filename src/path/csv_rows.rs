//! The rows of a price file.

use super::{
    error::PathError,
    price::PriceTable,
    range::{MAX_PRICE, PRICE_SCALE, from_dollars},
    time_unit::TimeUnit,
};
use std::path::Path;

/// The prices of a file whose bytes these are, the time of its first row, and the unit of its times: `unit` where it is known. `file` is for messages.
pub(super) fn parse(
    file: &Path,
    bytes: &[u8],
    unit: Option<TimeUnit>,
) -> Result<(PriceTable, i64, TimeUnit), PathError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let mut rows = Rows::of(unit);
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
    /// The unit that somebody named.
    named: Option<TimeUnit>,
    /// Times of the first row and of the latest, and their unit.
    span: Option<(i64, i64, TimeUnit)>,
}

impl Rows {
    fn of(named: Option<TimeUnit>) -> Self {
        Self {
            table: PriceTable::with_capacity(0),
            at_top: true,
            named,
            span: None,
        }
    }

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
        let (time, price) = (whole_number(&time)?, positive_price(&price)?);
        let own = self.named.unwrap_or_else(|| TimeUnit::by_size(time));
        let (first, before, unit) = self.span.unwrap_or((time, time, own));
        if time < before {
            return Err(format!(
                "time {time} is before {before}, the time of the row above"
            ));
        }
        // Seconds since the file's own start may grow to any size; a change of unit is a leap by a thousand.
        if own != unit && time / 100 > before {
            return Err(format!(
                "time {time} looks like {own}, those above like {unit}: mend the file, or name the `unit` of all"
            ));
        }
        let passed = i128::from(time) - i128::from(first);
        let units = i128::from(unit.in_a_second());
        let Ok(second) = u32::try_from((passed + units - 1) / units) else {
            let most = u32::MAX;
            return Err(format!(
                "time {time} is more than {most} seconds after the first row"
            ));
        };
        self.span = Some((first, time, unit));
        self.table.push(second, price);
        Ok(())
    }

    /// The table, if there was a row of prices.
    fn finish(self) -> Option<(PriceTable, i64, TimeUnit)> {
        self.span.map(|(first, _, unit)| (self.table, first, unit))
    }
}

fn whole_number(cell: &str) -> Result<i64, String> {
    // Tables that went through floats have times such as `12.0`. Below 2^53 a float is exact.
    let float = || {
        let time: f64 = cell.parse().ok()?;
        (time.fract() == 0.0 && time.abs() < 9e15).then_some(time as i64)
    };
    cell.parse()
        .ok()
        .or_else(float)
        .ok_or_else(|| format!("time `{cell}` is not a whole number"))
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
    use super::super::price::PricePath;
    use super::*;

    fn points(text: &str) -> Vec<(i64, u64)> {
        let (table, ..) = parse(Path::new("p.csv"), text.as_bytes(), None).unwrap();
        PricePath::whole(table, u32::MAX).iter().collect()
    }

    fn error(text: &[u8]) -> String {
        parse(Path::new("p.csv"), text, None).unwrap_err().to_string()
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
    fn times_are_read_by_their_size() {
        for zeros in ["", "000", "000000", "000000000"] {
            let text = format!("1735689600{zeros},30.1\n1735689601{zeros},30.2\n");
            assert_eq!(points(&text), [(0, 30_100_000), (1, 30_200_000)], "{text}");
        }
        let unit = |text: &str, named| parse(Path::new("p.csv"), text.as_bytes(), named).unwrap().2;
        assert_eq!(unit("1735689600000,1", None), TimeUnit::Milliseconds);
        assert_eq!(
            unit("1735689600000,1", Some(TimeUnit::Seconds)),
            TimeUnit::Seconds
        );
    }

    #[test]
    fn a_price_within_a_second_is_seen_at_its_end() {
        let text = "t,p\n1735689600500,1\n1735689600900,2\n1735689601500,3\n1735689601501,4\n";
        assert_eq!(points(text), [(0, 1_000_000), (1, 3_000_000), (2, 4_000_000)]);
        let (table, ..) = parse(Path::new("p.csv"), b"0,1\n2500,2\n", Some(TimeUnit::Milliseconds)).unwrap();
        let points: Vec<_> = PricePath::whole(table, 9).iter().collect();
        assert_eq!(points, [(0, 1_000_000), (3, 2_000_000)]);
    }

    #[test]
    fn a_change_of_unit_is_refused() {
        let said = error(b"t,p\n1735689600,1\n1735689601000,2\n");
        assert!(
            said.starts_with("p.csv:3: time 1735689601000 looks like milliseconds"),
            "{said}"
        );
        // Milliseconds of a long trial, counted from its start.
        assert_eq!(
            points("99999999999,1\n100000000001,2\n"),
            [(0, 1_000_000), (2, 2_000_000)]
        );
    }

    #[test]
    fn tiny_prices_stay_above_zero() {
        assert_eq!(points("0,0.0000001"), [(0, 1)]);
    }

    #[test]
    fn errors_name_file_and_line() {
        for (text, said) in [
            ("t,p\n0,1\n1,x\n", "p.csv:3: price `x` is not a number"),
            ("t,p\n\n\n0,1\n\nz,2", "p.csv:6: time `z` is not a whole number"),
            (
                "t,p\r\n0,1\r\n1.5,2\r\n",
                "p.csv:3: time `1.5` is not a whole number",
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
}

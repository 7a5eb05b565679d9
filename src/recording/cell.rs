//! A value in a row, whatever the file keeps it as.

use super::moment::iso;
use super::series::MICROS;
use super::time_unit::TimeUnit;
use std::borrow::Cow;

/// A value in a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    Text(&'a str),
    Integer(i64),
    Float(f64),
    /// A time that says its own unit: microseconds since 1970.
    #[cfg_attr(not(feature = "tables"), expect(dead_code, reason = "of Parquet only"))]
    Micros(i64),
    Missing,
}

impl<'a> Cell<'a> {
    /// A cell of a text: empty ones, and what stands for nothing, are missing.
    pub fn text(text: &'a str) -> Self {
        let text = text.trim();
        let nothing = ["", "null", "none", "na", "n/a", "-"];
        match nothing.iter().any(|nothing| text.eq_ignore_ascii_case(nothing)) {
            true => Cell::Missing,
            false => Cell::Text(text),
        }
    }

    /// The value as the file shows it.
    pub fn shown(&self) -> Cow<'a, str> {
        match self {
            Cell::Text(text) => Cow::Borrowed(text),
            Cell::Integer(number) | Cell::Micros(number) => Cow::Owned(number.to_string()),
            Cell::Float(number) => Cow::Owned(number.to_string()),
            Cell::Missing => Cow::Borrowed(""),
        }
    }

    /// The number it is; `none` for what is missing or no number.
    pub fn number(&self) -> Option<f64> {
        let number = match self {
            Cell::Text(text) => text.parse().ok()?,
            Cell::Integer(number) | Cell::Micros(number) => *number as f64,
            Cell::Float(number) => *number,
            Cell::Missing => return None,
        };
        number.is_finite().then_some(number)
    }

    /// The time it is, and the unit it was told in, which is `unit` where that is known and tells by the number's size otherwise; none for
    /// what is no time. ISO 8601 is in no unit.
    pub fn micros(&self, unit: Option<TimeUnit>) -> Option<(i64, Option<TimeUnit>)> {
        let whole = |number: i64| {
            let unit = unit.unwrap_or_else(|| TimeUnit::by_size(number));
            let micros = i128::from(number) * i128::from(MICROS) / i128::from(unit.in_a_second());
            Some((i64::try_from(micros).ok()?, Some(unit)))
        };
        let float = |number: f64| {
            if number.abs() > 9e18 || number.is_nan() {
                return None;
            }
            let unit = unit.unwrap_or_else(|| TimeUnit::by_size(number as i64));
            let micros = number / unit.in_a_second() as f64 * MICROS as f64;
            (micros.abs() < 9e18).then(|| (micros.round() as i64, Some(unit)))
        };
        match self {
            Cell::Text(text) => match text.parse::<i64>() {
                Ok(number) => whole(number),
                Err(_) => match text.parse::<f64>() {
                    Ok(number) => float(number),
                    Err(_) => Some((iso(text)?, None)),
                },
            },
            Cell::Integer(number) => whole(*number),
            Cell::Float(number) => float(*number),
            Cell::Micros(micros) => Some((*micros, None)),
            Cell::Missing => None,
        }
    }
}

/// A row of a file.
pub(super) trait Row {
    /// How many cells it has.
    fn width(&self) -> usize;
    /// The cell in `column`, from 0; missing beyond the last.
    fn cell(&self, column: usize) -> Cell<'_>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_any_unit() {
        let second = Some((1_700_000_000_000_000, Some(TimeUnit::Seconds)));
        assert_eq!(Cell::Text("1700000000").micros(None), second);
        assert_eq!(Cell::Float(1.7e9).micros(None), second);
        let expected = Some((1_700_000_000_123_456, Some(TimeUnit::Microseconds)));
        assert_eq!(Cell::Integer(1_700_000_000_123_456).micros(None), expected);
        let (micros, unit) = Cell::Text("1700000000123456789").micros(None).unwrap();
        assert_eq!(
            (micros, unit),
            (1_700_000_000_123_456, Some(TimeUnit::Nanoseconds))
        );
        let named = Cell::Text("1700000000000").micros(Some(TimeUnit::Seconds));
        assert_eq!(named, Some((1_700_000_000_000_000_000, Some(TimeUnit::Seconds))));
        assert_eq!(
            Cell::Text("2023-11-14T22:13:20Z").micros(None),
            Some((1_700_000_000_000_000, None))
        );
        for no_time in ["soon", "nan", "inf", "1e300"] {
            assert_eq!(Cell::Text(no_time).micros(None), None, "{no_time}");
        }
        assert_eq!(
            Cell::Text("9223372036854775807").micros(Some(TimeUnit::Seconds)),
            None
        );
    }

    #[test]
    fn what_stands_for_nothing_is_missing() {
        for nothing in ["", " ", "null", "NULL", "N/A", "-"] {
            assert_eq!(Cell::text(nothing), Cell::Missing, "{nothing:?}");
        }
        assert_eq!(Cell::text(" 3.5e1 ").number(), Some(35.0));
        assert_eq!(Cell::text("NaN").number(), None);
        assert_eq!(Cell::text("-1").number(), Some(-1.0));
    }
}

//! Moments as people write them.

use super::series::MICROS;
use super::time_unit::TimeUnit;
use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::str::FromStr;

/// A moment, as ISO 8601 (`2022-11-08`, `2022-11-08T15:30:00Z`; without a zone in UTC) or as a number since 1970, whose unit is told by its
/// size. Microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

/// Ways to write a time without a zone.
const LOCAL: [&str; 4] = [
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S%.f",
];

/// Ways to write a time with one, besides RFC 3339.
const ZONED: [&str; 3] = [
    "%Y-%m-%d %H:%M:%S%.f%z",
    "%Y-%m-%dT%H:%M:%S%.f%z",
    "%Y-%m-%d %H:%M:%S%.f UTC",
];

/// Microseconds since 1970 of a time as ISO 8601 has it, in UTC where it names no zone.
pub(super) fn iso(text: &str) -> Option<i64> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_micros());
    }
    let utc = |format: &&str| {
        Some(
            NaiveDateTime::parse_from_str(text, format)
                .ok()?
                .and_utc()
                .timestamp_micros(),
        )
    };
    if let Some(micros) = LOCAL.iter().chain(&ZONED[2..]).find_map(utc) {
        return Some(micros);
    }
    let zoned = |format: &&str| Some(DateTime::parse_from_str(text, format).ok()?.timestamp_micros());
    if let Some(micros) = ZONED[..2].iter().find_map(zoned) {
        return Some(micros);
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros())
}

/// Microseconds as ISO 8601, or the number of seconds where no calendar reaches that far.
pub(super) fn written(micros: i64) -> String {
    match DateTime::from_timestamp_micros(micros) {
        Some(time) => time.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        None => format!("{} s", micros / MICROS),
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = || {
            let number: f64 = text.parse().ok().filter(|number: &f64| number.abs() < 9e18)?;
            let per_second = TimeUnit::by_size(number as i64).in_a_second() as f64;
            Some((number / per_second * MICROS as f64).round() as i64)
        };
        iso(text)
            .or_else(number)
            .map(Self)
            .ok_or_else(|| format!("`{text}` is no time: give one such as 2022-11-08 or 2022-11-08T15:30:00Z, or seconds since 1970"))
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&written(self.0))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Written;

        impl serde::de::Visitor<'_> for Written {
            type Value = Moment;

            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a time, such as 2022-11-08 or 2022-11-08T15:30:00Z, or seconds since 1970")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Moment, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Moment, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Moment, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Moment, E> {
                self.visit_str(&number.to_string())
            }
        }

        from.deserialize_any(Written)
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A time: ISO 8601, in UTC where it names no zone, or a number since 1970.",
            "type": ["string", "number"]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_the_same_however_it_is_written() {
        // date -u -d '2022-11-08T15:30:00Z' +%s
        let expected = Moment(1_667_921_400_000_000);
        for text in [
            "2022-11-08T15:30:00Z",
            "2022-11-08T15:30:00.000Z",
            "2022-11-08 15:30:00",
            "2022-11-08 15:30",
            "2022-11-08 15:30:00 UTC",
            "2022-11-08 17:30:00+0200",
            "2022-11-08T16:30:00+01:00",
            "1667921400",
            "1667921400000",
            "1667921400.0",
            "1667921400000000000",
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        assert_eq!("2022-11-08".parse(), Ok(Moment(1_667_865_600_000_000)));
        assert_eq!(expected.to_string(), "2022-11-08T15:30:00Z");
        assert!(
            "soon"
                .parse::<Moment>()
                .unwrap_err()
                .contains("`soon` is no time")
        );
        for wrong in ["2022-13-08", "2022-11-08T25:00:00Z", "nan", "inf"] {
            assert!(wrong.parse::<Moment>().is_err(), "{wrong}");
        }
    }
}

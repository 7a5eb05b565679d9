//! Prices from a file.

use super::{
    error::{FieldError, Fields, PathError},
    files::PriceFiles,
    price::PricePath,
};
use crate::recording::TimeUnit;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Recorded prices from a CSV file of two columns, time and price, as drift-sim has them.
///
/// Times are whole seconds, since 1970 or since anything else: the first row is second 0. Times above 10^11 are no seconds since 1970, but
/// milliseconds, microseconds or nanoseconds, by their size. They never decrease. A row between two seconds counts from the later one on, so
/// that no price is seen before its time; of rows that count from the same second on the last does. Prices are dollars above 0. A price holds
/// until the next row, the last for good. One header row, whatever it says, may come first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CsvFile {
    /// The file, relative to the directory of the spec that names it.
    pub file: PathBuf,
    /// Seconds after the first row at which the path starts. Default 0.
    #[serde(default)]
    pub start_seconds: u32,
    /// The unit of the times; told by their size where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<TimeUnit>,
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
        let table = files.load(&self.file, self.unit)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_start_within_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let text = "t,p\n1000,1\n1010,2\n1020,3\n1030,4\n";
        std::fs::write(dir.path().join("p.csv"), text).unwrap();
        let files = PriceFiles::new(dir.path());
        let mut spec = CsvFile {
            file: "p.csv".into(),
            start_seconds: 15,
            unit: None,
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
                unit: None,
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

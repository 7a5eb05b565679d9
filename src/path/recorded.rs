//! Prices as a file recorded them, and what models draw on.

use super::{
    error::{Fields, PathError},
    files::PriceFiles,
    price::PricePath,
};
use crate::recording::{PriceSeries, Source};

/// The name of the model.
pub(super) const MODEL: &str = "recorded";

/// Checks the fields of a recording, which are below `prefix`.
pub(super) fn check(source: &Source, prefix: &str, fields: &mut Fields) {
    for (field, problem) in source.problems() {
        fields.wrong(&format!("{prefix}{field}"), &problem);
    }
}

/// The recorded prices from second 0, which is the first row's time, to the horizon; the last one holds for good. A row within a second
/// counts from its end on.
pub(super) fn build(source: &Source, horizon: u32, files: &PriceFiles) -> Result<PricePath, PathError> {
    Ok(PricePath::window(files.recorded(source)?, 0, horizon))
}

/// A stretch of time, in microseconds, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its start.
    pub from: i64,
    /// Its end.
    pub to: i64,
}

impl Span {
    /// The time that `series` covers.
    pub(super) fn of(series: &PriceSeries) -> Self {
        let [from, to] =
            [series.times().first(), series.times().last()].map(|time| time.copied().unwrap_or(0));
        Self { from, to }
    }

    /// What both have in common, if anything.
    pub fn overlap(self, other: Self) -> Option<Self> {
        let both = Self {
            from: self.from.max(other.from),
            to: self.to.min(other.to),
        };
        (both.from <= both.to).then_some(both)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::PathSpec;

    fn build(text: &str, yaml: &str) -> Result<Vec<(i64, u64)>, String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("p.csv"), text).unwrap();
        let spec: PathSpec = serde_saphyr::from_str(yaml).map_err(|error| error.to_string())?;
        let files = PriceFiles::new(dir.path());
        let path = spec.build(crate::random::Pcg64::new(0, 0), 100, &files);
        Ok(path.map_err(|error| error.to_string())?.iter().collect())
    }

    #[test]
    fn second_0_is_the_first_row_and_no_price_is_seen_too_soon() {
        let text =
            "time,price\n1667920500.0,30\n1667920500.2,31\n1667920502.0,32\n1667920560.5,33\n1667920700,9\n";
        let path = build(text, "recorded: {file: p.csv}").unwrap();
        assert_eq!(
            path,
            [
                (0, 30_000_000),
                (1, 31_000_000),
                (2, 32_000_000),
                (61, 33_000_000)
            ]
        );
        let later = build(
            text,
            "recorded: {file: p.csv, from: 2022-11-08T15:15:01Z, resample: 60}",
        )
        .unwrap();
        assert_eq!(later, [(0, 32_000_000), (60, 33_000_000)]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, yaml, said) in [
            (
                "",
                "recorded: {file: ''}",
                "recorded.file is empty: give the name of a file",
            ),
            (
                "",
                "recorded: {file: p.csv, resample: 0}",
                "recorded.resample is 0: give 1 second or more",
            ),
            (
                "time,price\n1,2e9\n",
                "recorded: {file: p.csv}",
                "p.csv: the price at 1970-01-01T00:00:01Z, 2000000000, is above 1000000000 dollars",
            ),
            (
                "time,price\n1000000000,2\n9000000000,2\n",
                "recorded: {file: p.csv}",
                "p.csv: spans more than 4294967295 seconds: choose a part with `from` and `to`",
            ),
        ] {
            let found = build(text, yaml).unwrap_err();
            assert!(found.ends_with(said), "{found}");
        }
    }
}

//! Recorded prices that models draw on.

use super::{
    error::{Fields, PathError},
    files::PriceFiles,
    time_unit::TimeUnit,
};
use crate::recording::PriceSeries;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

/// Microseconds, which a recording counts, in a second.
pub(super) const MICROS: i64 = 1_000_000;

/// A file of recorded prices, of the form that `csv` reads, or a stretch of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// The file, relative to the directory of the spec that names it.
    pub file: PathBuf,
    /// The unit of the times; told by their size where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<TimeUnit>,
    /// Seconds after the first row at which the stretch starts. Default 0.
    #[serde(default)]
    pub start_seconds: u32,
    /// Its length in seconds; to the last row where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
}

impl Recorded {
    pub(super) fn check(&self, fields: &mut Fields) {
        let named = !self.file.as_os_str().is_empty();
        fields.require(named, "recording.file", "empty", || {
            "give the name of a file".into()
        });
        if let Some(seconds) = self.seconds {
            fields.between("recording.seconds", seconds, 1, u32::MAX, "seconds");
        }
    }

    /// All prices of the file, shared.
    pub(super) fn load(&self, files: &PriceFiles) -> Result<Arc<PriceSeries>, PathError> {
        files.series(&self.file, self.unit)
    }

    /// Where the stretch begins and ends in `series`, in its times.
    pub(super) fn span(&self, series: &PriceSeries) -> Result<Span, PathError> {
        let times = series.times();
        let [first, last] = [times.first(), times.last()].map(|time| time.copied().unwrap_or(0));
        let from = first + i64::from(self.start_seconds) * MICROS;
        if from > last {
            return Err(PathError::StartsTooLate {
                file: self.file.clone(),
                start: self.start_seconds,
                covered: u32::try_from((last - first) / MICROS).unwrap_or(u32::MAX),
            });
        }
        let to = self
            .seconds
            .map_or(last, |seconds| last.min(from + i64::from(seconds) * MICROS));
        Ok(Span { from, to })
    }
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
    /// What both have in common, if anything.
    pub fn overlap(self, other: Self) -> Option<Self> {
        let both = Self {
            from: self.from.max(other.from),
            to: self.to.min(other.to),
        };
        (both.from <= both.to).then_some(both)
    }
}

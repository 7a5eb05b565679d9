//! What the times of a price file count.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The unit of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// Seconds.
    Seconds,
    /// Thousandths of a second, as exchanges write them.
    Milliseconds,
    /// Millionths.
    Microseconds,
    /// Billionths.
    Nanoseconds,
}

/// The largest size of a time that can be in seconds since 1970: the year 5138.
const MOST_SECONDS: u64 = 100_000_000_000;

impl TimeUnit {
    const ALL: [TimeUnit; 4] = [
        TimeUnit::Seconds,
        TimeUnit::Milliseconds,
        TimeUnit::Microseconds,
        TimeUnit::Nanoseconds,
    ];

    /// How many make a second.
    pub fn in_a_second(self) -> i64 {
        match self {
            TimeUnit::Seconds => 1,
            TimeUnit::Milliseconds => 1_000,
            TimeUnit::Microseconds => 1_000_000,
            TimeUnit::Nanoseconds => 1_000_000_000,
        }
    }

    /// The unit in which `time` lies between the years -1200 and 5138: a thousand times as large, and the next unit is
    /// meant.
    pub fn by_size(time: i64) -> Self {
        let fits = |unit: &Self| time.unsigned_abs() / unit.in_a_second().unsigned_abs() <= MOST_SECONDS;
        Self::ALL.into_iter().find(fits).unwrap_or(TimeUnit::Nanoseconds)
    }
}

impl fmt::Display for TimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            TimeUnit::Seconds => "seconds",
            TimeUnit::Milliseconds => "milliseconds",
            TimeUnit::Microseconds => "microseconds",
            TimeUnit::Nanoseconds => "nanoseconds",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_2025_is_known_by_its_size() {
        let seconds = 1_735_689_600;
        for (factor, unit) in [1, 1_000, 1_000_000, 1_000_000_000]
            .into_iter()
            .zip(TimeUnit::ALL)
        {
            assert_eq!(TimeUnit::by_size(seconds * factor), unit);
            assert_eq!(TimeUnit::by_size(-seconds * factor), unit);
            assert_eq!(unit.in_a_second(), factor);
        }
        assert_eq!(TimeUnit::by_size(0), TimeUnit::Seconds);
        assert_eq!(TimeUnit::by_size(100_000_000_000), TimeUnit::Seconds);
        assert_eq!(TimeUnit::by_size(100_000_000_001), TimeUnit::Milliseconds);
        assert_eq!(TimeUnit::by_size(i64::MIN), TimeUnit::Nanoseconds);
    }
}

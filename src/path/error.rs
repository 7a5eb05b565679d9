//! What can be wrong with a path, and how to mend it.

use super::range::{MAX_PRICE, MIN_PRICE, PRICE_SCALE};
use crate::recording::RecordingError;
use std::{fmt, path::PathBuf};

/// A field of a spec with a value that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {found}: {mend}")]
pub struct FieldError {
    /// The field, dotted from the path spec on, such as `mean_reversion.start_price`.
    pub field: String,
    /// The value found.
    pub found: String,
    /// What to write instead.
    pub mend: String,
}

/// Why a path could not be built.
#[derive(Debug, thiserror::Error)]
pub enum PathError {
    /// A value in the spec makes no sense.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// A recording cannot be used.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// A price file could not be read.
    #[error("cannot read price file {}: {source}", file.display())]
    Read {
        /// The file, as opened.
        file: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A price file has no prices.
    #[error("{}: no price rows; give rows of `time,price` below one header row", file.display())]
    Empty {
        /// The file, as opened.
        file: PathBuf,
    },
    /// A row of a price file makes no sense.
    #[error("{}:{line}: {problem}", file.display())]
    Row {
        /// The file, as opened.
        file: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// A path is to start after the last row of its price file.
    #[error("start_seconds is {start}, but {} covers only {covered} seconds: give less", file.display())]
    StartsTooLate {
        /// The file, as opened.
        file: PathBuf,
        /// The second of the file where the path was to start.
        start: u32,
        /// Seconds from the first row to the last.
        covered: u32,
    },
    /// A recording is shorter than a block of it.
    #[error(
        "{} covers {covered} seconds in whole steps, less than a block of {wanted}: give a longer recording or a shorter block",
        file.display()
    )]
    TooShort {
        /// The file, as named in specs.
        file: PathBuf,
        /// Seconds that its steps take.
        covered: u64,
        /// Seconds that a block takes.
        wanted: u32,
    },
    /// A recording does not move the way that it should be scaled to.
    #[error(
        "{} never moves that way, so that no depth of {depth} can be made of it: give another stretch, or no depth",
        file.display()
    )]
    NoMove {
        /// The file, as named in specs.
        file: PathBuf,
        /// The share of the price to be lost.
        depth: f64,
    },
    /// Recordings that are to be resampled together have no time in common.
    #[error("{} has no time in common with the others of `{common}`: give recordings of the same days", file.display())]
    Apart {
        /// The file, as named in specs.
        file: PathBuf,
        /// The name of the bootstrap.
        common: String,
    },
    /// A generated price rose above what a path can hold.
    #[error(
        "{model}: the price at second {second} is above {} dollars; lower drift or volatility, or shorten the horizon",
        MAX_PRICE / PRICE_SCALE
    )]
    TooHigh {
        /// The model, as named in specs.
        model: &'static str,
        /// Second of the path.
        second: u32,
    },
    /// A list of points does not make a path.
    #[error("price point {index}: {problem}")]
    Point {
        /// Position in the list, counted from 0.
        index: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A path would have more points than it is sensible to hold in memory.
    #[error(
        "{model}: {points} price points are too many; raise the seconds between prices so that at most {most} are left"
    )]
    TooLong {
        /// The model, as named in specs.
        model: &'static str,
        /// Points asked for.
        points: u64,
        /// Points allowed.
        most: u64,
    },
}

/// Collects what is wrong with the fields of one model.
pub(super) struct Fields {
    model: &'static str,
    errors: Vec<FieldError>,
}

impl Fields {
    pub(super) fn of(model: &'static str) -> Self {
        Self {
            model,
            errors: Vec::new(),
        }
    }

    /// `value` lies between `least` and `most`, which are in `unit`.
    pub(super) fn between<T>(&mut self, field: &str, value: T, least: T, most: T, unit: &str)
    where
        T: PartialOrd + fmt::Display + Copy,
    {
        // Written so that NaN, which compares with nothing, is refused.
        let inside = value >= least && value <= most;
        self.require(inside, field, value, || {
            let space = if unit.is_empty() { "" } else { " " };
            format!("give a number from {least} to {most}{space}{unit}")
        });
    }

    /// `value` is a price in dollars that a path can hold.
    pub(super) fn price(&mut self, field: &str, value: f64) {
        let dollars = |price: u64| price as f64 / PRICE_SCALE as f64;
        self.between(field, value, dollars(MIN_PRICE), dollars(MAX_PRICE), "dollars");
    }

    /// `start_price` and `floor_price` are prices and the first is not below the second.
    pub(super) fn floored_start(&mut self, start: f64, floor: f64) {
        self.price("start_price", start);
        self.price("floor_price", floor);
        self.require(floor <= start, "floor_price", floor, || {
            format!("give at most start_price, {start} dollars")
        });
    }

    /// `volatility_per_year` is one.
    pub(super) fn volatility(&mut self, value: f64) {
        self.volatility_of("volatility_per_year", value);
    }

    /// `value` is a volatility a year.
    pub(super) fn volatility_of(&mut self, field: &str, value: f64) {
        let unit = "(standard deviation of the yearly log return; 0.8 is 80 %)";
        self.between(field, value, 0.0, 1000.0, unit);
    }

    /// `drift_per_year` is one.
    pub(super) fn drift(&mut self, value: f64) {
        self.drift_of("drift_per_year", value);
    }

    /// `value` is a drift a year.
    pub(super) fn drift_of(&mut self, field: &str, value: f64) {
        let unit = "(growth rate of the expected price; 0.1 is a factor of exp(0.1) a year)";
        self.between(field, value, -1000.0, 1000.0, unit);
    }

    /// `step_seconds` is at least 1.
    pub(super) fn step(&mut self, seconds: u32) {
        self.between("step_seconds", seconds, 1, u32::MAX, "seconds");
    }

    /// `problem` is what `field` is: its value and the mend, as `empty: give the name of a file`.
    pub(super) fn wrong(&mut self, field: &str, problem: &str) {
        let problem = problem.strip_prefix("is ").unwrap_or(problem);
        let (found, mend) = problem.split_once(": ").unwrap_or((problem, ""));
        self.require(false, field, found, || mend.to_owned());
    }

    /// `ok`, or `field` is wrong and `mend` says what to do.
    pub(super) fn require(
        &mut self,
        ok: bool,
        field: &str,
        found: impl fmt::Display,
        mend: impl FnOnce() -> String,
    ) {
        if !ok {
            self.errors.push(FieldError {
                field: format!("{}.{field}", self.model),
                found: found.to_string(),
                mend: mend(),
            });
        }
    }

    pub(super) fn finish(self) -> Vec<FieldError> {
        self.errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_named_with_its_mend() {
        let mut fields = Fields::of("model");
        fields.between("odds", f64::NAN, 0.0, 1.0, "");
        fields.between("odds", 1.0, 0.0, 1.0, "");
        fields.price("start_price", 0.0);
        fields.price("start_price", 0.000001);
        fields.price("start_price", 1e9);
        let said: Vec<_> = fields.finish().iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "model.odds is NaN: give a number from 0 to 1",
                "model.start_price is 0: give a number from 0.000001 to 1000000000 dollars",
            ]
        );
    }
}

//! What a sweep has found: statistics of its metrics at every point.
//!
//! [`Summary::new`] reads the trials that a sweep left on disk, column by column, so that memory holds one metric
//! of every trial at a time. A [`Summary`] prints as tables and is [written](Summary::write) to Parquet or CSV.

mod cells;
mod error;
mod export;
mod fraction;
mod grid;
mod groups;
mod interval;
mod kind;
mod names;
mod read;
mod reading;
mod results;
mod sample;
mod table;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use cells::Cells;
pub use error::SummaryError;
pub use export::Target;
pub use fraction::{Fraction, NotAFraction};
pub use groups::Row;
pub use interval::{Interval, Method};
pub use kind::Kind;
pub(crate) use names::metrics as metrics_named;
pub(crate) use names::short;
pub use read::{Conservation, Overall, Value};
pub(crate) use reading::{Reading, Samples};
pub use results::{Column, Results};
pub use sample::Sample;

use std::path::{Path, PathBuf};

/// What is wanted of a summary.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Names of metrics, or patterns with `*`. Without any the usual ones.
    pub metrics: Vec<String>,
    /// Parameters to tell trials apart by; the others are pooled. Without any every point stands alone.
    pub by: Vec<String>,
    /// The point that the others are compared with, replicate by replicate.
    pub against: Option<u64>,
    /// How sure the intervals of the means are to be, strictly between 0 and 1.
    pub confidence: Fraction,
    /// How often replicates are resampled for the intervals; without it they are Student's t intervals.
    pub bootstrap: Option<u32>,
    /// Which quantiles.
    pub quantiles: Vec<Fraction>,
    /// The share of the trials that each tail mean is over.
    pub tails: Vec<Fraction>,
}

/// Statistics of a sweep's metrics.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The sweep's folder.
    pub folder: PathBuf,
    /// How many trials it is to have in the end.
    pub planned: u64,
    /// What there is to know about the spec: a range, say, whose maximum is not among its values.
    pub notes: Vec<String>,
    /// How its trials went.
    pub overall: Overall,
    /// How many points have trials.
    pub points: usize,
    /// The parameters that the rows differ in.
    pub parameters: Vec<Column>,
    /// What each line of the tables stands for.
    pub rows: Vec<Row>,
    /// A table each.
    pub metrics: Vec<Table>,
    /// What was asked for.
    pub options: Options,
}

/// The statistics of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The metric.
    pub metric: Column,
    /// One cell for every row of the summary; `None` where no trial has the metric.
    pub cells: Vec<Option<Statistics>>,
    /// Values of finished trials that are missing or not finite, or have none to be compared with. They are left
    /// out.
    pub missing: u64,
}

/// The statistics of a metric in one row, in the metric's unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// Values taken.
    pub count: u64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The interval of the mean; `None` with a single replicate.
    pub interval: Option<Interval>,
    /// The standard deviation; `None` with a single value.
    pub std_dev: Option<f64>,
    /// The quantiles asked for.
    pub quantiles: Vec<f64>,
    /// The means of the lowest values, for each of the tails asked for.
    pub lower_tails: Vec<f64>,
    /// The means of the highest values.
    pub upper_tails: Vec<f64>,
    /// The lowest value.
    pub min: f64,
    /// The highest value.
    pub max: f64,
}

impl Summary {
    /// Summarises the sweep in a folder.
    ///
    /// # Errors
    /// No sweep, nothing finished, names that stand for nothing, nothing to compare, files that cannot be read.
    pub fn new(folder: &Path, options: Options) -> Result<Self, SummaryError> {
        let reading = Reading::open(folder, options)?;
        let tables = reading.wanted()?.into_iter().map(|metric| reading.table(metric));
        let metrics = tables.collect::<Result<_, _>>()?;
        Ok(Self {
            folder: folder.to_owned(),
            planned: reading.results.planned,
            notes: reading.results.notes.clone(),
            overall: reading.overall,
            points: reading.points,
            parameters: reading.parameters,
            metrics,
            rows: reading.groups.rows,
            options: reading.options,
        })
    }
}

#[cfg(test)]
mod tests;

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
mod names;
mod read;
mod results;
mod sample;
mod table;
#[cfg(test)]
pub(crate) mod testing;

pub use error::SummaryError;
pub use export::Target;
pub use fraction::{Fraction, NotAFraction};
pub use groups::Row;
pub use interval::{Interval, Method};
pub(crate) use names::metrics as metrics_named;
pub use read::{Conservation, Overall, Value};
pub use results::{Column, Kind, Results};
pub use sample::Sample;

use rayon::prelude::*;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use groups::Groups;
use read::Measured;

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
        let results = Results::open(folder)?;
        let wanted = names::metrics(&options.metrics, &results.metrics)?;
        let by = options
            .by
            .iter()
            .map(|name| names::parameter(name, &results.parameters));
        let by = by.collect::<Result<Vec<_>, _>>()?;
        let overall = results.overall()?;
        let points = results.points()?;
        let groups = match options.against {
            Some(point) => Groups::without(point, &points)?,
            None if by.is_empty() => Groups::points(&points),
            None => Groups::by(&by, &points),
        };
        let parameters = match by[..] {
            [] => results.parameters.clone(),
            _ => by
                .iter()
                .map(|place| results.parameters[*place].clone())
                .collect(),
        };
        let method = match options.bootstrap {
            None => Method::StudentT,
            Some(resamples) => Method::Bootstrap {
                resamples,
                seed: overall.seed,
            },
        };
        let tables = wanted.into_iter().map(|metric| {
            let measured = results.measured(&metric.name)?;
            let samples = collect(&measured, &groups, options.against);
            let finished = samples.iter().map(Vec::len).sum::<usize>();
            let cells: Vec<_> = samples
                .into_par_iter()
                .map(|values| Some(statistics(&Sample::new(values)?, method, &options)))
                .collect();
            let taken: u64 = cells.iter().flatten().map(|cell| cell.count).sum();
            let missing = finished as u64 - taken;
            Ok(Table {
                metric: metric.clone(),
                cells,
                missing,
            })
        });
        Ok(Self {
            folder: folder.to_owned(),
            planned: results.planned,
            overall,
            points: points.len(),
            parameters,
            metrics: tables.collect::<Result<_, SummaryError>>()?,
            rows: groups.rows,
            options,
        })
    }
}

/// The values of every row, with their replicates. With a point to compare with, their differences from it; a value
/// without a partner becomes NaN.
fn collect(measured: &Measured, groups: &Groups, against: Option<u64>) -> Vec<Vec<(u64, f64)>> {
    let trials = || {
        let ids = measured.points.iter().zip(&measured.replicates);
        ids.zip(&measured.values)
            .map(|((point, replicate), value)| (*point, *replicate, *value))
    };
    let baseline: HashMap<u64, f64> = trials()
        .filter(|(point, _, _)| Some(*point) == against)
        .map(|(_, replicate, value)| (replicate, value))
        .collect();
    let mut rows = vec![Vec::new(); groups.rows.len()];
    for (point, replicate, value) in trials() {
        let Some(row) = groups.row_of(point).and_then(|row| rows.get_mut(row)) else {
            continue;
        };
        let less = match against {
            None => 0.0,
            Some(_) => baseline.get(&replicate).copied().unwrap_or(f64::NAN),
        };
        row.push((replicate, value - less));
    }
    rows
}

fn statistics(sample: &Sample, method: Method, options: &Options) -> Statistics {
    let each = |shares: &[Fraction], of: fn(&Sample, Fraction) -> f64| {
        shares.iter().map(|share| of(sample, *share)).collect()
    };
    Statistics {
        count: sample.count() as u64,
        mean: sample.mean(),
        interval: method.interval(sample, options.confidence),
        std_dev: sample.std_dev(),
        quantiles: each(&options.quantiles, Sample::quantile),
        lower_tails: each(&options.tails, Sample::lower_tail),
        upper_tails: each(&options.tails, Sample::upper_tail),
        min: sample.min(),
        max: sample.max(),
    }
}

#[cfg(test)]
mod tests;

//! A sweep opened to be summarised: its points in rows, its metrics one at a time.

use std::collections::HashMap;
use std::path::Path;

use rayon::prelude::*;

use super::error::SummaryError;
use super::groups::Groups;
use super::interval::Method;
use super::names;
use super::read::{Measured, Overall};
use super::results::{Column, Results};
use super::sample::Sample;
use super::{Fraction, Options, Statistics, Table};

/// A sweep whose metrics can be asked for.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// What lies on disk.
    pub results: Results,
    /// How the trials went.
    pub overall: Overall,
    /// How many points have trials.
    pub points: usize,
    /// The rows that trials are summarised in.
    pub groups: Groups,
    /// The parameters that the rows differ in.
    pub parameters: Vec<Column>,
    /// What was asked for.
    pub options: Options,
}

/// Values of a metric with the replicates they are from, for every row.
pub(crate) type Samples = Vec<Vec<(u64, f64)>>;

impl Reading {
    /// Opens a sweep's folder.
    ///
    /// # Errors
    /// No sweep, nothing finished, names that stand for nothing, nothing to compare, files that cannot be read.
    pub fn open(folder: &Path, options: Options) -> Result<Self, SummaryError> {
        let results = Results::open(folder)?;
        // Before the trials are read: a wrong name should not take time to be found.
        names::metrics(&options.metrics, &results.metrics)?;
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
        Ok(Self {
            results,
            overall,
            points: points.len(),
            groups,
            parameters,
            options,
        })
    }

    /// The metrics asked for.
    ///
    /// # Errors
    /// None: opening found them.
    pub fn wanted(&self) -> Result<Vec<&Column>, SummaryError> {
        names::metrics(&self.options.metrics, &self.results.metrics)
    }

    /// A metric of every finished trial, by row. With a point to compare with, its difference from there; a value
    /// without a partner is NaN.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn samples(&self, metric: &Column) -> Result<Samples, SummaryError> {
        let measured = self.results.measured(&metric.name)?;
        Ok(collect(&measured, &self.groups, self.options.against))
    }

    /// The statistics of a metric in every row.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn table(&self, metric: &Column) -> Result<Table, SummaryError> {
        let samples = self.samples(metric)?;
        let finished = samples.iter().map(Vec::len).sum::<usize>();
        let cells: Vec<_> = samples
            .into_par_iter()
            .map(|values| Some(self.statistics(&Sample::new(values)?)))
            .collect();
        let taken: u64 = cells.iter().flatten().map(|cell| cell.count).sum();
        Ok(Table {
            metric: metric.clone(),
            cells,
            missing: finished as u64 - taken,
        })
    }

    /// The statistics of a sample.
    pub fn statistics(&self, sample: &Sample) -> Statistics {
        let each = |shares: &[Fraction], of: fn(&Sample, Fraction) -> f64| {
            shares.iter().map(|share| of(sample, *share)).collect()
        };
        Statistics {
            count: sample.count() as u64,
            mean: sample.mean(),
            interval: self.method().interval(sample, self.options.confidence),
            std_dev: sample.std_dev(),
            quantiles: each(&self.options.quantiles, Sample::quantile),
            lower_tails: each(&self.options.tails, Sample::lower_tail),
            upper_tails: each(&self.options.tails, Sample::upper_tail),
            min: sample.min(),
            max: sample.max(),
        }
    }

    fn method(&self) -> Method {
        match self.options.bootstrap {
            None => Method::StudentT,
            Some(resamples) => Method::Bootstrap {
                resamples,
                seed: self.overall.seed,
            },
        }
    }
}

fn collect(measured: &Measured, groups: &Groups, against: Option<u64>) -> Samples {
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

//! Reading tables of trials, only the columns that are needed.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::cells::Cells;
use super::error::SummaryError;
use super::results::{CONSERVED, Results};
use crate::sweep::store::Outcome;

/// A point and how its trials went.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Its number.
    pub number: u64,
    /// Its value of each of the sweep's parameters.
    pub values: Vec<Value>,
    /// Trials run.
    pub trials: u64,
    /// Those of them that failed.
    pub failed: u64,
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// Yes or no.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number.
    Float(f64),
    /// A text.
    Text(String),
}

/// How the trials of a sweep went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overall {
    /// Trials run.
    pub trials: u64,
    /// Those of them that failed: they have no metrics and are left out of every statistic.
    pub failed: u64,
    /// The seed of the sweep.
    pub seed: u64,
    /// Whether money was conserved; `None` if the trials do not say.
    pub conservation: Option<Conservation>,
}

/// Whether finished trials conserved money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conservation {
    /// Finished trials that did not, or did not say.
    pub broken: u64,
    /// The first of them.
    pub first: Option<u64>,
}

/// One metric of every finished trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The point of each trial.
    pub points: Vec<u64>,
    /// Its replicate.
    pub replicates: Vec<u64>,
    /// The metric, NaN where the trial has none.
    pub values: Vec<f64>,
}

impl Results {
    /// How the trials went, all together.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn overall(&self) -> Result<Overall, SummaryError> {
        let mut names = vec!["outcome", "trial", "seed"];
        if self.has_conservation() {
            names.push(CONSERVED);
        }
        let mut overall = Overall {
            trials: 0,
            failed: 0,
            seed: 0,
            conservation: None,
        };
        let mut broken = Conservation {
            broken: 0,
            first: None,
        };
        let mut is_first = true;
        self.scan(&names, |columns, finished| {
            let [_, trial, seed, conserved @ ..] = columns.as_slice() else {
                return true;
            };
            for (row, is_finished) in finished.iter().enumerate() {
                if is_first {
                    overall.seed = seed.uint(row).unwrap_or(0);
                    is_first = false;
                }
                overall.trials += 1;
                overall.failed += u64::from(!is_finished);
                let is_conserved =
                    |cells: &Cells| matches!(cells, Cells::Bool(cells) if cells[row] == Some(true));
                if *is_finished && !conserved.iter().all(is_conserved) {
                    broken.broken += 1;
                    let trial = trial.uint(row);
                    broken.first = match (broken.first, trial) {
                        (Some(first), Some(trial)) => Some(first.min(trial)),
                        (first, trial) => first.or(trial),
                    };
                }
            }
            true
        })?;
        overall.conservation = self.has_conservation().then_some(broken);
        Ok(overall)
    }

    /// The points that have trials, by number.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn points(&self) -> Result<Vec<Point>, SummaryError> {
        let mut names = vec!["outcome", "point"];
        names.extend(self.parameters.iter().map(|parameter| parameter.name.as_str()));
        let mut points: BTreeMap<u64, Point> = BTreeMap::new();
        self.scan(&names, |columns, finished| {
            let [_, point, parameters @ ..] = columns.as_slice() else {
                return true;
            };
            for (row, is_finished) in finished.iter().enumerate() {
                let Some(number) = point.uint(row) else {
                    continue;
                };
                let point = points.entry(number).or_insert_with(|| Point {
                    number,
                    values: parameters.iter().map(|cells| cells.value(row)).collect(),
                    trials: 0,
                    failed: 0,
                });
                point.trials += 1;
                point.failed += u64::from(!is_finished);
            }
            true
        })?;
        Ok(points.into_values().collect())
    }

    /// A metric of every trial that finished, in the order of trials.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn measured(&self, metric: &str) -> Result<Measured, SummaryError> {
        let mut measured = Measured {
            points: Vec::new(),
            replicates: Vec::new(),
            values: Vec::new(),
        };
        self.scan(&["outcome", "point", "replicate", metric], |columns, finished| {
            let [_, point, replicate, value] = columns.as_slice() else {
                return true;
            };
            for (row, is_finished) in finished.iter().enumerate() {
                if *is_finished {
                    measured.points.push(point.uint(row).unwrap_or_default());
                    measured.replicates.push(replicate.uint(row).unwrap_or_default());
                    measured.values.push(value.number(row));
                }
            }
            true
        })?;
        Ok(measured)
    }

    /// Columns of every trial that finished, in the order of trials, and how many trials these are.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub(crate) fn finished(&self, names: &[&str]) -> Result<(Vec<Cells>, usize), SummaryError> {
        let mut all: Vec<Cells> = Vec::new();
        let mut rows = 0;
        let wanted: Vec<&str> = ["outcome"].iter().chain(names).copied().collect();
        self.scan(&wanted, |columns, finished| {
            rows += finished.iter().filter(|is_finished| **is_finished).count();
            let mut taken = columns.drain(..).skip(1).map(|mut cells| {
                cells.retain(finished);
                cells
            });
            if all.is_empty() {
                all.extend(taken);
                return true;
            }
            all.iter_mut()
                .all(|cells| taken.next().is_some_and(|more| cells.extend(more)))
        })?;
        Ok((all, rows))
    }

    /// Goes through columns of all parts, some trials at a time: `each` gets their cells, and which trials finished, and
    /// returns whether it can use them. The first name must be `outcome`.
    fn scan(
        &self,
        names: &[&str],
        mut each: impl FnMut(&mut Vec<Cells>, &[bool]) -> bool,
    ) -> Result<(), SummaryError> {
        for part in &self.parts {
            scan(part, names, &mut each)?;
        }
        Ok(())
    }
}

fn scan(
    part: &Path,
    names: &[&str],
    each: &mut impl FnMut(&mut Vec<Cells>, &[bool]) -> bool,
) -> Result<(), SummaryError> {
    let unlike = |name: &str| {
        let text = format!("its column `{name}` is missing or of an unexpected type");
        SummaryError::table("read", part)(text)
    };
    let file = File::open(part).map_err(SummaryError::io("read", part))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(SummaryError::table("read", part))?;
    let schema = reader.schema().clone();
    let place = |name: &&str| schema.index_of(name).map_err(|_| unlike(name));
    let roots = names.iter().map(place).collect::<Result<Vec<_>, _>>()?;
    let mask = ProjectionMask::roots(reader.parquet_schema(), roots);
    let batches = reader
        .with_projection(mask)
        .build()
        .map_err(SummaryError::table("read", part))?;
    for batch in batches {
        let batch = batch.map_err(SummaryError::table("read", part))?;
        let mut columns = Vec::with_capacity(names.len());
        for name in names {
            let array = batch.column_by_name(name).ok_or_else(|| unlike(name))?;
            let mut cells = Cells::of_type(array.data_type()).ok_or_else(|| unlike(name))?;
            if !cells.append(array) {
                return Err(unlike(name));
            }
            columns.push(cells);
        }
        let Some(Cells::Text(outcomes)) = columns.first() else {
            return Err(unlike("outcome"));
        };
        let finished: Vec<bool> = outcomes
            .iter()
            .map(|outcome| outcome.as_deref() == Some(Outcome::Ok.name()))
            .collect();
        if !each(&mut columns, &finished) {
            return Err(SummaryError::table("read", part)(
                "a column is of another type than in the parts before",
            ));
        }
    }
    Ok(())
}

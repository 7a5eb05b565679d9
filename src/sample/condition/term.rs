//! A condition as it is reckoned: terms over the columns it names, trial by trial.

use smallvec::SmallVec;

use super::aggregate::{Aggregate, Aggregated};
use super::value::Value;
use crate::summary::Cells;

/// What makes one value of others.
pub type Operation = for<'a> fn(&[Value<'a>]) -> Value<'a>;

/// Part of a condition.
#[derive(Clone, Debug)]
pub enum Term {
    /// A column, by its place among those that the condition names.
    Column(usize),
    /// Always the same.
    Constant(Value<'static>),
    /// An operation on others.
    Call(Operation, Vec<Term>),
    /// A value of many trials, by its place among the condition's.
    Aggregate(usize),
}

/// What terms are reckoned from.
#[derive(Clone, Copy)]
pub struct Trials<'a> {
    /// The columns that the condition names, all of one length.
    pub columns: &'a [Cells],
    /// How long they are.
    pub rows: usize,
    /// The aggregates before the term, reckoned.
    pub aggregates: &'a [Aggregated],
}

impl Term {
    /// Its value for a trial.
    pub fn value<'a>(&'a self, trials: Trials<'a>, row: usize) -> Value<'a> {
        match self {
            Self::Column(place) => trials
                .columns
                .get(*place)
                .map_or(Value::Null, |cells| Value::of(cells, row)),
            Self::Constant(value) => value.clone(),
            Self::Call(operation, arguments) => {
                let values: SmallVec<[Value; 3]> =
                    arguments.iter().map(|term| term.value(trials, row)).collect();
                operation(&values)
            }
            Self::Aggregate(place) => trials
                .aggregates
                .get(*place)
                .map_or(Value::Null, |aggregated| aggregated.of(row).clone()),
        }
    }
}

/// A condition, ready to be asked.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The columns that it names.
    pub columns: Vec<String>,
    /// What it reckons over many trials.
    pub aggregates: Vec<Aggregate>,
    /// What must be true.
    pub term: Term,
}

impl Condition {
    /// The places of the trials for which it holds.
    pub fn places(&self, columns: &[Cells], rows: usize) -> Vec<u64> {
        let mut aggregates = Vec::with_capacity(self.aggregates.len());
        for aggregate in &self.aggregates {
            let trials = Trials {
                columns,
                rows,
                aggregates: &aggregates,
            };
            let reckoned = aggregate.reckon(trials);
            aggregates.push(reckoned);
        }
        let trials = Trials {
            columns,
            rows,
            aggregates: &aggregates,
        };
        let holds = |row: &usize| self.term.value(trials, *row).truth() == Some(true);
        (0..rows).filter(holds).map(|row| row as u64).collect()
    }
}

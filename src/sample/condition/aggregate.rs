//! Values of many trials: averages, quantiles and the like, over all trials or those that agree in something.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::statistics::{correlation, covar_pop, covar_samp, mean, quantile, std_dev, sum, total, variance};
use super::term::{Term, Trials};
use super::value::{Type, Value};

/// A value of many trials, to be reckoned.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// Which.
    pub how: How,
    /// Of what, one or two terms; none for `COUNT(*)`.
    pub of: Vec<Term>,
    /// Whether equal values count once.
    pub is_distinct: bool,
    /// Which trials are taken; all without.
    pub filter: Option<Term>,
    /// What trials that are taken together agree in.
    pub partition: Vec<Term>,
}

/// A way to make one value of many. What is null is left out.
#[derive(Clone, Copy, Debug)]
pub enum How {
    /// How many there are.
    Count,
    /// The first.
    First,
    /// The last.
    Last,
    /// The furthest to one side.
    Furthest(Ordering),
    /// A statistic of numbers; `None` where there are too few.
    Statistic(fn(&[f64]) -> Option<f64>),
    /// The number below which a share lies: interpolated, or one of the numbers.
    Quantile(f64, bool),
    /// A statistic of pairs of numbers.
    Pairs(fn(&[(f64, f64)]) -> Option<f64>),
}

/// Aggregates by their names in SQL, and the type of what they take; without one, any.
pub const AGGREGATES: &[(&[&str], How, Option<Type>)] = &[
    (&["count"], How::Count, None),
    (&["first"], How::First, None),
    (&["last"], How::Last, None),
    (&["min"], How::Furthest(Ordering::Less), None),
    (&["max"], How::Furthest(Ordering::Greater), None),
    (&["avg", "mean"], How::Statistic(mean), Some(Type::Number)),
    (&["sum"], How::Statistic(sum), Some(Type::Number)),
    (&["total"], How::Statistic(total), Some(Type::Number)),
    (&["median"], How::Quantile(0.5, true), Some(Type::Number)),
    (
        &["stddev", "stdev", "stddev_samp", "stdev_samp"],
        How::Statistic(std_dev),
        Some(Type::Number),
    ),
    (
        &["variance", "var", "var_samp"],
        How::Statistic(variance),
        Some(Type::Number),
    ),
    (&["corr"], How::Pairs(correlation), Some(Type::Number)),
    (&["covar_pop"], How::Pairs(covar_pop), Some(Type::Number)),
    (
        &["covar_samp", "covar"],
        How::Pairs(covar_samp),
        Some(Type::Number),
    ),
];

/// Quantiles, whose second argument is a share: interpolated or not.
pub const QUANTILES: [(&str, bool); 2] = [("quantile_cont", true), ("quantile_disc", false)];

/// An aggregate's values.
#[derive(Clone, Debug)]
pub struct Aggregated {
    values: Vec<Value<'static>>,
    /// The place of each trial's value; all have the first without.
    places: Option<Vec<u32>>,
}

impl Aggregated {
    /// The value for a trial.
    pub fn of(&self, row: usize) -> &Value<'static> {
        let place = match &self.places {
            None => 0,
            Some(places) => places.get(row).map_or(0, |place| *place as usize),
        };
        self.values.get(place).unwrap_or(&Value::Null)
    }
}

impl Aggregate {
    /// Reckons it.
    pub fn reckon(&self, trials: Trials) -> Aggregated {
        let places = (!self.partition.is_empty()).then(|| self.places(trials));
        let groups = places.iter().flatten().max().map_or(1, |last| *last as usize + 1);
        let mut gathered: Vec<Gathered> = (0..groups).map(|_| Gathered::default()).collect();
        for row in 0..trials.rows {
            let is_taken = |filter: &Term| filter.value(trials, row).truth() == Some(true);
            if !self.filter.as_ref().is_none_or(is_taken) {
                continue;
            }
            let place = places.as_ref().map_or(0, |places| places[row] as usize);
            let values = self.of.iter().map(|term| term.value(trials, row));
            self.gather(&mut gathered[place], values.collect());
        }
        let values = gathered.into_iter().map(|group| self.value(group));
        Aggregated {
            values: values.collect(),
            places,
        }
    }

    /// Numbers the groups of trials in the order of their first ones.
    fn places(&self, trials: Trials) -> Vec<u32> {
        let mut known: HashMap<String, u32> = HashMap::new();
        let key = |row| {
            let values = self.partition.iter().map(|term| term.value(trials, row));
            format!("{:?}", values.collect::<Vec<_>>())
        };
        (0..trials.rows)
            .map(|row| {
                let next = known.len() as u32;
                *known.entry(key(row)).or_insert(next)
            })
            .collect()
    }

    fn gather<'a>(&self, group: &mut Gathered<'a>, values: Vec<Value<'a>>) {
        if values.iter().any(Value::is_null) {
            return;
        }
        if self.is_distinct && !group.seen.insert(format!("{values:?}")) {
            return;
        }
        group.count += 1;
        let numbers = (
            values.first().and_then(Value::as_float),
            values.get(1).and_then(Value::as_float),
        );
        match (self.how, numbers) {
            (How::Statistic(_) | How::Quantile(..), (Some(number), _)) => group.numbers.push(number),
            (How::Pairs(_), (Some(one), Some(other))) => group.pairs.push((one, other)),
            (How::First, _) if group.kept.is_some() => {}
            (How::First | How::Last, _) => group.kept = values.into_iter().next(),
            (How::Furthest(side), _) => {
                let Some(value) = values.into_iter().next() else {
                    return;
                };
                // What is not a number is no extreme.
                let is_number = value.as_float().is_none_or(|number| !number.is_nan());
                let order = group.kept.as_ref().map(|kept| value.compare(kept));
                if is_number && order.is_none_or(|order| order == Some(side)) {
                    group.kept = Some(value);
                }
            }
            _ => {}
        }
    }

    fn value(&self, mut group: Gathered) -> Value<'static> {
        match self.how {
            How::Count => Value::Int(i128::from(group.count)),
            How::First | How::Last | How::Furthest(_) => group.kept.map_or(Value::Null, Value::owned),
            How::Statistic(of) => Value::float(of(&group.numbers)),
            How::Quantile(share, is_interpolated) => {
                group.numbers.sort_by(f64::total_cmp);
                Value::float(quantile(&group.numbers, share, is_interpolated))
            }
            How::Pairs(of) => Value::float(of(&group.pairs)),
        }
    }
}

/// What is known of a group of trials.
#[derive(Debug, Default)]
struct Gathered<'a> {
    count: u64,
    kept: Option<Value<'a>>,
    numbers: Vec<f64>,
    pairs: Vec<(f64, f64)>,
    seen: HashSet<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::Cells;

    fn named(name: &str) -> How {
        let found = AGGREGATES.iter().find(|(names, _, _)| names.contains(&name));
        found.map(|(_, how, _)| *how).unwrap()
    }

    fn reckoned(how: How, columns: &[Cells]) -> Value<'static> {
        let aggregate = Aggregate {
            how,
            of: (0..columns.len()).map(Term::Column).collect(),
            is_distinct: false,
            filter: None,
            partition: Vec::new(),
        };
        let trials = Trials {
            columns,
            rows: columns[0].len(),
            aggregates: &[],
        };
        aggregate.reckon(trials).of(0).clone()
    }

    fn floats(numbers: &[f64]) -> Cells {
        Cells::Float(numbers.iter().copied().map(Some).collect())
    }

    #[test]
    fn statistics_by_hand() {
        // The mean is 5, the deviations -3, -1, -1, -1, 0, 0, 2, 4, their squares 32 in all.
        let numbers = floats(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        for (name, expected) in [
            ("avg", 5.0),
            ("sum", 40.0),
            ("var", 32.0 / 7.0),
            ("stddev", (32.0_f64 / 7.0).sqrt()),
            ("median", 4.5),
            ("min", 2.0),
            ("max", 9.0),
            ("first", 2.0),
            ("last", 9.0),
        ] {
            let value = reckoned(named(name), std::slice::from_ref(&numbers));
            assert_eq!(value, Value::Float(expected), "{name}");
        }
        let quantile = |share, is_interpolated| {
            reckoned(
                How::Quantile(share, is_interpolated),
                &[floats(&[10.0, 40.0, 20.0, 30.0])],
            )
        };
        assert_eq!(quantile(0.5, true), Value::Float(25.0));
        assert_eq!(quantile(0.5, false), Value::Float(20.0));
        assert_eq!(quantile(0.0, false), Value::Float(10.0));
        assert_eq!(quantile(1.0, true), Value::Float(40.0));
    }

    #[test]
    fn pairs_by_hand() {
        // Deviations -1, 0, 1 and -2, 0, 2.
        let columns = [floats(&[1.0, 2.0, 3.0]), floats(&[8.0, 10.0, 12.0])];
        assert_eq!(reckoned(named("covar_samp"), &columns), Value::Float(2.0));
        assert_eq!(reckoned(named("covar_pop"), &columns), Value::Float(4.0 / 3.0));
        assert_eq!(reckoned(named("corr"), &columns), Value::Float(1.0));
    }

    #[test]
    fn what_is_missing_is_left_out() {
        let gaps = [Cells::Float(vec![None, Some(f64::NAN), Some(2.0)])];
        assert_eq!(reckoned(How::Count, &gaps), Value::Int(2));
        assert_eq!(reckoned(named("max"), &gaps), Value::Float(2.0));
        let nothing = [Cells::Int(vec![None, None])];
        assert_eq!(reckoned(named("avg"), &nothing), Value::Null);
        assert_eq!(reckoned(named("sum"), &nothing), Value::Null);
        assert_eq!(reckoned(named("total"), &nothing), Value::Float(0.0));
        assert_eq!(reckoned(named("min"), &nothing), Value::Null);
        assert_eq!(reckoned(named("var"), &[floats(&[1.0])]), Value::Null);
    }

    #[test]
    fn trials_that_agree_share_a_value() {
        let columns = [
            floats(&[1.0, 2.0, 3.0, 5.0, 5.0]),
            Cells::Uint(vec![Some(7), Some(8), Some(7), Some(8), Some(8)]),
        ];
        let mut aggregate = Aggregate {
            how: named("sum"),
            of: vec![Term::Column(0)],
            is_distinct: true,
            filter: None,
            partition: vec![Term::Column(1)],
        };
        let trials = Trials {
            columns: &columns,
            rows: 5,
            aggregates: &[],
        };
        let values = |aggregate: &Aggregate| {
            let reckoned = aggregate.reckon(trials);
            (0..5)
                .filter_map(|row| reckoned.of(row).as_float())
                .collect::<Vec<_>>()
        };
        assert_eq!(values(&aggregate), [4.0, 7.0, 4.0, 7.0, 7.0]);
        aggregate.is_distinct = false;
        assert_eq!(values(&aggregate), [4.0, 12.0, 4.0, 12.0, 12.0]);
        let above_one = vec![Term::Column(0), Term::Constant(Value::Int(1))];
        aggregate.filter = Some(Term::Call(super::super::operator::greater, above_one));
        assert_eq!(values(&aggregate), [3.0, 12.0, 3.0, 12.0, 12.0]);
    }
}

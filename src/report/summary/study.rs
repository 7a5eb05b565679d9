//! What a page says about one metric.

use rayon::prelude::*;

use super::levels::{Levels, named};
use super::rank::{self, Ranks};
use crate::report::chart::Whiskers;
use crate::summary::{Column, Fraction, Reading, Row, Sample, Samples, Statistics, SummaryError};

/// Most parameters whose distributions and pairs are shown for a metric.
pub const PARAMETERS: usize = 3;

/// Most rows whose distributions are drawn; of more, the ends.
pub const BOXES: usize = 30;

/// Most rows of a table.
pub const ROWS: usize = 400;

/// The quantiles of a box with whiskers.
const WHISKERS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// A metric, studied.
#[derive(Clone, Debug)]
pub struct Study {
    /// The metric.
    pub metric: Column,
    /// All its values together; `None` without any.
    pub whole: Option<Whole>,
    /// Values that are missing, not finite, or without a partner.
    pub missing: u64,
    /// What each parameter does to it.
    pub moves: Vec<Move>,
    /// For each parameter the mean at each of its places.
    pub means: Vec<Vec<Option<f64>>>,
    /// The parameters that move it most, the strongest first.
    pub strongest: Vec<usize>,
    /// For each of the strongest the distribution at each of its places.
    pub marginals: Vec<Vec<Whiskers>>,
    /// The means over pairs of the strongest.
    pub pairs: Vec<Pair>,
    /// The distributions of rows, by median where not all are shown.
    pub boxes: Vec<Whiskers>,
    /// Rows that have values.
    pub rows: usize,
    /// The statistics of the first rows.
    pub table: Vec<Option<Statistics>>,
}

/// All values of a metric.
#[derive(Clone, Debug)]
pub struct Whole {
    /// Their statistics.
    pub statistics: Statistics,
    /// The same as a box.
    pub spread: Whiskers,
}

/// What a parameter does to a metric.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Move {
    /// Spearman's rank correlation; `None` for texts and where nothing varies.
    pub correlation: Option<f64>,
    /// The share of the metric's variance that lies between the parameter's places (the correlation ratio).
    pub share: Option<f64>,
}

/// The means of a metric over two parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The parameter along.
    pub x: usize,
    /// The parameter up.
    pub y: usize,
    /// Means, for each place of `y` those of `x`.
    pub means: Vec<Vec<Option<f64>>>,
}

/// Sum and number of finite values.
#[derive(Clone, Copy, Debug, Default)]
struct Total {
    sum: f64,
    count: f64,
}

impl Study {
    /// Reads a metric and studies it.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn new(reading: &Reading, levels: &[Levels], metric: &Column) -> Result<Self, SummaryError> {
        let samples = reading.samples(metric)?;
        let finished: usize = samples.iter().map(Vec::len).sum();
        let whole = pool(&samples, |_| true).map(|sample| Whole {
            spread: whiskers("all trials", &sample),
            statistics: reading.statistics(&sample),
        });
        let totals: Vec<Total> = samples.iter().map(|sample| Total::of(sample)).collect();
        let moves = moves(&samples, &totals, levels, whole.as_ref());
        let strongest = strongest(&moves, levels);
        let marginals = strongest.iter().map(|&place| marginal(&samples, &levels[place]));
        let (boxes, rows) = boxes(&samples, &reading.groups.rows);
        Ok(Self {
            missing: finished as u64 - whole.as_ref().map_or(0, |whole| whole.statistics.count),
            means: levels.iter().map(|levels| means(&totals, levels)).collect(),
            marginals: marginals.collect(),
            pairs: pairs(&totals, &strongest, levels),
            table: samples
                .par_iter()
                .take(ROWS)
                .map(|values| Some(reading.statistics(&Sample::new(values.clone())?)))
                .collect(),
            metric: metric.clone(),
            whole,
            moves,
            strongest,
            boxes,
            rows,
        })
    }

    /// The value that every trial has, if they all have one.
    pub fn only_value(&self) -> Option<f64> {
        let statistics = &self.whole.as_ref()?.statistics;
        (statistics.min == statistics.max).then_some(statistics.min)
    }
}

impl Total {
    fn of(values: &[(u64, f64)]) -> Self {
        let finite = values
            .iter()
            .map(|(_, value)| *value)
            .filter(|value| value.is_finite());
        finite.fold(Self::default(), |total, value| Self {
            sum: total.sum + value,
            count: total.count + 1.0,
        })
    }

    fn add(&mut self, other: Self) {
        self.sum += other.sum;
        self.count += other.count;
    }

    fn mean(self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }
}

/// The values of all rows that are wanted.
fn pool(samples: &Samples, wanted: impl Fn(usize) -> bool) -> Option<Sample> {
    let rows = samples.iter().enumerate().filter(|(row, _)| wanted(*row));
    Sample::new(rows.flat_map(|(_, values)| values).copied().collect())
}

fn whiskers(name: impl Into<String>, sample: &Sample) -> Whiskers {
    Whiskers {
        name: name.into(),
        count: sample.count() as u64,
        // All of them are shares of one.
        quantiles: WHISKERS
            .map(|share| Fraction::new(share).map_or(f64::NAN, |share| sample.quantile(share))),
        mean: sample.mean(),
    }
}

fn moves(samples: &Samples, totals: &[Total], levels: &[Levels], whole: Option<&Whole>) -> Vec<Move> {
    let Some(statistics) = whole.map(|whole| &whole.statistics) else {
        return vec![Move::default(); levels.len()];
    };
    if statistics.min == statistics.max {
        return vec![Move::default(); levels.len()];
    }
    let ranks = Ranks::new(samples);
    let variance = statistics.std_dev.unwrap_or(0.0).powi(2) * (statistics.count as f64 - 1.0);
    let moved = |levels: &Levels| Move {
        correlation: levels
            .is_ordered()
            .then(|| rank::correlation(&ranks, samples, &levels.numbers))
            .flatten(),
        share: (levels.places.len() > 1 && variance > 0.0)
            .then(|| between(totals, levels, statistics.mean) / variance),
    };
    levels.par_iter().map(moved).collect()
}

/// The sum of squares between the places of a parameter.
fn between(totals: &[Total], levels: &Levels, mean: f64) -> f64 {
    let mut places = vec![Total::default(); levels.places.len()];
    for (total, &place) in totals.iter().zip(&levels.of_rows) {
        // Differences first: the mean may be large and the spread small.
        places[place].add(Total {
            sum: total.sum - total.count * mean,
            count: total.count,
        });
    }
    places
        .iter()
        .filter_map(|total| Some(total.count * total.mean()?.powi(2)))
        .sum()
}

/// The mean at each place of a parameter.
fn means(totals: &[Total], levels: &Levels) -> Vec<Option<f64>> {
    let mut places = vec![Total::default(); levels.places.len()];
    for (total, &place) in totals.iter().zip(&levels.of_rows) {
        places[place].add(*total);
    }
    places.into_iter().map(Total::mean).collect()
}

/// The parameters that explain most of the variance; of equals the earlier.
fn strongest(moves: &[Move], levels: &[Levels]) -> Vec<usize> {
    let share = |place: &usize| moves[*place].share.unwrap_or(-1.0);
    let mut order: Vec<usize> = (0..levels.len())
        .filter(|&place| levels[place].places.len() > 1)
        .collect();
    order.sort_by(|a, b| share(b).total_cmp(&share(a)));
    order.truncate(PARAMETERS);
    order
}

fn marginal(samples: &Samples, levels: &Levels) -> Vec<Whiskers> {
    let places = levels.places.par_iter().enumerate();
    places
        .filter_map(|(place, name)| {
            let sample = pool(samples, |row| levels.of_rows[row] == place)?;
            Some(whiskers(name, &sample))
        })
        .collect()
}

fn pairs(totals: &[Total], strongest: &[usize], levels: &[Levels]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (place, &first) in strongest.iter().enumerate() {
        for &second in &strongest[place + 1..] {
            // The longer side lies along, where there is more room.
            let wider = levels[second].places.len() > levels[first].places.len();
            let (x, y) = if wider { (second, first) } else { (first, second) };
            let mut cells = vec![vec![Total::default(); levels[x].places.len()]; levels[y].places.len()];
            for (row, total) in totals.iter().enumerate() {
                cells[levels[y].of_rows[row]][levels[x].of_rows[row]].add(*total);
            }
            let means = cells
                .into_iter()
                .map(|row| row.into_iter().map(Total::mean).collect());
            pairs.push(Pair {
                x,
                y,
                means: means.collect(),
            });
        }
    }
    pairs
}

/// The distributions of rows in their order; of too many those with the lowest and the highest medians, from the lowest.
/// Also how many rows have values.
fn boxes(samples: &Samples, rows: &[Row]) -> (Vec<Whiskers>, usize) {
    let of = |row: usize| {
        let sample = Sample::new(samples.get(row)?.clone())?;
        let values: Vec<String> = rows.get(row)?.values.iter().map(named).collect();
        Some(whiskers(values.join(" · "), &sample))
    };
    let median = |row: usize| of_median(samples.get(row)?);
    let mut medians: Vec<(usize, f64)> = (0..samples.len())
        .into_par_iter()
        .filter_map(|row| Some((row, median(row)?)))
        .collect();
    let found = medians.len();
    if found > BOXES {
        medians.sort_by(|a, b| a.1.total_cmp(&b.1));
        medians.drain(BOXES / 2..found - BOXES / 2);
    }
    (
        medians.into_iter().filter_map(|(row, _)| of(row)).collect(),
        found,
    )
}

fn of_median(values: &[(u64, f64)]) -> Option<f64> {
    let sample = Sample::new(values.to_vec())?;
    Some(sample.quantile(Fraction::new(0.5).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::Value;

    /// Rows of one replicate each with the given values of two parameters and the metric.
    fn grid() -> (Samples, Vec<Levels>) {
        // The metric is ten times the first parameter plus the second; two replicates, one unit to both sides.
        let rows = [(0.0, 0), (0.0, 1), (1.0, 0), (1.0, 1), (2.0, 0), (2.0, 1)];
        let samples = rows
            .iter()
            .map(|(a, b)| {
                let value = 10.0 * a + f64::from(*b);
                vec![(0, value - 1.0), (1, value + 1.0)]
            })
            .collect();
        let a: Vec<Value> = rows.iter().map(|(a, _)| Value::Float(*a)).collect();
        let b: Vec<Value> = rows.iter().map(|(_, b)| Value::Int((*b).into())).collect();
        let levels = |name, values: &[Value]| Levels::new(name, &values.iter().collect::<Vec<_>>());
        (samples, vec![levels("b", &b), levels("a", &a)])
    }

    fn totals(samples: &Samples) -> Vec<Total> {
        samples.iter().map(|sample| Total::of(sample)).collect()
    }

    #[test]
    fn the_share_of_variance_by_hand() {
        let (samples, levels) = grid();
        // Mean 10.5. Between the places of `b`: 12 values half a unit off: 3. Between those of `a`: 4 values each 10, 0
        // and 10 off: 800.
        let totals = totals(&samples);
        assert!((between(&totals, &levels[0], 10.5) - 3.0).abs() < 1e-9);
        assert!((between(&totals, &levels[1], 10.5) - 800.0).abs() < 1e-9);
        let moves = [0.1, 0.9].map(|share| Move {
            share: Some(share),
            correlation: None,
        });
        assert_eq!(strongest(&moves, &levels), [1, 0]);
    }

    #[test]
    fn means_over_pairs_by_hand() {
        let (samples, levels) = grid();
        let found = pairs(&totals(&samples), &[0, 1], &levels);
        let expected = vec![
            vec![Some(0.0), Some(10.0), Some(20.0)],
            vec![Some(1.0), Some(11.0), Some(21.0)],
        ];
        assert_eq!(
            means(&totals(&samples), &levels[1]),
            [Some(0.5), Some(10.5), Some(20.5)]
        );
        // `a` has three places and lies along.
        assert_eq!(
            found,
            [Pair {
                x: 1,
                y: 0,
                means: expected
            }]
        );
    }

    #[test]
    fn distributions_at_the_places_of_a_parameter_by_hand() {
        let (samples, levels) = grid();
        let found = marginal(&samples, &levels[1]);
        // At a = 0: -1, 0, 1, 2. Place 3 p of them: 0.15 from -1; 0.75; 1.5; 2.25; 2.85.
        let expected = [-0.85, -0.25, 0.5, 1.25, 1.85];
        assert_eq!((found.len(), found[0].count, found[0].mean), (3, 4, 0.5));
        for (value, expected) in found[0].quantiles.iter().zip(expected) {
            assert!((value - expected).abs() < 1e-12, "{:?}", found[0]);
        }
    }

    #[test]
    fn of_many_rows_the_ends_are_kept() {
        let row = |value: i64| Row {
            point: Some(0),
            points: 1,
            values: vec![Value::Int(value)],
            trials: 1,
            failed: 0,
        };
        let rows: Vec<Row> = (0..100).map(row).collect();
        // Descending, and the first without a value.
        let mut samples: Samples = (0..100).map(|place| vec![(0, f64::from(100 - place))]).collect();
        samples[0].clear();
        let (boxes, found) = boxes(&samples, &rows);
        assert_eq!((boxes.len(), found), (BOXES, 99));
        assert_eq!((boxes[0].name.as_str(), boxes[0].mean), ("99", 1.0));
        assert_eq!(
            (boxes[BOXES - 1].name.as_str(), boxes[BOXES - 1].mean),
            ("1", 99.0)
        );
        assert_eq!(boxes[BOXES / 2].mean, 85.0);
    }
}

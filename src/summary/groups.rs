//! Which trials are summarised together.

use std::collections::HashMap;

use super::error::SummaryError;
use super::read::{Point, Value};

/// What a line of the tables stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The point, if it is a single one.
    pub point: Option<u64>,
    /// How many points it is.
    pub points: u64,
    /// The values of the parameters that tell rows apart.
    pub values: Vec<Value>,
    /// Trials run.
    pub trials: u64,
    /// Those of them that failed.
    pub failed: u64,
}

/// The rows of a summary, and the row that each point is in.
#[derive(Clone, Debug, PartialEq)]
pub struct Groups {
    /// In the order of their first points.
    pub rows: Vec<Row>,
    rows_of_points: HashMap<u64, usize>,
}

impl Groups {
    /// Every point alone.
    pub fn points(points: &[Point]) -> Self {
        let alone = |point: &Point| Row {
            point: Some(point.number),
            points: 1,
            values: point.values.clone(),
            trials: point.trials,
            failed: point.failed,
        };
        Self {
            rows: points.iter().map(alone).collect(),
            rows_of_points: points.iter().map(|point| point.number).zip(0..).collect(),
        }
    }

    /// Every point alone, but for one that they are compared with.
    ///
    /// # Errors
    /// A point that is not there, or is the only one.
    pub fn without(baseline: u64, points: &[Point]) -> Result<Self, SummaryError> {
        let (others, found): (Vec<Point>, Vec<Point>) =
            points.iter().cloned().partition(|point| point.number != baseline);
        match (&found[..], points) {
            ([], [first, .., last]) => Err(SummaryError::NoSuchPoint {
                point: baseline,
                first: first.number,
                last: last.number,
            }),
            _ if others.is_empty() => Err(SummaryError::OnlyPoint(baseline)),
            _ => Ok(Self::points(&others)),
        }
    }

    /// Points that have the same values of the parameters at the given places.
    pub fn by(places: &[usize], points: &[Point]) -> Self {
        let mut groups = Self {
            rows: Vec::new(),
            rows_of_points: HashMap::new(),
        };
        let mut rows_of_values = HashMap::new();
        for point in points {
            let values: Vec<Value> = places
                .iter()
                .filter_map(|place| point.values.get(*place))
                .cloned()
                .collect();
            let row = *rows_of_values.entry(format!("{values:?}")).or_insert_with(|| {
                groups.rows.push(Row {
                    point: None,
                    points: 0,
                    values,
                    trials: 0,
                    failed: 0,
                });
                groups.rows.len() - 1
            });
            groups.rows_of_points.insert(point.number, row);
            let row = &mut groups.rows[row];
            row.points += 1;
            row.trials += point.trials;
            row.failed += point.failed;
        }
        groups
    }

    /// The row that a point is in.
    pub fn row_of(&self, point: u64) -> Option<usize> {
        self.rows_of_points.get(&point).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(number: u64, bias: f64, size: i64) -> Point {
        Point {
            number,
            values: vec![Value::Float(bias), Value::Int(size)],
            trials: 10,
            failed: number % 2,
        }
    }

    fn grid() -> Vec<Point> {
        vec![
            point(0, 0.1, 5),
            point(1, 0.1, 6),
            point(2, 0.2, 5),
            point(3, 0.2, 6),
        ]
    }

    #[test]
    fn points_with_the_same_values_come_together() {
        let groups = Groups::by(&[1], &grid());
        let expected = [(5, 0), (6, 2)].map(|(size, failed)| Row {
            point: None,
            points: 2,
            values: vec![Value::Int(size)],
            trials: 20,
            failed,
        });
        assert_eq!(groups.rows, expected);
        assert_eq!(
            [0, 1, 2, 3, 4].map(|point| groups.row_of(point)),
            [Some(0), Some(1), Some(0), Some(1), None]
        );
        assert_eq!(Groups::by(&[0, 1], &grid()).rows.len(), 4);
    }

    #[test]
    fn a_baseline_has_no_row() {
        let groups = Groups::without(1, &grid()).unwrap();
        assert_eq!(
            [0, 1, 2].map(|point| groups.row_of(point)),
            [Some(0), None, Some(1)]
        );
        assert_eq!(
            Groups::without(4, &grid()).unwrap_err().to_string(),
            "there is no point 4 to compare with; the points are 0 to 3"
        );
        assert_eq!(
            Groups::without(0, &grid()[..1]).unwrap_err().to_string(),
            "point 0 is the only one; there is nothing to compare it with"
        );
    }
}

//! Putting metrics of different units on one scale.

use super::error::SampleError;
use super::order::{Wanted, order_statistics};
use super::table::{Batch, Table};

/// Metrics with a centre and a spread each. Metrics that do not vary, which tell no trial from another, are left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// The metrics.
    pub names: Vec<String>,
    centres: Vec<f64>,
    spreads: Vec<f64>,
}

/// The median absolute deviation of a normal distribution is its standard deviation over this.
const MEDIAN_DEVIATION: f64 = 1.482_602_218_505_602;
/// And its mean absolute deviation is its standard deviation over this: the root of half of pi.
const MEAN_DEVIATION: f64 = 1.253_314_137_315_500_3;

impl Scale {
    /// Means and standard deviations.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn standard(table: &Table, names: &[String]) -> Result<Self, SampleError> {
        let moments = moments(table, names, |_, value| value)?;
        let centres = moments.iter().map(|m| m.mean).collect();
        let spreads = moments.iter().map(|m| m.deviation()).collect();
        Ok(Self::of_those_that_vary(names, centres, spreads))
    }

    /// Medians and median absolute deviations, scaled to be standard deviations where values are distributed normally.
    /// Where more than half of the values are equal, so that the median deviation is zero, the mean absolute deviation
    /// stands in: Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn robust(table: &Table, names: &[String]) -> Result<Self, SampleError> {
        let counts = moments(table, names, |_, value| value)?;
        let medians = |of: &(dyn Fn(usize, f64) -> f64 + Sync)| -> Result<Vec<f64>, SampleError> {
            let wanted = counts.iter().enumerate().map(|(column, moments)| Wanted {
                column,
                rank: moments.count.saturating_sub(1) / 2,
                count: moments.count,
            });
            order_statistics(table, names, of, &wanted.collect::<Vec<_>>())
        };
        let centres = medians(&|_, value| value)?;
        let from_centre = |column: usize, value: f64| (value - centres[column]).abs();
        let deviations = medians(&from_centre)?;
        let means = moments(table, names, from_centre)?;
        let spreads = deviations.iter().zip(means).map(|(median, mean)| {
            if *median > 0.0 {
                median * MEDIAN_DEVIATION
            } else {
                mean.mean * MEAN_DEVIATION
            }
        });
        let spreads = spreads.collect();
        Ok(Self::of_those_that_vary(names, centres, spreads))
    }

    fn of_those_that_vary(names: &[String], centres: Vec<f64>, spreads: Vec<f64>) -> Self {
        let mut scale = Self {
            names: Vec::new(),
            centres: Vec::new(),
            spreads: Vec::new(),
        };
        for ((name, centre), spread) in names.iter().zip(centres).zip(spreads) {
            if spread.is_finite() && spread > 0.0 {
                scale.names.push(name.clone());
                scale.centres.push(centre);
                scale.spreads.push(spread);
            }
        }
        scale
    }

    /// How many metrics there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// A value of a metric in spreads from its centre. A value that is missing or not finite is put at the centre,
    /// where it draws a trial in no direction.
    pub fn standardised(&self, metric: usize, value: f64) -> f64 {
        let far = (value - self.centres[metric]) / self.spreads[metric];
        if far.is_finite() { far } else { 0.0 }
    }

    /// The trials of a batch, standardised: one after the other, each with [`Scale::len`] numbers.
    ///
    /// # Errors
    /// A column that is missing.
    pub fn vectors(&self, batch: &Batch) -> Result<Vec<f64>, SampleError> {
        let columns = batch.all_numbers(&self.names)?;
        let rows = (batch.places().end - batch.places().start) as usize;
        let mut vectors = Vec::with_capacity(rows * self.len());
        for row in 0..rows {
            let values = columns.iter().enumerate();
            vectors.extend(values.map(|(metric, column)| self.standardised(metric, column[row])));
        }
        Ok(vectors)
    }

    /// The names, as [`Table::fold`] takes them.
    pub fn columns(&self) -> Vec<&str> {
        self.names.iter().map(String::as_str).collect()
    }
}

/// The squared Euclidean distance.
pub fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// Count, mean and variance of finite values, of one pass: Welford's method, joined by that of Chan, Golub and LeVeque.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// Finite values.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        if value.is_finite() {
            self.count += 1;
            let from_old = value - self.mean;
            self.mean += from_old / self.count as f64;
            self.squares += from_old * (value - self.mean);
        }
    }

    fn merge(&mut self, other: Self) {
        if self.count == 0 || other.count == 0 {
            if self.count == 0 {
                *self = other;
            }
            return;
        }
        let (one, two) = (self.count as f64, other.count as f64);
        let apart = other.mean - self.mean;
        self.count += other.count;
        self.mean += apart * (two / (one + two));
        self.squares += other.squares + apart * apart * (one * two / (one + two));
    }

    /// The standard deviation.
    pub fn deviation(&self) -> f64 {
        (self.squares / self.count.saturating_sub(1).max(1) as f64).sqrt()
    }
}

/// Moments of columns. `of` is applied to every value first.
///
/// # Errors
/// Files that cannot be read.
pub fn moments(
    table: &Table,
    names: &[String],
    of: impl Fn(usize, f64) -> f64 + Sync,
) -> Result<Vec<Moments>, SampleError> {
    let columns: Vec<&str> = names.iter().map(String::as_str).collect();
    table.fold(
        &columns,
        || vec![Moments::default(); names.len()],
        |moments, batch| {
            for ((column, moments), values) in moments.iter_mut().enumerate().zip(batch.all_numbers(names)?) {
                values
                    .into_iter()
                    .for_each(|value| moments.add(of(column, value)));
            }
            Ok(())
        },
        |whole, part| {
            whole
                .iter_mut()
                .zip(part)
                .for_each(|(whole, part)| whole.merge(part))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(values: &[f64]) -> Moments {
        let mut moments = Moments::default();
        values.iter().for_each(|value| moments.add(*value));
        moments
    }

    #[test]
    fn moments_by_hand_in_one_piece_or_two() {
        // Mean 10, squares 36 + 9 + 9 + 36 = 90 over 3: the textbook trap with its large offset.
        let values = [4.0, 7.0, 13.0, 16.0].map(|x| x + 1e9);
        let whole = moments(&values);
        assert_eq!((whole.count, whole.mean), (4, 1e9 + 10.0));
        assert!((whole.deviation() - 30f64.sqrt()).abs() < 1e-6);
        let mut half = moments(&values[..1]);
        half.merge(moments(&values[1..]));
        assert!((half.deviation() - 30f64.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn equal_values_have_no_deviation_in_any_number_of_pieces() {
        let mut whole = moments(&[0.1; 7]);
        whole.merge(moments(&[0.1; 3]));
        whole.merge(moments(&[]));
        assert_eq!((whole.count, whole.deviation()), (10, 0.0));
    }

    #[test]
    fn what_is_not_finite_is_passed_over_and_put_at_the_centre() {
        assert_eq!(moments(&[f64::NAN, 2.0, f64::INFINITY, 4.0]).mean, 3.0);
        let names = ["a", "b", "c"].map(str::to_owned);
        let scale = Scale::of_those_that_vary(&names, vec![1.0; 3], vec![2.0, 0.0, f64::INFINITY]);
        assert_eq!(scale.names, ["a"]);
        assert_eq!(scale.standardised(0, 5.0), 2.0);
        assert_eq!(scale.standardised(0, f64::NAN), 0.0);
        assert_eq!(scale.standardised(0, f64::INFINITY), 0.0);
    }
}

//! Spearman's rank correlation of parameters with a metric.

use crate::summary::Samples;

/// A metric's values by rank. A parameter is one number in each row, so all that its correlation needs is the sum of the
/// ranks in each row: many parameters cost one sort.
#[derive(Clone, Debug)]
pub struct Ranks {
    /// For each row how many values it has, and the sum of their ranks.
    rows: Vec<(f64, f64)>,
    count: f64,
    /// Sum of the squares of all ranks less their mean.
    spread: f64,
}

impl Ranks {
    /// The ranks, from 1, of the finite values; equal values share the mean of theirs.
    pub fn new(samples: &Samples) -> Self {
        let mut values: Vec<(f64, usize)> = Vec::new();
        for (row, sample) in samples.iter().enumerate() {
            let finite = sample.iter().filter(|(_, value)| value.is_finite());
            // Adding zero makes the negative zero equal to the other.
            values.extend(finite.map(|(_, value)| (value + 0.0, row)));
        }
        values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let count = values.len() as f64;
        let middle = (count + 1.0) / 2.0;
        let (mut rows, mut spread) = (vec![(0.0, 0.0); samples.len()], 0.0);
        let mut before = 0.0;
        for ties in values.chunk_by(|a, b| a.0 == b.0) {
            let rank = before + (ties.len() as f64 + 1.0) / 2.0;
            before += ties.len() as f64;
            spread += ties.len() as f64 * (rank - middle).powi(2);
            for (_, row) in ties {
                let (count, sum) = &mut rows[*row];
                *count += 1.0;
                *sum += rank;
            }
        }
        Self { rows, count, spread }
    }

    /// The correlation with a parameter of the given value in each row: Pearson's of the ranks of both. `None` where one
    /// of them does not vary.
    pub fn correlation(&self, parameter: &[f64]) -> Option<f64> {
        let mut order: Vec<(f64, f64, f64)> = parameter
            .iter()
            .zip(&self.rows)
            .filter(|(_, (count, _))| *count > 0.0)
            .map(|(value, (count, sum))| (value + 0.0, *count, *sum))
            .collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        let middle = (self.count + 1.0) / 2.0;
        let (mut before, mut spread, mut common) = (0.0, 0.0, 0.0);
        for ties in order.chunk_by(|a, b| a.0 == b.0) {
            let count: f64 = ties.iter().map(|tie| tie.1).sum();
            let off = before + (count + 1.0) / 2.0 - middle;
            before += count;
            spread += count * off * off;
            common += off
                * ties
                    .iter()
                    .map(|(_, count, sum)| sum - count * middle)
                    .sum::<f64>();
        }
        let scale = (spread * self.spread).sqrt();
        (scale > 0.0).then(|| (common / scale).clamp(-1.0, 1.0))
    }
}

/// The correlation with a parameter that has no number in some rows, which are left out.
pub fn correlation(ranks: &Ranks, samples: &Samples, parameter: &[Option<f64>]) -> Option<f64> {
    let complete: Option<Vec<f64>> = parameter.iter().copied().collect();
    if let Some(parameter) = complete {
        return ranks.correlation(&parameter);
    }
    let numbered = || {
        parameter
            .iter()
            .zip(samples)
            .filter_map(|(number, sample)| Some(((*number)?, sample)))
    };
    let numbers: Vec<f64> = numbered().map(|(number, _)| number).collect();
    let samples: Samples = numbered().map(|(_, sample)| sample.clone()).collect();
    Ranks::new(&samples).correlation(&numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A row for each value.
    fn alone(values: &[f64]) -> Samples {
        values.iter().map(|value| vec![(0, *value)]).collect()
    }

    fn of(parameter: &[f64], metric: &[f64]) -> Option<f64> {
        Ranks::new(&alone(metric)).correlation(parameter)
    }

    #[test]
    fn by_hand() {
        // Ranks 1 2 3 4 5 against 2 1 4 3 5: 1 - 6 (1 + 1 + 1 + 1 + 0) / (5 (25 - 1)) = 0.8.
        let found = of(&[1.0, 2.0, 3.0, 4.0, 5.0], &[20.0, 10.0, 400.0, 30.0, 5_000.0]).unwrap();
        assert!((found - 0.8).abs() < 1e-12, "{found}");
        // Ranks 1.5 1.5 3.5 3.5 against 1 2 3 4: covariances 1.5 + 0.5 + 0.5 + 1.5 = 4 over the root of 4 times 5.
        let found = of(&[0.0, 0.0, 1.0, 1.0], &[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert!((found - 4.0 / 20f64.sqrt()).abs() < 1e-12, "{found}");
    }

    #[test]
    fn rows_with_several_values_count_each() {
        // The same as the second one by hand, with two rows of two values.
        let samples = vec![vec![(0, 1.0), (1, 2.0)], vec![(0, 3.0), (1, 4.0), (2, f64::NAN)]];
        let found = Ranks::new(&samples).correlation(&[0.0, 1.0]).unwrap();
        assert!((found - 4.0 / 20f64.sqrt()).abs() < 1e-12, "{found}");
    }

    #[test]
    fn what_only_grows_is_one_and_what_does_not_vary_none() {
        assert_eq!(of(&[1.0, 2.0, 3.0], &[0.1, 5.0, 1e9]), Some(1.0));
        assert_eq!(of(&[1.0, 2.0, 3.0], &[9.0, 5.0, -1.0]), Some(-1.0));
        assert_eq!(of(&[1.0, 2.0, 3.0], &[4.0, 4.0, 4.0]), None);
        assert_eq!(of(&[1.0, 1.0], &[4.0, 5.0]), None);
        assert_eq!(of(&[-0.0, 0.0], &[4.0, 5.0]), None);
        assert_eq!(of(&[], &[]), None);
    }

    #[test]
    fn rows_without_a_number_are_left_out() {
        let samples = alone(&[1.0, 100.0, 2.0, 3.0]);
        let found = correlation(
            &Ranks::new(&samples),
            &samples,
            &[Some(1.0), None, Some(2.0), Some(3.0)],
        );
        assert_eq!(found, Some(1.0));
    }

    proptest! {
        #[test]
        fn without_ties_it_is_the_textbook_formula(
            metric in prop::collection::hash_set(-1000i32..1000, 2..40),
            shift in 1usize..40,
        ) {
            let metric: Vec<f64> = metric.into_iter().map(f64::from).collect();
            let n = metric.len();
            let parameter: Vec<f64> = (0..n).map(|place| ((place + shift) % n) as f64).collect();
            let rank = |values: &[f64], of: f64| values.iter().filter(|value| **value < of).count() as f64;
            let squares: f64 = (0..n)
                .map(|place| (rank(&metric, metric[place]) - rank(&parameter, parameter[place])).powi(2))
                .sum();
            let n = n as f64;
            let expected = 1.0 - 6.0 * squares / (n * (n * n - 1.0));
            prop_assert!((of(&parameter, &metric).unwrap() - expected).abs() < 1e-9);
        }
    }
}

//! What is measured of one metric at one point, and how it is spread.

use statrs::statistics::Statistics as _;

use super::fraction::Fraction;

/// The values of a metric, each from a replicate.
///
/// Values of one replicate share their random numbers, so they are not independent of each other: what is known
/// about the mean depends on how many replicates there are. At a single point every replicate has one value.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    sorted: Vec<f64>,
    mean: f64,
    std_dev: Option<f64>,
    clusters: Vec<Cluster>,
}

/// The values of one replicate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cluster {
    /// How many there are.
    pub count: f64,
    /// Sum of their differences from the mean of the sample.
    pub excess: f64,
}

impl Sample {
    /// A sample of values with the number of the replicate that each is from. Values that are not finite are not
    /// taken. `None` if no value is left.
    pub fn new(mut values: Vec<(u64, f64)>) -> Option<Self> {
        values.retain(|(_, value)| value.is_finite());
        if values.is_empty() {
            return None;
        }
        // Stable: the result depends on the order of the values within a replicate, not of the replicates.
        values.sort_by_key(|(replicate, _)| *replicate);
        let mut sorted: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
        let mean = (&sorted).mean();
        let std_dev = (sorted.len() > 1).then(|| (&sorted).std_dev());
        let clusters = values
            .chunk_by(|a, b| a.0 == b.0)
            .map(|cluster| Cluster {
                count: cluster.len() as f64,
                excess: cluster.iter().map(|(_, value)| value - mean).sum(),
            })
            .collect();
        sorted.sort_by(f64::total_cmp);
        Some(Self {
            sorted,
            mean,
            std_dev,
            clusters,
        })
    }

    /// Number of values.
    pub fn count(&self) -> usize {
        self.sorted.len()
    }

    /// The arithmetic mean.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The standard deviation, estimated with n - 1. `None` for a single value.
    pub fn std_dev(&self) -> Option<f64> {
        self.std_dev
    }

    /// The value below which the share `p` of the sample lies, interpolated linearly between the two values around
    /// place (n - 1) p: definition 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996, the one
    /// that polars, NumPy and DuckDB's `quantile_cont` use.
    pub fn quantile(&self, p: Fraction) -> f64 {
        let last = self.sorted.len() - 1;
        let place = last as f64 * p.get();
        let below = self.sorted[(place.floor() as usize).min(last)];
        let above = self.sorted[(place.ceil() as usize).min(last)];
        // The sum can end a rounding above the upper value.
        (below + place.fract() * (above - below)).min(above)
    }

    /// The mean of the lowest share `q` of the sample.
    ///
    /// The n q lowest values are averaged, the last of them weighted by the fraction that n q leaves: the estimator
    /// of expected shortfall of Acerbi and Tasche, "On the coherence of expected shortfall", 2002. With n q below 1
    /// it is the lowest value.
    pub fn lower_tail(&self, q: Fraction) -> f64 {
        tail(self.sorted.iter().copied(), self.sorted.len(), q)
    }

    /// The mean of the highest share `q` of the sample, in the same way.
    pub fn upper_tail(&self, q: Fraction) -> f64 {
        tail(self.sorted.iter().rev().copied(), self.sorted.len(), q)
    }

    /// The lowest value.
    pub fn min(&self) -> f64 {
        self.sorted[0]
    }

    /// The highest value.
    pub fn max(&self) -> f64 {
        self.sorted[self.sorted.len() - 1]
    }

    /// The values by replicate.
    pub(super) fn clusters(&self) -> &[Cluster] {
        &self.clusters
    }
}

fn tail(from_the_end: impl Iterator<Item = f64>, count: usize, q: Fraction) -> f64 {
    let mass = count as f64 * q.get();
    let (mut sum, mut left) = (0.0, mass);
    for value in from_the_end {
        if mass <= 1.0 {
            return value;
        }
        if left <= 0.0 {
            break;
        }
        sum += value * left.min(1.0);
        left -= 1.0;
    }
    sum / mass
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample(values: &[f64]) -> Sample {
        Sample::new((0..).zip(values.iter().copied()).collect()).unwrap()
    }

    fn share(value: f64) -> Fraction {
        Fraction::new(value).unwrap()
    }

    #[test]
    fn mean_and_deviation_by_hand() {
        // Sum 40, mean 5, squares of the differences 9+1+1+1+0+0+4+16 = 32.
        let sample = sample(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert_eq!(sample.count(), 8);
        assert_eq!(sample.mean(), 5.0);
        let std_dev = sample.std_dev().unwrap();
        assert!((std_dev - (32.0f64 / 7.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn a_large_offset_costs_no_digits() {
        // The textbook trap of the sum of squares: the variance is that of 4, 7, 13, 16, which is 30.
        let sample = sample(&[4.0, 7.0, 13.0, 16.0].map(|x| x + 1e9));
        assert_eq!(sample.mean(), 1e9 + 10.0);
        assert!((sample.std_dev().unwrap() - 30f64.sqrt()).abs() < 1e-9);
    }

    #[test]
    fn quantiles_by_hand() {
        // Hyndman and Fan's definition 7 over n = 5: place 4 p.
        let sample = sample(&[30.0, 10.0, 50.0, 20.0, 40.0]);
        for (p, value) in [
            (0.0, 10.0),
            (0.25, 20.0),
            (0.3, 22.0),
            (0.5, 30.0),
            (0.9, 46.0),
            (1.0, 50.0),
        ] {
            assert!((sample.quantile(share(p)) - value).abs() < 1e-12, "{p}");
        }
    }

    #[test]
    fn tails_by_hand() {
        let sample = sample(&[5.0, 1.0, 4.0, 2.0, 3.0, 10.0, 8.0, 6.0, 7.0, 9.0]);
        for (q, low, high) in [
            (0.2, 1.5, 9.5),
            // 2.5 values: (1 + 2 + 3 / 2) / 2.5 and (10 + 9 + 8 / 2) / 2.5.
            (0.25, 1.8, 9.2),
            (0.05, 1.0, 10.0),
            (0.0, 1.0, 10.0),
            (1.0, 5.5, 5.5),
        ] {
            assert!((sample.lower_tail(share(q)) - low).abs() < 1e-12, "{q}");
            assert!((sample.upper_tail(share(q)) - high).abs() < 1e-12, "{q}");
        }
    }

    #[test]
    fn a_single_value_has_no_deviation() {
        let one = sample(&[3.5]);
        assert_eq!((one.mean(), one.std_dev()), (3.5, None));
        assert_eq!((one.quantile(share(0.3)), one.lower_tail(share(0.5))), (3.5, 3.5));
        assert_eq!(Sample::new(vec![]), None);
    }

    #[test]
    fn what_is_not_finite_is_not_taken() {
        let values = vec![(0, f64::NAN), (1, 2.0), (2, f64::INFINITY), (3, 4.0)];
        let sample = Sample::new(values).unwrap();
        assert_eq!((sample.count(), sample.mean()), (2, 3.0));
        assert_eq!(Sample::new(vec![(0, f64::NAN)]), None);
    }

    #[test]
    fn equal_values_have_no_spread() {
        let sample = sample(&[0.1; 7]);
        assert_eq!((sample.mean(), sample.std_dev()), (0.1, Some(0.0)));
        assert_eq!((sample.min(), sample.max()), (0.1, 0.1));
    }

    proptest! {
        #[test]
        fn statistics_are_in_order(
            values in prop::collection::vec(-1e9..1e9f64, 1..60),
            mut shares in prop::collection::vec(0.0..=1.0f64, 2..6),
        ) {
            let sample = sample(&values);
            shares.sort_by(f64::total_cmp);
            let slack = 1e-6;
            for pair in shares.windows(2) {
                let (small, large) = (share(pair[0]), share(pair[1]));
                prop_assert!(sample.quantile(small) <= sample.quantile(large));
                prop_assert!(sample.lower_tail(small) <= sample.lower_tail(large) + slack);
                prop_assert!(sample.upper_tail(small) >= sample.upper_tail(large) - slack);
            }
            for q in shares.into_iter().map(share) {
                prop_assert!(sample.min() <= sample.quantile(q) && sample.quantile(q) <= sample.max());
                prop_assert!(sample.lower_tail(q) <= sample.mean() + slack);
                prop_assert!(sample.upper_tail(q) >= sample.mean() - slack);
                // What both tails together cover is everything.
                let rest = share(1.0 - q.get());
                let whole = q.get() * sample.lower_tail(q) + rest.get() * sample.upper_tail(rest);
                let n = values.len() as f64;
                if q.get() * n > 1.0 && rest.get() * n > 1.0 {
                    prop_assert!((whole - sample.mean()).abs() < slack);
                }
            }
        }

        #[test]
        fn the_order_of_replicates_does_not_matter(
            values in prop::collection::vec((0..1000u64, -1e6..1e6f64), 1..40)
                .prop_map(|values| values.into_iter().collect::<std::collections::HashMap<_, _>>()),
        ) {
            let one: Vec<_> = values.iter().map(|(r, v)| (*r, *v)).collect();
            let mut other = one.clone();
            other.reverse();
            prop_assert_eq!(Sample::new(one), Sample::new(other));
        }
    }
}

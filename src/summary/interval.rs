//! How well a sample tells the mean.

use rand::RngExt;
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::fraction::Fraction;
use super::sample::Sample;
use crate::random::{Purpose, stream};

/// How the interval around a mean is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Student's t distribution over the replicates.
    StudentT,
    /// Percentiles of the means of resampled replicates.
    Bootstrap {
        /// How many times they are resampled.
        resamples: u32,
        /// The seed of the sweep: the same choice of replicates is made for every metric and point.
        seed: u64,
    },
}

/// An interval that covers the expected value in so many of all sweeps as its level says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Method {
    /// The interval around the mean of a sample at a level strictly between 0 and 1. `None` with less than two
    /// replicates.
    ///
    /// With m replicates of which replicate r has n_r of the n values and the sum e_r of their differences from the
    /// mean, the squared standard error is m / (m - 1) Σ e_r² / n²: the cluster-robust one, which for one value a
    /// replicate is the usual s² / n. Without it values that share their random numbers would pass as independent,
    /// and the interval would come out too narrow.
    pub fn interval(self, sample: &Sample, level: Fraction) -> Option<Interval> {
        let clusters = sample.clusters();
        if clusters.len() < 2 {
            return None;
        }
        match self {
            Method::StudentT => {
                let (m, n) = (clusters.len() as f64, sample.count() as f64);
                let squares: f64 = clusters.iter().map(|cluster| cluster.excess.powi(2)).sum();
                let error = (m / (m - 1.0) * squares).sqrt() / n;
                let half = student_t(level, m - 1.0)? * error;
                Some(Interval {
                    low: sample.mean() - half,
                    high: sample.mean() + half,
                })
            }
            Method::Bootstrap { resamples, seed } => {
                let mut rng = stream(seed, 0, Purpose::Resample, 0);
                let means = (0..u64::from(resamples)).map(|resample| {
                    let (mut count, mut excess) = (0.0, 0.0);
                    for _ in clusters {
                        let drawn = clusters[rng.random_range(0..clusters.len())];
                        count += drawn.count;
                        excess += drawn.excess;
                    }
                    (resample, sample.mean() + excess / count)
                });
                let means = Sample::new(means.collect())?;
                let outside = (1.0 - level.get()) / 2.0;
                Some(Interval {
                    low: means.quantile(Fraction::new(outside).ok()?),
                    high: means.quantile(Fraction::new(1.0 - outside).ok()?),
                })
            }
        }
    }
}

/// How many standard errors the interval reaches to either side.
fn student_t(level: Fraction, freedom: f64) -> Option<f64> {
    let distribution = StudentsT::new(0.0, 1.0, freedom).ok()?;
    Some(distribution.inverse_cdf(0.5 + level.get() / 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_distr::{Distribution, Exp1, StandardNormal};

    fn level(value: f64) -> Fraction {
        Fraction::new(value).unwrap()
    }

    fn sample(values: &[f64]) -> Sample {
        Sample::new((0..).zip(values.iter().copied()).collect()).unwrap()
    }

    #[test]
    fn quantiles_of_student_t_are_those_of_the_tables() {
        // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, upper critical values; the last line is the
        // normal distribution's.
        for (freedom, at_90, at_95, at_99) in [
            (1.0, 6.314, 12.706, 63.657),
            (2.0, 2.920, 4.303, 9.925),
            (5.0, 2.015, 2.571, 4.032),
            (10.0, 1.812, 2.228, 3.169),
            (30.0, 1.697, 2.042, 2.750),
            (100.0, 1.660, 1.984, 2.626),
            (1e6, 1.645, 1.960, 2.576),
        ] {
            for (value, expected) in [(0.9, at_90), (0.95, at_95), (0.99, at_99)] {
                let found = student_t(level(value), freedom).unwrap();
                assert!((found - expected).abs() <= 0.00051, "{freedom} {value}: {found}");
            }
        }
    }

    #[test]
    fn an_interval_by_hand() {
        // Mean 5, s² = 32 / 7, n = 8, t(0.975, 7) = 2.364624.
        let sample = sample(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        let Interval { low, high } = Method::StudentT.interval(&sample, level(0.95)).unwrap();
        let half = 2.364_624 * (32.0f64 / 7.0 / 8.0).sqrt();
        assert!((low - (5.0 - half)).abs() < 1e-6, "{low}");
        assert!((high - (5.0 + half)).abs() < 1e-6, "{high}");
    }

    #[test]
    fn points_that_share_their_chance_count_once() {
        // The same three values at four points say no more about chance than at one.
        let one = sample(&[1.0, 2.0, 6.0]);
        let four = [1.0, 2.0, 6.0]
            .into_iter()
            .zip(0..)
            .flat_map(|(value, r)| [(r, value); 4]);
        let four = Sample::new(four.collect()).unwrap();
        for method in [
            Method::StudentT,
            Method::Bootstrap {
                resamples: 200,
                seed: 3,
            },
        ] {
            let a = method.interval(&one, level(0.9)).unwrap();
            let b = method.interval(&four, level(0.9)).unwrap();
            assert!(
                (a.low - b.low).abs() < 1e-12 && (a.high - b.high).abs() < 1e-12,
                "{method:?}"
            );
        }
    }

    #[test]
    fn one_replicate_gives_no_interval() {
        for method in [
            Method::StudentT,
            Method::Bootstrap {
                resamples: 200,
                seed: 3,
            },
        ] {
            let sample = Sample::new(vec![(4, 1.0), (4, 2.0)]).unwrap();
            assert_eq!(method.interval(&sample, level(0.95)), None);
        }
    }

    #[test]
    fn no_spread_leaves_no_doubt() {
        for method in [
            Method::StudentT,
            Method::Bootstrap {
                resamples: 200,
                seed: 3,
            },
        ] {
            let found = method.interval(&sample(&[0.1; 9]), level(0.95));
            assert_eq!(found, Some(Interval { low: 0.1, high: 0.1 }), "{method:?}");
        }
    }

    #[test]
    fn resampling_is_repeatable_and_follows_the_seed() {
        let values: Vec<f64> = (0..50).map(|n| f64::from(n * n % 23)).collect();
        let of = |seed| Method::Bootstrap { resamples: 300, seed }.interval(&sample(&values), level(0.9));
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    /// Share of 2,000 samples whose interval covers the true mean.
    fn coverage(
        method: Method,
        size: u64,
        level: Fraction,
        draw: impl Fn(&mut crate::random::Pcg64) -> f64,
    ) -> f64 {
        let mut rng = stream(11, 0, Purpose::World, 0);
        let hits = (0..2_000).filter(|_| {
            let sample = Sample::new((0..size).map(|r| (r, draw(&mut rng))).collect()).unwrap();
            let found = method.interval(&sample, level).unwrap();
            found.low <= 0.0 && 0.0 <= found.high
        });
        hits.count() as f64 / 2_000.0
    }

    #[test]
    fn intervals_cover_the_true_mean_as_often_as_they_say() {
        let normal = |rng: &mut crate::random::Pcg64| -> f64 { StandardNormal.sample(rng) };
        // Four standard errors of a share of 2,000 are 0.027 at 0.9 and 0.045 at 0.5.
        let t = coverage(Method::StudentT, 5, level(0.9), normal);
        assert!((t - 0.9).abs() < 0.027, "{t}");
        let t = coverage(Method::StudentT, 12, level(0.5), normal);
        assert!((t - 0.5).abs() < 0.045, "{t}");
        let bootstrap = Method::Bootstrap {
            resamples: 200,
            seed: 5,
        };
        let skewed = |rng: &mut crate::random::Pcg64| -> f64 {
            let x: f64 = Exp1.sample(rng);
            x - 1.0
        };
        // Resampling is known to cover a little less than it says, the more so with a skewed distribution.
        let b = coverage(bootstrap, 60, level(0.9), skewed);
        assert!((0.84..0.92).contains(&b), "{b}");
    }
}

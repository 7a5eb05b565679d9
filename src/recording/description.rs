//! What a recording's returns are like.

use super::series::{MICROS, PriceSeries};
use serde::Serialize;

/// Seconds in a year of 365 days.
const YEAR: f64 = 31_536_000.0;

/// Hours in a day.
const HOURS: usize = 24;

/// Lags at which the clustering of volatility is looked at.
const LAGS: usize = 20;

/// What the log returns over equal steps are like.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Description {
    /// Seconds of a step.
    pub step_seconds: u32,
    /// How many returns.
    pub count: u64,
    /// Their mean a step.
    pub mean: f64,
    /// Their standard deviation a step.
    pub std_dev: f64,
    /// The same for a year of 365 days, as if returns were independent.
    pub volatility_per_year: f64,
    /// Third standardised moment; 0 for a symmetric distribution.
    pub skewness: f64,
    /// Fourth standardised moment less 3; 0 for a normal distribution.
    pub excess_kurtosis: f64,
    /// The lowest return.
    pub lowest: f64,
    /// The highest.
    pub highest: f64,
    /// The deepest fall from a price to a later one, as a share of the first.
    pub deepest_fall: f64,
    /// Hill's estimate of the tail index of falls and of rises, over the largest twentieth of each: moments below it are finite.
    pub tail_index: [Option<Tail>; 2],
    /// Volatility a year by the hour of the day (UTC) in which a step begins; none for an hour without returns.
    pub by_hour: Vec<Option<f64>>,
    /// Autocorrelation of the returns at lags from 1 step on.
    pub autocorrelation: Vec<f64>,
    /// The same of their squares: how volatility clusters.
    pub autocorrelation_of_squares: Vec<f64>,
}

/// A tail's index.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Tail {
    /// The index: the probability of a return beyond `x` falls as `x` to its negative.
    pub index: f64,
    /// Its asymptotic standard error, as if returns were independent.
    pub error: f64,
}

impl Description {
    /// Of log returns over steps of so many seconds; none where there are fewer than two.
    pub fn of(series: &PriceSeries, step_seconds: u32) -> Option<Self> {
        let returns = series.log_returns(step_seconds);
        if returns.len() < 2 {
            return None;
        }
        let count = returns.len() as f64;
        let mean = returns.iter().sum::<f64>() / count;
        let central = |power| returns.iter().map(|r| (r - mean).powi(power)).sum::<f64>() / count;
        let variance = central(2);
        let std_dev = (variance * count / (count - 1.0)).sqrt();
        let standardised = |power: i32| match variance > 0.0 {
            true => central(power) / variance.sqrt().powi(power),
            false => 0.0,
        };
        let steps_a_year = YEAR / f64::from(step_seconds);
        let squares: Vec<f64> = returns.iter().map(|r| (r - mean).powi(2)).collect();
        let falls = returns.iter().filter(|r| **r < 0.0).map(|r| -r).collect();
        let rises = returns.iter().copied().filter(|r| *r > 0.0).collect();
        Some(Self {
            step_seconds,
            count: returns.len() as u64,
            mean,
            std_dev,
            volatility_per_year: std_dev * steps_a_year.sqrt(),
            skewness: standardised(3),
            excess_kurtosis: if variance > 0.0 {
                standardised(4) - 3.0
            } else {
                0.0
            },
            lowest: returns.iter().copied().fold(f64::INFINITY, f64::min),
            highest: returns.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            deepest_fall: deepest_fall(series.prices()),
            tail_index: [tail(falls), tail(rises)],
            by_hour: by_hour(series, &returns, step_seconds),
            autocorrelation: autocorrelation(&returns),
            autocorrelation_of_squares: autocorrelation(&squares),
        })
    }
}

fn deepest_fall(prices: &[f64]) -> f64 {
    let mut peak = 0f64;
    prices.iter().fold(0.0, |deepest: f64, price| {
        peak = peak.max(*price);
        deepest.max(1.0 - price / peak)
    })
}

/// B. M. Hill, "A Simple General Approach to Inference About the Tail of a Distribution", 1975; none below ten values in the tail.
fn tail(mut sizes: Vec<f64>) -> Option<Tail> {
    let beyond = sizes.len() / 20;
    if beyond < 10 {
        return None;
    }
    sizes.sort_unstable_by(|one, other| other.total_cmp(one));
    let limit = libm::log(sizes[beyond]);
    let excess = sizes[..beyond]
        .iter()
        .map(|size| libm::log(*size) - limit)
        .sum::<f64>();
    (excess > 0.0).then(|| {
        let index = beyond as f64 / excess;
        Tail {
            index,
            error: index / (beyond as f64).sqrt(),
        }
    })
}

fn by_hour(series: &PriceSeries, returns: &[f64], step_seconds: u32) -> Vec<Option<f64>> {
    let mut sums = [(0.0, 0u64); HOURS];
    let first = series.times().first().copied().unwrap_or(0);
    for (place, moved) in returns.iter().enumerate() {
        let begins = first / MICROS + place as i64 * i64::from(step_seconds);
        let (sum, count) = &mut sums[(begins.rem_euclid(86_400) / 3_600) as usize];
        *sum += moved * moved;
        *count += 1;
    }
    let a_year = YEAR / f64::from(step_seconds);
    let volatility = |(sum, count): &(f64, u64)| (*count > 0).then(|| (sum / *count as f64 * a_year).sqrt());
    sums.iter().map(volatility).collect()
}

fn autocorrelation(values: &[f64]) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let at = |lag: usize| {
        let pairs = values.iter().zip(&values[lag..]);
        let sum: f64 = pairs.map(|(one, later)| (one - mean) * (later - mean)).sum();
        if variance > 0.0 { sum / variance } else { 0.0 }
    };
    (1..=LAGS.min(values.len() - 1)).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Prices a minute apart.
    fn series(prices: &[f64]) -> PriceSeries {
        let mut series = PriceSeries::default();
        for (minute, price) in (0..).zip(prices) {
            series.push(minute * 60 * MICROS, *price);
        }
        series
    }

    #[test]
    fn moments_are_those_of_the_textbook() {
        // Log returns 1, 1, 1, -3: mean 0, sum of squares 12, of cubes -24, of fourth powers 84.
        let e = std::f64::consts::E;
        let found = Description::of(&series(&[1.0, e, e * e, e.powi(3), 1.0]), 60).unwrap();
        let near =
            |value: f64, expected: f64| assert!((value - expected).abs() < 1e-12, "{value} {expected}");
        near(found.mean, 0.0);
        near(found.std_dev, 2.0);
        near(found.volatility_per_year, 2.0 * 525_600f64.sqrt());
        near(found.skewness, -6.0 / 3f64.powf(1.5));
        near(found.excess_kurtosis, 21.0 / 9.0 - 3.0);
        near(found.deepest_fall, 1.0 - (-3f64).exp());
        // (1·1 + 1·1 - 1·3) / 12.
        near(found.autocorrelation[0], -1.0 / 12.0);
        assert_eq!((found.count, found.autocorrelation.len()), (4, 3));
        assert_eq!(found.tail_index, [None, None]);
        near(found.by_hour[0].unwrap(), 3f64.sqrt() * 525_600f64.sqrt());
        assert_eq!(found.by_hour[1], None);
    }

    #[test]
    fn hills_estimate_finds_the_index_of_a_pareto_tail() {
        // Quantiles of a Pareto distribution of index 3.
        let sizes: Vec<f64> = (0..20_000)
            .map(|n| ((f64::from(n) + 0.5) / 20_000.0).powf(-1.0 / 3.0))
            .collect();
        let tail = tail(sizes).unwrap();
        assert!((tail.index - 3.0).abs() < 0.01, "{tail:?}");
        assert!((tail.error - 3.0 / 1_000f64.sqrt()).abs() < 0.001, "{tail:?}");
    }

    #[test]
    fn a_price_that_stands_still_has_no_moments() {
        let found = Description::of(&series(&[2.0; 100]), 60).unwrap();
        assert_eq!(
            (
                found.std_dev,
                found.skewness,
                found.excess_kurtosis,
                found.deepest_fall
            ),
            (0.0, 0.0, 0.0, 0.0)
        );
        assert_eq!(found.tail_index, [None, None]);
        assert!(Description::of(&series(&[2.0, 3.0]), 60).is_none());
    }
}

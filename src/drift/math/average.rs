//! Running averages and sums over time, with the program's rounding.

use crate::error::Result;
use crate::num::{Checked, Narrow};

/// `sum` after part of its window has passed, plus `new`: the share that `passed` (seconds) has of `window` (seconds)
/// is dropped.
pub fn rolling_sum(sum: u64, new: u64, passed: i64, window: i64) -> Result<u64> {
    let kept: u128 = window.minus(passed)?.max(0).to()?;
    let kept: u64 = u128::from(sum).times(kept)?.over(window.to()?)?.to()?;
    kept.plus(new)
}

/// Average of two values, then moved by one toward the second where that is weighted by more than one, so that an
/// average never sticks at a rounding error. A zero weight leaves the other value as it is.
pub fn weighted(first: i64, second: i64, first_weight: i64, second_weight: i64) -> Result<i64> {
    let total = i128::from(first_weight.plus(second_weight)?);
    // Products of 64-bit integers always fit 128 bits.
    let first_part = i128::from(first) * i128::from(first_weight);
    let second_part = i128::from(second) * i128::from(second_weight);
    if first_weight == 0 {
        return Ok(second);
    }
    if second_weight == 0 {
        return Ok(first);
    }
    let average: i64 = first_part.plus(second_part)?.over(total)?.to()?;
    if second_weight <= 1 || second_part == first_part {
        return Ok(average);
    }
    if second_part > first_part {
        average.plus(1)
    } else if average == 0 {
        Ok(0)
    } else {
        average.minus(1)
    }
}

/// A time-weighted average after `price` has held from `since` to `now` (seconds), over a window of `period` seconds.
pub fn twap(price: i64, now: i64, last: i64, since: i64, period: i64) -> Result<i64> {
    let passed = now.minus(since)?.max(0);
    let left = period.minus(passed)?.max(1);
    weighted(price, last, passed, left)
}

/// `price`, but at most one part in `clamp` of `average` away from it. An average of zero is none yet.
pub fn clamped(price: i64, average: i64, clamp: i64) -> Result<i64> {
    if average == 0 || clamp == 0 {
        return Ok(price);
    }
    let band = average / clamp;
    if price.minus(average)?.unsigned_abs() <= band.unsigned_abs() {
        Ok(price)
    } else if price > average {
        average.plus(band)
    } else {
        average.minus(band)
    }
}

/// What the program keeps as a standard deviation: its rolling sum is weighted so that an hour at least has always
/// passed, which leaves the last distance from the average alone.
pub fn deviation(price: u64, average: u64) -> Result<u64> {
    let change = price.to::<i64>()?.minus(average.to()?)?;
    Ok(change.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_forgets_what_left_its_window() {
        assert_eq!(rolling_sum(1_000, 7, 15, 60), Ok(757));
        assert_eq!(rolling_sum(1_000, 7, 60, 60), Ok(7));
        assert_eq!(rolling_sum(1_000, 7, 600, 60), Ok(7));
        assert!(rolling_sum(u64::MAX, 1, 0, 60).is_err());
    }

    #[test]
    fn an_average_leans_to_the_heavier_product() {
        // 10·30 + 20·30 over 60 is 15; the second product is the larger one.
        assert_eq!(weighted(10, 20, 30, 30), Ok(16));
        assert_eq!(weighted(20, 10, 30, 30), Ok(14));
        assert_eq!(weighted(10, 10, 30, 30), Ok(10));
        assert_eq!(weighted(10, 20, 59, 1), Ok(10));
        assert_eq!(weighted(10, 20, 0, 7), Ok(20));
        assert_eq!(weighted(10, 20, 7, 0), Ok(10));
        assert_eq!(weighted(1, 0, 2, 9), Ok(0));
    }

    #[test]
    fn a_price_that_outlasts_the_window_is_the_average() {
        assert_eq!(twap(200, 5_000, 100, 0, 3_600), Ok(199));
        assert_eq!(twap(200, 100, 100, 100, 3_600), Ok(100));
        assert_eq!(twap(200, 100, 100, 900, 3_600), Ok(100));
    }

    #[test]
    fn a_jump_enters_the_average_clamped() {
        assert_eq!(clamped(150, 100, 10), Ok(110));
        assert_eq!(clamped(50, 100, 10), Ok(90));
        assert_eq!(clamped(105, 100, 10), Ok(105));
        assert_eq!(clamped(500, 0, 10), Ok(500));
    }

    #[test]
    fn a_deviation_is_the_last_distance() {
        assert_eq!((deviation(3, 10), deviation(10, 3)), (Ok(7), Ok(7)));
        assert!(deviation(u64::MAX, 0).is_err());
    }
}

//! Draws that agents have in common.

use crate::random::Pcg64;
use rand::RngExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// From `min` to `max`, uniformly.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
}

impl Range {
    /// What is wrong with it, if anything.
    pub(super) fn problem(&self, least: f64) -> Option<String> {
        if !(self.min.is_finite() && self.max.is_finite()) || self.min < least {
            Some(format!(
                "must lie at {least} or above, found {} to {}",
                self.min, self.max
            ))
        } else if self.min > self.max {
            Some(format!("min is {}, above max, {}: swap them", self.min, self.max))
        } else {
            None
        }
    }

    /// A value drawn from the range.
    pub(super) fn draw(&self, random: &mut Pcg64) -> f64 {
        let share: f64 = random.random();
        self.min + (self.max - self.min) * share
    }
}

/// A whole number in `0..below`, and 0 where there is none.
pub(super) fn below(random: &mut Pcg64, below: i64) -> i64 {
    let share: f64 = random.random();
    // `share` is below 1 and `below` far from 2^53, so the product stays below `below`.
    (share * below.max(0) as f64) as i64
}

/// True with the given probability.
pub(super) fn chance(random: &mut Pcg64, probability: f64) -> bool {
    let share: f64 = random.random();
    share < probability
}

/// Dollars at 1e6, rounded to the nearest unit; what is negative or not a number is 0.
pub(super) fn quote(dollars: f64) -> u64 {
    (dollars * 1e6).round() as u64
}

/// `Some` complaint where a probability is none.
pub(super) fn probability_problem(value: f64) -> Option<String> {
    (!(0.0..=1.0).contains(&value)).then(|| format!("is a probability: from 0 to 1, found {value}"))
}

/// `Some` complaint where an amount of money is none.
pub(super) fn dollars_problem(value: f64) -> Option<String> {
    (!(value.is_finite() && value >= 0.0)).then(|| format!("must be 0 dollars or more, found {value}"))
}

/// `Some` complaint where an interval is shorter than a second.
pub(super) fn interval_problem(seconds: i64) -> Option<String> {
    (seconds < 1).then(|| format!("must be 1 second or more, found {seconds}"))
}

/// `Some` complaint where a second or a number of seconds is below 0.
pub(super) fn seconds_problem(value: Option<i64>) -> Option<String> {
    let value = value.filter(|value| *value < 0)?;
    Some(format!("must be 0 seconds or more, found {value}"))
}

//! Recorded prices in the order of their times.

/// Microseconds in a second.
pub const MICROS: i64 = 1_000_000;

/// A price at each of several times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PriceSeries {
    times: Vec<i64>,
    prices: Vec<f64>,
}

impl PriceSeries {
    /// A price at a later time than all before. The price is finite and above 0; the caller has seen to both.
    pub fn push(&mut self, micros: i64, dollars: f64) {
        debug_assert!(self.times.last().is_none_or(|&before| before < micros));
        debug_assert!(dollars > 0.0 && dollars.is_finite());
        self.times.push(micros);
        self.prices.push(dollars);
    }

    /// Microseconds, rising.
    pub fn times(&self) -> &[i64] {
        &self.times
    }

    /// Dollars, as many as times.
    pub fn prices(&self) -> &[f64] {
        &self.prices
    }

    /// How many prices.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether there is no price.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// The price in force at a time: the last one not later. None before the first.
    pub fn price_at(&self, micros: i64) -> Option<f64> {
        let known = self.times.partition_point(|&time| time <= micros);
        known.checked_sub(1).map(|last| self.prices[last])
    }

    /// How many whole steps of so many seconds it covers.
    pub fn steps(&self, step_seconds: u32) -> u64 {
        let (Some(&first), Some(&last)) = (self.times.first(), self.times.last()) else {
            return 0;
        };
        last.abs_diff(first) / (u64::from(step_seconds.max(1)) * MICROS.unsigned_abs())
    }

    /// Log returns over steps of so many seconds, from the first time on, each price held until the next.
    pub fn log_returns(&self, step_seconds: u32) -> Vec<f64> {
        let (Some(&first), Some(&last)) = (self.times.first(), self.times.last()) else {
            return Vec::new();
        };
        let step = i64::from(step_seconds.max(1)) * MICROS;
        let mut entry = 0;
        let mut before = self.prices[0];
        let mut returns = Vec::with_capacity(((last - first) / step) as usize);
        for number in 1..=(last - first) / step {
            let time = first + number * step;
            while self.times.get(entry + 1).is_some_and(|&next| next <= time) {
                entry += 1;
            }
            returns.push(libm::log(self.prices[entry] / before));
            before = self.prices[entry];
        }
        returns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_hold_until_the_next() {
        let mut series = PriceSeries::default();
        for (second, price) in [(0, 1.0), (10, 2.0), (25, 4.0), (39, 8.0)] {
            series.push(second * MICROS, price);
        }
        assert_eq!(series.price_at(-1), None);
        assert_eq!(series.price_at(9 * MICROS), Some(1.0));
        assert_eq!(series.price_at(100 * MICROS), Some(8.0));
        // At 10, 20 and 30 seconds: 2, 2, 4 dollars; 39 seconds are no full step.
        let two = 2f64.ln();
        assert_eq!(series.log_returns(10), [two, 0.0, two]);
        assert_eq!(PriceSeries::default().log_returns(10), [0f64; 0]);
    }
}

//! When trades arrive.

use crate::random::Pcg64;
use rand::RngExt;

const SECONDS_PER_HOUR: f64 = 3600.0;
pub(super) const SECONDS_PER_DAY: f64 = 86_400.0;

/// Arrivals of a Hawkes process with an exponential kernel (A. G. Hawkes, "Spectra of Some Self-Exciting and Mutually
/// Exciting Point Processes", 1971), whose baseline follows the hour of the day; Poisson where nothing excites.
///
/// The next arrival is the earlier of the baseline's and the excess's, each drawn exactly (A. Dassios and H. Zhao,
/// "Exact Simulation of Hawkes Process with Exponentially Decaying Intensity", 2013), from two numbers an arrival.
#[derive(Clone, Debug)]
pub(super) struct Arrivals {
    random: Pcg64,
    /// Of the baseline, in each hour from second 0 on, by the second.
    rates: [f64; 24],
    /// Arrivals that an arrival brings.
    branching: f64,
    decay_seconds: f64,
    now: f64,
    /// The rate above the baseline.
    excess: f64,
    next: f64,
}

impl Arrivals {
    /// `per_day` arrivals a day altogether, of which the share `branching` is brought by others, `decay_seconds` after them on
    /// average. `weights` are of the 24 hours, in any unit; second 0 lies in hour `first_hour`. The excess starts at its mean.
    pub fn new(
        random: Pcg64,
        per_day: f64,
        weights: &[f64],
        first_hour: u32,
        branching: f64,
        decay_seconds: f64,
    ) -> Self {
        let baseline = per_day * (1.0 - branching) / SECONDS_PER_DAY;
        let total: f64 = weights.iter().sum();
        let rates = std::array::from_fn(|hour| match weights.get((hour + first_hour as usize) % 24) {
            Some(weight) => baseline * 24.0 * weight / total,
            None => baseline,
        });
        let mut arrivals = Self {
            random,
            rates,
            branching,
            decay_seconds,
            now: 0.0,
            excess: per_day / SECONDS_PER_DAY * branching,
            next: 0.0,
        };
        arrivals.schedule();
        arrivals
    }

    /// The next arrival, in seconds; infinite where there is none.
    pub fn next(&self) -> f64 {
        self.next
    }

    /// Goes on to the arrival after the next one.
    pub fn pass(&mut self) {
        self.excess *= libm::exp(-(self.next - self.now) / self.decay_seconds);
        self.excess += self.branching / self.decay_seconds;
        self.now = self.next;
        self.schedule();
    }

    fn schedule(&mut self) {
        let mut exponential = || -libm::log1p(-self.random.random::<f64>());
        let (first, second) = (exponential(), exponential());
        // All that the excess will bring from now on is `excess · decay` arrivals on average, and there may be none.
        let share = second / (self.excess * self.decay_seconds);
        let of_excess = if share < 1.0 {
            self.now - self.decay_seconds * libm::log1p(-share)
        } else {
            f64::INFINITY
        };
        self.next = self.of_baseline(first).min(of_excess);
    }

    /// When the baseline has brought `wanted` arrivals on average.
    fn of_baseline(&self, wanted: f64) -> f64 {
        let day: f64 = self.rates.iter().sum::<f64>() * SECONDS_PER_HOUR;
        if day <= 0.0 {
            return f64::INFINITY;
        }
        let days = (wanted / day).floor();
        let (mut time, mut left) = (self.now + days * SECONDS_PER_DAY, wanted - days * day);
        let first = (self.now / SECONDS_PER_HOUR) as usize;
        // The hour that has begun, a day of hours, and one more for what rounding leaves.
        for hour in first..first + 26 {
            let rate = self.rates[hour % 24];
            let end = (hour + 1) as f64 * SECONDS_PER_HOUR + days * SECONDS_PER_DAY;
            let brings = (end - time) * rate;
            if left < brings {
                return time + left / rate;
            }
            left -= brings;
            time = end;
        }
        time
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    fn times(mut arrivals: Arrivals, end: f64) -> Vec<f64> {
        let mut times = Vec::new();
        while arrivals.next() < end {
            times.push(arrivals.next());
            arrivals.pass();
        }
        times
    }

    fn arrivals(per_day: f64, weights: &[f64], branching: f64) -> Arrivals {
        Arrivals::new(
            stream(1, 0, Purpose::Agent, 0),
            per_day,
            weights,
            0,
            branching,
            30.0,
        )
    }

    /// Mean and variance of the arrivals in bins of `seconds`.
    fn moments(times: &[f64], seconds: f64, bins: usize) -> (f64, f64) {
        let mut counts = vec![0.0; bins];
        times
            .iter()
            .for_each(|time| counts[(time / seconds) as usize] += 1.0);
        let mean = counts.iter().sum::<f64>() / bins as f64;
        let squares: f64 = counts.iter().map(|count| (count - mean) * (count - mean)).sum();
        (mean, squares / (bins - 1) as f64)
    }

    #[test]
    fn poisson_arrivals_are_as_spread_out_as_many() {
        let days = 100.0;
        let times = times(arrivals(2_000.0, &[], 0.0), days * SECONDS_PER_DAY);
        let (mean, variance) = moments(&times, SECONDS_PER_HOUR, 2_400);
        // Five standard errors: of the mean sqrt(83.3 / 2400) = 0.19, of the ratio about sqrt(2 / 2400) = 0.029.
        assert!((mean - 2_000.0 / 24.0).abs() < 0.95, "{mean}");
        assert!((variance / mean - 1.0).abs() < 0.15, "{}", variance / mean);
    }

    #[test]
    fn hawkes_arrivals_come_in_clusters() {
        let times = times(arrivals(2_000.0, &[], 0.5), 100.0 * SECONDS_PER_DAY);
        let (mean, variance) = moments(&times, SECONDS_PER_HOUR, 2_400);
        // Over long bins variance over mean is 1 / (1 - branching)² = 4, so the mean's standard error doubles; over bins of T it is
        // 4 - 3 (1 - exp(-bT)) / (bT), b = (1 - branching) / decay = 1 / 60: 3.95 for an hour.
        assert!((mean - 2_000.0 / 24.0).abs() < 1.9, "{mean}");
        assert!((variance / mean - 3.95).abs() < 0.6, "{}", variance / mean);
    }

    #[test]
    fn the_day_has_its_profile() {
        let mut weights = [1.0; 24];
        weights[0] = 0.0;
        weights[23] = 5.0;
        let times = times(arrivals(2_700.0, &weights, 0.0), 100.0 * SECONDS_PER_DAY);
        let mut counts = [0.0; 24];
        times
            .iter()
            .for_each(|time| counts[(time / SECONDS_PER_HOUR) as usize % 24] += 1.0);
        // Of 27 parts of 10,000 arrivals each.
        for (count, weight) in counts.iter().zip(weights) {
            assert!(
                (count - 10_000.0 * weight).abs() <= 5.0 * (10_000.0 * weight).sqrt(),
                "{counts:?}"
            );
        }
    }

    #[test]
    fn a_rate_stretches_time_and_changes_nothing_else() {
        let slow = times(arrivals(1_000.0, &[], 0.0), 10.0 * SECONDS_PER_DAY);
        let fast = times(arrivals(2_000.0, &[], 0.0), 5.0 * SECONDS_PER_DAY);
        assert_eq!(slow.len(), fast.len());
        assert!(
            slow.iter()
                .zip(&fast)
                .all(|(slow, fast)| (slow / fast - 2.0).abs() < 1e-9)
        );
        assert_eq!(arrivals(0.0, &[], 0.5).next(), f64::INFINITY);
    }
}

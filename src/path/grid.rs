//! Recorded returns over equal steps, reckoned once for all paths that draw on them.

use super::recorded::Span;
use crate::recording::{MICROS, PriceSeries};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Log returns over steps of one length, and their moments.
#[derive(Debug)]
pub(super) struct Grid {
    pub returns: Vec<f64>,
    pub mean: f64,
    /// Standard deviation, with `n` below.
    pub std_dev: f64,
}

/// A grid and what it was made of.
struct Made {
    series: Weak<PriceSeries>,
    span: Span,
    step_seconds: u32,
    grid: Arc<Grid>,
}

/// Returns that are kept, all grids together; 8 bytes each.
const MOST_RETURNS: usize = 1 << 26;

static MADE: Mutex<Vec<Made>> = Mutex::new(Vec::new());

impl Grid {
    /// The returns of `series` within `span` over steps of so many seconds, each price held until the next.
    pub(super) fn of(series: &Arc<PriceSeries>, span: Span, step_seconds: u32) -> Arc<Self> {
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |known: &&Made| {
            let same_series = std::ptr::eq(known.series.as_ptr(), Arc::as_ptr(series));
            same_series && known.span == span && known.step_seconds == step_seconds
        };
        if let Some(known) = made.iter().find(same) {
            return known.grid.clone();
        }
        made.retain(|known| known.series.strong_count() > 0);
        let grid = Arc::new(Self::reckon(series, span, step_seconds));
        let kept = |made: &[Made]| made.iter().map(|known| known.grid.returns.len()).sum::<usize>();
        while !made.is_empty() && kept(&made) + grid.returns.len() > MOST_RETURNS {
            made.remove(0);
        }
        made.push(Made {
            series: Arc::downgrade(series),
            span,
            step_seconds,
            grid: grid.clone(),
        });
        grid
    }

    fn reckon(series: &PriceSeries, span: Span, step_seconds: u32) -> Self {
        let (times, prices) = (series.times(), series.prices());
        let step = i64::from(step_seconds) * MICROS;
        let steps = (span.to - span.from) / step;
        let mut entry = times.partition_point(|&time| time <= span.from).saturating_sub(1);
        let mut before = prices.get(entry).map_or(0.0, |price| libm::log(*price));
        let mut returns = Vec::with_capacity(usize::try_from(steps).unwrap_or(0));
        for number in 1..=steps {
            let time = span.from + number * step;
            while times.get(entry + 1).is_some_and(|&next| next <= time) {
                entry += 1;
            }
            let now = libm::log(prices[entry]);
            returns.push(now - before);
            before = now;
        }
        let n = (returns.len() as f64).max(1.0);
        let mean = returns.iter().sum::<f64>() / n;
        let variance = returns.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / n;
        Self {
            returns,
            mean,
            std_dev: variance.sqrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(points: &[(i64, f64)]) -> Arc<PriceSeries> {
        let mut series = PriceSeries::default();
        for (second, price) in points {
            series.push(second * MICROS, *price);
        }
        Arc::new(series)
    }

    #[test]
    fn returns_are_those_of_prices_held_until_the_next() {
        let series = series(&[(0, 1.0), (10, 2.0), (25, 4.0), (39, 8.0)]);
        let within = |from: i64, to: i64| {
            let span = Span {
                from: from * MICROS,
                to: to * MICROS,
            };
            Grid::of(&series, span, 10)
        };
        let two = 2f64.ln();
        let whole = within(0, 39);
        assert_eq!(whole.returns, [two, 0.0, two]);
        assert!((whole.mean - 2.0 * two / 3.0).abs() < 1e-15);
        // Mean square 2/3 ln² 2, less the square of the mean: 2/9 ln² 2.
        assert!((whole.std_dev - two * 2f64.sqrt() / 3.0).abs() < 1e-15);
        assert_eq!(within(15, 39).returns, [two, 0.0]);
        assert!(Arc::ptr_eq(&whole, &within(0, 39)));
        assert!(within(35, 39).returns.is_empty());
    }

    #[test]
    fn another_series_has_other_returns() {
        let span = Span {
            from: 0,
            to: 10 * MICROS,
        };
        for price in [2.0, 3.0] {
            let series = series(&[(0, 1.0), (10, price)]);
            assert!((Grid::of(&series, span, 10).returns[0] - f64::ln(price)).abs() < 1e-15);
        }
    }
}

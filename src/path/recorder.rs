//! Collects a model's prices into a path.

use super::{
    error::PathError,
    price::{PricePath, PriceTable},
    range::from_dollars,
};

/// The most prices a generated path may have.
pub(super) const MOST_POINTS: u64 = 1 << 24;

/// Refuses more `points` than a path may have.
pub(super) fn check_length(model: &'static str, points: u64) -> Result<(), PathError> {
    if points > MOST_POINTS {
        return Err(PathError::TooLong {
            model,
            points,
            most: MOST_POINTS,
        });
    }
    Ok(())
}

/// A path in the making, with the bounds that every model obeys.
pub(super) struct Recorder {
    model: &'static str,
    floor: f64,
    table: PriceTable,
}

impl Recorder {
    /// A path of about `points` prices in dollars, none below `floor`.
    ///
    /// # Errors
    ///
    /// [`PathError::TooLong`] where `points` is more than a path may have.
    pub(super) fn new(model: &'static str, floor: f64, points: u64) -> Result<Self, PathError> {
        check_length(model, points)?;
        Ok(Self {
            model,
            floor,
            table: PriceTable::with_capacity(points as usize),
        })
    }

    /// From `second` on the price is `dollars`, or the floor where that is higher. Seconds do not decrease from call to call.
    pub(super) fn record(&mut self, second: u32, dollars: f64) -> Result<(), PathError> {
        let price = from_dollars(dollars.max(self.floor)).ok_or(PathError::TooHigh {
            model: self.model,
            second,
        })?;
        self.table.push(second, price);
        Ok(())
    }

    pub(super) fn finish(self, horizon_seconds: u32) -> PricePath {
        PricePath::whole(self.table, horizon_seconds)
    }
}

/// Prices at every `step` seconds from 0 to the horizon. `price` is called once for each step after the start, in order, with its second.
pub(super) fn at_regular_steps(
    model: &'static str,
    floor: f64,
    start: f64,
    step: u32,
    horizon_seconds: u32,
    mut price: impl FnMut(u32) -> f64,
) -> Result<PricePath, PathError> {
    let steps = horizon_seconds / step;
    let mut recorder = Recorder::new(model, floor, u64::from(steps) + 1)?;
    recorder.record(0, start)?;
    for number in 1..=steps {
        let second = number * step;
        recorder.record(second, price(second))?;
    }
    Ok(recorder.finish(horizon_seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_reach_the_horizon_and_not_beyond() {
        let path = at_regular_steps("m", 1e-6, 5.0, 10, 35, f64::from).unwrap();
        let points: Vec<_> = path.iter().collect();
        assert_eq!(
            points,
            [
                (0, 5_000_000),
                (10, 10_000_000),
                (20, 20_000_000),
                (30, 30_000_000)
            ]
        );
    }

    #[test]
    fn the_floor_holds_and_the_ceiling_fails() {
        let path = at_regular_steps("m", 2.0, 5.0, 1, 2, |s| f64::from(s) - 2.0).unwrap();
        assert_eq!(path.price_at(1), 2_000_000);
        assert_eq!(path.price_at(2), 2_000_000);
        let too_high = at_regular_steps("m", 2.0, 5.0, 1, 2, |s| 6e8 * f64::from(s));
        assert_eq!(
            too_high.unwrap_err().to_string(),
            "m: the price at second 2 is above 1000000000 dollars; lower drift or volatility, or shorten the horizon"
        );
    }

    #[test]
    fn a_path_that_would_fill_the_memory_is_refused() {
        let refused = at_regular_steps("m", 1.0, 5.0, 1, u32::MAX, |_| 1.0).unwrap_err();
        assert!(
            matches!(refused, PathError::TooLong { points, .. } if points == 1 << 32),
            "{refused}"
        );
    }
}

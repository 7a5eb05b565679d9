//! Which prices there are.

/// Price units in a dollar.
pub const PRICE_SCALE: u64 = 1_000_000;

/// The lowest price of a path, at [`PRICE_SCALE`]: a millionth of a dollar.
pub const MIN_PRICE: u64 = 1;

/// The highest price of a path, at [`PRICE_SCALE`]: a billion dollars, below which every price is exact in `f64` too.
pub const MAX_PRICE: u64 = 1_000_000_000 * PRICE_SCALE;

/// Dollars to the nearest price, halves upwards, at least [`MIN_PRICE`]. `None` for more than [`MAX_PRICE`] and for NaN.
pub(super) fn from_dollars(dollars: f64) -> Option<u64> {
    let scaled = (dollars * PRICE_SCALE as f64).round();
    // NaN fails the comparison; a negative number becomes 0 in the cast.
    (scaled <= MAX_PRICE as f64).then(|| (scaled as u64).max(MIN_PRICE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_round_to_the_nearest_millionth() {
        assert_eq!(from_dollars(61.529_536_31), Some(61_529_536));
        assert_eq!(from_dollars(61.529_536_51), Some(61_529_537));
        assert_eq!(from_dollars(0.5e-6), Some(1));
        assert_eq!(from_dollars(1.5e-6), Some(2));
        assert_eq!(from_dollars(0.0), Some(1));
        assert_eq!(from_dollars(-3.0), Some(1));
        assert_eq!(from_dollars(1e9), Some(1_000_000_000_000_000));
        assert_eq!(from_dollars(1e9 + 1.0), None);
        assert_eq!(from_dollars(f64::INFINITY), None);
        assert_eq!(from_dollars(f64::NAN), None);
    }
}

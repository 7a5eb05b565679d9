//! Prices on whole ticks. A tick of zero is a `MathError`, except for no price at all.

use crate::accounts::PositionDirection;
use crate::error::{ErrorCode, Result};
use crate::num::Checked;

/// `price` on a tick, moved in favour of whoever asks it: down for a buyer, up for a seller. Zero means no price
/// and stays.
#[inline]
pub fn on_tick(price: u64, tick: u64, direction: PositionDirection) -> Result<u64> {
    if price == 0 {
        return Ok(0);
    }
    let above = price.modulo(tick)?;
    if above == 0 || direction == PositionDirection::Long {
        Ok(price - above)
    } else {
        price.plus(tick)?.minus(above)
    }
}

/// [`on_tick`] for prices that may be negative, such as offsets from the oracle's.
#[inline]
pub fn signed_on_tick(price: i64, tick: i64, direction: PositionDirection) -> Result<i64> {
    if price == 0 {
        return Ok(0);
    }
    let above = price.checked_rem_euclid(tick).ok_or(ErrorCode::MathError)?;
    if above == 0 || direction == PositionDirection::Long {
        price.minus(above)
    } else {
        price.plus(tick)?.minus(above)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PositionDirection as Side;

    #[test]
    fn prices_move_in_favour_of_their_owner() {
        assert_eq!(on_tick(1_005, 10, Side::Long), Ok(1_000));
        assert_eq!(on_tick(1_005, 10, Side::Short), Ok(1_010));
        assert_eq!(on_tick(1_000, 10, Side::Short), Ok(1_000));
        assert_eq!(on_tick(0, 0, Side::Short), Ok(0));
        assert_eq!(on_tick(3, 0, Side::Short), Err(ErrorCode::MathError));
        // -1005 lies between the ticks -1010 and -1000.
        assert_eq!(signed_on_tick(-1_005, 10, Side::Long), Ok(-1_010));
        assert_eq!(signed_on_tick(-1_005, 10, Side::Short), Ok(-1_000));
    }
}

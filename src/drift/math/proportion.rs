//! Part of a whole, as the program divides it.

use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow, wide};
use ethnum::U256;

/// `value * part / whole` toward zero; `value` itself when part and whole are equal, even when both are zero.
pub fn proportion(value: u128, part: u128, whole: u128) -> Result<u128> {
    if part == whole {
        return Ok(value);
    }
    let largest = u128::from(u64::MAX);
    if value >= largest || part >= largest {
        let product = wide(value, part)?;
        if whole == 0 {
            return Err(ErrorCode::MathError);
        }
        if let Ok(narrow) = u128::try_from(product) {
            return narrow.over(whole);
        }
        return u128::try_from(product / U256::from(whole)).map_err(|_| ErrorCode::CastingFailure);
    }
    // Above a half the program works with what is left of the whole, in a signed product.
    if part > whole / 2 && part < whole {
        value.times(whole - part)?.to::<i128>()?;
    }
    value.times(part)?.over(whole)
}

/// [`proportion`] of an amount with a sign, which it keeps.
pub fn signed_proportion(value: i128, part: u128, whole: u128) -> Result<i128> {
    let magnitude: i128 = proportion(value.unsigned_abs(), part, whole)?.to()?;
    Ok(if value < 0 { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_toward_zero_on_both_sides_of_a_half() {
        for (value, part, whole, expected) in [
            (7, 1, 3, 2),
            (7, 2, 3, 4),
            (-7, 1, 3, -2),
            (-7, 2, 3, -4),
            (10, 5, 2, 25),
        ] {
            assert_eq!(
                signed_proportion(value, part, whole),
                Ok(expected),
                "{value} {part}/{whole}"
            );
        }
    }

    #[test]
    fn equal_parts_need_no_division() {
        assert_eq!(proportion(9, 0, 0), Ok(9));
        assert_eq!(proportion(9, 1, 0), Err(ErrorCode::MathError));
        assert_eq!(proportion(u128::MAX, 1, 0), Err(ErrorCode::MathError));
    }

    #[test]
    fn wide_amounts_keep_every_bit() {
        let big = 1u128 << 90;
        assert_eq!(proportion(big, big - 1, big), Ok(big - 1));
        assert_eq!(
            proportion(1 << 100, 1 << 64, 1 << 20),
            Err(ErrorCode::CastingFailure)
        );
        assert_eq!(proportion(u128::MAX, u128::MAX, 1), Err(ErrorCode::MathError));
    }
}

//! Base amounts in whole order steps. A step of zero is a `MathError` everywhere.

use crate::error::Result;
use crate::num::{Checked, Narrow};

/// The largest multiple of `step` that is not above `amount` (both 1e9).
pub fn round_down(amount: u64, step: u64) -> Result<u64> {
    Ok(amount - amount.modulo(step)?)
}

/// The smallest multiple of `step` that is not below `amount` (both 1e9).
pub fn round_up(amount: u64, step: u64) -> Result<u64> {
    match amount.modulo(step)? {
        0 => Ok(amount),
        rest => amount.plus(step)?.minus(rest),
    }
}

/// Whether `amount` is a multiple of `step` (both 1e9).
pub fn is_whole(amount: u64, step: u64) -> Result<bool> {
    Ok(amount.modulo(step)? == 0)
}

/// Splits `amount` (1e9) into a multiple of `step`, rounded toward zero, and the rest, which has the sign of `amount`.
pub fn split(amount: i128, step: u64) -> Result<(i128, i128)> {
    let rest = match i64::try_from(amount) {
        Ok(small) => {
            let rest: i64 = small.unsigned_abs().modulo(step)?.to()?;
            i128::from(rest * small.signum())
        }
        Err(_) => amount.modulo(step.into())?,
    };
    Ok((amount - rest, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use proptest::prelude::*;

    #[test]
    fn a_whole_amount_stays() {
        assert_eq!((round_down(30, 10), round_up(30, 10)), (Ok(30), Ok(30)));
        assert_eq!((round_down(31, 10), round_up(31, 10)), (Ok(30), Ok(40)));
        assert_eq!((is_whole(30, 10), is_whole(31, 10)), (Ok(true), Ok(false)));
        assert_eq!(round_up(u64::MAX, 10), Err(ErrorCode::MathError));
    }

    #[test]
    fn no_step_is_refused() {
        assert_eq!(round_down(1, 0), Err(ErrorCode::MathError));
        assert_eq!(round_up(1, 0), Err(ErrorCode::MathError));
        assert_eq!(is_whole(1, 0), Err(ErrorCode::MathError));
        assert_eq!(split(1, 0), Err(ErrorCode::MathError));
        assert_eq!(split(i128::MAX, 0), Err(ErrorCode::MathError));
    }

    proptest! {
        #[test]
        fn the_parts_of_a_split_add_up(amount in any::<i128>(), shift in 0u32..120, step in 1u64..) {
            let amount = amount >> shift;
            let (whole, rest) = split(amount, step).unwrap();
            prop_assert_eq!(whole + rest, amount);
            prop_assert_eq!(whole % i128::from(step), 0);
            prop_assert!(rest.unsigned_abs() < u128::from(step));
            prop_assert!(rest.signum() == 0 || rest.signum() == amount.signum());
        }
    }
}

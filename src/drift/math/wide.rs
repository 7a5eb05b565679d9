//! Chains of products and quotients in 192 bits: what the program's wide integer holds, and what it refuses.

use crate::error::{ErrorCode, Result};
use crate::num::{self, Checked};
use ethnum::U256;

/// An unsigned integer below 2^192.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wide(U256);

impl From<u128> for Wide {
    fn from(value: u128) -> Self {
        Self(value.into())
    }
}

impl Wide {
    /// The square of `root`, or `MathError`.
    pub fn square(root: u128) -> Result<Self> {
        num::wide(root, root).map(Self)
    }

    /// The product, or `MathError`.
    pub fn times(self, factor: u128) -> Result<Self> {
        let product = self.0.checked_mul(factor.into()).ok_or(ErrorCode::MathError)?;
        if product >> 192 == U256::ZERO {
            Ok(Self(product))
        } else {
            Err(ErrorCode::MathError)
        }
    }

    /// The quotient toward zero, or `MathError`.
    pub fn over(self, divisor: u128) -> Result<Self> {
        match (u128::try_from(self.0), divisor) {
            (_, 0) => Err(ErrorCode::MathError),
            (Ok(narrow), _) => Ok(narrow.over(divisor)?.into()),
            (Err(_), _) => Ok(Self(self.0 / U256::from(divisor))),
        }
    }

    /// The square root toward zero.
    pub fn root(self) -> u128 {
        if let Ok(narrow) = u128::try_from(self.0) {
            return narrow.isqrt();
        }
        // Newton's steps from above, which fall until they reach the root.
        let bits = 256 - self.0.leading_zeros();
        let mut guess = U256::ONE << bits.div_ceil(2);
        loop {
            let next = (guess + self.0 / guess) >> 1;
            if next >= guess {
                return guess.as_u128();
            }
            guess = next;
        }
    }

    /// The value in 128 bits, or `BnConversionError`.
    pub fn narrow(self) -> Result<u128> {
        num::to_u128(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn holds_192_bits_and_no_more() {
        let half = Wide::square(1 << 95).unwrap();
        assert_eq!(
            half.times(2).unwrap().over(1 << 64).unwrap().narrow(),
            Ok(1 << 127)
        );
        assert_eq!(half.times(4), Err(ErrorCode::MathError));
        assert_eq!(Wide::square(1 << 96), Err(ErrorCode::MathError));
        assert_eq!(half.narrow(), Err(ErrorCode::BnConversionError));
        assert_eq!(half.over(0), Err(ErrorCode::MathError));
    }

    proptest! {
        #[test]
        fn the_root_is_the_floor(root in 0u128..1 << 96, above in any::<u128>()) {
            let square = Wide::square(root).unwrap();
            prop_assert_eq!(square.root(), root);
            // Anything up to the next square has the same root.
            let above = above % (2 * root + 1);
            prop_assert_eq!(Wide(square.0 + U256::from(above)).root(), root);
        }
    }
}

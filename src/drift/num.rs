//! Checked integer arithmetic with the program's errors: overflow is `MathError`, a narrowing that does not fit is
//! `CastingFailure`, a wide quotient that does not fit 128 bits is `BnConversionError`.

use super::error::{ErrorCode, Result};
use ethnum::U256;

/// Arithmetic that refuses instead of wrapping.
pub trait Checked: Sized + Copy {
    /// `self + other`.
    fn plus(self, other: Self) -> Result<Self>;
    /// `self - other`.
    fn minus(self, other: Self) -> Result<Self>;
    /// `self * other`.
    fn times(self, other: Self) -> Result<Self>;
    /// `self / other`, toward zero.
    fn over(self, other: Self) -> Result<Self>;
    /// `self / other`, one above the truncated quotient if a positive remainder is left: toward positive infinity
    /// for positive divisors.
    fn over_up(self, other: Self) -> Result<Self>;
    /// `self / other`, one below the truncated quotient if any remainder is left. For negative `self` that is
    /// toward negative infinity; for positive `self` it is one less than the floor, as in the program.
    fn over_down(self, other: Self) -> Result<Self>;
    /// `self % other`, with the sign of `self`.
    fn modulo(self, other: Self) -> Result<Self>;
}

macro_rules! checked {
    ($($int:ty: $product:path, $quotient:path);*) => {$(
        #[allow(unused_comparisons)]
        impl Checked for $int {
            #[inline]
            fn plus(self, other: Self) -> Result<Self> {
                self.checked_add(other).ok_or(ErrorCode::MathError)
            }
            #[inline]
            fn minus(self, other: Self) -> Result<Self> {
                self.checked_sub(other).ok_or(ErrorCode::MathError)
            }
            #[inline]
            fn times(self, other: Self) -> Result<Self> {
                $product(self, other).ok_or(ErrorCode::MathError)
            }
            #[inline]
            fn over(self, other: Self) -> Result<Self> {
                $quotient(self, other).ok_or(ErrorCode::MathError)
            }
            #[inline]
            fn over_up(self, other: Self) -> Result<Self> {
                let quotient = self.over(other)?;
                // The product is not farther from zero than `self`.
                let rest = self - quotient * other;
                if rest > 0 { quotient.plus(1) } else { Ok(quotient) }
            }
            #[inline]
            fn over_down(self, other: Self) -> Result<Self> {
                let quotient = self.over(other)?;
                let rest = self - quotient * other;
                if rest != 0 { quotient.minus(1) } else { Ok(quotient) }
            }
            #[inline]
            fn modulo(self, other: Self) -> Result<Self> {
                self.checked_rem(other).ok_or(ErrorCode::MathError)
            }
        }
    )*};
}
checked!(
    u8: u8::checked_mul, u8::checked_div;
    u16: u16::checked_mul, u16::checked_div;
    u32: u32::checked_mul, u32::checked_div;
    u64: u64::checked_mul, u64::checked_div;
    u128: product, quotient;
    i8: i8::checked_mul, i8::checked_div;
    i16: i16::checked_mul, i16::checked_div;
    i32: i32::checked_mul, i32::checked_div;
    i64: i64::checked_mul, i64::checked_div;
    i128: signed_product, signed_quotient
);

/// `a * b`, by one multiplication where both fit in 64 bits, as most numbers do.
#[inline]
pub fn product(a: u128, b: u128) -> Option<u128> {
    match (u64::try_from(a), u64::try_from(b)) {
        (Ok(a), Ok(b)) => Some(u128::from(a) * u128::from(b)),
        _ => a.checked_mul(b),
    }
}

/// [`product`] with signs.
#[inline]
pub fn signed_product(a: i128, b: i128) -> Option<i128> {
    match (i64::try_from(a), i64::try_from(b)) {
        (Ok(a), Ok(b)) => Some(i128::from(a) * i128::from(b)),
        _ => a.checked_mul(b),
    }
}

/// `a / b`, by the processor's own division where both fit: most numbers do, and dividing 128 bits is a call.
#[inline]
pub fn quotient(a: u128, b: u128) -> Option<u128> {
    match (u64::try_from(a), u64::try_from(b)) {
        (Ok(a), Ok(b)) => a.checked_div(b).map(u128::from),
        _ => a.checked_div(b),
    }
}

/// [`quotient`] toward zero.
#[inline]
pub fn signed_quotient(a: i128, b: i128) -> Option<i128> {
    match (i64::try_from(a), i64::try_from(b)) {
        // -2^63 / -1 does not fit, and is left to the wider division.
        (Ok(a), Ok(b)) if a != i64::MIN => a.checked_div(b).map(i128::from),
        _ => a.checked_div(b),
    }
}

/// The powers of ten that have a 128-bit integer.
const POWERS_OF_TEN: [u128; 39] = {
    let mut powers = [1; 39];
    let mut place = 1;
    while place < powers.len() {
        powers[place] = powers[place - 1] * 10;
        place += 1;
    }
    powers
};

/// `10^power`, refused beyond 38. The program's wraps around there, which no account that it has accepted leads to.
#[inline]
pub fn power_of_ten(power: u32) -> Result<u128> {
    POWERS_OF_TEN
        .get(power as usize)
        .copied()
        .ok_or(ErrorCode::ProgramFailedToComplete)
}

/// Conversion between integer types.
pub trait Narrow: Sized {
    /// The same value as a `T`, or `CastingFailure`.
    #[inline]
    fn to<T: TryFrom<Self>>(self) -> Result<T> {
        T::try_from(self).map_err(|_| ErrorCode::CastingFailure)
    }
}
impl<T> Narrow for T {}

/// `a * b / c` toward zero, the product held in 192 bits as the program holds it.
#[inline]
pub fn mul_div(a: u128, b: u128, c: u128) -> Result<u128> {
    if let Some(product) = product(a, b) {
        return product.over(c);
    }
    to_u128(wide(a, b)? / nonzero(c)?)
}

/// The product of two 128-bit integers, refused above 192 bits.
pub fn wide(a: u128, b: u128) -> Result<U256> {
    let product = U256::from(a) * U256::from(b);
    if product >> 192 == U256::ZERO {
        Ok(product)
    } else {
        Err(ErrorCode::MathError)
    }
}

/// A wide integer as 128 bits, or `BnConversionError`.
pub fn to_u128(value: U256) -> Result<u128> {
    u128::try_from(value).map_err(|_| ErrorCode::BnConversionError)
}

fn nonzero(divisor: u128) -> Result<U256> {
    if divisor == 0 {
        Err(ErrorCode::MathError)
    } else {
        Ok(divisor.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Numbers of every length, so that narrow and wide ones meet.
    fn any_length() -> impl Strategy<Value = u128> {
        (any::<u128>(), 0u32..128).prop_map(|(number, shift)| number >> shift)
    }

    proptest! {
        #[test]
        fn short_ways_lead_to_the_same_place(a in any_length(), b in any_length(), negative in any::<[bool; 2]>()) {
            prop_assert_eq!(quotient(a, b), a.checked_div(b));
            prop_assert_eq!(product(a, b), a.checked_mul(b));
            let signed = |number: u128, negative: bool| (number as i128).wrapping_mul(if negative { -1 } else { 1 });
            let (a, b) = (signed(a, negative[0]), signed(b, negative[1]));
            prop_assert_eq!(signed_quotient(a, b), a.checked_div(b));
            prop_assert_eq!(signed_product(a, b), a.checked_mul(b));
        }
    }

    #[test]
    fn powers_end_where_the_integer_ends() {
        for power in [0, 1, 18, 38, 39, u32::MAX] {
            let expected = 10u128
                .checked_pow(power)
                .ok_or(ErrorCode::ProgramFailedToComplete);
            assert_eq!(power_of_ten(power), expected, "{power}");
        }
    }

    #[test]
    fn the_edges_of_a_narrow_quotient_hold() {
        let least = i128::from(i64::MIN);
        assert_eq!(signed_quotient(least, -1), Some(-least));
        assert_eq!(signed_quotient(i128::MIN, -1), None);
        assert_eq!((signed_quotient(5, 0), quotient(5, 0)), (None, None));
        assert_eq!(i64::MIN.over_up(-1), Err(ErrorCode::MathError));
    }

    #[test]
    fn rounding_follows_the_program() {
        for (a, b, toward_zero, up, down) in [
            (7, 2, 3, 4, 2),
            (-7, 2, -3, -3, -4),
            (6, 3, 2, 2, 2),
            (-6, 3, -2, -2, -2),
        ] {
            let a: i64 = a;
            assert_eq!(
                (a.over(b), a.over_up(b), a.over_down(b)),
                (Ok(toward_zero), Ok(up), Ok(down)),
                "{a}/{b}"
            );
        }
        assert_eq!(1u64.over(0), Err(ErrorCode::MathError));
        assert_eq!(7u64.over_up(2), Ok(4));
    }

    #[test]
    fn wide_products_keep_every_bit() {
        let big = 1u128 << 95;
        assert_eq!(mul_div(big, big, 1u128 << 70), Ok(1u128 << 120));
        assert_eq!(
            mul_div(u128::MAX, 1u128 << 64, 1),
            Err(ErrorCode::BnConversionError)
        );
        assert_eq!(
            mul_div(u128::MAX, u128::MAX, u128::MAX),
            Err(ErrorCode::MathError)
        );
        assert_eq!(mul_div(3, 5, 0), Err(ErrorCode::MathError));
        assert_eq!(mul_div(big, big, 0), Err(ErrorCode::MathError));
    }
}

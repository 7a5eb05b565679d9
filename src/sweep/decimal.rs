//! Decimal numbers as they are written, so that a range adds up without rounding.

use std::fmt;

/// `units × 10^-scale`: 0.25 is 25 units at scale 2.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    units: i128,
    scale: u32,
}

/// Largest scale and exponent taken from text; what exceeds it is left to `f64`.
const MAX_SCALE: i64 = 36;

/// Significant digits kept where a quotient does not end: more than `f64` can tell apart.
const QUOTIENT_DIGITS: u32 = 25;

impl Decimal {
    /// A whole number.
    pub fn integer(units: i128) -> Self {
        Self { units, scale: 0 }
    }

    /// Reads `-12.50`, `1e-3` or `1_000`; `None` when the text is no decimal number or exceeds the range.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if !is_digits(whole) && !is_digits(fraction)
            || !whole.is_empty() && !is_digits(whole)
            || !fraction.is_empty() && !is_digits(fraction)
        {
            return None;
        }
        let mut units: i128 = 0;
        let mut scale = exponent.checked_neg()?;
        for (digits, after_point) in [(whole, 0), (fraction, 1)] {
            for digit in digits.bytes().filter(u8::is_ascii_digit) {
                units = units.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
                scale = scale.checked_add(after_point)?;
            }
        }
        if scale.abs() > MAX_SCALE {
            return None;
        }
        if scale < 0 {
            units = units.checked_mul(power_of_ten(scale.unsigned_abs() as u32)?)?;
            scale = 0;
        }
        Some(Self {
            units: if negative { -units } else { units },
            scale: scale as u32,
        })
    }

    /// The value as an integer, if it is one (`1e6` and `2.0` are).
    pub fn as_integer(self) -> Option<i128> {
        let divisor = power_of_ten(self.scale)?;
        (self.units % divisor == 0).then(|| self.units / divisor)
    }

    /// The nearest `f64`, rounded once.
    pub fn to_f64(self) -> f64 {
        format!("{}e-{}", self.units, self.scale)
            .parse()
            .unwrap_or(f64::NAN)
    }

    /// Whether the value is above zero.
    pub fn is_positive(self) -> bool {
        self.units > 0
    }

    /// Both numbers in units of the finer scale of the two.
    fn align(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let rescale = |n: Self| n.units.checked_mul(power_of_ten(scale - n.scale)?);
        Some((rescale(self)?, rescale(other)?, scale))
    }

    /// Exact sum; `None` on overflow.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.align(other)?;
        Some(Self {
            units: a.checked_add(b)?,
            scale,
        })
    }

    /// Exact difference; `None` on overflow.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.align(other)?;
        Some(Self {
            units: a.checked_sub(b)?,
            scale,
        })
    }

    /// Exact product with a whole number; `None` on overflow.
    pub fn checked_times(self, factor: i128) -> Option<Self> {
        let units = self.units.checked_mul(factor)?;
        Some(Self { units, ..self })
    }

    /// How many whole times `step` fits into this number; `None` on overflow or a step of zero.
    pub fn steps_of(self, step: Self) -> Option<i128> {
        let (total, step, _) = self.align(step)?;
        total.checked_div_euclid(step)
    }

    /// The quotient by a whole number: exact where it ends, otherwise truncated far below what `f64` resolves.
    pub fn divided_by(self, divisor: i128) -> Option<Self> {
        let mut units = self.units.checked_div(divisor)?;
        let mut remainder = self.units.checked_rem(divisor)?;
        let mut scale = self.scale;
        while remainder != 0
            && units.unsigned_abs() < 10u128.pow(QUOTIENT_DIGITS)
            && scale < 2 * MAX_SCALE as u32
        {
            remainder = remainder.checked_mul(10)?;
            units = units.checked_mul(10)?.checked_add(remainder / divisor)?;
            remainder %= divisor;
            scale += 1;
        }
        Some(Self { units, scale })
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.align(*other).is_some_and(|(a, b, _)| a == b)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        match self.align(*other) {
            Some((a, b, _)) => Some(a.cmp(&b)),
            None => self.to_f64().partial_cmp(&other.to_f64()),
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return write!(f, "{}", self.units);
        }
        let digits = format!(
            "{:0>width$}",
            self.units.unsigned_abs(),
            width = self.scale as usize + 1
        );
        let (whole, fraction) = digits.split_at(digits.len() - self.scale as usize);
        let sign = if self.units < 0 { "-" } else { "" };
        write!(f, "{sign}{whole}.{fraction}")
    }
}

/// Digits, with `_` allowed between them.
fn is_digits(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('_')
        && !text.ends_with('_')
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'_')
}

fn power_of_ten(exponent: u32) -> Option<i128> {
    10i128.checked_pow(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn reads_what_people_write() {
        for (text, shown) in [
            ("0.10", "0.10"),
            ("-12.5", "-12.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("+7", "7"),
            ("1e-3", "0.001"),
            ("1.5e2", "150"),
            ("1_000.5", "1000.5"),
        ] {
            assert_eq!(decimal(text).to_string(), shown, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in [
            "", "-", ".", "1.2.3", "1e", "e3", "0x10", "_1", "1e99", "nan", "1 2",
        ] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn tenths_add_up_to_the_literals() {
        let mut sum = decimal("0");
        for literal in [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0] {
            sum = sum.checked_add(decimal("0.1")).unwrap();
            assert_eq!(sum.to_f64().to_bits(), f64::to_bits(literal));
        }
    }

    #[test]
    fn quotients_end_where_they_can() {
        assert_eq!(decimal("3").divided_by(4).unwrap().to_string(), "0.75");
        assert_eq!(decimal("-1").divided_by(8).unwrap().to_string(), "-0.125");
        assert_eq!(decimal("1").divided_by(3).unwrap().to_f64(), 1.0 / 3.0);
        assert_eq!(decimal("2").divided_by(3).unwrap().to_f64(), 2.0 / 3.0);
        assert!(decimal("1").divided_by(0).is_none());
    }

    #[test]
    fn integers_are_known_whatever_their_form() {
        assert_eq!(decimal("1e6").as_integer(), Some(1_000_000));
        assert_eq!(decimal("2.0").as_integer(), Some(2));
        assert_eq!(decimal("2.5").as_integer(), None);
    }

    #[test]
    fn steps_are_counted_exactly() {
        let steps = |total, step| decimal(total).steps_of(decimal(step)).unwrap();
        assert_eq!(steps("1", "0.1"), 10);
        assert_eq!(steps("0.99", "0.1"), 9);
        assert_eq!(steps("7", "2"), 3);
    }

    proptest::proptest! {
        #[test]
        fn any_float_as_printed_reads_back(value in -1e20..1e20f64) {
            if let Some(decimal) = Decimal::parse(&value.to_string()) {
                proptest::prop_assert_eq!(decimal.to_f64(), value);
            }
        }

        #[test]
        fn sums_are_those_of_whole_numbers(a in -1_000_000i64..1_000_000, b in -1_000_000i64..1_000_000, scale in 0u32..6) {
            let shown = |n: i64| Decimal { units: n.into(), scale };
            let sum = shown(a).checked_add(shown(b)).unwrap();
            let expected: f64 = format!("{}e-{scale}", a + b).parse().unwrap();
            proptest::prop_assert_eq!(sum.to_f64(), expected);
            proptest::prop_assert_eq!(sum.checked_sub(shown(b)).unwrap(), shown(a));
        }
    }
}

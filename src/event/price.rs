//! Prices as events and oracles carry them.

use serde_json::Value;

use super::field::{Field, double};

/// A price in units of 1e-7 dollars, never negative: the mantissa of the oracle account that drift-sim makes (exponent -7).
///
/// A file's price is a number of dollars in floating point. drift-sim multiplies it by 1e7 and cuts the fraction off before
/// it reaches the oracle; the same is done here, once, on reading. Writing picks a number that reads back as the same mantissa.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OraclePrice(u64);

const PER_DOLLAR: u64 = 10_000_000;
const LARGEST: u64 = i64::MAX as u64;

impl OraclePrice {
    /// The oracle account's exponent.
    pub const EXPONENT: i32 = -7;

    /// From units of 1e-7 dollars; `None` past `i64::MAX`, which no oracle account holds.
    pub fn from_mantissa(mantissa: u64) -> Option<Self> {
        (mantissa <= LARGEST).then_some(Self(mantissa))
    }

    /// From the protocol's price precision, 1e-6 dollars; `None` where it does not fit.
    pub fn from_micros(micros: u64) -> Option<Self> {
        micros.checked_mul(10).and_then(Self::from_mantissa)
    }

    /// From dollars, a smaller fraction than 1e-7 cut off; `None` for what is negative, not a number or does not fit.
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        let scaled = dollars * PER_DOLLAR as f64;
        // `i64::MAX as f64` is 2^63 itself, the first value that does not fit.
        (scaled >= 0.0 && scaled < i64::MAX as f64).then_some(Self(scaled as u64))
    }

    /// Units of 1e-7 dollars.
    pub fn mantissa(self) -> u64 {
        self.0
    }

    /// The protocol's price precision, 1e-6 dollars, rounded down.
    pub fn micros(self) -> u64 {
        self.0 / 10
    }

    /// Dollars, to a double's precision.
    pub fn dollars(self) -> f64 {
        self.0 as f64 / PER_DOLLAR as f64
    }

    /// A double that [`OraclePrice::from_dollars`] maps back here, where there is one: the nearest may lie just below.
    fn as_double(self) -> Option<f64> {
        let nearest = self.dollars();
        [nearest, nearest.next_up()]
            .into_iter()
            .find(|x| Self::from_dollars(*x) == Some(self))
    }

    /// The exact form for what no double reaches: the mantissa's digits and `e-7`.
    fn from_digits(text: &str) -> Option<Self> {
        let digits = text.trim().strip_suffix("e-7")?;
        digits
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| digits.parse().ok())?
            .and_then(Self::from_mantissa)
    }
}

impl Field for OraclePrice {
    const WANTED: &'static str = "a price in dollars, not below 0";

    fn read(value: &Value) -> Option<Self> {
        let exact = value.as_str().and_then(Self::from_digits);
        let whole = || {
            value
                .as_u64()?
                .checked_mul(PER_DOLLAR)
                .and_then(Self::from_mantissa)
        };
        exact
            .or_else(whole)
            .or_else(|| Self::from_dollars(double(value)?))
    }

    fn write(&self) -> Value {
        match self.as_double() {
            Some(double) => Value::from(double),
            None => Value::from(format!("{}e-7", self.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_files_price_is_cut_to_the_oracles_exponent() {
        // 7.8972525894020436 * 1e7 = 78972525.89...
        assert_eq!(
            OraclePrice::read(&json!(7.897_252_589_402_043_6)).map(OraclePrice::mantissa),
            Some(78_972_525)
        );
        assert_eq!(
            OraclePrice::read(&json!(1)).map(OraclePrice::mantissa),
            Some(10_000_000)
        );
        assert_eq!(
            OraclePrice::read(&json!(10_000_000_000_u64)).map(OraclePrice::mantissa),
            Some(100_000_000_000_000_000)
        );
    }

    #[test]
    fn scales_convert() {
        let price = OraclePrice::from_micros(1_470_446).unwrap();
        assert_eq!(price.mantissa(), 14_704_460);
        assert_eq!(price.micros(), 1_470_446);
        assert_eq!(OraclePrice::from_mantissa(19).unwrap().micros(), 1);
    }

    #[test]
    fn a_fraction_left_as_text_is_still_a_double() {
        // In decimal 0.0003 is 3,000 units; Python says 0.0003 * 1e7 is 2999.9999999999995.
        assert_eq!(
            OraclePrice::read(&json!("0.0003")).map(OraclePrice::mantissa),
            Some(2_999)
        );
        let largest = OraclePrice::from_mantissa(i64::MAX as u64).unwrap();
        assert_eq!(largest.write(), json!("9223372036854775807e-7"));
    }

    #[test]
    fn what_is_no_price_is_refused() {
        for bad in [
            json!(-1),
            json!(-0.5),
            json!(1e30),
            json!("-1"),
            json!(""),
            json!("1.2.3"),
            json!(null),
        ] {
            assert_eq!(OraclePrice::read(&bad), None, "{bad}");
        }
        assert_eq!(OraclePrice::from_dollars(f64::NAN), None);
        assert_eq!(OraclePrice::from_mantissa(u64::MAX), None);
    }

    proptest! {
        #[test]
        fn every_mantissa_survives_writing(mantissa in prop_oneof![0_u64..=i64::MAX as u64, 0_u64..10_000_000_000_000]) {
            let price = OraclePrice::from_mantissa(mantissa).unwrap();
            prop_assert_eq!(OraclePrice::read(&price.write()), Some(price));
        }
    }
}

//! How one value of an event's JSON parameters is read and written.
//!
//! drift-sim's files come from Python and pandas, so a whole number may stand as `70000000000.0`, a truth value as `"True"`
//! and a number too large for a double as a string. Each [`Field`] takes all the forms its meaning allows and no other.

use serde_json::{Map, Number, Value};

/// A value that can stand in an event's parameters.
pub trait Field: Sized {
    /// What the value must be, for messages: it follows "must be".
    const WANTED: &'static str;

    /// The value, or `None` where the JSON is not one.
    fn read(value: &Value) -> Option<Self>;

    /// The JSON that [`Field::read`] turns back into the same value.
    fn write(&self) -> Value;

    /// The value where it is a user's or market's number.
    fn index(&self) -> Option<u32> {
        None
    }
}

/// 2^64: from here on a double cannot be trusted to be the integer that the file's author meant.
const DOUBLE_LIMIT: f64 = 18_446_744_073_709_551_616.0;

/// A number with a fraction or exponent, which [`super::json::parse`] leaves as text.
pub(super) fn double(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A JSON number or string of digits without a fraction.
fn whole(value: &Value) -> Option<i128> {
    let exact = match value {
        Value::Number(number) => integer(number),
        Value::String(digits) => digits.trim().parse().ok(),
        _ => None,
    };
    exact.or_else(|| double(value).filter(|x| x.fract() == 0.0).and_then(truncated))
}

/// As [`whole`], with a fraction cut off: what Python's `int` does to an amount before drift-sim sends it.
fn cut(value: &Value) -> Option<i128> {
    whole(value).or_else(|| truncated(double(value)?))
}

fn truncated(x: f64) -> Option<i128> {
    (x.abs() < DOUBLE_LIMIT).then_some(x.trunc() as i128)
}

fn integer(number: &Number) -> Option<i128> {
    number
        .as_i64()
        .map(i128::from)
        .or_else(|| number.as_u64().map(i128::from))
}

macro_rules! whole_numbers {
    ($($kind:ident = $wanted:literal $(, $index:ident)?;)*) => {$(
        impl Field for $kind {
            const WANTED: &'static str = $wanted;

            fn read(value: &Value) -> Option<Self> {
                whole(value)?.try_into().ok()
            }

            fn write(&self) -> Value {
                Value::from(*self)
            }

            $(fn $index(&self) -> Option<u32> {
                Some(u32::from(*self))
            })?
        }
    )*};
}

whole_numbers! {
    u8 = "a whole number from 0 to 255";
    u16 = "a whole number from 0 to 65535", index;
    u32 = "a whole number from 0 to 4294967295", index;
    i16 = "a whole number from -32768 to 32767";
    i32 = "a whole number from -2147483648 to 2147483647";
    i64 = "a whole number";
}

/// What may be left out: nothing is written where there is none.
impl<T: Field> Field for Option<T> {
    const WANTED: &'static str = T::WANTED;

    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            given => T::read(given).map(Some),
        }
    }

    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::write)
    }
}

/// An amount. A fraction of the smallest unit is cut off.
impl Field for u64 {
    const WANTED: &'static str = "an amount from 0 to 18446744073709551615";

    fn read(value: &Value) -> Option<Self> {
        cut(value)?.try_into().ok()
    }

    fn write(&self) -> Value {
        Value::from(*self)
    }
}

/// An amount that may exceed 64 bits; from there on it is written as a string, the only form of JSON that keeps it whole.
impl Field for u128 {
    const WANTED: &'static str = "an amount not below 0 (as a string from 2^64 on)";

    fn read(value: &Value) -> Option<Self> {
        let digits = value.as_str().and_then(|digits| digits.trim().parse().ok());
        digits.or_else(|| cut(value)?.try_into().ok())
    }

    fn write(&self) -> Value {
        match u64::try_from(*self) {
            Ok(small) => Value::from(small),
            Err(_) => Value::from(self.to_string()),
        }
    }
}

impl Field for bool {
    const WANTED: &'static str = "true or false";

    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(truth) => Some(*truth),
            Value::String(word) if word.eq_ignore_ascii_case("true") => Some(true),
            Value::String(word) if word.eq_ignore_ascii_case("false") => Some(false),
            _ => match whole(value)? {
                0 => Some(false),
                1 => Some(true),
                _ => None,
            },
        }
    }

    fn write(&self) -> Value {
        Value::from(*self)
    }
}

impl Field for String {
    const WANTED: &'static str = "text";

    fn read(value: &Value) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }

    fn write(&self) -> Value {
        Value::from(self.as_str())
    }
}

impl Field for Map<String, Value> {
    const WANTED: &'static str = "an object";

    fn read(value: &Value) -> Option<Self> {
        value.as_object().cloned()
    }

    fn write(&self) -> Value {
        Value::Object(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_whole_number_may_be_a_float_or_a_string() {
        assert_eq!(u16::read(&json!(3.0)), Some(3));
        assert_eq!(u16::read(&json!("3")), Some(3));
        assert_eq!(i64::read(&json!(-1.0)), Some(-1));
        assert_eq!(u32::read(&json!(4_294_967_295_u64)), Some(u32::MAX));
    }

    #[test]
    fn an_index_is_never_rounded_nor_wrapped() {
        assert_eq!(u16::read(&json!(3.5)), None);
        assert_eq!(u16::read(&json!(65_536)), None);
        assert_eq!(u32::read(&json!(-1)), None);
        assert_eq!(u16::read(&json!(true)), None);
        assert_eq!(u8::read(&json!(null)), None);
        assert_eq!(Option::<u8>::read(&json!(null)), Some(None));
        assert_eq!(Option::<u8>::read(&json!(256)), None);
        assert_eq!(Option::<i16>::read(&json!(-7.0)), Some(Some(-7)));
    }

    #[test]
    fn an_amount_above_the_doubles_range_of_exact_integers_keeps_every_digit() {
        let json: Value = serde_json::from_str("9007199254740993").unwrap();
        assert_eq!(u64::read(&json), Some(9_007_199_254_740_993));
        let json: Value = serde_json::from_str("18446744073709551615").unwrap();
        assert_eq!(u64::read(&json), Some(u64::MAX));
        let json: Value = serde_json::from_str("18446744073709551616").unwrap();
        assert_eq!(u64::read(&json), None);
    }

    #[test]
    fn an_amount_loses_its_fraction_as_in_python() {
        assert_eq!(u64::read(&json!(70_000_000_000.0)), Some(70_000_000_000));
        assert_eq!(u64::read(&json!(12.99)), Some(12));
        assert_eq!(u64::read(&json!(-1)), None);
        assert_eq!(u64::read(&json!("12.99")), Some(12));
        assert_eq!(u64::read(&json!(-1.5)), None);
        assert_eq!(u64::read(&json!("nan")), None);
        assert_eq!(u64::read(&json!("1e400")), None);
    }

    #[test]
    fn a_wide_amount_is_a_string_from_2_to_the_64_on() {
        assert_eq!(u128::from(u64::MAX).write(), json!(u64::MAX));
        let wide = u128::from(u64::MAX) + 1;
        assert_eq!(wide.write(), json!("18446744073709551616"));
        assert_eq!(u128::read(&wide.write()), Some(wide));
        assert_eq!(u128::read(&json!(1e20)), None);
    }

    #[test]
    fn a_truth_value_may_be_pythons_word_or_a_digit() {
        for yes in [json!(true), json!("True"), json!("true"), json!(1), json!(1.0)] {
            assert_eq!(bool::read(&yes), Some(true), "{yes}");
        }
        for no in [json!(false), json!("False"), json!(0)] {
            assert_eq!(bool::read(&no), Some(false), "{no}");
        }
        assert_eq!(bool::read(&json!("yes")), None);
        assert_eq!(bool::read(&json!(2)), None);
    }
}

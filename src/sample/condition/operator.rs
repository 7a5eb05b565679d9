//! SQL's operators. What is null stays so, but where SQL says otherwise.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::value::Value;

fn pair<'v, 'a>(values: &'v [Value<'a>]) -> (&'v Value<'a>, &'v Value<'a>) {
    match values {
        [left, right, ..] => (left, right),
        _ => (&Value::Null, &Value::Null),
    }
}

fn ordered<'a>(values: &[Value<'a>], accepts: fn(Ordering) -> bool) -> Value<'a> {
    let (left, right) = pair(values);
    Value::bool(left.compare(right).map(accepts))
}

pub fn equal<'a>(values: &[Value<'a>]) -> Value<'a> {
    ordered(values, Ordering::is_eq)
}

pub fn unequal<'a>(values: &[Value<'a>]) -> Value<'a> {
    ordered(values, Ordering::is_ne)
}

pub fn less<'a>(values: &[Value<'a>]) -> Value<'a> {
    ordered(values, Ordering::is_lt)
}

pub fn at_most<'a>(values: &[Value<'a>]) -> Value<'a> {
    ordered(values, Ordering::is_le)
}

pub fn greater<'a>(values: &[Value<'a>]) -> Value<'a> {
    ordered(values, Ordering::is_gt)
}

pub fn at_least<'a>(values: &[Value<'a>]) -> Value<'a> {
    ordered(values, Ordering::is_ge)
}

/// Null is like null here, and unlike all else.
pub fn same<'a>(values: &[Value<'a>]) -> Value<'a> {
    let (left, right) = pair(values);
    Value::Bool(match left.compare(right) {
        Some(order) => order.is_eq(),
        None => left.is_null() && right.is_null(),
    })
}

pub fn is_null<'a>(values: &[Value<'a>]) -> Value<'a> {
    Value::Bool(only(values).is_null())
}

pub fn is_true<'a>(values: &[Value<'a>]) -> Value<'a> {
    Value::Bool(only(values).truth() == Some(true))
}

pub fn is_false<'a>(values: &[Value<'a>]) -> Value<'a> {
    Value::Bool(only(values).truth() == Some(false))
}

fn only<'v, 'a>(values: &'v [Value<'a>]) -> &'v Value<'a> {
    values.first().unwrap_or(&Value::Null)
}

pub fn not<'a>(values: &[Value<'a>]) -> Value<'a> {
    Value::bool(only(values).truth().map(|yes| !yes))
}

pub fn and<'a>(values: &[Value<'a>]) -> Value<'a> {
    let (left, right) = pair(values);
    Value::bool(match (left.truth(), right.truth()) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    })
}

pub fn or<'a>(values: &[Value<'a>]) -> Value<'a> {
    let (left, right) = pair(values);
    Value::bool(match (left.truth(), right.truth()) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    })
}

pub fn xor<'a>(values: &[Value<'a>]) -> Value<'a> {
    let (left, right) = pair(values);
    let both = left.truth().zip(right.truth());
    Value::bool(both.map(|(left, right)| left != right))
}

/// Whether the first is among the others; unknown if it is not, but one of them is null.
pub fn is_among<'a>(values: &[Value<'a>]) -> Value<'a> {
    let Some((sought, list)) = values.split_first() else {
        return Value::Null;
    };
    let mut found = Some(false);
    for value in list {
        match sought.compare(value) {
            Some(Ordering::Equal) => return Value::Bool(true),
            Some(_) => {}
            None => found = None,
        }
    }
    Value::bool(found)
}

/// Integers where both are and the result fits; floats otherwise.
fn arithmetic<'a>(
    values: &[Value<'a>],
    exact: fn(i128, i128) -> Option<i128>,
    float: fn(f64, f64) -> f64,
) -> Value<'a> {
    let (left, right) = pair(values);
    let ints = left.as_int().zip(right.as_int());
    match ints.and_then(|(left, right)| exact(left, right)) {
        Some(number) => Value::Int(number),
        None => Value::float(
            left.as_float()
                .zip(right.as_float())
                .map(|(left, right)| float(left, right)),
        ),
    }
}

pub fn plus<'a>(values: &[Value<'a>]) -> Value<'a> {
    arithmetic(values, i128::checked_add, |left, right| left + right)
}

pub fn minus<'a>(values: &[Value<'a>]) -> Value<'a> {
    arithmetic(values, i128::checked_sub, |left, right| left - right)
}

pub fn times<'a>(values: &[Value<'a>]) -> Value<'a> {
    arithmetic(values, i128::checked_mul, |left, right| left * right)
}

pub fn negative<'a>(values: &[Value<'a>]) -> Value<'a> {
    minus(&[Value::Int(0), only(values).clone()])
}

/// Of integers too the exact quotient, as in DuckDB.
pub fn over<'a>(values: &[Value<'a>]) -> Value<'a> {
    arithmetic(values, |_, _| None, |left, right| left / right)
}

/// The quotient rounded down; null where the divisor is 0.
pub fn whole_over<'a>(values: &[Value<'a>]) -> Value<'a> {
    by_nonzero(
        values,
        |left, right| (left / right).floor(),
        |left, right| {
            let is_between = left.wrapping_rem(right) != 0;
            left.wrapping_div(right) - i128::from(is_between && (left < 0) != (right < 0))
        },
    )
}

/// What [`whole_over`] leaves, which has the sign of the divisor.
pub fn modulo<'a>(values: &[Value<'a>]) -> Value<'a> {
    by_nonzero(
        values,
        |left, right| left - right * (left / right).floor(),
        |left, right| {
            let rest = left.wrapping_rem(right);
            if rest != 0 && (rest < 0) != (right < 0) {
                rest + right
            } else {
                rest
            }
        },
    )
}

fn by_nonzero<'a>(
    values: &[Value<'a>],
    float: fn(f64, f64) -> f64,
    exact: fn(i128, i128) -> i128,
) -> Value<'a> {
    let (left, right) = pair(values);
    match (left.as_int(), right.as_int()) {
        (_, Some(0)) => Value::Null,
        (Some(left), Some(right)) => Value::Int(exact(left, right)),
        _ => Value::float(
            left.as_float()
                .zip(right.as_float())
                .map(|(left, right)| float(left, right)),
        ),
    }
}

pub fn joined<'a>(values: &[Value<'a>]) -> Value<'a> {
    let (left, right) = pair(values);
    match left.as_text().zip(right.as_text()) {
        Some((left, right)) => Value::Text(Cow::Owned(format!("{left}{right}"))),
        None => Value::Null,
    }
}

pub fn like<'a>(values: &[Value<'a>]) -> Value<'a> {
    let (text, pattern) = pair(values);
    let both = text.as_text().zip(pattern.as_text());
    Value::bool(both.map(|(text, pattern)| matches(text, pattern)))
}

/// [`like`] whatever the case.
pub fn ilike<'a>(values: &[Value<'a>]) -> Value<'a> {
    let (text, pattern) = pair(values);
    let both = text.as_text().zip(pattern.as_text());
    Value::bool(both.map(|(text, pattern)| matches(&text.to_lowercase(), &pattern.to_lowercase())))
}

/// Whether a text is as a pattern says, where `%` is any text and `_` any character.
fn matches(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.chars().collect());
    let (mut at, mut wanted) = (0, 0);
    // Where the last `%` stands, and the text that it takes ends.
    let mut open: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(wanted) {
            Some('%') => {
                open = Some((wanted, at));
                wanted += 1;
            }
            Some(character) if *character == '_' || *character == text[at] => {
                at += 1;
                wanted += 1;
            }
            _ => match &mut open {
                Some((percent, end)) => {
                    *end += 1;
                    at = *end;
                    wanted = *percent + 1;
                }
                None => return false,
            },
        }
    }
    pattern[wanted..].iter().all(|character| *character == '%')
}

/// The value beside the first condition that holds; the last without one.
pub fn case<'a>(values: &[Value<'a>]) -> Value<'a> {
    let (branches, last) = values.as_chunks::<2>();
    let found = branches
        .iter()
        .find(|[condition, _]| condition.truth() == Some(true));
    match found {
        Some([_, value]) => value.clone(),
        None => only(last).clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(number: i128) -> Value<'static> {
        Value::Int(number)
    }

    #[test]
    fn patterns_match_whole_texts() {
        for (text, pattern, expected) in [
            ("geometric", "geo%", true),
            ("geometric", "geo", false),
            ("geometric", "%met_ic", true),
            ("geometric", "%e%i%c%", true),
            ("abab", "%ab", true),
            ("aab", "%aab", true),
            ("", "%", true),
            ("", "_", false),
            ("é", "_", true),
        ] {
            assert_eq!(matches(text, pattern), expected, "{text} like {pattern}");
        }
    }

    #[test]
    fn division_rounds_down_and_leaves_the_divisors_sign() {
        for (left, right, quotient, rest) in [
            (7, 2, 3, 1),
            (-7, 2, -4, 1),
            (7, -2, -4, -1),
            (-7, -2, 3, -1),
            (6, -2, -3, 0),
        ] {
            assert_eq!(quotient * right + rest, left, "the case itself");
            let operands = [int(left), int(right)];
            assert_eq!(whole_over(&operands), int(quotient), "{left} // {right}");
            assert_eq!(modulo(&operands), int(rest), "{left} % {right}");
            let operands = [Value::Float(left as f64), Value::Float(right as f64)];
            assert_eq!(modulo(&operands), Value::Float(rest as f64));
        }
        assert_eq!(modulo(&[int(1), int(0)]), Value::Null);
        assert_eq!(over(&[int(1), int(2)]), Value::Float(0.5));
        // What no longer fits goes on as a float.
        assert_eq!(
            times(&[int(i128::MAX), int(2)]),
            Value::Float(i128::MAX as f64 * 2.0)
        );
    }

    #[test]
    fn nothing_is_neither_yes_nor_no() {
        let (yes, no, null) = (Value::Bool(true), Value::Bool(false), Value::Null);
        assert_eq!(and(&[null.clone(), no.clone()]), no);
        assert_eq!(and(&[null.clone(), yes.clone()]), null);
        assert_eq!(or(&[yes.clone(), null.clone()]), yes);
        assert_eq!(or(&[no.clone(), null.clone()]), null);
        assert_eq!(not(std::slice::from_ref(&null)), null);
        assert_eq!(is_among(&[int(1), null.clone(), int(1)]), yes);
        assert_eq!(is_among(&[int(2), null.clone(), int(1)]), null);
        assert_eq!(same(&[null.clone(), null.clone()]), yes);
        assert_eq!(same(&[null.clone(), int(1)]), no);
        assert_eq!(plus(&[null.clone(), int(1)]), null);
        let branches = [null.clone(), int(1), yes, int(2), int(3)];
        assert_eq!(case(&branches), int(2));
        assert_eq!(case(&[no, int(1)]), null);
    }
}

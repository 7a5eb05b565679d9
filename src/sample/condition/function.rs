//! SQL's functions of one trial's values.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::operator;
use super::term::Operation;
use super::value::{Type, Value};

/// A function by its name in SQL.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its names, in small letters.
    pub names: &'static [&'static str],
    /// What it takes.
    pub takes: Takes,
    /// What it does.
    pub operation: Operation,
}

/// What a function takes, and so what it gives.
#[derive(Clone, Copy, Debug)]
pub enum Takes {
    /// From so many to so many numbers, and gives one.
    Numbers(usize, usize),
    /// These, for the type at the end.
    These(&'static [Type], Type),
    /// One or more of one type, and gives it.
    Alike,
    /// Two of one type, and gives it.
    TwoAlike,
    /// A condition and two of one type, and gives that.
    Choice,
}

impl Function {
    /// Finds a function.
    pub fn named(name: &str) -> Option<&'static Self> {
        FUNCTIONS.iter().find(|function| function.names.contains(&name))
    }
}

const fn of_numbers(names: &'static [&'static str], operation: Operation) -> Function {
    let takes = Takes::Numbers(1, 1);
    Function {
        names,
        takes,
        operation,
    }
}

const fn of_two_numbers(names: &'static [&'static str], operation: Operation) -> Function {
    let takes = Takes::Numbers(2, 2);
    Function {
        names,
        takes,
        operation,
    }
}

const fn function(names: &'static [&'static str], takes: Takes, operation: Operation) -> Function {
    Function {
        names,
        takes,
        operation,
    }
}

/// A function of one float.
macro_rules! float {
    ($names:expr, $of:expr) => {
        of_numbers($names, |values| {
            let number = values.first().and_then(Value::as_float);
            Value::float(number.map($of))
        })
    };
}

const TEXT: Type = Type::Text;
const NUMBER: Type = Type::Number;

/// All of them.
pub const FUNCTIONS: &[Function] = &[
    of_numbers(&["abs"], |values| match values {
        [Value::Int(number)] => Value::Int(number.wrapping_abs()),
        [value] => Value::float(value.as_float().map(f64::abs)),
        _ => Value::Null,
    }),
    float!(&["sqrt"], f64::sqrt),
    float!(&["cbrt"], f64::cbrt),
    float!(&["exp"], f64::exp),
    float!(&["ln"], f64::ln),
    float!(&["log2"], f64::log2),
    float!(&["log10"], f64::log10),
    float!(&["log1p"], f64::ln_1p),
    float!(&["ceil", "ceiling"], f64::ceil),
    float!(&["floor"], f64::floor),
    float!(&["sign"], |number| if number == 0.0 || number.is_nan() {
        number
    } else {
        number.signum()
    }),
    float!(&["sin"], f64::sin),
    float!(&["cos"], f64::cos),
    float!(&["tan"], f64::tan),
    float!(&["cot"], |angle| 1.0 / angle.tan()),
    float!(&["asin"], f64::asin),
    float!(&["acos"], f64::acos),
    float!(&["atan"], f64::atan),
    float!(&["degrees"], f64::to_degrees),
    float!(&["radians"], f64::to_radians),
    of_two_numbers(&["atan2"], |values| floats(values, f64::atan2)),
    of_two_numbers(&["pow", "power"], |values| floats(values, f64::powf)),
    of_two_numbers(&["log"], |values| floats(values, f64::log)),
    of_two_numbers(&["mod"], operator::modulo),
    of_two_numbers(&["div"], operator::whole_over),
    function(&["round"], Takes::Numbers(1, 2), |values| {
        to_digits(values, f64::round_ties_even)
    }),
    function(&["trunc", "truncate"], Takes::Numbers(1, 2), |values| {
        to_digits(values, f64::trunc)
    }),
    function(&["pi"], Takes::These(&[], NUMBER), |_| {
        Value::Float(std::f64::consts::PI)
    }),
    function(&["coalesce"], Takes::Alike, |values| {
        values
            .iter()
            .find(|value| !value.is_null())
            .cloned()
            .unwrap_or(Value::Null)
    }),
    function(&["ifnull"], Takes::TwoAlike, |values| match values {
        [Value::Null, other] => other.clone(),
        _ => values.first().cloned().unwrap_or(Value::Null),
    }),
    function(&["nullif"], Takes::TwoAlike, |values| {
        match operator::equal(values).truth() {
            Some(true) => Value::Null,
            _ => values.first().cloned().unwrap_or(Value::Null),
        }
    }),
    function(&["greatest"], Takes::Alike, |values| {
        furthest(values, Ordering::Greater)
    }),
    function(&["least"], Takes::Alike, |values| {
        furthest(values, Ordering::Less)
    }),
    function(&["if"], Takes::Choice, operator::case),
    function(&["lower"], Takes::These(&[TEXT], TEXT), |values| {
        text(values, |text| text.to_lowercase())
    }),
    function(&["upper"], Takes::These(&[TEXT], TEXT), |values| {
        text(values, |text| text.to_uppercase())
    }),
    function(&["ltrim"], Takes::These(&[TEXT], TEXT), |values| {
        text(values, |text| text.trim_start().to_owned())
    }),
    function(&["rtrim"], Takes::These(&[TEXT], TEXT), |values| {
        text(values, |text| text.trim_end().to_owned())
    }),
    function(
        &["length", "char_length", "character_length"],
        Takes::These(&[TEXT], NUMBER),
        |values| {
            let text = values.first().and_then(Value::as_text);
            text.map_or(Value::Null, |text| Value::Int(text.chars().count() as i128))
        },
    ),
    function(
        &["starts_with"],
        Takes::These(&[TEXT, TEXT], Type::Bool),
        |values| texts(values, |text, part| Value::Bool(text.starts_with(part))),
    ),
    function(
        &["ends_with"],
        Takes::These(&[TEXT, TEXT], Type::Bool),
        |values| texts(values, |text, part| Value::Bool(text.ends_with(part))),
    ),
    function(&["strpos"], Takes::These(&[TEXT, TEXT], NUMBER), |values| {
        texts(values, |text, part| {
            let before = text.split_once(part).map(|(before, _)| before.chars().count());
            Value::Int(before.map_or(0, |before| before as i128 + 1))
        })
    }),
];

/// [`Value::Text`] without spaces around it, for `TRIM`, which is syntax of its own.
pub fn trim<'a>(values: &[Value<'a>]) -> Value<'a> {
    text(values, |text| text.trim().to_owned())
}

/// As a float, for `CAST`.
pub fn to_float<'a>(values: &[Value<'a>]) -> Value<'a> {
    match values.first() {
        Some(Value::Text(text)) => Value::float(text.trim().parse().ok()),
        Some(value) => Value::float(value.as_float()),
        None => Value::Null,
    }
}

/// As an integer, for `CAST`; what follows the point is dropped.
pub fn to_int<'a>(values: &[Value<'a>]) -> Value<'a> {
    let value = values.first();
    if let Some(number) = value.and_then(Value::as_int) {
        return Value::Int(number);
    }
    if let Some(number) = value.and_then(Value::as_text).map(str::trim).map(str::parse) {
        return number.map_or(Value::Null, Value::Int);
    }
    match value.and_then(Value::as_float) {
        Some(number) if number.is_finite() => Value::Int(number.trunc() as i128),
        _ => Value::Null,
    }
}

/// As a text, for `CAST`.
pub fn to_text<'a>(values: &[Value<'a>]) -> Value<'a> {
    let text = match values.first() {
        None | Some(Value::Null) => return Value::Null,
        Some(Value::Text(text)) => return Value::Text(text.clone()),
        Some(Value::Bool(yes)) => yes.to_string(),
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::Float(number)) => number.to_string(),
    };
    Value::Text(Cow::Owned(text))
}

fn floats<'a>(values: &[Value<'a>], of: fn(f64, f64) -> f64) -> Value<'a> {
    match values {
        [left, right] => Value::float(
            left.as_float()
                .zip(right.as_float())
                .map(|(left, right)| of(left, right)),
        ),
        _ => Value::Null,
    }
}

/// Rounds to so many digits after the point, none unless given.
fn to_digits<'a>(values: &[Value<'a>], round: fn(f64) -> f64) -> Value<'a> {
    let number = match values.first() {
        Some(Value::Int(number)) => return Value::Int(*number),
        other => other.and_then(Value::as_float),
    };
    let digits = match values.get(1) {
        None => Some(0.0),
        Some(digits) => digits.as_float(),
    };
    Value::float(number.zip(digits).map(|(number, digits)| {
        let scale = 10_f64.powf(digits);
        let scaled = number * scale;
        // Far from the point there is nothing to round.
        if scaled.is_finite() {
            round(scaled) / scale
        } else {
            number
        }
    }))
}

fn furthest<'a>(values: &[Value<'a>], side: Ordering) -> Value<'a> {
    let known = values.iter().filter(|value| !value.is_null());
    let best = known.reduce(|best, value| match value.compare(best) {
        Some(order) if order == side => value,
        _ => best,
    });
    best.cloned().unwrap_or(Value::Null)
}

fn text<'a>(values: &[Value<'a>], of: fn(&str) -> String) -> Value<'a> {
    let text = values.first().and_then(Value::as_text);
    text.map_or(Value::Null, |text| Value::Text(Cow::Owned(of(text))))
}

fn texts<'a>(values: &[Value<'a>], of: fn(&str, &str) -> Value<'static>) -> Value<'a> {
    match values {
        [Value::Text(one), Value::Text(other)] => of(one, other),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'a>(name: &str, values: &[Value<'a>]) -> Value<'a> {
        (Function::named(name).unwrap().operation)(values)
    }

    #[test]
    fn no_name_stands_for_two_functions() {
        let mut names: Vec<_> = FUNCTIONS.iter().flat_map(|function| function.names).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn numbers_round_to_digits() {
        let round = |number: f64, digits: f64| of("round", &[Value::Float(number), Value::Float(digits)]);
        assert_eq!(round(2.345, 1.0), Value::Float(2.3));
        assert_eq!(round(-250.0, -2.0), Value::Float(-200.0));
        assert_eq!(of("round", &[Value::Float(0.5)]), Value::Float(0.0));
        assert_eq!(of("round", &[Value::Float(1e300)]), Value::Float(1e300));
        assert_eq!(of("round", &[Value::Int(7)]), Value::Int(7));
        assert_eq!(
            of("trunc", &[Value::Float(-1.29), Value::Int(1)]),
            Value::Float(-1.2)
        );
    }

    #[test]
    fn texts_are_counted_in_characters() {
        let text = |text: &'static str| Value::Text(text.into());
        assert_eq!(of("length", &[text("é!")]), Value::Int(2));
        assert_eq!(of("strpos", &[text("éa!"), text("!")]), Value::Int(3));
        assert_eq!(of("strpos", &[text("éa!"), text("?")]), Value::Int(0));
        assert_eq!(of("upper", &[text("é")]), text("É"));
        assert_eq!(of("lower", &[Value::Null]), Value::Null);
    }

    #[test]
    fn what_is_missing_is_passed_over() {
        let values = [Value::Null, Value::Int(3), Value::Float(4.5)];
        assert_eq!(of("coalesce", &values), Value::Int(3));
        assert_eq!(of("greatest", &values), Value::Float(4.5));
        assert_eq!(of("least", &values), Value::Int(3));
        assert_eq!(of("nullif", &[Value::Int(3), Value::Float(3.0)]), Value::Null);
        assert_eq!(of("ifnull", &[Value::Null, Value::Int(1)]), Value::Int(1));
    }

    #[test]
    fn casts_drop_what_does_not_fit() {
        assert_eq!(to_int(&[Value::Float(-1.9)]), Value::Int(-1));
        assert_eq!(to_int(&[Value::Text(" 12 ".into())]), Value::Int(12));
        assert_eq!(to_int(&[Value::Text("x".into())]), Value::Null);
        assert_eq!(to_int(&[Value::Float(f64::NAN)]), Value::Null);
        assert_eq!(to_float(&[Value::Bool(true)]), Value::Float(1.0));
        assert_eq!(to_text(&[Value::Float(0.5)]), Value::Text("0.5".into()));
    }
}

//! Picks as text: `METHOD`, `METHOD(ARGUMENTS)`, `METHOD=COUNT` or `METHOD(ARGUMENTS)=COUNT`. They print as they are written.

use std::str::FromStr;

use super::request::{Method, Pick};
use crate::summary::Fraction;
use crate::sweep::diagnostic::nearest;
use drift::error::ErrorCode;

/// Quantiles where none are named.
const QUANTILES: [&str; 3] = ["0.05", "0.5", "0.95"];

/// A text that is no pick.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PickError {
    /// A method there is not.
    #[error("there is no method `{name}`; {mend}")]
    Method {
        /// The name.
        name: String,
        /// The nearest name, or all.
        mend: String,
    },
    /// Brackets or count are missing something.
    #[error("`{0}` is not of the form METHOD(ARGUMENTS)=COUNT, such as `largest(fees_usd)=2`")]
    Form(String),
    /// A count that is none.
    #[error("`{0}` is no count; write a number from 1 on")]
    Count(String),
    /// Arguments that the method does not take.
    #[error("`{0}` takes no arguments; leave out the brackets")]
    NoArguments(&'static str),
    /// Arguments that the method must have.
    #[error("`{method}` needs {what}")]
    Needs {
        /// The method.
        method: &'static str,
        /// What it needs, with an example.
        what: &'static str,
    },
    /// A number that is no quantile.
    #[error("`{0}` is no quantile; write a number from 0 to 1")]
    Quantile(String),
    /// A name that is no error code.
    #[error("there is no error `{name}`; {mend}")]
    Code {
        /// The name.
        name: String,
        /// The nearest name, or what to write.
        mend: String,
    },
}

impl FromStr for Pick {
    type Err = PickError;

    fn from_str(text: &str) -> Result<Self, PickError> {
        let text = text.trim();
        let form = || PickError::Form(text.to_owned());
        let named = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let end = text.find(|c| !named(c)).unwrap_or(text.len());
        let (name, rest) = (&text[..end], text[end..].trim_start());
        let (arguments, rest) = match rest.strip_prefix('(') {
            None => (None, rest),
            Some(inner) => {
                let (arguments, rest) = inner.rsplit_once(')').ok_or_else(form)?;
                (Some(arguments.trim()), rest.trim_start())
            }
        };
        let count = match rest.strip_prefix('=') {
            None if rest.is_empty() => None,
            None => return Err(form()),
            Some(count) => Some(
                count
                    .trim()
                    .parse()
                    .ok()
                    .filter(|count: &usize| *count > 0)
                    .ok_or_else(|| PickError::Count(count.trim().to_owned()))?,
            ),
        };
        let (method, things) = method(name, arguments.unwrap_or_default())?;
        if arguments.is_some() && method == Method::Random {
            return Err(PickError::NoArguments("random"));
        }
        Ok(Self {
            method,
            count: count.unwrap_or(things.max(1)),
        })
    }
}

/// The method of a name, and how many things its arguments name.
fn method(name: &str, arguments: &str) -> Result<(Method, usize), PickError> {
    let list = || -> Vec<String> {
        let items = arguments.split(',').map(str::trim);
        items.filter(|item| !item.is_empty()).map(str::to_owned).collect()
    };
    let of = |method: fn(Vec<String>) -> Method| {
        let names = list();
        let things = names.len();
        (method(names), things)
    };
    Ok(match name {
        // What it is a medoid by is no choice of several things.
        "representative" => (Method::Representative(list()), 1),
        "novel" => (Method::Novel(list()), 1),
        "extreme" => of(Method::Extreme),
        "largest" | "smallest" if list().is_empty() => {
            let (method, what) = match name {
                "largest" => ("largest", "a metric, such as `largest(fees_usd)`"),
                _ => ("smallest", "a metric, such as `smallest(fees_usd)`"),
            };
            return Err(PickError::Needs { method, what });
        }
        "largest" => of(Method::Largest),
        "smallest" => of(Method::Smallest),
        "quantile" => quantile(list())?,
        "refused" => {
            let codes = list()
                .iter()
                .map(|code| number(code))
                .collect::<Result<Vec<_>, _>>()?;
            let things = codes.len();
            (Method::Refused(codes), things)
        }
        "random" => (Method::Random, 1),
        "where" if arguments.is_empty() => {
            return Err(PickError::Needs {
                method: "where",
                what: "a condition, such as `where(lp_profit_usd < 0)`",
            });
        }
        "where" => (Method::Where(arguments.to_owned()), 1),
        _ => {
            let mend = match nearest(name, Method::NAMES) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", Method::NAMES.join(", ")),
            };
            let name = name.to_owned();
            return Err(PickError::Method { name, mend });
        }
    })
}

/// Numbers are quantiles, all else is metrics.
fn quantile(arguments: Vec<String>) -> Result<(Method, usize), PickError> {
    let is_number = |text: &String| text.parse::<f64>().is_ok();
    let (numbers, metrics): (Vec<_>, Vec<_>) = arguments.into_iter().partition(is_number);
    if metrics.is_empty() {
        return Err(PickError::Needs {
            method: "quantile",
            what: "a metric, such as `quantile(fees_usd, 0.05, 0.95)`",
        });
    }
    let numbers = match numbers[..] {
        [] => QUANTILES.map(str::to_owned).to_vec(),
        _ => numbers,
    };
    let shares = numbers.into_iter().map(|text| match text.parse() {
        Ok(share) => Ok(share),
        Err(_) => Err(PickError::Quantile(text)),
    });
    let shares: Vec<Fraction> = shares.collect::<Result<_, _>>()?;
    let things = metrics.len() * shares.len();
    Ok((Method::Quantile(metrics, shares), things))
}

/// The number of an error code given by number or name.
fn number(code: &str) -> Result<u32, PickError> {
    if let Ok(number) = code.parse() {
        return Ok(number);
    }
    match ErrorCode::all().find(|known| known.name() == code) {
        Some(known) => Ok(known.number()),
        None => Err(PickError::Code {
            name: code.to_owned(),
            mend: match nearest(code, ErrorCode::all().map(ErrorCode::name)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write the program's name for it, or its number".to_owned(),
            },
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pick(text: &str) -> Result<Pick, String> {
        text.parse::<Pick>().map_err(|error| error.to_string())
    }

    #[test]
    fn picks_print_as_they_are_written() {
        for text in [
            "representative=6",
            "extreme(lp_profit_usd, fees_usd)=4",
            "quantile(fees_usd, 0.05, 0.5)=3",
            "refused(6023)=1",
            "random=2",
            "where(lp_profit_usd < 0 AND (fees_usd = 3))=5",
        ] {
            assert_eq!(pick(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn without_a_count_there_is_one_for_each_thing_named() {
        for (text, count) in [
            ("representative", 1),
            ("novel(a, b)", 1),
            ("largest(a,b)", 2),
            ("quantile(a, b)", 6),
            ("quantile(a, 0.5)", 1),
            ("refused(PriceBandsBreached)", 1),
            ("where(a = 3)", 1),
            (" where ( a = 3 ) = 2 ", 2),
        ] {
            assert_eq!(pick(text).unwrap().count, count, "{text}");
        }
        assert_eq!(
            pick("refused(PriceBandsBreached)").unwrap().method,
            Method::Refused(vec![6023])
        );
    }

    #[test]
    fn what_is_no_pick_is_refused_with_a_mend() {
        for (text, expected) in [
            (
                "representativ=3",
                "there is no method `representativ`; did you mean `representative`?",
            ),
            (
                "best",
                "there is no method `best`; there are representative, extreme, largest, smallest, quantile, novel, refused, random, where",
            ),
            ("largest", "`largest` needs a metric, such as `largest(fees_usd)`"),
            (
                "where=3",
                "`where` needs a condition, such as `where(lp_profit_usd < 0)`",
            ),
            (
                "quantile(0.5)",
                "`quantile` needs a metric, such as `quantile(fees_usd, 0.05, 0.95)`",
            ),
            (
                "quantile(a, 1.5)",
                "`1.5` is no quantile; write a number from 0 to 1",
            ),
            ("random=0", "`0` is no count; write a number from 1 on"),
            ("random(a)", "`random` takes no arguments; leave out the brackets"),
            (
                "largest(a",
                "`largest(a` is not of the form METHOD(ARGUMENTS)=COUNT, such as `largest(fees_usd)=2`",
            ),
            (
                "refused(PriceBandBreached)",
                "there is no error `PriceBandBreached`; did you mean `PriceBandsBreached`?",
            ),
        ] {
            assert_eq!(pick(text).unwrap_err(), expected);
        }
    }
}

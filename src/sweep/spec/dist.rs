//! Distributions as quantile functions, so that `random`, `lhs` and `sobol` draw through the same code.

use statrs::distribution::{ContinuousCDF, Normal};

use super::super::diagnostic::{Fault, Problem};
use super::super::tree::{Kind, Node, Number};
use super::fields::{Fields, entries, integer, list, number, wrong_type};

pub(crate) const DIST_KEYS: &[&str] = &["uniform", "log_uniform", "normal", "int", "choice"];
pub(crate) const BOUND_KEYS: &[&str] = &["min", "max"];
pub(crate) const NORMAL_KEYS: &[&str] = &["mean", "std_dev", "min", "max"];

/// A distribution of values.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Any number from `min` to `max`, all alike.
    Uniform {
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
    },
    /// Any number from `min` to `max` whose logarithm is uniform.
    LogUniform {
        /// Least value, above zero.
        min: f64,
        /// Greatest value.
        max: f64,
    },
    /// The normal distribution, cut at `min` and `max` (infinite when left out).
    Normal {
        /// Mean before the cut.
        mean: f64,
        /// Standard deviation before the cut, above zero.
        std_dev: f64,
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
    },
    /// The integers from `min` to `max`, both included, all alike.
    Int {
        /// Least value.
        min: i64,
        /// Greatest value.
        max: i64,
    },
    /// The listed values, all alike.
    Choice(Vec<Node>),
}

impl Distribution {
    /// Reads `{uniform: {min, max}}` and its like.
    pub(super) fn read(node: &Node) -> Result<Self, Fault> {
        let known = Fields::of(node, DIST_KEYS)?;
        let [(name, body)] = entries(node)? else {
            let message =
                "a distribution is exactly one of `uniform`, `log_uniform`, `normal`, `int`, `choice`";
            return Err(Problem::invalid(message).at(node.span));
        };
        let body = known
            .required(&name.name)
            .map_err(|_| wrong_type(body, "a distribution's parameters"))?;
        match name.name.as_str() {
            "uniform" => {
                let (min, max) = bounds(body)?;
                Ok(Self::Uniform { min, max })
            }
            "log_uniform" => {
                let (min, max) = bounds(body)?;
                if min <= 0.0 {
                    let message = format!("`log_uniform` starts above 0, not at {min}");
                    return Err(Problem::Empty(message).at(body.span));
                }
                Ok(Self::LogUniform { min, max })
            }
            "normal" => normal(body),
            "int" => {
                let fields = Fields::of(body, BOUND_KEYS)?;
                let (min, max) = (int64(fields.required("min")?)?, int64(fields.required("max")?)?);
                if min > max {
                    return Err(empty(body, min, max));
                }
                Ok(Self::Int { min, max })
            }
            _ => match list(body)? {
                [] => Err(Problem::Empty("the list of choices is empty".into()).at(body.span)),
                choices => Ok(Self::Choice(choices.to_vec())),
            },
        }
    }

    /// The value below which the share `u` of all values lies; `u` is between 0 and 1, both excluded.
    pub fn quantile(&self, u: f64) -> Kind {
        let float = |value| Kind::Number(Number::Float(value));
        match *self {
            Self::Uniform { min, max } => float((min * (1.0 - u) + max * u).clamp(min, max)),
            Self::LogUniform { min, max } => {
                let (low, high) = (min.ln(), max.ln());
                float((low + (high - low) * u).exp().clamp(min, max))
            }
            Self::Normal {
                mean,
                std_dev,
                min,
                max,
            } => {
                let (low, high) = ((min - mean) / std_dev, (max - mean) / std_dev);
                float((mean + std_dev * cut_normal(low, high, u)).clamp(min, max))
            }
            Self::Int { min, max } => {
                let width = (i128::from(max) - i128::from(min) + 1) as f64;
                let n = (i128::from(min) + (u * width) as i128).min(max.into());
                Kind::Number(Number::Integer(n))
            }
            Self::Choice(ref choices) => {
                let index = ((u * choices.len() as f64) as usize).min(choices.len().saturating_sub(1));
                choices
                    .get(index)
                    .map_or(Kind::Null, |choice| choice.kind.clone())
            }
        }
    }
}

/// Quantile of the standard normal distribution between `low` and `high`.
///
/// Probabilities near 1 have no digits left to tell them apart, those near 0 do: an interval above zero is
/// mirrored below it.
fn cut_normal(low: f64, high: f64, u: f64) -> f64 {
    if low > 0.0 {
        return -cut_normal(-high, -low, 1.0 - u);
    }
    let standard = Normal::standard();
    let (below_low, below_high) = (standard.cdf(low), standard.cdf(high));
    standard
        .inverse_cdf(below_low + u * (below_high - below_low))
        .clamp(low, high)
}

fn normal(body: &Node) -> Result<Distribution, Fault> {
    let fields = Fields::of(body, NORMAL_KEYS)?;
    let mean = number(fields.required("mean")?)?.to_f64();
    let std_dev_node = fields.required("std_dev")?;
    let std_dev = number(std_dev_node)?.to_f64();
    if std_dev <= 0.0 {
        let message = format!("`std_dev` must be above 0, not {std_dev}");
        return Err(Problem::Empty(message).at(std_dev_node.span));
    }
    let bound = |key, unbounded| {
        fields
            .optional(key)
            .map_or(Ok(unbounded), |node| Ok(number(node)?.to_f64()))
    };
    let (min, max) = (bound("min", f64::NEG_INFINITY)?, bound("max", f64::INFINITY)?);
    if min >= max {
        return Err(empty(body, min, max));
    }
    let (low, high) = ((min - mean) / std_dev, (max - mean) / std_dev);
    // Beyond 37 standard deviations the tail is smaller than the smallest `f64`.
    if low > 37.0 || high < -37.0 {
        let message = "no part of the normal distribution lies between `min` and `max`";
        return Err(Problem::Empty(message.into()).at(body.span));
    }
    Ok(Distribution::Normal {
        mean,
        std_dev,
        min,
        max,
    })
}

fn bounds(body: &Node) -> Result<(f64, f64), Fault> {
    let fields = Fields::of(body, BOUND_KEYS)?;
    let min = number(fields.required("min")?)?.to_f64();
    let max = number(fields.required("max")?)?.to_f64();
    if min >= max {
        return Err(empty(body, min, max));
    }
    Ok((min, max))
}

fn int64(node: &Node) -> Result<i64, Fault> {
    i64::try_from(integer(node)?).map_err(|_| wrong_type(node, "an integer of 64 bits"))
}

fn empty(body: &Node, min: impl std::fmt::Display, max: impl std::fmt::Display) -> Fault {
    Problem::Empty(format!("the range is empty: min {min} is not below max {max}")).at(body.span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::source::Sources;
    use crate::sweep::tree::parse;

    fn dist(yaml: &str) -> Distribution {
        let mut sources = Sources::default();
        let source = sources.add("test", yaml);
        Distribution::read(&parse(&sources, source).unwrap()).unwrap()
    }

    fn value(dist: &Distribution, u: f64) -> f64 {
        match dist.quantile(u) {
            Kind::Number(number) => number.to_f64(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn medians_and_quartiles_are_the_textbook_ones() {
        assert_eq!(value(&dist("uniform: {min: 2, max: 6}"), 0.25), 3.0);
        let log = value(&dist("log_uniform: {min: 0.01, max: 100}"), 0.75);
        assert!((log - 10.0).abs() < 1e-12, "{log}");
        let normal = dist("normal: {mean: 3, std_dev: 2}");
        assert!((value(&normal, 0.5) - 3.0).abs() < 1e-12);
        // The 97.5 % quantile of the standard normal distribution is 1.959963984540054.
        assert!((value(&normal, 0.975) - (3.0 + 2.0 * 1.959963984540054)).abs() < 1e-9);
    }

    #[test]
    fn integers_and_choices_come_in_equal_shares() {
        let die = dist("int: {min: 1, max: 6}");
        let choice = dist("choice: [10, 20, 30]");
        let mut faces = [0; 7];
        let mut picks = [0; 4];
        for i in 0..600 {
            let u = (f64::from(i) + 0.5) / 600.0;
            faces[value(&die, u) as usize] += 1;
            picks[value(&choice, u) as usize / 10] += 1;
        }
        assert_eq!(faces, [0, 100, 100, 100, 100, 100, 100]);
        assert_eq!(picks, [0, 200, 200, 200]);
    }

    #[test]
    fn a_cut_normal_stays_inside_and_is_symmetric_in_its_tails() {
        let upper = dist("normal: {mean: 0, std_dev: 1, min: 9, max: 10}");
        let lower = dist("normal: {mean: 0, std_dev: 1, min: -10, max: -9}");
        for i in 1..100 {
            let u = f64::from(i) / 100.0;
            let (high, low) = (value(&upper, u), value(&lower, 1.0 - u));
            assert!((9.0..=10.0).contains(&high), "{high}");
            assert!((high + low).abs() < 1e-9, "{high} {low}");
        }
        assert!(value(&upper, 0.9) > value(&upper, 0.1));
    }

    #[test]
    fn the_widest_integer_range_does_not_overflow() {
        let all = dist("int: {min: -9223372036854775808, max: 9223372036854775807}");
        for u in [1e-17, 0.5, 1.0 - 1e-16] {
            let Kind::Number(number) = all.quantile(u) else {
                panic!()
            };
            assert!(i64::try_from(number.as_integer().unwrap()).is_ok());
        }
    }
}

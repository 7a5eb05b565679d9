//! The values of one path in a `grid` or `zip`: listed, by step, or by count.

use super::super::decimal::Decimal;
use super::super::diagnostic::{Fault, Problem};
use super::super::source::Span;
use super::super::tree::{Kind, Node, Number};
use super::fields::{Fields, count, decimal, text, wrong_type};

pub(crate) const RANGE_KEYS: &[&str] = &["min", "max", "step", "count", "scale"];

/// Significant digits of the values of a logarithmic range. Its inner values are irrational as a rule; cut to
/// these digits they are the same on every machine, and powers of ten come out as such.
const LOG_DIGITS: usize = 12;

/// Values by position; a range computes each from its position alone, so that nothing accumulates.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// As listed.
    List(Vec<Node>),
    /// `min + i × step`, exact.
    Step {
        /// First value.
        min: Decimal,
        /// What no value is above.
        max: Decimal,
        /// Difference between neighbours.
        step: Decimal,
        /// Number of values.
        len: u64,
        /// Whether all are written as integers.
        integer: bool,
        /// Where the range is written.
        span: Option<Span>,
    },
    /// `len` values from `min` to `max`, both included, at equal distances.
    Linear {
        /// First value.
        min: Decimal,
        /// Last value.
        max: Decimal,
        /// Number of values.
        len: u64,
        /// Where the range is written.
        span: Option<Span>,
    },
    /// `len` values from `min` to `max`, both included, at equal ratios.
    Log {
        /// First value, above zero.
        min: Number,
        /// Last value.
        max: Number,
        /// Number of values.
        len: u64,
        /// Where the range is written.
        span: Option<Span>,
    },
}

impl Values {
    /// Reads a list, `{min, max, step}` or `{min, max, count, scale}`.
    pub(super) fn read(node: &Node) -> Result<Self, Fault> {
        match &node.kind {
            Kind::List(items) if items.is_empty() => {
                Err(Problem::Empty("the list of values is empty".into()).at(node.span))
            }
            Kind::List(items) => Ok(Self::List(items.clone())),
            Kind::Map(_) => Self::range(node),
            _ => Err(wrong_type(
                node,
                "a list of values, or a range such as `{min: 0, max: 1, step: 0.25}`",
            )),
        }
    }

    fn range(node: &Node) -> Result<Self, Fault> {
        let fields = Fields::of(node, RANGE_KEYS)?;
        let (min_node, max_node) = (fields.required("min")?, fields.required("max")?);
        let (min, max) = (decimal(min_node)?, decimal(max_node)?);
        if min > max {
            return Err(
                Problem::Empty(format!("the range is empty: min {min} is above max {max}")).at(node.span),
            );
        }
        match (
            fields.optional("step"),
            fields.optional("count"),
            fields.optional("scale"),
        ) {
            (Some(_), None, Some(scale)) => {
                let message = "`scale` goes with `count`, not with `step`";
                Err(Problem::invalid(message).at(scale.span))
            }
            (Some(step), None, None) => Self::by_step(min, max, step, node.span, [min_node, max_node]),
            (None, Some(len), scale) => {
                let len = evenly(count(len)?, min, max, len)?;
                match scale.map_or(Ok("linear"), text)? {
                    "linear" => Ok(Self::Linear {
                        min,
                        max,
                        len,
                        span: node.span,
                    }),
                    "log" if !min.is_positive() => {
                        let message = format!("a log scale starts above 0, not at {min}");
                        Err(Problem::Empty(message).at(min_node.span))
                    }
                    "log" => Ok(Self::Log {
                        min: written(min_node),
                        max: written(max_node),
                        len,
                        span: node.span,
                    }),
                    other => {
                        let known = vec!["linear".to_owned(), "log".to_owned()];
                        let span = scale.and_then(|scale| scale.span);
                        Err(Problem::UnknownName {
                            name: other.to_owned(),
                            known,
                        }
                        .at(span))
                    }
                }
            }
            _ => {
                let message = "a range has either `step` or `count`";
                let help = "`{min: 0, max: 1, step: 0.25}` or `{min: 0, max: 1, count: 5}`";
                Err(Problem::invalid_with_help(message, help).at(node.span))
            }
        }
    }

    fn by_step(
        min: Decimal,
        max: Decimal,
        step_node: &Node,
        span: Option<Span>,
        bounds: [&Node; 2],
    ) -> Result<Self, Fault> {
        let step = decimal(step_node)?;
        if !step.is_positive() {
            return Err(Problem::Empty(format!("the step must be above 0, not {step}")).at(step_node.span));
        }
        let too_fine = || Problem::invalid("the range has too many values to count").at(span);
        let steps = max
            .checked_sub(min)
            .and_then(|width| width.steps_of(step))
            .ok_or_else(too_fine)?;
        let len = u64::try_from(steps)
            .ok()
            .and_then(|steps| steps.checked_add(1))
            .ok_or_else(too_fine)?;
        // The last value must be representable, then so are those before it.
        step.checked_times(steps)
            .and_then(|reach| min.checked_add(reach))
            .ok_or_else(too_fine)?;
        let integer = [bounds[0], bounds[1], step_node]
            .iter()
            .all(|node| matches!(node.kind, Kind::Number(Number::Integer(_))));
        Ok(Self::Step {
            min,
            max,
            step,
            len,
            integer,
            span,
        })
    }

    /// Number of values, at least 1.
    pub fn len(&self) -> u64 {
        match self {
            Self::List(items) => items.len() as u64,
            Self::Step { len, .. } | Self::Linear { len, .. } | Self::Log { len, .. } => *len,
        }
    }

    /// The maximum that a range was given and its last value, where steps do not lead from one to the other.
    pub fn misses(&self) -> Option<(Decimal, Decimal)> {
        let Self::Step {
            min, max, step, len, ..
        } = *self
        else {
            return None;
        };
        let last = min.checked_add(step.checked_times(i128::from(len) - 1)?)?;
        (last != max).then_some((max, last))
    }

    /// Never true: an empty list or range is refused when read.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at a position below [`Values::len`].
    pub fn at(&self, index: u64) -> Node {
        let (number, span) = match *self {
            Self::List(ref items) => {
                let item = usize::try_from(index).ok().and_then(|index| items.get(index));
                return item.cloned().unwrap_or(Node::new(Kind::Null));
            }
            Self::Step {
                min,
                step,
                integer,
                span,
                ..
            } => {
                let value = step
                    .checked_times(index.into())
                    .and_then(|reach| min.checked_add(reach));
                (exactly(value, min, integer), span)
            }
            Self::Linear { min, max, len, span } => (linear(min, max, index, len), span),
            Self::Log { min, max, len, span } => (logarithmic(min, max, index, len), span),
        };
        Node {
            kind: Kind::Number(number),
            span,
        }
    }
}

/// Several values need room between the bounds, one value needs none.
fn evenly(len: u64, min: Decimal, max: Decimal, node: &Node) -> Result<u64, Fault> {
    if (len == 1) == (min == max) {
        return Ok(len);
    }
    let message = match len {
        1 => "one value cannot reach from min to max".to_owned(),
        _ => format!("{len} values between equal bounds"),
    };
    Err(Problem::invalid(message).at(node.span))
}

fn written(node: &Node) -> Number {
    match node.kind {
        Kind::Number(number) => number,
        _ => Number::Integer(0),
    }
}

fn exactly(value: Option<Decimal>, fallback: Decimal, integer: bool) -> Number {
    let value = value.unwrap_or(fallback);
    match value.as_integer() {
        Some(n) if integer => Number::Integer(n),
        _ => Number::Decimal(value),
    }
}

/// `(min × (n - i) + max × i) / n`, in whole numbers until the last division.
fn linear(min: Decimal, max: Decimal, index: u64, len: u64) -> Number {
    let intervals = i128::from(len.saturating_sub(1).max(1));
    let index = i128::from(index);
    let value = min
        .checked_times(intervals - index)
        .zip(max.checked_times(index))
        .and_then(|(low, high)| low.checked_add(high))
        .and_then(|sum| sum.divided_by(intervals));
    match value {
        Some(value) => value.as_integer().map_or(Number::Decimal(value), Number::Integer),
        // Beyond 38 digits: the bounds are then far coarser than `f64` steps anyway.
        None => {
            let share = index as f64 / intervals as f64;
            Number::Float(min.to_f64() * (1.0 - share) + max.to_f64() * share)
        }
    }
}

fn logarithmic(min: Number, max: Number, index: u64, len: u64) -> Number {
    let last = len.saturating_sub(1);
    if index == 0 {
        return min;
    }
    if index >= last {
        return max;
    }
    let (low, high) = (min.to_f64().ln(), max.to_f64().ln());
    let share = index as f64 / last as f64;
    let value = (low + (high - low) * share).exp();
    let digits = format!("{value:.*e}", LOG_DIGITS - 1);
    match Decimal::parse(&digits) {
        Some(value) => value.as_integer().map_or(Number::Decimal(value), Number::Integer),
        None => Number::Float(digits.parse().unwrap_or(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::source::Sources;
    use crate::sweep::tree::parse;

    fn values(yaml: &str) -> Values {
        let mut sources = Sources::default();
        let source = sources.add("test", yaml);
        Values::read(&parse(&sources, source).unwrap()).unwrap()
    }

    fn numbers(yaml: &str) -> Vec<f64> {
        let values = values(yaml);
        (0..values.len())
            .map(|i| match values.at(i).kind {
                Kind::Number(number) => number.to_f64(),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn steps_give_the_decimals_a_person_writes() {
        let tenths = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
        assert_eq!(numbers("{min: 0, max: 1, step: 0.1}"), tenths);
        assert_eq!(numbers("{min: 0, max: 1, count: 11}"), tenths);
        assert_eq!(
            numbers("{min: -0.3, max: 0.3, step: 0.1}"),
            [-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3]
        );
        assert_eq!(
            numbers("{min: 1e-3, max: 3e-3, step: 1e-3}"),
            [0.001, 0.002, 0.003]
        );
    }

    #[test]
    fn a_step_that_misses_max_ends_below_it() {
        assert_eq!(numbers("{min: 0, max: 1, step: 0.3}"), [0.0, 0.3, 0.6, 0.9]);
        assert_eq!(numbers("{min: 1, max: 1, step: 5}"), [1.0]);
        let missed = |yaml: &str| values(yaml).misses().map(|(max, last)| format!("{max} {last}"));
        assert_eq!(missed("{min: 0, max: 1, step: 0.3}").as_deref(), Some("1 0.9"));
        for reached in [
            "{min: 0, max: 1, step: 0.25}",
            "{min: 1, max: 1, step: 5}",
            "[1, 2]",
        ] {
            assert_eq!(missed(reached), None);
        }
    }

    #[test]
    fn integers_stay_integers() {
        let kinds = |yaml: &str| {
            let values = values(yaml);
            (0..values.len()).map(|i| values.at(i).kind).collect::<Vec<_>>()
        };
        let integer = |n| Kind::Number(Number::Integer(n));
        assert_eq!(
            kinds("{min: 10, max: 30, step: 10}"),
            [integer(10), integer(20), integer(30)]
        );
        assert_eq!(
            kinds("{min: 1, max: 1000, count: 4, scale: log}"),
            [1, 10, 100, 1000].map(integer)
        );
        assert_eq!(kinds("{min: 0, max: 4, count: 3}"), [0, 2, 4].map(integer));
    }

    #[test]
    fn thirds_are_rounded_once() {
        assert_eq!(
            numbers("{min: 0, max: 1, count: 4}"),
            [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0]
        );
    }

    #[test]
    fn log_ranges_keep_their_bounds_and_a_constant_ratio() {
        let values = numbers("{min: 0.001, max: 7.3, count: 9, scale: log}");
        assert_eq!((values[0], values[8]), (0.001, 7.3));
        let ratio = (7.3f64 / 0.001).powf(1.0 / 8.0);
        for pair in values.windows(2) {
            assert!((pair[1] / pair[0] / ratio - 1.0).abs() < 1e-11, "{pair:?}");
        }
    }

    #[test]
    fn a_huge_range_costs_nothing() {
        let values = values("{min: 0, max: 1000000000000, step: 0.001}");
        assert_eq!(values.len(), 1_000_000_000_000_001);
        let Kind::Number(number) = values.at(123_456_789_012_345).kind else {
            panic!()
        };
        assert_eq!(number.to_string(), "123456789012.345");
    }
}

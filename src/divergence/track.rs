//! A difference under observation, from its first appearance on.

use super::{Place, Refusal};
use drift::accounts::layout::Value;
use drift::error::ErrorCode;
use std::sync::Arc;

/// What makes two observations the same difference.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// A field of an account.
    Field(Arc<str>, String),
    /// An account that one side does not have, or has of another type.
    Account(Arc<str>),
    /// An instruction with these outcomes.
    Outcome(&'static str, Option<ErrorCode>, Option<ErrorCode>),
    /// An instruction that one side did not execute; whether that is the right one.
    Missing(&'static str, bool),
    /// An instruction's arguments.
    Arguments(&'static str),
    /// The slot of a step.
    Slot,
    /// The time of a step.
    Time,
    /// A field that only one side's layout has, or has in another form.
    Layout(String, String),
}

/// What was seen of a difference after one step.
pub(super) struct Seen {
    pub key: Key,
    pub account_kind: Option<String>,
    pub left: Option<Value>,
    pub right: Option<Value>,
    pub refusals: [Option<Refusal>; 2],
}

impl Seen {
    pub(super) fn new(key: Key, left: Option<Value>, right: Option<Value>) -> Self {
        Self {
            key,
            account_kind: None,
            left,
            right,
            refusals: [None, None],
        }
    }
}

/// Everything seen of a difference so far.
#[derive(Clone, Debug)]
pub(super) struct Track {
    pub key: Key,
    pub account_kind: Option<String>,
    /// Which cause it belongs to.
    pub group: u32,
    /// Whether it appeared in the very step that is the cause.
    pub origin: bool,
    pub first: Place,
    pub last: Place,
    pub healed: Option<Place>,
    pub occurrences: u64,
    pub left: Option<Value>,
    pub right: Option<Value>,
    pub last_left: Option<Value>,
    pub last_right: Option<Value>,
    pub largest: Option<(Option<Value>, Option<Value>)>,
    pub refusals: [Option<Refusal>; 2],
    /// How often each side changed the field since the step before the first, that step included.
    pub changes: [u64; 2],
}

impl Track {
    /// As first seen at `place`; `before` is what each side had until then.
    pub(super) fn new(seen: Seen, place: &Place, before: [Option<Value>; 2]) -> Self {
        let [old_left, old_right] = before;
        Self {
            key: seen.key,
            account_kind: seen.account_kind,
            group: 0,
            origin: false,
            first: place.clone(),
            last: place.clone(),
            healed: None,
            occurrences: 1,
            changes: [(old_left != seen.left).into(), (old_right != seen.right).into()],
            largest: None,
            last_left: seen.left.clone(),
            last_right: seen.right.clone(),
            left: seen.left,
            right: seen.right,
            refusals: seen.refusals,
        }
    }

    /// Seen again.
    pub(super) fn again(&mut self, seen: Seen, place: &Place) {
        let size = |left: &Option<Value>, right: &Option<Value>| ulps(left.as_ref(), right.as_ref());
        let until_now = match &self.largest {
            Some((left, right)) => size(left, right),
            None => size(&self.left, &self.right),
        };
        if size(&seen.left, &seen.right) > until_now {
            self.largest = Some((seen.left.clone(), seen.right.clone()));
        }
        self.changes[0] += u64::from(self.last_left != seen.left);
        self.changes[1] += u64::from(self.last_right != seen.right);
        (self.last_left, self.last_right) = (seen.left, seen.right);
        self.last = place.clone();
        self.healed = None;
        self.occurrences += 1;
    }

    /// The sides are equal again, each with `value`.
    pub(super) fn heal(&mut self, place: &Place) {
        self.healed = Some(place.clone());
    }

    /// The largest difference so far, in the field's own integer.
    pub(super) fn largest_ulps(&self) -> Option<u128> {
        match &self.largest {
            Some((left, right)) => ulps(left.as_ref(), right.as_ref()),
            None => ulps(self.left.as_ref(), self.right.as_ref()),
        }
    }
}

/// How far apart two numbers are; `None` for what is no number.
pub(super) fn ulps(left: Option<&Value>, right: Option<&Value>) -> Option<u128> {
    // As sign and size, since neither 128-bit type holds the other.
    let parts = |value: &Value| match value {
        Value::Int(int) => Some((*int < 0, int.unsigned_abs())),
        Value::Uint(uint) => Some((false, *uint)),
        _ => None,
    };
    let ((left_negative, left), (right_negative, right)) = (parts(left?)?, parts(right?)?);
    Some(if left_negative == right_negative {
        left.abs_diff(right)
    } else {
        left.saturating_add(right)
    })
}

/// A number's size as a float; 0 for what is no number.
pub(super) fn magnitude(value: Option<&Value>) -> f64 {
    match value {
        Some(Value::Int(int)) => int.unsigned_abs() as f64,
        Some(Value::Uint(uint)) => *uint as f64,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_cross_zero_and_types() {
        let far = |left, right| ulps(Some(&left), Some(&right));
        assert_eq!(far(Value::Int(-1), Value::Int(2)), Some(3));
        assert_eq!(far(Value::Int(5), Value::Uint(7)), Some(2));
        assert_eq!(
            far(Value::Int(i128::MIN), Value::Uint(u128::MAX)),
            Some(u128::MAX)
        );
        assert_eq!(far(Value::Flag(true), Value::Flag(false)), None);
        assert_eq!(ulps(None, Some(&Value::Int(1))), None);
    }
}

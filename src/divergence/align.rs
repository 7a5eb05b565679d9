//! Which step of one side belongs to which of the other.

use super::Step;

/// A step of both sides, or of one.
pub(super) type Pair<'a> = (Option<&'a Step>, Option<&'a Step>);

/// Pairs the steps of one event by name, in order. Where names part, whichever side finds the other's next step sooner
/// has the extra ones.
pub(super) fn align<'a>(left: &'a [Step], right: &'a [Step]) -> Vec<Pair<'a>> {
    let mut pairs = Vec::new();
    let (mut l, mut r) = (left, right);
    loop {
        match (l.split_first(), r.split_first()) {
            (None, None) => return pairs,
            (Some((step, rest)), None) => {
                pairs.push((Some(step), None));
                l = rest;
            }
            (None, Some((step, rest))) => {
                pairs.push((None, Some(step)));
                r = rest;
            }
            (Some((a, after_a)), Some((b, after_b))) => {
                if a.instruction == b.instruction {
                    pairs.push((Some(a), Some(b)));
                    (l, r) = (after_a, after_b);
                    continue;
                }
                let far = |steps: &[Step], name| {
                    let found = steps.iter().position(|step| step.instruction == name);
                    found.unwrap_or(usize::MAX)
                };
                if far(after_a, b.instruction) <= far(after_b, a.instruction) {
                    pairs.push((Some(a), None));
                    l = after_a;
                } else {
                    pairs.push((None, Some(b)));
                    r = after_b;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drift::clock::Clock;

    fn steps(names: &'static str) -> Vec<Step> {
        let step = |instruction: &'static str| Step {
            event: None,
            event_name: Step::OPENING,
            instruction,
            arguments: serde_json::Value::Null,
            clock: Clock::default(),
            outcome: Ok(()),
            compute_units: None,
            accounts: Vec::new(),
            writes: Vec::new(),
        };
        names.split_whitespace().map(step).collect()
    }

    #[test]
    fn what_one_side_lacks_stands_alone() {
        for (left, right, expected) in [
            ("a b", "a b", "a=a b=b"),
            ("a b c", "a c", "a=a b= c=c"),
            ("c", "a b c", "=a =b c=c"),
            ("a", "b", "a= =b"),
            ("", "a", "=a"),
        ] {
            let (left, right) = (steps(left), steps(right));
            let name = |step: Option<&Step>| step.map_or("", |step| step.instruction);
            let pairs = align(&left, &right).into_iter();
            let found: Vec<_> = pairs.map(|(l, r)| format!("{}={}", name(l), name(r))).collect();
            assert_eq!(found.join(" "), expected);
        }
    }
}

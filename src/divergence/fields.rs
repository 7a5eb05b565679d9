//! The fields in which two accounts differ.

use super::Contents;
use super::track::{Key, Seen, ulps};
use drift::accounts::layout::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// What differs in an account that the sides do not hold alike.
pub(super) fn differing(name: &Arc<str>, left: Option<&Contents>, right: Option<&Contents>) -> Vec<Seen> {
    let there = |contents: Option<&Contents>| contents.is_some_and(|contents| !contents.is_absent());
    let (left, right) = match (left, right) {
        (Some(left), Some(right)) if left.same(right) => return Vec::new(),
        (Some(left), Some(right)) if there(Some(left)) && there(Some(right)) => (left, right),
        (left, right) if there(left) == there(right) => return Vec::new(),
        (left, right) => {
            let kind = |contents: Option<&Contents>| {
                let contents = contents.filter(|contents| !contents.is_absent())?;
                Some(Value::Name(contents.fields().0.into()))
            };
            return vec![Seen::new(Key::Account(Arc::clone(name)), kind(left), kind(right))];
        }
    };
    let ((kind, left), (right_kind, right)) = (left.fields(), right.fields());
    if kind != right_kind {
        let [l, r] = [kind, right_kind].map(|kind| Some(Value::Name(kind.into())));
        return vec![Seen::new(Key::Account(Arc::clone(name)), l, r)];
    }
    let field = |path: String, left: Option<Value>, right: Option<Value>| {
        let key = if comparable(left.as_ref(), right.as_ref()) {
            Key::Field(Arc::clone(name), path)
        } else {
            Key::Layout(kind.clone(), without_numbers(&path))
        };
        Seen {
            account_kind: Some(kind.clone()),
            ..Seen::new(key, left, right)
        }
    };
    // Padding of another length is what a field took or left, and that field is told by its name.
    let resized = |path: &str, left: Option<&Value>, right: Option<&Value>| {
        let last = path.rsplit('.').next().unwrap_or(path);
        last.starts_with("padding") && !comparable(left, right)
    };
    let alike = left.len() == right.len() && left.iter().zip(&right).all(|((l, _), (r, _))| l == r);
    if alike {
        let unequal = left
            .into_iter()
            .zip(right)
            .filter(|((path, l), (_, r))| !equal(l, r) && !resized(path, Some(l), Some(r)));
        return unequal
            .map(|((path, l), (_, r))| field(path, Some(l), Some(r)))
            .collect();
    }
    let mut theirs: HashMap<String, Value> = right.iter().cloned().collect();
    let mut found = Vec::new();
    for (path, l) in left {
        match theirs.remove(&path) {
            Some(r) if equal(&l, &r) => {}
            r if resized(&path, Some(&l), r.as_ref()) => {}
            r => found.push(field(path, Some(l), r)),
        }
    }
    let rest = right
        .into_iter()
        .filter(|(path, r)| theirs.contains_key(path) && !resized(path, None, Some(r)));
    found.extend(rest.map(|(path, r)| field(path, None, Some(r))));
    found
}

/// Whether two values of a field can be told apart by more than their form.
fn comparable(left: Option<&Value>, right: Option<&Value>) -> bool {
    match (left, right) {
        (Some(Value::Int(_) | Value::Uint(_)), Some(Value::Int(_) | Value::Uint(_))) => true,
        (Some(Value::Bytes(left)), Some(Value::Bytes(right))) => left.len() == right.len(),
        (Some(left), Some(right)) => std::mem::discriminant(left) == std::mem::discriminant(right),
        _ => false,
    }
}

fn equal(left: &Value, right: &Value) -> bool {
    left == right || ulps(Some(left), Some(right)) == Some(0)
}

/// `perp_positions.3.lp_shares` as `perp_positions.*.lp_shares`: a layout has a field at every place or at none.
fn without_numbers(path: &str) -> String {
    let parts = path.split('.').map(|part| match part.parse::<usize>() {
        Ok(_) => "*",
        Err(_) => part,
    });
    parts.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(fields: &[(&str, Value)]) -> Contents {
        let fields = fields
            .iter()
            .map(|(path, value)| ((*path).to_owned(), value.clone()));
        Contents::Fields {
            kind: "User".to_owned(),
            fields: fields.collect(),
        }
    }

    fn keys(left: &[(&str, Value)], right: &[(&str, Value)]) -> Vec<Key> {
        let found = differing(&"user_0".into(), Some(&contents(left)), Some(&contents(right)));
        found.into_iter().map(|seen| seen.key).collect()
    }

    #[test]
    fn fields_are_compared_by_name_and_value() {
        let (one, two) = (Value::Uint(1), Value::Uint(2));
        let name: Arc<str> = "user_0".into();
        // In another order, and signed on one side.
        assert_eq!(
            keys(
                &[("a", one.clone()), ("b", two.clone())],
                &[("b", Value::Int(2)), ("a", one.clone())]
            ),
            []
        );
        let differ = keys(&[("a", one.clone())], &[("a", two.clone())]);
        assert_eq!(differ, [Key::Field(Arc::clone(&name), "a".to_owned())]);
        let layout = |path: &str| Key::Layout("User".to_owned(), path.to_owned());
        let older = keys(
            &[("p.0.x", one.clone()), ("p.1.x", one.clone())],
            &[("status", two.clone())],
        );
        assert_eq!(older, [layout("p.*.x"), layout("p.*.x"), layout("status")]);
        let form = keys(
            &[("status", Value::Name("Active".into()))],
            &[("status", one.clone())],
        );
        assert_eq!(form, [layout("status")]);
        let padding = keys(
            &[("padding", Value::Bytes(vec![0; 3]))],
            &[("padding", Value::Bytes(vec![0; 2]))],
        );
        assert_eq!(padding, []);
        let written = keys(
            &[("padding", Value::Bytes(vec![0; 3]))],
            &[("padding", Value::Bytes(vec![0, 1, 0]))],
        );
        assert_eq!(written, [Key::Field(Arc::clone(&name), "padding".to_owned())]);
        assert_eq!(keys(&[("amm.padding_1", one)], &[("b", two)]), [layout("b")]);
    }

    #[test]
    fn an_account_that_one_side_lacks_is_one_difference() {
        let name: Arc<str> = "user_0".into();
        let there = contents(&[("a", Value::Uint(1))]);
        let absent = Contents::from(drift::accounts::Account::Absent);
        for (left, right) in [(Some(&there), None), (Some(&absent), Some(&there))] {
            let found = differing(&name, left, right);
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].key, Key::Account(Arc::clone(&name)));
        }
        assert!(differing(&name, Some(&absent), None).is_empty());
    }
}

//! The arguments in which two calls of an instruction differ.

use serde_json::Value;

/// Either side's values that the other does not have, as `params.base_asset_amount=5, params.price=7`.
pub(super) fn unequal(left: &Value, right: &Value) -> [String; 2] {
    let mut found = [Vec::new(), Vec::new()];
    collect(&mut String::new(), left, right, &mut found);
    found.map(|side| side.join(", "))
}

fn collect(path: &mut String, left: &Value, right: &Value, found: &mut [Vec<String>; 2]) {
    match (left, right) {
        _ if left == right => {}
        (Value::Object(ours), Value::Object(theirs)) => {
            let more = theirs.keys().filter(|name| !ours.contains_key(*name));
            for name in ours.keys().chain(more) {
                let length = path.len();
                if length > 0 {
                    path.push('.');
                }
                path.push_str(name);
                let of = |side: &Value| side.get(name).cloned().unwrap_or_default();
                collect(path, &of(left), &of(right), found);
                path.truncate(length);
            }
        }
        _ => {
            for (side, value) in found.iter_mut().zip([left, right]) {
                side.push(format!("{path}={value}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_told() {
        let left = json!({"params": {"base": 5, "price": 7}, "market_index": 0});
        let right = json!({"params": {"base": 6, "price": 7}, "market_index": 0, "limit": true});
        let told = ["params.base=5, limit=null", "params.base=6, limit=true"];
        assert_eq!(unequal(&left, &right), told);
    }
}

//! The values of a parameter as places on an axis: each value by itself, or many numbers in bins.

use std::collections::HashMap;

use super::super::number::Format;
use crate::summary::Value;

/// Most places of an axis, and most values that are shown each by itself.
const MOST: usize = 12;

/// A parameter and where each row is on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Levels {
    /// The parameter's name, as short as it can be told.
    pub name: String,
    /// The names of the places: numbers ascend, texts come in the order of the rows.
    pub places: Vec<String>,
    /// The place of each row.
    pub of_rows: Vec<usize>,
    /// Whether a place stands for many values.
    pub binned: bool,
    /// The value of each row as a number, where it is one: yes is 1 and no is 0.
    pub numbers: Vec<Option<f64>>,
}

impl Levels {
    /// The places of a parameter that has the given value in each row.
    pub fn new(name: &str, values: &[&Value]) -> Self {
        let numbers: Vec<Option<f64>> = values.iter().map(|value| number(value)).collect();
        let mut sorted: Vec<f64> = numbers.iter().flatten().copied().collect();
        sorted.sort_by(f64::total_cmp);
        sorted.dedup();
        let numeric = values
            .iter()
            .all(|value| matches!(value, Value::Int(_) | Value::Float(_) | Value::Null));
        let (places, of_rows, binned) = if numeric && sorted.len() > MOST {
            let (places, of_rows) = bins(&numbers);
            (places, of_rows, true)
        } else {
            each(values, &numbers)
        };
        Self {
            name: name.to_owned(),
            places,
            of_rows,
            binned,
            numbers,
        }
    }

    /// Whether the parameter has an order, so that one can ask what grows with it.
    pub fn is_ordered(&self) -> bool {
        self.numbers.iter().any(Option::is_some)
    }
}

/// A value as a number, if it is one.
pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Null | Value::Text(_) => None,
        Value::Bool(yes) => Some(f64::from(u8::from(*yes))),
        Value::Int(value) => Some(*value as f64),
        Value::Float(value) => Some(*value).filter(|value| value.is_finite()),
    }
}

/// How a value is named.
pub fn named(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Text(text) => text.clone(),
        Value::Int(value) => value.to_string().replace('-', "−"),
        Value::Float(value) => match format!("{value}") {
            short if short.len() <= 8 => short.replace('-', "−"),
            _ => Format::for_values([*value]).write(*value),
        },
    }
}

/// Every value its own place; of too many, the last ones share one.
fn each(values: &[&Value], numbers: &[Option<f64>]) -> (Vec<String>, Vec<usize>, bool) {
    let mut found: HashMap<String, usize> = HashMap::new();
    let mut firsts: Vec<(String, Option<f64>)> = Vec::new();
    let mut of_rows: Vec<usize> = Vec::with_capacity(values.len());
    for (value, number) in values.iter().zip(numbers) {
        // Told apart in full: two numbers may be named alike.
        let place = *found.entry(format!("{value:?}")).or_insert_with(|| {
            firsts.push((named(value), *number));
            firsts.len() - 1
        });
        of_rows.push(place);
    }
    let mut order: Vec<usize> = (0..firsts.len()).collect();
    order.sort_by(|&a, &b| match (firsts[a].1, firsts[b].1) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        // What is no number comes after those that are.
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    let mut places: Vec<String> = order.iter().map(|&first| firsts[first].0.clone()).collect();
    let mut ranks = vec![0; order.len()];
    for (rank, &first) in order.iter().enumerate() {
        ranks[first] = rank.min(MOST - 1);
    }
    let binned = places.len() > MOST;
    if binned {
        let others = places.len() - (MOST - 1);
        places.truncate(MOST - 1);
        places.push(format!("{others} others"));
    }
    (
        places,
        of_rows.into_iter().map(|first| ranks[first]).collect(),
        binned,
    )
}

/// Bins with about the same number of rows each, and one more for rows without a number.
fn bins(numbers: &[Option<f64>]) -> (Vec<String>, Vec<usize>) {
    let mut sorted: Vec<f64> = numbers.iter().flatten().copied().collect();
    sorted.sort_by(f64::total_cmp);
    // A map of two parameters should have a few rows in each of its cells.
    let count = ((sorted.len() as f64 / 3.0).sqrt() as usize).clamp(3, 8);
    let mut starts: Vec<f64> = (0..count).map(|bin| sorted[bin * sorted.len() / count]).collect();
    starts.dedup();
    let bin = |value: f64| starts.partition_point(|start| *start <= value).saturating_sub(1);
    let mut ends = vec![f64::NEG_INFINITY; starts.len()];
    for value in &sorted {
        ends[bin(*value)] = *value;
    }
    let format = Format::for_values(sorted.iter().copied());
    let to = if sorted[0] < 0.0 { " to " } else { "–" };
    let mut places: Vec<String> = starts
        .iter()
        .zip(&ends)
        .map(|(start, end)| match start == end {
            true => format.write(*start),
            false => format!("{}{to}{}", format.write(*start), format.write(*end)),
        })
        .collect();
    if numbers.iter().any(Option::is_none) {
        places.push(named(&Value::Null));
    }
    let of_rows = numbers
        .iter()
        .map(|number| number.map_or(starts.len(), bin))
        .collect();
    (places, of_rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(values: &[Value]) -> Levels {
        Levels::new("p", &values.iter().collect::<Vec<_>>())
    }

    fn floats(values: &[f64]) -> Vec<Value> {
        values.iter().map(|value| Value::Float(*value)).collect()
    }

    #[test]
    fn few_values_stand_each_by_itself() {
        let found = levels(&floats(&[0.5, 0.0, 0.5, -1.0]));
        assert_eq!(found.places, ["−1", "0", "0.5"]);
        assert_eq!((found.of_rows, found.binned), (vec![2, 1, 2, 0], false));
    }

    #[test]
    fn texts_and_flags_keep_their_order_and_have_names() {
        let found = levels(&[
            Value::Text("wide".into()),
            Value::Null,
            Value::Text("tight".into()),
        ]);
        assert_eq!(found.places, ["wide", "none", "tight"]);
        assert!(!found.is_ordered());
        let found = levels(&[Value::Bool(true), Value::Bool(false)]);
        assert_eq!(
            (found.places, found.of_rows),
            (vec!["no".into(), "yes".into()], vec![1, 0])
        );
        assert_eq!(found.numbers, [Some(1.0), Some(0.0)]);
    }

    #[test]
    fn many_numbers_come_in_bins_of_one_size() {
        // 48 values: the root of 16 is 4 bins of 12.
        let values: Vec<f64> = (0..48).map(|value| f64::from(value) / 100.0).collect();
        let found = levels(&floats(&values));
        assert!(found.binned);
        assert_eq!(
            found.places,
            ["0–0.110", "0.120–0.230", "0.240–0.350", "0.360–0.470"]
        );
        for bin in 0..4 {
            assert_eq!(found.of_rows.iter().filter(|place| **place == bin).count(), 12);
        }
    }

    #[test]
    fn a_missing_number_has_a_bin_of_its_own() {
        let mut values = floats(&(0..20).map(f64::from).collect::<Vec<_>>());
        values.push(Value::Null);
        let found = levels(&values);
        assert_eq!(found.places.last().map(String::as_str), Some("none"));
        assert_eq!(found.of_rows.last(), Some(&(found.places.len() - 1)));
    }

    #[test]
    fn a_value_that_comes_often_makes_no_empty_bin() {
        let mut values = vec![7.0; 100];
        values.extend((0..20).map(f64::from));
        let found = levels(&floats(&values));
        for bin in 0..found.places.len() {
            assert!(found.of_rows.contains(&bin), "{bin} of {:?}", found.places);
        }
    }

    #[test]
    fn too_many_texts_share_the_last_place() {
        let values: Vec<Value> = (0..30).map(|n| Value::Text(format!("t{n}"))).collect();
        let found = levels(&values);
        assert_eq!((found.places.len(), found.places[11].as_str()), (12, "19 others"));
        assert_eq!(found.of_rows[29], 11);
    }
}

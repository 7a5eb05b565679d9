//! Conditions read and reckoned, end to end.

use super::read::{Problem, read};
use super::value::Type;
use crate::summary::Cells;

/// Five trials: `x` is 1 to 5 with a gap at 4, `n` a large integer and more, `ok` is yes but for the second, `name` a
/// text, `list` one of lists.
fn columns(names: &[String]) -> Vec<Cells> {
    let large = 1_u64 << 60;
    let column = |name: &String| match name.as_str() {
        "x" => Cells::Float(vec![Some(1.0), Some(2.0), Some(3.0), None, Some(5.0)]),
        "n" => Cells::Uint((0..5).map(|more| Some(large + more)).collect()),
        "ok" => Cells::Bool([true, false, true, true, true].map(Some).to_vec()),
        _ => Cells::Text(
            ["walk", "Jump", "walk_2", "csv", "walk"]
                .map(|text| Some(text.to_owned()))
                .to_vec(),
        ),
    };
    names.iter().map(column).collect()
}

fn kind(name: &str) -> Option<Option<Type>> {
    Some(match name {
        "x" | "n" => Some(Type::Number),
        "ok" => Some(Type::Bool),
        "name" | "dotted.name" => Some(Type::Text),
        "list" => None,
        _ => return None,
    })
}

/// The trials for which it holds, counted from 1.
fn holding(condition: &str) -> Vec<u64> {
    let condition = read(condition, kind).unwrap_or_else(|problem| panic!("{condition}: {problem:?}"));
    let places = condition.places(&columns(&condition.columns), 5);
    places.into_iter().map(|place| place + 1).collect()
}

#[test]
fn conditions_hold_where_sql_says() {
    for (condition, expected) in [
        ("x > 2", &[3, 5][..]),
        ("x <> 2 AND NOT x >= 5", &[1, 3]),
        ("x = 1 OR x IS NULL", &[1, 4]),
        ("NOT (x = 1)", &[2, 3, 5]),
        ("x IS DISTINCT FROM 1", &[2, 3, 4, 5]),
        ("x BETWEEN 2 AND 3", &[2, 3]),
        ("x NOT BETWEEN 2 AND 3", &[1, 5]),
        ("x IN (1, 5, 7)", &[1, 5]),
        ("x NOT IN (1, NULL)", &[]),
        ("ok", &[1, 3, 4, 5]),
        ("NOT ok", &[2]),
        ("(ok = FALSE) XOR (x = 1)", &[1, 2]),
        ("ok IS NOT TRUE", &[2]),
        ("ok = 1 AND x > 1", &[3, 5]),
        ("x * 2 + 1 = 7", &[3]),
        ("-x < -3", &[5]),
        ("x / 2 = 1.5", &[3]),
        ("x % 2 = 1", &[1, 3, 5]),
        ("n = 1152921504606846978", &[3]),
        ("n > 1152921504606846978", &[4, 5]),
        ("n - 1152921504606846976 = x", &[]),
        ("n - 1152921504606846975 = x", &[1, 2, 3, 5]),
        ("name = 'walk'", &[1, 5]),
        ("name LIKE 'walk%'", &[1, 3, 5]),
        ("name NOT LIKE '%_2'", &[1, 2, 4, 5]),
        ("name ILIKE 'j%'", &[2]),
        ("\"dotted.name\" = 'csv'", &[4]),
        ("LENGTH(name) = 4 AND LOWER(name) = 'jump'", &[2]),
        ("name || '!' = 'csv!'", &[4]),
        ("CASE WHEN x > 2 THEN name = 'walk' ELSE ok END", &[1, 4, 5]),
        ("CASE name WHEN 'csv' THEN 1 WHEN 'Jump' THEN 2 END = 2", &[2]),
        ("CAST(x / 2 AS INTEGER) = 1", &[2, 3]),
        ("x::TEXT = '5'", &[5]),
        ("COALESCE(x, 10) > 4", &[4, 5]),
        ("GREATEST(x, 3) = 3", &[1, 2, 3, 4]),
        ("ABS(x - 3) < 1 OR ROUND(x, 0) = 5", &[3, 5]),
        ("FLOOR(x / 2) = CEIL(x / 2)", &[2]),
        ("IF(ok, x, 0) = 0", &[2]),
    ] {
        assert_eq!(holding(condition), expected, "{condition}");
    }
}

#[test]
fn aggregates_are_of_all_trials_or_of_those_that_agree() {
    for (condition, expected) in [
        // The mean of 1, 2, 3, 5 is 2.75, their median 2.5.
        ("x > AVG(x)", &[3, 5][..]),
        ("x < MEDIAN(x)", &[1, 2]),
        ("x = MAX(x) OR x = MIN(x)", &[1, 5]),
        ("x >= QUANTILE_CONT(x, 0.75)", &[5]),
        ("x = QUANTILE_DISC(x, 0.5)", &[2]),
        (
            "COUNT(*) = 5 AND COUNT(x) = 4 AND COUNT(DISTINCT name) = 4",
            &[1, 2, 3, 4, 5],
        ),
        ("name = MIN(name)", &[2]),
        // Walks have 1 and 5.
        ("x = MAX(x) OVER (PARTITION BY name) AND name = 'walk'", &[5]),
        ("COUNT(*) OVER (PARTITION BY name, ok) = 2", &[1, 5]),
        ("x > SUM(x) FILTER (WHERE x < 3)", &[5]),
        ("AVG(x > 2) = 0.5 AND x = 1", &[1]),
        ("ABS(x - AVG(x)) > STDDEV(x)", &[1, 5]),
    ] {
        assert_eq!(holding(condition), expected, "{condition}");
    }
}

#[test]
fn what_is_no_condition_is_refused_by_name() {
    for (condition, expected) in [
        ("x", "it is a number, not yes or no"),
        ("AVG(x)", "it is a number, not yes or no"),
        ("x AND ok", "`x` is a number, not yes or no"),
        (
            "name > 3",
            "`name` is a text and `3` a number, which do not compare",
        ),
        ("name + 1 = 2", "`name` is a text, not a number"),
        ("x IN (1, 'a')", "`x IN (1, 'a')` mixes a number with a text"),
        (
            "list = 3",
            "`list` holds lists, which conditions cannot look into",
        ),
        (
            "SQRTT(x) > 1",
            "there is no function `SQRTT` in conditions; did you mean `SQRT`?",
        ),
        (
            "REGEXP_LIKE(name, 'a')",
            "there is no function `REGEXP_LIKE` in conditions",
        ),
        ("SQRT(x, 2) > 1", "`SQRT` takes 1 argument, not 2"),
        ("ROUND() > 1", "`ROUND` takes 1 or 2 arguments, not 0"),
        ("CORR(x) > 1", "`CORR` takes 2 arguments, not 1"),
        ("MAX(AVG(x)) > 1", "`AVG(x)` stands inside another aggregate"),
        (
            "QUANTILE_CONT(x, 2) > 1",
            "`QUANTILE_CONT(x, 2)` has no share from 0 to 1 as its second argument",
        ),
        (
            "SUM(x) OVER (ORDER BY x) > 1",
            "`SUM(x) OVER (ORDER BY x)` is not supported in conditions",
        ),
        (
            "name SIMILAR TO 'a'",
            "`name SIMILAR TO 'a'` is not supported in conditions",
        ),
        ("x & 1 = 1", "`x & 1` is not supported in conditions"),
        ("x > (SELECT 1)", "`(SELECT 1)` is not supported in conditions"),
        ("a.b > 1", "`a.b` is no name without quotes"),
    ] {
        let problem = read(condition, kind).unwrap_err();
        assert_eq!(problem, Problem::Text(expected.to_owned()), "{condition}");
    }
    assert_eq!(read("y > 1", kind).unwrap_err(), Problem::Column("y".to_owned()));
    for unfinished in ["x >", "x > 1 x", "x > 1 LIMIT 3", "", "(x > 1"] {
        assert!(
            matches!(read(unfinished, kind), Err(Problem::Text(_))),
            "{unfinished}"
        );
    }
}

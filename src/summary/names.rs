//! Names a person writes for columns, and short ones to print.

use super::error::{SummaryError, some_of};
use super::results::Column;
use crate::sweep::diagnostic::quoted_list;

/// What a sweep of the exchange is looked at for when nothing is chosen.
const USUAL: [&str; 8] = [
    "lp_profit_usd",
    "traders_profit_usd",
    "protocol_profit_usd",
    "fees_usd",
    "funding_paid_by_longs_usd",
    "funding_paid_by_shorts_usd",
    "mark_oracle_gap_rms",
    "refused",
];

/// The metrics that names and patterns stand for, in the order asked for, each once. In a pattern, `*` stands for
/// any characters. Without patterns the usual ones, or, where a sweep has none of these, every number.
///
/// # Errors
/// Names and patterns that stand for nothing, names of columns that are no numbers.
pub fn metrics<'a>(patterns: &[String], metrics: &'a [Column]) -> Result<Vec<&'a Column>, SummaryError> {
    let numbers: Vec<&Column> = metrics.iter().filter(|column| column.kind.is_number()).collect();
    if patterns.is_empty() {
        let usual: Vec<_> = USUAL
            .iter()
            .filter_map(|name| numbers.iter().find(|column| column.name == *name).copied())
            .collect();
        return Ok(if usual.is_empty() { numbers } else { usual });
    }
    let names: Vec<&str> = numbers.iter().map(|column| column.name.as_str()).collect();
    let mut chosen: Vec<&Column> = Vec::new();
    for pattern in patterns {
        let before = chosen.len();
        let mut found = false;
        for column in &numbers {
            if matches(pattern, &column.name) {
                found = true;
                if !chosen[..before].contains(column) {
                    chosen.push(column);
                }
            }
        }
        if !found {
            return Err(match metrics.iter().find(|column| column.name == *pattern) {
                Some(column) => SummaryError::NotANumber {
                    name: pattern.clone(),
                    kind: column.kind.name().to_owned(),
                    known: some_of(&names),
                },
                None => SummaryError::unknown("metric", pattern, &names, &[]),
            });
        }
    }
    Ok(chosen)
}

/// The place of the parameter that a name stands for: its path, or the end of its path if no other ends like it.
///
/// # Errors
/// A name that stands for none, or for several.
pub fn parameter(name: &str, parameters: &[Column]) -> Result<usize, SummaryError> {
    let paths: Vec<&str> = parameters.iter().map(|column| column.name.as_str()).collect();
    if let Some(place) = paths.iter().position(|path| *path == name) {
        return Ok(place);
    }
    let places: Vec<usize> = (0..paths.len())
        .filter(|place| ends_with(paths[*place], name))
        .collect();
    match places[..] {
        [place] => Ok(place),
        [] => {
            let short: Vec<&str> = paths.iter().map(|path| short(path, parameters)).collect();
            Err(SummaryError::unknown("parameter", name, &paths, &short))
        }
        _ => Err(SummaryError::Ambiguous {
            name: name.to_owned(),
            candidates: quoted_list(&places.iter().map(|place| paths[*place]).collect::<Vec<_>>()),
        }),
    }
}

/// The shortest end of a path that no other of the paths ends with.
pub fn short<'a>(path: &'a str, paths: &[Column]) -> &'a str {
    let starts = path.match_indices('.').map(|(dot, _)| dot + 1).rev();
    starts
        .map(|start| &path[start..])
        // A bare index says nothing.
        .filter(|end| end.starts_with(|c: char| !c.is_ascii_digit()))
        .find(|end| {
            let alike = |other: &&Column| other.name == *end || ends_with(&other.name, end);
            paths.iter().filter(alike).count() == 1
        })
        .unwrap_or(path)
}

fn ends_with(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|start| start.ends_with('.'))
}

fn matches(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(start) else {
        return false;
    };
    let (middle, end) = rest
        .rsplit_once('*')
        .map_or(("", rest), |(middle, end)| (middle, end));
    // Taking each piece at its first place leaves the most for those after it.
    for piece in middle.split('*') {
        let Some(place) = name.find(piece) else {
            return false;
        };
        name = &name[place + piece.len()..];
    }
    name.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::super::kind::Kind;
    use super::*;

    fn columns(names: &[&str]) -> Vec<Column> {
        let column = |name: &&str| Column {
            name: (*name).to_owned(),
            kind: if *name == "refusals" {
                Kind::Other("lists".into())
            } else {
                Kind::Float
            },
            unit: String::new(),
            description: String::new(),
        };
        names.iter().map(column).collect()
    }

    fn chosen(patterns: &[&str], names: &[&str]) -> Result<Vec<String>, String> {
        let patterns: Vec<String> = patterns.iter().map(|p| (*p).to_owned()).collect();
        let columns = columns(names);
        let found = metrics(&patterns, &columns).map_err(|error| error.to_string())?;
        Ok(found.into_iter().map(|column| column.name.clone()).collect())
    }

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, name, expected) in [
            ("lp_*", "lp_profit", true),
            ("lp_*", "lp_", true),
            ("lp_*", "help_me", false),
            ("*_usd", "fees_usd", true),
            ("*_usd", "fees_usd_old", false),
            ("*gap*", "mark_oracle_gap_rms", true),
            ("m*_twap_*", "m0_mark_twap_5min", true),
            ("m*_twap_*", "m0_mark_twap", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*b*a", "aba", true),
            ("a*b*ba", "aba", false),
            ("*", "", true),
            ("fees", "fees", true),
            ("fees", "fees_usd", false),
            ("", "fees", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn metrics_come_as_asked_for_and_once() {
        let names = ["fees_usd", "lp_profit_usd", "lp_return", "refusals"];
        let of = |patterns: &[&str]| chosen(patterns, &names).unwrap();
        assert_eq!(of(&["lp_return", "lp_*"]), ["lp_return", "lp_profit_usd"]);
        assert_eq!(of(&["*"]), ["fees_usd", "lp_profit_usd", "lp_return"]);
        assert_eq!(
            of(&[]),
            ["lp_profit_usd", "fees_usd"],
            "the usual ones in the usual order"
        );
        assert_eq!(
            chosen(&[], &["x", "refusals"]).unwrap(),
            ["x"],
            "all where none is usual"
        );
    }

    #[test]
    fn what_is_no_metric_is_refused() {
        let names = ["fees_usd", "lp_profit_usd", "refusals"];
        assert_eq!(
            chosen(&["lp_profits_usd"], &names).unwrap_err(),
            "there is no metric `lp_profits_usd`; did you mean `lp_profit_usd`?"
        );
        assert_eq!(
            chosen(&["z*"], &names).unwrap_err(),
            "there is no metric `z*`; there are `fees_usd`, `lp_profit_usd`"
        );
        assert_eq!(
            chosen(&["refusals"], &names).unwrap_err(),
            "`refusals` holds lists, which cannot be averaged; choose among `fees_usd`, `lp_profit_usd`"
        );
    }

    #[test]
    fn parameters_go_by_the_end_of_their_path() {
        let paths = columns(&["agents.traders.size", "agents.arb.size", "agents.arb.lag", "seed"]);
        let of = |name: &str| parameter(name, &paths).map_err(|error| error.to_string());
        assert_eq!(of("agents.arb.size"), Ok(1));
        assert_eq!(of("arb.size"), Ok(1));
        assert_eq!(of("lag"), Ok(2));
        assert_eq!(
            of("size").unwrap_err(),
            "`size` could be any of `agents.traders.size`, `agents.arb.size`; write out which"
        );
        assert_eq!(
            of("lags").unwrap_err(),
            "there is no parameter `lags`; did you mean `lag`?"
        );
        assert_eq!(
            of("x").unwrap_err(),
            "there is no parameter `x`; there are `agents.traders.size`, `agents.arb.size`, `agents.arb.lag`, `seed`"
        );
        assert_eq!(
            of("agents.arb.sizes").unwrap_err(),
            "there is no parameter `agents.arb.sizes`; did you mean `agents.arb.size`?"
        );
    }

    #[test]
    fn short_names_tell_paths_apart() {
        let paths = columns(&[
            "agents.traders.size",
            "agents.arb.size",
            "agents.arb.lag",
            "lag.0",
            "size",
        ]);
        for (path, expected) in [
            ("agents.traders.size", "traders.size"),
            ("agents.arb.size", "arb.size"),
            ("agents.arb.lag", "lag"),
            ("lag.0", "lag.0"),
            ("size", "size"),
        ] {
            assert_eq!(short(path, &paths), expected);
            assert_eq!(
                parameter(expected, &paths)
                    .map(|place| paths[place].name.as_str())
                    .unwrap(),
                path
            );
        }
    }
}

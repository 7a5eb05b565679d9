//! Trials for which a condition in SQL holds.
//!
//! The condition is reckoned over the columns it names, all finished trials at once: so it may speak of averages and
//! quantiles, and memory holds these columns, 16 bytes a number and trial, and no others.
//!
//! What it may hold: columns, numbers, texts, `TRUE`, `FALSE`, `NULL`; `AND`, `OR`, `XOR`, `NOT`; comparisons, `BETWEEN`,
//! `IN`, `LIKE`, `ILIKE`, `IS [NOT] NULL`, `TRUE`, `FALSE`, `DISTINCT FROM`; `+ - * / // %`, `||`; `CASE`, `CAST`;
//! [functions](function) and [aggregates](aggregate), these also with `DISTINCT`, `FILTER (WHERE ..)` and
//! `OVER (PARTITION BY ..)`. All else is refused by name.

mod aggregate;
mod call;
mod function;
mod operator;
mod read;
mod statistics;
mod term;
#[cfg(test)]
mod tests;
mod value;

use super::Sampler;
use super::choice::Choice;
use super::error::SampleError;
use super::words::trials;
use crate::summary::{Kind, SummaryError};
use read::Problem;
use value::Type;

/// The first trials for which it holds.
pub(super) fn holds(
    sampler: &mut Sampler,
    condition: &str,
    count: usize,
) -> Result<Vec<Choice>, SampleError> {
    let results = &sampler.table.results;
    let columns = columns(sampler);
    let kind = |name: &str| {
        let column = columns.iter().find(|(known, _)| *known == name);
        column.map(|(_, kind)| Type::of(kind))
    };
    let read = read::read(condition, kind).map_err(|problem| match problem {
        Problem::Text(text) => {
            let mend = mend(sampler, condition, &text);
            SampleError::expression(condition, text, mend)
        }
        // To SQL, a dot without quotes is not part of a name.
        Problem::Column(name) => match bare(sampler, condition) {
            Some(bare) => {
                let text = format!("there is no column `{name}`");
                SampleError::expression(condition, text, quotes(bare))
            }
            None => {
                let known: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
                SummaryError::unknown("column", &name, &known, &[]).into()
            }
        },
    })?;
    let names: Vec<&str> = read.columns.iter().map(String::as_str).collect();
    let (cells, rows) = results.finished(&names)?;
    let places = read.places(&cells, rows);
    let matching = places.len() as u64;
    if matching == 0 {
        return Err(sampler.nothing("it holds for no trial that finished".to_owned()));
    }
    let free = places.into_iter().filter(|place| sampler.take(*place));
    let places: Vec<u64> = free.take(count).collect();
    let choices = places.into_iter().map(|place| {
        let reason = format!("`{condition}` holds, as in {}", trials(matching));
        Choice::new(place, reason)
    });
    Ok(choices.collect())
}

/// What a condition may name, and what it is.
fn columns<'a>(sampler: &Sampler<'a>) -> Vec<(&'a str, &'a Kind)> {
    let results = &sampler.table.results;
    let named = results.metrics.iter().chain(&results.parameters);
    let ids = ["trial", "point", "replicate", "seed"].map(|id| (id, &Kind::Integer));
    let outcome = ("outcome", &Kind::Text);
    named
        .map(|column| (column.name.as_str(), &column.kind))
        .chain(ids)
        .chain([outcome])
        .collect()
}

/// A parameter with dots in its name that stands in the condition without quotes.
fn bare<'a>(sampler: &Sampler<'a>, condition: &str) -> Option<&'a str> {
    let parameters = sampler.table.results.parameters.iter();
    let mut dotted = parameters
        .map(|parameter| parameter.name.as_str())
        .filter(|name| name.contains('.'));
    dotted.find(|name| condition.contains(name) && !condition.contains(&format!("\"{name}\"")))
}

fn quotes(name: &str) -> String {
    format!("write \"{name}\" in double quotes")
}

fn mend(sampler: &Sampler, condition: &str, text: &str) -> String {
    match bare(sampler, condition) {
        Some(name) => quotes(name),
        None if text.ends_with("not yes or no") => {
            "compare it with something, as in `fees_usd > 100`".to_owned()
        }
        None => "write a condition in SQL over metrics and parameters, such as `lp_profit_usd < 0 AND refused > 2`; \
                 names with dots go in double quotes"
            .to_owned(),
    }
}

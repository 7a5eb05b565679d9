//! Trials for which a condition in SQL holds.
//!
//! polars reckons the condition over the columns it names, all finished trials at once: so it may speak of averages and
//! quantiles, and memory holds these columns, eight bytes a number and trial, and no others.

use polars::prelude::{Expr, col, lit};
use polars::sql::sql_expr;

use super::Sampler;
use super::choice::Choice;
use super::error::SampleError;
use super::words::trials;
use crate::summary::SummaryError;
use crate::sweep::store::Outcome;

/// The first trials for which it holds.
pub(super) fn holds(
    sampler: &mut Sampler,
    condition: &str,
    count: usize,
) -> Result<Vec<Choice>, SampleError> {
    let table = sampler.table;
    let refused =
        |text: &dyn ToString| SampleError::expression(condition, text.to_string(), mend(sampler, condition));
    let expression: Expr = sql_expr(condition).map_err(|error| refused(&error))?;
    let mut names: Vec<String> = vec!["outcome".to_owned()];
    for name in expression.clone().meta().root_names() {
        if !names.iter().any(|known| *known == *name) {
            names.push(name.to_string());
        }
    }
    let known = columns(sampler);
    if let Some(name) = names.iter().find(|name| !known.contains(&name.as_str())) {
        // To SQL, a dot without quotes is not part of a name.
        return Err(match bare(sampler, condition) {
            Some(_) => refused(&format!("there is no column `{name}`")),
            None => SummaryError::unknown("column", name, &known, &[]).into(),
        });
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let finished = table
        .results
        .scan(&names)?
        .filter(col("outcome").eq(lit(Outcome::Ok.name())));
    // Reckoned beside the columns, a single value counts for every trial.
    let answers = finished
        .with_column(expression.alias(ANSWER))
        .collect()
        .and_then(|frame| Ok(frame.column(ANSWER)?.clone()))
        .map_err(|error| refused(&error))?;
    let Ok(answers) = answers.bool() else {
        let text = format!("it is of type {}, not yes or no", answers.dtype());
        return Err(SampleError::expression(
            condition,
            text,
            "compare it with something, as in `fees_usd > 100`",
        ));
    };
    let matching = answers.iter().filter(|answer| *answer == Some(true)).count() as u64;
    if matching == 0 {
        return Err(sampler.nothing("it holds for no trial that finished".to_owned()));
    }
    let places = (0..)
        .zip(answers.iter())
        .filter(|(_, answer)| *answer == Some(true));
    let free = places
        .map(|(place, _)| place)
        .filter(|place| sampler.take(*place));
    let places: Vec<u64> = free.take(count).collect();
    let choices = places.into_iter().map(|place| {
        let reason = format!("`{condition}` holds, as in {}", trials(matching));
        Choice::new(place, reason)
    });
    Ok(choices.collect())
}

/// No column has this name, which holds a blank.
const ANSWER: &str = "the answer";

fn columns<'a>(sampler: &'a Sampler) -> Vec<&'a str> {
    let results = &sampler.table.results;
    let named = results.metrics.iter().chain(&results.parameters);
    let ids = ["trial", "point", "replicate", "seed", "outcome"];
    named.map(|column| column.name.as_str()).chain(ids).collect()
}

/// A parameter with dots in its name that stands in the condition without quotes.
fn bare<'a>(sampler: &'a Sampler, condition: &str) -> Option<&'a str> {
    let names = sampler
        .table
        .results
        .parameters
        .iter()
        .map(|parameter| parameter.name.as_str());
    let mut dotted = names.filter(|name| name.contains('.'));
    dotted.find(|name| condition.contains(name) && !condition.contains(&format!("\"{name}\"")))
}

fn mend(sampler: &Sampler, condition: &str) -> String {
    match bare(sampler, condition) {
        Some(name) => format!("write \"{name}\" in double quotes"),
        None => "write a condition in SQL over metrics and parameters, such as `lp_profit_usd < 0 AND refused > 2`; \
                 names with dots go in double quotes"
            .to_owned(),
    }
}

//! Trials in which most instructions were refused.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;

use super::Sampler;
use super::best::Best;
use super::choice::Choice;
use super::error::SampleError;
use super::words::trials;
use drift::error::ErrorCode;

/// The metric with a list of error codes and counts.
const BY_CODE: &str = "refusals";

/// Refusals with one code.
struct Refusals {
    all: u64,
    trials: u64,
    most: Best,
}

/// The trials with most refusals, code by code: those of the code met most often in the whole sweep first.
pub(super) fn refused(
    sampler: &mut Sampler,
    codes: &[u32],
    count: usize,
) -> Result<Vec<Choice>, SampleError> {
    let table = sampler.table;
    if !table.results.metrics.iter().any(|metric| metric.name == BY_CODE) {
        return Err(sampler.nothing(format!("the sweep has no metric `{BY_CODE}`")));
    }
    let limit = sampler.limit(count);
    let found = table.fold(
        &[BY_CODE],
        BTreeMap::<u32, Refusals>::new,
        |found, batch| {
            let unlike = || batch.unlike(BY_CODE);
            let lists = batch.column(BY_CODE)?.as_list_opt::<i32>().ok_or_else(unlike)?;
            for (place, list) in batch.places().zip(lists.iter()) {
                let Some(list) = list else { continue };
                let pairs = list.as_struct_opt().ok_or_else(unlike)?;
                let column = |name| {
                    let cells = pairs.column_by_name(name)?;
                    cells.as_primitive_opt::<UInt32Type>()
                };
                let (codes, counts) = column("code").zip(column("count")).ok_or_else(unlike)?;
                for (code, count) in codes.values().iter().zip(counts.values()) {
                    if *count > 0 {
                        let refusals = found.entry(*code).or_insert_with(|| Refusals::none(limit));
                        refusals.all += u64::from(*count);
                        refusals.trials += 1;
                        refusals.most.offer(-f64::from(*count), place, || ());
                    }
                }
            }
            Ok(())
        },
        |whole, part| {
            for (code, more) in part {
                let refusals = whole.entry(code).or_insert_with(|| Refusals::none(limit));
                refusals.all += more.all;
                refusals.trials += more.trials;
                refusals.most.merge(more.most);
            }
        },
    )?;
    let mut found: Vec<(u32, Refusals)> = found.into_iter().collect();
    found.retain(|(code, _)| codes.is_empty() || codes.contains(code));
    found.sort_by_key(|(code, refusals)| (std::cmp::Reverse(refusals.all), *code));

    if found.is_empty() {
        return Err(sampler.nothing(match codes {
            [] => "no instruction was refused in any trial".to_owned(),
            _ => "no instruction was refused with these codes in any trial".to_owned(),
        }));
    }
    let mut choices = Vec::new();
    loop {
        let before = choices.len();
        for (code, refusals) in &found {
            if choices.len() == count {
                return Ok(choices);
            }
            let Some(entry) = refusals
                .most
                .entries()
                .iter()
                .find(|entry| sampler.take(entry.place))
            else {
                continue;
            };
            let (name, here) = (name(*code), -entry.key);
            let reason = format!(
                "{here} refused with {name} ({code}), of {} in {}",
                refusals.all,
                trials(refusals.trials)
            );
            choices.push(Choice {
                value: Some(here),
                ..Choice::by(&format!("{BY_CODE}.{name}"), entry.place, reason)
            });
        }
        if choices.len() == before {
            return Ok(choices);
        }
    }
}

impl Refusals {
    fn none(limit: usize) -> Self {
        Self {
            all: 0,
            trials: 0,
            most: Best::new(limit),
        }
    }
}

fn name(code: u32) -> String {
    ErrorCode::from_number(code).map_or_else(|| code.to_string(), |code| code.name().to_owned())
}

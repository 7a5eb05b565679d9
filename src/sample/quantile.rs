//! Trials nearest to quantiles of metrics.

use super::Sampler;
use super::best::Best;
use super::choice::Choice;
use super::error::SampleError;
use super::order::{Wanted, order_statistics};
use super::scale::moments;
use super::words::shown;
use crate::summary::Fraction;

/// The trials nearest to each quantile of each metric, then those next to them. Quantiles are exact, and interpolated as
/// [`crate::summary::Sample::quantile`] does.
pub(super) fn quantile(
    sampler: &mut Sampler,
    patterns: &[String],
    shares: &[Fraction],
    count: usize,
) -> Result<Vec<Choice>, SampleError> {
    let table = sampler.table;
    let names = sampler.metrics(patterns)?;
    let counts = moments(table, &names, |_, value| value)?;
    let missing = names
        .iter()
        .zip(&counts)
        .find(|(name, moments)| patterns.contains(name) && moments.count == 0);
    if let Some((name, _)) = missing {
        return Err(sampler.nothing(format!("no trial has a finite `{name}`")));
    }
    let targets: Vec<Target> = counts
        .iter()
        .enumerate()
        .filter(|(_, moments)| moments.count > 0)
        .flat_map(|(column, moments)| {
            shares
                .iter()
                .map(move |share| Target::new(column, *share, moments.count))
        })
        .collect();
    let wanted: Vec<Wanted> = targets.iter().flat_map(|target| target.around).collect();
    let around = order_statistics(table, &names, |_, value| value, &wanted)?;
    let values: Vec<f64> = targets
        .iter()
        .zip(around.chunks_exact(2))
        .map(|(target, around)| (around[0] + target.fraction * (around[1] - around[0])).min(around[1]))
        .collect();

    let limit = sampler.limit(count);
    let columns: Vec<&str> = names.iter().map(String::as_str).collect();
    let lists = table.fold(
        &columns,
        || vec![Best::new(limit); targets.len()],
        |lists, batch| {
            let numbers = batch.all_numbers(&names)?;
            for ((target, value), list) in targets.iter().zip(&values).zip(lists) {
                for (place, number) in batch.places().zip(&numbers[target.column]) {
                    if number.is_finite() {
                        list.offer((number - value).abs(), place, || ());
                    }
                }
            }
            Ok(())
        },
        |whole, part| {
            whole
                .iter_mut()
                .zip(part)
                .for_each(|(whole, part)| whole.merge(part))
        },
    )?;

    let mut choices = Vec::new();
    loop {
        let before = choices.len();
        for ((target, value), list) in targets.iter().zip(&values).zip(&lists) {
            if choices.len() == count {
                return Ok(choices);
            }
            let Some(entry) = list.entries().iter().find(|entry| sampler.take(entry.place)) else {
                continue;
            };
            let name = &names[target.column];
            let reason = format!(
                "nearest to the {} quantile of {name}, {}",
                target.share.percent(),
                shown(*value)
            );
            choices.push(Choice::by(name, entry.place, reason));
        }
        if choices.len() == before {
            return Ok(choices);
        }
    }
}

/// A quantile of a metric.
struct Target {
    column: usize,
    share: Fraction,
    /// The two values it lies between, and how far it is from the first to the second.
    around: [Wanted; 2],
    fraction: f64,
}

impl Target {
    fn new(column: usize, share: Fraction, count: u64) -> Self {
        let last = count - 1;
        let place = last as f64 * share.get();
        let wanted = |rank: f64| Wanted {
            column,
            rank: (rank as u64).min(last),
            count,
        };
        Self {
            column,
            share,
            around: [wanted(place.floor()), wanted(place.ceil())],
            fraction: place.fract(),
        }
    }
}

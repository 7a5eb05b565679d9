//! Trials at the ends of metrics.
//!
//! Of each metric the lists of its largest and smallest values are kept, as long as trials are asked for. Named metrics
//! take turns: the largest of each, the smallest of each, then of each the end that is left further from the median;
//! and so on with those that come next. Where no metric is named they go by how far out their furthest value is, and one
//! whose furthest trial is already picked waits until all others have had their turn.

use super::Sampler;
use super::best::{Best, Entry};
use super::choice::Choice;
use super::error::SampleError;
use super::scale::Scale;
use super::words::deviations;

/// Which ends of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Largest,
    Smallest,
    /// The one further from the median.
    Further,
}

pub(super) fn extreme(
    sampler: &mut Sampler,
    patterns: &[String],
    ends: &[End],
    count: usize,
) -> Result<Vec<Choice>, SampleError> {
    let table = sampler.table;
    let names = sampler.metrics(patterns)?;
    let scale = Scale::robust(table, &names)?;
    // What a pattern stands for may be constant, but not what is asked for by name.
    let constant = names
        .iter()
        .find(|name| patterns.contains(name) && !scale.names.contains(name));
    if let Some(name) = constant {
        return Err(sampler.nothing(format!("`{name}` does not vary")));
    }
    let limit = sampler.limit(count);
    let mut metrics: Vec<Metric> = table
        .fold(
            &scale.columns(),
            || vec![(Best::new(limit), Best::new(limit)); scale.len()],
            |lists, batch| {
                for ((largest, smallest), values) in lists.iter_mut().zip(batch.all_numbers(&scale.names)?) {
                    let finite = batch.places().zip(values).filter(|(_, value)| value.is_finite());
                    for (place, value) in finite {
                        largest.offer(-value, place, || ());
                        smallest.offer(value, place, || ());
                    }
                }
                Ok(())
            },
            |whole, part| {
                for (whole, part) in whole.iter_mut().zip(part) {
                    whole.0.merge(part.0);
                    whole.1.merge(part.1);
                }
            },
        )?
        .into_iter()
        .enumerate()
        .map(|(number, (largest, smallest))| Metric {
            number,
            largest,
            smallest,
        })
        .collect();
    let ends = if patterns.is_empty() {
        metrics.sort_by(|one, other| {
            let far = |metric: &Metric| {
                metric
                    .furthest(&scale, |_| true)
                    .map_or(0.0, |found| found.far.abs())
            };
            far(other).total_cmp(&far(one))
        });
        &[End::Further]
    } else {
        ends
    };

    let mut choices = Vec::new();
    let mut round = 0;
    while choices.len() < count {
        let before = choices.len();
        for end in ends {
            for metric in &metrics {
                if choices.len() == count {
                    return Ok(choices);
                }
                let waits = patterns.is_empty() && round == 0;
                if waits
                    && metric
                        .furthest(&scale, |_| true)
                        .is_none_or(|found| sampler.taken.contains(&found.place))
                {
                    continue;
                }
                let Some(found) = metric.next(*end, &scale, |place| !sampler.taken.contains(&place)) else {
                    continue;
                };
                sampler.take(found.place);
                let (name, side) = (&scale.names[metric.number], found.side);
                let order = match found.order {
                    0 => side.to_owned(),
                    before => format!("{side} but {before}"),
                };
                let reason = format!("{order} {name}, {}", deviations(found.far));
                choices.push(Choice::by(name, found.place, reason));
            }
        }
        round += 1;
        if choices.len() == before && round > 1 {
            break;
        }
    }
    Ok(choices)
}

/// The ends of a metric.
struct Metric {
    number: usize,
    largest: Best,
    smallest: Best,
}

/// A trial at an end.
struct Found {
    place: u64,
    side: &'static str,
    /// How many are further out.
    order: usize,
    /// In robust deviations from the median.
    far: f64,
}

impl Metric {
    fn next(&self, end: End, scale: &Scale, free: impl Fn(u64) -> bool) -> Option<Found> {
        let of = |list: &Best, side: &'static str, sign: f64| {
            let is_free = |(_, entry): &(usize, &Entry)| free(entry.place);
            list.entries()
                .iter()
                .enumerate()
                .find(is_free)
                .map(|(order, entry)| Found {
                    place: entry.place,
                    side,
                    order,
                    far: scale.standardised(self.number, sign * entry.key),
                })
        };
        match end {
            End::Largest => of(&self.largest, "largest", -1.0),
            End::Smallest => of(&self.smallest, "smallest", 1.0),
            End::Further => {
                let (above, below) = (
                    of(&self.largest, "largest", -1.0),
                    of(&self.smallest, "smallest", 1.0),
                );
                match (above, below) {
                    (Some(above), Some(below)) if below.far.abs() > above.far.abs() => Some(below),
                    (above, below) => above.or(below),
                }
            }
        }
    }

    fn furthest(&self, scale: &Scale, free: impl Fn(u64) -> bool) -> Option<Found> {
        self.next(End::Further, scale, free)
    }
}

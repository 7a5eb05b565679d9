//! Trials that are far from all others.
//!
//! A trial's novelty is its mean distance from other trials: from all, or in a large sweep from [`OTHERS`] drawn at
//! random. Metrics are standardised by median and median absolute deviation, which outliers do not move, and what is
//! beyond one deviation counts by its logarithm (the inverse hyperbolic sine), so that one wild metric does not drown
//! all the rest. After the first trial, the distance from those picked before counts as well: the same shock seen at
//! the next point is no news.

use super::Sampler;
use super::best::Best;
use super::chance::draw;
use super::choice::Choice;
use super::error::SampleError;
use super::representative::vectors_at;
use super::scale::{Scale, squared_distance};
use super::table::Table;
use super::words::{deviations, shown_short};

/// Trials that a trial is compared with.
const OTHERS: u64 = 128;

/// The stream that draws them.
const STREAM: u64 = 1;

/// Of how many candidates each trial is picked, beyond those that may be taken already.
const CANDIDATES: usize = 32;

pub(super) fn novel(
    sampler: &mut Sampler,
    patterns: &[String],
    count: usize,
) -> Result<Vec<Choice>, SampleError> {
    let table = sampler.table;
    let scale = Scale::robust(table, &sampler.metrics(patterns)?)?;
    let limit = sampler.limit(count).saturating_mul(CANDIDATES);
    let mut candidates = furthest(table, &scale, limit)?.into_entries();
    candidates.retain(|entry| !sampler.taken.contains(&entry.place));
    // What is left of each candidate's novelty beside those picked.
    let mut left: Vec<f64> = candidates.iter().map(|entry| -entry.key).collect();
    let mut choices = Vec::new();
    while choices.len() < count {
        let free = (0..candidates.len()).filter(|place| left[*place] >= 0.0);
        // The first of equals, which are in the order of trials.
        let best = free.reduce(|best, next| if left[next] > left[best] { next } else { best });
        let Some(best) = best else {
            break;
        };
        let picked = &candidates[best];
        sampler.take(picked.place);
        choices.push(explained(picked.place, -picked.key, &picked.with, &scale));
        for (candidate, left) in candidates.iter().zip(&mut left) {
            *left = left.min(squared_distance(&candidate.with, &picked.with).sqrt());
        }
        left[best] = f64::NEG_INFINITY;
    }
    Ok(choices)
}

/// The trials with the greatest mean distance from others, and their compressed metrics.
fn furthest(table: &Table, scale: &Scale, limit: usize) -> Result<Best<Vec<f64>>, SampleError> {
    let places = draw(table.manifest.seed, STREAM, OTHERS, table.finished);
    let others = vectors_at(table, scale, std::slice::from_ref(&places))?;
    let others: Vec<Vec<f64>> = others.into_iter().flatten().map(compressed).collect();
    table.fold(
        &scale.columns(),
        || Best::new(limit),
        |best, batch| {
            let vectors = compressed(scale.vectors(batch)?);
            for (row, place) in batch.places().enumerate() {
                let vector = &vectors[row * scale.len()..(row + 1) * scale.len()];
                let total: f64 = others
                    .iter()
                    .map(|other| squared_distance(vector, other).sqrt())
                    .sum();
                // Its distance from itself is nothing and no other's.
                let compared = others.len() - usize::from(places.binary_search(&place).is_ok());
                best.offer(-total / compared.max(1) as f64, place, || vector.to_vec());
            }
            Ok(())
        },
        Best::merge,
    )
}

fn compressed(mut vectors: Vec<f64>) -> Vec<f64> {
    vectors.iter_mut().for_each(|value| *value = value.asinh());
    vectors
}

fn explained(place: u64, novelty: f64, vector: &[f64], scale: &Scale) -> Choice {
    let mut order: Vec<usize> = (0..vector.len()).collect();
    order.sort_by(|one, other| vector[*other].abs().total_cmp(&vector[*one].abs()));
    let most: Vec<String> = order
        .iter()
        .take(2)
        .map(|metric| format!("{} {}", scale.names[*metric], deviations(vector[*metric].sinh())))
        .collect();
    let reason = format!(
        "far from other trials ({} on average): {}",
        shown_short(novelty),
        most.join(", ")
    );
    match order.first() {
        Some(metric) => Choice::by(&scale.names[*metric], place, reason),
        None => Choice::new(place, "no metric tells it from the others".to_owned()),
    }
}

//! Trials that together stand for the whole sweep.
//!
//! Metrics are standardised by mean and standard deviation, and medoids searched with Euclidean distances. In a sweep of
//! more than [`SAMPLE`] trials they are searched in [`DRAWS`] random samples of so many, and those with the least total
//! distance to *all* trials are kept: the CLARA of Kaufman and Rousseeuw, "Finding Groups in Data", 1990. Every trial
//! then belongs to the nearest medoid; how many do is the medoid's weight, and the weights add up to all trials.
//!
//! Memory: the samples' metrics, and for each thread 32 MiB of distances.

use std::collections::HashMap;

use rayon::prelude::*;

use super::best::Best;
use super::chance::draw;
use super::choice::Choice;
use super::error::SampleError;
use super::medoids::{Distances, medoids};
use super::scale::{Scale, squared_distance};
use super::table::Table;
use super::words::{shown_short, trials};
use super::{MOST_MEDOIDS, Sampler};

/// Trials among which medoids are searched at once.
const SAMPLE: u64 = 2 * MOST_MEDOIDS as u64;

/// Samples in which they are searched.
const DRAWS: u64 = 4;

/// The first of the streams that draw the samples.
const STREAM: u64 = 2;

pub(super) fn representative(
    sampler: &mut Sampler,
    metrics: &[String],
    count: usize,
) -> Result<Vec<Choice>, SampleError> {
    if count > MOST_MEDOIDS {
        return Err(SampleError::TooManyMedoids(count));
    }
    let table = sampler.table;
    let scale = Scale::standard(table, &sampler.metrics(metrics)?)?;
    let found = search(table, &scale, count)?;
    let clusters = assign(table, &scale, &found)?;
    let best = clusters
        .into_iter()
        .zip(found)
        .min_by(|(one, _), (other, _)| total(one).total_cmp(&total(other)));
    let Some((clusters, medoids)) = best else {
        return Ok(Vec::new());
    };
    let mut order: Vec<usize> = (0..clusters.len()).collect();
    order.sort_by_key(|medoid| (std::cmp::Reverse(clusters[*medoid].size), medoids.places[*medoid]));
    // Medoids first, so that what stands in for one that is taken is not itself a medoid.
    let mut places: HashMap<usize, u64> = HashMap::new();
    for medoid in &order {
        if sampler.take(medoids.places[*medoid]) {
            places.insert(*medoid, medoids.places[*medoid]);
        }
    }
    let missing: Vec<usize> = order
        .iter()
        .copied()
        .filter(|medoid| !places.contains_key(medoid))
        .collect();
    if !missing.is_empty() {
        let near = nearest(table, &scale, &medoids, &missing, sampler.limit(missing.len()))?;
        for (medoid, near) in missing.into_iter().zip(near) {
            let free = near.entries().iter().find(|entry| sampler.take(entry.place));
            places.extend(free.map(|entry| (medoid, entry.place)));
        }
    }
    let choices = order.into_iter().filter_map(|medoid| {
        let place = *places.get(&medoid)?;
        let cluster = clusters[medoid];
        let share = cluster.size as f64 / table.finished as f64 * 100.0;
        let mut reason = format!(
            "stands for {} ({share:.1}%), on average {} standard deviations away",
            trials(cluster.size),
            shown_short(cluster.distances / cluster.size as f64)
        );
        if place != medoids.places[medoid] {
            reason.push_str("; next to their medoid, which is picked already");
        }
        Some(Choice {
            weight: cluster.size as f64,
            ..Choice::new(place, reason)
        })
    });
    Ok(choices.collect())
}

/// Medoids with their standardised metrics.
struct Medoids {
    places: Vec<u64>,
    vectors: Vec<Vec<f64>>,
}

/// The trials nearest to a medoid.
#[derive(Clone, Copy, Default)]
struct Cluster {
    size: u64,
    distances: f64,
}

fn total(clusters: &[Cluster]) -> f64 {
    clusters.iter().map(|cluster| cluster.distances).sum()
}

/// The medoids of each sample.
fn search(table: &Table, scale: &Scale, count: usize) -> Result<Vec<Medoids>, SampleError> {
    let draws = if table.finished <= SAMPLE { 1 } else { DRAWS };
    let draws = (0..draws).map(|number| draw(table.manifest.seed, STREAM + number, SAMPLE, table.finished));
    let draws: Vec<Vec<u64>> = draws.collect();
    let vectors = vectors_at(table, scale, &draws)?;
    let found = draws.par_iter().zip(&vectors).map(|(places, vectors)| {
        let distances = Distances::new(places.len(), |a, b| {
            squared_distance(&vectors[a], &vectors[b]).sqrt()
        });
        let medoids = medoids(&distances, count);
        Medoids {
            places: medoids.iter().map(|item| places[*item]).collect(),
            vectors: medoids.iter().map(|item| vectors[*item].clone()).collect(),
        }
    });
    Ok(found.collect())
}

/// The standardised metrics of the trials at given places, each list in order.
pub(super) fn vectors_at(
    table: &Table,
    scale: &Scale,
    wanted: &[Vec<u64>],
) -> Result<Vec<Vec<Vec<f64>>>, SampleError> {
    table.fold(
        &scale.columns(),
        || vec![Vec::new(); wanted.len()],
        |found: &mut Vec<Vec<Vec<f64>>>, batch| {
            let vectors = scale.vectors(batch)?;
            let here = batch.places();
            for (places, found) in wanted.iter().zip(found) {
                let first = places.partition_point(|place| *place < here.start);
                for place in places[first..].iter().take_while(|place| **place < here.end) {
                    let row = (place - here.start) as usize;
                    found.push(vectors[row * scale.len()..(row + 1) * scale.len()].to_vec());
                }
            }
            Ok(())
        },
        |whole, part| {
            whole
                .iter_mut()
                .zip(part)
                .for_each(|(whole, part)| whole.extend(part))
        },
    )
}

/// Counts, for each set of medoids, the trials nearest to each of them.
fn assign(table: &Table, scale: &Scale, sets: &[Medoids]) -> Result<Vec<Vec<Cluster>>, SampleError> {
    let own: Vec<HashMap<u64, usize>> = sets
        .iter()
        .map(|set| set.places.iter().copied().zip(0..).collect())
        .collect();
    table.fold(
        &scale.columns(),
        || {
            sets.iter()
                .map(|set| vec![Cluster::default(); set.places.len()])
                .collect::<Vec<_>>()
        },
        |clusters, batch| {
            let vectors = scale.vectors(batch)?;
            for (row, place) in batch.places().enumerate() {
                let vector = &vectors[row * scale.len()..(row + 1) * scale.len()];
                for ((set, own), clusters) in sets.iter().zip(&own).zip(clusters.iter_mut()) {
                    // A medoid stands for itself, even where another one has the same metrics.
                    let (medoid, squared) = match own.get(&place) {
                        Some(medoid) => (*medoid, 0.0),
                        None => nearest_of(&set.vectors, vector),
                    };
                    if let Some(cluster) = clusters.get_mut(medoid) {
                        cluster.size += 1;
                        cluster.distances += squared.sqrt();
                    }
                }
            }
            Ok(())
        },
        |whole, part| {
            for (whole, part) in whole.iter_mut().flatten().zip(part.into_iter().flatten()) {
                whole.size += part.size;
                whole.distances += part.distances;
            }
        },
    )
}

fn nearest_of(medoids: &[Vec<f64>], vector: &[f64]) -> (usize, f64) {
    let distances = medoids.iter().map(|medoid| squared_distance(medoid, vector));
    let nearest = distances.enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
    nearest.unwrap_or((0, 0.0))
}

/// The trials nearest to some of the medoids.
fn nearest(
    table: &Table,
    scale: &Scale,
    medoids: &Medoids,
    which: &[usize],
    limit: usize,
) -> Result<Vec<Best>, SampleError> {
    table.fold(
        &scale.columns(),
        || vec![Best::new(limit); which.len()],
        |lists, batch| {
            let vectors = scale.vectors(batch)?;
            for (row, place) in batch.places().enumerate() {
                let vector = &vectors[row * scale.len()..(row + 1) * scale.len()];
                for (medoid, list) in which.iter().zip(lists.iter_mut()) {
                    list.offer(squared_distance(&medoids.vectors[*medoid], vector), place, || ());
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
    )
}

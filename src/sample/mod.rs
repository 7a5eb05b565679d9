//! The sampler: from a sweep's thousands of trials those worth a replay, and why each.
//!
//! [`select`] picks trials by the methods of a [`Request`], in order: no trial twice, and a trial that two picks want goes
//! to the first, while the second takes its next. Ties go to the lower trial number and chance comes from the sweep's
//! seed, so the same sweep and request give the same [`Selection`], whatever the threads. Failed trials have no metrics
//! and are left out. [`Selection::write`] writes what was picked as experiment folders.
//!
//! # Weights
//!
//! A representative trial weighs as many trials as it stands for, itself included; the weights of one pick add up to all
//! finished trials. A random trial weighs all trials that were not picked on purpose over how many were drawn; random picks
//! come last. Any other trial was looked for and stands for itself alone: it weighs 1. Representative and random trials
//! are so two estimates of much the same, and their weights are not to be added up.
//!
//! # Memory
//!
//! Sweeps are read in batches, several times, and what is held does not grow with them. On each thread that is at most
//! 32 MiB of distances while medoids are searched, and half a megabyte for each metric while medians and quantiles are;
//! then some thousand trials' metrics to compare with, and lists of candidates as long as trials are asked for. Only
//! `where` holds whole columns, those that its condition names.

mod best;
mod chance;
mod choice;
mod condition;
mod error;
mod extreme;
mod medoids;
mod novel;
mod order;
mod parse;
#[cfg(test)]
mod properties;
mod quantile;
mod refused;
mod representative;
mod request;
mod scale;
mod selection;
mod table;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod words;
mod write;

pub use chance::Draws;
pub use error::SampleError;
pub use parse::PickError;
pub use request::{Method, Pick, Request};
pub use selection::{Drawn, Selected, Selection};
pub use words::shown;

use std::path::Path;

use chance::Taken;
use choice::Choice;
use extreme::End;
use table::Table;

use crate::summary::metrics_named;

/// Most representative trials that are searched for.
pub const MOST_MEDOIDS: usize = 1024;

/// Picks trials of the sweep in a folder.
///
/// # Errors
/// No sweep, unknown metrics, more trials than there are, conditions that make no sense, files that cannot be read.
pub fn select(sweep: &Path, request: &Request) -> Result<Selection, SampleError> {
    select_in_batches(sweep, request, table::BATCH)
}

fn select_in_batches(sweep: &Path, request: &Request, batch: usize) -> Result<Selection, SampleError> {
    let table = Table::open(sweep, batch)?;
    let wanted = request.total();
    if wanted as u64 > table.finished {
        return Err(SampleError::TooMany {
            wanted,
            finished: table.finished,
            failed: match table.failed {
                0 => String::new(),
                failed => format!(" ({failed} failed)"),
            },
        });
    }
    let mut sampler = Sampler {
        table: &table,
        taken: Taken::new(),
        pick: String::new(),
    };
    let mut chosen = Vec::new();
    for (number, pick) in request.picks.iter().enumerate() {
        let is_last = number + 1 == request.picks.len();
        let count = match request.fill {
            Some(all) if is_last => all.saturating_sub(chosen.len()),
            _ => pick.count,
        };
        sampler.pick = pick.to_string();
        let choices = sampler.choose(&pick.method, count);
        let choices = match (choices, request.fill) {
            // Another pick makes up for it.
            (Err(SampleError::Nothing { .. }), Some(_)) if !is_last => Vec::new(),
            (choices, _) => choices?,
        };
        if choices.len() < count && request.fill.is_none() {
            return Err(sampler.too_few(choices.len()));
        }
        let ranked = (1..).zip(choices);
        chosen.extend(ranked.map(|(rank, choice)| (pick.method.name(), rank, choice)));
    }
    Selection::new(&table, request, chosen)
}

/// What the methods work with.
struct Sampler<'a> {
    table: &'a Table,
    /// The trials picked so far.
    taken: Taken,
    /// The pick at work, as written.
    pick: String,
}

impl Sampler<'_> {
    fn choose(&mut self, method: &Method, count: usize) -> Result<Vec<Choice>, SampleError> {
        match method {
            Method::Representative(metrics) => representative::representative(self, metrics, count),
            Method::Extreme(metrics) => {
                let ends = [End::Largest, End::Smallest, End::Further];
                extreme::extreme(self, metrics, &ends, count)
            }
            Method::Largest(metrics) => extreme::extreme(self, metrics, &[End::Largest], count),
            Method::Smallest(metrics) => extreme::extreme(self, metrics, &[End::Smallest], count),
            Method::Quantile(metrics, shares) => quantile::quantile(self, metrics, shares, count),
            Method::Novel(metrics) => novel::novel(self, metrics, count),
            Method::Refused(codes) => refused::refused(self, codes, count),
            Method::Random => Ok(chance::random(self, count)),
            Method::Where(condition) => condition::holds(self, condition, count),
        }
    }

    /// The metrics that names and patterns stand for; all without any.
    fn metrics(&self, patterns: &[String]) -> Result<Vec<String>, SampleError> {
        let all = ["*".to_owned()];
        let patterns = if patterns.is_empty() { &all } else { patterns };
        let found = metrics_named(patterns, &self.table.results.metrics)?;
        Ok(found.into_iter().map(|metric| metric.name.clone()).collect())
    }

    /// Takes a trial, if it is not taken.
    fn take(&mut self, place: u64) -> bool {
        self.taken.insert(place)
    }

    /// How long a list of candidates must be for so many of them to be free.
    fn limit(&self, count: usize) -> usize {
        count + self.taken.len()
    }

    fn nothing(&self, why: String) -> SampleError {
        SampleError::Nothing {
            pick: self.pick.clone(),
            why,
        }
    }

    fn too_few(&self, found: usize) -> SampleError {
        if found == 0 {
            return self.nothing("there is none, or other picks have taken them all".to_owned());
        }
        SampleError::TooFew {
            pick: self.pick.clone(),
            found,
            others: if self.taken.len() > found {
                " that other picks have left"
            } else {
                ""
            },
        }
    }
}

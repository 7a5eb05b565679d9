//! The page of a sweep: what its metrics are, what moves them, how they are spread.

mod levels;
mod overview;
mod pictures;
mod rank;
mod study;
mod tables;
mod verdict;
pub(super) mod words;

use std::path::Path;

use maud::{Markup, html};

use super::page::{Page, folded, note};
use crate::summary::{Column, Options, Reading, SummaryError, short};
use crate::sweep::manifest::Manifest;
use crate::sweep::store::Folder;
use levels::Levels;
use pictures::{Context, pictures};
use study::Study;
use words::capitalised;

/// The page of the sweep in a folder. The metrics asked for come first; without any the usual ones, and then all others
/// folded.
///
/// # Errors
/// Everything that [`Summary::new`](crate::summary::Summary::new) refuses.
pub fn page(folder: &Path, options: Options) -> Result<Page, SummaryError> {
    let reading = Reading::open(folder, options)?;
    let manifest = Manifest::load(&Folder::new(folder).manifest())?;
    let levels = levels(&reading);
    let study = |metric: &Column| Study::new(&reading, &levels, metric);
    let wanted = reading.wanted()?;
    let studies = wanted
        .iter()
        .map(|metric| study(metric))
        .collect::<Result<Vec<_>, _>>()?;
    let swept: Vec<String> = names(&reading.results.parameters);
    let context = Context {
        levels: &levels,
        swept: &swept,
        points: reading.groups.rows.iter().all(|row| row.point.is_some()),
    };

    let mut page = Page::new(&manifest.name).verdict(verdict::verdict(&reading, &manifest));
    if let Some(about) = about(&reading, &manifest) {
        page = page.about(html! { (about) });
    }
    let (varied, constant): (Vec<&Study>, Vec<&Study>) = studies
        .iter()
        .partition(|study| study.whole.is_some() && study.only_value().is_none());
    page.section("glance", "At a glance", html! {
        (tables::glance(varied.iter().copied(), &levels))
        @if !constant.is_empty() { h3 { "The same in every trial" } (tables::constants(constant.iter().copied())) }
    });
    if levels.iter().any(|levels| levels.places.len() > 1) && !varied.is_empty() {
        page.section("moves", "What moves what", overview::overview(&varied, &levels));
    }
    for (place, study) in varied.iter().enumerate() {
        page.section(format!("metric-{place}"), &study.metric.name, html! {
            (pictures(study, &context, true))
            @if reading.groups.rows.len() > 1 {
                (folded("All statistics", &tables::statistics(study, &reading.groups.rows, &levels, &reading.options)))
            }
        });
    }
    if reading.groups.rows.len() > 1 {
        let title = if context.points { "Points" } else { "Groups" };
        page.section(
            "rows",
            title,
            tables::rows(&reading.groups.rows, &levels, &studies),
        );
    }
    if reading.options.metrics.is_empty()
        && let Some(others) = others(&reading, &wanted, &context)?
    {
        page.section("others", "Other metrics", others);
    }
    let paths: Vec<String> = reading
        .parameters
        .iter()
        .map(|column| column.name.clone())
        .collect();
    page.section(
        "how",
        "How to read this",
        how(&reading, &tables::parameters(&paths, &levels)),
    );
    Ok(page)
}

fn levels(reading: &Reading) -> Vec<Levels> {
    let names = names(&reading.parameters);
    let levels = names.iter().enumerate().map(|(place, name)| {
        let values = reading.groups.rows.iter().filter_map(|row| row.values.get(place));
        Levels::new(name, &values.collect::<Vec<_>>())
    });
    levels.collect()
}

fn names(parameters: &[Column]) -> Vec<String> {
    let names = parameters.iter().map(|column| short(&column.name, parameters));
    names.map(str::to_owned).collect()
}

fn about(reading: &Reading, manifest: &Manifest) -> Option<String> {
    let mut about: Vec<String> = manifest
        .description
        .iter()
        .map(|text| capitalised(text))
        .collect();
    if let Some(point) = reading.options.against {
        about.push(format!(
            "All values are differences from point {point}, trial by trial"
        ));
    }
    (!about.is_empty()).then(|| format!("{}.", about.join(". ").trim_end_matches('.')))
}

/// The metrics that are not among the first, each folded.
fn others(reading: &Reading, wanted: &[&Column], context: &Context) -> Result<Option<Markup>, SummaryError> {
    let rest = reading.results.metrics.iter();
    let rest = rest.filter(|metric| metric.kind.is_number() && !wanted.contains(metric));
    let mut bodies = Vec::new();
    let mut studies = Vec::new();
    for metric in rest {
        let mut study = Study::new(reading, context.levels, metric)?;
        if study.only_value().is_none() && study.whole.is_some() {
            bodies.push((metric.name.clone(), pictures(&study, context, false)));
        }
        // Only what the tables need is kept: there may be many metrics.
        study.table.clear();
        studies.push(study);
    }
    let (varied, constant): (Vec<&Study>, Vec<&Study>) = studies
        .iter()
        .partition(|study| study.whole.is_some() && study.only_value().is_none());
    Ok((!studies.is_empty()).then(|| html! {
        @if !varied.is_empty() {
            (tables::glance(varied.iter().copied(), context.levels))
            @for (name, body) in &bodies { (folded(name, body)) }
        }
        @if !constant.is_empty() { h3 { "The same in every trial" } (tables::constants(constant.iter().copied())) }
    }))
}

fn how(reading: &Reading, parameters: &Markup) -> Markup {
    let level = reading.options.confidence.percent();
    html! {
        @if !reading.parameters.is_empty() { (parameters) }
        (note(format!(
            "Trials that failed have no metrics and are left out. Quantiles are interpolated linearly (Hyndman and Fan's definition 7). \
             Intervals of {level} around means take replicates, which share their chance across points, as the independent draws. \
             Boxes reach from the quarter to the three quarter quantile, their whiskers from 5 % to 95 %. The share that a \
             parameter explains is the variance between the means at its values over the whole variance; what parameters do \
             together is in none of the shares."
        )))
        (note("Pictures have their numbers in words for screen readers, and cells and boxes tell theirs when pointed at. Tables sort by their headings."))
    }
}

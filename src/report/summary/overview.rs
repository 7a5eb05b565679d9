//! What moves what: every metric over every parameter at once.

use maud::{Markup, Render, html};

use super::levels::Levels;
use super::study::Study;
use super::tables;
use crate::report::chart::{Heat, Side};
use crate::report::number::grouped;
use crate::report::page::{gallery, note};

/// Most parameters with a map of their own.
const MAPS: usize = 12;

/// The maps of all metrics by parameter and the table of correlations.
pub fn overview(studies: &[&Study], levels: &[Levels]) -> Markup {
    let varied: Vec<usize> = (0..levels.len())
        .filter(|&place| levels[place].places.len() > 1)
        .collect();
    // All maps in the same colours, so that a parameter that does little looks like it.
    let furthest = varied
        .iter()
        .flat_map(|&place| studies.iter().flat_map(move |study| standardised(study, place)))
        .flatten()
        .fold(0.0, |furthest: f64, value| furthest.max(value.abs()));
    let maps = varied
        .iter()
        .take(MAPS)
        .map(|&place| map(studies, levels, place, furthest));
    html! {
        p { "How far the mean of each metric is from its mean over all trials, in standard deviations of the metric, at each
            value of a parameter and averaged over the others." }
        (gallery(maps))
        @if varied.len() > MAPS {
            (note(format!("The first {MAPS} of {} parameters.", grouped(varied.len() as u64))))
        }
        (tables::correlations(studies.iter().copied(), levels))
    }
}

fn map(studies: &[&Study], levels: &[Levels], place: usize, furthest: f64) -> Markup {
    let parameter = &levels[place];
    // From the bottom, so that the first metric is on top.
    let order = || studies.iter().rev();
    Heat {
        title: format!("Metrics by {}", parameter.name),
        unit: "standard deviations".to_owned(),
        x: Side {
            name: parameter.name.clone(),
            places: parameter.places.clone(),
        },
        y: Side {
            name: "metric".to_owned(),
            places: order().map(|study| study.metric.name.clone()).collect(),
        },
        cells: order().map(|study| standardised(study, place)).collect(),
        ends: Some([-furthest, furthest]),
    }
    .render()
}

/// The means at the places of a parameter, less the whole mean, in standard deviations.
fn standardised(study: &Study, place: usize) -> Vec<Option<f64>> {
    let Some(statistics) = study.whole.as_ref().map(|whole| &whole.statistics) else {
        return Vec::new();
    };
    let scale = statistics.std_dev.filter(|deviation| *deviation > 0.0);
    let of = |mean: &Option<f64>| Some((mean.as_ref()? - statistics.mean) / scale?);
    study.means[place].iter().map(of).collect()
}

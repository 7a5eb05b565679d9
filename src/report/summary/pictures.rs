//! The pictures of one metric.

use maud::{Markup, Render, html};

use super::levels::Levels;
use super::study::{BOXES, Study};
use super::words::{capitalised, listed, shown};
use crate::report::chart::{Boxes, Heat, Side, Tornado};
use crate::report::number::{counted, grouped};
use crate::report::page::{gallery, note};
use crate::summary::{Column, Kind};

/// What the pictures of a metric need to know of the sweep.
pub struct Context<'a> {
    /// The parameters that rows differ in.
    pub levels: &'a [Levels],
    /// The names of all swept parameters.
    pub swept: &'a [String],
    /// Whether rows are single points.
    pub points: bool,
}

/// The pictures of a metric, with what was left out; `by_row` adds the distributions of rows.
pub fn pictures(study: &Study, context: &Context, by_row: bool) -> Markup {
    let Some(whole) = &study.whole else {
        return note("No trial has a value.");
    };
    if let Some(value) = study.only_value() {
        return note(format!("{} in every trial.", value_of(&study.metric, value)));
    }
    let mut charts: Vec<Markup> = heats(study, context);
    if context.levels.len() > 1 {
        charts.extend(tornado(study, context));
    }
    charts.extend(marginals(study, context));
    let rows_are_places = context.levels.len() == 1 && !context.levels[0].binned;
    let spread = study.boxes.iter().any(|spread| spread.count > 1);
    if charts.is_empty() || by_row && spread && !rows_are_places {
        // A tall picture stands beside several others.
        let tall = study.boxes.len() > 12 && charts.len() > 3;
        let picture = rows(study, context);
        charts.insert(charts.len().min(1), html! { div.tall[tall] { (picture) } });
    }
    html! {
        p { (sentence(study, whole.statistics.count)) }
        (gallery(charts))
        @for text in left_out(study, context, by_row) { (note(text)) }
    }
}

/// A value of a metric as it is written.
pub fn value_of(metric: &Column, value: f64) -> String {
    match (&metric.kind, value) {
        (Kind::Bool, 0.0) => "No".to_owned(),
        (Kind::Bool, 1.0) => "Yes".to_owned(),
        _ => shown(value),
    }
}

fn sentence(study: &Study, count: u64) -> String {
    let missing = match study.missing {
        0 => String::new(),
        missing => format!(
            " {} missing or not finite, and left out.",
            counted(missing, "value")
        ),
    };
    let about = match study.metric.description.as_str() {
        "" => String::new(),
        text => format!("{}. ", capitalised(text)),
    };
    format!("{about}{}.{missing}", counted(count, "value"))
}

fn heats(study: &Study, context: &Context) -> Vec<Markup> {
    let heat = |pair: &super::study::Pair| {
        let (x, y) = (&context.levels[pair.x], &context.levels[pair.y]);
        let side = |levels: &Levels| Side {
            name: levels.name.clone(),
            places: levels.places.clone(),
        };
        let others = averaged(context, &[&x.name, &y.name]);
        Heat {
            title: format!("Mean by {} and {}{others}", x.name, y.name),
            unit: study.metric.unit.clone(),
            x: side(x),
            y: side(y),
            cells: pair.means.clone(),
            ends: None,
        }
        .render()
    };
    study.pairs.iter().map(heat).collect()
}

/// What a picture by the named parameters is averaged over.
fn averaged(context: &Context, shown: &[&String]) -> String {
    let others: Vec<&str> = context
        .swept
        .iter()
        .filter(|name| !shown.contains(name))
        .map(String::as_str)
        .collect();
    match others.len() {
        0 => String::new(),
        few if few <= 3 => format!(", over all {}", listed(&others)),
        many => format!(", over all of {many} other parameters"),
    }
}

fn tornado(study: &Study, context: &Context) -> Option<Markup> {
    let bars: Vec<(String, f64)> = context
        .levels
        .iter()
        .zip(&study.moves)
        .filter_map(|(levels, moved)| Some((levels.name.clone(), moved.correlation?)))
        .collect();
    (!bars.is_empty()).then(|| {
        Tornado {
            title: "Rank correlation with the parameters".to_owned(),
            unit: "Spearman’s rank correlation".to_owned(),
            bars,
        }
        .render()
    })
}

fn marginals<'a>(study: &'a Study, context: &'a Context) -> impl Iterator<Item = Markup> + 'a {
    study
        .strongest
        .iter()
        .zip(&study.marginals)
        .map(|(&place, boxes)| {
            let name = &context.levels[place].name;
            Boxes {
                title: format!("Distribution by {name}{}", averaged(context, &[name])),
                unit: study.metric.unit.clone(),
                heading: name.clone(),
                boxes: boxes.clone(),
            }
            .render()
        })
}

fn rows(study: &Study, context: &Context) -> Markup {
    let names: Vec<&str> = context.levels.iter().map(|levels| levels.name.as_str()).collect();
    let what = if context.points { "point" } else { "group" };
    let title = match names.is_empty() {
        true => "Distribution of all trials".to_owned(),
        false if study.rows > study.boxes.len() => {
            format!("Distribution at the {what}s with the lowest and highest medians")
        }
        false => format!("Distribution by {what}"),
    };
    let mut boxes = study.boxes.clone();
    if names.is_empty() {
        for spread in &mut boxes {
            "all".clone_into(&mut spread.name);
        }
    }
    Boxes {
        title,
        unit: study.metric.unit.clone(),
        heading: names.join(" · "),
        boxes,
    }
    .render()
}

fn left_out(study: &Study, context: &Context, by_row: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let varied = context
        .levels
        .iter()
        .filter(|levels| levels.places.len() > 1)
        .count();
    if varied > study.strongest.len() {
        let names: Vec<&str> = study
            .strongest
            .iter()
            .map(|&place| context.levels[place].name.as_str())
            .collect();
        notes.push(format!(
            "Of {varied} parameters, maps and distributions show the {} that explain most of the variance here: {}.",
            names.len(),
            listed(&names)
        ));
    }
    let texts: Vec<&str> = context
        .levels
        .iter()
        .filter(|levels| !levels.is_ordered())
        .map(|levels| levels.name.as_str())
        .collect();
    if !texts.is_empty() && context.levels.len() > 1 {
        notes.push(format!(
            "Without a rank correlation, since texts have no order: {}.",
            listed(&texts)
        ));
    }
    if by_row && study.rows > study.boxes.len() && study.boxes.iter().any(|spread| spread.count > 1) {
        let what = if context.points { "point" } else { "group" };
        notes.push(format!(
            "Of {} {what}s, the {} with the lowest and the {} with the highest medians are drawn.",
            grouped(study.rows as u64),
            BOXES / 2,
            BOXES / 2
        ));
    }
    notes
}

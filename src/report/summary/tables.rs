//! The tables of the page.

use maud::{Markup, html};

use super::levels::{Levels, named};
use super::pictures::value_of;
use super::study::{ROWS, Study};
use super::words::shown;
use crate::report::chart::signed;
use crate::report::number::{Format, grouped};
use crate::report::page::note;
use crate::report::table::{Cell, Table};
use crate::summary::{Options, Row, Statistics};

/// Most rows of a table with all statistics of a metric.
const STATISTICS: usize = 100;

/// Every metric in a line, over all trials.
pub fn glance<'a>(studies: impl IntoIterator<Item = &'a Study>, levels: &[Levels]) -> Markup {
    let mut table = Table::new("All trials together, whatever their parameters")
        .text("metric")
        .number("mean")
        .number("std dev");
    let moved = levels.iter().any(|levels| levels.places.len() > 1);
    if moved {
        table = table
            .text("moved most by")
            .number("explains")
            .note("the share of the metric's variance that lies between the values of the parameter");
    }
    for name in ["5 %", "median", "95 %", "least", "most"] {
        table = table.number(name);
    }
    for study in studies {
        let Some(whole) = &study.whole else { continue };
        let (spread, statistics) = (&whole.spread.quantiles, &whole.statistics);
        let deviation = statistics.std_dev.unwrap_or(f64::NAN);
        let format = Format::for_values([statistics.mean, deviation]);
        let mut cells = vec![metric(study)];
        cells.extend([statistics.mean, deviation].map(|value| number(value, format)));
        if moved {
            cells.extend(mover(study, levels));
        }
        let rest = [spread[0], spread[2], spread[4], statistics.min, statistics.max];
        cells.extend(rest.map(|value| number(value, format)));
        table.row(cells);
    }
    html! { (table) }
}

fn metric(study: &Study) -> Cell {
    let description = Some(&study.metric.description).filter(|text| !text.is_empty());
    let unit = Some(&study.metric.unit).filter(|unit| !unit.is_empty());
    Cell::markup(html! {
        code title=[description] { (study.metric.name) }
        @if let Some(unit) = unit { " " span.note { (unit) } }
    })
}

fn number(value: f64, format: Format) -> Cell {
    match value.is_finite() {
        true => Cell::number(value, format.write(value)),
        false => Cell::none(),
    }
}

fn mover(study: &Study, levels: &[Levels]) -> [Cell; 2] {
    let found = study.strongest.first().and_then(|&place| {
        let share = study.moves[place].share?;
        Some([
            Cell::text(&levels[place].name),
            Cell::number(share, format!("{:.0} %", share * 100.0)),
        ])
    });
    found.unwrap_or_else(|| [Cell::none(), Cell::none()])
}

/// The rank correlation of every metric with every parameter that has an order.
pub fn correlations<'a>(studies: impl IntoIterator<Item = &'a Study>, levels: &[Levels]) -> Markup {
    let ordered: Vec<usize> = (0..levels.len())
        .filter(|&place| levels[place].is_ordered())
        .collect();
    let mut table = Table::new(
        "Spearman's rank correlation over all trials: +1 where the metric only grows with the parameter, −1 where it only falls",
    )
    .text("metric");
    for &place in &ordered {
        table = table.number(&levels[place].name);
    }
    for study in studies.into_iter().filter(|study| study.whole.is_some()) {
        let mut cells = vec![metric(study)];
        cells.extend(ordered.iter().map(|&place| match study.moves[place].correlation {
            Some(value) => Cell::number(value, signed(value)),
            None => Cell::none(),
        }));
        table.row(cells);
    }
    html! { @if !ordered.is_empty() && !table.is_empty() { (table) } }
}

/// The rows of the sweep with the mean of every metric.
pub fn rows(rows: &[Row], levels: &[Levels], studies: &[Study]) -> Markup {
    let mut table = front(
        Table::new("Means over the finished trials of each row"),
        rows,
        levels,
    );
    for study in studies {
        let unit = Some(&study.metric.unit).filter(|unit| !unit.is_empty());
        table = table
            .number(&study.metric.name)
            .note(unit.map_or_else(String::new, |unit| format!("mean, in {unit}")));
    }
    let formats: Vec<Format> = studies.iter().map(|study| format(&study.table)).collect();
    for (place, row) in rows.iter().enumerate().take(ROWS) {
        let mut cells = names(row);
        cells.push(Cell::count(row.trials - row.failed.min(row.trials)));
        for (study, format) in studies.iter().zip(&formats) {
            cells.push(match study.table.get(place).and_then(Option::as_ref) {
                Some(statistics) => number(statistics.mean, *format),
                None => Cell::none(),
            });
        }
        table.row(cells);
    }
    html! { (table) @if let Some(text) = cut(rows.len(), ROWS) { (note(text)) } }
}

/// All statistics of a metric by row.
pub fn statistics(study: &Study, rows: &[Row], levels: &[Levels], options: &Options) -> Markup {
    let level = options.confidence.percent();
    let mut table = front(Table::new(""), rows, levels).number("mean");
    table = table
        .number(format!("{level} from"))
        .number(format!("{level} to"));
    table = table.number("std dev");
    for share in &options.quantiles {
        table = table.number(format!("q {}", share.percent()));
    }
    for end in ["lowest", "highest"] {
        for share in &options.tails {
            table = table.number(format!("{end} {}", share.percent()));
        }
    }
    let format = format(&study.table);
    for (row, statistics) in rows.iter().zip(&study.table).take(STATISTICS) {
        let Some(found) = statistics else { continue };
        let mut cells = names(row);
        cells.push(Cell::count(found.count));
        let interval = found
            .interval
            .map_or([f64::NAN; 2], |interval| [interval.low, interval.high]);
        let values = [found.mean]
            .into_iter()
            .chain(interval)
            .chain([found.std_dev.unwrap_or(f64::NAN)])
            .chain(found.quantiles.iter().copied())
            .chain(found.lower_tails.iter().copied())
            .chain(found.upper_tails.iter().copied());
        cells.extend(values.map(|value| number(value, format)));
        table.row(cells);
    }
    html! { (table) @if let Some(text) = cut(rows.len(), STATISTICS) { (note(text)) } }
}

/// Metrics that are the same in every trial, or that no trial has.
pub fn constants<'a>(studies: impl IntoIterator<Item = &'a Study>) -> Markup {
    let mut table = Table::new("").text("metric").number("value").text("what it says");
    for study in studies {
        let value = match study.only_value() {
            Some(value) => Cell::number(value, value_of(&study.metric, value)),
            None => Cell::none(),
        };
        table.row([
            metric(study),
            value,
            Cell::text(&study.metric.description).class("wrap"),
        ]);
    }
    html! { (table) }
}

/// The parameters with what they range over.
pub fn parameters(paths: &[String], levels: &[Levels]) -> Markup {
    let mut table = Table::new("What was varied")
        .text("parameter")
        .text("in short")
        .text("values");
    for (path, levels) in paths.iter().zip(levels) {
        let values = if levels.binned {
            let numbers = || levels.numbers.iter().flatten().copied();
            let (low, high) = (
                numbers().fold(f64::MAX, f64::min),
                numbers().fold(f64::MIN, f64::max),
            );
            match low <= high {
                true => format!(
                    "from {} to {}, shown in {} bins",
                    shown(low),
                    shown(high),
                    levels.places.len()
                ),
                false => levels.places.join(", "),
            }
        } else {
            levels.places.join(", ")
        };
        table.row([
            Cell::code(path),
            Cell::text(&levels.name),
            Cell::text(values).class("wrap"),
        ]);
    }
    html! { (table) }
}

/// The columns that say which row it is.
fn front(mut table: Table, rows: &[Row], levels: &[Levels]) -> Table {
    let pooled = rows.iter().any(|row| row.point.is_none());
    table = table.number(if pooled { "points" } else { "point" });
    for levels in levels {
        table = match levels.numbers.iter().all(Option::is_some) {
            true => table.number(&levels.name),
            false => table.text(&levels.name),
        };
    }
    table.number("trials")
}

fn names(row: &Row) -> Vec<Cell> {
    let mut cells = vec![match row.point {
        Some(point) => Cell::number(point as f64, point.to_string()),
        None => Cell::count(row.points),
    }];
    cells.extend(row.values.iter().map(|value| {
        let cell = Cell::text(named(value));
        match super::levels::number(value) {
            Some(number) => cell.sorted_by(number),
            None => cell,
        }
    }));
    cells
}

fn format(statistics: &[Option<Statistics>]) -> Format {
    let found = || statistics.iter().flatten();
    Format::for_values(found().flat_map(|found| [found.mean, found.std_dev.unwrap_or(0.0)]))
}

fn cut(rows: usize, most: usize) -> Option<String> {
    (rows > most).then(|| {
        format!(
            "The first {} of {} rows; `harness summary --out FILE` writes them all.",
            grouped(most as u64),
            grouped(rows as u64)
        )
    })
}

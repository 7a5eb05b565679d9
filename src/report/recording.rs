//! The page of a recorded file.

use super::chart::{Axis, Line, Series, thin};
use super::number::grouped;
use super::page::{Page, State, Verdict, gallery};
use crate::recording::{Description, Facts, MICROS, PriceSeries};
use maud::{Render, html};
use std::path::Path;

/// Places along an axis at which a long series is drawn.
const COLUMNS: usize = 1_000;

/// The page of what `file` records, with returns as `description` has them.
pub fn page(file: &Path, series: &PriceSeries, facts: &Facts, description: &Description) -> Page {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let clean = facts.gaps == 0 && facts.skipped == 0 && facts.sorted;
    let mut page = Page::new(name).verdict(Verdict {
        state: if clean { State::Ok } else { State::Warn },
        sentence: facts.to_string(),
        facts: vec![
            (
                "returns".into(),
                html! { (grouped(description.count)) " of " (description.step_seconds) " s" },
            ),
            (
                "volatility a year".into(),
                html! { (format!("{:.1} %", description.volatility_per_year * 100.0)) },
            ),
            (
                "skewness".into(),
                html! { (format!("{:.2}", description.skewness)) },
            ),
            (
                "excess kurtosis".into(),
                html! { (format!("{:.1}", description.excess_kurtosis)) },
            ),
            (
                "deepest fall".into(),
                html! { (format!("{:.1} %", description.deepest_fall * 100.0)) },
            ),
        ],
    });
    page.section(
        "price",
        "Price",
        gallery([price(series).render(), returns(series, description).render()]),
    );
    page.section(
        "volatility",
        "Volatility",
        gallery([by_hour(description).render(), memory(description).render()]),
    );
    page.section("tails", "Tails", gallery([tails(series, description).render()]));
    page
}

/// Time since the first row in seconds, with values.
fn line(title: &str, unit: &str, name: &str, points: &[(f64, f64)]) -> Line {
    let mut line = Line::new(title, unit, Axis::Seconds);
    line.series.push(Series {
        name: name.into(),
        points: thin(points, COLUMNS),
        ..Series::default()
    });
    line
}

fn price(series: &PriceSeries) -> Line {
    let first = series.times().first().copied().unwrap_or(0);
    let since = |time: &i64| (time - first) as f64 / MICROS as f64;
    let points: Vec<_> = series
        .times()
        .iter()
        .map(since)
        .zip(series.prices().iter().copied())
        .collect();
    line("Price since the first row", "USD", "price", &points)
}

fn returns(series: &PriceSeries, description: &Description) -> Line {
    let step = f64::from(description.step_seconds);
    let returns = series.log_returns(description.step_seconds);
    let points: Vec<_> = (1..)
        .map(|place: u32| f64::from(place) * step)
        .zip(returns.iter().map(|r| r * 100.0))
        .collect();
    line("Log returns", "%", "return", &points)
}

fn by_hour(description: &Description) -> Line {
    let mut line = Line::new(
        "Volatility a year by the hour of the day",
        "%",
        Axis::number("hour, UTC"),
    );
    let points = description.by_hour.iter().enumerate();
    line.series.push(Series {
        name: "volatility".into(),
        points: points
            .map(|(hour, value)| (hour as f64, value.map_or(f64::NAN, |value| value * 100.0)))
            .collect(),
        ..Series::default()
    });
    line
}

fn memory(description: &Description) -> Line {
    let mut line = Line::new("Autocorrelation", "", Axis::number("lag in steps"));
    for (name, values) in [
        ("returns", &description.autocorrelation),
        ("their squares", &description.autocorrelation_of_squares),
    ] {
        line.series.push(Series {
            name: name.into(),
            points: (1..)
                .map(|lag: u32| f64::from(lag))
                .zip(values.iter().copied())
                .collect(),
            ..Series::default()
        });
    }
    line
}

/// The share of returns beyond so many standard deviations, against a normal distribution's.
fn tails(series: &PriceSeries, description: &Description) -> Line {
    let mut sizes: Vec<f64> = series.log_returns(description.step_seconds);
    sizes.iter_mut().for_each(|size| {
        *size = ((*size - description.mean) / description.std_dev.max(f64::MIN_POSITIVE)).abs()
    });
    sizes.sort_unstable_by(f64::total_cmp);
    let count = sizes.len() as f64;
    let log_share = |share: f64| if share > 0.0 { libm::log10(share) } else { f64::NAN };
    let places = || (0..=100).map(|tenth| f64::from(tenth) / 10.0);
    let beyond = |x: f64| (sizes.len() - sizes.partition_point(|size| *size <= x)) as f64 / count;
    let normal = |x: f64| libm::erfc(x / std::f64::consts::SQRT_2);
    let mut line = Line::new(
        "Returns beyond so many standard deviations",
        "log10 of their share",
        Axis::number("standard deviations"),
    );
    line.series.push(Series {
        name: "recorded".into(),
        points: places().map(|x| (x, log_share(beyond(x)))).collect(),
        ..Series::default()
    });
    line.series.push(Series {
        name: "normal".into(),
        points: places().take(61).map(|x| (x, log_share(normal(x)))).collect(),
        dashed: true,
        ..Series::default()
    });
    line
}

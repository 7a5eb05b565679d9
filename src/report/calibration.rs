//! The page of models fitted to a recorded file.

use super::chart::{Axis, Line, Series, thin};
use super::number::{counted, grouped, short};
use super::page::{Page, State, Verdict as Summary, gallery, note};
use super::table::{Cell, Table};
use crate::calibrate::{Calibration, Check, Fit, Sample, TailCheck, Verdict, autocorrelations, quantile};
use maud::{Markup, Render, html};
use std::path::Path;

/// Places along an axis.
const COLUMNS: usize = 400;

/// Lags at which correlations are drawn.
const LAGS: usize = 40;

/// The page of a calibration to the returns of `file`.
pub fn page(file: &Path, about: &str, sample: &Sample, found: &Calibration) -> Page {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut page = Page::new(format!("Models of {name}")).about(html! { (about) });
    if let Some((fit, verdict)) = found.best() {
        page = page.verdict(summary(fit, verdict, sample));
    }
    page.section("models", "Models", comparison(found));
    for (fit, verdict) in &found.fits {
        let name = fit.model.name();
        page.section(
            name,
            name,
            html! {
                (parameters(fit))
                (tests(verdict))
                (gallery(pictures(sample, fit, verdict)))
            },
        );
    }
    page
}

fn summary(fit: &Fit, verdict: &Verdict, sample: &Sample) -> Summary {
    let failed: Vec<&str> = checks(verdict)
        .into_iter()
        .filter(|(_, passes, _)| *passes == Some(false))
        .map(|(name, _, _)| name)
        .collect();
    let sentence = match failed.is_empty() {
        true => format!("{} has the lowest BIC, and no test refutes it.", fit.model.name()),
        false => format!(
            "{} has the lowest BIC, and fails: {}.",
            fit.model.name(),
            failed.join(", ")
        ),
    };
    Summary {
        state: if failed.is_empty() { State::Ok } else { State::Warn },
        sentence,
        facts: vec![
            (
                "returns".into(),
                html! { (grouped(sample.len() as u64)) " of " (sample.step_seconds()) " s" },
            ),
            ("log-likelihood".into(), html! { (short(fit.log_likelihood)) }),
        ],
    }
}

/// The tests by name, whether they are passed, and their chances.
fn checks(verdict: &Verdict) -> [(&'static str, Option<bool>, Option<f64>); 4] {
    let of = |check: &Check| (Some(check.passes()), Some(check.p_value));
    let (distribution, correlation, clustering) = (
        of(&verdict.distribution),
        of(&verdict.correlation),
        of(&verdict.clustering),
    );
    [
        ("distribution", distribution.0, distribution.1),
        ("correlation", correlation.0, correlation.1),
        ("clustering", clustering.0, clustering.1),
        ("tail", verdict.tail.passes(), verdict.tail.p_value),
    ]
}

fn chance(passes: Option<bool>, p_value: Option<f64>) -> Cell {
    match (passes, p_value) {
        (Some(passes), Some(p_value)) => {
            Cell::number(p_value, format!("{p_value:.3}")).class(if passes { "ok" } else { "bad" })
        }
        _ => Cell::none(),
    }
}

fn comparison(found: &Calibration) -> Markup {
    let mut table = Table::new("The lower the criteria, the better; chances below 0.05 refute a model")
        .text("model")
        .number("parameters")
        .number("log-likelihood")
        .number("AIC")
        .number("BIC");
    for (name, why) in [
        ("distribution", "chance of a Kolmogorov-Smirnov distance as large"),
        (
            "correlation",
            "chance of a Ljung-Box statistic of the scores as large",
        ),
        ("clustering", "the same of their squares"),
        ("tail", "chance of a tail index as far out"),
    ] {
        table = table.number(name).note(why);
    }
    for (fit, verdict) in &found.fits {
        let number = |value: f64| Cell::number(value, format!("{value:.1}"));
        let own = [
            Cell::code(fit.model.name()),
            Cell::count(fit.parameters.len() as u64),
            number(fit.log_likelihood),
            number(fit.aic()),
            number(fit.bic()),
        ];
        let tests = checks(verdict).map(|(_, passes, p_value)| chance(passes, p_value));
        table.row(own.into_iter().chain(tests));
    }
    html! {
        (table)
        @for (model, why) in &found.refused { (note(format!("{} was not fitted. {why}", model.name()))) }
        @if found.still > 0.05 {
            (note(format!("{:.1} % of the returns are 0: prices stand still more often than any of these models has it.", found.still * 100.0)))
        }
    }
}

fn parameters(fit: &Fit) -> Markup {
    let mut table = Table::new("")
        .text("parameter")
        .number("estimate")
        .number("standard error")
        .text("95 % interval");
    for estimate in &fit.parameters {
        let error = estimate
            .std_error
            .map_or_else(Cell::none, |error| Cell::number(error, short(error)));
        let interval = match estimate.interval {
            Some([low, high]) => Cell::text(format!("{} to {}", short(low), short(high))).sorted_by(low),
            None => Cell::none(),
        };
        table.row([
            Cell::code(&estimate.name),
            Cell::number(estimate.value, short(estimate.value)),
            error,
            interval,
        ]);
    }
    html! {
        (table)
        @if fit.model.is_quasi() { (note("A quasi-likelihood: standard errors are of the sandwich kind.")) }
        @if fit.parameters.iter().any(|estimate| estimate.std_error.is_none()) {
            (note("Without a standard error: what these returns do not determine, such as a parameter at its bound."))
        }
    }
}

fn tests(verdict: &Verdict) -> Markup {
    let mut table = Table::new("").text("test").number("statistic").number("chance");
    let row = |name: &str, check: &Check| {
        [
            Cell::text(name),
            Cell::number(check.statistic, short(check.statistic)),
            chance(Some(check.passes()), Some(check.p_value)),
        ]
    };
    table.row(row("distribution (Kolmogorov-Smirnov)", &verdict.distribution));
    table.row(row("correlation (Ljung-Box)", &verdict.correlation));
    table.row(row("clustering (Ljung-Box, squares)", &verdict.clustering));
    let TailCheck {
        index,
        std_error,
        model,
        p_value,
    } = verdict.tail;
    table.row([
        Cell::text("tail index (Hill)"),
        Cell::number(index, format!("{} ± {}", short(index), short(std_error))),
        chance(verdict.tail.passes(), p_value),
    ]);
    let from = match verdict.samples {
        0 => "Chances are from tables, as if parameters had not been estimated: too large.".to_owned(),
        samples => format!(
            "Chances are counted in {} that the model made, each fitted anew.",
            counted(samples.into(), "sample")
        ),
    };
    html! {
        (table)
        @if let Some([low, middle, high]) = model {
            (note(format!("The model's own tail index: {}, between {} and {} nine times in ten.", short(middle), short(low), short(high))))
        }
        (note(from))
    }
}

fn pictures(sample: &Sample, fit: &Fit, verdict: &Verdict) -> [Markup; 3] {
    let mut returns = sample.returns().to_vec();
    returns.sort_unstable_by(f64::total_cmp);
    [
        density(&returns, &verdict.made).render(),
        quantiles(&returns, &verdict.made).render(),
        memory(sample, fit).render(),
    ]
}

fn series(name: &str, points: Vec<(f64, f64)>, dashed: bool) -> Series {
    Series {
        name: name.into(),
        points,
        dashed,
        ..Series::default()
    }
}

/// How dense returns are, data beside the model, over the middle of both.
fn density(returns: &[f64], made: &[f64]) -> Line {
    let mut line = Line::new(
        "Density of returns",
        "log10 of the share for each %",
        Axis::number("return in %"),
    );
    let (low, high) = (quantile(returns, 0.001), quantile(returns, 0.999));
    const BINS: usize = 60;
    let width = (high - low) / BINS as f64;
    let points = |values: &[f64]| -> Vec<(f64, f64)> {
        let up_to = |limit: f64| values.partition_point(|value| *value < limit);
        (0..BINS)
            .map(|bin| {
                let from = low + width * bin as f64;
                let share = (up_to(from + width) - up_to(from)) as f64 / values.len().max(1) as f64;
                let height = if share > 0.0 {
                    libm::log10(share / (width * 100.0))
                } else {
                    f64::NAN
                };
                ((from + width / 2.0) * 100.0, height)
            })
            .collect()
    };
    line.series.push(series("recorded", points(returns), false));
    line.series.push(series("model", points(made), true));
    line
}

/// Quantiles of the returns over those of the model at the same share.
fn quantiles(returns: &[f64], made: &[f64]) -> Line {
    let mut line = Line::new(
        "Quantiles, recorded over the model's",
        "%",
        Axis::number("model, %"),
    );
    let n = returns.len() as f64;
    let points: Vec<(f64, f64)> = returns
        .iter()
        .zip(0u32..)
        .map(|(value, place)| {
            (
                quantile(made, (f64::from(place) + 0.5) / n) * 100.0,
                value * 100.0,
            )
        })
        .collect();
    let ends: Vec<(f64, f64)> = points
        .first()
        .into_iter()
        .chain(points.last())
        .map(|(x, _)| (*x, *x))
        .collect();
    line.series
        .push(series("recorded", thin(&points, COLUMNS), false));
    line.series.push(series("the same", ends, true));
    line
}

/// How squares remember: of the returns, and of what the model leaves of them.
fn memory(sample: &Sample, fit: &Fit) -> Line {
    let mut line = Line::new("Autocorrelation of squares", "", Axis::number("lag in steps"));
    let (mean, bound) = (sample.mean(), 1.96 / (sample.len() as f64).sqrt());
    let squares = |values: &[f64], from: f64| -> Vec<(f64, f64)> {
        let squares: Vec<f64> = values
            .iter()
            .map(|value| (value - from) * (value - from))
            .collect();
        (1u32..)
            .map(f64::from)
            .zip(autocorrelations(&squares, LAGS))
            .collect()
    };
    line.series
        .push(series("returns", squares(sample.returns(), mean), false));
    line.series
        .push(series("what the model leaves", squares(&fit.scores, 0.0), false));
    let across = vec![(1.0, bound), (LAGS as f64, bound)];
    line.series
        .push(series("95 % of pure chance is below", across, true));
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::{Model, Testing};

    #[test]
    fn a_page_names_models_parameters_and_tests() {
        // A sawtooth that takes every value as often.
        let returns: Vec<f64> = (0..500u32)
            .map(|n| f64::from(n * n % 101) / 5000.0 - 0.01)
            .collect();
        let sample = Sample::new(&returns, 60, 20.0).unwrap();
        let testing = Testing {
            bootstrap: 0,
            ..Testing::default()
        };
        let found = Calibration::new(&[Model::GeometricBrownianMotion, Model::Garch], &sample, testing);
        let html = page(Path::new("sol & co.csv"), "500 rows", &sample, &found)
            .render()
            .into_string();
        for piece in [
            "Models of sol &amp; co.csv",
            "has the lowest BIC",
            "<code>volatility_per_year</code>",
            "clustering (Ljung-Box, squares)",
            "as if parameters had not been estimated",
            "what the model leaves",
        ] {
            assert!(html.contains(piece), "{piece}");
        }
        assert_eq!(html.matches("<figure").count(), 6);
        assert!(!html.contains("NaN"));
    }
}

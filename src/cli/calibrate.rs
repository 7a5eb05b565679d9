//! `harness calibrate`.

use super::Outcome;
use super::data::usual_step;
use super::recorded::{Recorded, check_steps};
use super::table::print_aligned;
use crate::calibrate::{Calibration, Check, Estimate, Fit, Model, Sample, Testing, Verdict, yaml};
use crate::recording::Recordings;
use crate::report;
use crate::staged::StagedFile;
use clap::Args;
use miette::{IntoDiagnostic, WrapErr, miette};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Fit price models to a recorded file: parameters with standard errors, criteria, tests of fit, and a path for scenarios.
///
/// Chances of tests are counted in samples that the fitted model makes and that are fitted anew; below 0.05 they refute the model.
#[derive(Debug, Args)]
pub struct Calibrate {
    #[command(flatten)]
    recorded: Recorded,
    /// geometric_brownian_motion (or gbm), jump_diffusion, mean_reversion, garch, gjr, heston, regime_switching, hawkes_jumps; best
    /// compares them and shows the one with the lowest BIC, all shows each.
    #[arg(long, value_name = "MODEL", default_value = "best", value_parser = choice)]
    model: Choice,
    /// Seconds of a return; the time from row to row where that is regular, else the usual step that suits it.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    step: Option<u32>,
    /// How many samples of the fitted model chances are counted in; 0 takes them from tables, as if no parameter were estimated.
    #[arg(long, value_name = "N", default_value_t = 99, value_parser = clap::value_parser!(u32).range(..=9999))]
    bootstrap: u32,
    /// How many lags the tests of correlation and clustering look at.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=50))]
    lags: u32,
    /// The seed of these samples.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the fitted path as YAML for a scenario's `oracle:`; of several models the one with the lowest BIC.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Let --out replace a file.
    #[arg(long, requires = "out")]
    overwrite: bool,
    /// Make a page with pictures, beside the file where no other is named.
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    html: Option<Option<PathBuf>>,
}

/// Which models to fit, and to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Best,
    All,
    One(Model),
}

fn choice(text: &str) -> Result<Choice, String> {
    match text {
        "best" => Ok(Choice::Best),
        "all" => Ok(Choice::All),
        "gbm" => Ok(Choice::One(Model::GeometricBrownianMotion)),
        _ => match Model::ALL.into_iter().find(|model| model.name() == text) {
            Some(model) => Ok(Choice::One(model)),
            None => {
                let names: Vec<&str> = Model::ALL.into_iter().map(Model::name).collect();
                Err(format!("give best, all, gbm, {}", names.join(", ")))
            }
        },
    }
}

impl Calibrate {
    pub fn run(self) -> Outcome {
        if let Some(out) = self.out.as_deref().filter(|out| out.exists() && !self.overwrite) {
            return Err(miette!(
                "{} is there already: give --overwrite or another --out",
                out.display()
            ));
        }
        let source = self.recorded.source()?;
        let (series, facts) = Recordings::new("").load_with_facts(&source).into_diagnostic()?;
        let step = self.step.unwrap_or_else(|| usual_step(&facts, source.resample));
        check_steps(&series, step)?;
        let returns = series.log_returns(step);
        let last_price = series.prices().last().copied().unwrap_or(0.0);
        let sample = Sample::new(&returns, step, last_price)
            .into_diagnostic()
            .wrap_err_with(|| format!("{} over steps of {step} seconds", source.file.display()))?;
        let testing = Testing {
            bootstrap: self.bootstrap,
            lags: self.lags as usize,
            seed: self.seed,
        };
        let models = match self.model {
            Choice::One(model) => vec![model],
            Choice::Best | Choice::All => Model::ALL.to_vec(),
        };
        let found = Calibration::new(&models, &sample, testing);
        let Some((best, _)) = found.best() else {
            let why: Vec<String> = found.refused.iter().map(|(_, why)| why.to_string()).collect();
            return Err(miette!("{}", why.join("; ")));
        };

        say!("{}: {facts}", source.file.display());
        say!("{} returns of {step} seconds", returns.len());
        print(&found, self.model);
        if let Some(out) = &self.out {
            write_path(out, best, &source.file)?;
            say!("{}", out.display());
        }
        if let Some(page) = self.html {
            let file = page.unwrap_or_else(|| source.file.with_extension("html"));
            report::calibration::page(&source.file, &facts.to_string(), &sample, &found)
                .write(&file)
                .into_diagnostic()
                .wrap_err_with(|| format!("cannot write {}", file.display()))?;
            say!("{}", file.display());
        }
        Ok(())
    }
}

fn print(found: &Calibration, choice: Choice) {
    if found.still > 0.05 {
        say!(
            "{:.1} % of the returns are 0, more than any model here has: the price was held where none was recorded. A longer --step may help",
            found.still * 100.0
        );
    }
    for (model, why) in &found.refused {
        say!("{} was not fitted: {why}", model.name());
    }
    if choice != Choice::One(Model::GeometricBrownianMotion) && found.fits.len() > 1 {
        say!();
        let header = [
            "model",
            "parameters",
            "log-likelihood",
            "AIC",
            "BIC",
            "distribution",
            "correlation",
            "clustering",
            "tail",
        ];
        let mut left = [false; 9];
        left[0] = true;
        print_aligned(
            header,
            left,
            found.fits.iter().map(|(fit, verdict)| line(fit, verdict)),
        );
    }
    let shown: Vec<&(Fit, Verdict)> = match choice {
        Choice::Best => found.best().into_iter().collect(),
        Choice::All | Choice::One(_) => found.fits.iter().collect(),
    };
    for (fit, verdict) in shown {
        print_fit(fit, verdict);
    }
}

fn line(fit: &Fit, verdict: &Verdict) -> [String; 9] {
    let chance = |check: &Check| format!("{:.3}", check.p_value);
    [
        fit.model.name().to_owned(),
        fit.parameters.len().to_string(),
        format!("{:.1}", fit.log_likelihood),
        format!("{:.1}", fit.aic()),
        format!("{:.1}", fit.bic()),
        chance(&verdict.distribution),
        chance(&verdict.correlation),
        chance(&verdict.clustering),
        verdict
            .tail
            .p_value
            .map_or_else(|| "-".into(), |chance| format!("{chance:.3}")),
    ]
}

fn print_fit(fit: &Fit, verdict: &Verdict) {
    let quasi = if fit.model.is_quasi() {
        ", a quasi-likelihood"
    } else {
        ""
    };
    say!();
    say!(
        "{}: log-likelihood {:.2}{quasi}, AIC {:.2}, BIC {:.2}",
        fit.model.name(),
        fit.log_likelihood,
        fit.aic(),
        fit.bic()
    );
    let header = ["parameter", "estimate", "standard error", "95 % interval"];
    print_aligned(
        header,
        [true, false, false, true],
        fit.parameters.iter().map(parameter),
    );
    if fit.parameters.iter().any(|estimate| estimate.std_error.is_none()) {
        say!("without a standard error: what the returns do not determine, such as a parameter at its bound");
    }
    say!();
    let tested = |name: &str, check: &Check| {
        let passes = if check.passes() { "passes" } else { "fails" };
        [
            name.to_owned(),
            digits(check.statistic),
            format!("{:.3}", check.p_value),
            passes.to_owned(),
        ]
    };
    let tail = &verdict.tail;
    let passes = match tail.passes() {
        Some(true) => "passes",
        Some(false) => "fails",
        None => "-",
    };
    let rows = [
        tested("distribution (Kolmogorov-Smirnov)", &verdict.distribution),
        tested("correlation (Ljung-Box)", &verdict.correlation),
        tested("clustering (Ljung-Box, squares)", &verdict.clustering),
        [
            "tail index (Hill)".to_owned(),
            format!("{:.2} ± {:.2}", tail.index, tail.std_error),
            tail.p_value
                .map_or_else(|| "-".into(), |chance| format!("{chance:.3}")),
            passes.to_owned(),
        ],
    ];
    print_aligned(
        ["test", "statistic", "chance", ""],
        [true, false, false, true],
        rows.into_iter(),
    );
    if let Some([low, middle, high]) = tail.model {
        say!("the model's own tail index: {middle:.2}, nine times in ten from {low:.2} to {high:.2}");
    }
    match verdict.samples {
        0 => say!("chances are from tables, as if parameters had not been estimated: too large"),
        samples => say!("chances are counted in {samples} samples that the model made, each fitted anew"),
    }
}

fn parameter(estimate: &Estimate) -> [String; 4] {
    [
        estimate.name.clone(),
        digits(estimate.value),
        estimate.std_error.map_or_else(|| "-".into(), digits),
        estimate.interval.map_or_else(
            || "-".into(),
            |[low, high]| format!("{} to {}", digits(low), digits(high)),
        ),
    ]
}

/// A number with about five digits.
fn digits(value: f64) -> String {
    let magnitude = libm::log10(value.abs().max(1e-300)).floor();
    match magnitude {
        _ if value == 0.0 => "0".to_owned(),
        large if large >= 9.0 => format!("{value:.3e}"),
        small if small < -5.0 => format!("{value:.3e}"),
        between => format!("{value:.*}", (4.0 - between).clamp(0.0, 9.0) as usize),
    }
}

fn write_path(out: &Path, fit: &Fit, file: &Path) -> Outcome {
    let comments = [
        format!(
            "{} fitted to {} returns of {}, by harness {}",
            fit.model.name(),
            fit.observations,
            file.file_name().unwrap_or_default().to_string_lossy(),
            env!("CARGO_PKG_VERSION")
        ),
        "The oracle: of a scenario's market; it starts at the last price.".to_owned(),
    ];
    let text = yaml(&fit.spec, &comments).map_err(|why| {
        miette!("the fitted path is none that a scenario takes: {why}; give another --model or --step")
    })?;
    let written = StagedFile::create(out).and_then(|mut staged| {
        staged.write_all(text.as_bytes())?;
        staged.finish()
    });
    written
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot write {}", out.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_go_by_their_names() {
        assert_eq!(choice("gbm"), Ok(Choice::One(Model::GeometricBrownianMotion)));
        assert_eq!(choice("hawkes_jumps"), Ok(Choice::One(Model::HawkesJumps)));
        assert_eq!(choice("best"), Ok(Choice::Best));
        assert!(choice("arima").unwrap_err().contains("regime_switching"));
    }

    #[test]
    fn numbers_have_the_digits_they_need() {
        for (value, text) in [
            (0.912_345_6, "0.91235"),
            (123_456.7, "123457"),
            (-0.000_123_456, "-0.00012346"),
            (0.0, "0"),
            (1e-9, "1.000e-9"),
        ] {
            assert_eq!(digits(value), text);
        }
    }
}

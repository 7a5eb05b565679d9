//! Several models fitted to one sample.

use super::{CalibrateError, Fit, Model, Sample, Testing, Verdict};
use crate::path::PathSpec;
use rayon::prelude::*;

/// Models fitted to a sample, and tested.
#[derive(Clone, Debug)]
pub struct Calibration {
    /// The fits with their tests, in the order of the models.
    pub fits: Vec<(Fit, Verdict)>,
    /// Models that cannot be fitted to the sample, and why.
    pub refused: Vec<(Model, CalibrateError)>,
    /// The share of returns that are exactly 0: more than a few say that prices were held where none was recorded, or are coarse.
    pub still: f64,
}

impl Calibration {
    /// Fits and tests models, several at a time.
    pub fn new(models: &[Model], sample: &Sample, testing: Testing) -> Self {
        let outcomes: Vec<_> = models
            .par_iter()
            .map(|model| {
                let fit = Fit::new(*model, sample).map_err(|error| (*model, error))?;
                let verdict = Verdict::new(&fit, sample, testing);
                Ok((fit, verdict))
            })
            .collect();
        let (mut fits, mut refused) = (Vec::new(), Vec::new());
        for outcome in outcomes {
            match outcome {
                Ok(fit) => fits.push(fit),
                Err(why) => refused.push(why),
            }
        }
        let zeros = sample.returns().iter().filter(|value| **value == 0.0).count();
        Self {
            fits,
            refused,
            still: zeros as f64 / sample.len() as f64,
        }
    }

    /// The fit with the lowest Bayesian criterion.
    pub fn best(&self) -> Option<&(Fit, Verdict)> {
        self.fits
            .iter()
            .min_by(|(a, _), (b, _)| a.bic().total_cmp(&b.bic()))
    }
}

/// A path as the `oracle:` of a scenario, in YAML, below lines of comment. What is written reads back as the same path.
///
/// # Errors
///
/// A spec that does not, or that its own checks refuse; the text says why.
pub fn yaml(spec: &PathSpec, comments: &[String]) -> Result<String, String> {
    let body = serde_saphyr::to_string(spec).map_err(|error| error.to_string())?;
    let head: String = comments.iter().map(|line| format!("# {line}\n")).collect();
    let text = format!("{head}{}\n", body.trim_end());
    let read: PathSpec = serde_saphyr::from_str(&text).map_err(|error| error.to_string())?;
    if read != *spec {
        return Err(format!("{} does not read back as it was written", spec.model()));
    }
    match read.validate() {
        Ok(()) => Ok(text),
        Err(errors) => Err(errors
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{sample, simulated, spec};
    use super::*;

    #[test]
    fn the_model_that_made_the_returns_is_best_and_its_path_reads_back() {
        let path =
            "garch: {start_price: 1000, alpha: 0.12, beta: 0.85, degrees_of_freedom: 5, step_seconds: 60}";
        let returns = simulated(&spec(path), 60, 1500, 0);
        let sample = sample(&returns, 60);
        let testing = Testing {
            bootstrap: 0,
            ..Testing::default()
        };
        let found = Calibration::new(&Model::ALL, &sample, testing);
        assert_eq!(found.fits.len() + found.refused.len(), Model::ALL.len());
        let (best, _) = found.best().unwrap();
        assert_eq!(best.model, Model::Garch);
        assert_eq!(found.still, 0.0);
        for (fit, _) in &found.fits {
            let text = yaml(&fit.spec, &["fitted".into()]).unwrap();
            assert!(text.starts_with("# fitted\n"), "{text}");
            let start = text
                .lines()
                .find(|line| line.trim_start().starts_with("start_price:"));
            assert_eq!(start.map(str::trim), Some("start_price: 20.0"), "{text}");
        }
    }

    #[test]
    fn a_path_that_its_checks_refuse_is_not_written() {
        let wrong = spec("garch: {alpha: 0.5, beta: 0.6}");
        assert!(yaml(&wrong, &[]).unwrap_err().contains("below 1"));
    }
}

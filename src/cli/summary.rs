//! `harness summary`.

use super::Outcome;
use crate::report;
use crate::summary::{Fraction, Options, Summary as Found, SummaryError, Target};
use clap::Args;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

/// Summarise a sweep: for each point, mean with interval, deviation, quantiles and tails of chosen metrics.
///
/// Exits 0 with a summary and 2 without one.
#[derive(Debug, Args)]
pub struct Summary {
    /// The folder that `harness sweep` wrote, such as data/lp_bias.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Metrics by name or pattern, such as `lp_*`. [default: profits, fees, funding, mark-oracle gap, refusals]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    metrics: Vec<String>,
    /// Pool all points that agree in these parameters, given by path or the end of it.
    #[arg(long, value_name = "PARAMETERS", value_delimiter = ',')]
    by: Vec<String>,
    /// Show differences from this point, trial by trial: replicates meet the same chance at every point.
    #[arg(long, value_name = "POINT", conflicts_with = "by")]
    against: Option<u64>,
    /// How sure the intervals of the means are.
    #[arg(long, value_name = "LEVEL", default_value = "0.95", value_parser = Fraction::inner)]
    confidence: Fraction,
    /// Find intervals by resampling the replicates so often, instead of by Student's t.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(100..))]
    bootstrap: Option<u32>,
    /// Which quantiles.
    #[arg(
        long,
        value_name = "SHARES",
        value_delimiter = ',',
        default_value = "0.05,0.5,0.95"
    )]
    quantiles: Vec<Fraction>,
    /// Over which shares of the trials to average the lowest and the highest values (expected shortfall).
    #[arg(long, value_name = "SHARES", value_delimiter = ',', default_value = "0.05", value_parser = Fraction::inner)]
    tails: Vec<Fraction>,
    /// Write the statistics to a file, too: .parquet or .csv, one row for each point and metric.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write a page with pictures instead of printing: maps and distributions by parameter, correlations, series.
    /// [default file: summary.html in FOLDER]
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    html: Option<Option<PathBuf>>,
    /// Let --out replace a file.
    #[arg(long, requires = "out")]
    overwrite: bool,
}

impl Summary {
    pub fn run(self) -> Outcome {
        // First of all: a file that cannot be written should not cost the reading.
        let target = self
            .out
            .as_deref()
            .map(|path| Target::new(path, self.overwrite))
            .transpose()?;
        let page = self
            .html
            .map(|file| PageFile::new(file.unwrap_or_else(|| self.folder.join("summary.html"))))
            .transpose()?;
        let options = Options {
            metrics: self.metrics,
            by: self.by,
            against: self.against,
            confidence: self.confidence,
            bootstrap: self.bootstrap,
            quantiles: self.quantiles,
            tails: self.tails,
        };
        if let Some(PageFile(file)) = &page {
            report::summary::page(&self.folder, options.clone())?
                .write(file)
                .map_err(SummaryError::io("write", file))?;
            print(&format!("{}\n", file.display()))?;
            if target.is_none() {
                return Ok(());
            }
        }
        let summary = Found::new(&self.folder, options)?;
        if page.is_none() {
            print(&summary.to_string())?;
        }
        if let Some(target) = target {
            summary.write(&target)?;
        }
        Ok(())
    }
}

/// Where a page is written to.
struct PageFile(PathBuf);

impl PageFile {
    fn new(path: PathBuf) -> Result<Self, SummaryError> {
        let extension = path.extension().unwrap_or_default();
        match ["html", "htm"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
        {
            true => Ok(Self(path)),
            false => Err(SummaryError::NotAPage(path)),
        }
    }
}

/// Prints a text. A reader that goes away early, such as `head`, is no error.
fn print(text: &str) -> Result<(), SummaryError> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(SummaryError::NotPrinted(error)),
        _ => Ok(()),
    }
}

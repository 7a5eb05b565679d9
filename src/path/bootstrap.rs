//! Recorded returns, in another order.

use super::{
    SECONDS_PER_YEAR,
    error::{FieldError, Fields, PathError},
    files::PriceFiles,
    grid::Grid,
    luck::Chance,
    price::PricePath,
    recorded::{self, Span},
    recorder::at_regular_steps,
};
use crate::recording::Source;
use rand::RngExt;
use rand_pcg::Pcg64;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Recorded log returns resampled in blocks, so that their distribution, and within blocks their order, is the recorded one: volatility that
/// clusters, jumps and tails as they were, without a model.
///
/// `stationary`: blocks of geometric length, beginning anywhere, and going on with the first return after the last (D. N. Politis and J. P.
/// Romano, "The Stationary Bootstrap", 1994); every return is as likely as any other in every step. `moving`: overlapping blocks of one
/// length (H. R. Künsch, "The Jackknife and the Bootstrap for General Stationary Observations", 1989); returns near the ends of the recording
/// come less often. The n-th block begins at the same share of the recording whatever the block length.
///
/// With `volatility_per_year`, returns are scaled to it about their mean. With `drift_per_year`, that mean is replaced by `drift · t - s² / 2`,
/// `s` the standard deviation of a step.
///
/// Markets whose bootstraps name the same `common` are resampled with the same blocks of the time that all their recordings cover, so that
/// what happened together happens together, and crashes are everybody's.
///
/// ```yaml
/// bootstrap: {recording: {file: prices/sol.csv}, block: stationary, block_seconds: 3600, step_seconds: 60, common: crypto}
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bootstrap {
    /// Where the returns are from.
    pub recording: Source,
    /// Price at second 0, in dollars; the last recorded one where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_price: Option<f64>,
    /// How blocks are drawn. Default `stationary`.
    #[serde(default)]
    pub block: Resampling,
    /// Length of a block in seconds, on average where it is left to chance; at least `step_seconds`. Default 3600.
    #[serde(default = "hour")]
    pub block_seconds: u32,
    /// Standard deviation of the log return over a year, taken by the variance of a step: 0.8 is 80 %. As recorded where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volatility_per_year: Option<f64>,
    /// Growth rate of the price per year, continuously compounded; as recorded where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift_per_year: Option<f64>,
    /// The markets that share blocks, by a name for them; none where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub common: Option<String>,
    /// Seconds between two prices, and of a return. Default 10.
    #[serde(default = "ten")]
    pub step_seconds: u32,
    /// Lowest price, in dollars, at which lower prices are held. Default 0.000001.
    #[serde(default = "least")]
    pub floor_price: f64,
}

fn hour() -> u32 {
    3_600
}

fn ten() -> u32 {
    10
}

fn least() -> f64 {
    1e-6
}

/// How blocks are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resampling {
    /// Geometric lengths.
    #[default]
    Stationary,
    /// One length.
    Moving,
}

impl Bootstrap {
    pub(super) const MODEL: &str = "bootstrap";

    pub(super) fn check(&self) -> Vec<FieldError> {
        let mut fields = Fields::of(Self::MODEL);
        recorded::check(&self.recording, "recording.", &mut fields);
        match self.start_price {
            Some(start) => fields.floored_start(start, self.floor_price),
            None => fields.price("floor_price", self.floor_price),
        }
        fields.step(self.step_seconds);
        let least = self.step_seconds;
        fields.require(
            self.block_seconds >= least,
            "block_seconds",
            self.block_seconds,
            || format!("give at least step_seconds, {least}"),
        );
        if let Some(volatility) = self.volatility_per_year {
            fields.volatility(volatility);
        }
        if let Some(drift) = self.drift_per_year {
            fields.drift(drift);
        }
        fields.finish()
    }

    /// The time that the recording covers.
    ///
    /// # Errors
    ///
    /// As [`PriceFiles::load`], and [`PathError::StartsTooLate`].
    pub fn span(&self, files: &PriceFiles) -> Result<Span, PathError> {
        Ok(Span::of(&*files.series(&self.recording)?))
    }

    pub(super) fn build(
        &self,
        chance: impl Into<Chance>,
        horizon: u32,
        files: &PriceFiles,
    ) -> Result<PricePath, PathError> {
        let chance = chance.into();
        let series = files.series(&self.recording)?;
        let span = match chance.span {
            Some(span) => span,
            None => Span::of(&series),
        };
        let grid = Grid::of(&series, span, self.step_seconds);
        let block = self.block_seconds / self.step_seconds;
        if grid.returns.len() < block as usize {
            return Err(PathError::TooShort {
                file: self.recording.file.clone(),
                covered: (grid.returns.len() as u64) * u64::from(self.step_seconds),
                wanted: self.block_seconds,
            });
        }
        let years = f64::from(self.step_seconds) / SECONDS_PER_YEAR;
        let scale = match self.volatility_per_year {
            Some(_) if grid.std_dev == 0.0 => 0.0,
            Some(volatility) => volatility * years.sqrt() / grid.std_dev,
            None => 1.0,
        };
        let variance = (scale * grid.std_dev).powi(2);
        let mean = self
            .drift_per_year
            .map_or(grid.mean, |drift| drift * years - variance / 2.0);
        let last = series.price_at(span.to).unwrap_or(self.floor_price);
        let start = self.start_price.unwrap_or(last);
        let mut blocks = Blocks::new(self.block, block, grid.returns.len(), chance.rng);
        let mut log_return = 0.0;
        at_regular_steps(
            Self::MODEL,
            self.floor_price,
            start,
            self.step_seconds,
            horizon,
            |_| {
                let recorded = grid.returns[blocks.next()];
                log_return += match (self.volatility_per_year, self.drift_per_year) {
                    (None, None) => recorded,
                    _ => mean + scale * (recorded - grid.mean),
                };
                start * libm::exp(log_return)
            },
        )
    }
}

/// Places in a recording, block after block.
struct Blocks {
    rng: Pcg64,
    block: Resampling,
    /// Returns a block, on average.
    length: f64,
    /// Returns in all.
    count: usize,
    at: usize,
    /// What is left of the block.
    left: u64,
}

impl Blocks {
    fn new(block: Resampling, length: u32, count: usize, rng: Pcg64) -> Self {
        Self {
            rng,
            block,
            length: f64::from(length),
            count,
            at: 0,
            left: 0,
        }
    }

    /// The place of the next return.
    fn next(&mut self) -> usize {
        if self.left == 0 {
            let (place, luck) = (self.rng.random::<f64>(), self.rng.random::<f64>());
            let (starts, left) = match self.block {
                Resampling::Moving => (self.count + 1 - self.length as usize, self.length),
                Resampling::Stationary => (self.count, geometric(self.length, luck)),
            };
            self.at = ((place * starts as f64) as usize).min(starts - 1);
            self.left = left as u64;
        } else {
            self.at = (self.at + 1) % self.count;
        }
        self.left -= 1;
        self.at
    }
}

/// A geometric variate, 1 or more, of this mean, from a uniform one: the inverse of its distribution.
fn geometric(mean: f64, uniform: f64) -> f64 {
    if mean <= 1.0 {
        return 1.0;
    }
    let trials = libm::log1p(-uniform) / libm::log1p(-1.0 / mean);
    // Beyond 2^53 nobody counts.
    trials.ceil().clamp(1.0, 9e15)
}

#[cfg(test)]
mod tests;

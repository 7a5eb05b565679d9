//! Recorded returns, in another order.

use super::{
    SECONDS_PER_YEAR,
    error::{FieldError, Fields, PathError},
    files::PriceFiles,
    grid::Grid,
    luck::Chance,
    price::PricePath,
    recorded::{Recorded, Span},
    recorder::at_regular_steps,
};
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
    pub recording: Recorded,
    /// Price at second 0, in dollars; the last recorded one where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_price: Option<f64>,
    /// How blocks are drawn. Default `stationary`.
    #[serde(default)]
    pub block: Block,
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
pub enum Block {
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
        self.recording.check(&mut fields);
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
        self.recording.span(&*self.recording.load(files)?)
    }

    pub(super) fn build(
        &self,
        chance: impl Into<Chance>,
        horizon: u32,
        files: &PriceFiles,
    ) -> Result<PricePath, PathError> {
        let chance = chance.into();
        let series = self.recording.load(files)?;
        let span = match chance.span {
            Some(span) => span,
            None => self.recording.span(&series)?,
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
    block: Block,
    /// Returns a block, on average.
    length: f64,
    /// Returns in all.
    count: usize,
    at: usize,
    /// What is left of the block.
    left: u64,
}

impl Blocks {
    fn new(block: Block, length: u32, count: usize, rng: Pcg64) -> Self {
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
                Block::Moving => (self.count + 1 - self.length as usize, self.length),
                Block::Stationary => (self.count, geometric(self.length, luck)),
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
mod tests {
    use super::*;
    use crate::path::Garch;

    /// A recording of a GARCH path, one price a minute.
    fn recorded(folder: &std::path::Path, minutes: u32) -> PriceFiles {
        let garch = Garch {
            start_price: 1e4,
            alpha: 0.2,
            beta: 0.7,
            step_seconds: 60,
            ..Garch::default()
        };
        let path = garch.build(Pcg64::new(8, 1), 60 * minutes).unwrap();
        let mut text = String::from("t,p\n");
        for minute in 0..=i64::from(minutes) {
            let price = path.price_at(60 * minute) as f64 / 1e6;
            text.push_str(&format!("{},{price}\n", 1_700_000_000 + 60 * minute));
        }
        std::fs::write(folder.join("p.csv"), text).unwrap();
        PriceFiles::new(folder)
    }

    fn spec(yaml: &str) -> Bootstrap {
        let spec: Bootstrap = serde_saphyr::from_str(yaml).unwrap();
        assert_eq!(spec.check(), []);
        spec
    }

    fn returns(path: &PricePath, steps: u32) -> Vec<f64> {
        let price = |n: u32| path.price_at(i64::from(60 * n)) as f64;
        (0..steps).map(|n| (price(n + 1) / price(n)).ln()).collect()
    }

    fn moments(values: &[f64]) -> (f64, f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let central = |power| values.iter().map(|v| (v - mean).powi(power)).sum::<f64>() / n;
        (mean, central(2).sqrt(), central(4) / central(2).powi(2))
    }

    /// The autocorrelation of the squares.
    fn clustering(values: &[f64], lag: usize) -> f64 {
        let squares: Vec<f64> = values.iter().map(|v| v * v).collect();
        let n = squares.len() as f64;
        let mean = squares.iter().sum::<f64>() / n;
        let variance = squares.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / n;
        let pairs = squares.iter().zip(&squares[lag..]);
        pairs.map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / n / variance
    }

    #[test]
    fn the_distribution_and_what_follows_what_are_the_recorded_ones() {
        let folder = tempfile::tempdir().unwrap();
        let (minutes, steps) = (20_000, 200_000);
        let files = recorded(folder.path(), minutes);
        for block in ["stationary", "moving"] {
            let spec = spec(&format!(
                "{{recording: {{file: p.csv}}, block: {block}, block_seconds: 6000, step_seconds: 60, start_price: 1e4}}"
            ));
            let series = spec.recording.load(&files).unwrap();
            let recorded = Grid::of(&series, spec.span(&files).unwrap(), 60).returns.clone();
            let path = spec.build(Pcg64::new(9, 1), 60 * steps, &files).unwrap();
            let made = returns(&path, steps);
            let ((mean, deviation, kurtosis), (found_mean, found_deviation, found_kurtosis)) =
                (moments(&recorded), moments(&made));
            assert!(
                (found_mean - mean).abs() < 4.0 * deviation / f64::from(steps).sqrt(),
                "{block}"
            );
            assert!(
                (found_deviation / deviation - 1.0).abs() < 0.02,
                "{block}: {found_deviation}"
            );
            assert!(
                (found_kurtosis / kurtosis - 1.0).abs() < 0.1,
                "{block}: {found_kurtosis}"
            );
            // Of pairs one apart, one in a hundred is torn; of pairs five apart, five.
            for (lag, torn) in [(1, 0.01), (5, 0.05)] {
                let expected = clustering(&recorded, lag) * (1.0 - torn);
                let found = clustering(&made, lag);
                assert!(
                    (found - expected).abs() < 0.03,
                    "{block} {lag}: {found} {expected}"
                );
            }
            // Every return is a recorded one, to the last millionth of a dollar of some thousands.
            let mut sorted = recorded.clone();
            sorted.sort_by(f64::total_cmp);
            for made in made.iter().step_by(997) {
                let near = sorted.partition_point(|r| r < made);
                let gap =
                    [near.saturating_sub(1), near.min(sorted.len() - 1)].map(|at| (sorted[at] - made).abs());
                assert!(gap[0].min(gap[1]) < 1e-8, "{block}: {made}");
            }
        }
    }

    #[test]
    fn blocks_are_as_long_as_told() {
        let lengths = |block| {
            let mut blocks = Blocks::new(block, 50, 100_000, Pcg64::new(2, 3));
            let mut lengths = Vec::new();
            for _ in 0..500_000 {
                if blocks.left == 0 {
                    lengths.push(0.0);
                }
                blocks.next();
                *lengths.last_mut().unwrap() += 1.0;
            }
            lengths.pop();
            lengths
        };
        let (mean, deviation, _) = moments(&lengths(Block::Stationary));
        // Geometric: mean 50, variance 50² - 50. Some ten thousand blocks.
        assert!((mean - 50.0).abs() < 4.0 * 49.5 / 100.0, "{mean}");
        assert!((deviation - 49.5).abs() < 3.0, "{deviation}");
        assert!(lengths(Block::Moving).iter().all(|length| *length == 50.0));
    }

    #[test]
    fn a_moving_block_never_leaves_the_recording() {
        let mut blocks = Blocks::new(Block::Moving, 7, 10, Pcg64::new(2, 3));
        let mut starts = [0; 10];
        for _ in 0..4_000 {
            let first = blocks.next();
            starts[first] += 1;
            (1..7).for_each(|n| assert_eq!(blocks.next(), first + n));
        }
        // Four starts, each a thousand times: standard deviation 27.
        assert!(
            starts[..4].iter().all(|count: &i32| (count - 1_000).abs() < 120),
            "{starts:?}"
        );
    }

    #[test]
    fn volatility_and_drift_are_as_recorded_or_as_told() {
        let folder = tempfile::tempdir().unwrap();
        let files = recorded(folder.path(), 5_000);
        let (common, steps) = (
            "recording: {file: p.csv}, step_seconds: 60, start_price: 1e4",
            100_000,
        );
        let plain = spec(&format!("{{{common}}}"));
        let told = spec(&format!(
            "{{{common}, volatility_per_year: 2, drift_per_year: 30}}"
        ));
        let of =
            |spec: &Bootstrap| returns(&spec.build(Pcg64::new(9, 1), 60 * steps, &files).unwrap(), steps);
        let (plain, told) = (of(&plain), of(&told));
        let (mean, deviation, _) = moments(&told);
        let years = 60.0 / SECONDS_PER_YEAR;
        assert!(
            (deviation / (2.0 * years.sqrt()) - 1.0).abs() < 0.05,
            "{deviation}"
        );
        let expected = 30.0 * years - 2.0 * years;
        assert!(
            (mean - expected).abs() < 4.0 * deviation / f64::from(steps).sqrt(),
            "{mean} {expected}"
        );
        // The same blocks, stretched and shifted.
        let (mean, deviation, _) = moments(&plain);
        let (told_mean, told_deviation, _) = moments(&told);
        for (plain, told) in plain.iter().zip(&told).step_by(101) {
            let [one, other] = [(plain - mean) / deviation, (told - told_mean) / told_deviation];
            assert!((one - other).abs() < 1e-3, "{one} {other}");
        }
    }

    #[test]
    fn a_path_goes_on_from_the_last_price_and_needs_a_block() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("p.csv"), "0,10\n60,11\n120,12.5\n").unwrap();
        let files = PriceFiles::new(folder.path());
        let build = |yaml: &str| spec(yaml).build(Pcg64::new(1, 1), 600, &files);
        let path = build("{recording: {file: p.csv}, block_seconds: 60, step_seconds: 60}").unwrap();
        assert_eq!(path.start_price(), 12_500_000);
        let short = build("{recording: {file: p.csv}, block_seconds: 180, step_seconds: 60}").unwrap_err();
        assert_eq!(
            short.to_string(),
            "p.csv covers 120 seconds in whole steps, less than a block of 180: give a longer recording or a shorter block"
        );
        let late = build("{recording: {file: p.csv, start_seconds: 121}}").unwrap_err();
        assert!(late.to_string().contains("covers only 120 seconds"), "{late}");
    }
}

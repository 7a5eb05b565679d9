//! A recorded crash in a path that has none.

use super::{
    PathSpec,
    error::{FieldError, Fields, PathError},
    files::PriceFiles,
    luck::Chance,
    price::PricePath,
    range::PRICE_SCALE,
    recorded::{self, Span},
    recorder::Recorder,
};
use crate::recording::{MICROS, Source};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Another path into which a recorded stretch of prices is spliced: a crash as it happened, deeper or faster where wanted.
///
/// Up to second `at` the price is that of `path`. From then on, for `seconds`, it moves as the recording did from its first price on; then
/// `path` goes on from there, with the returns that it has from that second on. So every depth and speed meets the same motion before and
/// after. Log prices are scaled: with `depth`, the recording's lowest price loses that share of its first one, and all between in proportion.
///
/// ```yaml
/// splice:
///   path: {garch: {start_price: 20, degrees_of_freedom: 4}}
///   recording: {file: prices/luna_crash.csv, from: 2022-05-10T08:00:00Z, to: 2022-05-10T14:00:00Z}
///   at: 3600
///   depth: 0.6
///   seconds: 900
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Splice {
    /// The path before and after.
    pub path: Box<PathSpec>,
    /// What happens in between.
    pub recording: Source,
    /// Second at which it begins. Default 3600.
    #[serde(default = "hour")]
    pub at: u32,
    /// Share of the price that the lowest one loses; below 0, a surge: at -1 the highest is twice the first. As recorded where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<f64>,
    /// Seconds that it takes; as recorded where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
    /// Lowest price, in dollars, at which lower prices are held. Default 0.000001.
    #[serde(default = "least")]
    pub floor_price: f64,
}

fn hour() -> u32 {
    3_600
}

fn least() -> f64 {
    1e-6
}

impl Splice {
    pub(super) const MODEL: &str = "splice";

    pub(super) fn check(&self) -> Vec<FieldError> {
        let mut fields = Fields::of(Self::MODEL);
        recorded::check(&self.recording, "recording.", &mut fields);
        if let Some(depth) = self.depth {
            let unit = "(share of the price that is lost)";
            fields.between("depth", depth, -1e3, 0.999_999, unit);
        }
        if let Some(seconds) = self.seconds {
            fields.between("seconds", seconds, 1, u32::MAX, "seconds");
        }
        fields.price("floor_price", self.floor_price);
        let of_path = self.path.validate().err().unwrap_or_default();
        let mut errors = fields.finish();
        errors.extend(of_path.into_iter().map(|error| FieldError {
            field: format!("{}.path.{}", Self::MODEL, error.field),
            ..error
        }));
        errors
    }

    pub(super) fn build(
        &self,
        chance: Chance,
        horizon: u32,
        files: &PriceFiles,
    ) -> Result<PricePath, PathError> {
        let path = self.path.build_by(chance, horizon, files)?;
        let inset = self.inset(files)?;
        let mut recorder = Recorder::new(Self::MODEL, self.floor_price, path.len() as u64)?;
        let dollars = |price: u64| price as f64 / PRICE_SCALE as f64;
        let before = path.iter().take_while(|(second, _)| *second < self.at.into());
        for (second, price) in before {
            recorder.record(second as u32, dollars(price))?;
        }
        let first = dollars(path.price_at(self.at.into()));
        for (passed, log_move) in &inset.moves {
            match self.at.checked_add(*passed).filter(|second| *second <= horizon) {
                Some(second) => recorder.record(second, first * libm::exp(*log_move))?,
                None => break,
            }
        }
        let end = i64::from(self.at) + i64::from(inset.seconds);
        let moved = inset.moves.last().map_or(0.0, |(_, log_move)| *log_move);
        let factor = first * libm::exp(moved) / dollars(path.price_at(end));
        for (second, price) in path.iter().skip_while(|(second, _)| *second <= end) {
            recorder.record(second as u32, dollars(price) * factor)?;
        }
        Ok(recorder.finish(horizon))
    }

    /// The recording, scaled.
    fn inset(&self, files: &PriceFiles) -> Result<Inset, PathError> {
        let series = files.series(&self.recording)?;
        let span = Span::of(&series);
        let first = libm::log(series.price_at(span.from).unwrap_or(1.0));
        let (times, prices) = (series.times(), series.prices());
        let within =
            times.partition_point(|&time| time <= span.from)..times.partition_point(|&time| time <= span.to);
        let recorded: Vec<(i64, f64)> = within
            .map(|entry| (times[entry] - span.from, libm::log(prices[entry]) - first))
            .collect();
        let took = (span.to - span.from).max(1);
        // A row within a second counts from its end on.
        let whole = u32::try_from((took + MICROS - 1) / MICROS).unwrap_or(u32::MAX);
        let seconds = self.seconds.unwrap_or(whole);
        let scale = match self.depth {
            None => 1.0,
            Some(depth) => {
                let wanted = libm::log1p(-depth);
                let furthest =
                    |far: f64, (_, log): &(i64, f64)| if depth < 0.0 { far.max(*log) } else { far.min(*log) };
                let found = recorded.iter().fold(0.0, furthest);
                if found == 0.0 && wanted != 0.0 {
                    return Err(PathError::NoMove {
                        file: self.recording.file.clone(),
                        depth,
                    });
                }
                if wanted == 0.0 { 0.0 } else { wanted / found }
            }
        };
        let speed = f64::from(seconds) / (took as f64 / MICROS as f64);
        let second = |micros: i64| match self.seconds {
            // Times as they are stay exact.
            None => ((micros + MICROS - 1) / MICROS) as f64,
            Some(_) => (micros as f64 / MICROS as f64 * speed).ceil(),
        };
        let moves = recorded.iter().map(|(micros, log_move)| {
            let passed = second(*micros).min(f64::from(seconds));
            (passed as u32, scale * log_move)
        });
        let start = std::iter::once((0, 0.0));
        Ok(Inset {
            seconds,
            moves: start.chain(moves).collect(),
        })
    }
}

/// What is spliced in.
struct Inset {
    /// How long it takes.
    seconds: u32,
    /// Seconds from its start and moves of the log price since.
    moves: Vec<(u32, f64)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Pcg64, Purpose, stream};

    fn files(folder: &std::path::Path) -> PriceFiles {
        // Down to a half, to a quarter, and back to a half.
        let text = "t,p\n1000,9\n1010,8\n1020,4\n1030,2\n1050,4\n1060,5\n";
        std::fs::write(folder.join("crash.csv"), text).unwrap();
        PriceFiles::new(folder)
    }

    fn build(path: &str, rest: &str) -> Vec<(i64, u64)> {
        let folder = tempfile::tempdir().unwrap();
        let recording = "recording: {file: crash.csv, from: 1010, to: 1051}";
        let spec: PathSpec =
            serde_saphyr::from_str(&format!("splice: {{path: {{{path}}}, {recording}, {rest}}}")).unwrap();
        let rng = stream(1, 0, Purpose::PricePath, 0);
        let path = spec.build(rng, 400, &files(folder.path())).unwrap();
        path.iter().collect()
    }

    #[test]
    fn a_recording_is_spliced_in_as_it_was_or_deeper_and_faster() {
        let constant = "constant: {price: 20}";
        let at = [(0, 20_000_000)];
        let as_it_was = [(110, 10_000_000), (120, 5_000_000), (140, 10_000_000)];
        assert_eq!(build(constant, "at: 100"), [&at[..], &as_it_was].concat());
        // Half the log depth: 1/√2, 1/2, 1/√2; a quarter of the time, each move at the next whole second.
        let milder = [(103, 14_142_136), (105, 10_000_000), (110, 14_142_136)];
        assert_eq!(
            build(constant, "at: 100, depth: 0.5, seconds: 10"),
            [&at[..], &milder].concat()
        );
        assert_eq!(build(constant, "at: 100, depth: 0"), at);
        assert_eq!(build(constant, "at: 395"), at);
    }

    #[test]
    fn the_path_goes_on_from_where_the_recording_left_it() {
        let motion = "geometric_brownian_motion: {volatility_per_year: 3}";
        let free = |second: i64| {
            let spec: PathSpec = serde_saphyr::from_str(motion).unwrap();
            let rng = stream(1, 0, Purpose::PricePath, 0);
            spec.build(rng, 400, &PriceFiles::new(""))
                .unwrap()
                .price_at(second) as f64
        };
        let spliced = build(motion, "at: 100");
        let price = |second: i64| spliced.iter().rfind(|(at, _)| *at <= second).unwrap().1 as f64;
        for second in [0, 50, 100, 109] {
            assert_eq!(price(second), free(second.min(100)));
        }
        // Half of it at the end, and from there the same returns.
        assert!((price(140) / free(100) - 0.5).abs() < 1e-7);
        for second in [150, 300, 400] {
            let ratio = price(second) / price(140) / (free(second) / free(140));
            assert!((ratio - 1.0).abs() < 1e-6, "{second}: {ratio}");
        }
    }

    #[test]
    fn what_makes_no_splice_is_said() {
        let spec: PathSpec = serde_saphyr::from_str(
            "splice: {path: {garch: {alpha: 2}}, recording: {file: ''}, depth: 1, seconds: 0}",
        )
        .unwrap();
        let said: Vec<_> = spec
            .validate()
            .unwrap_err()
            .iter()
            .map(|error| error.field.clone())
            .collect();
        let expected = [
            "splice.recording.file",
            "splice.depth",
            "splice.seconds",
            "splice.path.garch.alpha",
            "splice.path.garch.alpha",
        ];
        assert_eq!(said, expected);
        let folder = tempfile::tempdir().unwrap();
        let surge: PathSpec = serde_saphyr::from_str(
            "splice: {path: {constant: {price: 1}}, recording: {file: crash.csv, from: 1010, to: 1051}, depth: -1}",
        )
        .unwrap();
        let refused = surge
            .build(Pcg64::new(0, 0), 10_000, &files(folder.path()))
            .unwrap_err();
        assert_eq!(
            refused.to_string(),
            "crash.csv never moves that way, so that no depth of -1 can be made of it: give another stretch, or no depth"
        );
    }
}

//! How an oracle follows the price outside: late, unsure, and sometimes not at all.

use super::{
    SECONDS_PER_DAY,
    error::{FieldError, Fields},
    price::{PricePath, PriceTable},
};
use crate::random::Pcg64;
use rand::RngExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How an oracle publishes the price outside. Without, it shows every price at once, in every slot, and is sure of it.
///
/// ```yaml
/// feed:
///   delay_seconds: 2
///   confidence: {share: 0.0005, of_volatility: 0.5, memory_seconds: 60}
///   outages: {per_day: 4, mean_seconds: 120, planned: [{second: 3600, seconds: 600}]}
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FeedSpec {
    /// Seconds from a price outside to its publication. Default 0.
    pub delay_seconds: u32,
    /// Whether the oracle hides that delay: its prices then pass as prices of the slot they are published in, and the program's limits on
    /// age do not see it. Default false.
    pub hides_delay: bool,
    /// How sure it is.
    pub confidence: ConfidenceSpec,
    /// When it publishes nothing: the last price stays and ages.
    pub outages: OutageSpec,
}

/// The half-width of an oracle's confidence interval, as a share of the price: `share + of_volatility · σ`.
///
/// `σ` is the standard deviation of the log price's move over `memory_seconds`, as the last moves outside have it: each return's square
/// counts from then on with a weight that falls by a factor of e every `memory_seconds` (RiskMetrics' estimator, J.P. Morgan, 1996, in
/// continuous time). It is reckoned anew at each change of the price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ConfidenceSpec {
    /// Half-width while nothing moves: 0.0005 is 5 basis points. Default 0.
    pub share: f64,
    /// What `σ` adds to it: 1 is one standard deviation. Default 0.
    pub of_volatility: f64,
    /// Seconds over which returns are forgotten. Default 60.
    pub memory_seconds: f64,
}

impl Default for ConfidenceSpec {
    fn default() -> Self {
        Self {
            share: 0.0,
            of_volatility: 0.0,
            memory_seconds: 60.0,
        }
    }
}

/// When an oracle publishes nothing. Times between outages and their lengths are exponential.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OutageSpec {
    /// Outages a day, on average, of the time without. Default 0.
    pub per_day: f64,
    /// Seconds that one lasts on average. Default 60.
    pub mean_seconds: f64,
    /// Whether chance is the same for all oracles that say so: with the same numbers they are out together. Default false.
    pub common: bool,
    /// Outages that are known beforehand, besides.
    pub planned: Vec<Outage>,
}

impl Default for OutageSpec {
    fn default() -> Self {
        Self {
            per_day: 0.0,
            mean_seconds: 60.0,
            common: false,
            planned: Vec::new(),
        }
    }
}

/// Seconds without a publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// The second of the last publication before it.
    pub second: u32,
    /// Seconds from there to the next publication.
    pub seconds: u32,
}

impl FeedSpec {
    /// Checks every field.
    ///
    /// # Errors
    ///
    /// One [`FieldError`] for each field whose value makes no sense; never an empty list.
    pub fn validate(&self) -> Result<(), Vec<FieldError>> {
        let mut fields = Fields::of("feed");
        let unit = "seconds";
        fields.between("delay_seconds", self.delay_seconds, 0, 86_400, unit);
        let ConfidenceSpec {
            share,
            of_volatility,
            memory_seconds,
        } = self.confidence;
        let of_price = "(share of the price; 0.0005 is 5 basis points)";
        fields.between("confidence.share", share, 0.0, 1.0, of_price);
        let multiple = "(multiple of the standard deviation)";
        fields.between("confidence.of_volatility", of_volatility, 0.0, 1e3, multiple);
        fields.between("confidence.memory_seconds", memory_seconds, 0.1, 1e9, unit);
        let outages = &self.outages;
        fields.between(
            "outages.per_day",
            outages.per_day,
            0.0,
            SECONDS_PER_DAY,
            "outages a day",
        );
        fields.between("outages.mean_seconds", outages.mean_seconds, 0.0, 1e9, unit);
        for (number, outage) in outages.planned.iter().enumerate() {
            let field = format!("outages.planned.{number}.seconds");
            fields.between(&field, outage.seconds, 1, u32::MAX, unit);
        }
        let errors = fields.finish();
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// The oracle that follows `outside` so, from second 0 to `horizon_seconds`, with outages drawn from `rng`.
    pub fn build(&self, outside: &PricePath, rng: Pcg64, horizon_seconds: u32) -> Feed {
        let outages = self.outages.draw(rng, horizon_seconds);
        Feed {
            shown: shown(outside, self.delay_seconds, &outages, horizon_seconds),
            confidences: self.confidence.of(outside),
            outside: outside.clone(),
            delay: self.delay_seconds,
            hides_delay: self.hides_delay,
            outages,
        }
    }
}

impl ConfidenceSpec {
    /// Half-widths (1e6) by the entries of a path.
    fn of(&self, path: &PricePath) -> Vec<u64> {
        if self.share == 0.0 && self.of_volatility == 0.0 {
            return vec![0; path.len()];
        }
        let (mut squares, mut before) = (0.0, None);
        let width = |(second, price): (i64, u64)| {
            let price = price as f64;
            if let Some((last, old)) = before.replace((second, price)) {
                let log_return = libm::log(price / old);
                let kept = libm::exp(-((second - last) as f64) / self.memory_seconds);
                squares = squares * kept + log_return * log_return;
            }
            // Each second's variance counts for `memory_seconds` in all, so the sum is that of a move over so many.
            (price * (self.share + self.of_volatility * squares.sqrt())).round() as u64
        };
        path.iter().map(width).collect()
    }
}

impl OutageSpec {
    /// Outages that begin before the horizon, in order and apart.
    fn draw(&self, mut rng: Pcg64, horizon: u32) -> Vec<Outage> {
        let mut outages = self.planned.clone();
        let mut exponential = || -libm::log1p(-rng.random::<f64>());
        let end = if self.per_day > 0.0 {
            f64::from(horizon)
        } else {
            0.0
        };
        let mut second = exponential() * SECONDS_PER_DAY / self.per_day;
        while second < end {
            let lasts = (exponential() * self.mean_seconds).ceil().max(1.0);
            outages.push(Outage {
                second: second as u32,
                seconds: lasts.min(f64::from(u32::MAX)) as u32,
            });
            second += lasts + exponential() * SECONDS_PER_DAY / self.per_day;
        }
        outages.sort_by_key(|outage| outage.second);
        let mut apart: Vec<Outage> = Vec::with_capacity(outages.len());
        for outage in outages {
            match apart.last_mut() {
                Some(last) if outage.second <= last.end() => {
                    let end = last.end().max(outage.end());
                    last.seconds = end - last.second;
                }
                _ => apart.push(outage),
            }
        }
        apart
    }
}

impl Outage {
    /// The second of the next publication.
    fn end(self) -> u32 {
        self.second.saturating_add(self.seconds)
    }
}

/// What an oracle shows, second by second.
fn shown(outside: &PricePath, delay: u32, outages: &[Outage], horizon: u32) -> PricePath {
    let mut table = PriceTable::with_capacity(outside.len());
    table.push(0, outside.start_price());
    let mut outages = outages.iter().peekable();
    for (second, price) in outside.iter().skip(1) {
        let mut second = (second as u32).saturating_add(delay);
        while outages.next_if(|outage| outage.end() <= second).is_some() {}
        if let Some(outage) = outages.peek().filter(|outage| outage.second < second) {
            // Of the prices of an outage the last is published after it.
            second = outage.end();
        }
        table.push(second, price);
    }
    let end = horizon.max(table.last_second());
    PricePath::whole(table, end)
}

/// An oracle's way through a trial.
#[derive(Debug, Clone)]
pub struct Feed {
    outside: PricePath,
    shown: PricePath,
    /// Half-widths (1e6) by the entries of the path outside.
    confidences: Vec<u64>,
    delay: u32,
    hides_delay: bool,
    outages: Vec<Outage>,
}

/// What an oracle shows at a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The price, at 1e6.
    pub price: u64,
    /// The half-width of the confidence interval, at 1e6.
    pub confidence: u64,
    /// When that was so.
    pub stamp: Stamp,
}

/// When what an oracle shows was so, as far as it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamp {
    /// So many seconds before it is looked at.
    Behind(u32),
    /// In this second: nothing has been published since.
    Of(i64),
}

impl Reading {
    /// A price of the moment, and sure.
    pub fn sure(price: u64) -> Self {
        Self {
            price,
            confidence: 0,
            stamp: Stamp::Behind(0),
        }
    }
}

impl Feed {
    /// The prices that it shows.
    pub fn shown(&self) -> &PricePath {
        &self.shown
    }

    /// What it shows at `second`.
    pub fn at(&self, second: i64) -> Reading {
        let begun = self
            .outages
            .partition_point(|outage| i64::from(outage.second) < second);
        let outage = self.outages[..begun].last();
        let outage = outage.filter(|outage| second < i64::from(outage.end()));
        let published = outage.map_or(second, |outage| outage.second.into());
        let of = published - i64::from(self.delay);
        let told = if self.hides_delay { 0 } else { self.delay };
        let stamp = match outage {
            Some(_) => Stamp::Of(published - i64::from(told)),
            None => Stamp::Behind(told),
        };
        Reading {
            price: self.outside.price_at(of),
            confidence: self.confidences[self.outside.place_at(of)],
            stamp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::GeometricBrownianMotion;
    use proptest::prelude::*;

    fn path(points: &[(u32, u64)]) -> PricePath {
        PricePath::from_points(points.iter().copied()).unwrap()
    }

    fn feed(yaml: &str, outside: &PricePath, horizon: u32) -> Feed {
        let spec: FeedSpec = serde_saphyr::from_str(yaml).unwrap();
        spec.validate().unwrap();
        spec.build(outside, Pcg64::new(1, 2), horizon)
    }

    #[test]
    fn an_oracle_is_late_and_says_so_unless_it_hides_it() {
        let outside = path(&[(0, 10), (5, 20), (9, 15)]);
        let late = feed("delay_seconds: 3", &outside, 100);
        assert_eq!(
            late.shown().iter().collect::<Vec<_>>(),
            [(0, 10), (8, 20), (12, 15)]
        );
        let reading = |price, stamp| Reading {
            price,
            confidence: 0,
            stamp,
        };
        assert_eq!(late.at(7), reading(10, Stamp::Behind(3)));
        assert_eq!(late.at(8), reading(20, Stamp::Behind(3)));
        let hidden = feed("{delay_seconds: 3, hides_delay: true}", &outside, 100);
        assert_eq!(hidden.at(8), reading(20, Stamp::Behind(0)));
    }

    #[test]
    fn in_an_outage_the_last_price_stays_and_ages() {
        let outside = path(&[(0, 10), (5, 20), (9, 15), (11, 12), (30, 11)]);
        let yaml =
            "{delay_seconds: 1, outages: {planned: [{second: 6, seconds: 10}, {second: 12, seconds: 8}]}}";
        let out = feed(yaml, &outside, 100);
        // Published at 6 for the last time, what was so at 5; then at 20.
        assert_eq!(
            out.shown().iter().collect::<Vec<_>>(),
            [(0, 10), (6, 20), (20, 12), (31, 11)]
        );
        assert_eq!(out.at(6).stamp, Stamp::Behind(1));
        for second in 7..20 {
            assert_eq!((out.at(second).price, out.at(second).stamp), (20, Stamp::Of(5)));
        }
        assert_eq!((out.at(20).price, out.at(20).stamp), (12, Stamp::Behind(1)));
    }

    #[test]
    fn outages_come_as_often_and_last_as_long_as_told() {
        let spec = OutageSpec {
            per_day: 100.0,
            mean_seconds: 200.0,
            ..OutageSpec::default()
        };
        let days = 400;
        let outages = spec.draw(Pcg64::new(3, 4), days * 86_400);
        let count = outages.len() as f64;
        let lasted = outages
            .iter()
            .map(|outage| f64::from(outage.seconds))
            .sum::<f64>()
            / count;
        // An outage every 864 + 200.5 seconds (a length is rounded up): standard error of the mean length 200 / √count.
        let expected = f64::from(days) * 86_400.0 / 1_064.5;
        assert!((count / expected - 1.0).abs() < 0.03, "{count} {expected}");
        assert!((lasted - 200.5).abs() < 4.0 * 200.0 / count.sqrt(), "{lasted}");
        assert!(outages.windows(2).all(|pair| pair[0].end() < pair[1].second));
    }

    #[test]
    fn confidence_widens_with_volatility() {
        let motion = |volatility_per_year| GeometricBrownianMotion {
            start_price: 1e4,
            volatility_per_year,
            step_seconds: 1,
            ..GeometricBrownianMotion::default()
        };
        for volatility in [0.5, 2.0] {
            let outside = motion(volatility).build(Pcg64::new(5, 6), 100_000).unwrap();
            let yaml = "{confidence: {share: 0.001, of_volatility: 2, memory_seconds: 300}}";
            let unsure = feed(yaml, &outside, 100_000);
            let widths = (3_000..100_000).step_by(100).map(|second| {
                let reading = unsure.at(second);
                (reading.confidence as f64 / reading.price as f64 - 0.001) / 2.0
            });
            let squares: Vec<f64> = widths.map(|width| width * width).collect();
            let mean = squares.iter().sum::<f64>() / squares.len() as f64;
            // The variance of 300 seconds, and half a second's more, since a square counts in full at once.
            let expected = volatility * volatility * 300.5 / 31_536_000.0;
            assert!((mean / expected - 1.0).abs() < 0.05, "{mean} {expected}");
        }
        let still = feed("confidence: {share: 0.01}", &path(&[(0, 20_000_000)]), 10);
        assert_eq!(still.at(5).confidence, 200_000);
    }

    #[test]
    fn wrong_fields_are_named() {
        let yaml =
            "{delay_seconds: 100000, confidence: {share: 2}, outages: {planned: [{second: 1, seconds: 0}]}}";
        let spec: FeedSpec = serde_saphyr::from_str(yaml).unwrap();
        let said: Vec<_> = spec
            .validate()
            .unwrap_err()
            .iter()
            .map(ToString::to_string)
            .collect();
        let expected = [
            "feed.delay_seconds is 100000: give a number from 0 to 86400 seconds",
            "feed.confidence.share is 2: give a number from 0 to 1 (share of the price; 0.0005 is 5 basis points)",
            "feed.outages.planned.0.seconds is 0: give a number from 1 to 4294967295 seconds",
        ];
        assert_eq!(said, expected);
    }

    proptest! {
        #[test]
        fn the_path_shown_is_what_the_readings_say(
            gaps in prop::collection::vec((1u32..30, 1u64..1000), 0..60),
            planned in prop::collection::vec((0u32..900, 1u32..200), 0..6),
            delay_seconds in 0u32..50,
        ) {
            let mut second = 0;
            let points = gaps.iter().map(|&(gap, price)| { second += gap; (second, price) });
            let outside = PricePath::from_points([(0, 7)].into_iter().chain(points)).unwrap();
            let planned = planned.iter().map(|&(second, seconds)| Outage { second, seconds }).collect();
            let spec = FeedSpec {
                delay_seconds,
                outages: OutageSpec { planned, ..OutageSpec::default() },
                ..FeedSpec::default()
            };
            let feed = spec.build(&outside, Pcg64::new(1, 1), 2_500);
            for second in 0..2_500 {
                prop_assert_eq!(feed.at(second).price, feed.shown().price_at(second), "{}", second);
            }
        }
    }
}

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
    /// Seconds from there to the next publication; 0 is no outage.
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
            fields.between(&field, outage.seconds, 0, 864_000, unit);
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
mod tests;

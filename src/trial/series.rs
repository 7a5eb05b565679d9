//! The market's state over time.

use super::metrics::{Info, Metric, Unit};
use super::observer::{Moment, Observer};

/// Samples every market at an interval: one row a sample and market.
#[derive(Debug)]
pub struct Series {
    interval: u32,
    /// The rows so far, in order of time, then market; cells as [`Series::columns`] names them.
    pub rows: Vec<Vec<Metric>>,
}

impl Series {
    /// Samples every `interval` seconds.
    pub fn new(interval: u32) -> Self {
        Self {
            interval: interval.max(1),
            rows: Vec::new(),
        }
    }

    /// What the cells of a row are, and a value of each's type.
    pub fn columns() -> Vec<(Info, Metric)> {
        let (count, float) = (Metric::Count(0), Metric::Float(0.0));
        let mut columns = vec![
            (
                "second",
                Unit::Number,
                "seconds since the trial's start",
                Metric::Signed(0),
            ),
            ("market", Unit::Number, "perpetual market", count),
        ];
        columns.extend([
            ("oracle_usd", Unit::Price, "price outside", float.clone()),
            (
                "mark_usd",
                Unit::Price,
                "AMM's price without spread",
                float.clone(),
            ),
            ("bid_usd", Unit::Price, "AMM's bid", float.clone()),
            ("ask_usd", Unit::Price, "AMM's ask", float.clone()),
            ("peg_usd", Unit::Price, "peg multiplier", float.clone()),
            ("sqrt_k", Unit::Base, "liquidity", float.clone()),
            ("lp_shares", Unit::Base, "LPs' shares", float.clone()),
            (
                "net_position",
                Unit::Base,
                "users' net position against the AMM",
                float.clone(),
            ),
            (
                "open_interest",
                Unit::Base,
                "long positions and short positions, whichever are more",
                float.clone(),
            ),
            ("funding_rate", Unit::Price, "last funding rate", float.clone()),
            (
                "cumulative_funding_rate_long",
                Unit::Price,
                "what a long unit has paid",
                float.clone(),
            ),
            (
                "cumulative_funding_rate_short",
                Unit::Price,
                "what a short unit has been paid",
                float.clone(),
            ),
            (
                "amm_fees_kept_usd",
                Unit::Dollars,
                "fees less what repegs, k changes and funding cost",
                float,
            ),
        ]);
        columns
            .into_iter()
            .map(|(name, unit, about, value)| {
                (
                    Info {
                        name: name.into(),
                        unit,
                        about: about.into(),
                    },
                    value,
                )
            })
            .collect()
    }
}

impl Observer for Series {
    fn interval(&self) -> Option<u32> {
        Some(self.interval)
    }

    fn sampled(&mut self, moment: &Moment) {
        for (index, path) in (0u16..).zip(moment.paths) {
            let Some(market) = moment.world.perp(moment.ledger, index) else {
                continue;
            };
            let amm = &market.amm;
            let mark = amm.reserve_price().unwrap_or_default();
            let dollars = |price: u64| price as f64 / 1e6;
            let floats = [
                dollars(path.price_at(moment.second)),
                dollars(mark),
                dollars(amm.bid_price(mark).unwrap_or_default()),
                dollars(amm.ask_price(mark).unwrap_or_default()),
                { amm.peg_multiplier } as f64 / 1e6,
                { amm.sqrt_k } as f64 / 1e9,
                { amm.user_lp_shares } as f64 / 1e9,
                { amm.base_asset_amount_with_amm } as f64 / 1e9,
                { amm.base_asset_amount_long }.max(-{ amm.base_asset_amount_short }) as f64 / 1e9,
                amm.last_funding_rate as f64 / 1e9,
                { amm.cumulative_funding_rate_long } as f64 / 1e9,
                { amm.cumulative_funding_rate_short } as f64 / 1e9,
                { amm.total_fee_minus_distributions } as f64 / 1e6,
            ];
            let mut row = vec![Metric::Signed(moment.second), Metric::Count(index.into())];
            row.extend(floats.map(Metric::Float));
            self.rows.push(row);
        }
    }
}

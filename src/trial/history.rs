//! A trial as an experiment: its events, and the state after each.

use super::observer::{Moment, Observer};
use crate::event::Event;
use crate::experiment::{MarketInit, SpotMarketInit};
use crate::scenario::{Prepared, TrialUser};
use crate::world::Executed;

/// Keeps everything an experiment folder holds.
#[derive(Debug, Default)]
pub struct History {
    /// The perpetual markets at the start.
    pub markets: Vec<MarketInit>,
    /// The spot markets from 1 on at the start.
    pub spot_markets: Vec<SpotMarketInit>,
    /// The events, in order.
    pub events: Vec<Event>,
    /// The state after each event, as [`History::header`] names it.
    pub rows: Vec<Vec<String>>,
    users: Vec<TrialUser>,
}

/// Fields of a market in drift-sim's `chs.csv`, under its names and in its units.
const MARKET_FIELDS: [&str; 18] = [
    "mark_price",
    "oracle_price",
    "bid_price",
    "ask_price",
    "base_asset_reserve",
    "quote_asset_reserve",
    "sqrt_k",
    "peg_multiplier",
    "terminal_quote_asset_reserve",
    "base_asset_amount_with_amm",
    "base_asset_amount_with_unsettled_lp",
    "user_lp_shares",
    "cumulative_funding_rate_long",
    "cumulative_funding_rate_short",
    "last_mark_price_twap",
    "total_fee",
    "total_mm_fee",
    "total_fee_minus_distributions",
];

/// Fields of a user's position in a market.
const POSITION_FIELDS: [&str; 4] = [
    "base_asset_amount",
    "quote_asset_amount",
    "lp_shares",
    "settled_pnl",
];

impl History {
    /// The names of a row's cells.
    pub fn header(&self) -> Vec<String> {
        let mut names = vec!["timestamp".to_owned(), "event".to_owned(), "refused".to_owned()];
        for market in 0..self.markets.len() {
            names.extend(MARKET_FIELDS.map(|field| format!("m{market}_{field}")));
        }
        for (number, user) in self.users.iter().enumerate() {
            names.push(format!("{}{number}_collateral", user.group));
            for market in 0..self.markets.len() {
                names
                    .extend(POSITION_FIELDS.map(|field| format!("{}{number}_m{market}_{field}", user.group)));
            }
        }
        names
    }
}

impl Observer for History {
    fn started(&mut self, prepared: &Prepared, _: &Moment) {
        self.markets = prepared.genesis.perps.clone();
        self.spot_markets = prepared.genesis.spots.clone();
        self.users = prepared.users.clone();
    }

    fn happened(&mut self, event: &Event, executed: &[Executed], moment: &Moment) {
        self.events.push(event.clone());
        let refused: Vec<String> = executed
            .iter()
            .filter_map(|done| Some(done.outcome.err()?.name().to_owned()))
            .collect();
        let mut row = vec![
            event.timestamp.to_string(),
            event.kind.name().to_owned(),
            refused.join(" "),
        ];
        for (index, path) in (0u16..).zip(moment.paths) {
            let Some(market) = moment.world.perp(moment.ledger, index) else {
                row.extend(std::iter::repeat_n(String::new(), MARKET_FIELDS.len()));
                continue;
            };
            let amm = &market.amm;
            let mark = amm.reserve_price().unwrap_or_default();
            let dollars = |price: u64| (price as f64 / 1e6).to_string();
            row.extend([
                dollars(mark),
                dollars(path.price_at(event.timestamp)),
                dollars(amm.bid_price(mark).unwrap_or_default()),
                dollars(amm.ask_price(mark).unwrap_or_default()),
                { amm.base_asset_reserve }.to_string(),
                { amm.quote_asset_reserve }.to_string(),
                { amm.sqrt_k }.to_string(),
                { amm.peg_multiplier }.to_string(),
                { amm.terminal_quote_asset_reserve }.to_string(),
                { amm.base_asset_amount_with_amm }.to_string(),
                { amm.base_asset_amount_with_unsettled_lp }.to_string(),
                { amm.user_lp_shares }.to_string(),
                { amm.cumulative_funding_rate_long }.to_string(),
                { amm.cumulative_funding_rate_short }.to_string(),
                dollars(amm.last_mark_price_twap),
                { amm.total_fee }.to_string(),
                { amm.total_mm_fee }.to_string(),
                { amm.total_fee_minus_distributions }.to_string(),
            ]);
        }
        for number in 0..self.users.len() as u32 {
            let user = moment.world.user(moment.ledger, number);
            let collateral = user.and_then(|user| {
                let held = user
                    .spot_positions
                    .iter()
                    .find(|held| held.market_index == 0 && !held.is_available())?;
                held.signed_tokens(moment.world.spot(moment.ledger, 0)?).ok()
            });
            row.push(user.map_or(String::new(), |_| collateral.unwrap_or(0).to_string()));
            for index in 0..moment.world.perp_count() {
                match moment.world.position(moment.ledger, number, index) {
                    None => row.extend(std::iter::repeat_n(String::new(), POSITION_FIELDS.len())),
                    Some(held) => row.extend([
                        held.base_asset_amount.to_string(),
                        held.quote_asset_amount.to_string(),
                        held.lp_shares.to_string(),
                        held.settled_pnl.to_string(),
                    ]),
                }
            }
        }
        self.rows.push(row);
    }
}

//! Trades the AMM's price toward the oracle's.

use super::draw::quote;
use super::target::trade_to;
use super::{Agent, Cast, Member, Recipe, Setting, View};
use crate::event::{Kind, OpenPosition};
use crate::random::Pcg64;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Arbitrageurs between the AMM and the oracle. drift-sim's send one dollar every second whatever the gap; these send
/// what closes it, up to a limit, and nothing where fees would eat the gain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Arb {
    /// How many users.
    pub users: u32,
    /// A group whose users these are, in place of new ones.
    pub users_of: Option<String>,
    /// The perpetual market.
    pub market: u16,
    /// What part of the gap a trade closes: 1 is all of it.
    pub intensity: f64,
    /// How far ahead the oracle is known, in seconds.
    pub lookahead: i64,
    /// Seconds between looks at the market.
    pub every: i64,
    /// The gap that fees eat, as a share of the price.
    pub fee: f64,
    /// Dollars a trade at most.
    pub max_size: f64,
    /// Deposit of each, in dollars.
    pub deposit: f64,
}

impl Default for Arb {
    fn default() -> Self {
        Self {
            users: 1,
            users_of: None,
            market: 0,
            intensity: 1.0,
            lookahead: 0,
            every: 1,
            fee: 0.001,
            max_size: 100_000.0,
            deposit: 100_000.0,
        }
    }
}

impl Recipe for Arb {
    fn members(&self) -> Cast {
        Cast::of(self.users, &self.users_of)
    }

    fn market(&self) -> u16 {
        self.market
    }

    fn recruit(&self, user: u32, _: &mut Pcg64, _: &Setting) -> Member {
        Member {
            deposit: quote(self.deposit),
            agent: Box::new(Arbitrageur {
                user,
                spec: self.clone(),
            }),
        }
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        for (field, value) in [
            ("intensity", self.intensity),
            ("fee", self.fee),
            ("max_size", self.max_size),
            ("deposit", self.deposit),
        ] {
            if !(value.is_finite() && value >= 0.0) {
                problems.push((field, format!("must be 0 or more, found {value}")));
            }
        }
        if self.every < 1 {
            problems.push(("every", format!("must be 1 second or more, found {}", self.every)));
        }
        problems
    }
}

struct Arbitrageur {
    user: u32,
    spec: Arb,
}

impl Arbitrageur {
    fn trade(&self, view: &View) -> Option<OpenPosition> {
        let Arb {
            market,
            intensity,
            lookahead,
            fee,
            max_size,
            ..
        } = self.spec;
        let mark = view.mark_price(market)? as f64;
        let outside = view.oracle_price(market, lookahead)? as f64;
        let aim = mark + (outside - mark) * intensity;
        let target = if aim > mark * (1.0 + fee) {
            aim * (1.0 - fee)
        } else if aim < mark * (1.0 - fee) {
            aim * (1.0 + fee)
        } else {
            return None;
        };
        let (direction, cost) = trade_to(view.market(market)?, target)?;
        let quote_amount = cost.min(max_size * 1e6).round() as u64;
        (quote_amount > 0).then_some(OpenPosition {
            user_index: self.user,
            direction,
            quote_amount,
            market_index: market,
        })
    }
}

impl Agent for Arbitrageur {
    fn first_call(&self) -> Option<i64> {
        Some(self.spec.every)
    }

    fn call(&mut self, view: &View, events: &mut Vec<Kind>) -> Option<i64> {
        events.extend(self.trade(view).map(Kind::from));
        Some(view.now + self.spec.every)
    }
}

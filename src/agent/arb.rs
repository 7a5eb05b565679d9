//! Trades the AMM's price toward the oracle's.

use super::draw::{interval_problem, quote};
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
        problems.extend(interval_problem(self.every).map(|why| ("every", why)));
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
            market: market_index,
            intensity,
            lookahead,
            fee,
            max_size,
            ..
        } = self.spec;
        let mark = view.mark_price(market_index)? as f64;
        let outside = view.oracle_price(market_index, lookahead)? as f64;
        let aim = mark + (outside - mark) * intensity;
        let (low, high) = (aim * (1.0 - fee), aim * (1.0 + fee));
        let target = if mark < low {
            low
        } else if mark > high {
            high
        } else {
            return None;
        };
        let market = view.market(market_index)?;
        let (direction, worth) = trade_to(market, target)?;
        if worth * 1e9 / mark < market.amm.order_step_size as f64 {
            return None;
        }
        let quote_amount = worth.min(max_size * 1e6).round() as u64;
        (quote_amount > 0).then_some(OpenPosition {
            user_index: self.user,
            direction,
            quote_amount,
            market_index,
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

#[cfg(test)]
mod tests {
    use super::super::testing::{Stand, recruit};
    use super::*;
    use crate::event::Direction;

    fn trade(spec: &Arb, stand: &Stand, now: i64) -> Option<OpenPosition> {
        let mut events = Vec::new();
        recruit(spec, 0).agent.call(&stand.view(now), &mut events);
        match events.pop()? {
            Kind::OpenPosition(open) => Some(open),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_gap_is_closed_to_within_the_fees_and_then_left() {
        for (outside, direction) in [(24_000_000u64, Direction::Long), (15_000_000, Direction::Short)] {
            let mut stand = Stand::new(&[(0, outside)]);
            let open = trade(&Arb::default(), &stand, 1).unwrap();
            assert_eq!(open.direction, direction);
            stand.happen(1, open.into());
            let mark = stand.market().amm.reserve_price().unwrap() as f64;
            let target = outside as f64
                * if direction == Direction::Long {
                    0.999
                } else {
                    1.001
                };
            assert!((mark / target - 1.0).abs() < 1e-6, "{mark} instead of {target}");
            assert_eq!(trade(&Arb::default(), &stand, 2), None);
        }
    }

    #[test]
    fn nothing_is_traded_where_fees_would_eat_the_gain() {
        // 20.019 is 0.095 % above 20.
        assert_eq!(trade(&Arb::default(), &Stand::new(&[(0, 20_019_000)]), 1), None);
        assert!(trade(&Arb::default(), &Stand::new(&[(0, 20_021_000)]), 1).is_some());
    }

    #[test]
    fn size_intensity_and_lookahead_count() {
        let stand = Stand::new(&[(0, 20_000_000), (60, 24_000_000)]);
        assert_eq!(trade(&Arb::default(), &stand, 1), None);
        let early = Arb {
            lookahead: 60,
            max_size: 12.5,
            ..Arb::default()
        };
        assert_eq!(trade(&early, &stand, 1).unwrap().quote_amount, 12_500_000);
        // Half the gap of 4, without fees: from 20 to 22 the base reserve falls to 1,000 / sqrt(1.1): 46.537411 units
        // at 20 dollars.
        let half = Arb {
            lookahead: 60,
            intensity: 0.5,
            fee: 0.0,
            ..Arb::default()
        };
        let worth = trade(&half, &stand, 1).unwrap().quote_amount;
        assert!(worth.abs_diff(930_748_220) < 20, "{worth}");
    }

    #[test]
    fn it_looks_at_its_interval() {
        let spec = Arb {
            every: 60,
            ..Arb::default()
        };
        let (done, calls) = Stand::new(&[(0, 20_000_000)]).ask(&mut *recruit(&spec, 0).agent, 600);
        assert_eq!((done, calls), (vec![], 9));
    }
}

//! Trades at the end of the hour to earn its funding.

use super::draw::{interval_problem, quote};
use super::target::trade_to;
use super::{Agent, Cast, Member, Recipe, Setting, View};
use crate::event::{Direction, Kind, OpenPosition};
use crate::random::Pcg64;
use drift::units::ONE_HOUR;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Traders who take the side that is about to be paid funding. In the last seconds of each hour they sell where the
/// mark's average is above the oracle's, and buy where it is below, until the price lies a basis point beyond the
/// AMM's bid or ask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ArbFunding {
    /// How many users.
    pub users: u32,
    /// A group whose users these are, in place of new ones.
    pub users_of: Option<String>,
    /// The perpetual market.
    pub market: u16,
    /// How many seconds before the hour's end they begin.
    pub window: i64,
    /// Seconds between trades in that time.
    pub every: i64,
    /// What part of the way to the target a trade goes.
    pub intensity: f64,
    /// Dollars a trade at most.
    pub max_size: f64,
    /// Deposit of each, in dollars.
    pub deposit: f64,
}

impl Default for ArbFunding {
    fn default() -> Self {
        Self {
            users: 1,
            users_of: None,
            market: 0,
            window: 100,
            every: 1,
            intensity: 1.0,
            max_size: 10.0,
            deposit: 100_000.0,
        }
    }
}

impl Recipe for ArbFunding {
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
            ("max_size", self.max_size),
            ("deposit", self.deposit),
        ] {
            if !(value.is_finite() && value >= 0.0) {
                problems.push((field, format!("must be 0 or more, found {value}")));
            }
        }
        if !(1..=ONE_HOUR).contains(&self.window) {
            problems.push((
                "window",
                format!("must be from 1 to {ONE_HOUR} seconds, found {}", self.window),
            ));
        }
        problems.extend(interval_problem(self.every).map(|why| ("every", why)));
        problems
    }
}

struct Arbitrageur {
    user: u32,
    spec: ArbFunding,
}

impl Arbitrageur {
    fn trade(&self, view: &View) -> Option<OpenPosition> {
        let market_index = self.spec.market;
        let market = view.market(market_index)?;
        let amm = &market.amm;
        let mark = amm.reserve_price().ok()?;
        let (bid, ask) = (amm.bid_price(mark).ok()? as f64, amm.ask_price(mark).ok()? as f64);
        let mark_twap = (amm.last_bid_price_twap as f64 + amm.last_ask_price_twap as f64) / 2.0;
        let basis_point = 0.0001;
        let sells = mark_twap > amm.historical_oracle_data.last_oracle_price_twap as f64;
        let target = if sells {
            bid * (1.0 - basis_point)
        } else {
            ask * (1.0 + basis_point)
        };
        let (direction, worth) = trade_to(market, target)?;
        let wanted = if sells { Direction::Short } else { Direction::Long };
        if direction != wanted {
            return None;
        }
        let quote_amount = (worth * self.spec.intensity)
            .min(self.spec.max_size * 1e6)
            .round() as u64;
        (quote_amount > 0).then_some(OpenPosition {
            user_index: self.user,
            direction,
            quote_amount,
            market_index,
        })
    }

    /// The first second at or after `second` that lies in a window.
    fn within_window(&self, second: i64) -> i64 {
        let left = ONE_HOUR - second.rem_euclid(ONE_HOUR);
        if left <= self.spec.window {
            second
        } else {
            second + left - self.spec.window
        }
    }
}

impl Agent for Arbitrageur {
    fn first_call(&self) -> Option<i64> {
        Some(self.within_window(0))
    }

    fn call(&mut self, view: &View, events: &mut Vec<Kind>) -> Option<i64> {
        events.extend(self.trade(view).map(Kind::from));
        Some(self.within_window(view.now + self.spec.every))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Stand, recruit};
    use super::*;

    /// Averages of mark and oracle (1e6).
    fn stand(mark: u64, oracle: i64) -> Stand {
        let mut stand = Stand::new(&[(0, 20_000_000)]);
        stand.set(|market| {
            (market.amm.last_bid_price_twap, market.amm.last_ask_price_twap) = (mark, mark);
            market.amm.historical_oracle_data.last_oracle_price_twap = oracle;
        });
        stand
    }

    #[test]
    fn it_takes_the_side_that_is_paid() {
        for (mark, oracle, wanted) in [
            (20_100_000, 20_000_000, Direction::Short),
            (19_900_000, 20_000_000, Direction::Long),
        ] {
            let (done, _) = stand(mark, oracle).ask(&mut *recruit(&ArbFunding::default(), 0).agent, 3_501);
            let [(3_500, Kind::OpenPosition(open))] = &done[..] else {
                panic!("{done:?}");
            };
            assert_eq!(open.direction, wanted);
            // A basis point of the price is half of one of the reserve: 0.05 units of a thousand, at 20 dollars.
            assert!(open.quote_amount.abs_diff(1_000_000) < 100, "{open:?}");
        }
    }

    #[test]
    fn it_trades_at_the_end_of_every_hour_and_sleeps_between() {
        let spec = ArbFunding {
            window: 100,
            every: 30,
            max_size: 0.5,
            ..ArbFunding::default()
        };
        let (done, calls) = stand(20_100_000, 20_000_000).ask(&mut *recruit(&spec, 0).agent, 7_200);
        let seconds: Vec<_> = done.iter().map(|(second, _)| *second).collect();
        assert_eq!(seconds, [3_500, 3_530, 3_560, 3_590, 7_100, 7_130, 7_160, 7_190]);
        assert_eq!(calls, 8);
        assert!(
            done.iter()
                .all(|(_, kind)| matches!(kind, Kind::OpenPosition(open) if open.quote_amount == 500_000))
        );
    }
}

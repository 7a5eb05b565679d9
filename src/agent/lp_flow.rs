//! Liquidity that comes and goes with what it earns.

use super::amount::Amount;
use super::arrivals::{Arrivals, SECONDS_PER_DAY};
use super::draw::quote;
use super::group::group;
use super::{Agent, Cast, Member, Recipe, Setting, View};
use crate::event::{AddLiquidity, Kind, Portion, RemoveLiquidity};
use crate::random::Pcg64;
use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const DAYS_PER_YEAR: f64 = 365.0;

group! {
    /// Liquidity providers who look at random times, as a Poisson process, and join where the market's fees since the last look were a
    /// return above one threshold, or leave where below another.
    ///
    /// The return is what the AMM took in fees and spread for a share of its liquidity, over what a share is worth on both sides of the
    /// curve, as a simple rate a year of 365 days: 0.1 is 10 % a year.
    LpFlow {
        /// The perpetual market.
        market: u16 = 0,
        /// Looks of each user a day, on average; the first is at second 0, to see where fees begin.
        looks_per_day: f64 = 24.0,
        /// Whoever has no shares adds some at a return above this a year.
        join_above: f64 = 0.2,
        /// Whoever has shares removes all at a return below this a year.
        leave_below: f64 = 0.05,
        /// Shares that are added, in units of base as sqrt_k counts them, drawn for each user.
        shares: Amount = Amount::Uniform { min: 0.0, max: 100.0 },
        /// Deposit of each, in dollars.
        deposit: Amount = Amount::Uniform { min: 1_000_000.0, max: 1_000_000.0 },
    }
}

impl Recipe for LpFlow {
    fn members(&self) -> Cast {
        Cast::of(self.users, &self.users_of)
    }

    fn market(&self) -> u16 {
        self.market
    }

    fn recruit(&self, user: u32, random: &mut Pcg64, _: &Setting) -> Member {
        let looks = Pcg64::new(random.next_u64().into(), random.next_u64().into());
        let shares = self.shares.draw(random) * 1e9;
        Member {
            deposit: quote(self.deposit.draw(random)),
            agent: Box::new(Provider {
                user,
                shares: shares.round() as u64,
                looks: Arrivals::new(looks, self.looks_per_day, &[], 0, 0.0, 1.0),
                seen: None,
                spec: self.clone(),
            }),
        }
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if !(0.0..=86_400.0).contains(&self.looks_per_day) {
            let why = format!("must be from 0 to 86400, found {}", self.looks_per_day);
            problems.push(("looks_per_day", why));
        }
        for (field, value) in [("join_above", self.join_above), ("leave_below", self.leave_below)] {
            if !value.is_finite() {
                problems.push((field, format!("must be a number, found {value}")));
            }
        }
        if self.leave_below > self.join_above {
            let why = format!(
                "is above join_above, {}: whoever joins would leave",
                self.join_above
            );
            problems.push(("leave_below", why));
        }
        problems.extend(self.shares.problem().map(|why| ("shares", why)));
        problems.extend(self.deposit.problem().map(|why| ("deposit", why)));
        problems
    }
}

struct Provider {
    user: u32,
    spec: LpFlow,
    /// What joining adds (1e9).
    shares: u64,
    looks: Arrivals,
    /// When the last look was, and the fees that the AMM had taken by then (1e6).
    seen: Option<(i64, i128)>,
}

impl Provider {
    /// The return a year since the last look.
    fn earned(&mut self, view: &View) -> Option<f64> {
        let amm = &view.market(self.spec.market)?.amm;
        let (then, fees) = self.seen.replace((view.now, amm.total_fee))?;
        let years = (view.now - then) as f64 / SECONDS_PER_DAY / DAYS_PER_YEAR;
        // Either side of the curve is worth the base reserve at the curve's price.
        let worth = 2.0 * amm.base_asset_reserve as f64 / 1e9 * view.mark_price(self.spec.market)? as f64;
        Some((amm.total_fee - fees) as f64 / worth / years)
    }
}

impl Agent for Provider {
    fn first_call(&self) -> Option<i64> {
        (self.shares > 0).then_some(0)
    }

    fn call(&mut self, view: &View, events: &mut Vec<Kind>) -> Option<i64> {
        let (user_index, market_index) = (self.user, self.spec.market);
        if let Some(earned) = self.earned(view) {
            let held = view.position(user_index, market_index);
            let has_shares = held.is_some_and(|held| held.lp_shares > 0);
            if !has_shares && earned > self.spec.join_above {
                let token_amount = self.shares;
                events.push(
                    AddLiquidity {
                        market_index,
                        user_index,
                        token_amount,
                    }
                    .into(),
                );
            } else if has_shares && earned < self.spec.leave_below {
                let lp_token_amount = Portion::All;
                events.push(
                    RemoveLiquidity {
                        market_index,
                        user_index,
                        lp_token_amount,
                    }
                    .into(),
                );
            }
        }
        while self.looks.next() <= view.now as f64 {
            self.looks.pass();
        }
        let next = self.looks.next();
        next.is_finite().then_some(next.ceil() as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Stand, recruit};
    use super::*;

    fn spec() -> LpFlow {
        LpFlow {
            looks_per_day: 8_640.0,
            shares: Amount::Uniform { min: 10.0, max: 10.0 },
            ..LpFlow::default()
        }
    }

    #[test]
    fn providers_join_at_a_return_and_leave_without_it() {
        // A thousand units at 20 dollars on both sides are 40,000. 20 % a year are 8,000
        // dollars, in 100 seconds 25,368 millionths.
        let mut stand = Stand::new(&[(0, 20_000_000)]);
        let mut agent = recruit(&spec(), 0).agent;
        let mut events = Vec::new();
        let mut look = |stand: &mut Stand, second: i64, fees: i128| -> Vec<Kind> {
            stand.set(|market| market.amm.total_fee += fees);
            agent.call(&stand.view(second), &mut events);
            let wanted: Vec<Kind> = std::mem::take(&mut events);
            wanted.iter().for_each(|kind| stand.happen(second, kind.clone()));
            wanted
        };
        assert_eq!(look(&mut stand, 0, 1_000_000), []);
        // Half a percent below and above that.
        assert_eq!(look(&mut stand, 100, 25_234), []);
        let added = AddLiquidity {
            market_index: 0,
            user_index: 0,
            token_amount: 10_000_000_000,
        };
        assert_eq!(look(&mut stand, 200, 25_488), [added.into()]);
        // Enough to stay for whoever is there, on 40,400 dollars now: 5.1 %, then 4.9 %.
        assert_eq!(look(&mut stand, 300, 6_533), []);
        let removed = RemoveLiquidity {
            market_index: 0,
            user_index: 0,
            lp_token_amount: Portion::All,
        };
        assert_eq!(look(&mut stand, 1_300, 62_770), [removed.into()]);
    }

    #[test]
    fn looks_come_at_random_times_at_their_rate() {
        let stand = Stand::new(&[(0, 20_000_000)]);
        let (done, calls) = stand.ask(&mut *recruit(&spec(), 0).agent, 86_400);
        assert_eq!(done, []);
        // 8,640 of which some share a second: 86,400 (1 - exp(-0.1)) = 8,222 seconds have one. Five standard deviations are 465.
        assert!((7_757..=8_687).contains(&calls), "{calls}");
    }
}

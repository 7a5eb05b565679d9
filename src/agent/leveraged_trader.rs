//! Holds a position larger than the deposit, and may pay in more when it is about to be liquidated.

use super::draw::{Range, below, chance, interval_problem, probability_problem, quote, seconds_problem};
use super::group::group;
use super::{Agent, Cast, Member, Recipe, Setting, View};
use crate::event::{ClosePosition, DepositCollateral, Direction, Kind, OpenPosition};
use crate::random::Pcg64;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

group! {
    /// Traders who each open a position of so many times their deposit at a random time and close it a random time later, if
    /// they still have it. Some add margin when there is little left above the maintenance margin.
    LeveragedTrader {
        /// The perpetual market.
        market: u16 = 0,
        /// Probability of a short position.
        short_bias: f64 = 0.5,
        /// Position size over deposit.
        leverage: f64 = 3.0,
        /// Deposit of each, in dollars, drawn uniformly.
        deposit: Range = Range { min: 1_000.0, max: 10_000.0 },
        /// Second of the opening; drawn up to `start_by` where not given.
        start: Option<i64> = None,
        /// The latest second of an opening that is drawn; the horizon where not given.
        start_by: Option<i64> = None,
        /// Seconds from opening to closing; drawn over the rest of the horizon where not given. 0 is never.
        duration: Option<i64> = None,
        /// Probability that a trader adds margin at all.
        top_up_odds: f64 = 0.0,
        /// What is added each time, as a share of the deposit.
        top_up: f64 = 0.5,
        /// How often margin is added, at most.
        most_top_ups: u32 = 1,
        /// Margin is added where the collateral is below so many times the maintenance margin.
        top_up_below: f64 = 1.25,
        /// Seconds between looks of those who add margin.
        every: i64 = 60,
    }
}

impl Recipe for LeveragedTrader {
    fn members(&self) -> Cast {
        Cast::of(self.users, &self.users_of)
    }

    fn market(&self) -> u16 {
        self.market
    }

    fn watches(&self) -> bool {
        true
    }

    fn recruit(&self, user: u32, random: &mut Pcg64, setting: &Setting) -> Member {
        let latest = self.start_by.unwrap_or(setting.horizon).min(setting.horizon);
        let drawn_start = below(random, latest - 2);
        let start = self.start.unwrap_or(drawn_start);
        let drawn_duration = below(random, setting.horizon - start - 1);
        let duration = self.duration.unwrap_or(drawn_duration);
        let deposit = quote(self.deposit.draw(random));
        let short = chance(random, self.short_bias);
        let tops_up = chance(random, self.top_up_odds);
        let open = OpenPosition {
            user_index: user,
            direction: if short { Direction::Short } else { Direction::Long },
            quote_amount: quote(deposit as f64 * self.leverage / 1e6),
            market_index: self.market,
        };
        Member {
            deposit,
            agent: Box::new(Trader {
                open,
                start,
                end: (duration > 0).then_some(start + duration),
                top_up: quote(deposit as f64 * self.top_up / 1e6),
                top_ups: if tops_up { self.most_top_ups } else { 0 },
                below: self.top_up_below,
                every: self.every,
                opened: false,
            }),
        }
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        problems.extend(probability_problem(self.short_bias).map(|why| ("short_bias", why)));
        problems.extend(probability_problem(self.top_up_odds).map(|why| ("top_up_odds", why)));
        for (field, value) in [
            ("leverage", self.leverage),
            ("top_up", self.top_up),
            ("top_up_below", self.top_up_below),
        ] {
            if !(value.is_finite() && value > 0.0) {
                problems.push((field, format!("must be above 0, found {value}")));
            }
        }
        problems.extend(self.deposit.problem(0.0).map(|why| ("deposit", why)));
        problems.extend(seconds_problem(self.start).map(|why| ("start", why)));
        problems.extend(seconds_problem(self.start_by).map(|why| ("start_by", why)));
        problems.extend(seconds_problem(self.duration).map(|why| ("duration", why)));
        problems.extend(interval_problem(self.every).map(|why| ("every", why)));
        problems
    }
}

struct Trader {
    open: OpenPosition,
    start: i64,
    end: Option<i64>,
    /// What is added each time (1e6), and how often still.
    top_up: u64,
    top_ups: u32,
    below: f64,
    every: i64,
    opened: bool,
}

impl Trader {
    fn next(&self, now: i64) -> Option<i64> {
        let look = (self.top_ups > 0).then_some(now + self.every);
        [look, self.end.filter(|end| *end > now)]
            .into_iter()
            .flatten()
            .min()
    }

    fn is_near_the_end(&self, view: &View) -> bool {
        view.margin(self.open.user_index).is_some_and(|margin| {
            margin.requirement > 0 && (margin.collateral as f64) < margin.requirement as f64 * self.below
        })
    }
}

impl Agent for Trader {
    fn first_call(&self) -> Option<i64> {
        Some(self.start)
    }

    fn call(&mut self, view: &View, events: &mut Vec<Kind>) -> Option<i64> {
        let OpenPosition {
            user_index,
            market_index,
            ..
        } = self.open;
        if !self.opened {
            self.opened = true;
            events.push(self.open.clone().into());
            return self.next(view.now);
        }
        let held = view.position(user_index, market_index)?;
        if held.base_asset_amount == 0 {
            // Refused, or liquidated: there is nothing left to look after.
            return None;
        }
        if self.end.is_some_and(|end| end <= view.now) {
            events.push(
                ClosePosition {
                    user_index,
                    market_index,
                }
                .into(),
            );
            return None;
        }
        if self.is_near_the_end(view) {
            self.top_ups -= 1;
            let add = DepositCollateral {
                user_index,
                deposit_amount: self.top_up,
                spot_market_index: 0,
                mint_amount: 0,
                username: String::new(),
            };
            events.push(add.into());
        }
        self.next(view.now)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Stand, recruit};
    use super::*;

    fn spec() -> LeveragedTrader {
        LeveragedTrader {
            short_bias: 0.0,
            leverage: 4.0,
            deposit: Range { min: 50.0, max: 50.0 },
            start: Some(10),
            duration: Some(500),
            every: 50,
            ..LeveragedTrader::default()
        }
    }

    /// What the trader does while the position that he asks for is there.
    fn life(spec: &LeveragedTrader, prices: &[(u32, u64)]) -> Vec<(i64, Kind)> {
        let mut stand = Stand::new(prices);
        let mut agent = recruit(spec, 0).agent;
        let mut events = Vec::new();
        let due = agent.call(&stand.view(10), &mut events);
        let mut done: Vec<_> = events.drain(..).map(|kind| (10, kind)).collect();
        // The stand's users are rich: this one takes out all but his deposit.
        let rest = crate::event::WithdrawCollateral {
            user_index: 0,
            spot_market_index: 0,
            withdraw_amount: 99_950_000_000,
            reduce_only: true,
            username: String::new(),
        };
        stand.happen(10, rest.into());
        stand.happen(10, done[0].1.clone());
        let mut due = due;
        while let Some(now) = due {
            due = agent.call(&stand.view(now), &mut events);
            done.extend(events.drain(..).map(|kind| (now, kind)));
        }
        done
    }

    fn names(life: &[(i64, Kind)]) -> Vec<(i64, &'static str)> {
        life.iter().map(|(second, kind)| (*second, kind.name())).collect()
    }

    #[test]
    fn a_position_of_so_many_times_the_deposit_is_opened_and_closed() {
        let done = life(&spec(), &[(0, 20_000_000)]);
        let open = OpenPosition {
            user_index: 0,
            direction: Direction::Long,
            quote_amount: 200_000_000,
            market_index: 0,
        };
        let close = ClosePosition {
            user_index: 0,
            market_index: 0,
        };
        assert_eq!(done, [(10, open.into()), (510, close.into())]);
        assert_eq!(recruit(&spec(), 0).deposit, 50_000_000);
    }

    #[test]
    fn only_some_add_margin_when_little_is_left() {
        // Ten units need 18 % of their worth to be kept: 36 dollars, of 48 that are left of 50. At 18.6 it is 33.5 of 34.
        let prices = [(0, 20_000_000), (100, 18_600_000)];
        assert_eq!(
            names(&life(&spec(), &prices)),
            [(10, "open_position"), (510, "close_position")]
        );
        let cautious = LeveragedTrader {
            top_up_odds: 1.0,
            most_top_ups: 2,
            ..spec()
        };
        let done = life(&cautious, &prices);
        let expected = [
            (10, "open_position"),
            (110, "deposit_collateral"),
            (160, "deposit_collateral"),
            (510, "close_position"),
        ];
        assert_eq!(names(&done), expected);
        let Kind::DepositCollateral(add) = &done[1].1 else {
            panic!("{done:?}")
        };
        assert_eq!(add.deposit_amount, 25_000_000);
        assert_eq!(life(&cautious, &[(0, 20_000_000)]).len(), 2);
    }

    #[test]
    fn whoever_lost_the_position_is_done() {
        let stand = Stand::new(&[(0, 20_000_000)]);
        let (done, calls) = stand.ask(&mut *recruit(&spec(), 0).agent, 1_000);
        assert_eq!((done.len(), calls), (1, 2));
    }
}

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

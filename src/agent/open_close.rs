//! Opens one position and, perhaps, closes it.

use super::draw::{Range, below, chance, probability_problem, quote};
use super::{Agent, Cast, Member, Recipe, Setting, View};
use crate::event::{ClosePosition, Direction, Kind, OpenPosition};
use crate::random::Pcg64;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Traders who each open one position at a random time and close it a random time later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OpenClose {
    /// How many users.
    pub users: u32,
    /// A group whose users these are, in place of new ones.
    pub users_of: Option<String>,
    /// The perpetual market.
    pub market: u16,
    /// Probability of a short position.
    pub short_bias: f64,
    /// Probability that a position is never closed.
    pub leave_open_odds: f64,
    /// Position size over deposit.
    pub leverage: f64,
    /// Size of the position in dollars, drawn uniformly.
    pub size: Range,
    /// Second of the opening; drawn over the horizon where not given.
    pub start: Option<i64>,
    /// Seconds from opening to closing; drawn over the rest of the horizon where not given.
    pub duration: Option<i64>,
}

impl Default for OpenClose {
    fn default() -> Self {
        Self {
            users: 1,
            users_of: None,
            market: 0,
            short_bias: 0.5,
            leave_open_odds: 0.5,
            leverage: 1.0,
            size: Range { min: 0.0, max: 100.0 },
            start: None,
            duration: None,
        }
    }
}

impl Recipe for OpenClose {
    fn members(&self) -> Cast {
        Cast::of(self.users, &self.users_of)
    }

    fn market(&self) -> u16 {
        self.market
    }

    fn recruit(&self, user: u32, random: &mut Pcg64, setting: &Setting) -> Member {
        let drawn_start = below(random, setting.horizon - 2);
        let start = self.start.unwrap_or(drawn_start);
        let drawn_duration = below(random, setting.horizon - start - 1);
        let duration = self.duration.unwrap_or(drawn_duration);
        let quote_amount = quote(self.size.draw(random));
        let left_open = chance(random, self.leave_open_odds);
        let short = chance(random, self.short_bias);
        let direction = if short { Direction::Short } else { Direction::Long };
        let open = OpenPosition {
            user_index: user,
            direction,
            quote_amount,
            market_index: self.market,
        };
        // As in drift-sim, a duration of 0 means that the position stays.
        let close_after = (!left_open && duration > 0).then_some(duration);
        Member {
            deposit: quote(quote_amount as f64 / self.leverage / 1e6),
            agent: Box::new(Trader {
                open,
                start,
                close_after,
                opened: false,
            }),
        }
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        problems.extend(probability_problem(self.short_bias).map(|why| ("short_bias", why)));
        problems.extend(probability_problem(self.leave_open_odds).map(|why| ("leave_open_odds", why)));
        problems.extend(self.size.problem(0.0).map(|why| ("size", why)));
        if !(self.leverage.is_finite() && self.leverage > 0.0) {
            problems.push(("leverage", format!("must be above 0, found {}", self.leverage)));
        }
        problems
    }
}

struct Trader {
    open: OpenPosition,
    start: i64,
    close_after: Option<i64>,
    opened: bool,
}

impl Agent for Trader {
    fn first_call(&self) -> Option<i64> {
        Some(self.start)
    }

    fn call(&mut self, view: &View, events: &mut Vec<Kind>) -> Option<i64> {
        if self.opened {
            let OpenPosition {
                user_index,
                market_index,
                ..
            } = self.open;
            events.push(
                ClosePosition {
                    user_index,
                    market_index,
                }
                .into(),
            );
            return None;
        }
        self.opened = true;
        events.push(self.open.clone().into());
        self.close_after.map(|seconds| view.now + seconds)
    }
}

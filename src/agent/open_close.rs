//! Opens one position and, perhaps, closes it.

use super::draw::{Range, below, chance, probability_problem, quote, seconds_problem};
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
    /// Spot market of the deposit; beyond the quote market it is as many tokens as it would be dollars.
    pub collateral_market: u16,
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
            collateral_market: 0,
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

    fn deposit_market(&self) -> u16 {
        self.collateral_market
    }

    fn spot_markets(&self) -> Vec<(&'static str, u16)> {
        vec![("collateral_market", self.collateral_market)]
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
        problems.extend(seconds_problem(self.start).map(|why| ("start", why)));
        problems.extend(seconds_problem(self.duration).map(|why| ("duration", why)));
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

#[cfg(test)]
mod tests {
    use super::super::testing::{Stand, recruit};
    use super::*;

    const SURE: OpenClose = OpenClose {
        users: 1,
        users_of: None,
        market: 0,
        short_bias: 0.0,
        leave_open_odds: 0.0,
        leverage: 4.0,
        collateral_market: 0,
        size: Range { min: 50.0, max: 50.0 },
        start: Some(10),
        duration: Some(20),
    };

    /// What the agent of a replicate does, its deposit, and how often it was asked.
    fn life(spec: &OpenClose, replicate: u64) -> (Vec<(i64, Kind)>, u64, usize) {
        let mut member = recruit(spec, replicate);
        let stand = Stand::new(&[(0, 20_000_000)]);
        let (done, calls) = stand.ask(&mut *member.agent, 228_000);
        (done, member.deposit, calls)
    }

    fn opening(life: &[(i64, Kind)]) -> &OpenPosition {
        let Some((_, Kind::OpenPosition(open))) = life.first() else {
            panic!("{life:?} opens nothing");
        };
        open
    }

    #[test]
    fn a_position_is_opened_once_and_closed_once() {
        let (done, deposit, calls) = life(&SURE, 0);
        let open = OpenPosition {
            user_index: 0,
            direction: Direction::Long,
            quote_amount: 50_000_000,
            market_index: 0,
        };
        let close = ClosePosition {
            user_index: 0,
            market_index: 0,
        };
        assert_eq!(done, [(10, open.into()), (30, close.into())]);
        // 50 dollars at fourfold leverage.
        assert_eq!((deposit, calls), (12_500_000, 2));
    }

    #[test]
    fn a_position_may_be_left_open() {
        let left = OpenClose {
            leave_open_odds: 1.0,
            ..SURE
        };
        let endless = OpenClose {
            duration: Some(0),
            ..SURE
        };
        for spec in [left, endless] {
            let (done, _, calls) = life(&spec, 0);
            assert_eq!((done.len(), calls), (1, 1), "{done:?}");
        }
    }

    #[test]
    fn the_short_bias_changes_directions_and_nothing_else() {
        let spec = |short_bias| OpenClose {
            short_bias,
            start: None,
            duration: None,
            leave_open_odds: 0.5,
            size: Range { min: 0.0, max: 100.0 },
            ..SURE
        };
        let mut shorts = [0; 4];
        for replicate in 0..200 {
            let lives = [0.0, 0.25, 0.75, 1.0].map(|bias| life(&spec(bias), replicate));
            let mut was_short = false;
            for (count, (done, deposit, _)) in shorts.iter_mut().zip(&lives) {
                let open = opening(done);
                let short = open.direction == Direction::Short;
                assert!(short || !was_short, "a larger bias turned a short trader around");
                was_short = short;
                *count += usize::from(short);
                assert_eq!(open.quote_amount, opening(&lives[0].0).quote_amount);
                assert_eq!(deposit, &lives[0].1);
                let times = |done: &[(i64, Kind)]| done.iter().map(|(second, _)| *second).collect::<Vec<_>>();
                assert_eq!(times(done), times(&lives[0].0));
            }
        }
        assert_eq!((shorts[0], shorts[3]), (0, 200));
        // Five standard deviations around 50 and 150 of 200: sqrt(200 * 0.25 * 0.75) = 6.1.
        assert!(
            (20..=80).contains(&shorts[1]) && (120..=180).contains(&shorts[2]),
            "{shorts:?}"
        );
    }

    #[test]
    fn what_is_given_does_not_move_the_other_draws() {
        let free = OpenClose {
            start: None,
            duration: None,
            leave_open_odds: 0.5,
            size: Range { min: 0.0, max: 100.0 },
            short_bias: 0.5,
            ..SURE
        };
        for replicate in 0..50 {
            let (drawn, ..) = life(&free, replicate);
            let given = OpenClose {
                start: Some(1),
                duration: Some(2),
                ..free.clone()
            };
            assert_eq!(opening(&life(&given, replicate).0), opening(&drawn));
            // All within the horizon, with time to close.
            assert!(
                drawn.iter().all(|(second, _)| (0..1_000).contains(second)),
                "{drawn:?}"
            );
        }
    }
}

//! Trades without a reason.

use super::draw::{Range, chance, dollars_problem, interval_problem, probability_problem, quote};
use super::{Agent, Cast, Member, Recipe, Setting, View};
use crate::event::{Direction, Kind, OpenPosition};
use crate::random::Pcg64;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Traders who trade at regular intervals. drift-sim's only ever buy, one dollar each time, in the last second of
/// every five minutes: those are the defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Noise {
    /// How many users.
    pub users: u32,
    /// A group whose users these are, in place of new ones.
    pub users_of: Option<String>,
    /// The perpetual market.
    pub market: u16,
    /// Seconds between trades; the first comes at the last second of the first interval.
    pub every: i64,
    /// Dollars a trade, drawn uniformly for each.
    pub size: Range,
    /// Probability that a trade is a sale.
    pub short_bias: f64,
    /// Probability that a trade takes place at all.
    pub intensity: f64,
    /// Deposit of each, in dollars.
    pub deposit: f64,
}

impl Default for Noise {
    fn default() -> Self {
        Self {
            users: 1,
            users_of: None,
            market: 0,
            every: 300,
            size: Range { min: 1.0, max: 1.0 },
            short_bias: 0.0,
            intensity: 1.0,
            deposit: 100_000.0,
        }
    }
}

impl Recipe for Noise {
    fn members(&self) -> Cast {
        Cast::of(self.users, &self.users_of)
    }

    fn market(&self) -> u16 {
        self.market
    }

    fn recruit(&self, user: u32, random: &mut Pcg64, _: &Setting) -> Member {
        Member {
            deposit: quote(self.deposit),
            agent: Box::new(Trader {
                user,
                spec: self.clone(),
                random: random.clone(),
            }),
        }
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        problems.extend(self.size.problem(0.0).map(|why| ("size", why)));
        problems.extend(probability_problem(self.short_bias).map(|why| ("short_bias", why)));
        problems.extend(probability_problem(self.intensity).map(|why| ("intensity", why)));
        problems.extend(dollars_problem(self.deposit).map(|why| ("deposit", why)));
        problems.extend(interval_problem(self.every).map(|why| ("every", why)));
        problems
    }
}

struct Trader {
    user: u32,
    spec: Noise,
    random: Pcg64,
}

impl Agent for Trader {
    fn first_call(&self) -> Option<i64> {
        Some(self.spec.every - 1)
    }

    fn call(&mut self, view: &View, events: &mut Vec<Kind>) -> Option<i64> {
        let quote_amount = quote(self.spec.size.draw(&mut self.random));
        let short = chance(&mut self.random, self.spec.short_bias);
        if chance(&mut self.random, self.spec.intensity) {
            let direction = if short { Direction::Short } else { Direction::Long };
            let market_index = self.spec.market;
            events.push(
                OpenPosition {
                    user_index: self.user,
                    direction,
                    quote_amount,
                    market_index,
                }
                .into(),
            );
        }
        Some(view.now + self.spec.every)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Stand, recruit};
    use super::*;

    fn trades(spec: &Noise, end: i64) -> Vec<(i64, OpenPosition)> {
        let (done, _) = Stand::new(&[(0, 20_000_000)]).ask(&mut *recruit(spec, 0).agent, end);
        let trade = |(second, kind)| match kind {
            Kind::OpenPosition(open) => (second, open),
            other => panic!("{other:?}"),
        };
        done.into_iter().map(trade).collect()
    }

    #[test]
    fn by_default_a_dollar_is_bought_in_the_last_second_of_every_five_minutes() {
        let open = OpenPosition {
            user_index: 0,
            direction: Direction::Long,
            quote_amount: 1_000_000,
            market_index: 0,
        };
        let expected = [(299, open.clone()), (599, open.clone()), (899, open)];
        assert_eq!(trades(&Noise::default(), 1_000), expected);
    }

    #[test]
    fn parameters_do_not_move_each_others_draws() {
        let spec = Noise {
            every: 10,
            size: Range { min: 0.0, max: 100.0 },
            short_bias: 0.5,
            ..Noise::default()
        };
        let all = trades(&spec, 1_000);
        assert_eq!(all.len(), 100);
        let sparse = Noise {
            intensity: 0.3,
            ..spec.clone()
        };
        let some = trades(&sparse, 1_000);
        assert!((5..=60).contains(&some.len()), "{}", some.len());
        assert!(some.iter().all(|trade| all.contains(trade)));
        let sellers = Noise {
            short_bias: 1.0,
            ..spec
        };
        for ((second, trade), (other, seller)) in all.iter().zip(&trades(&sellers, 1_000)) {
            assert_eq!((second, trade.quote_amount), (other, seller.quote_amount));
            assert_eq!(seller.direction, Direction::Short);
        }
        let silent = Noise {
            intensity: 0.0,
            ..Noise::default()
        };
        assert_eq!(trades(&silent, 1_000), []);
    }
}

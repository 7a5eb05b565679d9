//! Recorded trades, once more.

use super::draw::{dollars_problem, quote};
use super::group::group;
use super::{Agent, Cast, Member, Recipe, Setting, View};
use crate::event::{Direction, Kind, OpenPosition};
use crate::random::Pcg64;
use crate::recording::{MICROS, Source, Trades};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

group! {
    /// Traders who take turns at repeating the takers' trades of a recording: each in the direction and of the dollars recorded, in the
    /// second that it was made in. Trades of a file such as Drift's records or Binance's aggregated trades; the second of the first one,
    /// or of `from` where the recording has it, is second 0.
    RecordedFlow {
        /// The perpetual market.
        market: u16 = 0,
        /// The recording: `{file: trades.csv}`.
        trades: Option<Source> = None,
        /// What a trade's dollars are multiplied by.
        scale: f64 = 1.0,
        /// Deposit of each user, in dollars.
        deposit: f64 = 1_000_000.0,
    }
}

impl Recipe for RecordedFlow {
    fn members(&self) -> Cast {
        Cast::of(self.users, &self.users_of)
    }

    fn market(&self) -> u16 {
        self.market
    }

    fn watches(&self) -> bool {
        true
    }

    fn trades(&self) -> Option<&Source> {
        self.trades.as_ref()
    }

    fn recruit(&self, user: u32, _: &mut Pcg64, setting: &Setting) -> Member {
        let trades = setting.trades.clone().unwrap_or_default();
        let from = self.trades.as_ref().and_then(|source| source.from);
        let first = from
            .map(|moment| moment.0)
            .or(trades.0.first().map(|trade| trade.micros));
        Member {
            deposit: quote(self.deposit),
            agent: Box::new(Repeater {
                user,
                market: self.market,
                scale: self.scale,
                start: first.unwrap_or_default().div_euclid(MICROS),
                place: setting.place as usize,
                users: setting.users.max(1) as usize,
                trades,
            }),
        }
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if self.trades.is_none() {
            problems.push(("trades", "is missing: give `trades: {file: ...}`".to_owned()));
        }
        if !(self.scale.is_finite() && self.scale > 0.0) {
            problems.push(("scale", format!("must be above 0, found {}", self.scale)));
        }
        problems.extend(dollars_problem(self.deposit).map(|why| ("deposit", why)));
        problems
    }
}

struct Repeater {
    user: u32,
    market: u16,
    scale: f64,
    trades: Arc<Trades>,
    /// Second 0, since 1970.
    start: i64,
    /// The user's next trade.
    place: usize,
    users: usize,
}

impl Repeater {
    fn next(&self) -> Option<i64> {
        let trade = self.trades.0.get(self.place)?;
        Some(trade.micros.div_euclid(MICROS) - self.start)
    }
}

impl Agent for Repeater {
    fn first_call(&self) -> Option<i64> {
        self.next()
    }

    fn call(&mut self, view: &View, events: &mut Vec<Kind>) -> Option<i64> {
        while self.next().is_some_and(|due| due <= view.now) {
            let trade = &self.trades.0[self.place];
            self.place += self.users;
            let quote_amount = quote(trade.size.abs() * trade.price * self.scale);
            if quote_amount == 0 {
                continue;
            }
            let open = OpenPosition {
                user_index: self.user,
                direction: if trade.size > 0.0 {
                    Direction::Long
                } else {
                    Direction::Short
                },
                quote_amount,
                market_index: self.market,
            };
            events.push(open.into());
        }
        self.next()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SETTING, Stand};
    use super::*;
    use crate::random::{Purpose, stream};
    use crate::recording::Trade;

    /// Three trades from second 1,000 on.
    fn trades() -> Trades {
        let trade = |micros, size| Trade {
            micros,
            price: 20.0,
            size,
        };
        Trades(vec![
            trade(1_000_400_000, 1.5),
            trade(1_000_900_000, -2.0),
            trade(1_007_000_000, 0.25),
        ])
    }

    fn of_place(place: u32, users: u32) -> Vec<(i64, Kind)> {
        let setting = Setting {
            place,
            users,
            trades: Some(Arc::new(trades())),
            ..SETTING
        };
        let spec = RecordedFlow {
            scale: 2.0,
            ..RecordedFlow::default()
        };
        let mut agent = spec
            .recruit(place, &mut stream(1, 0, Purpose::Agent, 0), &setting)
            .agent;
        Stand::new(&[(0, 20_000_000)]).ask(&mut *agent, 1_000).0
    }

    fn open(user_index: u32, direction: Direction, dollars: u64) -> Kind {
        let quote_amount = dollars * 1_000_000;
        OpenPosition {
            user_index,
            direction,
            quote_amount,
            market_index: 0,
        }
        .into()
    }

    #[test]
    fn trades_are_repeated_in_their_seconds() {
        let expected = [
            (0, open(0, Direction::Long, 60)),
            (0, open(0, Direction::Short, 80)),
            (7, open(0, Direction::Long, 10)),
        ];
        assert_eq!(of_place(0, 1), expected);
    }

    #[test]
    fn users_take_turns() {
        let [long, short, last] = [
            (0, open(0, Direction::Long, 60)),
            (0, open(1, Direction::Short, 80)),
            (7, open(0, Direction::Long, 10)),
        ];
        assert_eq!(of_place(0, 2), [long, last]);
        assert_eq!(of_place(1, 2), [short]);
    }
}

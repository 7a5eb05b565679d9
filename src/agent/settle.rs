//! Settles what others hold, at regular intervals.

use super::draw::{below, interval_problem, seconds_problem};
use super::{Agent, Cast, Member, Recipe, Setting, View};
use crate::event::{self, Kind};
use crate::random::Pcg64;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! settlers {
    ($(#[$note:meta])* $name:ident: $when:expr) => {
        $(#[$note])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// The group on whose accounts it acts: one settler for each of its users.
            pub users_of: String,
            /// The perpetual market.
            #[serde(default)]
            pub market: u16,
            /// Seconds between settlements; drawn up to a quarter of the horizon where not given.
            #[serde(default)]
            pub every: Option<i64>,
            /// Nothing is settled up to this second; drawn up to a quarter of the horizon where not given.
            #[serde(default)]
            pub start: Option<i64>,
        }

        impl Recipe for $name {
            fn members(&self) -> Cast {
                Cast::UsersOf(self.users_of.clone())
            }

            fn market(&self) -> u16 {
                self.market
            }

            fn recruit(&self, user: u32, random: &mut Pcg64, setting: &Setting) -> Member {
                let quarter = setting.horizon / 4;
                let drawn_every = 1 + below(random, quarter - 1);
                let drawn_start = 1 + below(random, quarter - 1);
                let every = self.every.unwrap_or(drawn_every).max(1);
                let start = self.start.unwrap_or(drawn_start).max(0);
                let act: fn(&View, u32, u16) -> Option<Kind> = $when;
                Member { deposit: 0, agent: Box::new(Settler { user, market: self.market, every, start, act }) }
            }

            fn problems(&self) -> Vec<(&'static str, String)> {
                let every = self.every.and_then(interval_problem).map(|why| ("every", why));
                let start = seconds_problem(self.start).map(|why| ("start", why));
                every.into_iter().chain(start).collect()
            }
        }
    };
}

settlers! {
    /// Settles profit and loss wherever there is a base position.
    SettlePnl: |view, user_index, market_index| {
        let held = view.position(user_index, market_index)?;
        (held.base_asset_amount != 0).then(|| event::SettlePnl { user_index, market_index }.into())
    }
}

settlers! {
    /// Settles LP shares wherever there are any.
    SettleLp: |view, user_index, market_index| {
        let held = view.position(user_index, market_index)?;
        (held.lp_shares != 0).then(|| event::SettleLp { user_index, market_index }.into())
    }
}

struct Settler {
    user: u32,
    market: u16,
    every: i64,
    start: i64,
    act: fn(&View, u32, u16) -> Option<Kind>,
}

impl Settler {
    /// The first multiple of the interval after `second`.
    fn next(&self, second: i64) -> Option<i64> {
        (second / self.every + 1).checked_mul(self.every)
    }
}

impl Agent for Settler {
    fn first_call(&self) -> Option<i64> {
        self.next(self.start)
    }

    fn call(&mut self, view: &View, events: &mut Vec<Kind>) -> Option<i64> {
        events.extend((self.act)(view, self.user, self.market));
        self.next(view.now)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Stand, recruit};
    use super::*;
    use crate::event::{AddLiquidity, Direction, OpenPosition};

    fn seconds(recipe: &impl Recipe, stand: &Stand) -> (Vec<i64>, usize) {
        let (done, calls) = stand.ask(&mut *recruit(recipe, 0).agent, 1_000);
        (done.into_iter().map(|(second, _)| second).collect(), calls)
    }

    #[test]
    fn profit_is_settled_only_where_there_is_base() {
        let spec = SettlePnl {
            users_of: "traders".into(),
            market: 0,
            every: Some(300),
            start: Some(300),
        };
        let mut stand = Stand::new(&[(0, 20_000_000)]);
        // Multiples of the interval after the start, with nothing to settle.
        assert_eq!(seconds(&spec, &stand), (vec![], 2));
        let open = OpenPosition {
            user_index: 0,
            direction: Direction::Short,
            quote_amount: 100_000_000,
            market_index: 0,
        };
        stand.happen(1, open.into());
        assert_eq!(seconds(&spec, &stand), (vec![600, 900], 2));
    }

    #[test]
    fn liquidity_is_settled_only_where_there_are_shares() {
        let spec = SettleLp {
            users_of: "lps".into(),
            market: 0,
            every: Some(250),
            start: Some(0),
        };
        let mut stand = Stand::new(&[(0, 20_000_000)]);
        assert_eq!(seconds(&spec, &stand), (vec![], 3));
        let add = AddLiquidity {
            market_index: 0,
            user_index: 0,
            token_amount: 1_000_000_000,
        };
        stand.happen(1, add.into());
        assert_eq!(seconds(&spec, &stand), (vec![250, 500, 750], 3));
    }
}

//! Users as a table of positions has them.

use super::draw::{below, interval_problem, quote};
use super::{Agent, Cast, Member, Recipe, Setting, View};
use crate::event::{Direction, Kind, OpenPosition};
use crate::random::Pcg64;
use crate::recording::{Holding, Holdings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// How users are taken from the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The first ones of the table, each once.
    #[default]
    Each,
    /// Any, again and again.
    Drawn,
}

/// Users who hold what a table says, such as those of an exchange at some moment: each deposits what his account is worth and opens his position
/// in one perpetual market, so that his leverage is the recorded one whatever the price here.
///
/// The table is Parquet or CSV with the program's own fields in its integers: `user`, `kind` (`spot` or `perp`), `market_index`, `balance_type`,
/// `scaled_balance`, `base_asset_amount`, `quote_asset_amount`. An account is worth its quote balance, the quote of the position, and its base
/// at `price`; interest, unpaid funding, other markets and other tokens are left out. Only users with a position in the market, who are worth
/// something, count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// The table, relative to the directory of the spec that names it.
    pub file: PathBuf,
    /// How many users.
    pub users: u32,
    /// Dollars a unit of base at the table's time.
    pub price: f64,
    /// The perpetual market.
    #[serde(default)]
    pub market: u16,
    /// That market's number in the table; the same where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_market: Option<u16>,
    /// How they are taken from the table.
    #[serde(default)]
    pub choice: Choice,
    /// What deposits and positions are multiplied by.
    #[serde(default = "one")]
    pub scale: f64,
    /// Second at which the first user opens his position; the others follow, one a second.
    #[serde(default = "one_second")]
    pub start: i64,
}

fn one() -> f64 {
    1.0
}

fn one_second() -> i64 {
    1
}

impl Population {
    /// What `holding` is worth in the market, and his notional there: dollars, below 0 where short. None for whom does not count.
    fn account(&self, holding: &Holding) -> Option<(f64, f64)> {
        let (base, quote) = holding
            .positions
            .get(&self.recorded_market.unwrap_or(self.market))?;
        let notional = base * self.price;
        let worth = holding.quote + quote + notional;
        (*base != 0.0 && worth > 0.0).then_some((worth, notional))
    }
}

impl Recipe for Population {
    fn members(&self) -> Cast {
        Cast::New(self.users)
    }

    fn market(&self) -> u16 {
        self.market
    }

    fn watches(&self) -> bool {
        true
    }

    fn holdings(&self) -> Option<&Path> {
        Some(&self.file)
    }

    fn suits(&self, holdings: &Holdings) -> Result<(), String> {
        let count = holdings
            .iter()
            .filter_map(|holding| self.account(holding))
            .count();
        match self.choice {
            _ if count == 0 => {
                Err("has nobody with a position in the market: give another `recorded_market`".into())
            }
            Choice::Each if count < self.users as usize => Err(format!(
                "has {count} users with a position in the market: give at most as many `users`, or `choice: drawn`"
            )),
            _ => Ok(()),
        }
    }

    fn recruit(&self, user: u32, random: &mut Pcg64, setting: &Setting) -> Member {
        let holdings = setting.holdings.clone().unwrap_or_default();
        let accounts: Vec<(f64, f64)> = holdings
            .iter()
            .filter_map(|holding| self.account(holding))
            .collect();
        let drawn = below(random, accounts.len() as i64) as usize;
        let place = match self.choice {
            Choice::Each => setting.place as usize,
            Choice::Drawn => drawn,
        };
        let (worth, notional) = accounts.get(place).copied().unwrap_or_default();
        Member {
            deposit: quote(worth * self.scale),
            agent: Box::new(Holder {
                user,
                market: self.market,
                // In dollars, so that leverage stays what it was, at whatever price.
                notional: notional * self.scale,
                start: self.start + i64::from(setting.place),
            }),
        }
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        for (name, value) in [("price", self.price), ("scale", self.scale)] {
            if !(value.is_finite() && value > 0.0) {
                problems.push((name, format!("must be above 0, found {value}")));
            }
        }
        problems.extend(interval_problem(self.start).map(|why| ("start", why)));
        problems
    }
}

struct Holder {
    user: u32,
    market: u16,
    notional: f64,
    start: i64,
}

impl Agent for Holder {
    fn first_call(&self) -> Option<i64> {
        Some(self.start)
    }

    fn call(&mut self, _: &View, events: &mut Vec<Kind>) -> Option<i64> {
        let open = OpenPosition {
            user_index: self.user,
            direction: if self.notional > 0.0 {
                Direction::Long
            } else {
                Direction::Short
            },
            quote_amount: quote(self.notional.abs()),
            market_index: self.market,
        };
        events.push(open.into());
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SETTING, Stand};
    use super::*;
    use crate::random::{Purpose, stream};
    use std::collections::BTreeMap;
    use std::sync::Arc;

    /// Ten dollars a unit: a long worth 100 with twice as much notional, a short worth 50 with 30, one who is worth nothing, one elsewhere.
    fn holdings() -> Holdings {
        let of = |user: &str, quote, market, position| Holding {
            user: user.into(),
            quote,
            positions: BTreeMap::from([(market, position)]),
        };
        vec![
            of("a", 90.0, 5, (20.0, -190.0)),
            of("b", 20.0, 5, (-3.0, 60.0)),
            of("c", 1.0, 5, (1.0, -30.0)),
            of("d", 9.0, 6, (1.0, -9.0)),
        ]
    }

    fn crowd(users: u32, choice: Choice) -> Population {
        Population {
            file: "p.parquet".into(),
            users,
            price: 10.0,
            market: 0,
            recorded_market: Some(5),
            choice,
            scale: 2.0,
            start: 10,
        }
    }

    fn member(spec: &Population, place: u32) -> (u64, Vec<Kind>, Option<i64>) {
        let setting = Setting {
            place,
            holdings: Some(Arc::new(holdings())),
            ..SETTING.clone()
        };
        let mut random = stream(1, 0, Purpose::Agent, place.into());
        let mut member = spec.recruit(place, &mut random, &setting);
        let (mut events, stand) = (Vec::new(), Stand::new(&[(0, 20_000_000)]));
        let first = member.agent.first_call();
        member.agent.call(&stand.view(first.unwrap()), &mut events);
        (member.deposit, events, first)
    }

    #[test]
    fn each_deposits_what_he_is_worth_and_opens_what_he_holds() {
        let spec = crowd(2, Choice::Each);
        assert_eq!(spec.suits(&holdings()), Ok(()));
        let open = |user_index, direction, dollars: u64| OpenPosition {
            user_index,
            direction,
            quote_amount: dollars * 1_000_000,
            market_index: 0,
        };
        let (deposit, events, first) = member(&spec, 0);
        assert_eq!((deposit, first), (200_000_000, Some(10)));
        assert_eq!(events, [open(0, Direction::Long, 400).into()]);
        let (deposit, events, first) = member(&spec, 1);
        assert_eq!((deposit, first), (100_000_000, Some(11)));
        assert_eq!(events, [open(1, Direction::Short, 60).into()]);
    }

    #[test]
    fn tables_with_too_few_are_refused_and_drawn_from() {
        let few = crowd(3, Choice::Each).suits(&holdings()).unwrap_err();
        assert!(
            few.contains("has 2 users") && few.contains("choice: drawn"),
            "{few}"
        );
        let spec = crowd(300, Choice::Drawn);
        assert_eq!(spec.suits(&holdings()), Ok(()));
        let deposits: Vec<u64> = (0..300).map(|place| member(&spec, place).0).collect();
        let first = deposits.iter().filter(|deposit| **deposit == 200_000_000).count();
        let second = deposits.iter().filter(|deposit| **deposit == 100_000_000).count();
        // Half of 300, within four standard deviations.
        assert!(
            first + second == 300 && (115..=185).contains(&first),
            "{first} {second}"
        );
        let nobody = Population {
            recorded_market: Some(9),
            ..crowd(1, Choice::Drawn)
        };
        assert!(nobody.suits(&holdings()).unwrap_err().contains("has nobody"));
    }
}

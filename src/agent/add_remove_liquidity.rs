//! Provides liquidity for a while.

use super::draw::{Range, below, chance, dollars_problem, probability_problem, quote, seconds_problem};
use super::{Agent, Cast, Member, Recipe, Setting, View};
use crate::event::{AddLiquidity, Kind, Portion, RemoveLiquidity};
use crate::random::Pcg64;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Liquidity providers who each add shares at a random time and remove them a random time later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AddRemoveLiquidity {
    /// How many users.
    pub users: u32,
    /// A group whose users these are, in place of new ones.
    pub users_of: Option<String>,
    /// The perpetual market.
    pub market: u16,
    /// Shares added by each, in units of base as sqrt_k counts them, drawn uniformly. Without effect where
    /// `share_of_liquidity` is given.
    pub shares: Range,
    /// What share of the market's liquidity the group holds once all have added: from 0 to below 1, split evenly.
    pub share_of_liquidity: Option<f64>,
    /// Probability that the shares are never removed.
    pub leave_in_odds: f64,
    /// Deposit of each, in dollars.
    pub deposit: f64,
    /// Second of adding; drawn over the horizon where not given.
    pub start: Option<i64>,
    /// Seconds from adding to removing; drawn over the rest of the horizon where not given.
    pub duration: Option<i64>,
    /// In how many equal parts the shares are removed, one after the other at this interval.
    pub parts: u32,
}

impl Default for AddRemoveLiquidity {
    fn default() -> Self {
        Self {
            users: 1,
            users_of: None,
            market: 0,
            shares: Range { min: 0.0, max: 100.0 },
            share_of_liquidity: None,
            leave_in_odds: 0.0,
            deposit: 10_000_000.0,
            start: None,
            duration: None,
            parts: 1,
        }
    }
}

impl Recipe for AddRemoveLiquidity {
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
        let drawn_shares = self.shares.draw(random) * 1e9;
        let stays = chance(random, self.leave_in_odds);
        let shares = match self.share_of_liquidity {
            // The AMM's own shares do not change, so the others are share / (1 - share) of them.
            Some(share) => setting.sqrt_k as f64 * share / (1.0 - share) / f64::from(setting.users.max(1)),
            None => drawn_shares,
        };
        Member {
            deposit: quote(self.deposit),
            agent: Box::new(Provider {
                user,
                market: self.market,
                shares: shares.round() as u64,
                start,
                remove_after: (!stays && duration > 0).then_some(duration),
                added: false,
                parts: self.parts,
            }),
        }
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        problems.extend(self.shares.problem(0.0).map(|why| ("shares", why)));
        problems.extend(probability_problem(self.leave_in_odds).map(|why| ("leave_in_odds", why)));
        if let Some(share) = self.share_of_liquidity
            && !(0.0..1.0).contains(&share)
        {
            problems.push((
                "share_of_liquidity",
                format!("must be from 0 to below 1, found {share}"),
            ));
        }
        problems.extend(dollars_problem(self.deposit).map(|why| ("deposit", why)));
        problems.extend(seconds_problem(self.start).map(|why| ("start", why)));
        problems.extend(seconds_problem(self.duration).map(|why| ("duration", why)));
        if self.parts == 0 {
            problems.push(("parts", "must be 1 or more, found 0".to_owned()));
        }
        problems
    }
}

struct Provider {
    user: u32,
    market: u16,
    /// What is added, and from then on what is left.
    shares: u64,
    /// In how many parts that goes.
    parts: u32,
    start: i64,
    remove_after: Option<i64>,
    added: bool,
}

impl Agent for Provider {
    fn first_call(&self) -> Option<i64> {
        (self.shares > 0).then_some(self.start)
    }

    fn call(&mut self, view: &View, events: &mut Vec<Kind>) -> Option<i64> {
        if self.added {
            let part = self.shares / u64::from(self.parts.max(1));
            events.push(
                RemoveLiquidity {
                    market_index: self.market,
                    user_index: self.user,
                    lp_token_amount: Portion::Exactly(part),
                }
                .into(),
            );
            self.shares -= part;
            self.parts = self.parts.saturating_sub(1);
            let again = self.remove_after.filter(|_| self.parts > 0);
            return again.map(|seconds| view.now + seconds);
        }
        self.added = true;
        events.push(
            AddLiquidity {
                market_index: self.market,
                user_index: self.user,
                token_amount: self.shares,
            }
            .into(),
        );
        self.remove_after.map(|seconds| view.now + seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SETTING, Stand, recruit};
    use super::*;

    fn spec() -> AddRemoveLiquidity {
        AddRemoveLiquidity {
            shares: Range { min: 7.0, max: 7.0 },
            start: Some(5),
            duration: Some(100),
            ..AddRemoveLiquidity::default()
        }
    }

    #[test]
    fn shares_are_added_once_and_removed_once() {
        let mut member = recruit(&spec(), 0);
        let (done, calls) = Stand::new(&[(0, 20_000_000)]).ask(&mut *member.agent, 228_000);
        let add = AddLiquidity {
            market_index: 0,
            user_index: 0,
            token_amount: 7_000_000_000,
        };
        let remove = RemoveLiquidity {
            market_index: 0,
            user_index: 0,
            lp_token_amount: Portion::Exactly(7_000_000_000),
        };
        assert_eq!(done, [(5, add.into()), (105, remove.into())]);
        assert_eq!((member.deposit, calls), (10_000_000_000_000, 2));
    }

    #[test]
    fn shares_may_be_removed_in_parts() {
        let spec = AddRemoveLiquidity { parts: 3, ..spec() };
        let (done, _) = Stand::new(&[(0, 20_000_000)]).ask(&mut *recruit(&spec, 0).agent, 228_000);
        let removed = done.into_iter().skip(1).map(|(second, kind)| match kind {
            Kind::RemoveLiquidity(remove) => (second, remove.lp_token_amount),
            other => panic!("{other:?}"),
        });
        let removed: Vec<_> = removed.collect();
        let part = |amount| Portion::Exactly(amount);
        let expected = [
            (105, part(2_333_333_333)),
            (205, part(2_333_333_333)),
            (305, part(2_333_333_334)),
        ];
        assert_eq!(removed, expected);
    }

    #[test]
    fn shares_may_be_left_in() {
        let spec = AddRemoveLiquidity {
            leave_in_odds: 1.0,
            ..spec()
        };
        let mut member = recruit(&spec, 0);
        let (done, calls) = Stand::new(&[(0, 20_000_000)]).ask(&mut *member.agent, 228_000);
        assert_eq!((done.len(), calls), (1, 1));
    }

    #[test]
    fn a_share_of_liquidity_is_reached() {
        // A fifth by two users: the AMM has 1,000, so each adds 125.
        let spec = AddRemoveLiquidity {
            share_of_liquidity: Some(0.2),
            ..spec()
        };
        let mut stand = Stand::new(&[(0, 20_000_000)]);
        for user in 0..2 {
            let random = &mut crate::random::stream(1, 0, crate::random::Purpose::Agent, 0);
            let mut member = spec.recruit(user, random, &SETTING);
            let (done, _) = stand.ask(&mut *member.agent, 6);
            stand.happen(5, done[0].1.clone());
        }
        let amm = stand.market().amm;
        assert_eq!({ amm.user_lp_shares }, 250_000_000_000);
        assert_eq!({ amm.sqrt_k }, 1_250_000_000_000);
    }

    #[test]
    fn nobody_is_asked_for_no_shares() {
        let spec = AddRemoveLiquidity {
            share_of_liquidity: Some(0.0),
            ..spec()
        };
        assert_eq!(recruit(&spec, 0).agent.first_call(), None);
    }
}

//! Stakes in the insurance fund.

use super::draw::{
    Range, below, dollars_problem, interval_problem, probability_problem, quote, seconds_problem,
};
use super::group::group;
use super::{Agent, Cast, Member, Recipe, Setting, View};
use crate::event::{AddIfStake, DepositCollateral, InitIfStake, Kind, Portion, RemoveIfStake};
use crate::random::Pcg64;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

group! {
    /// Users who pay into a spot market's insurance fund at a random time and take their stake out a random time later, or when
    /// the fund has lost too much of it. What they bring is not deposited on the exchange.
    IfStaker {
        /// The spot market; 0 is the quote market.
        spot_market: u16 = 0,
        /// Tokens that the group stakes together, split evenly.
        fund: Option<f64> = None,
        /// Tokens staked by each, drawn uniformly. Without effect where `fund` is given.
        stake: Range = Range { min: 0.0, max: 100.0 },
        /// Second of staking; drawn over the horizon where not given.
        start: Option<i64> = None,
        /// Seconds from staking to unstaking; drawn over the rest of the horizon where not given. 0 is never.
        duration: Option<i64> = None,
        /// The share of the stake that must be lost for its holder to leave at once; never where not given.
        leave_at_loss: Option<f64> = None,
        /// Seconds between looks at the stake, where losses matter.
        every: i64 = 60,
    }
}

impl Recipe for IfStaker {
    fn members(&self) -> Cast {
        Cast::of(self.users, &self.users_of)
    }

    fn spot_markets(&self) -> Vec<(&'static str, u16)> {
        vec![("spot_market", self.spot_market)]
    }

    fn watches(&self) -> bool {
        true
    }

    fn recruit(&self, user: u32, random: &mut Pcg64, setting: &Setting) -> Member {
        let drawn_start = below(random, setting.horizon - 2);
        let start = self.start.unwrap_or(drawn_start);
        let drawn_duration = below(random, setting.horizon - start - 1);
        let duration = self.duration.unwrap_or(drawn_duration);
        let drawn = self.stake.draw(random);
        let each = |fund: f64| fund / f64::from(setting.users.max(1));
        Member {
            deposit: 0,
            agent: Box::new(Staker {
                user,
                amount: quote(self.fund.map_or(drawn, each)),
                start,
                end: (duration > 0).then_some(start + duration),
                spec: self.clone(),
                stage: Stage::Opens,
            }),
        }
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        problems.extend(
            self.fund
                .and_then(dollars_problem)
                .map(|why| ("fund", why.replace("dollars", "tokens"))),
        );
        problems.extend(self.stake.problem(0.0).map(|why| ("stake", why)));
        problems.extend(seconds_problem(self.start).map(|why| ("start", why)));
        problems.extend(seconds_problem(self.duration).map(|why| ("duration", why)));
        let loss = self.leave_at_loss.and_then(probability_problem);
        problems.extend(loss.map(|why| ("leave_at_loss", why.replace("a probability", "a share"))));
        problems.extend(interval_problem(self.every).map(|why| ("every", why)));
        problems
    }
}

enum Stage {
    Opens,
    Stakes,
    Looks,
    Leaves,
}

struct Staker {
    user: u32,
    /// The mint's smallest unit.
    amount: u64,
    start: i64,
    end: Option<i64>,
    spec: IfStaker,
    stage: Stage,
}

impl Staker {
    fn has_lost_enough(&self, view: &View) -> bool {
        let worth = view.stake_worth(self.user, self.spec.spot_market);
        self.spec
            .leave_at_loss
            .is_some_and(|share| (worth as f64) <= self.amount as f64 * (1.0 - share))
    }

    fn next_look(&self, now: i64) -> Option<i64> {
        let look = self.spec.leave_at_loss.map(|_| now + self.spec.every);
        [look, self.end.filter(|end| *end > now)]
            .into_iter()
            .flatten()
            .min()
    }
}

impl Agent for Staker {
    fn first_call(&self) -> Option<i64> {
        (self.amount > 0).then_some(0)
    }

    fn call(&mut self, view: &View, events: &mut Vec<Kind>) -> Option<i64> {
        let (user_index, market_index) = (self.user, self.spec.spot_market);
        if matches!(self.stage, Stage::Opens) {
            let bring = DepositCollateral {
                user_index,
                deposit_amount: 0,
                spot_market_index: market_index,
                mint_amount: self.amount,
                username: String::new(),
            };
            events.extend([
                bring.into(),
                InitIfStake {
                    user_index,
                    market_index,
                }
                .into(),
            ]);
            self.stage = Stage::Stakes;
            if view.now < self.start {
                return Some(self.start);
            }
        }
        match self.stage {
            Stage::Opens | Stage::Stakes => {
                events.push(
                    AddIfStake {
                        user_index,
                        market_index,
                        amount: self.amount,
                    }
                    .into(),
                );
                self.stage = Stage::Looks;
                self.next_look(view.now)
            }
            Stage::Looks if self.end.is_some_and(|end| end <= view.now) || self.has_lost_enough(view) => {
                self.stage = Stage::Leaves;
                self.leave(view, events)
            }
            Stage::Looks => self.next_look(view.now),
            Stage::Leaves => self.leave(view, events),
        }
    }
}

impl Staker {
    /// Asks for the stake, and again once the fund lets go of it.
    fn leave(&self, view: &View, events: &mut Vec<Kind>) -> Option<i64> {
        let (user_index, market_index) = (self.user, self.spec.spot_market);
        if view.stake_worth(user_index, market_index) == 0 {
            return None;
        }
        events.push(
            RemoveIfStake {
                user_index,
                market_index,
                amount: Portion::All,
            }
            .into(),
        );
        let market = view.world.spot(view.ledger, market_index)?;
        let wait = { market.insurance_fund }.unstaking_period;
        (wait > 0).then(|| view.now + wait + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Stand, recruit};
    use super::*;
    use drift::accounts::{Account, TokenAccount};
    use drift::key::pda;
    use drift::ledger::Ledger;

    fn spec() -> IfStaker {
        IfStaker {
            stake: Range { min: 50.0, max: 50.0 },
            start: Some(10),
            duration: Some(20),
            ..IfStaker::default()
        }
    }

    /// Carries out what the staker does until `end`; at second 100 the fund loses `loss` tokens.
    fn life(spec: &IfStaker, end: i64, loss: u64) -> (Vec<(i64, &'static str)>, Stand) {
        let mut stand = Stand::new(&[(0, 20_000_000)]);
        let mut agent = recruit(spec, 0).agent;
        let (mut done, mut due) = (Vec::new(), agent.first_call());
        while let Some(now) = due.filter(|now| *now < end) {
            if now >= 100 {
                let key = pda::insurance_vault(0);
                let Some(Account::Token(vault)) = stand.ledger.account(&key).cloned() else {
                    panic!()
                };
                let vault = TokenAccount {
                    amount: 50_000_000 - loss,
                    ..*vault
                };
                stand.ledger.set_account(key, Account::Token(Box::new(vault)));
            }
            let mut events = Vec::new();
            due = agent.call(&stand.view(now), &mut events);
            for kind in events {
                done.push((now, kind.name()));
                stand.happen(now, kind);
            }
        }
        (done, stand)
    }

    #[test]
    fn a_stake_goes_in_and_comes_out() {
        let (done, stand) = life(&spec(), 1_000, 0);
        let expected = [
            (0, "deposit_collateral"),
            (0, "init_if_stake"),
            (10, "add_if_stake"),
            (30, "remove_if_stake"),
        ];
        assert_eq!(done, expected);
        // The program rounds what it pays out down.
        assert!(stand.world.insured(&stand.ledger, 0) <= Some(1));
        assert_eq!(
            life(
                &IfStaker {
                    duration: Some(0),
                    ..spec()
                },
                1_000,
                0
            )
            .0,
            expected[..3]
        );
    }

    #[test]
    fn a_staker_who_loses_too_much_leaves() {
        let spec = IfStaker {
            duration: Some(0),
            leave_at_loss: Some(0.3),
            every: 30,
            ..spec()
        };
        // Looks at 40, 70, 100: a fifth is not enough, two fifths are.
        assert_eq!(life(&spec, 500, 10_000_000).0.len(), 3);
        assert_eq!(life(&spec, 500, 20_000_000).0[3], (100, "remove_if_stake"));
    }

    #[test]
    fn a_fund_is_split_and_nothing_is_not_staked() {
        // The stand's groups have two users.
        let spec = IfStaker {
            fund: Some(30.0),
            ..spec()
        };
        let (_, stand) = life(&spec, 20, 0);
        assert_eq!(stand.world.insured(&stand.ledger, 0), Some(15_000_000));
        assert_eq!(
            recruit(
                &IfStaker {
                    fund: Some(0.0),
                    ..spec
                },
                0
            )
            .agent
            .first_call(),
            None
        );
    }
}

//! Borrows one asset against another.

use super::draw::{Range, below, seconds_problem};
use super::group::group;
use super::{Agent, Cast, Member, Recipe, Setting, View};
use crate::event::{DepositCollateral, Kind, MidSimDeposit, WithdrawCollateral};
use crate::random::Pcg64;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

group! {
    /// Users who deposit one asset at the start, borrow another at a random time and pay it back a random time later. Without a
    /// liquidator's help they are as good as their collateral.
    Borrower {
        /// Spot market of the collateral; 0 is the quote market.
        collateral_market: u16 = 1,
        /// Spot market of the debt.
        borrow_market: u16 = 0,
        /// Tokens of collateral, drawn uniformly.
        collateral: Range = Range { min: 0.0, max: 100_000.0 },
        /// Tokens borrowed, drawn uniformly. Without effect where `loan_to_value` is given.
        borrow: Range = Range { min: 0.0, max: 50_000.0 },
        /// What is borrowed, as a share of what the collateral is worth then.
        loan_to_value: Option<f64> = None,
        /// Second of borrowing; drawn over the horizon where not given.
        start: Option<i64> = None,
        /// Seconds from borrowing to paying back; drawn over the rest of the horizon where not given. 0 is never.
        duration: Option<i64> = None,
    }
}

impl Recipe for Borrower {
    fn members(&self) -> Cast {
        Cast::of(self.users, &self.users_of)
    }

    fn spot_markets(&self) -> Vec<(&'static str, u16)> {
        vec![
            ("collateral_market", self.collateral_market),
            ("borrow_market", self.borrow_market),
        ]
    }

    fn watches(&self) -> bool {
        true
    }

    fn recruit(&self, user: u32, random: &mut Pcg64, setting: &Setting) -> Member {
        let drawn_start = below(random, setting.horizon - 2);
        let start = self.start.unwrap_or(drawn_start);
        let drawn_duration = below(random, setting.horizon - start - 1);
        Member {
            deposit: 0,
            agent: Box::new(Debtor {
                user,
                collateral: self.collateral.draw(random),
                borrow: self.borrow.draw(random),
                start: start.max(1),
                duration: self.duration.unwrap_or(drawn_duration),
                spec: self.clone(),
                stage: Stage::Deposits,
            }),
        }
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if self.collateral_market == self.borrow_market {
            let found = self.borrow_market;
            problems.push((
                "borrow_market",
                format!("must not be the collateral's market, found {found} for both"),
            ));
        }
        problems.extend(self.collateral.problem(0.0).map(|why| ("collateral", why)));
        problems.extend(self.borrow.problem(0.0).map(|why| ("borrow", why)));
        if let Some(share) = self.loan_to_value.filter(|share| !(0.0..1.0).contains(share)) {
            problems.push((
                "loan_to_value",
                format!("must be from 0 to below 1, found {share}"),
            ));
        }
        problems.extend(seconds_problem(self.start).map(|why| ("start", why)));
        problems.extend(seconds_problem(self.duration).map(|why| ("duration", why)));
        problems
    }
}

/// What comes next.
enum Stage {
    Deposits,
    Borrows,
    PaysBack,
}

struct Debtor {
    user: u32,
    /// Tokens.
    collateral: f64,
    borrow: f64,
    start: i64,
    duration: i64,
    spec: Borrower,
    stage: Stage,
}

/// Tokens of six decimals, as all of a trial's mints have, in their smallest unit.
fn units(tokens: f64) -> u64 {
    (tokens * 1e6).round() as u64
}

impl Debtor {
    fn borrowed(&self, view: &View) -> u64 {
        let of = |market| view.spot_price(market).map(|price| price as f64);
        let (collateral, debt) = (of(self.spec.collateral_market), of(self.spec.borrow_market));
        match (self.spec.loan_to_value, collateral, debt) {
            (Some(share), Some(collateral), Some(debt)) => units(self.collateral * collateral / debt * share),
            _ => units(self.borrow),
        }
    }
}

impl Agent for Debtor {
    fn first_call(&self) -> Option<i64> {
        Some(0)
    }

    fn call(&mut self, view: &View, events: &mut Vec<Kind>) -> Option<i64> {
        let user_index = self.user;
        let username = String::new();
        match self.stage {
            Stage::Deposits => {
                let deposit = DepositCollateral {
                    user_index,
                    deposit_amount: units(self.collateral),
                    spot_market_index: self.spec.collateral_market,
                    mint_amount: 0,
                    username,
                };
                events.push(deposit.into());
                self.stage = Stage::Borrows;
                Some(self.start)
            }
            Stage::Borrows => {
                let withdraw = WithdrawCollateral {
                    user_index,
                    spot_market_index: self.spec.borrow_market,
                    withdraw_amount: self.borrowed(view),
                    reduce_only: false,
                    username,
                };
                if withdraw.withdraw_amount > 0 {
                    events.push(withdraw.into());
                }
                self.stage = Stage::PaysBack;
                (self.duration > 0).then_some(view.now + self.duration)
            }
            Stage::PaysBack => {
                if view.owes(user_index, self.spec.borrow_market) {
                    let back = MidSimDeposit {
                        user_index,
                        deposit_amount: 0,
                        spot_market_index: self.spec.borrow_market,
                        mint_amount: 0,
                        username,
                        reduce_only: true,
                    };
                    events.push(back.into());
                }
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Stand, recruit};
    use super::*;

    fn spec() -> Borrower {
        Borrower {
            collateral: Range {
                min: 1_000.0,
                max: 1_000.0,
            },
            borrow: Range {
                min: 300.0,
                max: 300.0,
            },
            start: Some(10),
            duration: Some(20),
            ..Borrower::default()
        }
    }

    /// Carries out what the borrower does until it is done, and answers when it did what.
    fn life(spec: &Borrower) -> Vec<(i64, &'static str)> {
        let mut stand = Stand::new(&[(0, 20_000_000)]);
        let mut agent = recruit(spec, 0).agent;
        let (mut done, mut due) = (Vec::new(), agent.first_call());
        while let Some(now) = due {
            let mut events = Vec::new();
            due = agent.call(&stand.view(now), &mut events);
            for kind in events {
                done.push((now, kind.name()));
                stand.happen(now, kind);
            }
        }
        done
    }

    #[test]
    fn collateral_comes_first_and_the_debt_is_paid_back() {
        // User 0 has quote of its own: only what is beyond it is a debt.
        let whole = Borrower {
            borrow: Range {
                min: 100_500.0,
                max: 100_500.0,
            },
            ..spec()
        };
        let expected = [
            (0, "deposit_collateral"),
            (10, "withdraw_collateral"),
            (30, "_mid_sim_deposit_collateral"),
        ];
        assert_eq!(life(&whole), expected);
        // Without a debt there is nothing to pay back, and some never do.
        assert_eq!(life(&spec()), expected[..2]);
        assert_eq!(
            life(&Borrower {
                duration: Some(0),
                ..whole
            }),
            expected[..2]
        );
    }

    #[test]
    fn a_loan_to_value_is_of_the_prices_then() {
        let stand = Stand::new(&[(0, 20_000_000)]);
        let spec = Borrower {
            loan_to_value: Some(0.6),
            ..spec()
        };
        let (done, _) = stand.ask(&mut *recruit(&spec, 0).agent, 11);
        // 1,000 tokens at two dollars, of which six tenths.
        let Kind::WithdrawCollateral(withdraw) = &done[1].1 else {
            panic!("{done:?}")
        };
        assert_eq!(
            (withdraw.withdraw_amount, withdraw.spot_market_index),
            (1_200_000_000, 0)
        );
    }

    #[test]
    fn nobody_borrows_against_the_same_asset() {
        let same = Borrower {
            borrow_market: 1,
            ..spec()
        };
        assert_eq!(
            same.problems()
                .into_iter()
                .map(|(field, _)| field)
                .collect::<Vec<_>>(),
            ["borrow_market"]
        );
    }
}

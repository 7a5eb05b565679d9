//! What users still have in the exchange at the end, and why it is still there.

use super::Happened;
use crate::event::Kind;
use crate::world::World;
use drift::accounts::SpotBalanceType;
use drift::ledger::Ledger;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// What is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResidualKind {
    /// LP shares of a perpetual market (1e9).
    LpShares,
    /// Base of a perpetual position (1e9).
    Base,
    /// Unsettled quote of a perpetual position (1e6).
    UnsettledQuote,
    /// A deposit, in the program's scaled balance (1e9).
    Deposit,
    /// A debt, in the program's scaled balance (1e9).
    Borrow,
    /// A stake in a spot market's insurance fund, in tokens.
    InsuranceStake,
}

impl ResidualKind {
    /// The event that takes such a claim out.
    fn way_out(self) -> &'static str {
        match self {
            ResidualKind::LpShares => "removal of liquidity",
            ResidualKind::Base | ResidualKind::UnsettledQuote => "settle_pnl",
            ResidualKind::Deposit => "withdraw_collateral",
            ResidualKind::Borrow => "_mid_sim_deposit_collateral",
            ResidualKind::InsuranceStake => "remove_if_stake",
        }
    }
}

impl fmt::Display for ResidualKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ResidualKind::LpShares => "LP shares (1e9) in perp market",
            ResidualKind::Base => "base (1e9) in perp market",
            ResidualKind::UnsettledQuote => "unsettled quote (1e6) in perp market",
            ResidualKind::Deposit => "scaled deposit (1e9) in spot market",
            ResidualKind::Borrow => "scaled debt (1e9) in spot market",
            ResidualKind::InsuranceStake => "tokens staked in the insurance fund of spot market",
        })
    }
}

/// Something a user still has in the exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Residual {
    /// The user's number.
    pub user: u32,
    /// What.
    pub what: ResidualKind,
    /// In which market.
    pub market: u16,
    /// How much, in the program's integers.
    #[serde(serialize_with = "as_text")]
    pub amount: i128,
    /// Why it is still there.
    pub why: String,
}

/// As text: JSON readers round long numbers.
fn as_text<S: serde::Serializer>(amount: &i128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}

/// What became of the last try to take each claim out: the refusal, or nothing where it was accepted.
#[derive(Clone, Debug, Default)]
pub struct Tries {
    claims: BTreeMap<(ResidualKind, u32, u16), Option<String>>,
    /// Why perpetual markets have no expiry price, where they were refused one last.
    unsettled: BTreeMap<u16, String>,
}

impl Tries {
    /// Notes what `event` came to.
    pub fn note(&mut self, event: &Kind, happened: &Happened) {
        let last = happened.executed.iter().zip(&happened.receipts).next_back();
        let Some((done, receipt)) = last else {
            return;
        };
        let refusal = done.outcome.err().map(|code| match receipt.complaint() {
            // Anchor's own line says no more than the code.
            Some(line) if !line.starts_with("AnchorError occurred") => format!("{code}: {line}"),
            _ => code.to_string(),
        });
        let (whats, user, market): (&[ResidualKind], _, _) = match event {
            Kind::RemoveLiquidity(event) => (&[ResidualKind::LpShares], event.user_index, event.market_index),
            Kind::ExpelLiquidity(event) => (&[ResidualKind::LpShares], event.user_index, event.market_index),
            Kind::SettlePnl(event) => (
                &[ResidualKind::Base, ResidualKind::UnsettledQuote],
                event.user_index,
                event.market_index,
            ),
            Kind::WithdrawCollateral(event) => (
                &[ResidualKind::Deposit],
                event.user_index,
                event.spot_market_index,
            ),
            Kind::MidSimDeposit(event) => {
                (&[ResidualKind::Borrow], event.user_index, event.spot_market_index)
            }
            Kind::SettleExpiredMarket(event) => {
                match refusal {
                    Some(refusal) => self.unsettled.insert(event.market_index, refusal),
                    None => self.unsettled.remove(&event.market_index),
                };
                return;
            }
            Kind::RemoveIfStake(event) => (
                &[ResidualKind::InsuranceStake],
                event.user_index,
                event.market_index,
            ),
            _ => return,
        };
        for what in whats {
            self.claims.insert((*what, user, market), refusal.clone());
        }
    }

    fn why(&self, user: u32, what: ResidualKind, market: u16) -> String {
        let event = what.way_out();
        match self.claims.get(&(what, user, market)) {
            Some(Some(refusal)) => {
                let settles = matches!(what, ResidualKind::Base | ResidualKind::UnsettledQuote);
                let unsettled = self.unsettled.get(&market).filter(|_| settles);
                let before =
                    unsettled.map(|why| format!(", since settle_expired_market is refused with {why}"));
                format!("{event} is refused with {refusal}{}", before.unwrap_or_default())
            }
            Some(None) => format!("{event} was accepted last and left it"),
            None => format!("no {event} was tried"),
        }
    }

    /// What `users` still have, by user.
    pub fn residuals<L: Ledger>(&self, world: &World, ledger: &L, users: &[u32]) -> Vec<Residual> {
        let mut claims = Vec::new();
        for number in users {
            let Some(user) = world.user(ledger, *number) else {
                continue;
            };
            let mut add = |what, market, amount| {
                if amount != 0 {
                    claims.push(Residual {
                        user: *number,
                        what,
                        market,
                        amount,
                        why: self.why(*number, what, market),
                    });
                }
            };
            for held in user.perp_positions.iter().filter(|held| !held.is_available()) {
                let market = held.market_index;
                add(ResidualKind::LpShares, market, held.lp_shares.into());
                add(ResidualKind::Base, market, held.base_asset_amount.into());
                add(
                    ResidualKind::UnsettledQuote,
                    market,
                    held.quote_asset_amount.into(),
                );
            }
            for held in user.spot_positions.iter().filter(|held| !held.is_available()) {
                let what = if held.balance_type == SpotBalanceType::Deposit {
                    ResidualKind::Deposit
                } else {
                    ResidualKind::Borrow
                };
                add(what, held.market_index, held.scaled_balance.into());
            }
            for market in 0..world.spot_count() {
                let staked = world.insurance_stake_value(ledger, *number, market);
                add(ResidualKind::InsuranceStake, market, staked.into());
            }
        }
        claims
    }
}

/// Claims of one kind, in one market, that are there for the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck<'a> {
    /// What.
    pub what: ResidualKind,
    /// In which market.
    pub market: u16,
    /// Why.
    pub why: &'a str,
    /// How many users.
    pub users: usize,
    /// Their amounts, summed without signs.
    pub amount: u128,
}

/// `claims` by market and reason.
pub fn stuck(claims: &[Residual]) -> Vec<Stuck<'_>> {
    let mut groups: BTreeMap<(ResidualKind, u16, &str), (usize, u128)> = BTreeMap::new();
    for claim in claims {
        let group = groups.entry((claim.what, claim.market, &claim.why)).or_default();
        group.0 += 1;
        group.1 = group.1.saturating_add(claim.amount.unsigned_abs());
    }
    groups
        .into_iter()
        .map(|((what, market, why), (users, amount))| Stuck {
            what,
            market,
            why,
            users,
            amount,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_told_by_market_and_reason() {
        let claim = |user, amount, why: &str| Residual {
            user,
            what: ResidualKind::Base,
            market: 1,
            amount,
            why: why.to_owned(),
        };
        let claims = [claim(0, -5, "a"), claim(1, 7, "b"), claim(2, 8, "a")];
        let groups = stuck(&claims);
        assert_eq!(groups.len(), 2);
        assert_eq!((groups[0].why, groups[0].users, groups[0].amount), ("a", 2, 13));
        assert_eq!((groups[1].why, groups[1].users, groups[1].amount), ("b", 1, 7));
    }

    #[test]
    fn the_last_try_is_the_reason() {
        let mut tries = Tries::default();
        let (what, user, market) = (ResidualKind::LpShares, 3, 0);
        assert_eq!(tries.why(user, what, market), "no removal of liquidity was tried");
        tries
            .claims
            .insert((what, user, market), Some("PriceBandsBreached".to_owned()));
        assert_eq!(
            tries.why(user, what, market),
            "removal of liquidity is refused with PriceBandsBreached"
        );
        tries.claims.insert((what, user, market), None);
        assert!(tries.why(user, what, market).contains("accepted"));
    }
}

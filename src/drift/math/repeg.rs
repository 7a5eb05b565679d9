//! Moving the peg: what it costs on the AMM's net position, what the fees allow, and how far a curve update goes.
//! Pegs and prices at 1e6, money at 1e6.

use super::curve::{self, revaluation};
use super::k::{Resized, resized};
use crate::accounts::{Amm, PerpMarket};
use crate::engine::OraclePrice;
use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow};
use crate::units::{BASE, PEG, PERCENTAGE};
use std::cmp::Ordering;

/// Where a curve update wants the peg, and what it may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The peg at which the mark meets its target.
    pub peg: u128,
    /// The most to spend.
    pub budget: u128,
    /// Whether the protocol's share of fees is out of reach.
    pub keeps_share: bool,
}

/// A change of the curve's size and peg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// The size afterwards.
    pub size: Resized,
    /// The peg afterwards.
    pub peg: u128,
    /// What the peg's move costs; what a smaller k frees is not counted.
    pub cost: i128,
}

impl PerpMarket {
    /// The protocol's half of the exchange fees (1e6).
    pub fn protocol_fees(&self) -> u128 {
        self.amm.total_exchange_fee / 2
    }

    /// Fees (1e6) that the AMM may not spend: the protocol's half, and liquidation fees, less what was withdrawn.
    pub fn reserved_fees(&self) -> Result<u128> {
        self.protocol_fees()
            .plus(self.amm.total_liquidation_fee)?
            .minus(self.amm.total_fee_withdrawn)
    }

    /// Fees (1e6) that the AMM may spend on its curve.
    pub fn spendable_fees(&self) -> Result<u128> {
        let reserved = i128::try_from(self.reserved_fees()?).unwrap_or(0);
        let left = self.amm.total_fee_minus_distributions;
        if left > reserved {
            left.minus(reserved)?.to()
        } else {
            Ok(0)
        }
    }

    /// Books `cost` (1e6; revenue where negative) of a change of the curve. Answers whether it may be spent: with
    /// `keeps_share`, the reserved fees may not.
    pub fn book_curve_cost(&mut self, cost: i128, keeps_share: bool) -> Result<bool> {
        let left = self.amm.total_fee_minus_distributions.minus(cost)?;
        if cost > 0 {
            let reserved: i128 = self.reserved_fees()?.to()?;
            if keeps_share && left < reserved {
                return Ok(false);
            }
        }
        self.amm.total_fee_minus_distributions = left;
        // The program cuts the cost to 64 bits here.
        let revenue = self.amm.net_revenue_since_last_funding;
        self.amm.net_revenue_since_last_funding = revenue.minus(cost as i64)?;
        Ok(true)
    }

    /// The peg that meets the oracle's price, if the fees allow it. If they do not, and the mark is more than half
    /// the largest spread away, the peg that brings it that near, at whatever cost.
    pub fn repeg_goal(&self, oracle: &OraclePrice) -> Result<Goal> {
        let amm = &self.amm;
        let mark = amm.reserve_price()?;
        let budget = self.spendable_fees()?;
        let target: u64 = oracle.price.to()?;
        let peg = curve::peg_for_price(amm.reserves(), target)?;
        if budget >= amm.peg_cost(peg)?.max(0).unsigned_abs() {
            return Ok(Goal {
                peg,
                budget,
                keeps_share: true,
            });
        }
        let near: i64 = (u128::from(target) * u128::from(amm.max_spread / 2))
            .over(PERCENTAGE.into())?
            .to()?;
        let gap = mark.to::<i64>()?.minus(oracle.price)?;
        if gap.abs() <= near {
            return Ok(Goal {
                peg,
                budget,
                keeps_share: budget != 0,
            });
        }
        let step: u64 = gap.abs().minus(near)?.to()?;
        let target = if gap < 0 {
            mark.plus(step)?
        } else {
            mark.minus(step)?
        };
        let peg = curve::peg_for_price(amm.reserves(), target)?;
        Ok(Goal {
            peg,
            budget: amm.peg_cost(peg)?.to()?,
            keeps_share: false,
        })
    }

    /// What a curve update changes and what it costs: the goal's peg if the budget reaches it; otherwise k lower by a
    /// thousandth where it may be, and the peg as near as budget and freed money reach.
    pub fn adjustment(&self, goal: Goal) -> Result<Adjustment> {
        let amm = &self.amm;
        let mut change = Adjustment {
            size: Resized {
                sqrt_k: amm.sqrt_k,
                reserves: amm.reserves(),
            },
            peg: amm.peg_multiplier,
            cost: 0,
        };
        if goal.peg == change.peg || amm.curve_update_intensity == 0 {
            return Ok(change);
        }
        let wanted = goal.peg.to::<i128>()?.minus(change.peg.to()?)?;
        let mut per_peg = amm.cost_per_peg()?;
        let budget: i128 = goal.budget.to()?;
        let reach = match per_peg {
            0 => 0,
            per_peg => budget.times(PEG.into())?.over(per_peg)?,
        };
        let pays = per_peg.signum() * wanted.signum() <= 0;
        if pays || reach.unsigned_abs() > wanted.unsigned_abs() {
            change.peg = goal.peg;
            change.cost = amm.peg_cost(goal.peg)?;
            return Ok(change);
        }
        let mut lowered = None;
        let mut freed = 0;
        if amm.bears_smaller_k()? {
            let sqrt_k = amm.sqrt_k.minus(amm.sqrt_k / 1_000)?.max(amm.lowest_sqrt_k()?);
            change.size = resized(self, sqrt_k)?;
            let amm = lowered.insert(*amm);
            freed = amm.set_size_at_cost(change.size)?;
            per_peg = amm.cost_per_peg()?;
        }
        let reach = budget.plus(freed.abs())?.times(PEG.into())?.over(per_peg)?;
        change.peg = if reach > 0 {
            change.peg.saturating_add(reach.unsigned_abs())
        } else {
            change.peg.saturating_sub(reach.unsigned_abs()).max(1)
        };
        change.cost = lowered.as_ref().unwrap_or(amm).peg_cost(change.peg)?;
        Ok(change)
    }
}

impl Amm {
    /// By how much the quote reserve stands above the terminal one, 1e9.
    pub(crate) fn quote_beyond_terminal(&self) -> Result<i128> {
        let terminal: i128 = self.terminal_quote_asset_reserve.to()?;
        self.quote_asset_reserve.to::<i128>()?.minus(terminal)
    }

    /// What moving the peg to `peg` costs (1e6) on the net position, toward zero.
    pub fn peg_cost(&self, peg: u128) -> Result<i128> {
        let moved = peg.to::<i128>()?.minus(self.peg_multiplier.to()?)?;
        self.quote_beyond_terminal()?.times(moved)?.over(BASE.into())
    }

    /// What a peg higher by one (1e6) costs (1e6), rounded away from zero.
    fn cost_per_peg(&self) -> Result<i128> {
        let cost = self.quote_beyond_terminal()?.over_up(i128::from(BASE / PEG))?;
        cost.plus(cost.signum())
    }

    /// What moving the peg to `peg` costs (1e6), as the difference of what closing the net position is worth.
    pub fn peg_revaluation(&self, peg: u128) -> Result<i128> {
        let net = self.base_asset_amount_with_amm;
        let before = self.exit_value(net)?;
        let moved = Amm {
            peg_multiplier: peg,
            ..*self
        };
        revaluation(net, before, moved.exit_value(net)?)
    }

    /// Whether an administrator may move the peg to `peg` under an oracle that `is_valid`: the terminal price may only
    /// move toward the oracle and to the near edge of its confidence band, the mark to the far edge.
    /// `InvalidOracle`, `InvalidRepegDirection` or `InvalidRepegProfitability` otherwise.
    pub fn allows_peg(&self, peg: u128, oracle: &OraclePrice, is_valid: bool) -> Result {
        let before = self.terminal_price()?;
        let moved = Amm {
            peg_multiplier: peg,
            ..*self
        };
        let target: u64 = oracle.price.to()?;
        let after = moved.terminal_price()?;
        if !is_valid {
            return Err(ErrorCode::InvalidOracle);
        }
        let mark = moved.reserve_price()?;
        let top = target.plus(oracle.confidence)?;
        let bottom = target.minus(oracle.confidence)?;
        let (backward, beyond) = match target.cmp(&after) {
            Ordering::Greater => (after < before, bottom < after || mark > top),
            Ordering::Less => (after > before, top > after || mark < bottom),
            Ordering::Equal => (false, false),
        };
        if backward {
            Err(ErrorCode::InvalidRepegDirection)
        } else if beyond {
            Err(ErrorCode::InvalidRepegProfitability)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::MarketStatus;
    use crate::math::liquidity::MAX_CONCENTRATION;
    use proptest::prelude::*;

    fn market(net: i128, fees: i128) -> PerpMarket {
        let side = 1_000 * u128::from(BASE);
        let mut market = PerpMarket {
            status: MarketStatus::Active,
            ..PerpMarket::default()
        };
        market.amm = Amm {
            base_asset_reserve: side.wrapping_add_signed(-net),
            sqrt_k: side,
            peg_multiplier: 1_000_000,
            concentration_coef: MAX_CONCENTRATION,
            base_asset_amount_with_amm: net,
            curve_update_intensity: 100,
            max_spread: 20_000,
            total_fee_minus_distributions: fees,
            ..Amm::default()
        };
        market.amm.quote_asset_reserve = side * side / market.amm.base_asset_reserve;
        market.amm.refresh_bounds().unwrap();
        market
    }

    fn oracle(price: i64) -> OraclePrice {
        OraclePrice {
            price,
            ..OraclePrice::DOLLAR
        }
    }

    fn after(change: Adjustment) -> u64 {
        curve::price(change.size.reserves, change.peg).unwrap()
    }

    #[test]
    fn half_of_the_exchange_fees_stays() {
        let mut market = market(0, 1_000);
        market.amm.total_exchange_fee = 801;
        market.amm.total_liquidation_fee = 50;
        market.amm.total_fee_withdrawn = 10;
        assert_eq!(market.reserved_fees(), Ok(440));
        assert_eq!(market.spendable_fees(), Ok(560));
        assert_eq!(market.book_curve_cost(560, true), Ok(true));
        assert_eq!(market.book_curve_cost(1, true), Ok(false));
        assert_eq!(market.book_curve_cost(1, false), Ok(true));
        assert_eq!({ market.amm.total_fee_minus_distributions }, 439);
        assert_eq!({ market.amm.net_revenue_since_last_funding }, -561);
        assert_eq!(market.spendable_fees(), Ok(0));
    }

    #[test]
    fn a_balanced_amm_repegs_for_nothing() {
        let market = market(0, 0);
        let goal = market.repeg_goal(&oracle(3_000_000)).unwrap();
        assert_eq!((goal.peg, goal.budget, goal.keeps_share), (3_000_000, 0, true));
        let change = market.adjustment(goal).unwrap();
        assert_eq!((after(change), change.cost), (3_000_000, 0));
    }

    #[test]
    fn without_fees_the_mark_comes_within_half_the_spread() {
        // Net long: base 900, quote 1,111, terminal 1,000; a higher peg costs.
        let market = market(100_000_000_000, 0);
        let mark = market.amm.reserve_price().unwrap();
        let goal = market.repeg_goal(&oracle(2 * mark as i64)).unwrap();
        assert!(!goal.keeps_share);
        let change = market.adjustment(goal).unwrap();
        // Half of two percent below the target, and as much nearer as a thousandth of k pays for.
        let (after, near) = (after(change), 2 * mark - 2 * mark / 100);
        assert!((near..near + near / 1_000).contains(&after), "{after} {near}");
        assert!(change.cost > 0, "{change:?}");
    }

    #[test]
    fn an_administrator_may_only_follow_the_oracle() {
        let amm = market(0, 0).amm;
        let target = oracle(1_200_000);
        assert_eq!(amm.allows_peg(1_100_000, &target, true), Ok(()));
        assert_eq!(
            amm.allows_peg(900_000, &target, true),
            Err(ErrorCode::InvalidRepegDirection)
        );
        assert_eq!(
            amm.allows_peg(1_300_000, &target, true),
            Err(ErrorCode::InvalidRepegDirection)
        );
        let vague = OraclePrice {
            confidence: 50_000,
            ..target
        };
        assert_eq!(
            amm.allows_peg(1_160_000, &vague, true),
            Err(ErrorCode::InvalidRepegProfitability)
        );
    }

    proptest! {
        #[test]
        fn a_curve_update_spends_its_budget_at_most(
            net in -300i128..300, fees in 0i128..10_000_000_000, price in 500_000i64..2_000_000,
        ) {
            let market = market(net * i128::from(BASE), fees);
            let mark = market.amm.reserve_price().unwrap();
            let goal = market.repeg_goal(&oracle(price)).unwrap();
            let change = market.adjustment(goal).unwrap();
            let mut resized = market.amm;
            let freed = resized.set_size_at_cost(change.size).unwrap();
            prop_assert!(freed <= 0 && change.cost + freed <= goal.budget as i128);
            let after = after(change);
            let target = price as u64;
            prop_assert!(after.abs_diff(target) <= mark.abs_diff(target).max(2), "{mark} -> {after} of {target}");
        }
    }
}

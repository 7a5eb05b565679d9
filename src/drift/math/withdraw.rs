//! How much may leave a spot market at once, and whether its vault still covers what is owed.

use crate::accounts::{SpotBalanceType, SpotMarket, User};
use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow};
use crate::units::PERCENTAGE;

const WHOLE: u128 = PERCENTAGE as u128;

/// Bounds on a market's tokens after a withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Fewest tokens that must stay lent.
    pub least_deposits: u128,
    /// Most tokens that may be borrowed.
    pub most_borrows: u128,
}

/// Fewest deposits by their day's average: three quarters of it, or less where the guard threshold reaches deeper.
pub fn least_deposits_by_average(average: u128, threshold: u128) -> u128 {
    average - (average / 4).max(threshold.min(average))
}

/// Most borrows by the day's averages: a tenth of the deposits above their average, but between a sixth and four
/// fifths of the deposits, and never less than the guard threshold.
pub fn most_borrows_by_average(
    deposits: u128,
    deposit_average: u128,
    borrow_average: u128,
    threshold: u128,
) -> Result<u128> {
    let base = deposits.min(deposit_average);
    let grown = borrow_average.plus(base / 10)?;
    let cap = base.minus(base / 5)?;
    Ok((base / 6).max(grown).min(cap).max(threshold))
}

/// Bounds by utilisation: the optimum, or half way from its average to full use where that is more. Amounts below the
/// guard threshold are always free to go.
pub fn bounds_by_utilization(market: &SpotMarket, deposits: u128, borrows: u128) -> Result<Bounds> {
    let average = u128::from(market.utilization_twap);
    let halfway = average.plus(WHOLE.saturating_sub(average) / 2)?;
    let most = halfway.max(market.optimal_utilization.into());
    let threshold = u128::from(market.withdraw_guard_threshold);
    let least_deposits = borrows
        .times(WHOLE)?
        .over(most)?
        .min(deposits.saturating_sub(threshold));
    let most_borrows = most.times(deposits)?.over(WHOLE)?.max(threshold);
    Ok(Bounds {
        least_deposits,
        most_borrows,
    })
}

/// Whether the market, after a withdrawal, is within its bounds. A depositor is held to those on deposits alone, and
/// is let off them for small amounts of his own principal. `who` is the user and the tokens taken out.
pub fn within_limits(market: &SpotMarket, who: Option<(&User, u128)>) -> Result<bool> {
    let deposits = market.deposits()?;
    let borrows = market.borrows()?;
    let threshold = u128::from(market.withdraw_guard_threshold);
    let deposit_average = u128::from(market.deposit_token_twap);
    let by_average = most_borrows_by_average(
        deposits,
        deposit_average,
        market.borrow_token_twap.into(),
        threshold,
    )?;
    let by_use = bounds_by_utilization(market, deposits, borrows)?;
    let least = least_deposits_by_average(deposit_average, threshold).max(by_use.least_deposits);
    let most = by_average.min(by_use.most_borrows);
    let borrows_count = match who {
        Some((user, _)) => user.spot(market.market_index)?.balance_type == SpotBalanceType::Borrow,
        None => true,
    };
    if deposits >= least && (!borrows_count || borrows <= most) {
        return Ok(true);
    }
    match who {
        Some((user, taken)) => takes_small_principal(market, user, taken),
        None => Ok(false),
    }
}

/// Whether the user never took out more than he brought, and what he takes and keeps is under a tenth of the threshold.
fn takes_small_principal(market: &SpotMarket, user: &User, taken: u128) -> Result<bool> {
    let position = user.spot(market.market_index)?;
    let net = i128::from(user.total_deposits) - i128::from(user.total_withdraws);
    if net < 0 || position.cumulative_deposits < 0 || position.balance_type != SpotBalanceType::Deposit {
        return Ok(false);
    }
    let kept_and_taken = position.tokens(market)?.plus(taken)?;
    Ok(kept_and_taken < u128::from(market.withdraw_guard_threshold / 10))
}

/// Most tokens that may be taken out against signed `tokens` held: the deposit, then a borrow, within the bounds.
/// Only tokens `leaving` the exchange are held to the bounds by utilisation and to the deposits' own.
pub fn most_withdrawable(market: &SpotMarket, tokens: i128, leaving: bool) -> Result<u128> {
    let deposits = market.deposits()?;
    let borrows = market.borrows()?;
    let by_use = if leaving {
        bounds_by_utilization(market, deposits, borrows)?
    } else {
        Bounds {
            least_deposits: 0,
            most_borrows: u128::MAX,
        }
    };
    let threshold = u128::from(market.withdraw_guard_threshold);
    let deposit_average = u128::from(market.deposit_token_twap);
    let mut own = 0;
    if tokens > 0 {
        let least = least_deposits_by_average(deposit_average, threshold).max(by_use.least_deposits);
        let free = deposits.saturating_sub(least);
        own = tokens.unsigned_abs();
        if leaving && free <= own {
            return Ok(free);
        }
    }
    let by_average = most_borrows_by_average(
        deposits,
        deposit_average,
        market.borrow_token_twap.into(),
        threshold,
    )?;
    let room = by_average.min(by_use.most_borrows).saturating_sub(borrows);
    own.plus(room.min(deposits.saturating_sub(borrows)))
}

/// Tokens the market owes beyond what it is owed. `SpotMarketVaultInvariantViolated` when its revenue pool claims more
/// than all deposits.
pub fn lenders_claim(market: &SpotMarket) -> Result<i64> {
    let lent: u64 = market.deposits()?.to()?;
    let borrowed: u64 = market.borrows()?.to()?;
    let revenue: u64 = market
        .tokens({ market.revenue_pool }.scaled_balance, SpotBalanceType::Deposit)?
        .to()?;
    let claim = lent.to::<i64>()?.minus(borrowed.to()?)?;
    if revenue <= lent {
        Ok(claim)
    } else {
        Err(ErrorCode::SpotMarketVaultInvariantViolated)
    }
}

/// Refuses with `SpotMarketVaultInvariantViolated` a `vault` (tokens) that does not cover the depositors' claim, which
/// it returns.
pub fn check_vault(market: &SpotMarket, vault: u64) -> Result<i64> {
    let claim = lenders_claim(market)?;
    if vault.to::<i64>()? >= claim {
        Ok(claim)
    } else {
        Err(ErrorCode::SpotMarketVaultInvariantViolated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::SpotPosition;

    const TOKEN: u64 = 1_000_000;

    /// `lent` and `borrowed` tokens, averages of a thousand and of none, a guard threshold of `threshold` tokens.
    fn market(lent: u128, borrowed: u128, threshold: u64) -> SpotMarket {
        SpotMarket {
            decimals: 6,
            cumulative_deposit_interest: 10_000_000_000,
            cumulative_borrow_interest: 10_000_000_000,
            deposit_balance: lent * 1_000_000_000,
            borrow_balance: borrowed * 1_000_000_000,
            deposit_token_twap: 1_000 * TOKEN,
            optimal_utilization: 800_000,
            withdraw_guard_threshold: threshold * TOKEN,
            ..SpotMarket::default()
        }
    }

    fn user(kind: SpotBalanceType, tokens: u64) -> User {
        let mut user = User {
            total_deposits: 500 * TOKEN,
            ..User::default()
        };
        user.spot_positions[0] = SpotPosition {
            balance_type: kind,
            scaled_balance: tokens * 1_000_000_000,
            ..Default::default()
        };
        user
    }

    #[test]
    fn bounds_follow_the_averages() {
        let least = |threshold| least_deposits_by_average(1_000, threshold);
        assert_eq!([least(100), least(400), least(5_000)], [750, 600, 0]);
        let most = |borrows, threshold| most_borrows_by_average(1_200, 1_000, borrows, threshold);
        assert_eq!(
            [most(50, 0), most(300, 0), most(900, 0)],
            [Ok(166), Ok(400), Ok(800)]
        );
        assert_eq!(most(900, 900), Ok(900));
    }

    #[test]
    fn bounds_follow_utilisation() {
        let market = SpotMarket {
            utilization_twap: 900_000,
            ..market(1_000, 0, 100)
        };
        // Half way from 90 % to full use: 95 %.
        let bounds = bounds_by_utilization(&market, 1_000_000_000, 190_000_000).unwrap();
        assert_eq!(
            bounds,
            Bounds {
                least_deposits: 200_000_000,
                most_borrows: 950_000_000
            }
        );
    }

    #[test]
    fn depositors_are_held_to_deposits_alone() {
        let lender = user(SpotBalanceType::Deposit, 50);
        let borrower = user(SpotBalanceType::Borrow, 50);
        let within = |market: &SpotMarket, user: &User| within_limits(market, Some((user, 1))).unwrap();
        // A sixth of a thousand may be borrowed.
        let used = market(1_000, 170, 10);
        assert!(within(&used, &lender) && !within(&used, &borrower));
        assert_eq!(within_limits(&used, None), Ok(false));
        let calm = market(1_000, 160, 10);
        assert!(within(&calm, &lender) && within(&calm, &borrower));
        // Three quarters of the average must stay.
        assert!(within(&market(750, 0, 10), &lender) && !within(&market(749, 0, 10), &lender));
    }

    #[test]
    fn small_principal_may_always_leave() {
        let drained = market(500, 0, 40);
        let take =
            |user: &User, tokens: u128| within_limits(&drained, Some((user, tokens * 1_000_000))).unwrap();
        // What is kept and taken must stay under four tokens.
        let mut small = user(SpotBalanceType::Deposit, 2);
        assert!(take(&small, 1) && !take(&small, 2));
        small.spot_positions[0].cumulative_deposits = -1;
        assert!(!take(&small, 1));
        small.spot_positions[0].cumulative_deposits = 0;
        small.total_withdraws = 501 * TOKEN;
        assert!(!take(&small, 1));
    }

    #[test]
    fn a_deposit_comes_before_a_loan() {
        // 166.67 tokens could be borrowed, 250 withdrawn.
        let calm = market(1_000, 0, 10);
        assert_eq!(
            most_withdrawable(&calm, 100_000_000, true),
            Ok(100_000_000 + 166_666_666)
        );
        assert_eq!(most_withdrawable(&calm, 300_000_000, true), Ok(250_000_000));
        assert_eq!(most_withdrawable(&calm, -5, true), Ok(166_666_666));
    }

    #[test]
    fn a_vault_covers_the_claim_and_revenue_the_deposits() {
        let mut market = market(1_000, 400, 0);
        assert_eq!(check_vault(&market, 600_000_000), Ok(600_000_000));
        let broken = Err(ErrorCode::SpotMarketVaultInvariantViolated);
        assert_eq!(check_vault(&market, 599_999_999), broken);
        market.revenue_pool.scaled_balance = 1_000_000_001_000;
        assert_eq!(check_vault(&market, 600_000_000), broken);
    }
}

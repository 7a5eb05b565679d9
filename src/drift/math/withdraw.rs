//! How much may leave a spot market at once, and whether its vault still covers what is owed.

use crate::drift::accounts::{SpotBalanceType, SpotMarket, User};
use crate::drift::error::{ErrorCode, Result};
use crate::drift::num::{Checked, Narrow};
use crate::drift::units::PERCENTAGE;

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
pub fn depositors_claim(market: &SpotMarket) -> Result<i64> {
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
    let claim = depositors_claim(market)?;
    if vault.to::<i64>()? >= claim {
        Ok(claim)
    } else {
        Err(ErrorCode::SpotMarketVaultInvariantViolated)
    }
}

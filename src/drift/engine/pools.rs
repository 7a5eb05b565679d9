//! A perpetual market's two pools of quote: the fee pool, which is the AMM's, and the pnl pool, which pays users.

use super::spot::{move_tokens, pay_from_revenue, pay_to_revenue, transfer};
use crate::accounts::{PerpMarket, PoolBalance, SpotBalanceType, SpotMarket, SpotPosition, User};
use crate::error::{ErrorCode, Result};
use crate::math::withdraw;
use crate::num::{Checked, Narrow};
use crate::units::QUOTE;

/// What the AMM keeps of its surplus before the revenue pool gets any (1e6): 250 dollars.
const KEPT_SURPLUS: u128 = 250 * QUOTE as u128;
/// One part in this many of a user's loss goes to the fee pool while that is below its target.
const FEE_POOL_PART: i128 = 100;

fn pool_tokens(pool: PoolBalance, quote: &SpotMarket) -> Result<u128> {
    quote.tokens(pool.scaled_balance, SpotBalanceType::Deposit)
}

/// Brings the pools in line with the AMM's fees, trades surplus or need with the revenue pool, and moves the pools'
/// side of a user's `claim` (1e6) as far as pool and user's balance allow. Answers how much of the claim that is; the
/// caller moves the user's side. `now` is in seconds.
pub fn rebalance(
    market: &mut PerpMarket,
    quote: &mut SpotMarket,
    user: &SpotPosition,
    claim: i128,
    now: i64,
) -> Result<i128> {
    let fee_pool_is_short = release_fees(market, quote)?;
    restore_fees(market, quote)?;
    trade_revenue(market, quote, now)?;

    let pnl = if claim > 0 {
        claim.min(pool_tokens(market.pnl_pool, quote)?.to()?)
    } else {
        // A loss must not become a borrow that the market's limits forbid.
        let most: i128 = withdraw::most_withdrawable(quote, user.signed_tokens(quote)?, false)?.to()?;
        claim.max(-most)
    };
    let mut fee_part = 0;
    if fee_pool_is_short && pnl < 0 {
        fee_part = pnl / FEE_POOL_PART;
        let tokens = fee_part.unsigned_abs();
        move_tokens(
            tokens,
            SpotBalanceType::Deposit,
            quote,
            &mut market.amm.fee_pool,
            false,
        )?;
    }
    let to_pool = 0i128.minus(pnl.minus(fee_part)?)?;
    let direction = if to_pool < 0 {
        SpotBalanceType::Borrow
    } else {
        SpotBalanceType::Deposit
    };
    move_tokens(
        to_pool.unsigned_abs(),
        direction,
        quote,
        &mut market.pnl_pool,
        false,
    )?;
    withdraw::lenders_claim(quote)?;
    Ok(pnl)
}

/// Moves what the fee pool holds beyond the AMM's undistributed fees to the pnl pool; answers whether it holds less
/// than those.
fn release_fees(market: &mut PerpMarket, quote: &mut SpotMarket) -> Result<bool> {
    let amm = &market.amm;
    let held: i128 = pool_tokens(amm.fee_pool, quote)?.to()?;
    let most = amm
        .total_fee_minus_distributions
        .plus(amm.total_liquidation_fee.to()?)?
        .minus(amm.total_fee_withdrawn.to()?)?;
    if most > held {
        return Ok(true);
    }
    let surplus = held.minus(most.max(0))?;
    if surplus > 0 {
        transfer(surplus, quote, &mut market.amm.fee_pool, &mut market.pnl_pool)?;
    }
    Ok(false)
}

/// Fills the fee pool up to the protocol's part of the fees, as far as the pnl pool reaches.
fn restore_fees(market: &mut PerpMarket, quote: &mut SpotMarket) -> Result {
    let least = market
        .protocol_fees()
        .plus(market.amm.total_liquidation_fee)?
        .minus(market.amm.total_fee_withdrawn)?;
    let held = pool_tokens(market.amm.fee_pool, quote)?;
    if held >= least {
        return Ok(());
    }
    let missing = (least - held).min(pool_tokens(market.pnl_pool, quote)?);
    if missing > 0 {
        transfer(
            missing.to()?,
            quote,
            &mut market.pnl_pool,
            &mut market.amm.fee_pool,
        )?;
    }
    Ok(())
}

/// Pays fees to the revenue pool, or takes help from it.
fn trade_revenue(market: &mut PerpMarket, quote: &mut SpotMarket, now: i64) -> Result {
    let held = pool_tokens(market.amm.fee_pool, quote)?;
    let surplus = market
        .amm
        .total_fee_minus_distributions
        .minus(market.amm.total_fee_withdrawn.to()?)?;
    let settled = quote.insurance_fund.last_revenue_settle_ts;
    let claimed = market.insurance_claim.last_revenue_withdraw_ts;
    if settled > claimed {
        if now < claimed || now < settled {
            return Err(ErrorCode::BlockchainClockInconsistency);
        }
        market.insurance_claim.revenue_withdraw_since_last_settle = 0;
    }
    let paid = revenue_payment(market, quote, held, surplus)?;
    if paid > 0 {
        let tokens = paid.unsigned_abs();
        pay_to_revenue(tokens, quote, &mut market.amm.fee_pool)?;
        market.amm.total_fee_withdrawn = market.amm.total_fee_withdrawn.plus(tokens)?;
    } else if paid < 0 {
        pay_from_revenue(paid.unsigned_abs(), quote, &mut market.amm.fee_pool)?;
    } else {
        return Ok(());
    }
    market.amm.total_fee_minus_distributions = market.amm.total_fee_minus_distributions.minus(paid)?;
    let claim = &mut market.insurance_claim;
    claim.revenue_withdraw_since_last_settle = claim.revenue_withdraw_since_last_settle.minus(paid.to()?)?;
    claim.last_revenue_withdraw_ts = now;
    Ok(())
}

/// What the revenue pool is to get (1e6), negative for what it is to give, when the fee pool holds `held` and `surplus`
/// is left of the AMM's fees.
fn revenue_payment(market: &PerpMarket, quote: &SpotMarket, held: u128, surplus: i128) -> Result<i128> {
    let (amm, claim) = (&market.amm, &market.insurance_claim);
    let budget = surplus.saturating_sub(KEPT_SURPLUS as i128);
    let most_per_period = claim.max_revenue_withdraw_per_period;
    if budget > 0 {
        let free: i128 = held
            .saturating_sub(KEPT_SURPLUS.plus(amm.total_social_loss)?)
            .to()?;
        let insured: u128 = claim
            .quote_settled_insurance
            .plus(claim.quote_max_insurance)?
            .into();
        let liquidation_fees: i128 = { amm.total_liquidation_fee }.min(insured).to()?;
        let room = claim
            .revenue_withdraw_since_last_settle
            .plus(most_per_period.to()?)?
            .min(amm.net_revenue_since_last_funding)
            .max(0);
        let exchange_fees: i128 = market.protocol_fees().to()?;
        let owed = exchange_fees
            .plus(liquidation_fees)?
            .saturating_sub(amm.total_fee_withdrawn.to()?);
        return Ok(owed.max(0).min(free).min(room.into()));
    }
    if budget == 0 {
        return Ok(0);
    }
    let left: u128 = most_per_period
        .to::<i64>()?
        .saturating_sub(claim.revenue_withdraw_since_last_settle)
        .to()?;
    let most: i128 = left
        .min(pool_tokens(quote.revenue_pool, quote)?)
        .min(most_per_period.into())
        .to()?;
    Ok(-budget.saturating_abs().min(most))
}

/// Moves `owed` (1e6) from the pnl pool to the user's quote balance, or back where negative. `InsufficientPerpPnlPool`
/// when the pool holds less.
pub fn pay_user(
    market: &mut PerpMarket,
    quote: &mut SpotMarket,
    user: &mut User,
    owed: i128,
) -> Result<i128> {
    if owed > 0 && owed.unsigned_abs() > pool_tokens(market.pnl_pool, quote)? {
        return Err(ErrorCode::InsufficientPerpPnlPool);
    }
    if owed != 0 {
        transfer(owed, quote, &mut market.pnl_pool, user.quote_mut()?)?;
    }
    Ok(owed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOLLAR: u128 = 1_000_000;

    /// One token of balance a dollar: cumulative interest of one.
    fn quote() -> SpotMarket {
        SpotMarket {
            decimals: 6,
            cumulative_deposit_interest: 10_000_000_000,
            cumulative_borrow_interest: 10_000_000_000,
            deposit_balance: 10_000_000 * 1_000 * DOLLAR,
            deposit_token_twap: 10_000_000 * DOLLAR as u64,
            withdraw_guard_threshold: u64::MAX,
            ..Default::default()
        }
    }

    fn pool(dollars: u128) -> PoolBalance {
        PoolBalance {
            scaled_balance: dollars * 1_000 * DOLLAR,
            ..Default::default()
        }
    }

    fn market(fee_pool: u128, pnl_pool: u128, fees: i128) -> PerpMarket {
        let mut market = PerpMarket {
            pnl_pool: pool(pnl_pool),
            ..Default::default()
        };
        market.amm.fee_pool = pool(fee_pool);
        market.amm.total_fee_minus_distributions = fees * DOLLAR as i128;
        market
    }

    fn pools(market: &PerpMarket, quote: &SpotMarket) -> (u128, u128) {
        (
            pool_tokens(market.amm.fee_pool, quote).unwrap() / DOLLAR,
            pool_tokens(market.pnl_pool, quote).unwrap() / DOLLAR,
        )
    }

    #[test]
    fn a_profit_is_paid_as_far_as_the_pool_reaches() {
        let (mut market, mut quote) = (market(50, 70, 40), quote());
        let user = SpotPosition::default();
        // Ten dollars more than the fees lie in the fee pool: the pnl pool gets them first.
        let paid = rebalance(&mut market, &mut quote, &user, 100_000_000, 0);
        assert_eq!(paid, Ok(80_000_000));
        assert_eq!(pools(&market, &quote), (40, 0));
    }

    #[test]
    fn a_hundredth_of_a_loss_feeds_a_short_fee_pool() {
        let (mut market, mut quote) = (market(10, 0, 40), quote());
        let user = SpotPosition::default();
        let paid = rebalance(&mut market, &mut quote, &user, -200_000_000, 0);
        assert_eq!(paid, Ok(-200_000_000));
        assert_eq!(pools(&market, &quote), (12, 198));
    }

    #[test]
    fn revenue_is_shared_from_a_surplus_and_asked_for_in_need() {
        let (mut rich, quote) = (market(600, 0, 700), quote());
        rich.amm.total_exchange_fee = 500 * DOLLAR;
        rich.amm.net_revenue_since_last_funding = 200_000_000;
        rich.insurance_claim.max_revenue_withdraw_per_period = 180_000_000;
        let held = 600 * DOLLAR;
        let surplus = 700 * DOLLAR as i128;
        // Half of the exchange fees are due; the period allows 180 of them.
        assert_eq!(revenue_payment(&rich, &quote, held, surplus), Ok(180_000_000));
        rich.amm.total_fee_withdrawn = 240 * DOLLAR;
        assert_eq!(revenue_payment(&rich, &quote, held, surplus), Ok(10_000_000));

        let mut lender = quote;
        lender.revenue_pool = pool(30);
        assert_eq!(revenue_payment(&rich, &lender, held, 0), Ok(-30_000_000));
        rich.insurance_claim.revenue_withdraw_since_last_settle = 180_000_001;
        let refused = revenue_payment(&rich, &lender, held, 0);
        assert_eq!(refused, Err(ErrorCode::CastingFailure));
    }

    #[test]
    fn an_expired_position_is_paid_whole_or_not_at_all() {
        let (mut market, mut quote) = (market(0, 5, 0), quote());
        let mut user = User::default();
        let refused = pay_user(&mut market, &mut quote, &mut user, 5_000_001);
        assert_eq!(refused, Err(ErrorCode::InsufficientPerpPnlPool));
        assert_eq!(
            pay_user(&mut market, &mut quote, &mut user, 5_000_000),
            Ok(5_000_000)
        );
        assert_eq!({ user.spot_positions[0].scaled_balance }, 5_000_000_000);
    }
}

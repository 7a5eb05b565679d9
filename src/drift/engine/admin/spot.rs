//! Settings of spot markets.

use super::{ADMIN, MARKET, STATE, in_bounds};
use crate::accounts::{MarketStatus, SpotMarket};
use crate::engine::{Frame, guard};
use crate::error::Result;
use crate::instruction as arguments;
use crate::math::limits::{self, SpotWeights};
use crate::math::spot_balance::least_borrow_rate;
use crate::num::Checked;
use crate::units;

/// Runs `set` on the market once the administrator has been recognised and the market found listed.
fn change(frame: &mut Frame, set: impl FnOnce(&mut SpotMarket) -> Result) -> Result {
    let admin = frame.signer(ADMIN)?;
    let state = guard::state(frame, STATE)?;
    let mut market = frame.take::<SpotMarket>(MARKET)?;
    guard::admin(&state, admin)?;
    frame.must_be_writable(MARKET)?;
    guard::spot_listed(&market)?;
    set(&mut market)?;
    frame.put(state);
    frame.put(market);
    Ok(())
}

pub(in crate::engine) fn update_withdraw_guard_threshold(
    frame: &mut Frame,
    to: &arguments::UpdateWithdrawGuardThreshold,
) -> Result {
    change(frame, |market| {
        market.withdraw_guard_threshold = to.withdraw_guard_threshold;
        Ok(())
    })
}

pub(in crate::engine) fn update_insurance_fund_unstaking_period(
    frame: &mut Frame,
    to: &arguments::UpdateInsuranceFundUnstakingPeriod,
) -> Result {
    change(frame, |market| {
        market.insurance_fund.unstaking_period = to.insurance_fund_unstaking_period;
        Ok(())
    })
}

/// The least rate stays where none is given.
pub(in crate::engine) fn update_spot_market_borrow_rate(
    frame: &mut Frame,
    to: &arguments::UpdateSpotMarketBorrowRate,
) -> Result {
    change(frame, |market| {
        let least = to.min_borrow_rate.unwrap_or(market.min_borrow_rate);
        limits::borrow_rate(
            to.optimal_utilization,
            to.optimal_borrow_rate,
            to.max_borrow_rate,
            least_borrow_rate(least),
        )?;
        market.optimal_utilization = to.optimal_utilization;
        market.optimal_borrow_rate = to.optimal_borrow_rate;
        market.max_borrow_rate = to.max_borrow_rate;
        market.min_borrow_rate = least;
        Ok(())
    })
}

/// A market that is to expire only reduces from now on.
pub(in crate::engine) fn update_spot_market_expiry(
    frame: &mut Frame,
    to: &arguments::UpdateSpotMarketExpiry,
) -> Result {
    let now = frame.clock.unix_timestamp;
    change(frame, |market| {
        in_bounds(now < to.expiry_ts)?;
        market.status = MarketStatus::ReduceOnly;
        market.expiry_ts = to.expiry_ts;
        Ok(())
    })
}

pub(in crate::engine) fn update_spot_market_if_factor(
    frame: &mut Frame,
    to: &arguments::UpdateSpotMarketIfFactor,
) -> Result {
    change(frame, |market| {
        in_bounds(market.market_index == to.spot_market_index)?;
        in_bounds(to.user_if_factor <= to.total_if_factor)?;
        in_bounds(u64::from(to.total_if_factor) <= units::PERCENTAGE)?;
        market.insurance_fund.user_factor = to.user_if_factor;
        market.insurance_fund.total_factor = to.total_if_factor;
        Ok(())
    })
}

/// The insurance fund's part is at most a tenth.
pub(in crate::engine) fn update_spot_market_liquidation_fee(
    frame: &mut Frame,
    to: &arguments::UpdateSpotMarketLiquidationFee,
) -> Result {
    change(frame, |market| {
        let together = to.liquidator_fee.plus(to.if_liquidation_fee)?;
        in_bounds(u64::from(together) < units::PERCENTAGE)?;
        in_bounds(u64::from(to.if_liquidation_fee) <= units::PERCENTAGE / 10)?;
        market.liquidator_fee = to.liquidator_fee;
        market.if_liquidation_fee = to.if_liquidation_fee;
        Ok(())
    })
}

pub(in crate::engine) fn update_spot_market_margin_weights(
    frame: &mut Frame,
    to: &arguments::UpdateSpotMarketMarginWeights,
) -> Result {
    change(frame, |market| {
        let weights = SpotWeights {
            initial_asset: to.initial_asset_weight,
            maintenance_asset: to.maintenance_asset_weight,
            initial_liability: to.initial_liability_weight,
            maintenance_liability: to.maintenance_liability_weight,
            imf_factor: to.imf_factor,
        };
        weights.check(market.market_index)?;
        market.initial_asset_weight = weights.initial_asset;
        market.maintenance_asset_weight = weights.maintenance_asset;
        market.initial_liability_weight = weights.initial_liability;
        market.maintenance_liability_weight = weights.maintenance_liability;
        market.imf_factor = weights.imf_factor;
        Ok(())
    })
}

pub(in crate::engine) fn update_spot_market_paused_operations(
    frame: &mut Frame,
    to: &arguments::UpdateSpotMarketPausedOperations,
) -> Result {
    change(frame, |market| {
        market.paused_operations = to.paused_operations;
        Ok(())
    })
}

pub(in crate::engine) fn update_spot_market_revenue_settle_period(
    frame: &mut Frame,
    to: &arguments::UpdateSpotMarketRevenueSettlePeriod,
) -> Result {
    change(frame, |market| {
        in_bounds(to.revenue_settle_period > 0)?;
        market.insurance_fund.revenue_settle_period = to.revenue_settle_period;
        Ok(())
    })
}

pub(in crate::engine) fn update_spot_market_status(
    frame: &mut Frame,
    to: &arguments::UpdateSpotMarketStatus,
) -> Result {
    change(frame, |market| {
        in_bounds(to.status.is_in_use())?;
        market.status = to.status;
        Ok(())
    })
}

//! Settings of perpetual markets.

use super::{ADMIN, MARKET, STATE, in_bounds};
use crate::accounts::{ContractTier, MarketStatus, PerpMarket, PositionDirection};
use crate::engine::{Frame, guard};
use crate::error::{ErrorCode, Result};
use crate::instruction as arguments;
use crate::math::curve::{Reserves, reserves_after};
use crate::math::k::Resized;
use crate::math::limits;
use crate::math::market_check::SPREAD_PER_MARGIN;
use crate::math::wide::Wide;
use crate::num::{Checked, Narrow};
use crate::units;

/// How far (1e9) a quote reserve may be off the one that follows from the base reserve.
const MOST_GAP: u128 = 100;
/// 100 for trades between users, and as much again for what liquidity providers take part in.
const MOST_JIT_INTENSITY: u8 = 200;
/// Percent by which a market's fees may depart from the exchange's.
const MOST_FEE_ADJUSTMENT: u16 = 100;

/// Runs `set` on the market once the administrator has been recognised and the market found listed.
fn change(frame: &mut Frame, set: impl FnOnce(&mut PerpMarket) -> Result) -> Result {
    let admin = frame.signer(ADMIN)?;
    let state = guard::state(frame, STATE)?;
    let mut market = frame.take::<PerpMarket>(MARKET)?;
    guard::admin(&state, admin)?;
    frame.must_be_writable(MARKET)?;
    guard::perp_listed(&market)?;
    set(&mut market)?;
    frame.put(state);
    frame.put(market);
    Ok(())
}

pub(in crate::engine) fn update_perp_market_margin_ratio(
    frame: &mut Frame,
    to: &arguments::UpdatePerpMarketMarginRatio,
) -> Result {
    change(frame, |market| {
        let (initial, maintenance) = (to.margin_ratio_initial, to.margin_ratio_maintenance);
        limits::perp_margin(initial, maintenance, market.liquidator_fee, market.amm.max_spread)?;
        market.margin_ratio_initial = initial;
        market.margin_ratio_maintenance = maintenance;
        Ok(())
    })
}

/// Puts the curve's reserves where they are said to be: the quote side follows from the base side, and may be off by less
/// than [`MOST_GAP`].
pub(in crate::engine) fn move_amm_price(frame: &mut Frame, to: &arguments::MoveAmmPrice) -> Result {
    change(frame, |market| {
        let quote = Wide::square(to.sqrt_k)?.over(to.base_asset_reserve)?.narrow()?;
        let gap = to.quote_asset_reserve.to::<i128>()?.minus(quote.to()?)?;
        if gap.unsigned_abs() >= MOST_GAP {
            return Err(ErrorCode::InvalidAmmDetected);
        }
        let reserves = Reserves {
            base: to.base_asset_reserve,
            quote,
        };
        market.amm.set_size(Resized {
            sqrt_k: to.sqrt_k,
            reserves,
        })?;
        market.check()
    })
}

/// Sets the peg, and the size of a curve that would be balanced if the AMM's net position were closed.
pub(in crate::engine) fn recenter_perp_market_amm(
    frame: &mut Frame,
    to: &arguments::RecenterPerpMarketAmm,
) -> Result {
    change(frame, |market| {
        let net = market.amm.base_asset_amount_with_amm;
        let side = if net > 0 {
            PositionDirection::Long
        } else {
            PositionDirection::Short
        };
        let reserves = reserves_after(to.sqrt_k, net.unsigned_abs(), side, to.sqrt_k)?;
        market.amm.peg_multiplier = to.peg_multiplier;
        market.amm.set_size(Resized {
            sqrt_k: to.sqrt_k,
            reserves,
        })?;
        market.check()
    })
}

pub(in crate::engine) fn update_amm_jit_intensity(
    frame: &mut Frame,
    to: &arguments::UpdateAmmJitIntensity,
) -> Result {
    change(frame, |market| {
        in_bounds(to.amm_jit_intensity <= MOST_JIT_INTENSITY)?;
        market.amm.amm_jit_intensity = to.amm_jit_intensity;
        Ok(())
    })
}

pub(in crate::engine) fn update_perp_market_target_base_asset_amount_per_lp(
    frame: &mut Frame,
    to: &arguments::UpdatePerpMarketTargetBaseAssetAmountPerLp,
) -> Result {
    change(frame, |market| {
        market.amm.target_base_asset_amount_per_lp = to.target_base_asset_amount_per_lp;
        Ok(())
    })
}

pub(in crate::engine) fn update_perp_market_min_order_size(
    frame: &mut Frame,
    to: &arguments::UpdatePerpMarketMinOrderSize,
) -> Result {
    change(frame, |market| {
        in_bounds(to.order_size > 0)?;
        market.amm.min_order_size = to.order_size;
        Ok(())
    })
}

pub(in crate::engine) fn update_perp_market_fee_adjustment(
    frame: &mut Frame,
    to: &arguments::UpdatePerpMarketFeeAdjustment,
) -> Result {
    change(frame, |market| {
        in_bounds(to.fee_adjustment.unsigned_abs() <= MOST_FEE_ADJUSTMENT)?;
        market.fee_adjustment = to.fee_adjustment;
        Ok(())
    })
}

/// A market that is to expire only reduces from now on.
pub(in crate::engine) fn update_perp_market_expiry(
    frame: &mut Frame,
    to: &arguments::UpdatePerpMarketExpiry,
) -> Result {
    let now = frame.clock.unix_timestamp;
    change(frame, |market| {
        in_bounds(now < to.expiry_ts)?;
        market.status = MarketStatus::ReduceOnly;
        market.expiry_ts = to.expiry_ts;
        Ok(())
    })
}

pub(in crate::engine) fn update_perp_market_paused_operations(
    frame: &mut Frame,
    to: &arguments::UpdatePerpMarketPausedOperations,
) -> Result {
    change(frame, |market| {
        market.paused_operations = to.paused_operations;
        Ok(())
    })
}

/// Settlement and delisting have instructions of their own.
pub(in crate::engine) fn update_perp_market_status(
    frame: &mut Frame,
    to: &arguments::UpdatePerpMarketStatus,
) -> Result {
    change(frame, |market| {
        in_bounds(to.status != MarketStatus::Settlement && to.status != MarketStatus::Delisted)?;
        in_bounds(to.status.is_in_use())?;
        market.status = to.status;
        Ok(())
    })
}

pub(in crate::engine) fn update_perp_market_unrealized_asset_weight(
    frame: &mut Frame,
    to: &arguments::UpdatePerpMarketUnrealizedAssetWeight,
) -> Result {
    change(frame, |market| {
        let (initial, maintenance) = (
            to.unrealized_initial_asset_weight,
            to.unrealized_maintenance_asset_weight,
        );
        in_bounds(initial <= maintenance && maintenance <= units::MARGIN)?;
        market.unrealized_pnl_initial_asset_weight = initial;
        market.unrealized_pnl_maintenance_asset_weight = maintenance;
        Ok(())
    })
}

pub(in crate::engine) fn update_perp_market_max_imbalances(
    frame: &mut Frame,
    to: &arguments::UpdatePerpMarketMaxImbalances,
) -> Result {
    change(frame, |market| {
        let most = most_insurance(market.contract_tier);
        let most_revenue = most.max(250 * units::QUOTE);
        in_bounds(
            to.max_revenue_withdraw_per_period <= most_revenue
                && to.unrealized_max_imbalance <= most + 1
                && to.quote_max_insurance <= most,
        )?;
        let claim = &mut market.insurance_claim;
        in_bounds(claim.quote_settled_insurance <= to.quote_max_insurance)?;
        claim.quote_max_insurance = to.quote_max_insurance;
        claim.max_revenue_withdraw_per_period = to.max_revenue_withdraw_per_period;
        market.unrealized_pnl_max_imbalance = to.unrealized_max_imbalance;
        market.check()
    })
}

/// The most quote (1e6) that the insurance fund may owe a market of this tier.
fn most_insurance(tier: ContractTier) -> u64 {
    let dollars = match tier {
        ContractTier::A => 100_000_000,
        ContractTier::B => 1_000_000,
        ContractTier::C => 100_000,
        _ => 0,
    };
    dollars * units::QUOTE
}

pub(in crate::engine) fn update_perp_market_liquidation_fee(
    frame: &mut Frame,
    to: &arguments::UpdatePerpMarketLiquidationFee,
) -> Result {
    change(frame, |market| {
        // Both together stay below one, and so does each.
        let together = to.liquidator_fee.plus(to.if_liquidation_fee)?;
        in_bounds(u64::from(together) < units::PERCENTAGE)?;
        let (initial, maintenance) = (market.margin_ratio_initial, market.margin_ratio_maintenance);
        limits::perp_margin(initial, maintenance, to.liquidator_fee, market.amm.max_spread)?;
        market.if_liquidation_fee = to.if_liquidation_fee;
        market.liquidator_fee = to.liquidator_fee;
        Ok(())
    })
}

pub(in crate::engine) fn update_perp_market_contract_tier(
    frame: &mut Frame,
    to: &arguments::UpdatePerpMarketContractTier,
) -> Result {
    change(frame, |market| {
        market.contract_tier = to.contract_tier;
        Ok(())
    })
}

pub(in crate::engine) fn update_perp_market_imf_factor(
    frame: &mut Frame,
    to: &arguments::UpdatePerpMarketImfFactor,
) -> Result {
    change(frame, |market| {
        let most = units::PERCENTAGE;
        in_bounds(u64::from(to.imf_factor) <= most && u64::from(to.unrealized_pnl_imf_factor) <= most)?;
        market.imf_factor = to.imf_factor;
        market.unrealized_pnl_imf_factor = to.unrealized_pnl_imf_factor;
        Ok(())
    })
}

pub(in crate::engine) fn update_perp_market_concentration_coef(
    frame: &mut Frame,
    to: &arguments::UpdatePerpMarketConcentrationCoef,
) -> Result {
    change(frame, |market| {
        in_bounds(to.concentration_scale > 0)?;
        market.amm.concentrate(to.concentration_scale)
    })
}

pub(in crate::engine) fn update_perp_market_curve_update_intensity(
    frame: &mut Frame,
    to: &arguments::UpdatePerpMarketCurveUpdateIntensity,
) -> Result {
    change(frame, |market| {
        in_bounds(to.curve_update_intensity <= 200)?;
        market.amm.curve_update_intensity = to.curve_update_intensity;
        Ok(())
    })
}

pub(in crate::engine) fn update_perp_market_base_spread(
    frame: &mut Frame,
    to: &arguments::UpdatePerpMarketBaseSpread,
) -> Result {
    change(frame, |market| {
        let amm = &mut market.amm;
        amm.base_spread = to.base_spread;
        (amm.long_spread, amm.short_spread) = (to.base_spread / 2, to.base_spread / 2);
        Ok(())
    })
}

pub(in crate::engine) fn update_perp_market_max_spread(
    frame: &mut Frame,
    to: &arguments::UpdatePerpMarketMaxSpread,
) -> Result {
    change(frame, |market| {
        in_bounds(to.max_spread >= market.amm.base_spread)?;
        in_bounds(to.max_spread <= market.margin_ratio_initial.times(SPREAD_PER_MARGIN)?)?;
        market.amm.max_spread = to.max_spread;
        Ok(())
    })
}

pub(in crate::engine) fn update_perp_market_step_size_and_tick_size(
    frame: &mut Frame,
    to: &arguments::UpdatePerpMarketStepSizeAndTickSize,
) -> Result {
    change(frame, |market| {
        // A remainder of base below the step is kept in 32 bits by every LP.
        in_bounds((1..=2 * units::BASE).contains(&to.step_size) && to.tick_size > 0)?;
        market.amm.order_tick_size = to.tick_size;
        market.amm.order_step_size = to.step_size;
        Ok(())
    })
}

pub(in crate::engine) fn update_perp_market_max_fill_reserve_fraction(
    frame: &mut Frame,
    to: &arguments::UpdatePerpMarketMaxFillReserveFraction,
) -> Result {
    change(frame, |market| {
        in_bounds(to.max_fill_reserve_fraction > 0)?;
        market.amm.max_fill_reserve_fraction = to.max_fill_reserve_fraction;
        Ok(())
    })
}

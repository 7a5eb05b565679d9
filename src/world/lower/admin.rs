//! What the administrator changes: of fields that are set by one instruction, those that are not given stay as they are.

use super::{LowerError, Step};
use crate::event::{Repeg, UpdateExchange, UpdateGuardRails, UpdateK, UpdatePerpMarket, UpdateSpotMarket};
use crate::world::World;
use drift::accounts::{OracleGuardRails, PriceDivergenceGuardRails, ValidityGuardRails};
use drift::instruction as send;
use drift::ledger::Ledger;

/// `set!(steps, instruction(accounts) { argument: wish, or what it is now; ... } over admin, state, market)`: adds the
/// instruction if one of the wishes is given.
macro_rules! set {
    ($steps:ident, $name:ident($accounts:ident) { $($field:ident: $wish:expr, or $now:expr;)+ } over $($account:ident),+) => {
        if [$($wish.is_some()),+].contains(&true) {
            let call = send::$name { $($field: $wish.unwrap_or($now)),+ };
            $steps.push(Step::Execute(call.call(send::$accounts { $($account),+ }, [])));
        }
    };
}

impl World {
    pub(super) fn update_k(&self, event: &UpdateK, steps: &mut Vec<Step>) -> Result<(), LowerError> {
        let place = self.known(event.market_index)?;
        let accounts = send::UpdateKAccounts {
            admin: self.fixed.admin,
            state: self.fixed.state,
            perp_market: place.market,
            oracle: place.feed.address,
        };
        let update = send::UpdateK { sqrt_k: event.sqrt_k };
        steps.push(Step::Execute(update.call(accounts, [])));
        Ok(())
    }

    pub(super) fn repeg(&self, event: &Repeg, steps: &mut Vec<Step>) -> Result<(), LowerError> {
        let place = self.known(event.market_index)?;
        let accounts = send::RepegAmmCurveAccounts {
            state: self.fixed.state,
            perp_market: place.market,
            oracle: place.feed.address,
            admin: self.fixed.admin,
        };
        let repeg = send::RepegAmmCurve {
            new_peg_candidate: event.peg,
        };
        steps.push(Step::Execute(repeg.call(accounts, [])));
        Ok(())
    }

    pub(super) fn update_perp_market<L: Ledger>(
        &self,
        ledger: &L,
        to: &UpdatePerpMarket,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let (admin, state) = (self.fixed.admin, self.fixed.state);
        let perp_market = self.known(to.market_index)?.market;
        let now = self
            .perp(ledger, to.market_index)
            .ok_or(LowerError::perp(to.market_index))?;
        set!(steps, UpdatePerpMarketContractTier(UpdatePerpMarketContractTierAccounts) {
            contract_tier: to.contract_tier, or now.contract_tier;
        } over admin, state, perp_market);
        set!(steps, UpdatePerpMarketBaseSpread(UpdatePerpMarketBaseSpreadAccounts) {
            base_spread: to.base_spread, or now.amm.base_spread;
        } over admin, state, perp_market);
        set!(steps, UpdatePerpMarketMaxSpread(UpdatePerpMarketMaxSpreadAccounts) {
            max_spread: to.max_spread, or now.amm.max_spread;
        } over admin, state, perp_market);
        set!(steps, UpdatePerpMarketCurveUpdateIntensity(UpdatePerpMarketCurveUpdateIntensityAccounts) {
            curve_update_intensity: to.curve_update_intensity, or now.amm.curve_update_intensity;
        } over admin, state, perp_market);
        set!(steps, UpdateAmmJitIntensity(UpdateAmmJitIntensityAccounts) {
            amm_jit_intensity: to.amm_jit_intensity, or now.amm.amm_jit_intensity;
        } over admin, state, perp_market);
        if let Some(concentration_scale) = to.concentration_scale {
            let accounts = send::UpdatePerpMarketConcentrationCoefAccounts {
                admin,
                state,
                perp_market,
            };
            let update = send::UpdatePerpMarketConcentrationCoef { concentration_scale };
            steps.push(Step::Execute(update.call(accounts, [])));
        }
        set!(steps, UpdatePerpMarketTargetBaseAssetAmountPerLp(UpdatePerpMarketTargetBaseAssetAmountPerLpAccounts) {
            target_base_asset_amount_per_lp: to.target_base_per_lp, or now.amm.target_base_asset_amount_per_lp;
        } over admin, state, perp_market);
        set!(steps, UpdatePerpMarketMarginRatio(UpdatePerpMarketMarginRatioAccounts) {
            margin_ratio_initial: to.margin_ratio_initial, or now.margin_ratio_initial;
            margin_ratio_maintenance: to.margin_ratio_maintenance, or now.margin_ratio_maintenance;
        } over admin, state, perp_market);
        set!(steps, UpdatePerpMarketImfFactor(UpdatePerpMarketImfFactorAccounts) {
            imf_factor: to.imf_factor, or now.imf_factor;
            unrealized_pnl_imf_factor: to.unrealized_pnl_imf_factor, or now.unrealized_pnl_imf_factor;
        } over admin, state, perp_market);
        set!(steps, UpdatePerpMarketUnrealizedAssetWeight(UpdatePerpMarketUnrealizedAssetWeightAccounts) {
            unrealized_initial_asset_weight: to.unrealized_initial_asset_weight, or now.unrealized_pnl_initial_asset_weight;
            unrealized_maintenance_asset_weight: to.unrealized_maintenance_asset_weight, or now.unrealized_pnl_maintenance_asset_weight;
        } over admin, state, perp_market);
        set!(steps, UpdatePerpMarketLiquidationFee(UpdatePerpMarketLiquidationFeeAccounts) {
            liquidator_fee: to.liquidator_fee, or now.liquidator_fee;
            if_liquidation_fee: to.if_liquidation_fee, or now.if_liquidation_fee;
        } over admin, state, perp_market);
        set!(steps, UpdatePerpMarketMaxImbalances(UpdatePerpMarketMaxImbalancesAccounts) {
            unrealized_max_imbalance: to.unrealized_pnl_max_imbalance, or now.unrealized_pnl_max_imbalance;
            max_revenue_withdraw_per_period: to.max_revenue_withdraw_per_period, or now.insurance_claim.max_revenue_withdraw_per_period;
            quote_max_insurance: to.quote_max_insurance, or now.insurance_claim.quote_max_insurance;
        } over admin, state, perp_market);
        set!(steps, UpdatePerpMarketMaxFillReserveFraction(UpdatePerpMarketMaxFillReserveFractionAccounts) {
            max_fill_reserve_fraction: to.max_fill_reserve_fraction, or now.amm.max_fill_reserve_fraction;
        } over admin, state, perp_market);
        set!(steps, UpdatePerpMarketStepSizeAndTickSize(UpdatePerpMarketStepSizeAndTickSizeAccounts) {
            step_size: to.order_step_size, or now.amm.order_step_size;
            tick_size: to.order_tick_size, or now.amm.order_tick_size;
        } over admin, state, perp_market);
        set!(steps, UpdatePerpMarketMinOrderSize(UpdatePerpMarketMinOrderSizeAccounts) {
            order_size: to.min_order_size, or now.amm.min_order_size;
        } over admin, state, perp_market);
        set!(steps, UpdatePerpMarketFeeAdjustment(UpdatePerpMarketFeeAdjustmentAccounts) {
            fee_adjustment: to.fee_adjustment, or now.fee_adjustment;
        } over admin, state, perp_market);
        set!(steps, UpdatePerpMarketPausedOperations(UpdatePerpMarketPausedOperationsAccounts) {
            paused_operations: to.paused_operations, or now.paused_operations;
        } over admin, state, perp_market);
        set!(steps, UpdatePerpMarketStatus(UpdatePerpMarketStatusAccounts) {
            status: to.status, or now.status;
        } over admin, state, perp_market);
        Ok(())
    }

    pub(super) fn update_spot_market<L: Ledger>(
        &self,
        ledger: &L,
        to: &UpdateSpotMarket,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let (admin, state) = (self.fixed.admin, self.fixed.state);
        let spot_market = self.known_spot(to.market_index)?.market;
        let now = self
            .spot(ledger, to.market_index)
            .ok_or(LowerError::spot(to.market_index))?;
        let rates = [to.optimal_utilization, to.optimal_borrow_rate, to.max_borrow_rate];
        if rates.iter().any(Option::is_some) || to.min_borrow_rate.is_some() {
            let accounts = send::UpdateSpotMarketBorrowRateAccounts {
                admin,
                state,
                spot_market,
            };
            let update = send::UpdateSpotMarketBorrowRate {
                optimal_utilization: to.optimal_utilization.unwrap_or(now.optimal_utilization),
                optimal_borrow_rate: to.optimal_borrow_rate.unwrap_or(now.optimal_borrow_rate),
                max_borrow_rate: to.max_borrow_rate.unwrap_or(now.max_borrow_rate),
                min_borrow_rate: to.min_borrow_rate,
            };
            steps.push(Step::Execute(update.call(accounts, [])));
        }
        set!(steps, UpdateSpotMarketMarginWeights(UpdateSpotMarketMarginWeightsAccounts) {
            initial_asset_weight: to.initial_asset_weight, or now.initial_asset_weight;
            maintenance_asset_weight: to.maintenance_asset_weight, or now.maintenance_asset_weight;
            initial_liability_weight: to.initial_liability_weight, or now.initial_liability_weight;
            maintenance_liability_weight: to.maintenance_liability_weight, or now.maintenance_liability_weight;
            imf_factor: to.imf_factor, or now.imf_factor;
        } over admin, state, spot_market);
        set!(steps, UpdateSpotMarketLiquidationFee(UpdateSpotMarketLiquidationFeeAccounts) {
            liquidator_fee: to.liquidator_fee, or now.liquidator_fee;
            if_liquidation_fee: to.if_liquidation_fee, or now.if_liquidation_fee;
        } over admin, state, spot_market);
        let fund = now.insurance_fund;
        if to.if_total_factor.is_some() || to.if_user_factor.is_some() {
            let accounts = send::UpdateSpotMarketIfFactorAccounts {
                admin,
                state,
                spot_market,
            };
            let update = send::UpdateSpotMarketIfFactor {
                spot_market_index: to.market_index,
                user_if_factor: to.if_user_factor.unwrap_or(fund.user_factor),
                total_if_factor: to.if_total_factor.unwrap_or(fund.total_factor),
            };
            steps.push(Step::Execute(update.call(accounts, [])));
        }
        set!(steps, UpdateSpotMarketRevenueSettlePeriod(UpdateSpotMarketRevenueSettlePeriodAccounts) {
            revenue_settle_period: to.revenue_settle_period, or fund.revenue_settle_period;
        } over admin, state, spot_market);
        set!(steps, UpdateInsuranceFundUnstakingPeriod(UpdateInsuranceFundUnstakingPeriodAccounts) {
            insurance_fund_unstaking_period: to.unstaking_period, or fund.unstaking_period;
        } over admin, state, spot_market);
        set!(steps, UpdateWithdrawGuardThreshold(UpdateWithdrawGuardThresholdAccounts) {
            withdraw_guard_threshold: to.withdraw_guard_threshold, or now.withdraw_guard_threshold;
        } over admin, state, spot_market);
        set!(steps, UpdateSpotMarketPausedOperations(UpdateSpotMarketPausedOperationsAccounts) {
            paused_operations: to.paused_operations, or now.paused_operations;
        } over admin, state, spot_market);
        set!(steps, UpdateSpotMarketStatus(UpdateSpotMarketStatusAccounts) {
            status: to.status, or now.status;
        } over admin, state, spot_market);
        Ok(())
    }

    pub(super) fn update_guard_rails<L: Ledger>(
        &self,
        ledger: &L,
        to: &UpdateGuardRails,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let (admin, state) = (self.fixed.admin, self.fixed.state);
        let now = self
            .state(ledger)
            .ok_or(LowerError::NoAccount("state"))?
            .oracle_guard_rails;
        let (divergence, validity) = (now.price_divergence, now.validity);
        let oracle_guard_rails = OracleGuardRails {
            price_divergence: PriceDivergenceGuardRails {
                mark_oracle_percent_divergence: to
                    .mark_oracle_divergence
                    .unwrap_or(divergence.mark_oracle_percent_divergence),
                oracle_twap_5min_percent_divergence: to
                    .oracle_twap_5min_divergence
                    .unwrap_or(divergence.oracle_twap_5min_percent_divergence),
            },
            validity: ValidityGuardRails {
                slots_before_stale_for_amm: to
                    .stale_for_amm_slots
                    .unwrap_or(validity.slots_before_stale_for_amm),
                slots_before_stale_for_margin: to
                    .stale_for_margin_slots
                    .unwrap_or(validity.slots_before_stale_for_margin),
                confidence_interval_max_size: to
                    .widest_confidence
                    .unwrap_or(validity.confidence_interval_max_size),
                too_volatile_ratio: to.too_volatile_ratio.unwrap_or(validity.too_volatile_ratio),
            },
        };
        let accounts = send::UpdateOracleGuardRailsAccounts { admin, state };
        let update = send::UpdateOracleGuardRails { oracle_guard_rails };
        steps.push(Step::Execute(update.call(accounts, [])));
        Ok(())
    }

    pub(super) fn update_exchange<L: Ledger>(
        &self,
        ledger: &L,
        to: &UpdateExchange,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let (admin, state) = (self.fixed.admin, self.fixed.state);
        let now = self.state(ledger).ok_or(LowerError::NoAccount("state"))?;
        set!(steps, UpdateLiquidationMarginBufferRatio(UpdateLiquidationMarginBufferRatioAccounts) {
            liquidation_margin_buffer_ratio: to.liquidation_margin_buffer_ratio, or now.liquidation_margin_buffer_ratio;
        } over admin, state);
        set!(steps, UpdateInitialPctToLiquidate(UpdateInitialPctToLiquidateAccounts) {
            initial_pct_to_liquidate: to.initial_pct_to_liquidate, or now.initial_pct_to_liquidate;
        } over admin, state);
        set!(steps, UpdateLiquidationDuration(UpdateLiquidationDurationAccounts) {
            liquidation_duration: to.liquidation_duration, or now.liquidation_duration;
        } over admin, state);
        set!(steps, UpdateStateSettlementDuration(UpdateStateSettlementDurationAccounts) {
            settlement_duration: to.settlement_duration, or now.settlement_duration;
        } over admin, state);
        set!(steps, UpdateLpCooldownTime(UpdateLpCooldownTimeAccounts) {
            lp_cooldown_time: to.lp_cooldown_seconds, or now.lp_cooldown_time;
        } over admin, state);
        set!(steps, UpdateExchangeStatus(UpdateExchangeStatusAccounts) {
            exchange_status: to.paused_operations, or now.exchange_status;
        } over admin, state);
        Ok(())
    }
}

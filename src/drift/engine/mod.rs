//! The rule book: one function an instruction, one file a family.

mod admin;
pub mod amm_fill;
mod bankruptcy;
mod before_trade;
pub mod curve;
mod deficit;
mod deposit;
mod derisk;
mod expiry;
mod frame;
pub mod funding;
mod guard;
mod initialize;
mod insurance;
mod interest;
mod journal;
mod liquidation;
mod liquidity;
pub mod lp;
pub mod margin;
pub mod margin_check;
mod margin_terms;
mod markets;
mod oracles;
mod orders;
mod pools;
pub mod position;
mod quotes;
mod reshape;
mod revenue;
mod settle_expired;
mod settle_pnl;
pub mod spot;
mod token;
mod withdraw;

use super::error::Result;
use super::instruction::Instruction;
#[cfg(test)]
pub(crate) use frame::Cast;
pub use frame::{BeforeTrade, Effects, Entry, Frame, Held, Slot, Switches};
pub use journal::{Copies, Journal};
pub use markets::{Indexed, Markets, MustWrite, Table};
pub use oracles::{OraclePrice, Oracles, read_price};
pub use quotes::{Quote, Quotes};

/// Executes `instruction` over the accounts of `frame`. When it fails, what it took out is in no particular state: the
/// ledger that built the frame restores it from the frame's journal.
pub fn execute(frame: &mut Frame, instruction: &Instruction) -> Result {
    use Instruction::*;
    match instruction {
        Initialize(to) => initialize::initialize(frame, to),
        InitializeSpotMarket(to) => initialize::initialize_spot_market(frame, to),
        InitializePerpMarket(to) => initialize::initialize_perp_market(frame, to),
        InitializeUser(to) => initialize::initialize_user(frame, to),
        InitializeUserStats(to) => initialize::initialize_user_stats(frame, to),
        UpdatePerpMarketMaxFillReserveFraction(to) => {
            admin::update_perp_market_max_fill_reserve_fraction(frame, to)
        }
        UpdateWithdrawGuardThreshold(to) => admin::update_withdraw_guard_threshold(frame, to),
        UpdateInsuranceFundUnstakingPeriod(to) => admin::update_insurance_fund_unstaking_period(frame, to),
        UpdatePerpMarketStepSizeAndTickSize(to) => {
            admin::update_perp_market_step_size_and_tick_size(frame, to)
        }
        UpdatePerpMarketMaxImbalances(to) => admin::update_perp_market_max_imbalances(frame, to),
        UpdatePerpAuctionDuration(to) => admin::update_perp_auction_duration(frame, to),
        UpdateLpCooldownTime(to) => admin::update_lp_cooldown_time(frame, to),
        UpdateOracleGuardRails(to) => admin::update_oracle_guard_rails(frame, to),
        UpdatePerpFeeStructure(to) => admin::update_perp_fee_structure(frame, to),
        UpdatePerpMarketBaseSpread(to) => admin::update_perp_market_base_spread(frame, to),
        UpdatePerpMarketCurveUpdateIntensity(to) => {
            admin::update_perp_market_curve_update_intensity(frame, to)
        }
        UpdatePerpMarketContractTier(to) => admin::update_perp_market_contract_tier(frame, to),
        UpdatePerpMarketImfFactor(to) => admin::update_perp_market_imf_factor(frame, to),
        UpdatePerpMarketLiquidationFee(to) => admin::update_perp_market_liquidation_fee(frame, to),
        UpdatePerpMarketMaxSpread(to) => admin::update_perp_market_max_spread(frame, to),
        UpdatePerpMarketMarginRatio(to) => admin::update_perp_market_margin_ratio(frame, to),
        UpdatePerpMarketConcentrationCoef(to) => admin::update_perp_market_concentration_coef(frame, to),
        UpdateExchangeStatus(to) => admin::update_exchange_status(frame, to),
        UpdateInitialPctToLiquidate(to) => admin::update_initial_pct_to_liquidate(frame, to),
        UpdateLiquidationDuration(to) => admin::update_liquidation_duration(frame, to),
        UpdateLiquidationMarginBufferRatio(to) => admin::update_liquidation_margin_buffer_ratio(frame, to),
        UpdateStateSettlementDuration(to) => admin::update_state_settlement_duration(frame, to),
        UpdatePerpMarketExpiry(to) => admin::update_perp_market_expiry(frame, to),
        UpdatePerpMarketPausedOperations(to) => admin::update_perp_market_paused_operations(frame, to),
        UpdatePerpMarketStatus(to) => admin::update_perp_market_status(frame, to),
        UpdatePerpMarketUnrealizedAssetWeight(to) => {
            admin::update_perp_market_unrealized_asset_weight(frame, to)
        }
        UpdateSpotMarketBorrowRate(to) => admin::update_spot_market_borrow_rate(frame, to),
        UpdateSpotMarketExpiry(to) => admin::update_spot_market_expiry(frame, to),
        UpdateSpotMarketIfFactor(to) => admin::update_spot_market_if_factor(frame, to),
        UpdateSpotMarketLiquidationFee(to) => admin::update_spot_market_liquidation_fee(frame, to),
        UpdateSpotMarketMarginWeights(to) => admin::update_spot_market_margin_weights(frame, to),
        UpdateSpotMarketPausedOperations(to) => admin::update_spot_market_paused_operations(frame, to),
        UpdateSpotMarketRevenueSettlePeriod(to) => admin::update_spot_market_revenue_settle_period(frame, to),
        UpdateSpotMarketStatus(to) => admin::update_spot_market_status(frame, to),
        InitializeInsuranceFundStake(to) => insurance::initialize_insurance_fund_stake(frame, to),
        AddInsuranceFundStake(to) => insurance::add_insurance_fund_stake(frame, to),
        RequestRemoveInsuranceFundStake(to) => insurance::request_remove_insurance_fund_stake(frame, to),
        CancelRequestRemoveInsuranceFundStake(to) => {
            insurance::cancel_request_remove_insurance_fund_stake(frame, to)
        }
        RemoveInsuranceFundStake(to) => insurance::remove_insurance_fund_stake(frame, to),
        SettleRevenueToInsuranceFund(to) => revenue::settle_revenue_to_insurance_fund(frame, to),
        DepositIntoPerpMarketFeePool(to) => revenue::deposit_into_perp_market_fee_pool(frame, to),
        DepositIntoSpotMarketRevenuePool(to) => revenue::deposit_into_spot_market_revenue_pool(frame, to),
        SettleExpiredMarket(to) => expiry::settle_expired_market(frame, to),
        SettleExpiredMarketPoolsToRevenuePool(to) => {
            expiry::settle_expired_market_pools_to_revenue_pool(frame, to)
        }
        ResolvePerpPnlDeficit(to) => deficit::resolve_perp_pnl_deficit(frame, to),
        RemovePerpLpSharesInExpiringMarket(to) => {
            liquidity::remove_perp_lp_shares_in_expiring_market(frame, to)
        }
        ForceCancelOrders(to) => orders::force_cancel_orders(frame, to),
        ResolvePerpBankruptcy(to) => bankruptcy::resolve_perp_bankruptcy(frame, to),
        ResolveSpotBankruptcy(to) => bankruptcy::resolve_spot_bankruptcy(frame, to),
        LiquidatePerp(to) => liquidation::liquidate_perp(frame, to),
        LiquidateSpot(to) => liquidation::liquidate_spot(frame, to),
        LiquidateBorrowForPerpPnl(to) => liquidation::liquidate_borrow_for_perp_pnl(frame, to),
        LiquidatePerpPnlForDeposit(to) => liquidation::liquidate_perp_pnl_for_deposit(frame, to),
        MoveAmmPrice(to) => admin::move_amm_price(frame, to),
        RecenterPerpMarketAmm(to) => admin::recenter_perp_market_amm(frame, to),
        UpdateAmmJitIntensity(to) => admin::update_amm_jit_intensity(frame, to),
        UpdatePerpMarketTargetBaseAssetAmountPerLp(to) => {
            admin::update_perp_market_target_base_asset_amount_per_lp(frame, to)
        }
        UpdatePerpMarketMinOrderSize(to) => admin::update_perp_market_min_order_size(frame, to),
        UpdatePerpMarketFeeAdjustment(to) => admin::update_perp_market_fee_adjustment(frame, to),
        UpdateAmms(to) => curve::update_amms(frame, to),
        UpdateK(to) => reshape::update_k(frame, to),
        RepegAmmCurve(to) => reshape::repeg_amm_curve(frame, to),
        UpdateFundingRate(to) => funding::update_funding_rate(frame, to),
        SettleFundingPayment(to) => funding::settle_funding_payment(frame, to),
        Deposit(to) => deposit::deposit(frame, to),
        Withdraw(to) => withdraw::withdraw(frame, to),
        UpdateSpotMarketCumulativeInterest(to) => interest::update_spot_market_cumulative_interest(frame, to),
        AddPerpLpShares(to) => liquidity::add_perp_lp_shares(frame, to),
        RemovePerpLpShares(to) => liquidity::remove_perp_lp_shares(frame, to),
        SettleLp(to) => liquidity::settle_lp(frame, to),
        SettlePnl(to) => settle_pnl::settle_pnl(frame, to),
        PlacePerpOrder(to) => orders::place_perp_order(frame, to),
        PlaceOrders(to) => orders::place_orders(frame, to),
        CancelOrder(to) => orders::cancel_order(frame, to),
        CancelOrderByUserId(to) => orders::cancel_order_by_user_id(frame, to),
        CancelOrdersByIds(to) => orders::cancel_orders_by_ids(frame, to),
        CancelOrders(to) => orders::cancel_orders(frame, to),
        PlaceAndTakePerpOrder(to) => orders::place_and_take_perp_order(frame, to),
    }
}

use super::layout::layout;
use super::*;

layout! {
    SpotMarket: 8 {
        pubkey: Pubkey,
        oracle: Pubkey,
        mint: Pubkey,
        vault: Pubkey,
        name: [u8; 32],
        historical_oracle_data: HistoricalOracleData,
        historical_index_data: HistoricalIndexData,
        revenue_pool: PoolBalance,
        spot_fee_pool: PoolBalance,
        insurance_fund: InsuranceFund,
        total_spot_fee: u128,
        deposit_balance: u128,
        borrow_balance: u128,
        cumulative_deposit_interest: u128,
        cumulative_borrow_interest: u128,
        total_social_loss: u128,
        total_quote_social_loss: u128,
        withdraw_guard_threshold: u64,
        max_token_deposits: u64,
        deposit_token_twap: u64,
        borrow_token_twap: u64,
        utilization_twap: u64,
        last_interest_ts: u64,
        last_twap_ts: u64,
        expiry_ts: i64,
        /// Sizes of orders are multiples of it, in the mint's smallest unit.
        order_step_size: u64,
        /// Prices of orders are multiples of it (1e6).
        order_tick_size: u64,
        /// In the mint's smallest unit.
        min_order_size: u64,
        /// In the mint's smallest unit; not used by what is modelled.
        max_position_size: u64,
        /// Counts trades.
        next_fill_record_id: u64,
        /// Counts deposits and withdrawals.
        next_deposit_record_id: u64,
        // What a deposit counts for margin, then what a debt counts (1e4), and how size changes both (1e6).
        initial_asset_weight: u32, maintenance_asset_weight: u32,
        initial_liability_weight: u32, maintenance_liability_weight: u32, imf_factor: u32,
        // Shares of what is liquidated (1e6).
        liquidator_fee: u32, if_liquidation_fee: u32,
        // The curve of the borrow rate (all 1e6).
        optimal_utilization: u32, optimal_borrow_rate: u32, max_borrow_rate: u32,
        /// Of the mint.
        decimals: u32,
        market_index: u16,
        orders_enabled: Bool,
        oracle_source: OracleSource,
        status: MarketStatus,
        asset_tier: AssetTier,
        paused_operations: u8,
        if_paused_operations: u8,
        fee_adjustment: i16,
        /// The part (1e4) of `max_token_deposits` that may be borrowed; 0 for any.
        max_token_borrows_fraction: u16,
        flash_loan_amount: u64,
        flash_loan_initial_token_amount: u64,
        total_swap_fee: u64,
        scale_initial_asset_weight_start: u64,
        /// In half percents a year.
        min_borrow_rate: u8,
        padding: [u8; 47],
    }

    InsuranceFund: 8 {
        vault: Pubkey,
        total_shares: u128,
        user_shares: u128,
        shares_base: u128,
        unstaking_period: i64,
        last_revenue_settle_ts: i64,
        revenue_settle_period: i64,
        total_factor: u32,
        user_factor: u32,
    }

    HistoricalIndexData: 8 {
        last_index_bid_price: u64,
        last_index_ask_price: u64,
        last_index_price_twap: u64,
        last_index_price_twap_5min: u64,
        last_index_price_twap_ts: i64,
    }
}

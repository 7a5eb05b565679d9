use super::layout::layout;
use super::*;

layout! {
    PerpMarket: 8 {
        pubkey: Pubkey,
        amm: Amm,
        pnl_pool: PoolBalance,
        name: [u8; 32],
        insurance_claim: InsuranceClaim,
        unrealized_pnl_max_imbalance: u64,
        expiry_ts: i64,
        expiry_price: i64,
        next_fill_record_id: u64,
        next_funding_rate_record_id: u64,
        next_curve_record_id: u64,
        imf_factor: u32,
        unrealized_pnl_imf_factor: u32,
        liquidator_fee: u32,
        if_liquidation_fee: u32,
        margin_ratio_initial: u32,
        margin_ratio_maintenance: u32,
        unrealized_pnl_initial_asset_weight: u32,
        unrealized_pnl_maintenance_asset_weight: u32,
        number_of_users_with_base: u32,
        number_of_users: u32,
        market_index: u16,
        status: MarketStatus,
        contract_type: ContractType,
        contract_tier: ContractTier,
        paused_operations: u8,
        quote_spot_market_index: u16,
        fee_adjustment: i16,
        padding: [u8; 46],
    }

    InsuranceClaim: 8 {
        revenue_withdraw_since_last_settle: i64,
        max_revenue_withdraw_per_period: u64,
        quote_max_insurance: u64,
        quote_settled_insurance: u64,
        last_revenue_withdraw_ts: i64,
    }

    PoolBalance: 8 {
        scaled_balance: u128,
        market_index: u16,
        padding: [u8; 6],
    }
}

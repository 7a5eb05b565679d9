use crate::event::parameters::parameters;
use drift::accounts::{ContractTier, MarketStatus};

parameters! {
    /// The admin changes a perp market. What is not given stays as it is.
    "update_perp_market" => UpdatePerpMarket {
        /// The perp market.
        market_index: u16 = 0,
        /// What may be done in it.
        status: Option<MarketStatus> = None,
        /// Operations that are halted, a bit each: 1 funding, 2 the AMM's fills, 4 all fills, 8 settling, 16 settling with a
        /// position, 32 liquidations.
        paused_operations: Option<u8> = None,
        /// Its tier: A is the first to be covered by the insurance fund.
        contract_tier: Option<ContractTier> = None,
        /// The base spread (1e6).
        base_spread: Option<u32> = None,
        /// The widest spread (1e6).
        max_spread: Option<u32> = None,
        /// How much of its formulaic repeg and k update the AMM does (percent).
        curve_update_intensity: Option<u8> = None,
        /// How much of a match against a maker the AMM takes (percent).
        amm_jit_intensity: Option<u8> = None,
        /// By how much the widest allowed reserves are drawn in.
        concentration_scale: Option<u128> = None,
        /// The base that the AMM aims to hold for each LP share (1e9).
        target_base_per_lp: Option<i32> = None,
        /// Initial margin ratio (1e4).
        margin_ratio_initial: Option<u32> = None,
        /// Maintenance margin ratio (1e4).
        margin_ratio_maintenance: Option<u32> = None,
        /// How margin grows with a position's size (1e6).
        imf_factor: Option<u32> = None,
        /// How the weight of unsettled profit shrinks with a position's size (1e6).
        unrealized_pnl_imf_factor: Option<u32> = None,
        /// What unsettled profit counts for initial margin (1e4).
        unrealized_initial_asset_weight: Option<u32> = None,
        /// What unsettled profit counts for maintenance margin (1e4).
        unrealized_maintenance_asset_weight: Option<u32> = None,
        /// A liquidator's share of what is liquidated (1e6).
        liquidator_fee: Option<u32> = None,
        /// The insurance fund's share of what is liquidated (1e6).
        if_liquidation_fee: Option<u32> = None,
        /// Unsettled profit over losses from which on it counts less, and the insurance fund helps out (1e6).
        unrealized_pnl_max_imbalance: Option<u64> = None,
        /// Most that the market takes from the insurance fund in a period (1e6).
        max_revenue_withdraw_per_period: Option<u64> = None,
        /// Most that the insurance fund covers in all (1e6).
        quote_max_insurance: Option<u64> = None,
        /// A fill takes at most the reserve divided by this.
        max_fill_reserve_fraction: Option<u16> = None,
        /// Orders are multiples of this (1e9).
        order_step_size: Option<u64> = None,
        /// Prices are multiples of this (1e6).
        order_tick_size: Option<u64> = None,
        /// The smallest order (1e9).
        min_order_size: Option<u64> = None,
        /// By how much fees are above the usual (percent).
        fee_adjustment: Option<i16> = None,
    }
}

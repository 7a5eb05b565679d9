//! The protocol's parameters of a market that drift-sim's files do not carry, and what its replay sets them to.

use crate::event::parameters;

parameters! {
    /// A perp market's parameters beyond depth, peg and funding period. The defaults are those of drift-sim's replay, which
    /// passes over the margin ratios in its own files.
    "perp market" => PerpRules {
        /// Tier of the contract: 0 is A, the first to be covered by the insurance fund.
        contract_tier: u8 = 0,
        /// Initial margin ratio (1e4): 2,000 is fivefold leverage.
        margin_ratio_initial: u32 = 2_000,
        /// Maintenance margin ratio (1e4).
        margin_ratio_maintenance: u32 = 1_800,
        /// A liquidator's share of what is liquidated (1e6).
        liquidator_fee: u32 = 0,
        /// The insurance fund's share of what is liquidated (1e6).
        if_liquidation_fee: u32 = 0,
        /// How margin grows with a position's size (1e6).
        imf_factor: u32 = 0,
        /// The widest spread (1e6).
        max_spread: u32 = 142_500,
        /// The largest open interest (1e9); 0 is no limit.
        max_open_interest: u128 = 0,
        /// Orders are multiples of this (1e9).
        order_step_size: u64 = 100_000,
        /// Prices are multiples of this (1e6).
        order_tick_size: u64 = 1,
        /// The smallest order (1e9).
        min_order_size: u64 = 100_000,
        /// By how much the widest allowed reserves are drawn in; 1 is the default width.
        concentration_coef_scale: u128 = 1,
        /// How much of its formulaic repeg and k update the AMM does (percent; over 100 adds a reference price offset).
        curve_update_intensity: u8 = 0,
        /// How much of a match against a maker the AMM takes (percent; over 100 also for its LPs).
        amm_jit_intensity: u8 = 0,
        /// A fill takes at most the reserve divided by this.
        max_fill_reserve_fraction: u16 = 1,
        /// Unsettled profit over losses from which on asset weights shrink (1e6).
        unrealized_pnl_max_imbalance: u64 = 4_000_000_000,
        /// Most that the market takes from the revenue pool in a period (1e6).
        max_revenue_withdraw_per_period: u64 = 100_000_000_000_000,
        /// Most that the insurance fund covers (1e6).
        quote_max_insurance: u64 = 100_000_000_000_000,
    }
}

parameters! {
    /// A spot market's parameters. The defaults are those of drift-sim's replay for all markets but the quote market.
    "spot market" => SpotRules {
        /// Utilisation at which the rate turns steep (1e6).
        optimal_utilization: u32 = 5_000,
        /// Borrow rate a year at the optimal utilisation (1e6).
        optimal_borrow_rate: u32 = 200_000,
        /// Borrow rate a year at full utilisation (1e6).
        max_borrow_rate: u32 = 500_000,
        /// What a deposit counts for initial margin (1e4).
        initial_asset_weight: u32 = 8_000,
        /// What a deposit counts for maintenance margin (1e4).
        maintenance_asset_weight: u32 = 9_000,
        /// What a borrow counts for initial margin (1e4).
        initial_liability_weight: u32 = 12_000,
        /// What a borrow counts for maintenance margin (1e4).
        maintenance_liability_weight: u32 = 11_000,
        /// How weights change with a position's size (1e6).
        imf_factor: u32 = 0,
        /// A liquidator's share of what is liquidated (1e6).
        liquidator_fee: u32 = 0,
        /// The insurance fund's share of what is liquidated (1e6).
        if_liquidation_fee: u32 = 0,
        /// Tier of the asset: 0 is collateral for everything.
        asset_tier: u8 = 0,
        /// Deposits' worth from which on the initial asset weight shrinks (1e6); 0 is never.
        scale_initial_asset_weight_start: u64 = 0,
        /// Deposits below this are withdrawn without the guard (the mint's smallest unit).
        withdraw_guard_threshold: u64 = u64::MAX,
        /// Prices are multiples of this (1e6).
        order_tick_size: u64 = 1,
        /// Orders are multiples of this (the mint's smallest unit).
        order_step_size: u64 = 1,
        /// The insurance fund's share of interest (1e6).
        if_total_factor: u32 = 0,
        /// The stakers' part of that share (1e6); half of it where not given.
        if_user_factor: Option<u32> = None,
        /// Tokens in the insurance fund at the start, that no staker owns (the mint's smallest unit).
        insurance_fund: u64 = 0,
        /// Seconds between a staker's request and the withdrawal.
        unstaking_period: i64 = 0,
        /// Seconds between payments of the revenue pool to the insurance fund; 0 is never.
        revenue_settle_period: i64 = 0,
    }
}

impl SpotRules {
    /// The quote market's, spot market 0, which no file lists.
    pub fn quote() -> Self {
        Self {
            optimal_utilization: 500_000,
            optimal_borrow_rate: 1_000_000,
            max_borrow_rate: 1_000_000,
            initial_asset_weight: 10_000,
            maintenance_asset_weight: 10_000,
            initial_liability_weight: 10_000,
            maintenance_liability_weight: 10_000,
            ..Self::default()
        }
    }
}

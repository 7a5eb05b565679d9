use crate::event::parameters::parameters;
use drift::accounts::MarketStatus;

parameters! {
    /// The admin changes a spot market. What is not given stays as it is.
    "update_spot_market" => UpdateSpotMarket {
        /// The spot market.
        market_index: u16 = 0,
        /// What may be done in it.
        status: Option<MarketStatus> = None,
        /// Operations that are halted, a bit each: 1 interest, 2 fills, 4 withdrawals, 8 liquidations.
        paused_operations: Option<u8> = None,
        /// Utilisation at which the rate turns steep (1e6).
        optimal_utilization: Option<u32> = None,
        /// Borrow rate a year at the optimal utilisation (1e6).
        optimal_borrow_rate: Option<u32> = None,
        /// Borrow rate a year at full utilisation (1e6).
        max_borrow_rate: Option<u32> = None,
        /// The lowest borrow rate, in half percents a year.
        min_borrow_rate: Option<u8> = None,
        /// What a deposit counts for initial margin (1e4).
        initial_asset_weight: Option<u32> = None,
        /// What a deposit counts for maintenance margin (1e4).
        maintenance_asset_weight: Option<u32> = None,
        /// What a borrow counts for initial margin (1e4).
        initial_liability_weight: Option<u32> = None,
        /// What a borrow counts for maintenance margin (1e4).
        maintenance_liability_weight: Option<u32> = None,
        /// How weights change with a position's size (1e6).
        imf_factor: Option<u32> = None,
        /// A liquidator's share of what is liquidated (1e6).
        liquidator_fee: Option<u32> = None,
        /// The insurance fund's share of what is liquidated (1e6).
        if_liquidation_fee: Option<u32> = None,
        /// The insurance fund's share of interest and fees (1e6).
        if_total_factor: Option<u32> = None,
        /// The stakers' part of that share (1e6).
        if_user_factor: Option<u32> = None,
        /// Seconds between payments of the revenue pool to the insurance fund.
        revenue_settle_period: Option<i64> = None,
        /// Seconds between a staker's request and the withdrawal.
        unstaking_period: Option<i64> = None,
        /// Deposits below this are withdrawn without the guard (the mint's smallest unit).
        withdraw_guard_threshold: Option<u64> = None,
    }
}

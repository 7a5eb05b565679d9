use crate::event::parameters::parameters;

parameters! {
    /// The admin changes what holds in all markets. What is not given stays as it is.
    "update_exchange" => UpdateExchange {
        /// Operations that are halted everywhere, a bit each: 1 deposits, 2 withdrawals, 4 the AMM, 8 fills, 16 liquidations,
        /// 32 funding, 64 settling.
        paused_operations: Option<u8> = None,
        /// What a liquidation frees beyond the maintenance margin, as a share of what is held (1e4).
        liquidation_margin_buffer_ratio: Option<u32> = None,
        /// How much of a shortage may be liquidated at once (1e4).
        initial_pct_to_liquidate: Option<u16> = None,
        /// Slots until all of a shortage may be liquidated.
        liquidation_duration: Option<u8> = None,
        /// Seconds beyond a day after a perp market's expiry before it may be closed; 1 is for tests, and waits no day.
        settlement_duration: Option<u16> = None,
        /// Seconds an LP must wait before removing shares.
        lp_cooldown_seconds: Option<u64> = None,
    }
}

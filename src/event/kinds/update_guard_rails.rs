use crate::event::parameters::parameters;

parameters! {
    /// The admin changes the limits that oracles are judged by. What is not given stays as it is.
    "update_guard_rails" => UpdateGuardRails {
        /// Widest gap between mark and oracle, as a share of the oracle's price (1e6).
        mark_oracle_divergence: Option<u64> = None,
        /// Widest gap between the oracle and its five-minute average (1e6).
        oracle_twap_5min_divergence: Option<u64> = None,
        /// Slots after which the AMM does not trade on a price.
        stale_for_amm_slots: Option<i64> = None,
        /// Slots after which a price does not serve for margin.
        stale_for_margin_slots: Option<i64> = None,
        /// Widest confidence interval, as a share of the price (1e6).
        widest_confidence: Option<u64> = None,
        /// Largest ratio of a price to its average, either way.
        too_volatile_ratio: Option<i64> = None,
    }
}

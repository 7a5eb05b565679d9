use crate::event::parameters::parameters;

parameters! {
    /// The admin sets the AMM's depth.
    "update_k" => UpdateK {
        /// The new sqrt_k (1e9).
        sqrt_k: u128,
        /// The perp market.
        market_index: u16,
    }
}

use crate::event::parameters::parameters;

parameters! {
    /// The admin gives what is left in the pools of a settled perp market to the revenue pool, and delists it.
    "close_expired_market" => CloseExpiredMarket {
        /// The perp market.
        market_index: u16,
    }
}

use crate::event::parameters::parameters;

parameters! {
    /// A provider's share of the AMM's trades, fees and funding goes into the own position.
    "settle_lp" => SettleLp {
        /// Whose account.
        user_index: u32,
        /// The perp market.
        market_index: u16,
    }
}

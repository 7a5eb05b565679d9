use crate::event::parameters::parameters;

parameters! {
    /// The expiry price of a perp market whose time has come is fixed, and positions close at it from now on.
    "settle_expired_market" => SettleExpiredMarket {
        /// The perp market.
        market_index: u16,
    }
}

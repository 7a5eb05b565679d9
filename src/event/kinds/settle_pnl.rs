use crate::event::parameters::parameters;

parameters! {
    /// A user's unsettled profit or loss is paid between the account and the market's pool.
    "settle_pnl" => SettlePnl {
        /// Whose account.
        user_index: u32,
        /// The perp market.
        market_index: u16,
    }
}

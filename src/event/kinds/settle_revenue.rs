use crate::event::parameters::parameters;

parameters! {
    /// A keeper has a spot market pay its revenue pool into its insurance fund, if that is due.
    "settle_revenue" => SettleRevenue {
        /// The spot market.
        market_index: u16,
    }
}

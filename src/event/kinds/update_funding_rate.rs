use crate::event::parameters::parameters;

parameters! {
    /// A keeper has a perp market update its funding rate, if it is due.
    "update_funding_rate" => UpdateFundingRate {
        /// The perp market.
        market_index: u16,
    }
}

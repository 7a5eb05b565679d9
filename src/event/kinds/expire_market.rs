use crate::event::parameters::parameters;
use crate::event::MarketKind;

parameters! {
    /// The admin sets when a market expires; from now on it only reduces.
    "expire_market" => ExpireMarket {
        /// The market.
        market_index: u16,
        /// Which kind of market.
        market_type: MarketKind = MarketKind::Perp,
        /// Seconds from now until it expires; the program refuses 0.
        seconds: i64,
    }
}

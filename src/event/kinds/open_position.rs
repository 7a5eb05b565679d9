use crate::event::Direction;
use crate::event::parameters::parameters;

parameters! {
    /// A user trades with the AMM at market, for a quote amount.
    "open_position" => OpenPosition {
        /// Who trades.
        user_index: u32,
        /// Buy or sell.
        direction: Direction,
        /// What the trade is worth at the mark price before it (1e6).
        quote_amount: u64,
        /// The perp market.
        market_index: u16,
    }
}

use crate::event::parameters::parameters;

parameters! {
    /// A user trades the whole position away, reduce-only.
    "close_position" => ClosePosition {
        /// Who closes.
        user_index: u32,
        /// The perp market.
        market_index: u16,
    }
}

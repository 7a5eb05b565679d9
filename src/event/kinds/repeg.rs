use crate::event::parameters::parameters;

parameters! {
    /// The admin sets the AMM's peg multiplier.
    "repeg" => Repeg {
        /// The new peg multiplier (1e6).
        peg: u128,
        /// The perp market.
        market_index: u16,
    }
}

use crate::event::parameters::parameters;

parameters! {
    /// A keeper removes the liquidity of somebody else from a perp market that only reduces.
    "expel_liquidity" => ExpelLiquidity {
        /// Whose LP shares; all of them.
        user_index: u32,
        /// The perp market.
        market_index: u16,
    }
}

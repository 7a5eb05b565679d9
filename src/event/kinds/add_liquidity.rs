use crate::event::parameters::parameters;

parameters! {
    /// A user provides liquidity to a perp market's AMM.
    "add_liquidity" => AddLiquidity {
        /// The perp market.
        market_index: u16 = 0,
        /// Who provides.
        user_index: u32 = 0,
        /// LP shares to mint (1e9).
        token_amount: u64 = 0,
    }
}

use crate::event::Portion;
use crate::event::parameters::parameters;

parameters! {
    /// A user takes liquidity back. drift-sim's replay burns all shares whatever the amount says.
    "remove_liquidity" => RemoveLiquidity {
        /// The perp market.
        market_index: u16 = 0,
        /// Who takes back.
        user_index: u32 = 0,
        /// LP shares to burn (1e9).
        lp_token_amount: Portion = Portion::All,
    }
}

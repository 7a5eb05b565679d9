use crate::event::parameters::parameters;

parameters! {
    /// The admin pays new tokens into the fee pool of a perp market's AMM.
    "fund_fee_pool" => FundFeePool {
        /// The perp market.
        market_index: u16,
        /// What is paid (1e6).
        amount: u64,
    }
}

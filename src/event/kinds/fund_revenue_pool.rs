use crate::event::parameters::parameters;

parameters! {
    /// The admin pays new tokens into a spot market's revenue pool.
    "fund_revenue_pool" => FundRevenuePool {
        /// The spot market.
        market_index: u16,
        /// Tokens, in the mint's smallest unit.
        amount: u64,
    }
}

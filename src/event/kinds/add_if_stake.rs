use crate::event::parameters::parameters;

parameters! {
    /// A user pays into a spot market's insurance fund.
    "add_if_stake" => AddIfStake {
        /// Who stakes.
        user_index: u32,
        /// The spot market.
        market_index: u16,
        /// Tokens, in the mint's smallest unit.
        amount: u64,
    }
}

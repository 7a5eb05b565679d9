use crate::event::parameters::parameters;

parameters! {
    /// A user opens a stake in a spot market's insurance fund.
    "init_if_stake" => InitIfStake {
        /// Who stakes.
        user_index: u32,
        /// The spot market.
        market_index: u16,
    }
}

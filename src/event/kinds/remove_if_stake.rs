use crate::event::Portion;
use crate::event::parameters::parameters;

parameters! {
    /// A user takes the stake back out of a spot market's insurance fund.
    "remove_if_stake" => RemoveIfStake {
        /// Who unstakes.
        user_index: u32,
        /// The spot market.
        market_index: u16,
        /// Tokens, in the mint's smallest unit.
        amount: Portion,
    }
}

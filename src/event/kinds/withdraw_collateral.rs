use crate::event::parameters::parameters;

parameters! {
    /// A user takes tokens out of a spot market; past the own deposit this borrows.
    "withdraw_collateral" => WithdrawCollateral {
        /// Who withdraws.
        user_index: u32,
        /// The spot market; 0 is the quote market.
        spot_market_index: u16,
        /// Tokens, in the mint's smallest unit.
        withdraw_amount: u64,
        /// Whether the withdrawal must not borrow.
        reduce_only: bool,
        /// What drift-sim calls the user, without the number.
        username: String = "u".to_owned(),
    }
}

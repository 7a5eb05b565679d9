use crate::event::parameters::parameters;

parameters! {
    /// A deposit in the course of a trial: a borrower pays back. A user who owes in that market pays the whole debt, whatever the amount.
    "_mid_sim_deposit_collateral" => MidSimDeposit {
        /// Who deposits.
        user_index: u32,
        /// Tokens, in the mint's smallest unit.
        deposit_amount: u64,
        /// The spot market; 0 is the quote market.
        spot_market_index: u16 = 0,
        /// Tokens that the user gets besides, same unit.
        mint_amount: u64 = 0,
        /// What drift-sim calls the user, without the number.
        username: String = "u".to_owned(),
        /// Whether the deposit may only lower a debt.
        reduce_only: bool = true,
    }
}

use crate::event::parameters::parameters;

parameters! {
    /// A user puts tokens into a spot market before trading. The first one of a user also opens the account.
    "deposit_collateral" => DepositCollateral {
        /// Who deposits.
        user_index: u32,
        /// Tokens put into the market, in the mint's smallest unit (1e6 for the quote market). 0 only opens the account.
        deposit_amount: u64,
        /// The spot market; 0 is the quote market.
        spot_market_index: u16 = 0,
        /// Tokens that the user gets besides and keeps in the wallet, same unit.
        mint_amount: u64 = 0,
        /// What drift-sim calls the user in `chs.csv`, without the number.
        username: String = "u".to_owned(),
    }
}

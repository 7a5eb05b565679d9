use crate::event::parameters::parameters;

parameters! {
    /// A user's funding is paid in all perp markets.
    "settle_funding_payment" => SettleFundingPayment {
        /// Whose account.
        user_index: u32,
    }
}

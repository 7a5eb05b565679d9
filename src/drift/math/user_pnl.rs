//! What all users of a perpetual market together have won or lost and not settled.

use crate::accounts::Amm;
use crate::error::{ErrorCode, Result};
use crate::num::Checked;
use crate::units::BASE_TIMES_PRICE_PER_QUOTE;

impl Amm {
    /// Quote (1e6) that users took in or paid for the base they hold, with funding they have not settled.
    pub fn net_user_quote(&self) -> Result<i128> {
        { self.quote_asset_amount }
            .plus(self.quote_asset_amount_with_unsettled_lp.into())?
            .plus(self.net_unsettled_funding_pnl.into())
    }

    /// Profit (1e6) of all users if their net base were closed at `price` (1e6), which must be positive
    /// (`InvalidOracle`).
    pub fn users_profit(&self, price: i64) -> Result<i128> {
        if price <= 0 {
            return Err(ErrorCode::InvalidOracle);
        }
        let base = { self.base_asset_amount_with_amm }.plus(self.base_asset_amount_with_unsettled_lp)?;
        base.times(price.into())?
            .over(BASE_TIMES_PRICE_PER_QUOTE.into())?
            .plus(self.net_user_quote()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_win_what_their_net_base_gains() {
        let amm = Amm {
            base_asset_amount_with_amm: 3_000_000_000,
            base_asset_amount_with_unsettled_lp: -1_000_000_000,
            quote_asset_amount: -30_000_000,
            quote_asset_amount_with_unsettled_lp: 10_000_000,
            net_unsettled_funding_pnl: -500_000,
            ..Amm::default()
        };
        assert_eq!(amm.net_user_quote(), Ok(-20_500_000));
        // Two units at 11 dollars.
        assert_eq!(amm.users_profit(11_000_000), Ok(1_500_000));
        assert_eq!(amm.users_profit(0), Err(ErrorCode::InvalidOracle));
    }
}

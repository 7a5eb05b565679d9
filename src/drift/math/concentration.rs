//! How far from balance the AMM trades: the concentration coefficient sets bounds around the terminal reserves.

use super::liquidity::{self, MAX_CONCENTRATION};
use crate::drift::accounts::Amm;
use crate::drift::error::{ErrorCode, Result};
use crate::drift::units;

impl Amm {
    /// Sets the coefficient (1e6) to one plus the widest excess over one divided by `scale`, and derives bounds and
    /// spreads from it. `InvalidConcentrationCoef` when nothing of the excess is left, or when the net position could
    /// not be unwound within the new bounds; `InvalidAmmDetected` when the terminal reserve is not up to date.
    pub fn concentrate(&mut self, scale: u128) -> Result {
        let one = u128::from(units::PERCENTAGE);
        let excess = (MAX_CONCENTRATION - one)
            .checked_div(scale)
            .ok_or(ErrorCode::InvalidConcentrationCoef)?;
        if excess == 0 {
            return Err(ErrorCode::InvalidConcentrationCoef);
        }
        let terminal = self.terminal_reserves()?;
        if terminal.quote != self.terminal_quote_asset_reserve {
            return Err(ErrorCode::InvalidAmmDetected);
        }
        self.concentration_coef = one + excess;
        let (lowest, highest) = liquidity::bounds(self.concentration_coef, terminal.base)?;
        self.min_base_asset_reserve = lowest;
        self.max_base_asset_reserve = highest;
        let price = self.reserve_price()?;
        self.update_spreads(price)?;
        let (bids, asks) = self.open_bids_asks()?;
        let net = self.base_asset_amount_with_amm;
        if bids <= net || asks >= net {
            return Err(ErrorCode::InvalidConcentrationCoef);
        }
        Ok(())
    }
}

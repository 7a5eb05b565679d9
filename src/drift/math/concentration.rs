//! How far from balance the AMM trades: the concentration coefficient sets bounds around the terminal reserves.

use super::liquidity::{self, MAX_CONCENTRATION};
use crate::accounts::Amm;
use crate::error::{ErrorCode, Result};
use crate::units;

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

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: u128 = units::BASE as u128;

    /// 1,000 by 1,000 at a dollar; with a net position `long` of takers taken from the base side.
    fn amm(long: u128) -> Amm {
        let (root, base) = (1_000 * UNIT, 1_000 * UNIT - long);
        Amm {
            base_asset_reserve: base,
            quote_asset_reserve: root * root / base,
            terminal_quote_asset_reserve: root,
            sqrt_k: root,
            peg_multiplier: units::PEG.into(),
            base_asset_amount_with_amm: long as i128,
            max_spread: 100_000,
            ..Amm::default()
        }
    }

    #[test]
    fn bounds_lie_around_the_terminal_reserve() {
        let mut amm = amm(0);
        assert_eq!(amm.concentrate(414_200), Ok(()));
        assert_eq!(
            ({ amm.concentration_coef }, { amm.max_base_asset_reserve }),
            (1_000_001, 1_000_001_000_000)
        );
        assert_eq!(amm.concentrate(1), Ok(()));
        assert_eq!(
            ({ amm.concentration_coef }, { amm.max_base_asset_reserve }),
            (1_414_200, 1_414_200_000_000)
        );
        assert_eq!(amm.concentrate(414_201), Err(ErrorCode::InvalidConcentrationCoef));
        assert_eq!(amm.concentrate(0), Err(ErrorCode::InvalidConcentrationCoef));
    }

    #[test]
    fn a_stale_terminal_reserve_is_refused() {
        let mut amm = amm(0);
        amm.terminal_quote_asset_reserve += 1;
        assert_eq!(amm.concentrate(1), Err(ErrorCode::InvalidAmmDetected));
    }

    #[test]
    fn a_position_must_still_find_liquidity() {
        // At a scale of 5 the lowest base reserve is 1,000 over 1.08284, 923.5.
        assert_eq!(
            amm(200 * UNIT).concentrate(5),
            Err(ErrorCode::InvalidConcentrationCoef)
        );
        assert_eq!(amm(20 * UNIT).concentrate(5), Ok(()));
    }
}

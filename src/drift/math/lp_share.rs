//! How a trade against the AMM is shared between the protocol and its liquidity providers.

use super::position_change::Movement;
use super::proportion::{proportion, signed_proportion};
use crate::accounts::Amm;
use crate::error::Result;
use crate::num::{Checked, Narrow};

/// Whose liquidity a trade against the AMM takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiquiditySplit {
    /// The protocol's alone.
    Protocol,
    /// Liquidity providers' alone.
    Providers,
    /// Everyone's by shares.
    Shared,
}

/// Tenths of a fee that reach the shares; the rest is the market's.
const FEE_TENTHS: u128 = 8;

/// What a trade comes to for each unit of shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerShare {
    /// Base (1e9) the trader gained.
    pub base: i128,
    /// Quote (1e6) the trader gained; one more where the trader sold.
    pub quote: i128,
    /// Fee (1e6) earned.
    pub fee: i128,
}

impl PerShare {
    /// A trader's gain `delta` and the `fee` (1e6) of it, per `unit` shares of those that `split` says.
    pub fn of(delta: &Movement, fee: i128, split: LiquiditySplit, amm: &Amm, unit: i128) -> Result<Self> {
        let shares = if split == LiquiditySplit::Providers {
            amm.user_lp_shares
        } else {
            amm.sqrt_k
        };
        let per_unit = |amount: i64| signed_proportion(amount.into(), unit.to()?, shares);
        let base = per_unit(delta.base)?;
        let quote = per_unit(delta.quote)?;
        Ok(Self {
            base,
            quote: if base < 0 { quote.plus(1)? } else { quote },
            fee: if fee > 0 {
                let slice: i128 = proportion(fee.unsigned_abs(), FEE_TENTHS, 10)?.to()?;
                slice.times(unit)?.over(shares.to()?)?
            } else {
                0
            },
        })
    }
}

impl Amm {
    /// Gives liquidity providers their part of a trade and its `fee` (1e6); answers the base (1e9) that is theirs.
    pub fn share_with_providers(
        &mut self,
        delta: &Movement,
        fee: i128,
        split: LiquiditySplit,
    ) -> Result<i128> {
        if self.user_lp_shares == 0 || split == LiquiditySplit::Protocol {
            return Ok(0);
        }
        let unit = self.lp_unit()?;
        let share = PerShare::of(delta, fee, split, self, unit)?;
        self.base_asset_amount_per_lp = self.base_asset_amount_per_lp.minus(share.base)?;
        let quote_per_lp = self.quote_asset_amount_per_lp.minus(share.quote)?;
        self.total_fee_earned_per_lp = self.total_fee_earned_per_lp.saturating_add(share.fee.to()?);
        self.quote_asset_amount_per_lp = quote_per_lp.plus(share.fee)?;

        let of_providers = |amount: i128| signed_proportion(amount, self.user_lp_shares, unit.to()?);
        let base = of_providers(share.base)?;
        let quote: i64 = of_providers(share.quote)?.to()?;
        self.base_asset_amount_with_amm = self.base_asset_amount_with_amm.minus(base)?;
        self.base_asset_amount_with_unsettled_lp = self.base_asset_amount_with_unsettled_lp.plus(base)?;
        self.quote_asset_amount_with_unsettled_lp = self.quote_asset_amount_with_unsettled_lp.plus(quote)?;
        Ok(base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amm() -> Amm {
        Amm {
            sqrt_k: 40_000_000_000,
            user_lp_shares: 10_000_000_000,
            base_asset_amount_with_amm: 500,
            ..Default::default()
        }
    }

    fn sale() -> Movement {
        Movement {
            base: -8_000_000_000,
            quote: 80_000_000,
            remainder: None,
        }
    }

    #[test]
    fn a_quarter_of_the_shares_takes_a_quarter_of_the_trade() {
        let mut amm = amm();
        let base = amm
            .share_with_providers(&sale(), 1_000_000, LiquiditySplit::Shared)
            .unwrap();
        // A fortieth of the sale a share: 0.2 base for 2 dollars, and eight tenths of a dollar of fee over 40 shares.
        assert_eq!(base, -2_000_000_000);
        assert_eq!({ amm.base_asset_amount_per_lp }, 200_000_000);
        assert_eq!({ amm.quote_asset_amount_per_lp }, -2_000_001 + 20_000);
        assert_eq!({ amm.total_fee_earned_per_lp }, 20_000);
        assert_eq!({ amm.base_asset_amount_with_amm }, 2_000_000_500);
        assert_eq!({ amm.base_asset_amount_with_unsettled_lp }, -2_000_000_000);
        assert_eq!({ amm.quote_asset_amount_with_unsettled_lp }, 20_000_010);
    }

    #[test]
    fn providers_alone_take_all_of_it() {
        let mut amm = amm();
        let base = amm
            .share_with_providers(&sale(), -5, LiquiditySplit::Providers)
            .unwrap();
        assert_eq!(base, -8_000_000_000);
        assert_eq!({ amm.quote_asset_amount_per_lp }, -8_000_001);
        assert_eq!({ amm.total_fee_earned_per_lp }, 0);
    }

    #[test]
    fn the_protocols_part_is_not_shared() {
        let mut alone = amm();
        assert_eq!(
            alone.share_with_providers(&sale(), 9, LiquiditySplit::Protocol),
            Ok(0)
        );
        assert_eq!(alone, amm());
    }
}

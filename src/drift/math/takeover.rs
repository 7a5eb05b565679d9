//! A debt that a liquidator takes over, and the asset he takes for it.

use super::liquidation::fee_part;
use crate::error::{ErrorCode, Result, require};
use crate::num::{Checked, Narrow, power_of_ten};
use crate::units::{MARGIN, PERCENTAGE, PRICE, QUOTE};

/// Decimals of quote amounts.
pub const QUOTE_DECIMALS: u32 = 6;
/// Weights are reckoned with this many times their own precision.
const FINER: u128 = 10;

/// One side of a [`Takeover`].
#[derive(Clone, Copy, Debug)]
pub struct Leg {
    /// What the user has or owes of it, at its decimals.
    pub amount: u128,
    /// Its decimals.
    pub decimals: u32,
    /// Price (1e6).
    pub price: i64,
    /// Weight (1e4) as collateral or liability.
    pub weight: u32,
    /// What it counts with (1e6): the liquidator gets an asset with a premium, a debt at a discount.
    pub multiplier: u32,
}

/// A user's debt and the asset that pays for it.
#[derive(Clone, Copy, Debug)]
pub struct Takeover {
    /// What the liquidator gets.
    pub asset: Leg,
    /// What the liquidator will owe.
    pub debt: Leg,
}

/// The multiplier (1e6) of an asset for which a liquidator gets `fee` (1e6).
pub fn premium(fee: u32) -> Result<u32> {
    (PERCENTAGE as u32).plus(fee)
}

/// The multiplier (1e6) of a debt for which a liquidator gets `fee` (1e6).
pub fn discount(fee: u32) -> Result<u32> {
    (PERCENTAGE as u32).minus(fee)
}

/// What brings an amount from one number of decimals to another: a factor and a divisor, of which one is 1.
fn rescaling(from: u32, to: u32) -> Result<(u128, u128)> {
    Ok(if to > from {
        (power_of_ten(to - from)?, 1)
    } else {
        (1, power_of_ten(from - to)?)
    })
}

impl Takeover {
    /// `weight` of the asset as the debt's, both fees counted, with the same precision.
    fn against_debt(&self, weight: u128) -> Result<u128> {
        weight
            .times(self.asset.multiplier.into())?
            .over(self.debt.multiplier.into())
    }

    /// The insurance fund's share (1e6) of the debt: what a margin `shortage` (1e6) leaves between the weights, and `most`
    /// at most.
    pub fn insurance_fee(&self, shortage: u128, most: u32) -> Result<u32> {
        let Self { asset, debt } = self;
        if asset.weight >= debt.weight || debt.price == 0 || debt.amount == 0 || debt.multiplier == 0 {
            return Ok(0);
        }
        let one_token = power_of_ten(debt.decimals)?;
        let whole = u128::from(PERCENTAGE);
        let finer = |weight: u32| u128::from(weight).times(whole / u128::from(MARGIN));
        let debt_weight = finer(debt.weight)?;
        let asset_weight = self.against_debt(finer(asset.weight)?)?;
        let missing = shortage
            .times(whole)?
            .times(one_token)?
            .over(debt.amount)?
            .over(debt.price.to()?)?;
        let left = debt_weight
            .saturating_sub(asset_weight)
            .saturating_sub(missing)
            .times(whole)?
            .over(debt_weight)?;
        Ok(most.min(left.try_into().unwrap_or(u32::MAX)))
    }

    /// How much of the debt covers a margin `shortage` (1e6), with `insurance_fee` (1e6) of it for the insurance fund; the
    /// largest number where the asset counts as much as the debt, so that nothing is gained.
    pub fn debt_covering(&self, shortage: u128, insurance_fee: u32) -> Result<u128> {
        let Self { asset, debt } = self;
        if asset.weight >= debt.weight {
            return Ok(u128::MAX);
        }
        let (factor, divisor) = rescaling(QUOTE_DECIMALS, debt.decimals)?;
        let debt_weight = u128::from(debt.weight).times(FINER)?;
        let asset_weight = self.against_debt(u128::from(asset.weight).times(FINER)?)?;
        if asset_weight >= debt_weight {
            return Ok(u128::MAX);
        }
        let price: u128 = debt.price.to()?;
        let gained = price.times(debt_weight.minus(asset_weight)?)?;
        let insured = fee_part(price, insurance_fee)?
            .times(debt.weight.into())?
            .times(FINER)?;
        shortage
            .times(factor)?
            .times(u128::from(PRICE) * u128::from(MARGIN) * FINER)?
            .over(gained.minus(insured)?)?
            .over(divisor)
    }

    /// How much of the debt all of the asset pays for, rounded up.
    pub fn debt_afforded(&self) -> Result<u128> {
        let Self { asset, debt } = self;
        let (factor, divisor) = rescaling(asset.decimals, debt.decimals)?;
        asset
            .amount
            .times(factor)?
            .times(asset.price.to()?)?
            .times(debt.multiplier.into())?
            .over_up(debt.price.to::<u128>()?.times(asset.multiplier.into())?)?
            .over_up(divisor)
    }

    /// How much of the asset pays for `owed` of the debt: one unit at least, and all of it where that differs by less than
    /// what the program takes for a dollar.
    pub fn asset_for(&self, owed: u128) -> Result<u128> {
        let Self { asset, debt } = self;
        let (factor, divisor) = rescaling(debt.decimals, asset.decimals)?;
        let price: u128 = asset.price.to()?;
        let paid = owed
            .times(factor)?
            .times(debt.price.to()?)?
            .times(asset.multiplier.into())?
            .over(price.times(debt.multiplier.into())?)?
            .over(divisor)?
            .max(1);
        // Decimals beyond the dollar's make the difference count more, not less; with fewer the program divides by zero.
        let finer = power_of_ten(asset.decimals.minus(QUOTE_DECIMALS)?)?;
        let difference = paid
            .abs_diff(asset.amount)
            .times(price)?
            .over(PRICE.into())?
            .times(finer)?;
        Ok(if difference < u128::from(QUOTE) {
            asset.amount
        } else {
            paid
        })
    }

    /// Refuses with `LiquidationDoesntSatisfyLimitPrice` where less of the asset than `limit` (1e6) comes with each unit
    /// of debt.
    pub fn within_limit(&self, paid: u128, owed: u128, limit: Option<u64>) -> Result {
        let Some(limit) = limit else { return Ok(()) };
        let price = paid
            .times(PRICE.into())?
            .over(power_of_ten(self.asset.decimals)?)?
            .times(power_of_ten(self.debt.decimals)?)?
            .over(owed)?;
        require(
            price >= u128::from(limit),
            ErrorCode::LiquidationDoesntSatisfyLimitPrice,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hundred dollars, at full weight and without fee, against a coin (9 decimals) at 20 dollars that weighs 1.2 and
    /// brings the liquidator a tenth; half a coin is owed.
    fn takeover() -> Takeover {
        Takeover {
            asset: Leg {
                amount: 100_000_000,
                decimals: 6,
                price: 1_000_000,
                weight: 10_000,
                multiplier: premium(0).unwrap(),
            },
            debt: Leg {
                amount: 500_000_000,
                decimals: 9,
                price: 20_000_000,
                weight: 12_000,
                multiplier: discount(100_000).unwrap(),
            },
        }
    }

    #[test]
    fn a_debt_covers_what_its_weight_exceeds_the_assets_by() {
        let mut takeover = takeover();
        takeover.debt.multiplier = 1_000_000;
        // A coin frees a fifth of 20 dollars: half a coin covers two dollars.
        assert_eq!(takeover.debt_covering(2_000_000, 0), Ok(500_000_000));
        // A tenth of a coin for insurance, at 1.2: 24 less 20 less 2.4 dollars.
        assert_eq!(takeover.debt_covering(1_600_000, 100_000), Ok(1_000_000_000));
        assert_eq!(
            takeover.debt_covering(1_600_000, 200_000),
            Err(ErrorCode::MathError)
        );
        // Tokens of four decimals.
        takeover.debt.decimals = 4;
        assert_eq!(takeover.debt_covering(2_000_000, 0), Ok(5_000));
        takeover.asset.weight = 12_000;
        assert_eq!(takeover.debt_covering(2_000_000, 0), Ok(u128::MAX));
        takeover.asset.weight = 11_999;
        takeover.debt.multiplier = 999_000;
        assert_eq!(takeover.debt_covering(2_000_000, 0), Ok(u128::MAX));
    }

    #[test]
    fn insurance_gets_what_the_weights_leave() {
        let mut takeover = takeover();
        takeover.debt.multiplier = 1_000_000;
        // A dollar short of ten owed is a tenth; weights differ by a fifth. A tenth of 1.2 is left: 0.0833.
        assert_eq!(takeover.insurance_fee(1_000_000, 1_000_000), Ok(83_333));
        assert_eq!(takeover.insurance_fee(1_000_000, 5_000), Ok(5_000));
        assert_eq!(takeover.insurance_fee(2_000_000, 5_000), Ok(0));
        takeover.asset.weight = 12_000;
        assert_eq!(takeover.insurance_fee(0, 5_000), Ok(0));
    }

    #[test]
    fn an_asset_pays_at_both_fees() {
        let takeover = takeover();
        // A hundred dollars at 20 and nine tenths: 4.5 coins. Back: half a coin at 20, over 0.9.
        assert_eq!(takeover.debt_afforded(), Ok(4_500_000_000));
        assert_eq!(takeover.asset_for(500_000_000), Ok(11_111_111));
        assert_eq!(takeover.asset_for(0), Ok(1));
        // Less than a dollar would be left: 99.1 dollars.
        assert_eq!(takeover.asset_for(4_460_000_000), Ok(100_000_000));
        // Rounded up: a third of a coin's last unit.
        let small = Takeover {
            asset: Leg {
                amount: 1,
                decimals: 9,
                ..takeover.asset
            },
            debt: Leg {
                decimals: 6,
                ..takeover.debt
            },
        };
        assert_eq!(small.debt_afforded(), Ok(1));
    }

    #[test]
    fn finer_assets_are_rounded_up_sooner() {
        let mut takeover = takeover();
        std::mem::swap(&mut takeover.asset, &mut takeover.debt);
        takeover.asset.multiplier = 1_000_000;
        takeover.debt.multiplier = 1_000_000;
        // Half a coin pays for ten dollars. A ten-thousandth of a cent would be left, which counts as a dollar.
        assert_eq!(takeover.asset_for(9_999_999), Ok(499_999_950));
        takeover.debt.decimals = 9;
        assert_eq!(takeover.asset_for(9_999_999_999), Ok(500_000_000));
        takeover.debt.decimals = 6;
        takeover.asset.decimals = 5;
        assert_eq!(takeover.asset_for(1_000_000), Err(ErrorCode::MathError));
    }

    #[test]
    fn a_limit_asks_for_enough_of_the_asset() {
        let takeover = takeover();
        let refused = Err(ErrorCode::LiquidationDoesntSatisfyLimitPrice);
        let (paid, owed) = (11_111_111, 500_000_000);
        assert_eq!(takeover.within_limit(paid, owed, None), Ok(()));
        // 11.11 dollars for half a coin.
        assert_eq!(takeover.within_limit(paid, owed, Some(22_222_222)), Ok(()));
        assert_eq!(takeover.within_limit(paid, owed, Some(22_222_223)), refused);
    }
}

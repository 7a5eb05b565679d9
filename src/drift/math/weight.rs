//! Margin ratios and weights: by market, by what the margin is for, and by size.

use super::spot_balance::token_value;
use crate::accounts::{MarketStatus, PerpMarket, SpotMarket};
use crate::error::Result;
use crate::num::{Checked, Narrow, power_of_ten};
use crate::units::{BASE, MARGIN, PERCENTAGE, QUOTE};

/// What a margin requirement is for, strictest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MarginType {
    /// Taking on risk.
    Initial,
    /// Letting an order fill: half way between the others.
    Fill,
    /// Not being liquidated.
    Maintenance,
}

impl MarginType {
    fn pick(self, initial: u32, maintenance: u32) -> Result<u32> {
        Ok(match self {
            Self::Initial => initial,
            Self::Fill => initial.plus(maintenance)? / 2,
            Self::Maintenance => maintenance,
        })
    }
}

/// Square root of a size (1e9) at 1e5, rounded down, that weights by size grow with.
fn root(size: u128) -> u128 {
    // The program computes this unchecked: it wraps around.
    size.wrapping_mul(10).wrapping_add(1).isqrt()
}

/// A margin ratio or liability `weight` (1e4) raised for a `size` (1e9) by the factor `imf` (1e6): four fifths of the
/// weight and `imf` times the root of the size, but never below the weight itself.
pub fn raised(weight: u32, size: u128, imf: u32) -> Result<u32> {
    if imf == 0 {
        return Ok(weight);
    }
    let premium = root(size)
        .times(imf.into())?
        .over(100_000 * u128::from(PERCENTAGE / u64::from(MARGIN)))?;
    let raised = u128::from(weight - weight / 5).plus(premium)?.to::<u32>()?;
    Ok(raised.max(weight))
}

/// An asset `weight` (1e4) lowered for a `size` (1e9) by the factor `imf` (1e6): 1.1 over one plus `imf` times the
/// root of the size, but never above the weight itself.
pub fn lowered(weight: u32, size: u128, imf: u32) -> Result<u32> {
    if imf == 0 {
        return Ok(weight);
    }
    let one = u128::from(PERCENTAGE);
    let divisor = one.plus(root(size).times(imf.into())?.over(100_000)?)?;
    let lowered = ((one + one / 10) * u128::from(MARGIN))
        .over(divisor)?
        .to::<u32>()?;
    Ok(lowered.min(weight))
}

impl SpotMarket {
    /// `tokens` (mint decimals) as a size at 1e9.
    fn size(&self, tokens: u128) -> Result<u128> {
        let (one, base) = (power_of_ten(self.decimals)?, u128::from(BASE));
        if one > base {
            Ok(tokens / (one / base))
        } else {
            // Unchecked in the program as well.
            Ok(tokens.wrapping_mul(base) / one)
        }
    }

    /// The weight (1e4) that `tokens` lent count with as collateral when the oracle shows `price` (1e6).
    pub fn asset_weight(&self, tokens: u128, price: i64, margin: MarginType) -> Result<u32> {
        let size = self.size(tokens)?;
        let weight = match margin {
            MarginType::Maintenance => self.maintenance_asset_weight,
            _ => margin.pick(
                self.scaled_initial_asset_weight(price)?,
                self.maintenance_asset_weight,
            )?,
        };
        lowered(weight, size, self.imf_factor)
    }

    /// The initial asset weight (1e4), less in proportion once all deposits at `price` (1e6) pass the market's limit.
    pub fn scaled_initial_asset_weight(&self, price: i64) -> Result<u32> {
        let limit = u128::from(self.scale_initial_asset_weight_start);
        if limit == 0 {
            return Ok(self.initial_asset_weight);
        }
        let value: u128 = token_value(self.deposits()?.to()?, self.decimals, price)?.to()?;
        if value < limit {
            return Ok(self.initial_asset_weight);
        }
        u128::from(self.initial_asset_weight)
            .times(limit)?
            .over(value)?
            .to()
    }

    /// The weight (1e4) that `tokens` borrowed count with.
    pub fn liability_weight(&self, tokens: u128, margin: MarginType) -> Result<u32> {
        let size = self.size(tokens)?;
        let weight = margin.pick(self.initial_liability_weight, self.maintenance_liability_weight)?;
        raised(weight, size, self.imf_factor)
    }
}

impl PerpMarket {
    /// The share (1e4) of a position's value to hold as margin, for `size` base (1e9). Nothing once the market settles.
    pub fn margin_ratio(&self, size: u128, margin: MarginType) -> Result<u32> {
        if self.status == MarketStatus::Settlement {
            return Ok(0);
        }
        let ratio = margin.pick(self.margin_ratio_initial, self.margin_ratio_maintenance)?;
        raised(ratio, size, self.imf_factor)
    }

    /// The weight (1e4) that unrealised `pnl` (1e6) counts with. Losses count whole; profits, unless for maintenance,
    /// less the larger they are and the more the users together are owed beyond the market's allowance.
    pub fn unrealized_weight(&self, pnl: i128, margin: MarginType) -> Result<u32> {
        if margin == MarginType::Maintenance {
            return Ok(if pnl > 0 {
                self.unrealized_pnl_maintenance_asset_weight
            } else {
                MARGIN
            });
        }
        let mut weight = self.unrealized_pnl_initial_asset_weight;
        let allowance = u128::from(self.unrealized_pnl_max_imbalance);
        // Looked at even for losses: a market whose last oracle price is not positive is refused.
        if weight > 0 && allowance > 0 {
            let last_price = self.amm.historical_oracle_data.last_oracle_price;
            let owed = self.amm.users_profit(last_price)?;
            if owed > allowance.to::<i128>()? {
                weight = u128::from(weight)
                    .times(allowance)?
                    .over(owed.unsigned_abs())?
                    .to()?;
            }
        }
        if pnl <= 0 {
            Ok(MARGIN)
        } else if weight == 0 {
            Ok(0)
        } else {
            lowered(
                weight,
                pnl.unsigned_abs().times((BASE / QUOTE).into())?,
                self.unrealized_pnl_imf_factor,
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    /// One thousand units of base: root of 1e13 + 1 is 3162277 (at 1e5: 31.62277).
    const THOUSAND: u128 = 1_000_000_000_000;

    #[test]
    fn liabilities_weigh_more_with_size() {
        assert_eq!(raised(2_000, THOUSAND, 0), Ok(2_000));
        // 1600 + 3162277 * 1000 / 1e7 = 1600 + 316; below the weight itself.
        assert_eq!(raised(2_000, THOUSAND, 1_000), Ok(2_000));
        // 1600 + 3162277 * 10000 / 1e7 = 1600 + 3162.
        assert_eq!(raised(2_000, THOUSAND, 10_000), Ok(4_762));
    }

    #[test]
    fn assets_weigh_less_with_size() {
        assert_eq!(lowered(10_000, THOUSAND, 0), Ok(10_000));
        // 1.1 * 1e10 / (1e6 + 3162277 * 1000 / 1e5) = 1.1e10 / 1031622.
        assert_eq!(lowered(10_000, THOUSAND, 1_000), Ok(10_000));
        // 1.1e10 / (1e6 + 316227) = 8357.1.
        assert_eq!(lowered(10_000, THOUSAND, 10_000), Ok(8_357));
    }

    #[test]
    fn fill_lies_between() {
        let market = PerpMarket {
            margin_ratio_initial: 1_001,
            margin_ratio_maintenance: 500,
            ..PerpMarket::default()
        };
        let of = |margin| market.margin_ratio(THOUSAND, margin);
        assert_eq!(of(MarginType::Initial), Ok(1_001));
        assert_eq!(of(MarginType::Fill), Ok(750));
        assert_eq!(of(MarginType::Maintenance), Ok(500));
        let settled = PerpMarket {
            status: MarketStatus::Settlement,
            ..market
        };
        assert_eq!(settled.margin_ratio(THOUSAND, MarginType::Initial), Ok(0));
    }

    #[test]
    fn too_many_deposits_lower_the_initial_weight() {
        let market = SpotMarket {
            decimals: 6,
            deposit_balance: 400_000_000_000,
            cumulative_deposit_interest: 10_000_000_000,
            initial_asset_weight: 8_000,
            maintenance_asset_weight: 9_000,
            scale_initial_asset_weight_start: 100_000_000,
            ..SpotMarket::default()
        };
        // 400 tokens: at 0.2 dollars 80 dollars, at one dollar 400, four times the limit.
        assert_eq!(market.asset_weight(1, 200_000, MarginType::Initial), Ok(8_000));
        assert_eq!(market.asset_weight(1, 1_000_000, MarginType::Initial), Ok(2_000));
        assert_eq!(market.asset_weight(1, 1_000_000, MarginType::Fill), Ok(5_500));
        assert_eq!(
            market.asset_weight(1, 1_000_000, MarginType::Maintenance),
            Ok(9_000)
        );
    }

    #[test]
    fn profits_are_discounted_and_losses_are_not() {
        let market = PerpMarket {
            unrealized_pnl_initial_asset_weight: 8_000,
            unrealized_pnl_maintenance_asset_weight: 10_000,
            ..PerpMarket::default()
        };
        assert_eq!(market.unrealized_weight(-5, MarginType::Initial), Ok(10_000));
        assert_eq!(market.unrealized_weight(5, MarginType::Fill), Ok(8_000));
        assert_eq!(market.unrealized_weight(5, MarginType::Maintenance), Ok(10_000));
        let watched = PerpMarket {
            unrealized_pnl_max_imbalance: 1,
            ..market
        };
        assert_eq!(
            watched.unrealized_weight(-5, MarginType::Initial),
            Err(ErrorCode::InvalidOracle)
        );
    }
}

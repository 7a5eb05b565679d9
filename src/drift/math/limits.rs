//! What an administrator may set: margin ratios, weights, borrow rates and fees.

use super::market_check::SPREAD_PER_MARGIN;
use crate::accounts::{FeeStructure, FeeTier};
use crate::error::{ErrorCode, Result, require};
use crate::units;

/// Leverage of a perpetual market lies between 1 and 50, so its margin ratios (1e4) do in these bounds.
const MARGIN_RATIOS: std::ops::RangeInclusive<u32> = units::MARGIN / 50..=units::MARGIN;
/// Fees are fractions of this.
pub const FEE_SCALE: u32 = 100_000;
/// Discounts, rewards and fillers' shares are fractions of this.
pub const SHARE_SCALE: u32 = 100;
/// Quote (1e6) that an open order binds, and the most that its filler may be paid.
const ORDER_MARGIN: u64 = units::QUOTE / 100;

/// Checks a perpetual market's margin ratios (1e4) among themselves and against its liquidator fee and widest spread
/// (both 1e6), or `InvalidMarginRatio`.
pub fn perp_margin(initial: u32, maintenance: u32, liquidator_fee: u32, max_spread: u32) -> Result {
    let ordered =
        initial > maintenance && MARGIN_RATIOS.contains(&initial) && MARGIN_RATIOS.contains(&maintenance);
    // Both products fit: the ratios are at most 1e4.
    let covering = ordered
        && maintenance * SPREAD_PER_MARGIN > liquidator_fee
        && initial * SPREAD_PER_MARGIN > max_spread;
    require(covering, ErrorCode::InvalidMarginRatio)
}

/// How a spot balance counts towards margin, at 1e4, with the surcharge on size at 1e6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct SpotWeights {
    pub initial_asset: u32,
    pub maintenance_asset: u32,
    pub initial_liability: u32,
    pub maintenance_liability: u32,
    pub imf_factor: u32,
}

impl SpotWeights {
    /// Checks the weights of spot market `index`, or `InvalidSpotMarketInitialization`: the quote asset counts in
    /// full both ways, any other counts less as an asset and more as a debt, the more so initially.
    pub fn check(&self, index: u16) -> Result {
        const ONE: u32 = units::MARGIN;
        let weights = [
            self.initial_asset,
            self.maintenance_asset,
            self.initial_liability,
            self.maintenance_liability,
        ];
        let fitting = if index == units::QUOTE_SPOT_MARKET {
            weights == [ONE; 4]
        } else {
            (1..ONE).contains(&self.maintenance_asset)
                && self.initial_asset <= self.maintenance_asset
                && self.maintenance_liability > ONE
                && self.initial_liability >= self.maintenance_liability
        };
        let imf = u64::from(self.imf_factor) < units::PERCENTAGE;
        require(fitting && imf, ErrorCode::InvalidSpotMarketInitialization)
    }
}

/// Checks a spot market's borrow rate curve (all at 1e6), or `InvalidSpotMarketInitialization`.
pub fn borrow_rate(optimal_utilization: u32, optimal_rate: u32, max_rate: u32, min_rate: u32) -> Result {
    let fitting =
        u64::from(optimal_utilization) <= units::PERCENTAGE && (min_rate..=max_rate).contains(&optimal_rate);
    require(fitting, ErrorCode::InvalidSpotMarketInitialization)
}

impl FeeStructure {
    /// Checks every tier and the filler's reward, or `InvalidFeeStructure`.
    pub fn check(&self) -> Result {
        let filler = self.filler_reward_structure;
        for tier in self.fee_tiers {
            tier.check(filler.reward_numerator)?;
        }
        let fitting = is_share(filler.reward_numerator, filler.reward_denominator)
            && self.flat_filler_fee <= ORDER_MARGIN;
        require(fitting, ErrorCode::InvalidFeeStructure)
    }
}

/// At most a fifth, in hundredths.
fn is_share(numerator: u32, denominator: u32) -> bool {
    numerator <= 20 && denominator == SHARE_SCALE
}

impl FeeTier {
    /// At most 10 basis points of fee, 3 of rebate, a fifth of discount and of reward, and something left for the
    /// market once the filler has had `filler_share` hundredths.
    fn check(&self, filler_share: u32) -> Result {
        let fitting = self.fee_numerator <= 100
            && self.fee_denominator == FEE_SCALE
            && self.maker_rebate_numerator <= 30
            && self.maker_rebate_denominator == FEE_SCALE
            && is_share(self.referee_fee_numerator, self.referee_fee_denominator)
            && is_share(self.referrer_reward_numerator, self.referrer_reward_denominator);
        require(fitting, ErrorCode::InvalidFeeStructure)?;
        let paid = self.fee_numerator * (SHARE_SCALE - self.referee_fee_numerator) / SHARE_SCALE;
        let passed_on = u64::from(self.maker_rebate_numerator)
            + u64::from(paid) * (u64::from(self.referrer_reward_numerator) + u64::from(filler_share))
                / u64::from(SHARE_SCALE);
        require(passed_on <= paid.into(), ErrorCode::InvalidFeeStructure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margin_ratios_cover_fee_and_spread() {
        let refused = Err(ErrorCode::InvalidMarginRatio);
        assert_eq!(perp_margin(1_000, 500, 49_999, 99_999), Ok(()));
        assert_eq!(perp_margin(1_000, 500, 50_000, 0), refused);
        assert_eq!(perp_margin(1_000, 500, 0, 100_000), refused);
        assert_eq!(perp_margin(500, 500, 0, 0), refused);
        assert_eq!(perp_margin(201, 200, 0, 0), Ok(()));
        assert_eq!(perp_margin(200, 199, 0, 0), refused);
        assert_eq!(perp_margin(10_000, 9_999, 0, 0), Ok(()));
        assert_eq!(perp_margin(10_001, 9_999, 0, 0), refused);
        assert_eq!(perp_margin(u32::MAX, 0, 0, 0), refused);
    }

    #[test]
    fn spot_weights_discount_assets_and_surcharge_debts() {
        let refused = Err(ErrorCode::InvalidSpotMarketInitialization);
        let one = SpotWeights {
            initial_asset: 10_000,
            maintenance_asset: 10_000,
            initial_liability: 10_000,
            maintenance_liability: 10_000,
            imf_factor: 0,
        };
        assert_eq!((one.check(0), one.check(1)), (Ok(()), refused));
        let sol = SpotWeights {
            initial_asset: 8_000,
            maintenance_asset: 9_000,
            initial_liability: 12_000,
            maintenance_liability: 11_000,
            imf_factor: 999_999,
        };
        assert_eq!((sol.check(0), sol.check(1)), (refused, Ok(())));
        assert_eq!(
            SpotWeights {
                imf_factor: 1_000_000,
                ..sol
            }
            .check(1),
            refused
        );
        assert_eq!(
            SpotWeights {
                initial_asset: 9_001,
                ..sol
            }
            .check(1),
            refused
        );
        assert_eq!(
            SpotWeights {
                initial_asset: 0,
                maintenance_asset: 0,
                ..sol
            }
            .check(1),
            refused
        );
        assert_eq!(
            SpotWeights {
                maintenance_liability: 10_000,
                ..sol
            }
            .check(1),
            refused
        );
        assert_eq!(
            SpotWeights {
                initial_liability: 10_999,
                ..sol
            }
            .check(1),
            refused
        );
    }

    #[test]
    fn borrow_rates_rise() {
        assert_eq!(borrow_rate(1_000_000, 5, 5, 5), Ok(()));
        assert!(borrow_rate(1_000_001, 5, 5, 0).is_err());
        assert!(borrow_rate(800_000, 6, 5, 0).is_err());
        assert!(borrow_rate(800_000, 5, 7, 6).is_err());
    }

    #[test]
    fn a_new_exchanges_fees_may_be_set_again() {
        assert_eq!(FeeStructure::initial_perp().check(), Ok(()));
        assert_eq!(FeeStructure::initial_spot().check(), Ok(()));
        let mut dear = FeeStructure::initial_perp();
        dear.fee_tiers[3].fee_numerator = 101;
        assert_eq!(dear.check(), Err(ErrorCode::InvalidFeeStructure));
        let mut generous = FeeStructure::initial_perp();
        generous.fee_tiers[0].fee_numerator = 25;
        // 23 paid, of which 20 to the maker and a quarter, 5, to referrer and filler.
        assert_eq!(generous.check(), Err(ErrorCode::InvalidFeeStructure));
    }
}

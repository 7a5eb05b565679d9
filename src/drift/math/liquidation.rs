//! How fast a liquidation may go, and how much of a perpetual position it takes.

use crate::accounts::{State, User};
use crate::error::Result;
use crate::num::{Checked, Narrow};
use crate::units::{BASE, BASE_TIMES_PRICE_PER_QUOTE, MARGIN, PERCENTAGE, PRICE, QUOTE};

/// All of what would cover a shortage, as a share.
const WHOLE_SHARE: u128 = 10_000;
/// Below this shortage (1e6) a liquidation need not go slowly: 50 dollars.
const SMALL_SHORTAGE: u128 = 50 * QUOTE as u128;
/// Margin ratios are at 1e4, fees at 1e6.
const FEE_PER_MARGIN: u32 = PERCENTAGE as u32 / MARGIN;

impl State {
    /// The share (1e4) of what would cover a margin `shortage` (1e6) that may change hands at `slot`. From the exchange's
    /// initial share on it grows with the slots since the liquidation began, and counts the margin freed so far.
    pub fn liquidation_share(&self, user: &User, shortage: u128, slot: u64) -> Result<u128> {
        if shortage < SMALL_SHORTAGE {
            return Ok(WHOLE_SHARE);
        }
        let elapsed = u128::from(slot.minus(user.last_active_slot)?);
        let reached = elapsed
            .times(WHOLE_SHARE)?
            .over(self.liquidation_duration.into())
            .unwrap_or(WHOLE_SHARE)
            .plus(self.initial_pct_to_liquidate.into())?
            .min(WHOLE_SHARE);
        let freed = u128::from(user.liquidation_margin_freed);
        let most_freed = shortage.plus(freed)?.times(reached)?.over(WHOLE_SHARE)?;
        most_freed
            .saturating_sub(freed)
            .times(WHOLE_SHARE)?
            .over(shortage)
    }
}

/// The part `share` (1e4) of `amount`.
pub fn allowed(amount: u128, share: u128) -> Result<u128> {
    amount.saturating_mul(share).over(WHOLE_SHARE)
}

/// The part `fee` (1e6) of `amount`, rounded down.
pub fn fee_part(amount: u128, fee: u32) -> Result<u128> {
    amount.times(fee.into())?.over(PERCENTAGE.into())
}

/// At what a perpetual position is taken over.
#[derive(Clone, Copy, Debug)]
pub struct PerpTakeover {
    /// Share (1e4) of its value that the position needs as margin, with the buffer of liquidations.
    pub margin_ratio: u32,
    /// The liquidator's share (1e6) of the value.
    pub liquidator_fee: u32,
    /// The market's price (1e6).
    pub price: i64,
    /// Price (1e6) of the quote asset.
    pub quote_price: i64,
}

impl PerpTakeover {
    /// The margin ratio as a share at 1e6.
    fn margin_share(&self) -> Result<u32> {
        self.margin_ratio.times(FEE_PER_MARGIN)
    }

    fn price_in_dollars(&self) -> Result<u128> {
        self.price
            .to::<u128>()?
            .times(self.quote_price.to()?)?
            .over(PRICE.into())
    }

    /// The insurance fund's share (1e6) of the value: what a `shortage` (1e6) leaves of the margin of `base` (1e9) after
    /// the liquidator's share, less a twentieth, and `most` at most.
    pub fn insurance_fee(&self, shortage: u128, base: u64, most: u32) -> Result<u32> {
        let margin = self.margin_share()?;
        if self.price == 0 || self.quote_price == 0 || margin <= self.liquidator_fee || base == 0 {
            return Ok(0);
        }
        let price = self.price_in_dollars()?;
        let missing = shortage
            .times(BASE.into())?
            .over(base.into())?
            .times(PRICE.into())?
            .over(price)?;
        let left = margin
            .saturating_sub(self.liquidator_fee)
            .saturating_sub(missing.try_into().unwrap_or(u32::MAX));
        Ok(most.min(left.times(19)? / 20))
    }

    /// Base (1e9) whose transfer makes up for a margin `shortage` (1e6); the largest number where a transfer costs all the
    /// margin it frees.
    pub fn base_covering(&self, shortage: u128, insurance_fee: u32) -> Result<u64> {
        let margin = self.margin_share()?;
        if self.price == 0 || margin <= self.liquidator_fee {
            return Ok(u64::MAX);
        }
        let shortage = shortage.times(BASE_TIMES_PRICE_PER_QUOTE.into())?;
        let kept = fee_part(self.price_in_dollars()?, margin.minus(self.liquidator_fee)?)?;
        let freed = kept.minus(fee_part(self.price.to()?, insurance_fee)?)?;
        shortage.over(freed)?.to()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn the_share_grows_with_time_and_counts_what_was_freed() {
        let mut state = State {
            initial_pct_to_liquidate: 1_000,
            liquidation_duration: 150,
            ..State::default()
        };
        let mut user = User {
            last_active_slot: 100,
            ..User::default()
        };
        let hundred = 100_000_000;
        assert_eq!(state.liquidation_share(&user, 49_999_999, 100), Ok(10_000));
        assert_eq!(state.liquidation_share(&user, hundred, 100), Ok(1_000));
        // A fifth of the duration, and the tenth allowed at once.
        assert_eq!(state.liquidation_share(&user, hundred, 130), Ok(3_000));
        assert_eq!(state.liquidation_share(&user, hundred, 1_000), Ok(10_000));
        // Of 200 short at first, 30 percent are 60 dollars: none is left to free after a hundred.
        user.liquidation_margin_freed = 100_000_000;
        assert_eq!(state.liquidation_share(&user, hundred, 130), Ok(0));
        // Sixty percent are 120: a fifth of what is short now.
        assert_eq!(state.liquidation_share(&user, hundred, 175), Ok(2_000));
        state.liquidation_duration = 0;
        assert_eq!(state.liquidation_share(&user, hundred, 100), Ok(10_000));
        assert_eq!(
            state.liquidation_share(&user, hundred, 99),
            Err(ErrorCode::MathError)
        );
    }

    #[test]
    fn parts_round_down() {
        assert_eq!(allowed(19_999, 5_000), Ok(9_999));
        assert_eq!(allowed(u128::MAX, 10_000), Ok(u128::MAX / 10_000));
        assert_eq!(fee_part(199, 15_000), Ok(2));
    }

    /// Twenty dollars a unit; seven percent of margin with the buffer, one for the liquidator.
    fn takeover() -> PerpTakeover {
        PerpTakeover {
            margin_ratio: 700,
            liquidator_fee: 10_000,
            price: 20_000_000,
            quote_price: 1_000_000,
        }
    }

    #[test]
    fn base_covers_the_shortage_with_the_margin_it_frees() {
        // Every unit frees 6 percent of 20 dollars: 1.2 dollars; with a percent for insurance, a dollar.
        assert_eq!(takeover().base_covering(12_000_000, 0), Ok(10_000_000_000));
        assert_eq!(takeover().base_covering(12_000_000, 10_000), Ok(12_000_000_000));
        let dear = PerpTakeover {
            liquidator_fee: 70_000,
            ..takeover()
        };
        assert_eq!(dear.base_covering(12_000_000, 0), Ok(u64::MAX));
        // A fee for insurance that eats the rest.
        assert_eq!(
            takeover().base_covering(12_000_000, 60_000),
            Err(ErrorCode::MathError)
        );
        assert_eq!(
            takeover().base_covering(12_000_000, 60_001),
            Err(ErrorCode::MathError)
        );
        // A dollar that is worth 90 cents: the market's price is in those.
        let cheap = PerpTakeover {
            quote_price: 900_000,
            ..takeover()
        };
        assert_eq!(cheap.base_covering(10_800_000, 0), Ok(10_000_000_000));
    }

    #[test]
    fn insurance_gets_what_the_margin_leaves() {
        // Of ten units, 200 dollars: 4 dollars short are 0.4 a unit, 400,000 against a price of 20: 20,000 of 1e6.
        // 60,000 less 20,000, less a twentieth.
        assert_eq!(
            takeover().insurance_fee(4_000_000, 10_000_000_000, 50_000),
            Ok(38_000)
        );
        assert_eq!(
            takeover().insurance_fee(4_000_000, 10_000_000_000, 5_000),
            Ok(5_000)
        );
        assert_eq!(
            takeover().insurance_fee(12_000_000, 10_000_000_000, 50_000),
            Ok(0)
        );
        assert_eq!(takeover().insurance_fee(u128::from(u64::MAX), 1, 50_000), Ok(0));
        assert_eq!(takeover().insurance_fee(4_000_000, 0, 50_000), Ok(0));
    }
}

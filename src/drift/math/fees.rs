//! What a trade with the AMM costs, and who gets it.

use super::proportion::proportion;
use crate::accounts::{FeeStructure, FeeTier, UserStats};
use crate::error::Result;
use crate::num::{Checked, Narrow};
use crate::units::QUOTE;

/// From each of these tiers on: volume of the last thirty days, or quote staked in the insurance fund, in dollars.
/// A stake counts from one dollar below.
const TIERS: [(u64, u64); 5] = [
    (1_000_000, 500),
    (5_000_000, 1_000),
    (10_000_000, 2_000),
    (50_000_000, 5_000),
    (100_000_000, 10_000),
];

/// Percent in the whole of a market's fee adjustment.
const WHOLE_ADJUSTMENT: u64 = 100;

/// The fee tier that a trader's volume and stake have earned.
pub fn tier(stats: &UserStats, fees: &FeeStructure) -> Result<FeeTier> {
    let volume = stats.volume_30d()?;
    let stake = stats.if_staked_quote_asset_amount;
    let reached = TIERS
        .iter()
        .rposition(|(traded, staked)| volume >= traded * QUOTE || stake >= (staked - 1) * QUOTE);
    Ok(fees.fee_tiers[reached.map_or(0, |place| place + 1)])
}

/// The parts of a taker's fee, all at 1e6.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TakerFee {
    /// What the taker pays.
    pub paid: u64,
    /// What the taker's being referred saved.
    pub discount: u64,
    /// Of the payment, what goes to the referrer.
    pub to_referrer: u64,
    /// The rest of it, which the AMM shares with its liquidity providers.
    pub to_market: i64,
}

/// The fee of a taker of `tier` for `quote` (1e6) traded with the AMM of a market that adjusts fees by `adjustment`
/// percent. `referrer` holds the statistics of whoever is to be rewarded for the taker's trade.
pub fn taker_fee(
    quote: u64,
    tier: &FeeTier,
    adjustment: i16,
    fees: &FeeStructure,
    referrer: Option<&UserStats>,
) -> Result<TakerFee> {
    let full = adjusted_fee(quote, tier, adjustment)?;
    let Some(referrer) = referrer else {
        return Ok(TakerFee {
            paid: full,
            to_market: full.to()?,
            ..TakerFee::default()
        });
    };
    let part = |numerator: u32, denominator: u32| {
        proportion(full.into(), numerator.into(), denominator.into())?.to::<u64>()
    };
    let discount = part(tier.referee_fee_numerator, tier.referee_fee_denominator)?;
    let reward = part(tier.referrer_reward_numerator, tier.referrer_reward_denominator)?;
    let paid = full.minus(discount)?;
    let left_this_epoch = { fees.referrer_reward_epoch_upper_bound }
        .saturating_sub(referrer.fees.current_epoch_referrer_reward);
    let to_referrer = reward.min(left_this_epoch);
    Ok(TakerFee {
        paid,
        discount,
        to_referrer,
        to_market: paid.minus(to_referrer)?.to()?,
    })
}

/// The tier's share of `quote`, rounded up, after the market's adjustment.
fn adjusted_fee(quote: u64, tier: &FeeTier, adjustment: i16) -> Result<u64> {
    let fee: u64 = u128::from(quote)
        .times(tier.fee_numerator.into())?
        .over_up(tier.fee_denominator.into())?
        .to()?;
    let change = |percent: u16| fee.times(percent.into());
    Ok(match adjustment {
        0 => fee,
        ..0 => fee.saturating_sub(change(adjustment.unsigned_abs())?.over(WHOLE_ADJUSTMENT)?),
        1.. => fee.saturating_add(change(adjustment.unsigned_abs())?.over_up(WHOLE_ADJUSTMENT)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten basis points; a twentieth off for the referred, three twentieths for the referrer.
    fn structure() -> FeeStructure {
        let mut fees = FeeStructure {
            referrer_reward_epoch_upper_bound: 4_000,
            ..FeeStructure::default()
        };
        for (place, tier) in (1u32..).zip(&mut fees.fee_tiers) {
            *tier = FeeTier {
                fee_numerator: place,
                fee_denominator: 1_000,
                referrer_reward_numerator: 15,
                referrer_reward_denominator: 100,
                referee_fee_numerator: 5,
                referee_fee_denominator: 100,
                ..FeeTier::default()
            };
        }
        fees
    }

    fn place_of(volume: u64, stake: u64) -> u32 {
        let stats = UserStats {
            taker_volume_30d: volume / 2,
            maker_volume_30d: volume - volume / 2,
            if_staked_quote_asset_amount: stake,
            ..UserStats::default()
        };
        tier(&stats, &structure()).unwrap().fee_numerator
    }

    #[test]
    fn tiers_are_earned_by_volume_or_stake() {
        assert_eq!(place_of(0, 0), 1);
        assert_eq!(place_of(1_000_000 * QUOTE - 1, 0), 1);
        assert_eq!(place_of(1_000_000 * QUOTE, 0), 2);
        assert_eq!(place_of(99_999_999 * QUOTE, 0), 5);
        assert_eq!(place_of(100_000_000 * QUOTE, 0), 6);
        assert_eq!(place_of(0, 499 * QUOTE), 2);
        assert_eq!(place_of(0, 499 * QUOTE - 1), 1);
        assert_eq!(place_of(60_000_000 * QUOTE, 9_999 * QUOTE), 6);
    }

    #[test]
    fn fees_round_up_and_adjust() {
        let tier = structure().fee_tiers[0];
        for (adjustment, paid) in [(0, 11), (-50, 6), (50, 17), (-100, 0), (-300, 0), (100, 22)] {
            let fee = taker_fee(10_001, &tier, adjustment, &structure(), None).unwrap();
            assert_eq!((fee.paid, fee.to_market), (paid, paid as i64), "{adjustment}");
        }
    }

    #[test]
    fn the_referred_pay_less_and_their_referrer_gets_a_part() {
        let tier = structure().fee_tiers[0];
        let mut referrer = UserStats::default();
        let fee = taker_fee(20_000_000, &tier, 0, &structure(), Some(&referrer)).unwrap();
        // 20,000 in full: 1,000 off, 3,000 to the referrer.
        let expected = TakerFee {
            paid: 19_000,
            discount: 1_000,
            to_referrer: 3_000,
            to_market: 16_000,
        };
        assert_eq!(fee, expected);
        referrer.fees.current_epoch_referrer_reward = 3_999;
        let fee = taker_fee(20_000_000, &tier, 0, &structure(), Some(&referrer)).unwrap();
        assert_eq!((fee.to_referrer, fee.to_market), (1, 18_999));
        referrer.fees.current_epoch_referrer_reward = 5_000;
        let fee = taker_fee(20_000_000, &tier, 0, &structure(), Some(&referrer)).unwrap();
        assert_eq!(fee.to_referrer, 0);
    }
}

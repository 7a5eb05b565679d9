//! What a new exchange starts with.

use super::{
    FeeStructure, FeeTier, OracleGuardRails, OrderFillerRewardStructure, PriceDivergenceGuardRails, Pubkey,
    State, ValidityGuardRails,
};
use crate::key::pda;
use crate::units;

const TENTH_OF_BASIS_POINT: u32 = 100_000;
const PERCENT: u32 = 100;

impl OracleGuardRails {
    /// The limits of a new exchange, by which oracles are also judged where an instruction does not look the
    /// exchange's own up: 10 % between mark and oracle, 50 % between oracle and its five-minute average, 10 slots
    /// for the AMM and 120 for margin, 2 % of confidence interval, a factor of 5 between price and average.
    pub const INITIAL: Self = Self {
        price_divergence: PriceDivergenceGuardRails {
            mark_oracle_percent_divergence: units::PERCENTAGE / 10,
            oracle_twap_5min_percent_divergence: units::PERCENTAGE / 2,
        },
        validity: ValidityGuardRails {
            too_volatile_ratio: 5,
            confidence_interval_max_size: units::PERCENTAGE / 50,
            slots_before_stale_for_margin: 120,
            slots_before_stale_for_amm: 10,
        },
    };
}

impl FeeTier {
    /// Fee and rebate in tenths of a basis point, the referrer's reward and the discount for being referred in percent.
    const fn new(fee: u32, rebate: u32, reward: u32, discount: u32) -> Self {
        Self {
            referee_fee_numerator: discount,
            referrer_reward_numerator: reward,
            maker_rebate_numerator: rebate,
            fee_numerator: fee,
            referee_fee_denominator: PERCENT,
            referrer_reward_denominator: PERCENT,
            maker_rebate_denominator: TENTH_OF_BASIS_POINT,
            fee_denominator: TENTH_OF_BASIS_POINT,
        }
    }
}

impl FeeStructure {
    fn initial(first: impl IntoIterator<Item = FeeTier>) -> Self {
        let mut fee_tiers = [FeeTier::new(0, 0, 0, 0); 10];
        fee_tiers
            .iter_mut()
            .zip(first)
            .for_each(|(tier, set)| *tier = set);
        Self {
            fee_tiers,
            referrer_reward_epoch_upper_bound: 4_000 * units::QUOTE,
            flat_filler_fee: units::QUOTE / 100,
            filler_reward_structure: OrderFillerRewardStructure {
                time_based_reward_lower_bound: u128::from(units::QUOTE) / 100,
                reward_denominator: PERCENT,
                reward_numerator: 10,
            },
        }
    }

    /// Fees of perpetual markets on a new exchange: six tiers from 10 basis points down to 5, 2 of them rebated,
    /// 15 % to a referrer, 5 % off for the referred.
    pub fn initial_perp() -> Self {
        Self::initial([100, 90, 80, 70, 60, 50].map(|fee| FeeTier::new(fee, 20, 15, 5)))
    }

    /// Fees of spot markets on a new exchange: one tier of 10 basis points, 2 of them rebated.
    pub fn initial_spot() -> Self {
        Self::initial([FeeTier::new(100, 20, 0, 0)])
    }
}

impl State {
    /// The state of an exchange that `admin` has just opened.
    pub fn initial(admin: Pubkey) -> Self {
        let (signer, signer_nonce) = pda::signer();
        Self {
            admin,
            perp_fee_structure: FeeStructure::initial_perp(),
            spot_fee_structure: FeeStructure::initial_spot(),
            oracle_guard_rails: OracleGuardRails::INITIAL,
            default_market_order_time_in_force: 60,
            default_spot_auction_duration: 10,
            min_perp_auction_duration: 10,
            liquidation_margin_buffer_ratio: units::MARGIN / 50,
            signer_nonce,
            signer,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rewards_and_discounts_are_for_perpetual_tiers() {
        let (perp, spot) = (FeeStructure::initial_perp(), FeeStructure::initial_spot());
        let fees = |structure: &FeeStructure| structure.fee_tiers.map(|tier| tier.fee_numerator);
        assert_eq!(fees(&perp), [100, 90, 80, 70, 60, 50, 0, 0, 0, 0]);
        assert_eq!(fees(&spot), [100, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!({ perp.fee_tiers[5].referee_fee_numerator }, 5);
        assert_eq!({ perp.fee_tiers[6].referrer_reward_numerator }, 0);
        assert_eq!({ spot.fee_tiers[0].referrer_reward_numerator }, 0);
        assert!(perp.fee_tiers.iter().all(|tier| tier.fee_denominator == 100_000));
    }
}

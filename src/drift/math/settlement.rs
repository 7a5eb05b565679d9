//! Whether a market's prices are calm enough to settle profits by.

use crate::accounts::{ContractTier, PerpMarket};
use crate::error::Result;
use crate::num::Checked;
use crate::units::PERCENTAGE;

/// How far the oracle may stand from its five-minute average (1e6 of the lower one), and which part of the price the
/// standard deviations of oracle and mark must stay under, by the market's tier.
fn limits(tier: ContractTier) -> (u64, i64) {
    if tier <= ContractTier::B {
        (PERCENTAGE / 200, 50)
    } else if tier == ContractTier::C {
        (PERCENTAGE / 100, 20)
    } else {
        (PERCENTAGE / 40, 10)
    }
}

impl PerpMarket {
    /// Whether `oracle` (1e6) is near enough its five-minute average, and prices steady enough, to settle by an oracle
    /// that is not otherwise good enough.
    pub fn is_calm_at(&self, oracle: i64) -> Result<bool> {
        let (gap_limit, steadiness) = limits(self.contract_tier);
        let average = self.amm.historical_oracle_data.last_oracle_price_twap_5min;
        let lower = oracle.min(average);
        let gap = oracle
            .minus(average)?
            .times(PERCENTAGE as i64)?
            .over(lower)?
            .unsigned_abs();
        let deviation = { self.amm.oracle_std }.max(self.amm.mark_std);
        Ok(gap < gap_limit && deviation < (lower / steadiness).unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    fn market(tier: ContractTier) -> PerpMarket {
        let mut market = PerpMarket {
            contract_tier: tier,
            ..Default::default()
        };
        market.amm.historical_oracle_data.last_oracle_price_twap_5min = 100_000_000;
        market
    }

    #[test]
    fn each_tier_has_its_gap() {
        for (tier, calm, nervous) in [
            (ContractTier::A, 100_499_999, 100_500_000),
            (ContractTier::B, 100_499_999, 100_500_000),
            (ContractTier::C, 100_999_999, 101_000_000),
            (ContractTier::Speculative, 102_499_999, 102_500_000),
            (ContractTier::Isolated, 102_499_999, 102_500_000),
        ] {
            assert_eq!(market(tier).is_calm_at(calm), Ok(true), "{tier}");
            assert_eq!(market(tier).is_calm_at(nervous), Ok(false), "{tier}");
        }
        assert_eq!(market(ContractTier::A).is_calm_at(0), Err(ErrorCode::MathError));
    }

    #[test]
    fn a_restless_price_is_not_calm() {
        let mut market = market(ContractTier::A);
        market.amm.mark_std = 1_999_999;
        assert_eq!(market.is_calm_at(100_000_000), Ok(true));
        market.amm.oracle_std = 2_000_000;
        assert_eq!(market.is_calm_at(100_000_000), Ok(false));
        market.contract_tier = ContractTier::C;
        assert_eq!(market.is_calm_at(100_000_000), Ok(true));
    }
}

//! What a contract tier means for the AMM, and for the order in which losses are paid.

use crate::accounts::{AssetTier, ContractTier, PerpMarket};
use crate::error::Result;
use crate::num::Checked;
use crate::units;

/// Loss since the last funding, at 1e6, from which spreads retreat: 25 dollars.
pub(super) const RETREAT_LOSS: i64 = -25 * units::QUOTE as i64;

impl ContractTier {
    /// Whether a loss in a contract of this tier may be paid by someone who also has positions of which the safest is of
    /// tier `contract`, and debts of which the safest is of tier `asset`.
    pub fn ranks_with(self, contract: ContractTier, asset: AssetTier) -> bool {
        let before_debts =
            asset == AssetTier::Unlisted || (asset >= AssetTier::Cross && self <= ContractTier::C);
        self <= contract && before_debts
    }
}

impl PerpMarket {
    /// How many times the exchange's limit on the oracle's confidence interval is allowed here.
    pub fn confidence_multiple(&self) -> u64 {
        match self.contract_tier {
            ContractTier::A | ContractTier::B => 1,
            ContractTier::C => 2,
            ContractTier::Speculative => 10,
            _ => 50,
        }
    }

    /// Into a TWAP goes a price at most one part in this many away from it.
    pub fn twap_clamp(&self) -> i64 {
        match self.contract_tier {
            ContractTier::A => 10,
            ContractTier::B => 5,
            ContractTier::C => 2,
            _ => 3,
        }
    }

    /// The largest difference (1e6) between mark and oracle TWAP that counts for funding, at an oracle TWAP (1e6).
    pub fn funding_gap_limit(&self, oracle_twap: i64) -> i64 {
        let parts = match self.contract_tier {
            ContractTier::A | ContractTier::B => 33,
            ContractTier::C => 20,
            _ => 10,
        };
        oracle_twap / parts
    }

    /// Whether the AMM lost too much since the last funding to fill more: a number of dollars, and a share of its
    /// fees.
    pub fn has_drawn_too_much(&self) -> Result<bool> {
        let (losses, parts) = match self.contract_tier {
            ContractTier::A => (400, 50),
            ContractTier::B => (400, 33),
            ContractTier::C => (200, 25),
            _ => (200, 20),
        };
        let revenue = self.amm.net_revenue_since_last_funding;
        if revenue > RETREAT_LOSS * losses {
            return Ok(false);
        }
        let one = i128::from(units::PERCENTAGE);
        let fees = self.amm.total_fee_minus_distributions.max(1);
        let share = i128::from(revenue).times(one)?.over(fees)?;
        Ok(share <= -one / parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawdown_needs_dollars_and_a_share() {
        let mut market = PerpMarket {
            contract_tier: ContractTier::B,
            ..PerpMarket::default()
        };
        market.amm.total_fee_minus_distributions = 330_000_000_000;
        // 3.03 % of 330,000 dollars are 9,999 dollars and less than the 10,000 that count as a loss at all.
        market.amm.net_revenue_since_last_funding = -9_999_999_999;
        assert_eq!(market.has_drawn_too_much(), Ok(false));
        market.amm.net_revenue_since_last_funding = -10_000_000_000;
        assert_eq!(market.has_drawn_too_much(), Ok(true));
        market.amm.total_fee_minus_distributions = 331_000_000_000;
        assert_eq!(market.has_drawn_too_much(), Ok(false));
    }

    #[test]
    fn the_safest_liability_is_paid_first() {
        use ContractTier as Of;
        let ranks = |tier: Of, contract, asset| tier.ranks_with(contract, asset);
        assert!(ranks(Of::B, Of::B, AssetTier::Unlisted) && !ranks(Of::B, Of::A, AssetTier::Unlisted));
        assert!(ranks(Of::C, Of::C, AssetTier::Cross) && !ranks(Of::C, Of::C, AssetTier::Protected));
        assert!(!ranks(Of::Speculative, Of::Speculative, AssetTier::Isolated));
    }

    #[test]
    fn safer_tiers_are_held_tighter() {
        let tiers = [
            ContractTier::A,
            ContractTier::C,
            ContractTier::Speculative,
            ContractTier::Isolated,
        ];
        let read = tiers.map(|contract_tier| {
            let market = PerpMarket {
                contract_tier,
                ..PerpMarket::default()
            };
            (
                market.confidence_multiple(),
                market.twap_clamp(),
                market.funding_gap_limit(-660),
            )
        });
        assert_eq!(read, [(1, 10, -20), (2, 2, -33), (10, 3, -66), (50, 3, -66)]);
    }
}

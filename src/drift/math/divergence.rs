//! Whether mark and oracle agree well enough to act on.

use super::oracle::{OracleValidity, Purpose, validity};
use crate::accounts::{Amm, OracleGuardRails, PerpMarket, PerpOperation, PriceDivergenceGuardRails};
use crate::engine::OraclePrice;
use crate::error::Result;
use crate::num::{Checked, Narrow};
use crate::units::PERCENTAGE;

/// An oracle's price as one market sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The price.
    pub price: OraclePrice,
    /// How far it can be trusted.
    pub validity: OracleValidity,
    /// By how much the mark stands above the oracle's five-minute average, as a share (1e6) of the mark.
    pub mark_gap: i64,
    /// Whether that is too much for funding and fills.
    pub is_mark_too_far: bool,
}

/// Whether a share (1e6) between mark and oracle is beyond the exchange's limit, which is a tenth at least.
pub fn is_too_far(gap: i64, limits: PriceDivergenceGuardRails) -> bool {
    gap.unsigned_abs() > limits.mark_oracle_percent_divergence.max(PERCENTAGE / 10)
}

impl Amm {
    /// By how much `price` (1e6) stands above the oracle's five-minute average, as a share (1e6) of `price`.
    pub fn gap_to_oracle_5min(&self, price: u64) -> Result<i64> {
        let price: i64 = price.to()?;
        let gap = price.minus(self.historical_oracle_data.last_oracle_price_twap_5min)?;
        i128::from(gap).times(PERCENTAGE.into())?.over(price.into())?.to()
    }
}

impl PerpMarket {
    /// The verdict on an oracle's price by the exchange's limits and this market's tier and average.
    pub fn oracle_validity(&self, price: &OraclePrice, limits: &OracleGuardRails) -> Result<OracleValidity> {
        validity(
            self.amm.historical_oracle_data.last_oracle_price_twap,
            price,
            &{ limits.validity },
            self.confidence_multiple(),
        )
    }

    /// The oracle's price, the verdict on it, and its distance from the mark at `reserve_price` (1e6).
    pub fn oracle_status(
        &self,
        price: &OraclePrice,
        limits: &OracleGuardRails,
        reserve_price: u64,
    ) -> Result<Sighting> {
        let validity = self.oracle_validity(price, limits)?;
        let mark_gap = self.amm.gap_to_oracle_5min(reserve_price)?;
        Ok(Sighting {
            price: *price,
            validity,
            mark_gap,
            is_mark_too_far: is_too_far(mark_gap, limits.price_divergence),
        })
    }

    /// Whether funding must wait: for a better oracle, a nearer mark, an AMM that was updated within as many slots as
    /// the funding period has seconds, or the market's own pause.
    pub fn is_funding_blocked(
        &self,
        price: &OraclePrice,
        limits: &OracleGuardRails,
        reserve_price: u64,
        slot: u64,
    ) -> Result<bool> {
        let status = self.oracle_status(price, limits, reserve_price)?;
        let age = slot.saturating_sub(self.amm.last_update_slot);
        let is_stale = age > self.amm.funding_period.to()?;
        Ok(is_stale
            || !status.validity.serves(Purpose::UpdateFunding)
            || status.is_mark_too_far
            || self.is_paused(PerpOperation::UpdateFunding))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> OracleGuardRails {
        let mut limits = OracleGuardRails::INITIAL;
        limits.price_divergence.mark_oracle_percent_divergence = 200_000;
        limits
    }

    fn market() -> PerpMarket {
        let mut market = PerpMarket::default();
        market.amm.historical_oracle_data.last_oracle_price_twap = 1_000_000;
        market.amm.historical_oracle_data.last_oracle_price_twap_5min = 1_000_000;
        market.amm.funding_period = 3_600;
        market
    }

    #[test]
    fn a_tenth_is_always_near_enough() {
        let none = PriceDivergenceGuardRails::default();
        assert!(!is_too_far(-100_000, none) && is_too_far(100_001, none));
        assert!(!is_too_far(200_000, limits().price_divergence));
    }

    #[test]
    fn funding_waits_for_each_reason_alone() {
        let (market, dollar) = (market(), OraclePrice::DOLLAR);
        let blocked =
            |market: &PerpMarket, price, mark, slot| market.is_funding_blocked(&price, &limits(), mark, slot);
        assert_eq!(blocked(&market, dollar, 1_000_000, 3_600), Ok(false));
        assert_eq!(blocked(&market, dollar, 1_000_000, 3_601), Ok(true));
        // A fifth of 1.25 dollars is the distance to the average.
        assert_eq!(blocked(&market, dollar, 1_250_000, 0), Ok(false));
        assert_eq!(blocked(&market, dollar, 1_250_010, 0), Ok(true));
        let old = OraclePrice { delay: 121, ..dollar };
        assert_eq!(blocked(&market, old, 1_000_000, 0), Ok(false));
        let wild = OraclePrice {
            price: 6_000_000,
            ..dollar
        };
        assert_eq!(blocked(&market, wild, 1_000_000, 0), Ok(true));
        let mut paused = market;
        paused.paused_operations = PerpOperation::UpdateFunding as u8;
        assert_eq!(blocked(&paused, dollar, 1_000_000, 0), Ok(true));
    }
}

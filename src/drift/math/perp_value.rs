//! What perpetual positions are worth at a price.

use crate::accounts::PerpPosition;
use crate::error::Result;
use crate::num::{Checked, Narrow};
use crate::units::{BASE, BASE_TIMES_PRICE_PER_QUOTE, QUOTE};

/// Quote (1e6) asked of each open order as margin.
pub const OPEN_ORDER_MARGIN: u64 = QUOTE / 100;

/// Value (1e6) of `base` (1e9), whatever its sign, at `price` (1e6), toward zero; a price below zero counts as zero.
pub fn base_value(base: i128, price: i64) -> Result<u128> {
    base.unsigned_abs()
        .times(price.max(0).unsigned_abs().into())?
        .over(BASE_TIMES_PRICE_PER_QUOTE.into())
}

impl PerpPosition {
    /// Value (1e6) of the base, with its sign, at `price` (1e6), toward zero; a price below zero counts as zero.
    pub fn signed_value(&self, price: i64) -> Result<i128> {
        i128::from(self.base_asset_amount)
            .times(price.max(0).into())?
            .over(BASE.into())
    }

    /// Profit or loss (1e6) if the base were closed at `price` (1e6).
    pub fn unrealized_pnl(&self, price: i64) -> Result<i128> {
        let quote = i128::from(self.quote_asset_amount);
        if self.is_open() {
            self.signed_value(price)?.plus(quote)
        } else {
            Ok(quote)
        }
    }

    /// How much of [`PerpPosition::unrealized_pnl`] may be settled: all of a loss; of a profit what was realized by
    /// reducing, and what the pnl pool holds in excess (1e6).
    pub fn claimable_pnl(&self, price: i64, pool_excess: i128) -> Result<i128> {
        let unrealized = self.unrealized_pnl(price)?;
        if unrealized <= 0 {
            return Ok(unrealized);
        }
        let realized = i128::from(self.quote_asset_amount).minus(self.quote_entry_amount.into())?;
        Ok(unrealized.min(realized.max(0).plus(pool_excess.max(0))?))
    }

    /// Quote (1e6) asked for holding shares of liquidity: the value of one order step at `price` (1e6), and at least
    /// one dollar.
    pub fn lp_margin(&self, step: u64, price: i64) -> Result<u128> {
        if !self.is_lp() {
            return Ok(0);
        }
        let one_step = u128::from(step)
            .times(price.to()?)?
            .over(BASE_TIMES_PRICE_PER_QUOTE.into())?;
        Ok(one_step.max(QUOTE.into()))
    }

    /// Quote (1e6) asked for the number of open orders.
    pub fn open_orders_margin(&self) -> u128 {
        u128::from(self.open_orders) * u128::from(OPEN_ORDER_MARGIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_round_toward_zero() {
        assert_eq!(base_value(-1_500, 1_999_999), Ok(2));
        assert_eq!(base_value(1_000_000_000, -5), Ok(0));
        let short = PerpPosition {
            base_asset_amount: -1_500,
            quote_asset_amount: 10,
            ..Default::default()
        };
        assert_eq!(short.signed_value(1_999_999), Ok(-2));
        assert_eq!(short.unrealized_pnl(1_999_999), Ok(8));
        assert_eq!(short.unrealized_pnl(-1), Ok(10));
    }

    #[test]
    fn an_unrealized_profit_waits_for_the_pool() {
        let long = PerpPosition {
            base_asset_amount: 1_000_000_000,
            quote_entry_amount: -100,
            quote_asset_amount: -90,
            ..Default::default()
        };
        // Worth 50 more than its quote; 10 of that was realized.
        assert_eq!(long.claimable_pnl(140, -3), Ok(10));
        assert_eq!(long.claimable_pnl(140, 15), Ok(25));
        assert_eq!(long.claimable_pnl(140, 500), Ok(50));
        assert_eq!(long.claimable_pnl(60, 500), Ok(-30));
    }

    #[test]
    fn liquidity_asks_for_a_step_or_a_dollar() {
        let provider = PerpPosition {
            lp_shares: 1,
            open_orders: 3,
            ..Default::default()
        };
        assert_eq!(provider.lp_margin(1_000_000_000, 20_000_000), Ok(20_000_000));
        assert_eq!(provider.lp_margin(1, 20_000_000), Ok(1_000_000));
        assert_eq!(PerpPosition::default().lp_margin(1, -1), Ok(0));
        assert_eq!(provider.open_orders_margin(), 30_000);
    }
}

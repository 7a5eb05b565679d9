//! What a perpetual position is, told from its own fields.

use super::{PerpPosition, PositionDirection};
use crate::error::Result;
use crate::num::{Checked, Narrow};

impl PerpPosition {
    /// Whether nothing is left in the slot, so that another market may have it.
    pub fn is_available(&self) -> bool {
        // Base, an order, shares, or a profit or loss: any of them, so one test does.
        let amounts = self.base_asset_amount | self.quote_asset_amount | self.open_bids | self.open_asks;
        (amounts as u64 | self.lp_shares | u64::from(self.open_orders)) == 0
    }

    /// Whether the slot is in use for market `market_index`.
    pub fn is_for(&self, market_index: u16) -> bool {
        !self.is_available() && self.market_index == market_index
    }

    /// Whether there is base.
    pub fn is_open(&self) -> bool {
        self.base_asset_amount != 0
    }

    /// Whether orders are open, or counted as open.
    pub fn has_open_order(&self) -> bool {
        (self.open_orders, self.open_bids, self.open_asks) != (0, 0, 0)
    }

    /// Whether the position is closed and its profit or loss still here.
    pub fn has_unsettled_pnl(&self) -> bool {
        !self.is_open() && self.quote_asset_amount != 0
    }

    /// Whether there are shares of the AMM's liquidity.
    pub fn is_lp(&self) -> bool {
        self.lp_shares != 0
    }

    /// Whether neither base, remainder nor quote is left.
    pub fn is_flat(&self) -> bool {
        (
            self.base_asset_amount,
            self.remainder_base_asset_amount,
            self.quote_asset_amount,
        ) == (0, 0, 0)
    }

    /// Which way the position faces; no base counts as long.
    pub fn direction(&self) -> PositionDirection {
        if self.base_asset_amount < 0 {
            PositionDirection::Short
        } else {
            PositionDirection::Long
        }
    }

    /// Which way an order faces that closes the position.
    pub fn closing_direction(&self) -> PositionDirection {
        self.direction().opposite()
    }

    /// Base (1e9) together with what is left of settled liquidity below a step.
    pub fn whole_base(&self) -> i128 {
        i128::from(self.base_asset_amount) + i128::from(self.remainder_base_asset_amount)
    }

    /// Base (1e9) if all bids or all asks filled, whichever is larger in size; the asks' when both are equal.
    pub fn worst_case_base(&self) -> Result<i128> {
        let long = self.base_asset_amount.plus(self.open_bids)?;
        let short = self.base_asset_amount.plus(self.open_asks)?;
        // The one amount whose size has no 64-bit integer is refused.
        let (long_size, short_size) = (0i64.minus(long.min(0))?, 0i64.minus(short.min(0))?);
        Ok(if long.max(long_size) > short.max(short_size) {
            long.into()
        } else {
            short.into()
        })
    }

    /// Counts `base` (1e9) of an order facing `direction` as open.
    pub fn count_open(&mut self, direction: PositionDirection, base: u64) -> Result {
        self.change_open(direction, base.to()?)
    }

    /// Counts `base` (1e9) of an order facing `direction` as no longer open.
    pub fn uncount_open(&mut self, direction: PositionDirection, base: u64) -> Result {
        self.change_open(direction, -base.to::<i64>()?)
    }

    fn change_open(&mut self, direction: PositionDirection, change: i64) -> Result {
        if direction == PositionDirection::Long {
            self.open_bids = self.open_bids.plus(change)?;
        } else {
            self.open_asks = self.open_asks.minus(change)?;
        }
        Ok(())
    }
}

impl PositionDirection {
    /// The other way.
    pub fn opposite(self) -> Self {
        if self == Self::Long {
            Self::Short
        } else {
            Self::Long
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn a_slot_is_free_when_nothing_is_left() {
        assert!(PerpPosition::default().is_available());
        for used in [
            PerpPosition {
                base_asset_amount: -1,
                ..Default::default()
            },
            PerpPosition {
                quote_asset_amount: 1,
                ..Default::default()
            },
            PerpPosition {
                open_asks: -1,
                ..Default::default()
            },
            PerpPosition {
                open_orders: 1,
                ..Default::default()
            },
            PerpPosition {
                lp_shares: 1,
                ..Default::default()
            },
        ] {
            assert!(
                !used.is_available() && used.is_for(0) && !used.is_for(1),
                "{used:?}"
            );
        }
        let dust = PerpPosition {
            remainder_base_asset_amount: 3,
            quote_entry_amount: 9,
            ..Default::default()
        };
        assert!(dust.is_available() && !dust.is_flat());
    }

    #[test]
    fn the_worst_case_is_the_larger_side() {
        let position = |base, bids, asks| PerpPosition {
            base_asset_amount: base,
            open_bids: bids,
            open_asks: asks,
            ..Default::default()
        };
        assert_eq!(position(5, 3, -20).worst_case_base(), Ok(-15));
        assert_eq!(position(5, 11, -20).worst_case_base(), Ok(16));
        assert_eq!(position(0, 7, -7).worst_case_base(), Ok(-7));
        assert_eq!(
            position(i64::MIN, 0, 0).worst_case_base(),
            Err(ErrorCode::MathError)
        );
        assert_eq!(
            position(i64::MAX, 1, 0).worst_case_base(),
            Err(ErrorCode::MathError)
        );
    }

    #[test]
    fn open_orders_count_by_side() {
        let mut position = PerpPosition::default();
        position.count_open(PositionDirection::Long, 5).unwrap();
        position.count_open(PositionDirection::Short, 7).unwrap();
        assert_eq!((position.open_bids, position.open_asks), (5, -7));
        position.uncount_open(PositionDirection::Short, 7).unwrap();
        position.uncount_open(PositionDirection::Long, 4).unwrap();
        assert_eq!((position.open_bids, position.open_asks), (1, 0));
        assert_eq!(
            position.count_open(PositionDirection::Long, u64::MAX),
            Err(ErrorCode::CastingFailure)
        );
    }
}

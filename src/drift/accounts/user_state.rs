//! A user's slots and status.

use super::*;
use crate::error::{ErrorCode, Result};
use crate::num::Checked;
use crate::units::QUOTE_SPOT_MARKET;

/// Bits of [`User::status`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum UserStatus {
    BeingLiquidated = 1,
    Bankrupt = 1 << 1,
    ReduceOnly = 1 << 2,
    AdvancedLp = 1 << 3,
}

impl User {
    /// Whether the status bit is set.
    pub fn is(&self, status: UserStatus) -> bool {
        self.status & status as u8 != 0
    }

    /// Sets or clears the status bit.
    pub fn mark(&mut self, status: UserStatus, set: bool) {
        if set {
            self.status |= status as u8;
        } else {
            self.status &= !(status as u8);
        }
    }

    /// Whether a liquidation or a bankruptcy is going on.
    pub fn in_liquidation(&self) -> bool {
        self.is(UserStatus::BeingLiquidated) || self.is(UserStatus::Bankrupt)
    }

    /// Whether losses are left that nothing covers.
    pub fn is_bankrupt(&self) -> bool {
        self.is(UserStatus::Bankrupt)
    }

    /// Whether there are debts and nothing to pay them with: no deposit, no profit, no base, no order, no shares.
    pub fn is_insolvent(&self) -> bool {
        let owned = |spot: &SpotPosition| spot.scaled_balance > 0;
        let lends = |spot: &SpotPosition| owned(spot) && spot.balance_type == SpotBalanceType::Deposit;
        let exposed = |perp: &PerpPosition| {
            perp.is_open() || perp.quote_asset_amount > 0 || perp.has_open_order() || perp.is_lp()
        };
        let owes = self.spot_positions.iter().any(owned)
            || self.perp_positions.iter().any(|perp| perp.quote_asset_amount < 0);
        owes && !self.spot_positions.iter().any(lends) && !self.perp_positions.iter().any(exposed)
    }

    /// From `slot` on the user is being liquidated; one who is already stays so. Liquidations are numbered.
    pub fn begin_liquidation(&mut self, slot: u64) -> Result {
        if self.in_liquidation() {
            // It must have had a number.
            self.next_liquidation_id.minus(1)?;
            return Ok(());
        }
        self.mark(UserStatus::BeingLiquidated, true);
        self.liquidation_margin_freed = 0;
        self.last_active_slot = slot;
        self.next_liquidation_id = self.next_liquidation_id.checked_add(1).unwrap_or(1);
        Ok(())
    }

    /// Adds to the margin (1e6) that the liquidation has freed.
    pub fn count_margin_freed(&mut self, freed: u64) -> Result {
        self.liquidation_margin_freed = self.liquidation_margin_freed.plus(freed)?;
        Ok(())
    }

    /// From here on the user is bankrupt, and no longer being liquidated.
    pub fn declare_bankrupt(&mut self) {
        self.mark(UserStatus::BeingLiquidated, false);
        self.mark(UserStatus::Bankrupt, true);
    }

    /// Ends a liquidation or bankruptcy.
    pub fn leave_liquidation(&mut self) {
        self.mark(UserStatus::BeingLiquidated, false);
        self.mark(UserStatus::Bankrupt, false);
        self.liquidation_margin_freed = 0;
    }

    /// Notes activity at `slot`, which liquidations do not count as.
    pub fn touch(&mut self, slot: u64) {
        if !self.in_liquidation() {
            self.last_active_slot = slot;
        }
        self.idle = false.into();
    }

    /// Adds a profit or loss (1e6) of slot `place` that has become deposit or borrow.
    pub fn book_settled_pnl(&mut self, place: usize, pnl: i64) -> Result {
        self.settled_perp_pnl = self.settled_perp_pnl.plus(pnl)?;
        let position = &mut self.perp_positions[place];
        position.settled_pnl = position.settled_pnl.plus(pnl)?;
        Ok(())
    }

    /// The slot in use for perpetual market `market_index`, or `UserHasNoPositionInMarket`.
    pub fn perp_place(&self, market_index: u16) -> Result<usize> {
        self.perp_positions
            .iter()
            .position(|position| position.is_for(market_index))
            .ok_or(ErrorCode::UserHasNoPositionInMarket)
    }

    /// The slot in use for perpetual market `market_index`, or else the first free one, made ready for it;
    /// `MaxNumberOfPositions` when there is none.
    pub fn perp_place_or_new(&mut self, market_index: u16) -> Result<usize> {
        if let Ok(place) = self.perp_place(market_index) {
            return Ok(place);
        }
        let place = self
            .perp_positions
            .iter()
            .position(PerpPosition::is_available)
            .ok_or(ErrorCode::MaxNumberOfPositions)?;
        self.perp_positions[place] = PerpPosition {
            market_index,
            ..Default::default()
        };
        Ok(place)
    }

    /// The position in perpetual market `market_index`, or `UserHasNoPositionInMarket`.
    pub fn perp(&self, market_index: u16) -> Result<&PerpPosition> {
        Ok(&self.perp_positions[self.perp_place(market_index)?])
    }

    /// [`User::perp`], to change.
    pub fn perp_mut(&mut self, market_index: u16) -> Result<&mut PerpPosition> {
        let place = self.perp_place(market_index)?;
        Ok(&mut self.perp_positions[place])
    }

    /// The slot of spot market `market_index`: the first for the quote asset (`DefaultError` if another market is
    /// in it), otherwise the first with that index, used or not (`CouldNotFindSpotPosition`).
    pub fn spot_place(&self, market_index: u16) -> Result<usize> {
        if market_index != QUOTE_SPOT_MARKET {
            let named = |position: &SpotPosition| position.market_index == market_index;
            let found = self.spot_positions.iter().position(named);
            return found.ok_or(ErrorCode::CouldNotFindSpotPosition);
        }
        if self.spot_positions[0].market_index == QUOTE_SPOT_MARKET {
            Ok(0)
        } else {
            Err(ErrorCode::DefaultError)
        }
    }

    /// The slot of spot market `market_index`, or else the first free one after the quote asset's, made an empty
    /// deposit of it; `NoSpotPositionAvailable` when there is none.
    pub fn spot_place_or_new(&mut self, market_index: u16) -> Result<usize> {
        if let Ok(place) = self.spot_place(market_index) {
            return Ok(place);
        }
        let free = self.spot_positions[1..]
            .iter()
            .position(SpotPosition::is_available);
        let place = 1 + free.ok_or(ErrorCode::NoSpotPositionAvailable)?;
        self.spot_positions[place] = SpotPosition {
            market_index,
            balance_type: SpotBalanceType::Deposit,
            ..Default::default()
        };
        Ok(place)
    }

    /// The quote asset's position; the program fails to complete when another market is in its slot.
    pub fn quote(&self) -> Result<&SpotPosition> {
        match self.spot_place(QUOTE_SPOT_MARKET) {
            Ok(place) => Ok(&self.spot_positions[place]),
            Err(_) => Err(ErrorCode::ProgramFailedToComplete),
        }
    }

    /// [`User::quote`], to change.
    pub fn quote_mut(&mut self) -> Result<&mut SpotPosition> {
        self.quote()?;
        Ok(&mut self.spot_positions[0])
    }
}

impl SpotPosition {
    /// Whether nothing is left in the slot.
    pub fn is_available(&self) -> bool {
        self.scaled_balance == 0 && self.open_orders == 0
    }

    /// Whether there is nothing at all: no balance, no order, no sum of orders.
    pub fn is_blank(&self) -> bool {
        let sums = (self.open_bids | self.open_asks) as u64;
        (self.scaled_balance | sums | u64::from(self.open_orders)) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_perp_position_takes_the_first_free_slot() {
        let mut user = User::default();
        user.perp_positions[0].base_asset_amount = 1;
        user.perp_positions[1].quote_entry_amount = 77;
        assert_eq!(user.perp_place(3), Err(ErrorCode::UserHasNoPositionInMarket));
        assert_eq!(user.perp_place_or_new(3), Ok(1));
        assert_eq!(
            user.perp_positions[1],
            PerpPosition {
                market_index: 3,
                ..Default::default()
            }
        );
        assert_eq!(user.perp_place_or_new(0), Ok(0));
        for position in &mut user.perp_positions {
            position.lp_shares = 1;
        }
        assert_eq!(user.perp_place_or_new(9), Err(ErrorCode::MaxNumberOfPositions));
    }

    #[test]
    fn the_first_spot_slot_is_the_quote_assets() {
        let mut user = User::default();
        assert_eq!(user.spot_place(0), Ok(0));
        assert_eq!(user.spot_place(2), Err(ErrorCode::CouldNotFindSpotPosition));
        assert_eq!(user.spot_place_or_new(2), Ok(1));
        assert_eq!(user.spot_place(2), Ok(1));
        user.spot_positions[0].market_index = 5;
        assert_eq!(user.spot_place(0), Err(ErrorCode::DefaultError));
        assert_eq!(user.quote().err(), Some(ErrorCode::ProgramFailedToComplete));
        for position in &mut user.spot_positions {
            position.open_orders = 1;
        }
        assert_eq!(user.spot_place_or_new(7), Err(ErrorCode::NoSpotPositionAvailable));
    }

    #[test]
    fn liquidation_is_not_activity() {
        let mut user = User {
            idle: true.into(),
            ..Default::default()
        };
        user.mark(UserStatus::BeingLiquidated, true);
        user.touch(9);
        assert_eq!(({ user.last_active_slot }, user.idle.is_set()), (0, false));
        user.leave_liquidation();
        user.touch(9);
        assert_eq!({ user.last_active_slot }, 9);
    }

    #[test]
    fn a_liquidation_begins_once() {
        let mut user = User {
            next_liquidation_id: u16::MAX,
            liquidation_margin_freed: 5,
            ..Default::default()
        };
        let state = |user: &User| {
            (
                user.next_liquidation_id,
                user.last_active_slot,
                user.liquidation_margin_freed,
            )
        };
        user.begin_liquidation(7).unwrap();
        assert_eq!(state(&user), (1, 7, 0));
        user.count_margin_freed(6).unwrap();
        user.begin_liquidation(8).unwrap();
        assert_eq!(state(&user), (1, 7, 6));
        user.next_liquidation_id = 0;
        assert_eq!(user.begin_liquidation(8), Err(ErrorCode::MathError));
    }
}

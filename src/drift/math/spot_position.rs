//! A user's spot positions: where they are, and the tokens in them.

use super::spot_balance::signed;
use crate::accounts::{SpotBalanceType, SpotMarket, SpotPosition, User};
use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow};

/// Orders a user can have open.
const MOST_OPEN_ORDERS: u8 = 32;
/// Margin (1e6 dollars) that every open order takes: one cent.
pub const OPEN_ORDER_MARGIN: u128 = 10_000;

impl SpotPosition {
    /// Whether an order could still change the position.
    pub fn has_open_order(&self) -> bool {
        self.open_orders > 0 || self.open_bids != 0 || self.open_asks != 0
    }

    /// Whether it is a debt.
    pub fn is_borrow(&self) -> bool {
        self.balance_type == SpotBalanceType::Borrow && self.scaled_balance > 0
    }

    /// Tokens in the position, in the mint's decimals.
    pub fn tokens(&self, market: &SpotMarket) -> Result<u128> {
        market.tokens(self.scaled_balance.into(), self.balance_type)
    }

    /// Tokens in the position, negative when borrowed.
    pub fn signed_tokens(&self, market: &SpotMarket) -> Result<i128> {
        signed(self.tokens(market)?, self.balance_type)
    }

    /// Margin (1e6 dollars) for the number of open orders.
    pub fn open_order_margin(&self) -> u128 {
        u128::from(self.open_orders) * OPEN_ORDER_MARGIN
    }

    /// Refuses with `InvalidSpotPositionDetected` sums of open orders that cannot be.
    pub fn check(&self) -> Result {
        let sound = self.open_orders <= MOST_OPEN_ORDERS && self.open_bids >= 0 && self.open_asks <= 0;
        if sound {
            Ok(())
        } else {
            Err(ErrorCode::InvalidSpotPositionDetected)
        }
    }
}

impl User {
    /// The position in `market`; refused as by [`User::spot_place`].
    pub fn spot(&self, market: u16) -> Result<&SpotPosition> {
        Ok(&self.spot_positions[self.spot_place(market)?])
    }

    /// Counts a deposit of `amount` at `price` (1e6) among the user's deposits, in dollars (1e6).
    pub fn count_deposit(&mut self, amount: u64, price: i64, one_token: u64) -> Result {
        self.total_deposits = self
            .total_deposits
            .saturating_add(dollars(amount, price, one_token)?);
        Ok(())
    }

    /// Counts a withdrawal of `amount` at `price` (1e6) among the user's withdrawals, in dollars (1e6).
    pub fn count_withdrawal(&mut self, amount: u64, price: i64, one_token: u64) -> Result {
        self.total_withdraws = self
            .total_withdraws
            .saturating_add(dollars(amount, price, one_token)?);
        Ok(())
    }
}

fn dollars(amount: u64, price: i64, one_token: u64) -> Result<u64> {
    u128::from(amount)
        .times(price.to()?)?
        .over(one_token.into())?
        .to()
}

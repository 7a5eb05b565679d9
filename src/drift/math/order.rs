//! What an order is worth at a moment: its limit price, and what is left of it.

use super::auction;
use super::tick::on_tick;
use crate::accounts::{MarketType, Order, OrderStatus, OrderTriggerCondition, OrderType, PositionDirection};
use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow};

impl Order {
    /// A slot without an order, as the program leaves it. Not all zeros: the program's blank is a perp limit order.
    pub fn blank() -> Self {
        Self {
            order_type: OrderType::Limit,
            market_type: MarketType::Perp,
            ..Self::default()
        }
    }

    /// Whether the order waits to be filled.
    pub fn is_open(&self) -> bool {
        self.status == OrderStatus::Open
    }

    /// Whether its price moves for a while.
    pub fn has_auction(&self) -> bool {
        self.auction_duration != 0
    }

    /// Whether its price is quoted as a distance from the oracle's.
    pub fn floats(&self) -> bool {
        self.oracle_price_offset != 0
    }

    /// Whether it may wait at a limit price; market and oracle orders may not.
    pub fn is_limit(&self) -> bool {
        self.order_type == OrderType::Limit || self.order_type == OrderType::TriggerLimit
    }

    /// Whether it sleeps until a price is reached.
    pub fn has_trigger(&self) -> bool {
        self.order_type == OrderType::TriggerMarket || self.order_type == OrderType::TriggerLimit
    }

    /// Whether it sleeps still.
    pub fn awaits_trigger(&self) -> bool {
        self.has_trigger()
            && self.trigger_condition != OrderTriggerCondition::TriggeredAbove
            && self.trigger_condition != OrderTriggerCondition::TriggeredBelow
    }

    /// Whether its time is over at `now`, unix seconds. An order with a trigger never expires by itself.
    pub fn has_expired(&self, now: i64) -> bool {
        self.is_open() && self.max_ts != 0 && !self.has_trigger() && now > self.max_ts
    }

    /// Base (1e9) that is not filled yet.
    pub fn unfilled(&self) -> Result<u64> {
        self.base_asset_amount.minus(self.base_asset_amount_filled)
    }

    /// Base (1e9) that may be filled for an owner whose position is `position`: a reduce-only order ends where the
    /// position is flat. Post-only orders are not held to that.
    pub fn fillable(&self, position: i64) -> Result<u64> {
        let unfilled = self.unfilled()?;
        if !self.reduce_only.is_set() || self.post_only.is_set() {
            return Ok(unfilled);
        }
        let reduces = if self.direction == PositionDirection::Long {
            position < 0
        } else {
            position > 0
        };
        Ok(if reduces {
            unfilled.min(position.unsigned_abs())
        } else {
            0
        })
    }

    /// Whether filling what is left could not take the owner's `position` through flat.
    pub fn shrinks(&self, position: i64) -> Result<bool> {
        let left = self.fillable(position)?;
        let against = if self.direction == PositionDirection::Long {
            position < 0
        } else {
            position > 0
        };
        Ok(against && left <= position.unsigned_abs())
    }

    /// Whether it is a reduce-only order with less than a step left to reduce.
    pub fn has_nothing_to_reduce(&self, position: i64, step: u64) -> Result<bool> {
        Ok(self.is_open() && self.reduce_only.is_set() && self.fillable(position)? < step)
    }

    /// Price (1e6) beyond which it may not be filled at `slot`; none for a market order after its auction without
    /// a price of its own. `oracle` is the oracle's price where it can be trusted: `OracleNotFound` if it is needed
    /// and cannot.
    pub fn limit_price(&self, oracle: Option<i64>, slot: u64, tick: u64) -> Result<Option<u64>> {
        let priced = self.auction_start_price != 0 || self.auction_end_price != 0;
        if !auction::is_over(self.slot, self.auction_duration, slot)? && priced {
            return auction::price(self, slot, tick, oracle).map(Some);
        }
        if self.floats() {
            let oracle = oracle.ok_or(ErrorCode::OracleNotFound)?;
            let price = oracle.plus(self.oracle_price_offset.into())?.max(tick.to()?);
            return on_tick(price.to()?, tick, self.direction).map(Some);
        }
        Ok((self.price != 0).then_some(self.price))
    }

    /// The price that counts when the order takes the moment it is placed: that of its auction's last slot, if it
    /// has an auction.
    pub fn taking_price(&self, oracle: Option<i64>, slot: u64, tick: u64) -> Result<Option<u64>> {
        if self.has_auction() {
            let last = self.slot.plus(self.auction_duration.into())?;
            auction::price(self, last, tick, oracle).map(Some)
        } else {
            self.limit_price(oracle, slot, tick)
        }
    }

    /// Whether an owner with `position`, open `bids` (>= 0) and open `asks` (<= 0), all at 1e9, would carry more risk
    /// if it were filled.
    pub fn adds_risk(&self, position: i64, bids: i64, asks: i64) -> Result<bool> {
        if self.reduce_only.is_set() {
            return Ok(false);
        }
        let size: i64 = self.base_asset_amount.to()?;
        if self.direction == PositionDirection::Long {
            Ok(position >= 0 || bids.plus(size)? > position.abs())
        } else {
            Ok(position <= 0 || asks.minus(size)?.abs() > position)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(direction: PositionDirection, size: u64) -> Order {
        Order {
            status: OrderStatus::Open,
            base_asset_amount: size,
            direction,
            ..Order::blank()
        }
    }

    #[test]
    fn reduce_only_stops_at_flat() {
        let mut sell = order(PositionDirection::Short, 10);
        assert_eq!(sell.fillable(4), Ok(10));
        sell.reduce_only = true.into();
        assert_eq!(sell.fillable(4), Ok(4));
        assert_eq!(sell.fillable(40), Ok(10));
        assert_eq!(sell.fillable(0), Ok(0));
        assert_eq!(sell.fillable(-4), Ok(0));
        assert_eq!(sell.has_nothing_to_reduce(4, 5), Ok(true));
        assert_eq!(sell.has_nothing_to_reduce(5, 5), Ok(false));
        sell.base_asset_amount_filled = 11;
        assert_eq!(sell.fillable(4), Err(ErrorCode::MathError));
    }

    #[test]
    fn risk_grows_when_open_orders_could_flip_the_position() {
        let buy = order(PositionDirection::Long, 10);
        assert_eq!(buy.adds_risk(0, 0, 0), Ok(true));
        assert_eq!(buy.adds_risk(-10, 0, 0), Ok(false));
        assert_eq!(buy.adds_risk(-10, 1, 0), Ok(true));
        let sell = order(PositionDirection::Short, 10);
        assert_eq!(sell.adds_risk(10, 0, 0), Ok(false));
        assert_eq!(sell.adds_risk(10, 0, -1), Ok(true));
        assert_eq!(sell.adds_risk(-1, 0, 0), Ok(true));
    }

    #[test]
    fn only_a_fill_that_ends_at_flat_or_before_shrinks_a_position() {
        let buy = order(PositionDirection::Long, 10);
        for (position, shrinks) in [(-9, false), (-10, true), (-11, true), (0, false), (20, false)] {
            assert_eq!(buy.shrinks(position), Ok(shrinks), "{position}");
        }
    }

    #[test]
    fn a_floating_price_follows_the_oracle_but_not_below_a_tick() {
        let mut buy = order(PositionDirection::Long, 1);
        buy.oracle_price_offset = -150;
        assert_eq!(buy.limit_price(Some(10_007), 0, 10), Ok(Some(9_850)));
        assert_eq!(buy.limit_price(Some(100), 0, 10), Ok(Some(10)));
        assert_eq!(buy.limit_price(None, 0, 10), Err(ErrorCode::OracleNotFound));
        buy.oracle_price_offset = 0;
        assert_eq!(buy.limit_price(None, 0, 10), Ok(None));
        buy.price = 777;
        assert_eq!(buy.limit_price(None, 0, 10), Ok(Some(777)));
    }

    #[test]
    fn expiry_counts_from_the_second_after() {
        let mut buy = order(PositionDirection::Long, 1);
        assert!(!buy.has_expired(i64::MAX));
        buy.max_ts = 100;
        assert!(!buy.has_expired(100));
        assert!(buy.has_expired(101));
        buy.order_type = OrderType::TriggerLimit;
        assert!(!buy.has_expired(101));
    }
}

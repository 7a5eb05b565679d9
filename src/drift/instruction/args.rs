//! Argument structures shared by instructions.

use crate::accounts::{MarketType, OrderTriggerCondition, OrderType, PositionDirection, PostOnlyParam};
use borsh::{BorshDeserialize, BorshSerialize};

/// An order as its owner asks for it. The wire has the fields in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct OrderParams {
    /// How its price is told: by an auction, a limit, a trigger, or the oracle.
    pub order_type: OrderType,
    /// Which kind of market it is for.
    pub market_type: MarketType,
    /// Long buys, short sells.
    pub direction: PositionDirection,
    /// A number of its owner's own, to cancel it by; 0 for none.
    pub user_order_id: u8,
    /// Size (1e9); the largest number asks for as much as margin allows.
    pub base_asset_amount: u64,
    /// Limit price (1e6); 0 for none.
    pub price: u64,
    /// Which market of its kind.
    pub market_index: u16,
    /// Whether it may only bring the position closer to flat.
    pub reduce_only: bool,
    /// Whether it must wait for a taker, and what becomes of it where it would not.
    pub post_only: PostOnlyParam,
    /// Whether what is not filled at once is cancelled.
    pub immediate_or_cancel: bool,
    /// Unix seconds after which the order is void.
    pub max_ts: Option<i64>,
    /// Oracle price (1e6) at which it wakes.
    pub trigger_price: Option<u64>,
    /// From which side the oracle must reach the trigger.
    pub trigger_condition: OrderTriggerCondition,
    /// Limit as a distance (1e6) from the oracle's price.
    pub oracle_price_offset: Option<i32>,
    /// Slots over which the auction price moves from its start to its end.
    pub auction_duration: Option<u8>,
    /// Price (1e6) in the auction's first slot; of oracle orders its distance from the oracle.
    pub auction_start_price: Option<i64>,
    /// The same in its last slot.
    pub auction_end_price: Option<i64>,
}

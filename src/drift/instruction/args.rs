//! Argument structures shared by instructions.

use crate::accounts::{MarketType, OrderTriggerCondition, OrderType, PositionDirection, PostOnlyParam};
use borsh::{BorshDeserialize, BorshSerialize};

/// An order as its owner asks for it. Prices at 1e6, base amounts at 1e9.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[allow(missing_docs)]
pub struct OrderParams {
    pub order_type: OrderType,
    pub market_type: MarketType,
    pub direction: PositionDirection,
    pub user_order_id: u8,
    pub base_asset_amount: u64,
    /// Limit price; 0 for none.
    pub price: u64,
    pub market_index: u16,
    pub reduce_only: bool,
    pub post_only: PostOnlyParam,
    pub immediate_or_cancel: bool,
    /// Unix seconds after which the order is void.
    pub max_ts: Option<i64>,
    pub trigger_price: Option<u64>,
    pub trigger_condition: OrderTriggerCondition,
    pub oracle_price_offset: Option<i32>,
    /// Slots over which the auction price moves from its start to its end.
    pub auction_duration: Option<u8>,
    pub auction_start_price: Option<i64>,
    pub auction_end_price: Option<i64>,
}

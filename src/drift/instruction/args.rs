//! Argument structures shared by instructions.

use super::arguments::Argument;
use crate::accounts::{MarketType, OrderTriggerCondition, OrderType, PositionDirection, PostOnlyParam};
use borsh::{BorshDeserialize, BorshSerialize};
use serde_json::{Map, Value};

/// A structure as the wire has it, from the one list of its parts: `"what it is" name: type`. Their order is the wire's; as
/// JSON they go by their names.
macro_rules! structure {
    ($(#[$note:meta])* $name:ident { $($about:literal $part:ident: $kind:ty),* $(,)? }) => {
        $(#[$note])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
        pub struct $name { $(#[doc = $about] pub $part: $kind),* }

        impl Argument for $name {
            fn json(&self) -> Value {
                let parts = [$((stringify!($part).to_owned(), self.$part.json())),*];
                Value::Object(Map::from_iter(parts))
            }
        }
    };
}

structure! {
    /// An order as its owner asks for it.
    OrderParams {
        "How its price is told: by an auction, a limit, a trigger, or the oracle." order_type: OrderType,
        "Which kind of market it is for." market_type: MarketType,
        "Long buys, short sells." direction: PositionDirection,
        "A number of its owner's own, to cancel it by; 0 for none." user_order_id: u8,
        "Size (1e9); the largest number asks for as much as margin allows." base_asset_amount: u64,
        "Limit price (1e6); 0 for none." price: u64,
        "Which market of its kind." market_index: u16,
        "Whether it may only bring the position closer to flat." reduce_only: bool,
        "Whether it must wait for a taker, and what becomes of it where it would not." post_only: PostOnlyParam,
        "Whether what is not filled at once is cancelled." immediate_or_cancel: bool,
        "Unix seconds after which the order is void." max_ts: Option<i64>,
        "Oracle price (1e6) at which it wakes." trigger_price: Option<u64>,
        "From which side the oracle must reach the trigger." trigger_condition: OrderTriggerCondition,
        "Limit as a distance (1e6) from the oracle's price." oracle_price_offset: Option<i32>,
        "Slots over which the auction price moves from its start to its end." auction_duration: Option<u8>,
        "Price (1e6) in the auction's first slot; of oracle orders its distance from the oracle." auction_start_price: Option<i64>,
        "The same in its last slot." auction_end_price: Option<i64>,
    }
}

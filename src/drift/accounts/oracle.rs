//! Pyth v2 price accounts.

use super::layout::layout;
use super::*;

layout! {
    /// The first 240 bytes of a Pyth v2 price account: all that the program reads. Prices are in
    /// 10^`exponent` dollars.
    PriceFeed: 8 {
        magic: u32,
        version: u32,
        account_type: u32,
        size: u32,
        price_type: u32,
        exponent: i32,
        component_count: u32,
        quoter_count: u32,
        last_slot: u64,
        valid_slot: u64,
        twap: i64,
        twap_numerator: i64,
        twap_denominator: i64,
        twac: i64,
        twac_numerator: i64,
        twac_denominator: i64,
        timestamp: i64,
        min_publishers: u8,
        reserved: [u8; 7],
        product: Pubkey,
        next: Pubkey,
        previous_slot: u64,
        previous_price: i64,
        previous_confidence: u64,
        previous_timestamp: i64,
        price: i64,
        confidence: u64,
        status: u32,
        corporate_action: u32,
        publish_slot: u64,
    }
}

impl PriceFeed {
    /// A trading feed that shows `price` (in 10^`exponent` dollars) as of `slot`.
    pub fn new(price: i64, confidence: u64, exponent: i32, slot: u64) -> Self {
        Self {
            magic: 0xa1b2_c3d4,
            version: 2,
            account_type: 3,
            exponent,
            valid_slot: slot,
            twap: price,
            price,
            confidence,
            status: 1,
            publish_slot: slot,
            ..Self::default()
        }
    }
}

use crate::event::OraclePrice;
use crate::event::parameters::parameters;

parameters! {
    /// The oracle of a perp market shows a new price.
    "perp_oracle_price" or "oracle_price" => PerpOraclePrice {
        /// The perp market.
        market_index: u16 = 0,
        /// The price, in a file in dollars.
        price: OraclePrice = OraclePrice::default(),
        /// The half-width of the oracle's confidence interval, in a file in dollars.
        conf: OraclePrice = OraclePrice::default(),
        /// The slot that the file names. Nothing follows it: the price is published at the slot it arrives.
        slot: i64 = 0,
        /// How many slots older than the moment the price is whenever it is published; 0 where not given.
        delay_slots: Option<u64> = None,
        /// Whether this is the last that is published before the next such event, so that the price ages. Where not given the price is
        /// published anew before every instruction.
        outage: Option<bool> = None,
    }
}

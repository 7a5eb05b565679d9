//! What is compared: fields of a perpetual market, with their units.

use drift::accounts::PerpMarket;

/// A field of the market, or what follows from fields.
#[derive(Clone, Copy)]
pub struct Quantity {
    /// Its name: the field's.
    pub name: &'static str,
    /// The unit of its values.
    pub unit: &'static str,
    /// Decimal places of the program's integer.
    pub places: u32,
    /// The program's integer.
    pub of: fn(&PerpMarket) -> i128,
}

impl Quantity {
    /// The integer in the unit.
    pub fn value(&self, integer: i128) -> f64 {
        integer as f64 / 10_f64.powi(self.places as i32)
    }
}

macro_rules! quantities {
    ($($name:ident in $unit:literal at $places:literal;)*) => {
        &[$(Quantity {
            name: stringify!($name),
            unit: $unit,
            places: $places,
            of: |market| as_integer({ market.amm.$name }),
        }),*]
    };
}

/// An integer of whatever width.
fn as_integer(value: impl TryInto<i128>) -> i128 {
    value.try_into().unwrap_or(i128::MAX)
}

/// Fields of the AMM, in the order in which they are shown.
const OF_THE_AMM: &[Quantity] = quantities! {
    peg_multiplier in "USD" at 6;
    sqrt_k in "base" at 9;
    base_asset_reserve in "base" at 9;
    quote_asset_reserve in "base" at 9;
    terminal_quote_asset_reserve in "base" at 9;
    base_asset_amount_with_amm in "base" at 9;
    user_lp_shares in "shares" at 9;
    long_spread in "of 1" at 6;
    short_spread in "of 1" at 6;
    last_funding_rate in "USD per base" at 9;
    last_24h_avg_funding_rate in "USD per base" at 9;
    cumulative_funding_rate_long in "USD per base" at 9;
    cumulative_funding_rate_short in "USD per base" at 9;
    total_fee in "USD" at 6;
    total_exchange_fee in "USD" at 6;
    total_mm_fee in "USD" at 6;
    total_fee_minus_distributions in "USD" at 6;
    net_revenue_since_last_funding in "USD" at 6;
    last_mark_price_twap in "USD" at 6;
    mark_std in "USD" at 6;
    oracle_std in "USD" at 6;
    last_oracle_conf_pct in "of 1" at 6;
    volume_24h in "USD" at 6;
};

/// Everything that is compared.
pub fn quantities() -> Vec<Quantity> {
    let mut all = vec![Quantity {
        name: "mark_price",
        unit: "USD",
        places: 6,
        of: |market| market.amm.reserve_price().map_or(0, i128::from),
    }];
    all.extend(OF_THE_AMM);
    all.extend([
        Quantity {
            name: "last_oracle_price_twap",
            unit: "USD",
            places: 6,
            of: |market| market.amm.historical_oracle_data.last_oracle_price_twap.into(),
        },
        Quantity {
            name: "next_funding_rate_record_id",
            unit: "fundings",
            places: 0,
            of: |market| market.next_funding_rate_record_id.into(),
        },
    ]);
    all
}

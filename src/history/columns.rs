//! Which column stands for which field of a perpetual market's account, and at which scale.
//!
//! A column is named as the field is, under `market.`: `market.amm.sqrt_k`. Underscores do not count, since decoders differ in them
//! (`last24h_avg_funding_rate`). Values are decimals in dollars and units of base, brought to the field's own integer by its scale; a few fields
//! are recorded as the integer itself.

use super::decimal;
use crate::divergence::Unit;
use drift::accounts::PerpMarket;
use drift::accounts::layout::{Describe, Value};

/// Before every column but [`TIME`].
const PREFIX: &str = "market.";
/// When a state was read, in seconds since 1970.
pub(super) const TIME: &str = "commit_unix";
/// The market's name.
pub(super) const NAME: &str = "market.name";

/// Fields that are recorded as the program's integer.
const UNSCALED: [&str; 4] = [
    "amm.base_asset_amount_per_lp",
    "amm.quote_asset_amount_per_lp",
    "amm.total_social_loss",
    "amm.oracle_std",
];

/// Without these there is no curve, no price, no time or no flow.
pub(super) const NEEDED: [&str; 24] = [
    "amm.base_asset_reserve",
    "amm.quote_asset_reserve",
    "amm.sqrt_k",
    "amm.peg_multiplier",
    "amm.concentration_coef",
    "amm.min_base_asset_reserve",
    "amm.max_base_asset_reserve",
    "amm.terminal_quote_asset_reserve",
    "amm.base_asset_amount_with_amm",
    "amm.user_lp_shares",
    "amm.cumulative_funding_rate_long",
    "amm.cumulative_funding_rate_short",
    "amm.total_fee_minus_distributions",
    "amm.last_mark_price_twap",
    "amm.last_update_slot",
    "amm.last_funding_rate_ts",
    "amm.last_trade_ts",
    "amm.funding_period",
    "amm.order_step_size",
    "amm.max_spread",
    "amm.historical_oracle_data.last_oracle_price",
    "amm.historical_oracle_data.last_oracle_price_twap",
    "amm.historical_oracle_data.last_oracle_price_twap_ts",
    "next_funding_rate_record_id",
];

/// Ours, whatever is recorded: addresses and numbers of the exchange that is made for the comparison.
const OURS: [&str; 6] = [
    "pubkey",
    "name",
    "market_index",
    "quote_spot_market_index",
    "amm.oracle",
    "amm.oracle_source",
];

/// What a field's text is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A decimal with so many places.
    Decimal(u32),
    Time,
    Flag,
    Variant,
}

/// A field of the account that can be recorded.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// Its path in the account.
    pub path: String,
    form: Form,
}

impl Field {
    /// Whether a market can be driven without it.
    pub fn is_needed(&self) -> bool {
        NEEDED.contains(&self.path.as_str())
    }

    /// The column's name as the account has it.
    pub fn column(&self) -> String {
        format!("{PREFIX}{}", self.path)
    }

    /// The value that `text` stands for.
    pub fn read(&self, text: &str) -> Option<Value> {
        Some(match self.form {
            Form::Decimal(places) => Value::Int(decimal::scaled(text, places)?),
            Form::Time => Value::Int(decimal::seconds(text)?.into()),
            Form::Flag => Value::Flag(match text {
                "True" | "true" | "1" => true,
                "False" | "false" | "0" => false,
                _ => return None,
            }),
            // `MarketStatus.Active()` or `Active`.
            Form::Variant => {
                let name = text.rsplit('.').next()?.trim_end_matches("()");
                Value::Name(name.to_owned().into())
            }
        })
    }

    /// What a value that cannot be read should be.
    pub fn wanted(&self) -> &'static str {
        match self.form {
            Form::Decimal(_) => "a decimal number",
            Form::Time => "seconds since 1970 or a time such as 2022-11-07 12:01:22",
            Form::Flag => "True or False",
            Form::Variant => "a variant's name",
        }
    }
}

/// Every field of a perpetual market's account that a recording may set, in the account's order.
pub(super) fn fields() -> Vec<Field> {
    let mut fields = Vec::new();
    PerpMarket::default().describe(&mut String::new(), &mut |path, value| {
        if OURS.contains(&path) || path.contains("padding") {
            return;
        }
        let places = || match UNSCALED.contains(&path) {
            true => 0,
            false => Unit::of("PerpMarket", path).map_or(0, |unit| unit.scale.ilog10()),
        };
        let form = match value {
            Value::Int(_) | Value::Uint(_) if path.ends_with("_ts") => Form::Time,
            Value::Int(_) | Value::Uint(_) => Form::Decimal(places()),
            Value::Flag(_) => Form::Flag,
            Value::Name(_) => Form::Variant,
            Value::Key(_) | Value::Bytes(_) => return,
        };
        fields.push(Field {
            path: path.to_owned(),
            form,
        });
    });
    fields
}

/// The field that the column `name` stands for, by its place in `fields`.
pub(super) fn place(fields: &[Field], name: &str) -> Option<usize> {
    let bare = |text: &str| text.replace('_', "");
    let name = bare(name.strip_prefix(PREFIX)?);
    fields.iter().position(|field| bare(&field.path) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_find_their_fields_and_scales() {
        let fields = fields();
        let read = |column: &str, text: &str| {
            let place = place(&fields, column).unwrap_or_else(|| panic!("{column}"));
            fields[place].read(text)
        };
        assert_eq!(read("market.amm.sqrt_k", "1.5"), Some(Value::Int(1_500_000_000)));
        assert_eq!(
            read("market.amm.last24h_avg_funding_rate", "-0.000894833"),
            Some(Value::Int(-894_833))
        );
        assert_eq!(read("market.amm.oracle_std", "91418"), Some(Value::Int(91_418)));
        assert_eq!(read("market.amm.mark_std", "0.101299"), Some(Value::Int(101_299)));
        assert_eq!(
            read("market.margin_ratio_initial", "0.1"),
            Some(Value::Int(1_000))
        );
        assert_eq!(
            read("market.amm.last_oracle_valid", "True"),
            Some(Value::Flag(true))
        );
        assert_eq!(
            read("market.status", "MarketStatus.Active()"),
            Some(Value::Name("Active".into()))
        );
        assert_eq!(
            read("market.amm.last_trade_ts", "2022-11-07 12:01:22"),
            Some(Value::Int(1_667_822_482))
        );
        assert_eq!(read("market.amm.last_oracle_valid", "perhaps"), None);
        assert_eq!(place(&fields, "market.amm.oracle"), None);
        assert_eq!(place(&fields, "amm.sqrt_k"), None);
    }

    #[test]
    fn what_is_needed_is_a_field() {
        let fields = fields();
        for path in NEEDED {
            assert!(fields.iter().any(|field| field.path == path), "{path}");
        }
        for path in UNSCALED {
            assert!(fields.iter().any(|field| field.path == path), "{path}");
        }
    }
}

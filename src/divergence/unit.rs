//! What a field's integer counts, by the field's name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A unit, and how many of the field's own integers make one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unit {
    /// The unit's name.
    pub name: String,
    /// Integers that make one.
    pub scale: u64,
}

const QUOTE: (&str, u64) = ("quote", 1_000_000);
const BASE: (&str, u64) = ("base", 1_000_000_000);
const RESERVE: (&str, u64) = ("reserve", 1_000_000_000);
const SHARES: (&str, u64) = ("LP shares", 1_000_000_000);
const PRICE: (&str, u64) = ("price", 1_000_000);
const PEG: (&str, u64) = ("peg", 1_000_000);
const SHARE: (&str, u64) = ("of 1", 1_000_000);
const FUNDING: (&str, u64) = ("quote per base", 1_000_000_000);
const MARGIN: (&str, u64) = ("of 1", 10_000);
const BALANCE: (&str, u64) = ("scaled balance", 1_000_000_000);
const INTEREST: (&str, u64) = ("interest", 10_000_000_000);
const SECONDS: (&str, u64) = ("s", 1);
const SLOTS: (&str, u64) = ("slots", 1);
const TOKENS: (&str, u64) = ("smallest token units", 1);

type Rule = (&'static [&'static str], (&'static str, u64));

/// By a field's last name.
const EXACT: &[Rule] = &[
    (
        &[
            "base_asset_reserve",
            "quote_asset_reserve",
            "sqrt_k",
            "min_base_asset_reserve",
            "max_base_asset_reserve",
            "terminal_quote_asset_reserve",
            "ask_base_asset_reserve",
            "ask_quote_asset_reserve",
            "bid_base_asset_reserve",
            "bid_quote_asset_reserve",
        ],
        RESERVE,
    ),
    (&["user_lp_shares", "lp_shares"], SHARES),
    (&["peg_multiplier"], PEG),
    (
        &[
            "base_asset_amount",
            "base_asset_amount_long",
            "base_asset_amount_short",
            "base_asset_amount_with_amm",
            "base_asset_amount_with_unsettled_lp",
            "max_open_interest",
            "base_asset_amount_filled",
            "open_bids",
            "open_asks",
            "order_step_size",
            "min_order_size",
            "max_position_size",
            "remainder_base_asset_amount",
            "base_asset_amount_per_lp",
            "last_base_asset_amount_per_lp",
            "target_base_asset_amount_per_lp",
        ],
        BASE,
    ),
    (
        &[
            "quote_asset_amount",
            "quote_entry_amount",
            "quote_break_even_amount",
            "quote_entry_amount_long",
            "quote_entry_amount_short",
            "quote_break_even_amount_long",
            "quote_break_even_amount_short",
            "settled_pnl",
            "quote_asset_amount_per_lp",
            "last_quote_asset_amount_per_lp",
            "quote_asset_amount_with_unsettled_lp",
            "total_fee",
            "total_mm_fee",
            "total_exchange_fee",
            "total_fee_minus_distributions",
            "total_fee_withdrawn",
            "total_liquidation_fee",
            "total_social_loss",
            "total_quote_social_loss",
            "total_fee_earned_per_lp",
            "total_spot_fee",
            "scale_initial_asset_weight_start",
            "net_revenue_since_last_funding",
            "net_unsettled_funding_pnl",
            "volume_24h",
            "long_intensity_volume",
            "short_intensity_volume",
            "unrealized_pnl_max_imbalance",
            "max_revenue_withdraw_per_period",
            "quote_max_insurance",
            "quote_settled_insurance",
            "revenue_withdraw_since_last_settle",
            "total_deposits",
            "total_withdraws",
            "settled_perp_pnl",
            "cumulative_spot_fees",
            "cumulative_perp_funding",
            "liquidation_margin_freed",
            "total_fee_paid",
            "total_fee_rebate",
            "total_token_discount",
            "total_referee_discount",
            "total_referrer_reward",
            "current_epoch_referrer_reward",
            "maker_volume_30d",
            "taker_volume_30d",
            "filler_volume_30d",
            "quote_asset_amount_filled",
            "if_staked_quote_asset_amount",
            "referrer_reward_epoch_upper_bound",
            "flat_filler_fee",
        ],
        QUOTE,
    ),
    (
        &[
            "last_oracle_price",
            "last_oracle_conf",
            "last_oracle_price_twap",
            "last_oracle_price_twap_5min",
            "last_oracle_normalised_price",
            "last_bid_price_twap",
            "last_ask_price_twap",
            "last_mark_price_twap",
            "last_mark_price_twap_5min",
            "mark_std",
            "oracle_std",
            "order_tick_size",
            "expiry_price",
            "price",
            "trigger_price",
            "auction_start_price",
            "auction_end_price",
            "oracle_price_offset",
            "reference_price_offset",
            "last_index_bid_price",
            "last_index_ask_price",
            "last_index_price_twap",
            "last_index_price_twap_5min",
        ],
        PRICE,
    ),
    (
        &[
            "last_funding_rate",
            "last_funding_rate_long",
            "last_funding_rate_short",
            "last_24h_avg_funding_rate",
            "cumulative_funding_rate_long",
            "cumulative_funding_rate_short",
            "last_cumulative_funding_rate",
        ],
        FUNDING,
    ),
    (
        &[
            "base_spread",
            "max_spread",
            "long_spread",
            "short_spread",
            "concentration_coef",
            "last_oracle_conf_pct",
            "last_oracle_reserve_price_spread_pct",
            "liquidator_fee",
            "if_liquidation_fee",
            "imf_factor",
            "unrealized_pnl_imf_factor",
            "utilization_twap",
            "optimal_utilization",
            "optimal_borrow_rate",
            "max_borrow_rate",
            "total_factor",
            "user_factor",
            "mark_oracle_percent_divergence",
            "oracle_twap_5min_percent_divergence",
            "confidence_interval_max_size",
        ],
        SHARE,
    ),
    (
        &[
            "margin_ratio_initial",
            "margin_ratio_maintenance",
            "unrealized_pnl_initial_asset_weight",
            "unrealized_pnl_maintenance_asset_weight",
            "initial_asset_weight",
            "maintenance_asset_weight",
            "initial_liability_weight",
            "maintenance_liability_weight",
            "max_margin_ratio",
            "liquidation_margin_buffer_ratio",
            "initial_pct_to_liquidate",
            "max_token_borrows_fraction",
        ],
        MARGIN,
    ),
    (&["scaled_balance", "deposit_balance", "borrow_balance"], BALANCE),
    (
        &["cumulative_deposit_interest", "cumulative_borrow_interest"],
        INTEREST,
    ),
    (
        &[
            "amount",
            "withdraw_guard_threshold",
            "max_token_deposits",
            "deposit_token_twap",
            "borrow_token_twap",
            "cumulative_deposits",
            "total_swap_fee",
            "flash_loan_amount",
            "flash_loan_initial_token_amount",
        ],
        TOKENS,
    ),
    (
        &[
            "funding_period",
            "unstaking_period",
            "revenue_settle_period",
            "lp_cooldown_time",
            "unix_time",
        ],
        SECONDS,
    ),
    (
        &[
            "last_oracle_delay",
            "slots_before_stale_for_amm",
            "slots_before_stale_for_margin",
        ],
        SLOTS,
    ),
];

impl Unit {
    /// The unit of the field at `path` of an account of type `kind`; `None` for what is no amount: flags, counts,
    /// addresses.
    pub fn of(kind: &str, path: &str) -> Option<Self> {
        let name = path.rsplit('.').next()?;
        let exact = || {
            EXACT
                .iter()
                .find(|(names, _)| names.contains(&name))
                .map(|(_, unit)| *unit)
        };
        let (name, scale) = match kind {
            // A spot market's orders and social losses are in its own token, whose decimals the field does not tell.
            "SpotMarket" if matches!(name, "order_step_size" | "min_order_size" | "max_position_size") => {
                TOKENS
            }
            "SpotMarket" if name == "total_social_loss" => TOKENS,
            // A Pyth price has an exponent of its own.
            "PriceFeed" => return None,
            "User"
                if path.starts_with("spot_positions.")
                    && name.starts_with("open_")
                    && name != "open_orders" =>
            {
                TOKENS
            }
            _ if name.ends_with("_ts") => SECONDS,
            _ if name == "slot" || name.ends_with("_slot") => SLOTS,
            _ => exact()?,
        };
        Some(Self {
            name: name.to_owned(),
            scale,
        })
    }

    /// `integer` in this unit, exactly: `-0.000001 quote`.
    pub fn show(&self, integer: &str) -> String {
        let (sign, digits) = match integer.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", integer),
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return integer.to_owned();
        }
        let places = self.scale.ilog10() as usize;
        let padded = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = padded.split_at(padded.len() - places);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{sign}{whole}{point}{fraction} {}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_shown_in_their_unit() {
        let unit = |kind, path| Unit::of(kind, path).unwrap();
        let peg = unit("PerpMarket", "amm.peg_multiplier");
        assert_eq!(peg.show("1500000"), "1.5 peg");
        assert_eq!(
            unit("User", "perp_positions.0.quote_asset_amount").show("-1"),
            "-0.000001 quote"
        );
        assert_eq!(
            unit("SpotMarket", "cumulative_deposit_interest").show("10000000000"),
            "1 interest"
        );
        assert_eq!(unit("PerpMarket", "amm.last_mark_price_twap_ts").show("7"), "7 s");
        assert_eq!(
            unit("TokenAccount", "amount").show("12"),
            "12 smallest token units"
        );
        assert_eq!(peg.show("true"), "true");
        for (kind, path) in [
            ("PerpMarket", "market_index"),
            ("User", "authority"),
            ("PriceFeed", "price"),
        ] {
            assert_eq!(Unit::of(kind, path), None, "{path}");
        }
    }

    #[test]
    fn scales_are_powers_of_ten() {
        for (_, (_, scale)) in EXACT {
            assert_eq!(10_u64.pow(scale.ilog10()), *scale);
        }
    }
}

//! Markets as a scenario describes them.

use super::wrong;
use crate::complaint::Complaint;
use crate::experiment::{PerpRules, SpotRules};
use crate::path::{FeedSpec, FieldError, PathSpec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A perpetual market. Integers are the protocol's own, in its scales.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PerpMarketSpec {
    /// What paths in a sweep call it.
    pub name: String,
    /// The price outside, that the oracle shows.
    pub oracle: PathSpec,
    /// How the oracle publishes it; at once, always and surely where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed: Option<FeedSpec>,
    /// Reserves on both sides of the AMM and its sqrt_k, in units of base.
    pub base_reserve: f64,
    /// The peg multiplier in dollars; the path's first price where not given.
    #[serde(default)]
    pub peg: Option<f64>,
    /// Seconds between funding updates.
    #[serde(default = "hour")]
    pub funding_period: i64,
    /// The base spread (1e6): 250 is 2.5 basis points.
    #[serde(default)]
    pub base_spread: u32,
    /// The widest spread (1e6).
    #[serde(default = "max_spread")]
    pub max_spread: u32,
    /// How much of the formulaic repeg and k update the AMM does (percent).
    #[serde(default)]
    pub curve_update_intensity: u8,
    /// Tier of the contract: 0 is A, the safest.
    #[serde(default)]
    pub contract_tier: u8,
    /// Initial margin ratio (1e4).
    #[serde(default = "initial")]
    pub margin_ratio_initial: u32,
    /// Maintenance margin ratio (1e4).
    #[serde(default = "maintenance")]
    pub margin_ratio_maintenance: u32,
    /// How margin grows with a position's size (1e6).
    #[serde(default)]
    pub imf_factor: u32,
    /// A liquidator's share (1e6).
    #[serde(default)]
    pub liquidator_fee: u32,
    /// The insurance fund's share of what is liquidated (1e6).
    #[serde(default)]
    pub if_liquidation_fee: u32,
    /// Unsettled profit over losses from which on it counts less for margin, and the insurance fund helps out (1e6).
    #[serde(default = "max_imbalance")]
    pub unrealized_pnl_max_imbalance: u64,
    /// Most that the market takes from the insurance fund in a period (1e6).
    #[serde(default = "max_withdraw")]
    pub max_revenue_withdraw_per_period: u64,
    /// Most that the insurance fund covers of this market's losses in all (1e6).
    #[serde(default = "max_insurance")]
    pub quote_max_insurance: u64,
    /// The largest open interest, in units of base; 0 is no limit.
    #[serde(default)]
    pub max_open_interest: f64,
    /// Orders are multiples of this (1e9).
    #[serde(default = "step")]
    pub order_step_size: u64,
    /// Prices are multiples of this (1e6).
    #[serde(default = "one")]
    pub order_tick_size: u64,
    /// A fill takes at most the reserve divided by this.
    #[serde(default = "fraction")]
    pub max_fill_reserve_fraction: u16,
    /// By how much the widest allowed reserves are drawn in; 1 is the default width.
    #[serde(default = "one")]
    pub concentration_coef_scale: u64,
}

fn hour() -> i64 {
    3_600
}

fn one() -> u64 {
    1
}

fn max_spread() -> u32 {
    PerpRules::default().max_spread
}

fn initial() -> u32 {
    PerpRules::default().margin_ratio_initial
}

fn maintenance() -> u32 {
    PerpRules::default().margin_ratio_maintenance
}

fn max_imbalance() -> u64 {
    PerpRules::default().unrealized_pnl_max_imbalance
}

fn max_withdraw() -> u64 {
    PerpRules::default().max_revenue_withdraw_per_period
}

fn max_insurance() -> u64 {
    PerpRules::default().quote_max_insurance
}

fn step() -> u64 {
    PerpRules::default().order_step_size
}

fn fraction() -> u16 {
    PerpRules::default().max_fill_reserve_fraction
}

impl PerpMarketSpec {
    pub(super) fn validate(&self, path: &str) -> Result<(), Complaint> {
        check_path(path, &self.oracle, &self.feed)?;
        let reserve = self.base_reserve;
        if !(1e-3..=1e12).contains(&reserve) {
            return Err(wrong(
                path,
                "base_reserve",
                format!("lies between 0.001 and 1e12 units, found {reserve}"),
            ));
        }
        if let Some(peg) = self.peg
            && !(1e-6..=1e9).contains(&peg)
        {
            return Err(wrong(
                path,
                "peg",
                format!("lies between 0.000001 and 1e9 dollars, found {peg}"),
            ));
        }
        if self.funding_period < 1 {
            let found = self.funding_period;
            return Err(wrong(
                path,
                "funding_period",
                format!("is 1 second or more, found {found}"),
            ));
        }
        if self.contract_tier > 5 {
            let found = self.contract_tier;
            return Err(wrong(
                path,
                "contract_tier",
                format!("is from 0 (A) to 5 (Isolated), found {found}"),
            ));
        }
        if !(0.0..=1e17).contains(&self.max_open_interest) {
            let found = self.max_open_interest;
            return Err(wrong(
                path,
                "max_open_interest",
                format!("is 0 or more units, found {found}"),
            ));
        }
        for (name, value) in [
            ("order_step_size", self.order_step_size),
            ("order_tick_size", self.order_tick_size),
        ] {
            if value == 0 {
                return Err(wrong(path, name, "is 1 or more, found 0"));
            }
        }
        Ok(())
    }

    /// The protocol's parameters beyond depth, peg and funding period.
    pub(super) fn rules(&self) -> PerpRules {
        PerpRules {
            contract_tier: self.contract_tier,
            margin_ratio_initial: self.margin_ratio_initial,
            margin_ratio_maintenance: self.margin_ratio_maintenance,
            liquidator_fee: self.liquidator_fee,
            if_liquidation_fee: self.if_liquidation_fee,
            imf_factor: self.imf_factor,
            max_spread: self.max_spread,
            max_open_interest: (self.max_open_interest * 1e9).round() as u128,
            order_step_size: self.order_step_size,
            order_tick_size: self.order_tick_size,
            min_order_size: self.order_step_size,
            concentration_coef_scale: self.concentration_coef_scale.into(),
            curve_update_intensity: self.curve_update_intensity,
            unrealized_pnl_max_imbalance: self.unrealized_pnl_max_imbalance,
            max_revenue_withdraw_per_period: self.max_revenue_withdraw_per_period,
            quote_max_insurance: self.quote_max_insurance,
            max_fill_reserve_fraction: self.max_fill_reserve_fraction,
            ..PerpRules::default()
        }
    }
}

/// A spot market beyond the quote market. Integers are the protocol's own, in its scales.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpotMarketSpec {
    /// What paths in a sweep call it.
    pub name: String,
    /// The asset's price.
    pub oracle: PathSpec,
    /// How the oracle publishes it; at once, always and surely where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed: Option<FeedSpec>,
    /// Interest and weights.
    #[serde(default)]
    pub rates: SpotRates,
    /// Its insurance fund.
    #[serde(default)]
    pub insurance: InsuranceSpec,
}

impl SpotMarketSpec {
    pub(super) fn validate(&self, path: &str) -> Result<(), Complaint> {
        check_path(path, &self.oracle, &self.feed)?;
        self.insurance.validate(&format!("{path}.insurance"))
    }

    /// The market's parameters in full.
    pub(super) fn rules(&self) -> SpotRules {
        self.insurance.added_to(self.rates.rules())
    }
}

/// The quote market's interest and weights.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct QuoteMarketSpec {
    /// Utilisation at which the rate turns steep (1e6).
    pub optimal_utilization: Option<u32>,
    /// Borrow rate a year at the optimal utilisation (1e6).
    pub optimal_borrow_rate: Option<u32>,
    /// Borrow rate a year at full utilisation (1e6).
    pub max_borrow_rate: Option<u32>,
    /// A liquidator's share of what is liquidated (1e6).
    pub liquidator_fee: Option<u32>,
    /// The insurance fund's share of what is liquidated (1e6).
    pub if_liquidation_fee: Option<u32>,
    /// Its insurance fund, which covers the losses of perpetual markets.
    pub insurance: InsuranceSpec,
}

impl QuoteMarketSpec {
    /// The market's parameters in full.
    pub fn rules(&self) -> SpotRules {
        let usual = SpotRules::quote();
        self.insurance.added_to(SpotRules {
            optimal_utilization: self.optimal_utilization.unwrap_or(usual.optimal_utilization),
            optimal_borrow_rate: self.optimal_borrow_rate.unwrap_or(usual.optimal_borrow_rate),
            max_borrow_rate: self.max_borrow_rate.unwrap_or(usual.max_borrow_rate),
            liquidator_fee: self.liquidator_fee.unwrap_or(usual.liquidator_fee),
            if_liquidation_fee: self.if_liquidation_fee.unwrap_or(usual.if_liquidation_fee),
            ..usual
        })
    }
}

/// The insurance fund of a spot market.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InsuranceSpec {
    /// What is in it at the start, in tokens; no staker owns it.
    pub fund: f64,
    /// Its share of interest (1e6).
    pub total_factor: u32,
    /// The stakers' part of that share (1e6); half of it where not given.
    pub user_factor: Option<u32>,
    /// Seconds between a staker's request and the withdrawal.
    pub unstaking_period: i64,
    /// Seconds between payments of the revenue pool to the fund; 0 is never.
    pub revenue_settle_period: i64,
}

impl InsuranceSpec {
    pub(super) fn validate(&self, path: &str) -> Result<(), Complaint> {
        let fund = self.fund;
        match (0.0..=1e12).contains(&fund) {
            true => Ok(()),
            false => Err(wrong(
                path,
                "fund",
                format!("lies between 0 and 1e12 tokens, found {fund}"),
            )),
        }
    }

    /// `rules` with this fund.
    fn added_to(&self, rules: SpotRules) -> SpotRules {
        SpotRules {
            if_total_factor: self.total_factor,
            if_user_factor: self.user_factor,
            insurance_fund: (self.fund * 1e6).round() as u64,
            unstaking_period: self.unstaking_period,
            revenue_settle_period: self.revenue_settle_period,
            ..rules
        }
    }
}

/// A spot market's interest and weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SpotRates {
    /// Utilisation at which the rate turns steep (1e6).
    pub optimal_utilization: u32,
    /// Borrow rate a year at the optimal utilisation (1e6).
    pub optimal_borrow_rate: u32,
    /// Borrow rate a year at full utilisation (1e6).
    pub max_borrow_rate: u32,
    /// What a deposit counts for initial margin (1e4).
    pub initial_asset_weight: u32,
    /// What a borrow counts for initial margin (1e4).
    pub initial_liability_weight: u32,
    /// What a deposit counts for maintenance margin (1e4).
    pub maintenance_asset_weight: u32,
    /// What a borrow counts for maintenance margin (1e4).
    pub maintenance_liability_weight: u32,
    /// A liquidator's share of what is liquidated (1e6).
    pub liquidator_fee: u32,
    /// The insurance fund's share of what is liquidated (1e6).
    pub if_liquidation_fee: u32,
}

impl Default for SpotRates {
    fn default() -> Self {
        let usual = SpotRules::default();
        Self {
            optimal_utilization: usual.optimal_utilization,
            optimal_borrow_rate: usual.optimal_borrow_rate,
            max_borrow_rate: usual.max_borrow_rate,
            initial_asset_weight: usual.initial_asset_weight,
            maintenance_asset_weight: usual.maintenance_asset_weight,
            initial_liability_weight: usual.initial_liability_weight,
            maintenance_liability_weight: usual.maintenance_liability_weight,
            liquidator_fee: usual.liquidator_fee,
            if_liquidation_fee: usual.if_liquidation_fee,
        }
    }
}

impl SpotRates {
    fn rules(&self) -> SpotRules {
        SpotRules {
            optimal_utilization: self.optimal_utilization,
            optimal_borrow_rate: self.optimal_borrow_rate,
            max_borrow_rate: self.max_borrow_rate,
            initial_asset_weight: self.initial_asset_weight,
            maintenance_asset_weight: self.maintenance_asset_weight,
            initial_liability_weight: self.initial_liability_weight,
            maintenance_liability_weight: self.maintenance_liability_weight,
            liquidator_fee: self.liquidator_fee,
            if_liquidation_fee: self.if_liquidation_fee,
            ..SpotRules::default()
        }
    }
}

fn check_path(path: &str, oracle: &PathSpec, feed: &Option<FeedSpec>) -> Result<(), Complaint> {
    let first = |within: String, checked: Result<(), Vec<FieldError>>| match checked
        .err()
        .and_then(|errors| errors.into_iter().next())
    {
        None => Ok(()),
        Some(error) => Err(Complaint {
            path: format!("{within}.{}", error.field),
            message: format!("`{}` is {}", error.field, error.found),
            help: Some(error.mend),
        }),
    };
    first(format!("{path}.oracle"), oracle.validate())?;
    first(path.to_owned(), feed.as_ref().map_or(Ok(()), FeedSpec::validate))
}

//! Markets as a scenario describes them.

use super::wrong;
use crate::complaint::Complaint;
use crate::experiment::{PerpRules, SpotRules};
use crate::path::PathSpec;
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
    /// Most that the insurance fund pays for the market's bad debts, in dollars; 100 million where not given.
    #[serde(default)]
    pub max_insurance: Option<f64>,
    /// Users' unsettled profits beyond their losses, in dollars, from which on profits count less as margin and the insurance
    /// fund may help the market out; 4,000 where not given.
    #[serde(default)]
    pub max_pnl_imbalance: Option<f64>,
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

fn step() -> u64 {
    PerpRules::default().order_step_size
}

fn fraction() -> u16 {
    PerpRules::default().max_fill_reserve_fraction
}

impl PerpMarketSpec {
    pub(super) fn validate(&self, path: &str) -> Result<(), Complaint> {
        check_path(path, "oracle", &self.oracle)?;
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
            ("max_insurance", self.max_insurance),
            ("max_pnl_imbalance", self.max_pnl_imbalance),
        ] {
            if let Some(found) = value.filter(|value| !(0.0..=1e12).contains(value)) {
                return Err(wrong(
                    path,
                    name,
                    format!("lies between 0 and 1e12 dollars, found {found}"),
                ));
            }
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
        let usual = PerpRules::default();
        let micros = |dollars: Option<f64>, usual: u64| {
            dollars.map_or(usual, |dollars| (dollars * 1e6).round() as u64)
        };
        PerpRules {
            quote_max_insurance: micros(self.max_insurance, usual.quote_max_insurance),
            unrealized_pnl_max_imbalance: micros(self.max_pnl_imbalance, usual.unrealized_pnl_max_imbalance),
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
            max_fill_reserve_fraction: self.max_fill_reserve_fraction,
            ..usual
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
    /// Interest and weights.
    #[serde(default)]
    pub rates: SpotRates,
}

impl SpotMarketSpec {
    pub(super) fn validate(&self, path: &str) -> Result<(), Complaint> {
        check_path(path, "oracle", &self.oracle)
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
    /// A liquidator's share of a debt or deposit taken over (1e6).
    pub liquidator_fee: Option<u32>,
    /// The insurance fund's share of a debt taken over (1e6).
    pub if_liquidation_fee: Option<u32>,
}

impl QuoteMarketSpec {
    /// The market's parameters in full.
    pub fn rules(&self) -> SpotRules {
        let usual = SpotRules::quote();
        SpotRules {
            optimal_utilization: self.optimal_utilization.unwrap_or(usual.optimal_utilization),
            optimal_borrow_rate: self.optimal_borrow_rate.unwrap_or(usual.optimal_borrow_rate),
            max_borrow_rate: self.max_borrow_rate.unwrap_or(usual.max_borrow_rate),
            liquidator_fee: self.liquidator_fee.unwrap_or(usual.liquidator_fee),
            if_liquidation_fee: self.if_liquidation_fee.unwrap_or(usual.if_liquidation_fee),
            ..usual
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
    /// A liquidator's share of a debt or deposit taken over (1e6).
    pub liquidator_fee: u32,
    /// The insurance fund's share of a debt taken over (1e6).
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
    pub(super) fn rules(&self) -> SpotRules {
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

fn check_path(path: &str, name: &str, spec: &PathSpec) -> Result<(), Complaint> {
    match spec.validate().err().and_then(|errors| errors.into_iter().next()) {
        None => Ok(()),
        Some(error) => Err(Complaint {
            path: format!("{path}.{name}.{}", error.field),
            message: format!("`{}` is {}", error.field, error.found),
            help: Some(error.mend),
        }),
    }
}

//! Exchange-wide settings and the time base.

use super::wrong;
use crate::complaint::Complaint;
use crate::world::Exchange;
use drift::accounts::{OracleGuardRails, PriceDivergenceGuardRails, ValidityGuardRails};
use drift::engine::BeforeTrade;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Exchange-wide settings and the time base.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ExchangeSpec {
    /// Unix time of second 0. The default is the start of an hour, so that hours of the trial are hours of funding.
    pub unix_start: i64,
    /// Slot of second 0.
    pub first_slot: u64,
    /// Slots a second.
    pub slots_per_second: f64,
    /// Limits that oracles are judged by.
    pub guard_rails: GuardRails,
    /// Seconds an LP must wait before removing shares.
    pub lp_cooldown_seconds: u64,
    /// What takers pay, whatever their volume, in tenths of a basis point: 100, the most that the program allows, is 10
    /// basis points. The program's own tiers where not given.
    pub taker_fee: Option<u32>,
    /// What the AMM does to its curve before a trade. Anything but `deployed` is a model switch for research and
    /// departs from the deployed program.
    pub strategy: Strategy,
}

impl Default for ExchangeSpec {
    fn default() -> Self {
        Self {
            unix_start: 1_700_002_800,
            first_slot: 1_000,
            slots_per_second: 2.5,
            guard_rails: GuardRails::Deployed,
            lp_cooldown_seconds: 0,
            taker_fee: None,
            strategy: Strategy::Deployed,
        }
    }
}

/// Limits that oracles are judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GuardRails {
    /// The program's own defaults.
    Deployed,
    /// So wide that they never bind.
    Wide,
    /// As given.
    Custom(GuardRailsSpec),
}

/// Guard rails in full, as the program's state holds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GuardRailsSpec {
    /// Widest gap between mark and oracle, as a share of the oracle's price (1e6).
    pub mark_oracle_divergence: u64,
    /// Widest gap between the oracle and its five-minute average (1e6).
    pub oracle_twap_5min_divergence: u64,
    /// Slots after which the AMM does not trade on a price.
    pub stale_for_amm_slots: i64,
    /// Slots after which a price does not serve for margin.
    pub stale_for_margin_slots: i64,
    /// Widest confidence interval, as a share of the price (1e6).
    pub widest_confidence: u64,
    /// Largest ratio of a price to its average, either way.
    pub too_volatile_ratio: i64,
}

/// What the AMM does to its curve before a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// The deployed rule.
    Deployed,
    /// drift-sim's `PrePeg`: repeg to the oracle within the fee budget.
    PrePeg,
    /// drift-sim's `PreFreePeg`: repeg and rescale the reserves to the oracle within the fee budget.
    PreFreePeg,
}

impl From<Strategy> for BeforeTrade {
    fn from(strategy: Strategy) -> Self {
        match strategy {
            Strategy::Deployed => BeforeTrade::Deployed,
            Strategy::PrePeg => BeforeTrade::PrePeg,
            Strategy::PreFreePeg => BeforeTrade::PreFreePeg,
        }
    }
}

impl Strategy {
    /// What drift-sim's files call it.
    pub(super) fn drift_sim_name(self) -> &'static str {
        match self {
            Strategy::Deployed => "",
            Strategy::PrePeg => "PrePeg",
            Strategy::PreFreePeg => "PreFreePeg",
        }
    }
}

impl ExchangeSpec {
    pub(super) fn validate(&self) -> Result<(), Complaint> {
        if !(0.001..=1_000.0).contains(&self.slots_per_second) {
            let found = self.slots_per_second;
            return Err(wrong(
                "exchange",
                "slots_per_second",
                format!("lies between 0.001 and 1000, found {found}"),
            ));
        }
        if let Some(fee) = self.taker_fee.filter(|fee| *fee > 100) {
            return Err(wrong(
                "exchange",
                "taker_fee",
                format!("is at most 100, 10 basis points, found {fee}"),
            ));
        }
        Ok(())
    }

    /// The same as a world takes it.
    pub fn build(&self) -> Exchange {
        let guard_rails = match self.guard_rails {
            GuardRails::Deployed => OracleGuardRails::INITIAL,
            GuardRails::Wide => Exchange::wide_guard_rails(),
            GuardRails::Custom(spec) => OracleGuardRails {
                price_divergence: PriceDivergenceGuardRails {
                    mark_oracle_percent_divergence: spec.mark_oracle_divergence,
                    oracle_twap_5min_percent_divergence: spec.oracle_twap_5min_divergence,
                },
                validity: ValidityGuardRails {
                    slots_before_stale_for_amm: spec.stale_for_amm_slots,
                    slots_before_stale_for_margin: spec.stale_for_margin_slots,
                    confidence_interval_max_size: spec.widest_confidence,
                    too_volatile_ratio: spec.too_volatile_ratio,
                },
            },
        };
        Exchange {
            unix_start: self.unix_start,
            first_slot: self.first_slot,
            slots_per_1000_seconds: (self.slots_per_second * 1_000.0).round() as u32,
            guard_rails,
            lp_cooldown_seconds: self.lp_cooldown_seconds,
            taker_fee: self.taker_fee,
            drift_sim_compat: Default::default(),
        }
    }
}

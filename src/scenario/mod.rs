//! What a trial starts as: markets, price paths, agents and horizon.
//!
//! Money is in dollars, sizes are in units of base, times in seconds; parameters that the protocol itself keeps as
//! integers (spreads, margin ratios, fees, intensities) are those integers, under the protocol's names.

mod agents;
mod build;
mod common;
mod correlation;
mod exchange;
mod market;

pub use agents::Agents;
pub use build::{Actor, Prepared, ScenarioError, TrialUser, UserRole};
pub use correlation::Correlation;
pub use exchange::{ExchangeSpec, GuardRails, GuardRailsSpec, Strategy};
pub use market::{InsuranceSpec, PerpMarketSpec, QuoteMarketSpec, SpotMarketSpec, SpotRates};

use crate::complaint::Complaint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Length of a trial in seconds.
    pub horizon: u32,
    /// Exchange-wide settings and the time base.
    #[serde(default)]
    pub exchange: ExchangeSpec,
    /// The quote market, spot market 0.
    #[serde(default)]
    pub quote_market: QuoteMarketSpec,
    /// Further spot markets, numbered from 1 in this order.
    #[serde(default)]
    pub spot_markets: Vec<SpotMarketSpec>,
    /// The perpetual markets, numbered from 0 in this order.
    pub perp_markets: Vec<PerpMarketSpec>,
    /// How the prices of these markets correlate.
    #[serde(default, skip_serializing_if = "Correlation::is_empty")]
    pub correlation: Correlation,
    /// Groups of agents by name. Users are numbered in this order.
    pub agents: Agents,
    /// Whether a trial ends as drift-sim's do: every LP removes its shares, every position is closed. What the program
    /// refuses, for a price too far from the oracle's, stays.
    #[serde(default)]
    pub unwind: bool,
    /// Seconds between samples of the gap between mark and oracle.
    #[serde(default = "one_minute")]
    pub sample_every: u32,
}

fn one_minute() -> u32 {
    60
}

impl Scenario {
    /// The first thing that makes no sense in the scenario, with the mend.
    pub fn validate(&self) -> Result<(), Complaint> {
        let complain = |path: String, message: String| {
            Err(Complaint {
                path,
                message,
                help: None,
            })
        };
        if self.horizon < 4 {
            return complain(
                "horizon".into(),
                format!("a horizon is 4 seconds or more, found {}", self.horizon),
            );
        }
        if self.sample_every == 0 {
            return complain(
                "sample_every".into(),
                "samples are 1 second or more apart, found 0".into(),
            );
        }
        if self.perp_markets.is_empty() {
            return complain(
                "perp_markets".into(),
                "a scenario needs a perpetual market".into(),
            );
        }
        self.exchange.validate()?;
        self.quote_market.insurance.validate("quote_market.insurance")?;
        for (index, market) in self.perp_markets.iter().enumerate() {
            market.validate(&format!("perp_markets.{index}"))?;
        }
        for (index, market) in self.spot_markets.iter().enumerate() {
            market.validate(&format!("spot_markets.{index}"))?;
        }
        let oracles = self.oracles();
        self.correlation.ties(&oracles)?;
        common::check(&oracles)?;
        self.agents
            .validate(self.perp_markets.len(), self.spot_markets.len() + 1)
    }
}

/// A complaint about the field `name` below `path`.
fn wrong(path: &str, name: &str, message: impl std::fmt::Display) -> Complaint {
    Complaint {
        path: format!("{path}.{name}"),
        message: format!("`{name}` {message}"),
        help: None,
    }
}

#[cfg(test)]
mod tests;

//! A small scenario for the sweep's tests.

use std::path::PathBuf;

use miette::{GraphicalReportHandler, GraphicalTheme};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Overrides, Plan, Spec, SpecError};

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct World {
    pub markets: Vec<Market>,
    pub agents: Agents,
    #[serde(default)]
    pub price: Price,
    pub guard: Option<Guard>,
    #[serde(default)]
    pub flow: Flow,
}

/// Internally tagged: its readers lose the places of errors.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Flow {
    #[default]
    Off,
    Steady {
        rate: f64,
        burst: u64,
    },
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Market {
    pub name: String,
    #[serde(default = "hundred")]
    pub base_spread: u32,
    #[serde(default)]
    pub reserve: u128,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Agents {
    pub traders: Traders,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Traders {
    pub count: u64,
    pub short_bias: f64,
    pub leverage: Option<f64>,
}

impl Default for Traders {
    fn default() -> Self {
        Self {
            count: 3,
            short_bias: 0.5,
            leverage: None,
        }
    }
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Price {
    #[default]
    Constant,
    Gbm {
        sigma: f64,
    },
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    pub max: u64,
}

fn hundred() -> u32 {
    100
}

/// A spec of three lines of scenario and the given rest.
pub fn spec_text(rest: &str) -> String {
    format!(
        "seed: 7\nscenario:\n  markets: [{{name: SOL}}, {{name: BTC, base_spread: 50}}]\n  agents: {{traders: {{}}}}\n{rest}"
    )
}

pub fn spec(rest: &str) -> Result<Spec, SpecError> {
    Spec::parse("test.yaml", &spec_text(rest), "test", PathBuf::new())
}

pub fn plan_with(rest: &str, overrides: &Overrides) -> Result<Plan, SpecError> {
    Plan::new::<World>(spec(rest)?, overrides)
}

pub fn plan(rest: &str) -> Plan {
    plan_with(rest, &Overrides::default()).unwrap_or_else(|error| panic!("{}", rendered(&error)))
}

/// The error as a terminal shows it.
pub fn rendered(error: &SpecError) -> String {
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(100)
        .with_links(false);
    let mut text = String::new();
    handler.render_report(&mut text, error).unwrap();
    // Without the blanks at line ends, which editors take away.
    text.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

/// How planning the spec is refused.
pub fn refusal(rest: &str) -> String {
    refusal_with(rest, &Overrides::default())
}

pub fn refusal_with(rest: &str, overrides: &Overrides) -> String {
    match plan_with(rest, overrides) {
        Ok(plan) => format!("accepted: {} points", plan.points()),
        Err(error) => rendered(&error),
    }
}

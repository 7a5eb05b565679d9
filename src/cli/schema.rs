//! `harness schema`.

use super::Outcome;
#[cfg(feature = "tables")]
use crate::divergence::DivergenceReport;
use crate::scenario::Scenario;
use clap::{Args, ValueEnum};
use miette::IntoDiagnostic;

/// Print a JSON schema.
#[derive(Debug, Args)]
pub struct Schema {
    /// Of what.
    #[arg(value_enum, default_value_t = Of::Sweep, value_name = "DOCUMENT")]
    of: Of,
}

/// The documents that have a schema.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Of {
    /// Sweep specs, for editors that complete and check YAML.
    Sweep,
    /// The `report.json` of a divergence report.
    #[cfg(feature = "tables")]
    Report,
}

impl Schema {
    pub fn run(self) -> Outcome {
        let schema = match self.of {
            Of::Sweep => crate::sweep::schema::<Scenario>(),
            #[cfg(feature = "tables")]
            Of::Report => DivergenceReport::schema().to_value(),
        };
        say!("{}", serde_json::to_string_pretty(&schema).into_diagnostic()?);
        Ok(())
    }
}

//! `harness schema`.

use super::Outcome;
use crate::scenario::Scenario;
use clap::Args;
use miette::IntoDiagnostic;

/// Print the JSON schema of sweep specs, for editors that complete and check YAML.
#[derive(Debug, Args)]
pub struct Schema {}

impl Schema {
    pub fn run(self) -> Outcome {
        let schema = crate::sweep::schema::<Scenario>();
        say!("{}", serde_json::to_string_pretty(&schema).into_diagnostic()?);
        Ok(())
    }
}

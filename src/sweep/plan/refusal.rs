//! What a scenario finds wrong with itself once it has been read, shown where it was written.

use serde::de::DeserializeOwned;

use super::super::diagnostic::{Problem, SpecError};
use super::super::tree;
use super::Plan;
use super::check::probe;
use crate::complaint::Complaint;

impl Plan {
    /// Has `check` look at the scenario of every point; of more than a thousand, the first thousand and the last.
    ///
    /// # Errors
    /// A combination of values that `S` refuses, and the first complaint of `check`.
    pub fn validate<S: DeserializeOwned>(
        &self,
        check: impl Fn(&S) -> Result<(), Complaint>,
    ) -> Result<(), SpecError> {
        for point in probe(self.points()) {
            let scenario: S = self.scenario(point)?;
            check(&scenario).map_err(|complaint| self.refusal(point, complaint))?;
        }
        Ok(())
    }

    /// The complaint as an error that shows where the value of this point is written, or, for a default, the
    /// mapping that leaves it out.
    pub fn refusal(&self, point: u64, complaint: Complaint) -> SpecError {
        let scenario = self.scenario_tree(point);
        let steps = tree::resolve(&scenario, &complaint.path, None).unwrap_or_default();
        let span = (0..=steps.len())
            .rev()
            .find_map(|depth| tree::at(&scenario, &steps[..depth]).and_then(|node| node.span));
        let Complaint { message, help, .. } = complaint;
        Problem::Invalid { message, help }
            .at(span)
            .in_sources(&self.sources)
    }
}

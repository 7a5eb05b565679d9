//! One report of several.

use super::{DivergenceReport, Picked, Side, TrialReport};

/// Reports that compare other sides than each other.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{first}` compares {first_sides}, and `{other}` {other_sides}: make a report of each")]
pub struct Mismatch {
    /// The subject of the first report.
    pub first: String,
    /// What it compares.
    pub first_sides: String,
    /// The subject of one that compares something else.
    pub other: String,
    /// What that compares.
    pub other_sides: String,
}

fn sides(report: &DivergenceReport) -> String {
    let told = |side: &Side| match &side.sha256 {
        Some(sha256) => format!("{} ({})", side.name, sha256.chars().take(8).collect::<String>()),
        None => side.name.clone(),
    };
    format!("{} with {}", told(&report.left), told(&report.right))
}

/// Whether both are the same program, whatever strategies their scenarios ask for.
fn same(one: &Side, other: &Side) -> bool {
    let plain = |side: &Side| Side {
        switch: None,
        ..side.clone()
    };
    plain(one) == plain(other)
}

/// The strategies of both, each once.
fn strategies(one: Option<String>, other: Option<&String>) -> Option<String> {
    let (Some(one), Some(other)) = (&one, other) else {
        return one.or_else(|| other.cloned());
    };
    let known = one.split(", ").any(|known| known == other);
    Some(if known {
        one.clone()
    } else {
        format!("{one}, {other}")
    })
}

impl DivergenceReport {
    /// One report about `subject` with the trials of all `parts`, in their order; none of no part. A trial that is in
    /// several of them is taken from the last.
    ///
    /// # Errors
    /// [`Mismatch`] where not all compare the same sides.
    pub fn merge(subject: String, parts: Vec<Self>) -> Result<Option<Self>, Mismatch> {
        let mut parts = parts.into_iter();
        let Some(mut whole) = parts.next() else {
            return Ok(None);
        };
        for part in parts {
            if !(same(&whole.left, &part.left) && same(&whole.right, &part.right)) {
                return Err(Mismatch {
                    first_sides: sides(&whole),
                    first: whole.subject,
                    other_sides: sides(&part),
                    other: part.subject,
                });
            }
            whole.left.switch = strategies(whole.left.switch, part.left.switch.as_ref());
            whole.right.switch = strategies(whole.right.switch, part.right.switch.as_ref());
            for trial in part.trials {
                let known = whole
                    .trials
                    .iter()
                    .position(|known| known.experiment == trial.experiment);
                match known {
                    Some(place) => whole.trials[place] = trial,
                    None => whole.trials.push(trial),
                }
            }
        }
        let sweep = whole.trials.len() as u64;
        Ok(Some(Self::new(
            subject,
            whole.left,
            whole.right,
            sweep,
            whole.trials,
        )))
    }

    /// The same with how each trial was picked, out of `sweep` trials, as `picked` knows by the experiment's name: the
    /// trial's number in the sweep, and why it was picked.
    pub fn picked(self, sweep: u64, picked: impl Fn(&str) -> Option<(u64, Picked)>) -> Self {
        let trials = self.trials.into_iter().map(|trial| {
            // Under flags an experiment's name is followed by them.
            let name = trial.experiment.split('/').next().unwrap_or_default();
            match picked(name) {
                Some((number, picked)) => TrialReport {
                    trial: Some(number),
                    picked: Some(picked),
                    ..trial
                },
                None => trial,
            }
        });
        let trials = trials.collect();
        Self::new(self.subject, self.left, self.right, sweep, trials)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::super::testing::{finding, report, trial};
    use super::*;

    #[test]
    fn trials_come_together_each_once() {
        let older = report(vec![trial("one", Vec::new()), trial("two", Vec::new())]);
        let newer = report(vec![trial(
            "one",
            vec![finding(0, Kind::Rounding, "amm.total_fee")],
        )]);
        let whole = DivergenceReport::merge("both".to_owned(), vec![older, newer])
            .unwrap()
            .unwrap();
        let told: Vec<_> = whole
            .trials
            .iter()
            .map(|trial| (trial.experiment.as_str(), trial.divergent))
            .collect();
        assert_eq!(told, [("one", true), ("two", false)]);
        // As many trials as were replayed, whatever the parts said of their sweeps.
        let statistics = &whole.statistics;
        assert_eq!(
            (statistics.sweep, statistics.replayed, statistics.divergent),
            (2, 2, 1)
        );
        assert_eq!(DivergenceReport::merge("none".to_owned(), Vec::new()), Ok(None));
    }

    #[test]
    fn picks_are_found_by_name() {
        let pick = |name: &str| {
            (name == "one").then(|| {
                let picked = Picked {
                    method: "random".to_owned(),
                    reason: "drawn".to_owned(),
                    weight: 50.0,
                };
                (7, picked)
            })
        };
        let whole = report(vec![
            trial("one/trial_spread_0", Vec::new()),
            trial("other", Vec::new()),
        ]);
        let whole = whole.picked(100, pick);
        assert_eq!((whole.trials[0].trial, whole.trials[1].trial), (Some(7), None));
        assert_eq!((whole.statistics.sweep, whole.statistics.random), (100, 1));
    }

    #[test]
    fn only_the_same_sides_come_together() {
        let one = report(vec![trial("one", Vec::new())]);
        let mut switched = report(vec![trial("two", Vec::new())]);
        switched.left.switch = Some("PrePeg".to_owned());
        let mut free = switched.clone();
        free.left.switch = Some("PreFreePeg".to_owned());
        free.trials[0].experiment = "three".to_owned();
        let parts = vec![one.clone(), switched.clone(), free, switched];
        let whole = DivergenceReport::merge("all".to_owned(), parts).unwrap().unwrap();
        assert_eq!(whole.left.switch.as_deref(), Some("PrePeg, PreFreePeg"));
        let mut other = one.clone();
        other.right.name = "Drift 2.83".to_owned();
        other.right.sha256 = Some("080423d7c91f826994".to_owned());
        let refusal = DivergenceReport::merge("all".to_owned(), vec![one, other])
            .unwrap_err()
            .to_string();
        assert!(
            refusal.contains("simulator with Drift 2.83 (080423d7)"),
            "{refusal}"
        );
    }
}

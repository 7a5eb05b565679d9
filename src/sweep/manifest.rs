//! `manifest.json`: what a sweep's folder holds, and which parts of it are complete.
//!
//! It is written before the first trial and when the run ends. In between a line is added to `parts.jsonl` for each
//! part, so that what is written grows with the parts and not with their square; whoever reads a manifest takes that
//! file, which only a run that was killed leaves behind, into account. There are no times in it: a sweep that was
//! stopped and resumed ends with the same manifest as one that was not.

mod disk;

pub use disk::PartLog;
#[cfg(feature = "tables")]
#[cfg(feature = "tables")]
pub(super) use disk::replace;

use serde::{Deserialize, Serialize};

use super::plan::{ParamType, Plan};
use super::run::Column;
use disk::FORMAT;

/// The contents of a sweep's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this file and of the folder's layout.
    pub format: u32,
    /// Version of the harness that ran the sweep.
    pub harness: String,
    /// SHA-256 of the sources that the program which ran it was built from.
    pub program: String,
    /// The sweep's name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Fingerprint of the spec: [`Plan::fingerprint`].
    pub spec: String,
    /// The folder that relative file names in `spec.yaml` start from.
    pub scenario_folder: String,
    /// Seed of every random number.
    pub seed: u64,
    /// Number of points.
    pub points: u64,
    /// Random futures at each point.
    pub replicates: u32,
    /// Trials asked for: points times replicates, or the limit.
    pub trials: u64,
    /// Trials in a full part.
    pub part_trials: u64,
    /// Seconds of simulated time between rows of a series; none without series.
    pub series_interval_s: Option<u32>,
    /// The parameters: columns of every table but the series.
    pub parameters: Vec<Described>,
    /// The metrics: columns of the trials.
    pub metrics: Vec<Described>,
    /// Columns of the series.
    pub series: Vec<Described>,
    /// What a reader of the results should know about the spec.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Whether every trial has been run and every file is final.
    pub complete: bool,
    /// Trials that failed, in the parts below.
    pub failed: u64,
    /// The parts that are complete, in order.
    pub parts: Vec<Part>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its unit; empty where there is none.
    pub unit: String,
    /// What it says.
    pub description: String,
}

/// A part that is complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its number, from 0.
    pub number: u64,
    /// Its first trial.
    pub first: u64,
    /// How many of its trials failed.
    pub failed: u64,
    /// The trials, one row each.
    pub trials: PartFile,
    /// Their series.
    pub series: Option<PartFile>,
}

/// A file of a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartFile {
    /// Its rows.
    pub rows: u64,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// Why a manifest could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The operating system refused.
    #[error("cannot {0} {1}: {2}")]
    Io(&'static str, String, std::io::Error),
    /// It is not a manifest, or one of another version of the harness.
    #[error("{0} is not a manifest that this version of the harness reads: {1}")]
    Unreadable(String, String),
}

/// What a manifest says beyond the plan.
#[derive(Clone, Debug)]
pub struct About<'a> {
    /// Version of the harness.
    pub harness: &'a str,
    /// SHA-256 of the program's sources.
    pub program: &'a str,
    /// Trials in a full part.
    pub part_trials: u64,
    /// Seconds between rows of a series.
    pub series_interval_s: Option<u32>,
    /// The metrics.
    pub metrics: &'a [Column],
    /// Columns of the series.
    pub series: &'a [Column],
}

impl Manifest {
    /// The manifest of a sweep of which nothing has been run.
    pub fn new(plan: &Plan, about: &About) -> Self {
        let parameters = plan.columns.iter().map(|column| Described {
            name: column.path.clone(),
            kind: type_name(column.kind).to_owned(),
            unit: String::new(),
            description: String::new(),
        });
        Self {
            format: FORMAT,
            harness: about.harness.to_owned(),
            program: about.program.to_owned(),
            name: plan.name.clone(),
            description: plan.description.clone(),
            spec: plan.fingerprint(),
            scenario_folder: plan.scenario_folder.to_string_lossy().into_owned(),
            seed: plan.seed,
            points: plan.points(),
            replicates: plan.replicates,
            trials: plan.trials(),
            part_trials: about.part_trials,
            series_interval_s: about.series_interval_s,
            parameters: parameters.collect(),
            metrics: about.metrics.iter().map(described).collect(),
            series: about.series.iter().map(described).collect(),
            notes: plan.notes(),
            complete: false,
            failed: 0,
            parts: Vec::new(),
        }
    }

    /// Takes in a part that is complete, in place of what there was of it.
    pub fn add(&mut self, part: Part) {
        self.failed += part.failed;
        match self.parts.binary_search_by_key(&part.number, |old| old.number) {
            Ok(index) => self.failed -= std::mem::replace(&mut self.parts[index], part).failed,
            Err(index) => self.parts.insert(index, part),
        }
    }

    /// What there is of a part.
    pub fn part(&self, number: u64) -> Option<&Part> {
        let index = self.parts.binary_search_by_key(&number, |part| part.number);
        index.ok().map(|index| &self.parts[index])
    }

    /// Why a sweep with this manifest cannot be continued as the one that `now` describes: one line for each thing
    /// that differs. Nothing when it can.
    pub fn differences(&self, now: &Manifest) -> Vec<String> {
        let mut lines = Vec::new();
        let mut compare = |what: &str, then: &str, now: &str| {
            if then != now {
                lines.push(format!("{what}: {then} then, {now} now"));
            }
        };
        compare("harness version", &self.harness, &now.harness);
        compare(
            "program (SHA-256)",
            shortened(&self.program),
            shortened(&now.program),
        );
        compare("seed", &self.seed.to_string(), &now.seed.to_string());
        compare("points", &self.points.to_string(), &now.points.to_string());
        compare(
            "replicates",
            &self.replicates.to_string(),
            &now.replicates.to_string(),
        );
        compare("spec (fingerprint)", shortened(&self.spec), shortened(&now.spec));
        compare(
            "trials a file",
            &self.part_trials.to_string(),
            &now.part_trials.to_string(),
        );
        compare(
            "series interval",
            &interval(self.series_interval_s),
            &interval(now.series_interval_s),
        );
        for (what, then, now) in [
            ("parameter", &self.parameters, &now.parameters),
            ("metric", &self.metrics, &now.metrics),
            ("series column", &self.series, &now.series),
        ] {
            lines.extend(column_difference(what, then, now));
        }
        lines
    }
}

fn column_difference(what: &str, then: &[Described], now: &[Described]) -> Option<String> {
    let place = (0..then.len().max(now.len())).find(|&i| then.get(i) != now.get(i))?;
    let show = |column: Option<&Described>| match column {
        Some(column) => format!("`{}` ({})", column.name, column.kind),
        None => "none".to_owned(),
    };
    let (then, now) = (then.get(place), now.get(place));
    let about = match (show(then), show(now)) {
        (then, now) if then == now => format!("{now} is described in other words or units"),
        (then, now) => format!("{then} then, {now} now"),
    };
    Some(format!("{what} {}: {about}", place + 1))
}

fn described(column: &Column) -> Described {
    Described {
        name: column.name.clone(),
        kind: column.kind.name().to_owned(),
        unit: column.unit.clone(),
        description: column.description.clone(),
    }
}

fn type_name(kind: ParamType) -> &'static str {
    match kind {
        ParamType::Bool => "bool",
        ParamType::Int => "i64",
        ParamType::Float => "f64",
        ParamType::Text => "utf8",
        ParamType::Json => "json",
    }
}

fn interval(seconds: Option<u32>) -> String {
    seconds.map_or("no series".to_owned(), |seconds| format!("{seconds} s"))
}

fn shortened(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

#[cfg(test)]
mod testing {
    use super::super::testing::plan;
    use super::*;

    pub fn manifest(rest: &str, metrics: &[Column]) -> Manifest {
        let about = About {
            harness: "1.0.0",
            program: "0123456789abcdef",
            part_trials: 32,
            series_interval_s: None,
            metrics,
            series: &[],
        };
        Manifest::new(&plan(rest), &about)
    }

    pub fn part(number: u64, rows: u64, failed: u64) -> Part {
        let trials = PartFile {
            rows,
            bytes: 1,
            sha256: String::new(),
        };
        Part {
            number,
            first: number * 32,
            failed,
            trials,
            series: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::run::ColumnType;
    use super::testing::{manifest, part};
    use super::*;

    #[test]
    fn parts_come_in_any_order_and_replace_each_other() {
        let mut manifest = manifest("replicates: 40", &[]);
        manifest.add(part(1, 8, 2));
        manifest.add(part(0, 32, 1));
        assert_eq!((manifest.failed, manifest.parts[0].number), (3, 0));
        manifest.add(part(1, 8, 0));
        assert_eq!((manifest.failed, manifest.parts.len()), (1, 2));
    }

    #[test]
    fn differences_are_named() {
        let column = |kind| Column::new("fees", kind, "", "");
        let then = manifest("replicates: 40", &[column(ColumnType::Int)]);
        assert_eq!(then.differences(&then), Vec::<String>::new());

        let now = manifest("replicates: 41", &[column(ColumnType::Int)]);
        let lines = then.differences(&now);
        assert_eq!(lines[0], "replicates: 40 then, 41 now");
        assert!(lines[1].starts_with("spec (fingerprint): "), "{lines:?}");

        let now = manifest("replicates: 40", &[column(ColumnType::Float)]);
        assert_eq!(
            then.differences(&now),
            ["metric 1: `fees` (i64) then, `fees` (f64) now"]
        );
        let now = manifest("replicates: 40", &[]);
        assert_eq!(then.differences(&now), ["metric 1: `fees` (i64) then, none now"]);
        let mut now = then.clone();
        (now.harness, now.series_interval_s) = ("2.0.0".into(), Some(60));
        assert_eq!(
            then.differences(&now),
            [
                "harness version: 1.0.0 then, 2.0.0 now",
                "series interval: no series then, 60 s now"
            ]
        );
    }
}

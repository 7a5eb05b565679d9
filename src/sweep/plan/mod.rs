//! The plan: every point and trial of a sweep, by number.
//!
//! **Points.** Blocks combine by cartesian product in written order, the last block varying fastest; within a
//! `grid` the last path does. Point 0 takes every first value.
//!
//! **Trials.** Trial `n` is replicate `n / points` of point `n % points`: all points of the first random future,
//! then all of the second. A sweep cut short covers every point alike, and more replicates later leave the numbers
//! of the earlier trials as they were.
//!
//! Nothing is enumerated in advance: a point is computed from its number. Only `lhs` blocks hold their
//! permutations in memory.

mod check;
mod column;
mod design;
mod fingerprint;
mod overrides;
mod refusal;
mod size;

pub use column::{ParamColumn, ParamType, ParamValue};
pub use overrides::Overrides;

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::diagnostic::{Fault, SpecError};
use super::source::Sources;
use super::spec::{Axis, BlockKind, Spec};
use super::tree::{self, Node, Steps};
use check::Shape;
use column::{column, value};
use design::Design;

/// A sweep ready to run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the sweep is called.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Seed of every random number.
    pub seed: u64,
    /// Random futures at each point.
    pub replicates: u32,
    /// What varies, in order: one column of the output each.
    pub columns: Vec<ParamColumn>,
    /// Where the scenario is written: relative file names inside it start here.
    pub scenario_folder: PathBuf,
    places: Vec<Steps>,
    designs: Vec<Design>,
    base: Node,
    points: u64,
    limit: Option<u64>,
    sources: Sources,
}

/// What a trial's number stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trial {
    /// The trial's number.
    pub number: u64,
    /// Which choice of parameters, from 0.
    pub point: u64,
    /// Which random future, from 0.
    pub replicate: u32,
}

impl Plan {
    /// Reads a spec file and plans it over scenarios of type `S`.
    ///
    /// # Errors
    /// Everything [`Spec::load`] and [`Plan::new`] refuse.
    pub fn load<S>(path: &Path, overrides: &Overrides) -> Result<Self, SpecError>
    where
        S: DeserializeOwned + Serialize,
    {
        Self::new::<S>(Spec::load(path)?, overrides)
    }

    /// Plans a spec over scenarios of type `S`: fits the scenario, its overrides and every swept path to the type.
    ///
    /// # Errors
    /// A scenario that `S` refuses, paths that lead nowhere in it or are set twice, values that it does not take,
    /// more than 2^64 trials.
    pub fn new<S>(mut spec: Spec, overrides: &Overrides) -> Result<Self, SpecError>
    where
        S: DeserializeOwned + Serialize,
    {
        let planned = build(&mut spec, overrides, &Shape::of::<S>());
        let mut plan = planned.map_err(|fault| fault.in_sources(&spec.sources))?;
        plan.sources = spec.sources;
        Ok(plan)
    }

    /// Number of points.
    pub fn points(&self) -> u64 {
        self.points
    }

    /// Number of trials to run: points times replicates, or the limit if that is less.
    pub fn trials(&self) -> u64 {
        let all = self.all_trials();
        self.limit.map_or(all, |limit| limit.min(all))
    }

    /// Points times replicates.
    pub fn all_trials(&self) -> u64 {
        // `build` has refused plans where this overflows.
        self.points.saturating_mul(self.replicates.into())
    }

    /// The trial of a number below [`Plan::all_trials`].
    pub fn trial(&self, number: u64) -> Option<Trial> {
        let replicate = u32::try_from(number / self.points).ok()?;
        (replicate < self.replicates).then_some(Trial {
            number,
            point: number % self.points,
            replicate,
        })
    }

    /// The number of the trial of a point and a replicate.
    pub fn trial_number(&self, point: u64, replicate: u32) -> Option<u64> {
        (point < self.points && replicate < self.replicates)
            .then(|| u64::from(replicate) * self.points + point)
    }

    /// The parameters of a point, one for each of [`Plan::columns`].
    pub fn params(&self, point: u64) -> Vec<ParamValue> {
        let nodes = self.values(point);
        self.columns
            .iter()
            .zip(&nodes)
            .map(|(column, node)| value(column.kind, node))
            .collect()
    }

    /// The scenario at a point.
    ///
    /// # Errors
    /// A combination of values that `S` refuses, though it takes each of them alone.
    pub fn scenario<S: DeserializeOwned>(&self, point: u64) -> Result<S, SpecError> {
        tree::from_node(&self.scenario_tree(point)).map_err(|fault| fault.in_sources(&self.sources))
    }

    /// The scenario at a point as a tree, every default written out.
    pub fn scenario_tree(&self, point: u64) -> Node {
        let mut scenario = self.base.clone();
        for (steps, value) in self.places.iter().zip(self.values(point)) {
            tree::set(&mut scenario, steps, value);
        }
        scenario
    }

    /// The scenario at a point as YAML that reads back to the same scenario.
    ///
    /// # Errors
    /// None in practice; see [`tree::to_yaml`].
    pub fn scenario_yaml(&self, point: u64) -> Result<String, String> {
        tree::to_yaml(&self.scenario_tree(point))
    }

    /// What somebody who wrote the spec may not expect of it.
    pub fn notes(&self) -> Vec<String> {
        let axes = self.designs.iter().flat_map(|design| match &design.block().kind {
            BlockKind::Grid(axes) | BlockKind::Zip(axes) => &axes[..],
            _ => &[],
        });
        let note = |axis: &Axis| {
            let (max, last) = axis.values.misses()?;
            let path = &axis.path.text;
            Some(format!(
                "{path} ends at {last}: its maximum, {max}, is not among the values of that step"
            ))
        };
        axes.filter_map(note).collect()
    }

    fn values(&self, point: u64) -> Vec<Node> {
        let mut rows = Vec::with_capacity(self.designs.len());
        let mut rest = point % self.points;
        for design in self.designs.iter().rev() {
            rows.push(design.row(rest % design.len()));
            rest /= design.len();
        }
        rows.into_iter().rev().flatten().collect()
    }
}

fn build(spec: &mut Spec, overrides: &Overrides, shape: &Shape) -> Result<Plan, Fault> {
    let mut base = shape.complete(&spec.scenario)?;
    overrides.apply(spec, &mut base, shape)?;
    let places = check::places(spec, &base)?;
    let points = size::points(&spec.blocks, spec.replicates)?;
    let designs: Vec<Design> = spec
        .blocks
        .iter()
        .enumerate()
        .map(|(number, block)| Design::new(block.clone(), spec.seed, number as u64))
        .collect();
    let mut columns = Vec::new();
    let mut first = 0;
    for design in &designs {
        let paths = design.block().paths();
        let here = &places[first..first + paths.len()];
        check::values(design, here, &base, shape)?;
        for (index, path) in paths.iter().enumerate() {
            columns.push(column(
                &path.text,
                tree::at(&base, &here[index]),
                &design.examples(index),
            ));
        }
        first += paths.len();
    }
    Ok(Plan {
        name: spec.name.clone(),
        description: spec.description.clone(),
        seed: spec.seed,
        replicates: spec.replicates,
        columns,
        scenario_folder: spec.scenario_folder.clone(),
        places,
        designs,
        base,
        points,
        limit: overrides.limit,
        sources: Sources::default(),
    })
}

#[cfg(test)]
mod refusals;
#[cfg(test)]
mod tests;

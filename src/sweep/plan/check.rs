//! Does the scenario's type take what the spec says?

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::diagnostic::{Fault, Problem};
use super::super::source::Sources;
use super::super::spec::{Block, BlockKind, Spec};
use super::super::tree::{self, Kind, Node, Number, Steps};
use super::design::Design;

/// What the plan must know of the scenario's type.
pub(super) struct Shape {
    accepts: fn(&Node) -> Result<(), Fault>,
    with_defaults: fn(&Node) -> Result<Node, Fault>,
}

impl Shape {
    pub fn of<S: DeserializeOwned + Serialize>() -> Self {
        Self {
            accepts: |node| tree::from_node::<S>(node).map(drop),
            with_defaults: |node| tree::to_node(&tree::from_node::<S>(node)?),
        }
    }

    /// Whether the scenario is one.
    pub fn accepts(&self, scenario: &Node) -> Result<(), Fault> {
        (self.accepts)(scenario)
    }

    /// The scenario with everything it left out, so that paths to defaults exist too. Places stay.
    pub fn complete(&self, scenario: &Node) -> Result<Node, Fault> {
        let mut complete = (self.with_defaults)(scenario)?;
        // Points are made from the complete tree, so it must mean what the written one means.
        let again = (self.with_defaults)(&complete).ok();
        if again.as_ref() != Some(&complete) {
            let message = "the scenario reads differently after being written out";
            return Err(Problem::invalid(message).at(scenario.span));
        }
        complete.take_places_of(scenario);
        Ok(complete)
    }
}

/// Resolves every swept path.
pub(super) fn places(spec: &Spec, base: &Node) -> Result<Vec<Steps>, Fault> {
    let mut taken: Vec<(Steps, &str, &Block)> = Vec::new();
    for block in &spec.blocks {
        for path in block.paths() {
            let steps = tree::resolve(base, &path.text, path.span)?;
            if let Some((_, first, by)) = taken.iter().find(|(other, _, _)| overlap(other, &steps)) {
                let by = described(by, first, &path.text, &spec.sources);
                return Err(Problem::SetTwice {
                    path: path.text.clone(),
                    by,
                }
                .at(path.span));
            }
            taken.push((steps, &path.text, block));
        }
    }
    Ok(taken.into_iter().map(|(steps, _, _)| steps).collect())
}

/// Whether one of two places lies within the other.
pub(super) fn overlap(a: &[usize], b: &[usize]) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

fn described(block: &Block, first: &str, second: &str, sources: &Sources) -> String {
    let line = block
        .span
        .map(|span| sources.line_column(span.source, span.start).0);
    let line = line.map(|line| format!(" on line {line}")).unwrap_or_default();
    let name = match first == second {
        true => String::new(),
        false => format!("`{first}` in "),
    };
    format!("{name}the `{}` block{line}", block.name())
}

/// Tries the block's values in the base scenario: those of a grid one by one, those of other blocks row by row.
/// Of very many rows the first ones and the last are tried; the others differ in size only.
pub(super) fn values(design: &Design, places: &[Steps], base: &Node, shape: &Shape) -> Result<(), Fault> {
    let paths = design.block().paths();
    if let BlockKind::Grid(_) = design.block().kind {
        for (index, path) in paths.iter().enumerate() {
            for value in design.examples(index) {
                attempt(base, &[(&path.text, &places[index], value)], shape)?;
            }
        }
        return Ok(());
    }
    for row in probe(design.len()) {
        let row: Vec<_> = design
            .row(row)
            .into_iter()
            .enumerate()
            .map(|(index, value)| (paths[index].text.as_str(), &places[index], value))
            .collect();
        attempt(base, &row, shape)?;
    }
    Ok(())
}

/// Positions worth looking at among `len`: all of them, or the first thousand and the last.
pub(super) fn probe(len: u64) -> impl Iterator<Item = u64> {
    const ENOUGH: u64 = 1000;
    (0..len.min(ENOUGH)).chain((len > ENOUGH).then(|| len - 1))
}

fn attempt(base: &Node, row: &[(&str, &Steps, Node)], shape: &Shape) -> Result<(), Fault> {
    let mut scenario = base.clone();
    for (_, steps, value) in row {
        tree::set(&mut scenario, steps, value.clone());
    }
    let Err(fault) = shape.accepts(&scenario) else {
        return Ok(());
    };
    // The value to blame is the one the fault lies in, otherwise the only one, otherwise the scenario as a whole.
    let blamed = row
        .iter()
        .find(|(_, _, value)| within(value, &fault))
        .or(if row.len() == 1 { row.first() } else { None });
    Err(match blamed {
        Some((path, _, value)) => refused(path, value, fault),
        None => fault.or_at(row.first().and_then(|(_, _, value)| value.span)),
    })
}

fn within(value: &Node, fault: &Fault) -> bool {
    value
        .span
        .zip(fault.span)
        .is_some_and(|(value, fault)| value.contains(&fault))
}

/// A fault within a value, told as one of its path unless it says more by itself.
pub(super) fn refused(path: &str, value: &Node, fault: Fault) -> Fault {
    if within(value, &fault) && fault.span != value.span {
        return fault;
    }
    let reason = match *fault.problem {
        Problem::WrongType { expected, .. } => format!("expected {expected}"),
        Problem::Invalid { message, .. } => message,
        problem => return problem.at(value.span),
    };
    let drawn = matches!(value.kind, Kind::Number(Number::Float(_)));
    let help =
        (drawn && reason.contains("an integer")).then(|| "`int` and `choice` draw integers".to_owned());
    let (path, shown) = (path.to_owned(), value.describe());
    Problem::BadValue {
        path,
        value: shown,
        reason,
        help,
    }
    .at(value.span)
}

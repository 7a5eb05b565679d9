//! What the command line changes in a spec: `--set`, `--replicates`, `--seed`, `--limit`.

use super::super::diagnostic::{Fault, Problem};
use super::super::source::Span;
use super::super::spec::{Block, BlockKind, Spec, Values};
use super::super::tree::{self, Key, Kind, Node};
use super::check::{Shape, overlap, refused};

/// Changes to a spec from outside its file.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `path=value` each; the value is YAML. A path the scenario has gets that value; a path that a `grid` sweeps
    /// is held at it instead of being swept.
    pub set: Vec<String>,
    /// In place of the spec's replicates.
    pub replicates: Option<u32>,
    /// In place of the spec's seed.
    pub seed: Option<u64>,
    /// Run only so many of the first trials; does not change which trial has which number.
    pub limit: Option<u64>,
}

impl Overrides {
    pub(super) fn apply(&self, spec: &mut Spec, base: &mut Node, shape: &Shape) -> Result<(), Fault> {
        if self.replicates == Some(0) {
            return Err(Problem::Empty("`--replicates` must be at least 1".into()).at(None));
        }
        if self.limit == Some(0) {
            return Err(Problem::Empty("`--limit` must be at least 1".into()).at(None));
        }
        spec.replicates = self.replicates.unwrap_or(spec.replicates);
        spec.seed = self.seed.unwrap_or(spec.seed);
        for argument in &self.set {
            let setting = Setting::parse(argument, spec)?;
            setting.apply(spec, base, shape)?;
        }
        Ok(())
    }
}

struct Setting<'a> {
    path: &'a str,
    path_span: Option<Span>,
    value: Node,
}

impl<'a> Setting<'a> {
    fn parse(argument: &'a str, spec: &mut Spec) -> Result<Self, Fault> {
        let source = spec.sources.add("--set", argument);
        let whole = |start, end| Some(Span { source, start, end });
        let Some((path, value)) = argument.split_once('=') else {
            let message = format!("`{argument}` sets nothing");
            let help = "write it as `path=value`, such as `agents.traders.short_bias=0.5`";
            return Err(Problem::invalid_with_help(message, help).at(whole(0, argument.len())));
        };
        // Blanks in place of the path keep the places within the argument right.
        let blank = format!("{}{value}", " ".repeat(path.len() + 1));
        Ok(Self {
            path,
            path_span: whole(0, path.len()),
            value: tree::parse_text(&blank, source)?,
        })
    }

    fn apply(&self, spec: &mut Spec, base: &mut Node, shape: &Shape) -> Result<(), Fault> {
        let steps = tree::resolve(base, self.path, self.path_span)?;
        let mut changed = base.clone();
        tree::set(&mut changed, &steps, self.value.clone());
        let accepted = shape.complete(&changed);
        *base = accepted.map_err(|fault| refused(self.path, &self.value, fault))?;
        for block in &mut spec.blocks {
            let swept: Vec<String> = block.paths().iter().map(|path| path.text.clone()).collect();
            for (index, path) in swept.iter().enumerate() {
                // A path that no longer leads anywhere is refused later, at its own place.
                match tree::resolve(base, path, None) {
                    Ok(there) if there == steps => self.hold(block, index)?,
                    Ok(there) if overlap(&there, &steps) && there.len() < steps.len() => {
                        return Err(self.already_swept(block, path));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Leaves a grid's axis one value.
    fn hold(&self, block: &mut Block, index: usize) -> Result<(), Fault> {
        let swept = self.already_swept(block, self.path);
        let BlockKind::Grid(axes) = &mut block.kind else {
            return Err(swept);
        };
        let Some(axis) = axes.get_mut(index) else {
            return Ok(());
        };
        axis.values = Values::List(vec![self.value.clone()]);
        if let Kind::Map(entries) = &mut block.written.kind
            && let Some((
                _,
                Node {
                    kind: Kind::Map(axes),
                    ..
                },
            )) = entries.first_mut()
            && let Some((_, written)) = axes.get_mut(index)
        {
            written.kind = Kind::List(vec![self.value.clone()]);
        }
        Ok(())
    }

    fn already_swept(&self, block: &Block, path: &str) -> Fault {
        let message = format!("`{path}` is swept by a `{}` block", block.name());
        let help = "only the paths of a `grid` block can be held at one value; change the spec instead";
        Problem::invalid_with_help(message, help).at(self.path_span)
    }
}

/// A key that the harness writes.
pub(super) fn key(name: &str) -> Key {
    Key {
        name: name.to_owned(),
        span: None,
    }
}

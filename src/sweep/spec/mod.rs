//! The sweep's spec as a person writes it.
//!
//! ```yaml
//! seed: 7
//! replicates: 200
//! scenario_file: lp_bias.scenario.yaml
//! parameters:
//!   - grid:
//!       agents.traders.short_bias: {min: 0, max: 1, step: 0.25}
//!       markets.0.base_spread: [100, 200]
//! ```
//!
//! The keys are those of [`schema`]; every block of `parameters` holds one of `grid`, `zip`, `random`, `lhs`,
//! `sobol` and `table`, and blocks combine by cartesian product.

mod block;
mod dist;
mod fields;
pub mod schema;
mod table;
mod values;

use std::path::{Path, PathBuf};

pub use block::{Axis, Block, BlockKind, Dimension, Method, PathText};
pub use dist::Distribution;
pub use values::Values;

use super::diagnostic::{Fault, Problem, SpecError};
use super::source::Sources;
use super::tree::{self, Node};
use fields::{Fields, list, text, unsigned};

/// Keys of a spec file.
pub(crate) const KEYS: &[&str] = &[
    "name",
    "description",
    "seed",
    "replicates",
    "scenario",
    "scenario_file",
    "parameters",
];

/// A spec, read and checked by itself; whether it fits the scenario's type is for [`super::Plan`] to say.
#[derive(Clone, Debug)]
pub struct Spec {
    /// What the sweep is called and, unless told otherwise, its folder under `data/`.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Seed of every random number of the sweep.
    pub seed: u64,
    /// Random futures tried at each point.
    pub replicates: u32,
    /// The scenario as written.
    pub scenario: Node,
    /// The folder of the file that the scenario is written in.
    pub scenario_folder: PathBuf,
    /// What varies.
    pub blocks: Vec<Block>,
    /// The texts it was read from.
    pub sources: Sources,
}

impl Spec {
    /// Reads a spec file and the scenario and tables it names.
    ///
    /// # Errors
    /// A file that cannot be read, and whatever [`Spec::parse`] refuses.
    pub fn load(path: &Path) -> Result<Self, SpecError> {
        let shown = path.display().to_string();
        let content = std::fs::read_to_string(path).map_err(|error| {
            let reason = error.to_string();
            Problem::Unreadable {
                path: shown.clone(),
                reason,
            }
            .at(None)
            .in_sources(&Sources::default())
        })?;
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Self::parse(&shown, &content, &stem.unwrap_or_default(), folder)
    }

    /// Reads a spec from text. `shown` names it in errors, `default_name` is its name unless it says one, and
    /// files it mentions are looked for in `folder`.
    ///
    /// # Errors
    /// Text that is not YAML, unknown or missing keys, wrong types, empty ranges, files that cannot be read.
    pub fn parse(shown: &str, content: &str, default_name: &str, folder: PathBuf) -> Result<Self, SpecError> {
        let mut files = Files {
            sources: Sources::default(),
            folder,
        };
        read(shown, content, default_name, &mut files).map_err(|fault| fault.in_sources(&files.sources))
    }
}

/// The texts read so far and where further ones are looked for.
pub(crate) struct Files {
    pub sources: Sources,
    folder: PathBuf,
}

impl Files {
    /// The path of the file that `node` names.
    fn path(&self, node: &Node) -> Result<PathBuf, Fault> {
        Ok(self.folder.join(text(node)?))
    }

    /// Reads the file that `node` names.
    pub fn read(&mut self, node: &Node) -> Result<u32, Fault> {
        let path = self.path(node)?;
        match std::fs::read_to_string(&path) {
            Ok(content) => Ok(self.sources.add(path.display().to_string(), content)),
            Err(error) => {
                let (path, reason) = (path.display().to_string(), error.to_string());
                Err(Problem::Unreadable { path, reason }.at(node.span))
            }
        }
    }
}

fn read(shown: &str, content: &str, default_name: &str, files: &mut Files) -> Result<Spec, Fault> {
    let source = files.sources.add(shown, content);
    let root = tree::parse(&files.sources, source)?;
    let fields = Fields::of(&root, KEYS)?;
    let (scenario, scenario_folder) = match (fields.optional("scenario"), fields.optional("scenario_file")) {
        (Some(scenario), None) => (scenario.clone(), files.folder.clone()),
        (None, Some(file)) => {
            let source = files.read(file)?;
            let folder = files.path(file)?.parent().unwrap_or(Path::new("")).to_owned();
            (tree::parse(&files.sources, source)?, folder)
        }
        (Some(_), Some(file)) => {
            let message = "both `scenario` and `scenario_file` are given";
            return Err(Problem::invalid_with_help(message, "keep one of them").at(file.span));
        }
        (None, None) => {
            let message = "the spec has no scenario";
            let help = "write it under `scenario`, or name its file with `scenario_file`";
            return Err(Problem::invalid_with_help(message, help).at(root.span));
        }
    };
    let mut blocks = Vec::new();
    if let Some(parameters) = fields.optional("parameters") {
        for block in list(parameters)? {
            blocks.push(Block::read(block, files)?);
        }
    }
    let replicates = fields.optional("replicates");
    Ok(Spec {
        name: match fields.optional("name") {
            Some(name) => folder_name(name)?,
            None => default_name.to_owned(),
        },
        description: fields
            .optional("description")
            .map(text)
            .transpose()?
            .map(str::to_owned),
        seed: fields.optional("seed").map_or(Ok(0), unsigned)?,
        replicates: match replicates.map_or(Ok(1), unsigned)? {
            0 => return Err(Problem::Empty("`replicates` must be at least 1".into()).at(span(replicates))),
            count => u32::try_from(count).map_err(|_| {
                Problem::invalid(format!("`replicates` must be at most {}", u32::MAX)).at(span(replicates))
            })?,
        },
        scenario,
        scenario_folder,
        blocks,
        sources: std::mem::take(&mut files.sources),
    })
}

fn span(node: Option<&Node>) -> Option<super::source::Span> {
    node.and_then(|node| node.span)
}

/// A name that can stand for a folder.
fn folder_name(node: &Node) -> Result<String, Fault> {
    let name = text(node)?;
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\']) {
        let message = format!("`{name}` cannot name the sweep's folder");
        return Err(Problem::invalid_with_help(message, "use letters, digits, `-` and `_`").at(node.span));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests;

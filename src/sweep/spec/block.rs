//! The blocks of `parameters`.

use super::super::diagnostic::{Fault, Problem, quoted_list};
use super::super::source::Span;
use super::super::tree::{Key, Node};
use super::Files;
use super::dist::Distribution;
use super::fields::{Fields, count, entries, wrong_type};
use super::table;
use super::values::Values;

pub(crate) const BLOCK_KEYS: &[&str] = &["grid", "zip", "random", "lhs", "sobol", "table"];
pub(crate) const SAMPLE_KEYS: &[&str] = &["count", "paths"];

/// Most points of a `sobol` block: the direction numbers of the sequence are kept for so many.
pub const SOBOL_MAX_COUNT: u64 = 1 << 16;
/// Most paths of a `sobol` block.
pub const SOBOL_MAX_PATHS: usize = sobol_burley::NUM_DIMENSIONS as usize;
/// Most points of an `lhs` block, whose permutations are held in memory.
pub const LHS_MAX_COUNT: u64 = 10_000_000;

/// One block: paths and the values they take together.
#[derive(Clone, Debug)]
pub struct Block {
    /// What it does.
    pub kind: BlockKind,
    /// Where it is written.
    pub span: Option<Span>,
    /// The block as written.
    pub written: Node,
}

/// The ways to combine values.
#[derive(Clone, Debug)]
pub enum BlockKind {
    /// Every combination of the paths' values; the last path varies fastest.
    Grid(Vec<Axis>),
    /// The first values together, the second values together, and so on.
    Zip(Vec<Axis>),
    /// Values drawn from distributions.
    Sample {
        /// How the draws are spread.
        method: Method,
        /// Number of points.
        count: u64,
        /// What is drawn.
        dimensions: Vec<Dimension>,
    },
    /// Rows as written.
    Table {
        /// The path of each column.
        columns: Vec<PathText>,
        /// As many values as columns in each.
        rows: Vec<Vec<Node>>,
    },
}

/// How draws are spread over their distributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Independent.
    Random,
    /// Latin hypercube: one draw in each of `count` equally likely strata of every path.
    Lhs,
    /// Owen-scrambled Sobol' sequence.
    Sobol,
}

impl Method {
    /// The key of the block.
    pub fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Lhs => "lhs",
            Self::Sobol => "sobol",
        }
    }
}

/// A dotted path as written.
#[derive(Clone, Debug)]
pub struct PathText {
    /// The path.
    pub text: String,
    /// Where it is written.
    pub span: Option<Span>,
}

impl From<&Key> for PathText {
    fn from(key: &Key) -> Self {
        Self {
            text: key.name.clone(),
            span: key.span,
        }
    }
}

/// A path and its values.
#[derive(Clone, Debug)]
pub struct Axis {
    /// What is set.
    pub path: PathText,
    /// To what.
    pub values: Values,
}

/// A path and its distribution.
#[derive(Clone, Debug)]
pub struct Dimension {
    /// What is set.
    pub path: PathText,
    /// From what it is drawn.
    pub distribution: Distribution,
    /// Where the distribution is written.
    pub span: Option<Span>,
}

impl Block {
    pub(super) fn read(node: &Node, files: &mut Files) -> Result<Self, Fault> {
        Fields::of(node, BLOCK_KEYS)?;
        let [(key, body)] = entries(node)? else {
            let message = format!("a block holds exactly one of {}", quoted_list(BLOCK_KEYS));
            let help = "put each into a list item of its own: `- grid: ...`";
            return Err(Problem::invalid_with_help(message, help).at(node.span));
        };
        let mut written = node.clone();
        let kind = match key.name.as_str() {
            "grid" => BlockKind::Grid(axes(body)?),
            "zip" => BlockKind::Zip(zipped(axes(body)?)?),
            "random" => sample(Method::Random, body)?,
            "lhs" => sample(Method::Lhs, body)?,
            "sobol" => sample(Method::Sobol, body)?,
            _ => {
                let (columns, rows) = table::read(body, files)?;
                written = table::inline(node, &columns, &rows);
                BlockKind::Table { columns, rows }
            }
        };
        Ok(Self {
            kind,
            span: key.span,
            written,
        })
    }

    /// The paths it sets, in order.
    pub fn paths(&self) -> Vec<&PathText> {
        match &self.kind {
            BlockKind::Grid(axes) | BlockKind::Zip(axes) => axes.iter().map(|axis| &axis.path).collect(),
            BlockKind::Sample { dimensions, .. } => {
                dimensions.iter().map(|dimension| &dimension.path).collect()
            }
            BlockKind::Table { columns, .. } => columns.iter().collect(),
        }
    }

    /// Its key: `grid`, `zip`, `random`, `lhs`, `sobol` or `table`.
    pub fn name(&self) -> &'static str {
        match &self.kind {
            BlockKind::Grid(_) => "grid",
            BlockKind::Zip(_) => "zip",
            BlockKind::Sample { method, .. } => method.name(),
            BlockKind::Table { .. } => "table",
        }
    }
}

fn paths(body: &Node) -> Result<&[(Key, Node)], Fault> {
    match entries(body).map_err(|_| wrong_type(body, "a mapping from paths to values"))? {
        [] => Err(Problem::Empty("no paths are given".into()).at(body.span)),
        paths => Ok(paths),
    }
}

fn axes(body: &Node) -> Result<Vec<Axis>, Fault> {
    let axis = |(key, values): &(Key, Node)| {
        let values = Values::read(values).map_err(|fault| fault.or_at(key.span))?;
        Ok(Axis {
            path: key.into(),
            values,
        })
    };
    paths(body)?.iter().map(axis).collect()
}

fn zipped(axes: Vec<Axis>) -> Result<Vec<Axis>, Fault> {
    let Some((first, rest)) = axes.split_first() else {
        return Ok(axes);
    };
    match rest.iter().find(|axis| axis.values.len() != first.values.len()) {
        None => Ok(axes),
        Some(odd) => {
            let message = format!(
                "`{}` has {} values, but `{}` zipped with it has {}",
                odd.path.text,
                odd.values.len(),
                first.path.text,
                first.values.len(),
            );
            let help = "paths zipped together need equally many values";
            Err(Problem::invalid_with_help(message, help).at(odd.path.span))
        }
    }
}

fn sample(method: Method, body: &Node) -> Result<BlockKind, Fault> {
    let fields = Fields::of(body, SAMPLE_KEYS)?;
    let count_node = fields.required("count")?;
    let count = count(count_node)?;
    let path_node = fields.required("paths")?;
    let dimension = |(key, node): &(Key, Node)| {
        let distribution = Distribution::read(node)?;
        Ok(Dimension {
            path: key.into(),
            distribution,
            span: node.span,
        })
    };
    let dimensions: Vec<Dimension> = paths(path_node)?
        .iter()
        .map(dimension)
        .collect::<Result<_, Fault>>()?;
    let most = match method {
        Method::Random => u64::MAX,
        Method::Lhs => LHS_MAX_COUNT,
        Method::Sobol => SOBOL_MAX_COUNT,
    };
    if count > most {
        let message = format!("`{}` gives at most {most} points, not {count}", method.name());
        return Err(Problem::invalid_with_help(message, "`random` has no such limit").at(count_node.span));
    }
    if method == Method::Sobol && dimensions.len() > SOBOL_MAX_PATHS {
        let message = format!(
            "`sobol` takes at most {SOBOL_MAX_PATHS} paths, not {}",
            dimensions.len()
        );
        return Err(Problem::invalid(message).at(path_node.span));
    }
    Ok(BlockKind::Sample {
        method,
        count,
        dimensions,
    })
}

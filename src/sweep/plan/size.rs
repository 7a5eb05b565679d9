//! How many points a sweep has, as long as its trials can be numbered.

use super::super::diagnostic::{Fault, Problem};
use super::super::source::Span;
use super::super::spec::{Block, BlockKind};

/// The number of points.
///
/// # Errors
/// More trials, replicates included, than 64 bits can number.
pub(super) fn points(blocks: &[Block], replicates: u32) -> Result<u64, Fault> {
    let factors: Vec<(u64, Option<Span>)> = blocks.iter().flat_map(factors).collect();
    let mut points = 1u64;
    for (factor, span) in &factors {
        points = points
            .checked_mul(*factor)
            .ok_or_else(|| too_many(&factors, replicates, *span))?;
    }
    let last = blocks.last().and_then(|block| block.span);
    match points.checked_mul(replicates.into()) {
        Some(_) => Ok(points),
        None => Err(too_many(&factors, replicates, last)),
    }
}

/// What the number of a block's points is the product of, and where each is written.
fn factors(block: &Block) -> Vec<(u64, Option<Span>)> {
    match &block.kind {
        BlockKind::Grid(axes) => axes
            .iter()
            .map(|axis| (axis.values.len(), axis.path.span))
            .collect(),
        BlockKind::Zip(axes) => {
            let len = axes.first().map_or(1, |axis| axis.values.len());
            vec![(len, block.span)]
        }
        BlockKind::Sample { count, .. } => vec![(*count, block.span)],
        BlockKind::Table { rows, .. } => vec![(rows.len() as u64, block.span)],
    }
}

fn too_many(factors: &[(u64, Option<Span>)], replicates: u32, span: Option<Span>) -> Fault {
    let factors: Vec<String> = factors.iter().map(|(factor, _)| factor.to_string()).collect();
    let replicates = match replicates {
        1 => String::new(),
        many => format!(" × {many} replicates"),
    };
    let points = factors.join(" × ");
    let message = format!("the sweep has more than 2^64 trials: {points} points{replicates}");
    let help = "take fewer values or replicates, or draw as many points as you can run in a `random` block";
    Problem::invalid_with_help(message, help).at(span)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{plan, plan_with};
    use super::super::Overrides;

    /// A grid of 2^32 values by `others`.
    fn grid(replicates: u32, others: u64) -> String {
        format!(
            "replicates: {replicates}\nparameters: [{{grid: {{agents.traders.short_bias: {{min: 0, max: 1, count: 4294967296}}, agents.traders.count: {{min: 1, max: {others}, step: 1}}}}}}]"
        )
    }

    fn refused(rest: &str) -> String {
        plan_with(rest, &Overrides::default()).unwrap_err().to_string()
    }

    #[test]
    fn a_grid_that_cannot_be_numbered_is_refused_by_its_numbers() {
        // 2^32 by 2^32 - 1 is the last that fits.
        assert_eq!(plan(&grid(1, 4_294_967_295)).points(), u64::MAX - 4_294_967_295);
        let text = refused(&grid(1, 4_294_967_296));
        assert!(text.contains("more than 2^64 trials"), "{text}");
        assert!(text.contains("4294967296 × 4294967296 points"), "{text}");
    }

    #[test]
    fn replicates_count_too() {
        assert_eq!(plan(&grid(2, 1 << 30)).all_trials(), 1 << 63);
        let text = refused(&grid(4, 1 << 30));
        assert!(text.contains("1073741824 points × 4 replicates"), "{text}");
    }

    #[test]
    fn blocks_multiply() {
        let block = "{random: {count: 10000000000, paths: {agents.traders.PATH: {int: {min: 1, max: 2}}}}}";
        let two = ["count", "short_bias"].map(|path| block.replace("PATH", path));
        let text = refused(&format!("parameters: [{}]", two.join(", ")));
        assert!(text.contains("10000000000 × 10000000000 points"), "{text}");
    }
}

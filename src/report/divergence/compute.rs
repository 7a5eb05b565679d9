//! Compute units: what instructions cost on the sides that count.

use std::collections::BTreeMap;

use maud::{Markup, Render, html};

use crate::divergence::DivergenceReport;
use crate::report::chart::{Boxes, Whiskers};
use crate::report::number::{counted, grouped, short};
use crate::report::page::{gallery, note};
use crate::report::table::{Cell, Table};

/// Compute units that all instructions of a block may spend together: `MAX_BLOCK_UNITS` of the runtime's
/// `solana-cost-model` 3.1. Until 2025 it was 48 million.
const BLOCK: u64 = 60_000_000;
/// Compute units that one transaction may spend, however many it asks for.
const TRANSACTION: u64 = 1_400_000;

/// Compute units and how many instructions spent so many.
type Spent = BTreeMap<u64, u64>;

/// The section on compute units.
pub fn compute(report: &DivergenceReport) -> Markup {
    let sides = [("left", &report.left.name), ("right", &report.right.name)];
    let spent = sides.map(|(side, name)| (name.as_str(), of(report, side)));
    let mut table = Table::new("Compute units by instruction, over all trials")
        .text("instruction")
        .text("side")
        .number("count")
        .number("least")
        .number("median")
        .number("95 %")
        .number("most")
        .number("median of a block")
        .note("the share of the 60 million units that a block has")
        .number("most of a transaction")
        .note("the share of the 1.4 million units that a transaction has at most");
    let mut rows: Vec<(&String, &str, &Spent)> = spent
        .iter()
        .flat_map(|(name, spent)| {
            spent
                .iter()
                .map(move |(instruction, spent)| (instruction, *name, spent))
        })
        .collect();
    // Both sides of an instruction stand together.
    rows.sort_by_key(|(instruction, ..)| *instruction);
    for (instruction, side, spent) in rows {
        table.row(row(instruction, side, spent));
    }
    let counting = || spent.iter().filter(|(_, spent)| !spent.is_empty());
    html! {
        @for (name, spent) in counting() { p { (total(name, spent)) } }
        @if !table.is_empty() {
            (table)
            (gallery(counting().map(|(name, spent)| picture(name, spent))))
        }
        @for (name, spent) in &spent {
            @if spent.is_empty() { (note(format!("{name} counts no compute units."))) }
        }
        @if !table.is_empty() {
            (note(format!(
                "A block is taken to have {} units as the runtime has it, and a transaction at most {}. Quantiles are the least values that so many instructions \
                 do not exceed.",
                grouped(BLOCK),
                grouped(TRANSACTION)
            )))
        }
    }
}

/// What a side spent, by instruction.
fn of(report: &DivergenceReport, side: &str) -> BTreeMap<String, Spent> {
    let mut all: BTreeMap<String, Spent> = BTreeMap::new();
    let found = report.trials.iter().flat_map(|trial| &trial.compute_units);
    for units in found.filter(|units| units.side == side) {
        let sum = all.entry(units.instruction.clone()).or_default();
        for (spent, count) in &units.spent {
            *sum.entry(*spent).or_default() += count;
        }
    }
    all.retain(|_, spent| spent.values().any(|count| *count > 0));
    all
}

fn count(spent: &Spent) -> u64 {
    spent.values().sum()
}

/// The least value that a share of all do not exceed; 0 where there is none.
fn quantile(spent: &Spent, share: f64) -> u64 {
    let wanted = (share * count(spent) as f64).ceil() as u64;
    let mut below = 0;
    let found = spent.iter().find(|(_, count)| {
        below += **count;
        below >= wanted.max(1)
    });
    found.map_or(0, |(units, _)| *units)
}

fn sum(spent: &Spent) -> u64 {
    spent.iter().map(|(units, count)| units * count).sum()
}

fn row(instruction: &str, side: &str, spent: &Spent) -> Vec<Cell> {
    let most = spent.keys().next_back().copied().unwrap_or_default();
    let median = quantile(spent, 0.5);
    let share = |units: u64, of: u64| {
        let share = units as f64 / of as f64;
        Cell::number(share, format!("{} %", short(share * 100.0))).class(if units > of { "bad" } else { "" })
    };
    vec![
        Cell::code(instruction),
        Cell::text(side),
        Cell::count(count(spent)),
        Cell::count(quantile(spent, 0.0)),
        Cell::count(median),
        Cell::count(quantile(spent, 0.95)),
        Cell::count(most),
        share(median, BLOCK),
        share(most, TRANSACTION),
    ]
}

fn total(name: &str, spent: &BTreeMap<String, Spent>) -> String {
    let instructions: u64 = spent.values().map(count).sum();
    let units: u64 = spent.values().map(sum).sum();
    format!(
        "{name} spent {} compute units on {}: {} on average, and {} full blocks in all.",
        grouped(units),
        counted(instructions, "instruction"),
        grouped(units.checked_div(instructions).unwrap_or_default()),
        short(units as f64 / BLOCK as f64)
    )
}

fn picture(name: &str, spent: &BTreeMap<String, Spent>) -> Markup {
    let mut boxes: Vec<Whiskers> = spent
        .iter()
        .map(|(instruction, spent)| Whiskers {
            name: instruction.clone(),
            count: count(spent),
            quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map(|share| quantile(spent, share) as f64),
            mean: sum(spent) as f64 / count(spent) as f64,
        })
        .collect();
    boxes.sort_by(|a, b| b.quantiles[2].total_cmp(&a.quantiles[2]));
    Boxes {
        title: format!("What an instruction costs in {name}"),
        unit: "compute units".to_owned(),
        heading: "instruction".to_owned(),
        boxes,
    }
    .render()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{report_of, trial};
    use super::*;
    use crate::divergence::ComputeUnits;

    #[test]
    fn trials_are_summed_and_a_side_that_counts_none_is_named() {
        let spending = |number, spent| {
            let mut of = trial(number, vec![]);
            of.compute_units = vec![ComputeUnits {
                side: "right".into(),
                instruction: "deposit".into(),
                spent,
            }];
            of
        };
        let html = compute(&report_of(vec![
            spending(0, vec![(10_000, 1), (30_000, 1)]),
            spending(1, vec![(30_000, 1), (140_000, 1)]),
        ]))
        .into_string();
        for piece in [
            "Drift 2.83 spent 210\u{202f}000 compute units on 4 instructions: 52\u{202f}500 on average",
            "simulator counts no compute units.",
            // Median 30 000 of 60 million, most 140 000 of 1.4 million.
            "data-v=\"0.0005\">0.05000 %",
            "data-v=\"0.1\">10 %",
        ] {
            assert!(html.contains(piece), "{piece} in {html}");
        }
    }

    #[test]
    fn quantiles_are_values_that_were_seen() {
        let spent = Spent::from([(1, 94), (2, 1), (9, 5)]);
        assert_eq!(
            [0.0, 0.5, 0.95, 0.951, 1.0].map(|share| quantile(&spent, share)),
            [1, 1, 2, 9, 9]
        );
        assert_eq!(quantile(&Spent::new(), 0.5), 0);
    }

    #[test]
    fn without_any_count_there_is_no_table() {
        let html = compute(&report_of(vec![trial(0, vec![])])).into_string();
        assert!(!html.contains("<table") && html.contains("Drift 2.83 counts no compute units."));
    }
}

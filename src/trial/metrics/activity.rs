//! What happened: events, instructions, refusals, trades.

use super::row::Row;
use super::{Metric, Unit};
use crate::event::{self, Kind, Parameters};
use crate::trial::counts::Counts;
use drift::error::Result;
use drift::num::Narrow;
use std::sync::LazyLock;

/// A kind of event that is counted, with the metric's name and description.
struct Counted {
    kind: usize,
    name: String,
    about: String,
    /// Whether it happens in every kind of trial.
    usual: bool,
}

/// Kinds that happen where nobody can be liquidated.
const USUAL: [&str; 13] = [
    event::DepositCollateral::NAME,
    event::MidSimDeposit::NAME,
    event::WithdrawCollateral::NAME,
    event::PerpOraclePrice::NAME,
    event::SpotOraclePrice::NAME,
    event::AddLiquidity::NAME,
    event::RemoveLiquidity::NAME,
    event::OpenPosition::NAME,
    event::ClosePosition::NAME,
    event::SettlePnl::NAME,
    event::SettleLp::NAME,
    event::UpdateK::NAME,
    event::Repeg::NAME,
];

/// All kinds but `null`, which is nothing.
static COUNTED: LazyLock<Vec<Counted>> = LazyLock::new(|| {
    let kinds = Kind::NAMES.iter().enumerate();
    kinds
        .filter(|(_, name)| **name != event::Null::NAME)
        .map(|(kind, name)| {
            let usual = USUAL.contains(name);
            let name = name.trim_start_matches('_');
            Counted {
                kind,
                name: format!("events_{name}"),
                about: format!("`{name}` events"),
                usual,
            }
        })
        .collect()
});

/// Adds the family, and answers how many events there were.
pub(super) fn add(row: &mut Row, counts: &Counts, watched: bool) -> Result<u64> {
    let events: u64 = counts.events.iter().sum();
    row.count("events", "events that happened", events);
    for Counted {
        kind, name, about, ..
    } in COUNTED.iter().filter(|counted| counted.usual || watched)
    {
        row.count(name, about, counts.events[*kind]);
    }
    row.count(
        "instructions",
        "instructions executed after the set-up",
        counts.instructions,
    );
    let refused: u32 = counts.refused.values().sum();
    row.count("refused", "instructions refused", refused.into());
    let codes = counts
        .refused
        .iter()
        .map(|(code, count)| (code.number(), *count))
        .collect();
    row.add(
        "refusals",
        Unit::Number,
        "instructions refused, by error code",
        Metric::Codes(codes),
    );
    row.dollars("volume_usd", "traded with the AMM", counts.volume.to()?);
    Ok(events)
}

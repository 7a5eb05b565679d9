//! Whether everything adds up.

use super::row::Row;
use super::{Metric, Unit};
use crate::scenario::Prepared;
use crate::trial::conservation::Conservation;
use crate::trial::counts::Counts;
use crate::trial::observer::Moment;
use drift::error::Result;
use drift::num::Narrow;

pub(super) fn add(row: &mut Row, counts: &Counts, prepared: &Prepared, end: &Moment) -> Result {
    let users = prepared.users.len() as u32;
    let conservation = Conservation::check(end.world, end.ledger, users, &counts.interest)?;
    row.add(
        "conserved",
        Unit::Number,
        "whether every sum below is exact",
        Metric::Flag(conservation.holds(counts.instructions)),
    );
    row.add(
        "unclaimed_balance",
        Unit::ScaledToken,
        "spot markets' totals less the balances in them",
        Metric::Count(conservation.unclaimed_balance.to()?),
    );
    row.add(
        "vault_excess",
        Unit::Token,
        "tokens in vaults less all claims on them and less what is next",
        Metric::Signed(conservation.vault_excess.to()?),
    );
    row.add(
        "interest_rounding",
        Unit::Token,
        "tokens that the program's roundings of interest left in vaults",
        Metric::Signed(counts.interest.units(end.world, end.ledger)?.to()?),
    );
    row.add(
        "unclaimed_positions",
        Unit::Number,
        "perpetual markets' totals less the positions in them",
        Metric::Count(conservation.unclaimed_positions.to()?),
    );
    Ok(())
}

//! Borrowing: how much of each spot market is lent, and what it costs.

use super::Unit;
use super::row::Row;
use crate::trial::counts::Counts;
use crate::trial::observer::Moment;
use crate::trial::risk::Risk;
use drift::error::{ErrorCode, Result};

pub(super) fn add(row: &mut Row, risk: &Risk, counts: &Counts, end: &Moment) -> Result {
    for index in 0..end.world.spot_count() {
        let market = end
            .world
            .spot(end.ledger, index)
            .ok_or(ErrorCode::SpotMarketNotFound)?;
        let sampled = risk.lending(index);
        row.float(
            format!("s{index}_utilization_mean"),
            Unit::Share,
            "share of the spot market's deposits that is borrowed, mean over samples",
            sampled.mean(),
        );
        row.float(
            format!("s{index}_utilization_max"),
            Unit::Share,
            "largest value of the same",
            sampled.max,
        );
        row.float(
            format!("s{index}_interest_paid"),
            Unit::Number,
            "tokens that borrowers were charged",
            counts.interest.charged(index, market)?,
        );
    }
    Ok(())
}

//! Liquidations, and the debts that were left after them.

use super::Unit;
use super::row::Row;
use crate::trial::observer::Moment;
use crate::trial::risk::Risk;
use drift::error::{ErrorCode, Result};
use drift::num::Narrow;

pub(super) fn add(row: &mut Row, risk: &Risk, end: &Moment) -> Result {
    let (losses, responses) = (&risk.losses, &risk.responses);
    row.count(
        "liquidations",
        "instructions that took something over",
        losses.liquidations,
    );
    row.count(
        "liquidated_breaches",
        "breaches of maintenance margin that a liquidation answered",
        responses.count,
    );
    row.dollars(
        "liquidated_usd",
        "positions and debts that liquidators took over, at oracle prices",
        losses.liquidated,
    );
    row.dollars(
        "liquidator_fees_usd",
        "what they gained by it, at oracle prices, before closing anything",
        losses.liquidator_fees,
    );
    row.dollars(
        "insurance_fees_usd",
        "what liquidated users paid besides, for the insurance fund",
        losses.insurance_fees,
    );
    row.float(
        "time_to_liquidation_s",
        Unit::Seconds,
        "mean time from a breach of maintenance margin to the first liquidation",
        responses.seconds as f64 / responses.count.max(1) as f64,
    );
    row.float(
        "time_to_liquidation_max_s",
        Unit::Seconds,
        "the longest such time",
        responses.longest as f64,
    );
    row.float(
        "under_margin_s",
        Unit::Seconds,
        "time under maintenance margin, of all users together",
        risk.watch.short_seconds() as f64,
    );
    row.count(
        "under_margin_at_end",
        "users under maintenance margin at the end",
        risk.watch.endangered().count() as u64,
    );
    row.count(
        "bankruptcies",
        "debts resolved with nothing left to pay them",
        losses.bankruptcies,
    );
    row.dollars("bad_debt_usd", "what these debts amounted to", losses.bad_debt);
    row.dollars(
        "bad_debt_insured_usd",
        "what of that the insurance fund paid",
        losses.insured,
    );
    row.dollars(
        "social_loss_usd",
        "what of that was taken from everybody else in the market",
        losses.socialised,
    );
    for index in 0..end.world.perp_count() {
        let market = end
            .world
            .perp(end.ledger, index)
            .ok_or(ErrorCode::PerpMarketNotFound)?;
        row.dollars(
            format!("m{index}_social_loss_usd"),
            "what positions in the market had to bear of others' debts",
            market.amm.total_social_loss.to()?,
        );
    }
    Ok(())
}

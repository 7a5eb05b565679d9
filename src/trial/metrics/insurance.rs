//! The insurance fund, and whether all can be paid.

use super::row::Row;
use super::users::Gains;
use super::{Metric, Unit};
use crate::trial::losses::share_price;
use crate::trial::observer::Moment;
use crate::trial::risk::Risk;
use drift::error::{ErrorCode, Result};
use drift::math::spot_balance::token_value;
use drift::num::Checked;

pub(super) fn add(row: &mut Row, risk: &Risk, gains: &Gains, end: &Moment) -> Result {
    let losses = &risk.losses;
    let market = end
        .world
        .spot(end.ledger, 0)
        .ok_or(ErrorCode::SpotMarketNotFound)?;
    let insured = end.world.insured(end.ledger, 0).unwrap_or(0);
    row.dollars(
        "insurance_usd",
        "the quote market's insurance fund at the end",
        insured.into(),
    );
    row.dollars(
        "insurance_revenue_usd",
        "revenue paid into insurance funds",
        losses.revenue,
    );
    row.dollars(
        "insurance_deficits_usd",
        "what they paid for profits that pools lacked",
        losses.deficits,
    );
    row.float(
        "insurance_share_price",
        Unit::Number,
        "tokens that a share of the quote market's fund is worth at the end; 1 at the first stake, 0 without stakes",
        share_price(market, insured).unwrap_or(0.0),
    );
    row.float(
        "insurance_drawdown",
        Unit::Share,
        "largest fall of that price from its best",
        losses.drawdown,
    );
    row.dollars(
        "liquidators_profit_usd",
        "liquidators' equity at oracle prices, less their deposits",
        gains.liquidators.profit,
    );
    row.dollars(
        "borrowers_profit_usd",
        "borrowers' equity, less what they brought, both at the prices at the end",
        gains.borrowers.profit,
    );

    let mut held = i128::from(insured);
    for index in 0..end.world.spot_count() {
        let market = end
            .world
            .spot(end.ledger, index)
            .ok_or(ErrorCode::SpotMarketNotFound)?;
        let tokens = end.world.vault_tokens(end.ledger, index).unwrap_or(0);
        let price = risk.watch.spot_price(index).unwrap_or(0);
        held = held.plus(token_value(tokens.into(), market.decimals, price)?)?;
    }
    let beyond = held.minus(gains.owned)?;
    row.dollars(
        "solvency_usd",
        "tokens in vaults and the quote market's insurance fund, less the equity of all who have any",
        beyond,
    );
    row.add(
        "solvent",
        Unit::Number,
        "whether all could be paid",
        Metric::Flag(beyond >= 0),
    );
    row.dollars(
        "uncovered_debt_usd",
        "what users owe at the end beyond what they have",
        gains.owed,
    );
    row.count("insolvent_users", "how many those are", gains.insolvent);
    Ok(())
}

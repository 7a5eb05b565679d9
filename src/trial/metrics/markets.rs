//! Markets: fees, funding, the curve, and their state at the end.

use super::Unit;
use super::row::Row;
use crate::trial::counts::Counts;
use crate::trial::observer::Moment;
use drift::error::{ErrorCode, Result};
use drift::num::{Checked, Narrow};

pub(super) fn add(row: &mut Row, counts: &Counts, end: &Moment, perps: &[u64]) -> Result {
    let mut sums = [0i128; 5];
    for index in 0..end.world.perp_count() {
        let market = end.world.perp(end.ledger, index);
        let amm = &market.ok_or(ErrorCode::PerpMarketNotFound)?.amm;
        let of_market = [
            { amm.total_exchange_fee }.to()?,
            amm.total_mm_fee,
            amm.total_fee,
            amm.total_fee_minus_distributions,
            i128::from(amm.net_revenue_since_last_funding),
        ];
        for (sum, value) in sums.iter_mut().zip(of_market) {
            *sum = sum.plus(value)?;
        }
    }
    row.dollars("fees_usd", "fees that takers paid", sums[0]);
    row.dollars("spread_revenue_usd", "what the AMM earned by its spread", sums[1]);
    row.dollars("amm_fees_usd", "the AMM's share of fees and spread", sums[2]);
    row.dollars(
        "amm_fees_kept_usd",
        "the same less what repegs, k changes and funding cost",
        sums[3],
    );
    row.dollars(
        "funding_paid_by_longs_usd",
        "settled funding that long positions paid; negative: received",
        counts.funding.longs,
    );
    row.dollars(
        "funding_paid_by_shorts_usd",
        "settled funding that short positions paid; negative: received",
        counts.funding.shorts,
    );
    let effects = end.ledger.effects();
    row.count("repegs", "events that moved a peg multiplier", counts.repegs);
    row.dollars("repeg_cost_usd", "what repegs cost the AMM", effects.repeg_cost);
    row.count(
        "k_changes",
        "events in which the AMM changed its own k",
        counts.k_changes,
    );
    row.dollars(
        "k_change_cost_usd",
        "what k changes cost the AMM; negative: brought",
        effects.k_cost,
    );
    row.float(
        "largest_imbalance",
        Unit::Base,
        "largest absolute net position of users against the AMM",
        counts.largest_imbalance as f64 / 1e9,
    );
    for (index, oracle) in (0..end.world.perp_count()).zip(perps) {
        let market = end
            .world
            .perp(end.ledger, index)
            .ok_or(ErrorCode::PerpMarketNotFound)?;
        let amm = &market.amm;
        let dollars = |value: u64| value as f64 / 1e6;
        let mut price = |name: &str, about: &'static str, value: f64| {
            row.float(format!("m{index}_{name}_usd"), Unit::Price, about, value);
        };
        price("oracle", "oracle's price at the end", dollars(*oracle));
        price("mark", "AMM's price at the end", dollars(amm.reserve_price()?));
        price(
            "peg",
            "peg multiplier at the end",
            { amm.peg_multiplier } as f64 / 1e6,
        );
        price(
            "mark_twap",
            "mark's average over the funding period",
            dollars(amm.last_mark_price_twap),
        );
        price(
            "mark_twap_5min",
            "mark's average over five minutes",
            dollars(amm.last_mark_price_twap_5min),
        );
        let oracles = amm.historical_oracle_data;
        price(
            "oracle_twap",
            "oracle's average over the funding period",
            oracles.last_oracle_price_twap as f64 / 1e6,
        );
        price(
            "oracle_twap_5min",
            "oracle's average over five minutes",
            oracles.last_oracle_price_twap_5min as f64 / 1e6,
        );
        let mut base = |name: &str, about: &'static str, value: f64| {
            row.float(format!("m{index}_{name}"), Unit::Base, about, value / 1e9);
        };
        base("sqrt_k", "liquidity at the end, LPs' included", { amm.sqrt_k }
            as f64);
        base("lp_shares", "LPs' shares at the end", { amm.user_lp_shares }
            as f64);
        base(
            "net_position",
            "users' net position against the AMM at the end",
            { amm.base_asset_amount_with_amm } as f64,
        );
    }
    Ok(())
}

/// The gap between mark and oracle.
pub(super) fn add_gaps(row: &mut Row, counts: &Counts) {
    let samples = counts.gap.samples.max(1) as f64;
    let mut share = |name: &'static str, about, value| row.float(name, Unit::Share, about, value);
    share(
        "mark_oracle_gap_mean",
        "mean of (mark - oracle) / oracle over samples",
        counts.gap.sum / samples,
    );
    share(
        "mark_oracle_gap_rms",
        "root mean square of the same",
        (counts.gap.squares / samples).sqrt(),
    );
    share(
        "mark_oracle_gap_max",
        "largest absolute value of the same",
        counts.gap.max,
    );
}

//! Setting funding rates, and settling what positions owe or get by them.

use super::frame::Frame;
use super::guard;
use super::markets::{Markets, MustWrite};
use super::oracles::Oracles;
use super::{curve, position};
use crate::accounts::{
    ExchangeOperation, MarketStatus, OracleGuardRails, PerpMarket, PerpOperation, PositionDirection, User,
};
use crate::clock::Clock;
use crate::error::{ErrorCode, Result};
use crate::instruction::{
    SettleFundingPayment, SettleFundingPaymentAccounts, UpdateFundingRate, UpdateFundingRateAccounts,
};
use crate::math::average::twap;
use crate::math::funding::{position_payment, wait};
use crate::math::k::{MAX_SQRT_K, WHOLE, resized};
use crate::num::{Checked, Narrow, mul_div};
use crate::units::{ONE_DAY, ONE_HOUR};
use std::cmp::Ordering;

/// One part in this many of the oracle's average is added to the gap that longs pay.
const OFFSET_PART: i64 = 5_000;
/// The most that one funding changes k, as a share (1e6), at full intensity.
const MOST_K_CHANGE: i128 = 1_000;

/// Settles the funding of the user's position in `market`, if there is one. Nothing depends on the time, which only
/// the program's event tells.
pub fn settle_payment(user: &mut User, market: &mut PerpMarket, _now: i64) -> Result {
    match user.perp_place(market.market_index) {
        Ok(place) => settle_place(user, place, market),
        Err(_) => Ok(()),
    }
}

/// Settles the funding of every position the user has.
pub fn settle_payments(user: &mut User, markets: &mut Markets) -> Result {
    for place in 0..user.perp_positions.len() {
        let position = &user.perp_positions[place];
        if position.is_open() {
            let market = markets.perps.get_mut(position.market_index)?;
            settle_place(user, place, market)?;
        }
    }
    Ok(())
}

fn settle_place(user: &mut User, place: usize, market: &mut PerpMarket) -> Result {
    let held = &mut user.perp_positions[place];
    let Some(rate) = position::funding_rate_of_side(held, &market.amm) else {
        return Ok(());
    };
    if rate == i128::from(held.last_cumulative_funding_rate) {
        return Ok(());
    }
    let payment = position_payment(rate, held)?;
    user.cumulative_perp_funding = user.cumulative_perp_funding.plus(payment)?;
    held.last_cumulative_funding_rate = rate.to()?;
    position::add_quote_and_break_even(held, market, payment)?;
    market.amm.net_unsettled_funding_pnl = market.amm.net_unsettled_funding_pnl.minus(payment)?;
    Ok(())
}

/// Sets the market's funding rate if it is due and nothing blocks it; answers what the change of k that follows cost
/// (1e6) if it did. `reserve_price` (1e6) is
/// the mark to go by, where it is not the present one.
pub fn update_rate(
    market: &mut PerpMarket,
    oracles: &mut Oracles,
    clock: Clock,
    limits: &OracleGuardRails,
    is_paused: bool,
    reserve_price: Option<u64>,
) -> Result<Option<i128>> {
    let now = clock.unix_timestamp;
    let reserve_price = match reserve_price {
        Some(price) => price,
        None => market.amm.reserve_price()?,
    };
    let price = oracles.price(&{ market.amm.oracle })?;
    let is_blocked = market.is_funding_blocked(&price, limits, reserve_price, clock.slot)?;
    let left = wait(now, market.amm.last_funding_rate_ts, market.amm.funding_period)?;
    if is_paused || is_blocked || left > 0 {
        return Ok(None);
    }

    let clamp = market.twap_clamp();
    let amm = &mut market.amm;
    let oracle_twap = amm.update_oracle_twap(now, &price, reserve_price, clamp)?;
    let (traded, direction) = match { amm.long_spread }.cmp(&{ amm.short_spread }) {
        Ordering::Greater => (amm.ask_price(reserve_price)?, Some(PositionDirection::Long)),
        Ordering::Less => (amm.bid_price(reserve_price)?, Some(PositionDirection::Short)),
        Ordering::Equal => (reserve_price, None),
    };
    let mark_twap = amm.update_mark_twap(now, Some(traded), direction, clamp)?;

    let rate = rate(market, mark_twap, oracle_twap)?;
    let rates = market.book_funding(rate.into())?;
    let mut k_cost = 0;
    if market.amm.curve_update_intensity > 0 {
        k_cost = resize(market, -rates.revenue)?;
    }
    let amm = &mut market.amm;
    amm.cumulative_funding_rate_long = amm.cumulative_funding_rate_long.plus(rates.long)?;
    amm.cumulative_funding_rate_short = amm.cumulative_funding_rate_short.plus(rates.short)?;
    amm.last_funding_rate = rate;
    amm.last_funding_rate_long = rates.long.to()?;
    amm.last_funding_rate_short = rates.short.to()?;
    amm.last_24h_avg_funding_rate = twap(
        rate,
        now,
        amm.last_24h_avg_funding_rate,
        amm.last_funding_rate_ts,
        ONE_DAY,
    )?;
    amm.net_unsettled_funding_pnl = amm.net_unsettled_funding_pnl.minus(rates.revenue.to()?)?;
    amm.last_funding_rate_ts = now;
    amm.net_revenue_since_last_funding = 0;
    market.next_funding_rate_record_id = market.next_funding_rate_record_id.checked_add(1).unwrap_or(1);
    Ok(Some(k_cost))
}

/// The rate (1e9) of a period: the day's gap between mark and oracle, within the tier's limit, over the periods of a
/// day.
fn rate(market: &PerpMarket, mark_twap: u64, oracle_twap: i64) -> Result<i64> {
    let gap = mark_twap.to::<i64>()?.minus(oracle_twap)?;
    let gap = gap.plus(oracle_twap.saturating_abs() / OFFSET_PART)?;
    let limit = market.funding_gap_limit(oracle_twap);
    if limit < 0 {
        // On chain bounds in the wrong order panic.
        return Err(ErrorCode::ProgramFailedToComplete);
    }
    let periods = ONE_DAY / market.amm.funding_period.max(ONE_HOUR);
    i128::from(gap.clamp(-limit, limit))
        .times(1_000)?
        .over(periods.into())?
        .to()
}

/// Gives half of what funding brought the AMM back as k, or takes half of what it cost out of k, within a thousandth.
/// `cost` at 1e6, as is the answer: what the change cost.
fn resize(market: &mut PerpMarket, cost: i128) -> Result<i128> {
    let cost: i64 = cost.to()?;
    let amm = &market.amm;
    let revenue = amm.net_revenue_since_last_funding;
    let budget = if cost < 0 {
        // Only while the spreads are no wider than the base spread.
        if amm.long_spread.max(amm.short_spread) <= amm.base_spread {
            -(cost / 2)
        } else {
            0
        }
    } else if revenue < cost {
        revenue.max(0).minus(cost)? / 2
    } else {
        0
    };
    let may_change = match budget {
        1.. => amm.sqrt_k < MAX_SQRT_K,
        0 => false,
        _ => amm.bears_smaller_k()?,
    };
    if !may_change {
        return Ok(0);
    }
    let most = MOST_K_CHANGE * i128::from(amm.curve_update_intensity) / 100;
    let factor = amm.affordable_k_factor(budget.into(), WHOLE + most, WHOLE - most)?;
    let sqrt_k = mul_div(amm.sqrt_k, factor, WHOLE.unsigned_abs())?.max(amm.user_lp_shares.plus(1)?);
    let size = resized(market, sqrt_k)?;
    let cost = market.amm.size_cost(size)?;
    if market.book_curve_cost(cost, true)? {
        market.amm.set_size(size)?;
        market.next_curve_record_id = market.next_curve_record_id.checked_add(1).unwrap_or(1);
        return Ok(cost);
    }
    Ok(0)
}

/// `update_funding_rate`: updates the AMM and sets the funding rate. `FundingWasNotUpdated` when it is not due.
pub(super) fn update_funding_rate(frame: &mut Frame, _: &UpdateFundingRate) -> Result {
    let at = UpdateFundingRateAccounts::positions();
    let state = guard::state(frame, at.state)?;
    let mut market = frame.take::<PerpMarket>(at.perp_market)?;
    let oracle = frame.key(at.oracle)?;
    frame.must_be_writable(at.perp_market)?;
    guard::perp_listed(&market)?;
    guard::not_paused(&state, ExchangeOperation::Funding)?;
    guard::perp_oracle(&market, oracle)?;

    let limits = state.oracle_guard_rails;
    let mut oracles = Oracles::load(frame, &mut at.oracle.clone(), Some(limits))?;
    if !oracles.contains(&oracle) {
        return Err(ErrorCode::InvalidOracle);
    }
    let price = oracles.price(&oracle)?;
    let repeg_cost = curve::update_market(&mut market, &price, &state, frame.clock, Default::default())?;
    if market.status != MarketStatus::Active && market.status != MarketStatus::ReduceOnly {
        return Err(ErrorCode::MarketActionPaused);
    }
    let is_paused =
        state.is_paused(ExchangeOperation::Funding)? || market.is_paused(PerpOperation::UpdateFunding);
    let k_cost = update_rate(&mut market, &mut oracles, frame.clock, &limits, is_paused, None)?;
    frame.effects.k_cost = k_cost.ok_or(ErrorCode::FundingWasNotUpdated)?;
    frame.effects.repeg_cost = repeg_cost;
    frame.put(market);
    frame.put(state);
    Ok(())
}

/// `settle_funding_payment`: settles the funding of all of a user's positions.
pub(super) fn settle_funding_payment(frame: &mut Frame, _: &SettleFundingPayment) -> Result {
    let at = SettleFundingPaymentAccounts::positions();
    let state = guard::state(frame, at.state)?;
    let mut user = frame.take::<User>(at.user)?;
    frame.must_be_writable(at.user)?;
    guard::not_paused(&state, ExchangeOperation::Funding)?;
    frame.lock(&user);

    // Unused positions name market 0, which must then be there too.
    let must_write = user.perp_positions.map(|position| position.market_index);
    let mut next = at.user + 1;
    let must_write = MustWrite {
        perps: &must_write,
        spots: &[],
    };
    let mut markets = Markets::load(frame, &mut next, must_write, None)?;
    settle_payments(&mut user, &mut markets)?;
    user.touch(frame.clock.slot);
    markets.restore(frame);
    frame.put(user);
    frame.put(state);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::{Amm, ContractTier, PerpPosition};
    use crate::math::liquidity::MAX_CONCENTRATION;
    use crate::units::{BASE, FUNDING_RATE};

    const UNIT: i128 = BASE as i128;

    fn market(net: i128) -> PerpMarket {
        let side = 1_000 * UNIT;
        let mut market = PerpMarket {
            status: MarketStatus::Active,
            contract_tier: ContractTier::A,
            ..PerpMarket::default()
        };
        market.amm = Amm {
            base_asset_reserve: (side - net).unsigned_abs(),
            quote_asset_reserve: (side * side / (side - net)).unsigned_abs(),
            sqrt_k: side.unsigned_abs(),
            peg_multiplier: 1_000_000,
            concentration_coef: MAX_CONCENTRATION,
            base_asset_amount_with_amm: net,
            funding_period: 3_600,
            curve_update_intensity: 100,
            max_spread: 50_000,
            ..Amm::default()
        };
        market.amm.refresh_bounds().unwrap();
        market
    }

    #[test]
    fn a_rate_is_the_gap_over_the_periods_of_a_day() {
        let mut market = market(0);
        // A gap of 23,800 and the offset of 200: 24,000 over 24 hours, three digits more.
        assert_eq!(rate(&market, 1_023_800, 1_000_000), Ok(1_000_000));
        // A 33rd at most.
        assert_eq!(rate(&market, 9_000_000, 1_000_000), Ok(30_303 * 1_000 / 24));
        assert_eq!(rate(&market, 1, 1_000_000), Ok(-30_303 * 1_000 / 24));
        market.amm.funding_period = 8 * ONE_HOUR;
        assert_eq!(rate(&market, 1_023_800, 1_000_000), Ok(8_000_000));
        assert_eq!(
            rate(&market, 1, -1_000_000),
            Err(ErrorCode::ProgramFailedToComplete)
        );
        market.amm.funding_period = 2 * ONE_DAY;
        assert_eq!(rate(&market, 1_023_800, 1_000_000), Err(ErrorCode::MathError));
    }

    #[test]
    fn funding_is_settled_once() {
        let mut market = market(0);
        market.amm.cumulative_funding_rate_long = i128::from(FUNDING_RATE) / 100;
        let mut user = User::default();
        user.perp_positions[3] = PerpPosition {
            base_asset_amount: 7 * BASE as i64,
            ..PerpPosition::default()
        };
        for _ in 0..2 {
            settle_payment(&mut user, &mut market, 0).unwrap();
            let position = &user.perp_positions[3];
            assert_eq!({ position.quote_asset_amount }, -70_000);
            assert_eq!({ position.quote_break_even_amount }, -70_000);
            assert_eq!({ user.cumulative_perp_funding }, -70_000);
            assert_eq!({ market.amm.net_unsettled_funding_pnl }, 70_000);
            assert_eq!({ market.amm.quote_asset_amount }, -70_000);
        }
    }

    #[test]
    fn costs_take_from_k_and_revenue_gives_to_it() {
        let mut costly = market(100 * UNIT);
        resize(&mut costly, 2_000_000).unwrap();
        assert!(costly.amm.sqrt_k < 1_000 * BASE as u128);
        assert!(costly.amm.total_fee_minus_distributions > 0);
        assert_eq!({ costly.next_curve_record_id }, 1);

        let mut rich = market(100 * UNIT);
        rich.amm.total_fee_minus_distributions = 10_000_000;
        rich.amm.base_spread = 1_000;
        resize(&mut rich, -2_000_000).unwrap();
        assert!(rich.amm.sqrt_k > 1_000 * BASE as u128);
        // Half of what came in, at most.
        let left = rich.amm.total_fee_minus_distributions;
        assert!((9_000_000..10_000_000).contains(&left), "{left}");

        let mut wide = rich;
        (wide.amm.long_spread, wide.next_curve_record_id) = (1_001, 0);
        resize(&mut wide, -2_000_000).unwrap();
        assert_eq!({ wide.next_curve_record_id }, 0);
    }

    #[test]
    fn costs_within_the_revenue_of_the_period_leave_k() {
        let mut market = market(100 * UNIT);
        market.amm.net_revenue_since_last_funding = 2_000_000;
        let before = market;
        resize(&mut market, 2_000_000).unwrap();
        assert!(market == before);
    }
}

//! Taking over a perpetual position at the oracle's price.

use super::case::{Case, sides};
use crate::accounts::{MarketType, PositionDirection, UserStats};
use crate::engine::frame::{Frame, Held};
use crate::engine::margin::Margin;
use crate::engine::markets::MustWrite;
use crate::engine::{curve, lp, position};
use crate::error::{ErrorCode, Result, require};
use crate::instruction::{LiquidatePerp, LiquidatePerpAccounts};
use crate::math::liquidation::{PerpTakeover, allowed, fee_part};
use crate::math::oracle::Purpose;
use crate::math::perp_value::base_value;
use crate::math::position_change::Movement;
use crate::math::price_band::has_strayed;
use crate::math::step;
use crate::math::weight::MarginType;
use crate::num::{Checked, Narrow};
use crate::units::QUOTE;

/// A position of at most this value (1e6) may be taken over whole: 50 dollars.
const SMALL_POSITION: u64 = 50 * QUOTE;

/// Takes over base of a user without maintenance margin, for a fee to the liquidator and one to insurance. Orders and
/// liquidity go first, and may be all it takes.
pub(in crate::engine) fn liquidate_perp(frame: &mut Frame, arguments: &LiquidatePerp) -> Result {
    let sides = sides(frame)?;
    let mut stats = Stats::take(frame)?;
    let index = arguments.market_index;
    let must_write = MustWrite {
        perps: &[index],
        spots: &[],
    };
    let mut case = Case::open(frame, sides, must_write, Some((MarketType::Perp, index)))?;
    case.perp_must_liquidate(index)?;
    case.settle_funding(index)?;
    if let Some(margin) = case.admit()?
        && let Some(position) = give_up(&mut case, index, margin)?
    {
        take_over(&mut case, &mut stats, &position, arguments)?;
    }
    frame.put(stats.user);
    frame.put(stats.liquidator);
    case.close(frame)
}

/// Both users' statistics.
struct Stats {
    user: Held<UserStats>,
    liquidator: Held<UserStats>,
}

impl Stats {
    /// Takes them; `UnableToLoadAccountLoader` where both users have the same, being one authority's.
    fn take(frame: &mut Frame) -> Result<Self> {
        let at = LiquidatePerpAccounts::positions();
        let same = frame.key(at.user_stats)? == frame.key(at.liquidator_stats)?;
        require(!same, ErrorCode::UnableToLoadAccountLoader)?;
        let user = frame.take(at.user_stats)?;
        let liquidator = frame.take(at.liquidator_stats)?;
        frame.lock(&user);
        frame.lock(&liquidator);
        Ok(Self { user, liquidator })
    }
}

/// A position with base, of a user who is short of margin without orders and liquidity too.
struct Position {
    /// Its slot.
    place: usize,
    /// The market's price (1e6).
    price: i64,
    margin: Margin,
}

/// Cancels the user's orders, brings the AMM up to date and burns the user's shares in the market. None where that ended
/// the liquidation, or left no base.
fn give_up(case: &mut Case, index: u16, margin: Margin) -> Result<Option<Position>> {
    let place = case.user.perp_place(index)?;
    case.liquidator.perp_place_or_new(index)?;
    case.user.begin_liquidation(case.clock.slot)?;
    let held = &case.user.perp_positions[place];
    require(
        held.is_open() || held.has_open_order() || held.is_lp(),
        ErrorCode::PositionDoesntHaveOpenPositionOrOrders,
    )?;
    let cancelled = case.cancel_orders()?;

    curve::refresh(case.clock, &case.state, &mut case.markets, index)?;
    let market = case.markets.perps.get_mut(index)?;
    let oracle = case.markets.oracles.price(&{ market.amm.oracle })?;
    let validity = market.oracle_validity(&oracle, &{ case.state.oracle_guard_rails })?;
    require(validity.serves(Purpose::Liquidate), ErrorCode::InvalidOracle)?;
    let price = market.price_or_expiry(oracle.price);

    let held = &mut case.user.perp_positions[place];
    let shares = held.lp_shares;
    if shares > 0 {
        lp::burn(held, market, shares, price)?;
    }
    let margin = if cancelled || shares > 0 {
        case.reconsider(&margin)?
    } else {
        Some(margin)
    };
    let has_base = case.user.perp_positions[place].is_open();
    Ok(margin
        .filter(|_| has_base)
        .map(|margin| Position { place, price, margin }))
}

/// How much base (1e9) changes hands, and on what terms.
struct Size {
    base: u64,
    /// Whether it covers all that is missing.
    covers: bool,
    liquidator_fee: u32,
    insurance_fee: u32,
}

/// None where the pace of the liquidation allows nothing now.
fn size(case: &mut Case, of: &Position, wanted: u64) -> Result<Option<Size>> {
    let held = &case.user.perp_positions[of.place];
    let market = case.markets.perps.get(held.market_index)?;
    let step = market.amm.order_step_size;
    let wanted = step::round_down(wanted, step)?;
    require(wanted != 0, ErrorCode::InvalidBaseAssetAmountForLiquidatePerp)?;
    let average = market.amm.historical_oracle_data.last_oracle_price_twap_5min;
    let limits = case.state.oracle_guard_rails.price_divergence;
    let strayed = has_strayed(of.price, average, limits.average_band())?;
    require(!strayed, ErrorCode::PriceBandsBreached)?;

    let base = held.base_asset_amount.unsigned_abs();
    let worst = held.worst_case_base()?.unsigned_abs();
    let margin_ratio = market
        .margin_ratio(worst, MarginType::Maintenance)?
        .plus(case.state.liquidation_margin_buffer_ratio)?;
    let shortage = of.margin.shortage()?;
    let quote = case.markets.spots.get(market.quote_spot_market_index)?;
    let takeover = PerpTakeover {
        margin_ratio,
        liquidator_fee: market.liquidator_fee,
        price: of.price,
        quote_price: case.markets.oracles.price(&{ quote.oracle })?.price,
    };
    let tracked = of.margin.tracked_shortage(shortage)?;
    let insurance_fee = takeover.insurance_fee(tracked, base, market.if_liquidation_fee)?;
    let covering = step::round_up(takeover.base_covering(shortage, insurance_fee)?, step)?;
    let most: u64 = allowed(covering.into(), case.share(shortage)?)?.to()?;
    if most == 0 {
        return Ok(None);
    }
    let value: u64 = base_value(base.into(), of.price)?.to()?;
    let asked = base.min(wanted);
    let paced = if value > SMALL_POSITION {
        asked.min(most)
    } else {
        asked
    };
    let taken = step::round_up(paced, step)?;
    Ok(Some(Size {
        base: taken,
        covers: taken >= covering,
        liquidator_fee: market.liquidator_fee,
        insurance_fee,
    }))
}

/// Refuses with `LiquidationDoesntSatisfyLimitPrice` a `price` (1e6) worse for the liquidator, who comes to face
/// `direction`, than his `limit` (1e6).
fn within_limit(price: i64, direction: PositionDirection, limit: Option<u64>) -> Result {
    let Some(limit) = limit else { return Ok(()) };
    let limit: i64 = limit.to()?;
    let within = if direction == PositionDirection::Long {
        price <= limit
    } else {
        price >= limit
    };
    require(within, ErrorCode::LiquidationDoesntSatisfyLimitPrice)
}

fn take_over(case: &mut Case, stats: &mut Stats, of: &Position, arguments: &LiquidatePerp) -> Result {
    let Some(size) = size(case, of, arguments.liquidator_max_base_asset_amount)? else {
        return Ok(());
    };
    let index = arguments.market_index;
    let direction = case.user.perp_positions[of.place].direction();
    within_limit(of.price, direction, arguments.limit_price)?;
    let value: u64 = base_value(size.base.into(), of.price)?.to()?;
    let fee: i64 = fee_part(value.into(), size.liquidator_fee)?.to()?;
    let insured: i64 = fee_part(value.into(), size.insurance_fee)?.to()?;
    let now = case.clock.unix_timestamp;
    stats.user.count_taken(value, now)?;
    stats.liquidator.count_made(value, now)?;

    let market = case.markets.perps.get_mut(index)?;
    let held = &mut case.user.perp_positions[of.place];
    let closing = Movement::of_fill(size.base, value, direction.opposite())?;
    position::apply(held, market, &closing)?;
    position::add_quote_and_break_even(held, market, -fee)?;
    position::add_quote_and_break_even(held, market, -insured)?;
    let place = case.liquidator.perp_place_or_new(index)?;
    let held = &mut case.liquidator.perp_positions[place];
    let opening = Movement::of_fill(size.base, value, direction)?;
    position::apply(held, market, &opening)?;
    position::add_quote_and_break_even(held, market, fee)?;
    let insured = u128::from(insured.unsigned_abs());
    market.amm.total_liquidation_fee = market.amm.total_liquidation_fee.plus(insured)?;

    case.finish(of.margin.shortage()?, size.covers)?;
    // Both sides get an order that is filled at once, which only the program's events tell.
    for user in [&mut case.user, &mut case.liquidator] {
        user.next_order_id = user.next_order_id.checked_add(1).unwrap_or(1);
    }
    let market = case.markets.perps.get_mut(index)?;
    market.next_fill_record_id = market.next_fill_record_id.checked_add(1).unwrap_or(1);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_holds_on_the_side_that_the_liquidator_comes_to() {
        let refused = Err(ErrorCode::LiquidationDoesntSatisfyLimitPrice);
        let (long, short) = (PositionDirection::Long, PositionDirection::Short);
        assert_eq!(within_limit(20, long, None), Ok(()));
        assert_eq!(within_limit(20, long, Some(20)), Ok(()));
        assert_eq!(within_limit(20, long, Some(19)), refused);
        assert_eq!(within_limit(20, short, Some(20)), Ok(()));
        assert_eq!(within_limit(20, short, Some(21)), refused);
        assert_eq!(
            within_limit(20, long, Some(u64::MAX)),
            Err(ErrorCode::CastingFailure)
        );
    }
}

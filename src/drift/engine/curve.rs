//! Bringing an AMM up to date with its oracle: the curve first, then the averages, then the spreads.

use super::before_trade;
use super::frame::{BeforeTrade, Frame, Switches};
use super::guard;
use super::markets::Markets;
use super::oracles::OraclePrice;
use crate::accounts::{MarketStatus, PerpMarket, State};
use crate::clock::Clock;
use crate::error::{ErrorCode, Result};
use crate::instruction::{UpdateAmms, UpdateAmmsAccounts};
use crate::math::oracle::Purpose;

/// An index in [`UpdateAmms`] that stands for no market.
const NO_MARKET: u16 = 100;

/// Updates the AMM of market `index` before a trade, by the rule that `switches` choose; answers what the curve's
/// change cost (1e6).
pub fn update(
    clock: Clock,
    switches: Switches,
    state: &State,
    markets: &mut Markets,
    index: u16,
) -> Result<i128> {
    let market = markets.perps.get_mut(index)?;
    let price = markets.oracles.price(&{ market.amm.oracle })?;
    let cost = update_market(market, &price, state, clock, switches.before_trade)?;
    markets.effects.repeg_cost = markets.effects.repeg_cost.saturating_add(cost);
    Ok(cost)
}

/// Updates the AMM of market `index` where nothing is traded, by the deployed rule.
pub fn refresh(clock: Clock, state: &State, markets: &mut Markets, index: u16) -> Result<i128> {
    update(clock, Switches::default(), state, markets, index)
}

/// Updates the AMM and refuses with `InvalidOracle` a price that does not serve `purpose`.
pub fn refresh_for(
    market: &mut PerpMarket,
    price: &OraclePrice,
    state: &State,
    clock: Clock,
    purpose: Purpose,
) -> Result {
    update_market(market, price, state, clock, BeforeTrade::Deployed)?;
    let validity = market.oracle_validity(price, &{ state.oracle_guard_rails })?;
    if validity.serves(purpose) {
        Ok(())
    } else {
        Err(ErrorCode::InvalidOracle)
    }
}

/// Updates an AMM: its curve by `rule`, then, as far as `price` may be trusted, the oracle's averages, and its spreads.
/// Answers what the curve's change cost (1e6). A market in settlement stays as it is.
pub fn update_market(
    market: &mut PerpMarket,
    price: &OraclePrice,
    state: &State,
    clock: Clock,
    rule: BeforeTrade,
) -> Result<i128> {
    if market.status == MarketStatus::Settlement || market.status == MarketStatus::Delisted {
        return Ok(0);
    }
    let validity = market.oracle_validity(price, &{ state.oracle_guard_rails })?;
    let change = if !validity.serves(Purpose::UpdateCurve) {
        Some(0)
    } else if rule == BeforeTrade::Deployed {
        follow_oracle(market, price)?
    } else {
        Some(before_trade::reshape(market, price, rule)?)
    };
    let reserve_price = market.amm.reserve_price()?;
    if validity.serves(Purpose::UpdateTwap) {
        let clamp = market.twap_clamp();
        market
            .amm
            .update_oracle_twap(clock.unix_timestamp, price, reserve_price, clamp)?;
    }
    let may_trade = validity.serves(Purpose::FillOrderAmm);
    if may_trade && change.is_some() {
        market.amm.last_update_slot = clock.slot;
    }
    market.amm.last_oracle_valid = may_trade.into();
    market.amm.update_spreads(reserve_price)?;
    Ok(change.unwrap_or(0))
}

/// The deployed rule: moves the peg toward the oracle as far as the fees reach. Answers what it cost (1e6); nothing
/// where the cost could not be booked and the curve stays.
fn follow_oracle(market: &mut PerpMarket, price: &OraclePrice) -> Result<Option<i128>> {
    if market.amm.curve_update_intensity == 0 {
        return Ok(Some(0));
    }
    let goal = market.repeg_goal(price)?;
    let change = market.adjustment(goal)?;
    if !market.book_curve_cost(change.cost, goal.keeps_share)? {
        return Ok(None);
    }
    market.amm.set_size(change.size)?;
    market.amm.peg_multiplier = change.peg;
    Ok(Some(change.cost))
}

/// `update_amms`: updates every perpetual market named, in the order of their indices.
pub(super) fn update_amms(frame: &mut Frame, arguments: &UpdateAmms) -> Result {
    let at = UpdateAmmsAccounts::positions();
    let state = guard::state(frame, at.state)?;
    frame.signer(at.authority)?;
    guard::exchange_not_paused(&state)?;

    let mut must_write = arguments.market_indexes.to_vec();
    must_write.retain(|index| *index != NO_MARKET);
    let mut next = at.authority + 1;
    let mut markets = Markets::load_perps(frame, &mut next, &must_write)?;
    let mut indices: Vec<u16> = markets.perps.iter().map(|market| market.market_index).collect();
    indices.sort_unstable();
    for index in indices {
        if markets.perps.get_mut(index).is_err() {
            return Err(ErrorCode::UnableToLoadAccountLoader);
        }
        refresh(frame.clock, &state, &mut markets, index)?;
    }
    markets.restore(frame);
    frame.put(state);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::{Amm, OracleGuardRails};
    use crate::math::liquidity::MAX_CONCENTRATION;
    use crate::units::BASE;

    const CLOCK: Clock = Clock {
        slot: 77,
        unix_timestamp: 1_000,
    };

    fn state() -> State {
        State {
            oracle_guard_rails: OracleGuardRails::INITIAL,
            ..State::default()
        }
    }

    fn market() -> PerpMarket {
        let side = 1_000 * u128::from(BASE);
        let mut market = PerpMarket {
            status: MarketStatus::Active,
            ..PerpMarket::default()
        };
        market.amm = Amm {
            base_asset_reserve: side,
            quote_asset_reserve: side,
            sqrt_k: side,
            peg_multiplier: 1_000_000,
            concentration_coef: MAX_CONCENTRATION,
            max_spread: 20_000,
            funding_period: 3_600,
            total_fee_minus_distributions: 1,
            curve_update_intensity: 100,
            ..Amm::default()
        };
        market.amm.historical_oracle_data.last_oracle_price_twap = 1_000_000;
        market.amm.refresh_bounds().unwrap();
        market
    }

    fn oracle(price: i64, delay: i64) -> OraclePrice {
        OraclePrice {
            price,
            delay,
            ..OraclePrice::DOLLAR
        }
    }

    fn updated(price: OraclePrice, rule: BeforeTrade) -> PerpMarket {
        let mut market = market();
        update_market(&mut market, &price, &state(), CLOCK, rule).unwrap();
        market
    }

    #[test]
    fn a_balanced_amm_follows_its_oracle() {
        let market = updated(oracle(1_100_000, 0), BeforeTrade::Deployed);
        assert_eq!(market.amm.reserve_price(), Ok(1_100_000));
        assert_eq!({ market.amm.historical_oracle_data.last_oracle_price }, 1_100_000);
        assert!(market.amm.is_current(CLOCK.slot) && !market.amm.is_current(CLOCK.slot + 1));
    }

    #[test]
    fn a_stale_oracle_moves_the_curve_but_bars_trading() {
        let market = updated(oracle(1_100_000, 11), BeforeTrade::Deployed);
        assert_eq!(market.amm.reserve_price(), Ok(1_100_000));
        assert!(!market.amm.last_oracle_valid.is_set());
        assert_eq!({ market.amm.last_update_slot }, 0);
    }

    #[test]
    fn without_a_budget_a_smaller_k_pays() {
        let mut market = market();
        // Net long, so that a higher peg costs. The oracle is within half the largest spread.
        market.amm.base_asset_amount_with_amm = 100 * i128::from(BASE);
        market.amm.base_asset_reserve = 900 * u128::from(BASE);
        market.amm.quote_asset_reserve = 1_000_000 * u128::from(BASE) / 900;
        market.amm.refresh_bounds().unwrap();
        market.amm.total_fee_minus_distributions = 0;
        let mark = market.amm.reserve_price().unwrap() as i64;
        market.amm.historical_oracle_data.last_oracle_price_twap = mark;
        let price = oracle(mark + mark / 200, 0);
        update_market(&mut market, &price, &state(), CLOCK, BeforeTrade::Deployed).unwrap();
        assert_eq!({ market.amm.sqrt_k }, 999 * u128::from(BASE));
        assert!(market.amm.peg_multiplier > 1_000_000);
    }

    #[test]
    fn a_market_in_settlement_stays() {
        let mut market = market();
        market.status = MarketStatus::Settlement;
        let before = market;
        let cost = update_market(&mut market, &oracle(5, 0), &state(), CLOCK, BeforeTrade::Deployed);
        assert!(cost == Ok(0) && market == before);
    }

    #[test]
    fn strategies_act_at_any_intensity_and_the_deployed_rule_does_not() {
        let mut calm = market();
        calm.amm.curve_update_intensity = 0;
        for (rule, mark) in [
            (BeforeTrade::Deployed, 1_000_000),
            (BeforeTrade::PrePeg, 1_100_000),
            (BeforeTrade::PreFreePeg, 1_100_000),
        ] {
            let mut market = calm;
            update_market(&mut market, &oracle(1_100_000, 0), &state(), CLOCK, rule).unwrap();
            assert_eq!(market.amm.reserve_price(), Ok(mark), "{rule:?}");
        }
    }

    #[test]
    fn a_price_must_serve_its_purpose() {
        let mut market = market();
        let old = oracle(1_000_000, 121);
        let asked = |market: &mut PerpMarket, purpose| refresh_for(market, &old, &state(), CLOCK, purpose);
        assert_eq!(asked(&mut market, Purpose::SettlePnl), Ok(()));
        assert_eq!(asked(&mut market, Purpose::Margin), Err(ErrorCode::InvalidOracle));
    }
}

//! An administrator's changes of a market's curve: its size and its peg.

use super::frame::{Frame, Held};
use super::guard;
use super::oracles::read_price;
use crate::accounts::{PerpMarket, State};
use crate::error::{ErrorCode, Result};
use crate::instruction::{RepegAmmCurve, RepegAmmCurveAccounts, UpdateK, UpdateKAccounts};
use crate::math::k::{MAX_SQRT_K, Resized, resized};
use crate::math::oracle::OracleValidity;
use crate::math::wide::Wide;
use crate::num::{Checked, Narrow};

/// The most (1e6) that a change of size may move the price: a hundredth of a cent.
const MOST_PRICE_CHANGE: u128 = 100;
/// The most by which reserves may miss sqrt_k after a change of size.
const MOST_ROOT_ERROR: u128 = 100;

fn allowed(holds: bool) -> Result {
    if holds {
        Ok(())
    } else {
        Err(ErrorCode::InvalidUpdateK)
    }
}

fn count_change(market: &mut PerpMarket) {
    market.next_curve_record_id = market.next_curve_record_id.checked_add(1).unwrap_or(1);
}

/// What both instructions ask of their accounts once the types are right.
fn check(frame: &Frame, state: &State, market: &Held<PerpMarket>, who: Who) -> Result {
    guard::admin(state, frame.key(who.admin)?)?;
    if !market.is_writable() {
        return Err(ErrorCode::ConstraintMut);
    }
    guard::perp_listed(market)?;
    guard::perp_oracle(market, frame.key(who.oracle)?)
}

/// Places of the accounts that both instructions name in different orders.
struct Who {
    admin: usize,
    oracle: usize,
}

/// `update_k`: resizes the curve at the fees' expense.
pub(super) fn update_k(frame: &mut Frame, arguments: &UpdateK) -> Result {
    let at = UpdateKAccounts::positions();
    frame.signer(at.admin)?;
    let state = guard::state(frame, at.state)?;
    let mut market = frame.take::<PerpMarket>(at.perp_market)?;
    frame.slot(at.oracle)?;
    let who = Who {
        admin: at.admin,
        oracle: at.oracle,
    };
    check(frame, &state, &market, who)?;

    let before = market.amm.reserve_price()?;
    let grows = arguments.sqrt_k > market.amm.sqrt_k;
    let size = resized(&market, arguments.sqrt_k)?;
    frame.effects.k_cost = resize(&mut market, size, grows)?;
    let amm = &market.amm;
    let change = i128::from(before).minus(amm.reserve_price()?.into())?;
    allowed(change.unsigned_abs() <= MOST_PRICE_CHANGE)?;
    let root: i128 = Wide::from(amm.base_asset_reserve)
        .times(amm.quote_asset_reserve)?
        .root()
        .to()?;
    allowed(root.minus(amm.sqrt_k.to()?)?.unsigned_abs() <= MOST_ROOT_ERROR)?;

    read_price(
        market.amm.oracle_source,
        frame.account(at.oracle)?,
        frame.clock.slot,
    )?;
    count_change(&mut market);
    frame.put(market);
    frame.put(state);
    Ok(())
}

/// Takes the size over and books its cost, which must have the sign of the change and leave the protocol its fees;
/// answers the cost (1e6).
fn resize(market: &mut PerpMarket, size: Resized, grows: bool) -> Result<i128> {
    let cost = market.amm.set_size_at_cost(size)?;
    allowed(if grows { cost >= 0 } else { cost <= 0 })?;
    if cost > 0 {
        let most = market
            .amm
            .total_fee_minus_distributions
            .minus(market.protocol_fees().to()?)?
            .minus(market.amm.total_fee_withdrawn.to()?)?;
        allowed(cost <= most)?;
    }
    let amm = &mut market.amm;
    allowed(!grows || amm.sqrt_k < MAX_SQRT_K)?;
    allowed(amm.sqrt_k > amm.user_lp_shares)?;
    amm.total_fee_minus_distributions = amm.total_fee_minus_distributions.minus(cost)?;
    // The program cuts the cost to 64 bits here.
    amm.net_revenue_since_last_funding = amm.net_revenue_since_last_funding.minus(cost as i64)?;
    Ok(cost)
}

/// `repeg_amm_curve`: moves the peg toward the oracle at the fees' expense.
pub(super) fn repeg_amm_curve(frame: &mut Frame, arguments: &RepegAmmCurve) -> Result {
    let at = RepegAmmCurveAccounts::positions();
    let state = guard::state(frame, at.state)?;
    let mut market = frame.take::<PerpMarket>(at.perp_market)?;
    frame.slot(at.oracle)?;
    frame.signer(at.admin)?;
    let who = Who {
        admin: at.admin,
        oracle: at.oracle,
    };
    check(frame, &state, &market, who)?;

    let price = read_price(
        market.amm.oracle_source,
        frame.account(at.oracle)?,
        frame.clock.slot,
    )?;
    let peg = arguments.new_peg_candidate;
    if peg == market.amm.peg_multiplier {
        return Err(ErrorCode::InvalidRepegRedundant);
    }
    market.amm.terminal_price()?;
    let cost = market.amm.peg_revaluation(peg)?;
    let validity = market.oracle_validity(&price, &{ state.oracle_guard_rails })?;
    market
        .amm
        .allows_peg(peg, &price, validity == OracleValidity::Valid)?;
    if !market.book_curve_cost(cost, true)? {
        return Err(ErrorCode::InvalidRepegProfitability);
    }
    frame.effects.repeg_cost = cost;
    market.amm.peg_multiplier = peg;
    count_change(&mut market);
    frame.put(market);
    frame.put(state);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::{Amm, MarketStatus};
    use crate::math::liquidity::MAX_CONCENTRATION;
    use crate::units::BASE;

    fn market() -> PerpMarket {
        let unit = u128::from(BASE);
        let mut market = PerpMarket {
            status: MarketStatus::Active,
            ..PerpMarket::default()
        };
        market.amm = Amm {
            base_asset_reserve: 800 * unit,
            quote_asset_reserve: 1_250 * unit,
            sqrt_k: 1_000 * unit,
            peg_multiplier: 1_000_000,
            concentration_coef: MAX_CONCENTRATION,
            base_asset_amount_with_amm: 200 * i128::from(BASE),
            ..Amm::default()
        };
        market.amm.refresh_bounds().unwrap();
        market
    }

    fn to_size(market: &mut PerpMarket, units: u128) -> Result {
        let size = resized(market, units * u128::from(BASE))?;
        resize(market, size, units > 1_000).map(drop)
    }

    #[test]
    fn growth_must_be_paid_from_fees() {
        let mut poor = market();
        assert_eq!(to_size(&mut poor, 1_010), Err(ErrorCode::InvalidUpdateK));
        let mut rich = market();
        rich.amm.total_fee_minus_distributions = 100_000_000;
        to_size(&mut rich, 1_010).unwrap();
        let cost = 100_000_000 - rich.amm.total_fee_minus_distributions;
        assert!(cost > 0);
        assert_eq!(i128::from(rich.amm.net_revenue_since_last_funding), -cost);
        // Half of the exchange fees and what was withdrawn stay.
        let mut shared = market();
        shared.amm.total_fee_minus_distributions = 100_000_000;
        shared.amm.total_exchange_fee = 150_000_000;
        shared.amm.total_fee_withdrawn = 25_000_000;
        assert_eq!(to_size(&mut shared, 1_010), Err(ErrorCode::InvalidUpdateK));
    }

    #[test]
    fn shrinking_frees_money_and_stops_above_the_shares() {
        let mut market = market();
        to_size(&mut market, 990).unwrap();
        assert!(market.amm.total_fee_minus_distributions > 0);
        market.amm.user_lp_shares = 980 * u128::from(BASE);
        assert_eq!(to_size(&mut market, 980), Err(ErrorCode::InvalidUpdateK));
    }
}

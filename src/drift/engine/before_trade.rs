//! drift-sim's strategies for the curve just before a trade: research switches, not the deployed rule.
//!
//! They stand in the place of the deployed rule whenever a taker's order is about to be filled, and nowhere else:
//! keepers, liquidity providers and settlements still see the deployed one. Averages and spreads follow as always.
//!
//! Both move the peg toward the one at which the mark meets the oracle, and spend at most what the deployed rule might:
//! the fees beyond the protocol's share ([`PerpMarket::spendable_fees`]). Unlike the deployed rule they act at every curve
//! update intensity, and never beyond the budget, however far the mark is from the oracle.
//!
//! - `PrePeg` moves the peg as far as the budget reaches. A move that brings money, or costs nothing, is made in full.
//! - `PreFreePeg` makes up for a budget that is too small: it scales both reserves down, by 1.5 % at most, and spends
//!   what that frees on the peg as well. Where the peg's move is affordable anyway it does what `PrePeg` does. k keeps
//!   to the limits of every other decrease: above the providers' shares and the net position.
//!
//! drift-sim acts before opening trades only, works the same out in floating point, prices the peg's move on the
//! reserves before their scaling, and counts its budget without liquidation fees and withdrawals.

use super::frame::BeforeTrade;
use super::oracles::OraclePrice;
use crate::accounts::{Amm, PerpMarket};
use crate::error::{ErrorCode, Result};
use crate::math::curve::peg_for_price;
use crate::math::k::{WHOLE, resized};
use crate::num::{Narrow, mul_div};
use crate::units::BASE;

/// The most that one trade may scale the reserves down, as a factor (1e6).
const LEAST_FACTOR: i128 = 985_000;

/// Reshapes the curve by `rule` toward `price`; answers what it cost (1e6), or brought where negative.
pub(super) fn reshape(market: &mut PerpMarket, price: &OraclePrice, rule: BeforeTrade) -> Result<i128> {
    let target: u64 = price.price.to()?;
    match rule {
        BeforeTrade::Deployed => Ok(0),
        BeforeTrade::PrePeg => pre_peg(market, target),
        BeforeTrade::PreFreePeg => pre_free_peg(market, target),
    }
}

/// The peg nearest to `wanted` that `budget` (1e6) pays for.
fn affordable_peg(amm: &Amm, wanted: u128, budget: u128) -> Result<u128> {
    let peg = amm.peg_multiplier;
    let beyond = amm.quote_beyond_terminal()?;
    let brings = match beyond.signum() {
        0 => true,
        1 => wanted <= peg,
        _ => wanted >= peg,
    };
    if brings {
        return Ok(wanted);
    }
    let reach = mul_div(budget, BASE.into(), beyond.unsigned_abs())?;
    Ok(if wanted > peg {
        wanted.min(peg.saturating_add(reach))
    } else {
        wanted.max(peg.saturating_sub(reach))
    })
}

fn pre_peg(market: &mut PerpMarket, target: u64) -> Result<i128> {
    let wanted = peg_for_price(market.amm.reserves(), target)?;
    let peg = affordable_peg(&market.amm, wanted, market.spendable_fees()?)?;
    let cost = market.amm.peg_cost(peg)?;
    if !market.book_curve_cost(cost, true)? {
        return Ok(0);
    }
    market.amm.peg_multiplier = peg;
    Ok(cost)
}

fn pre_free_peg(market: &mut PerpMarket, target: u64) -> Result<i128> {
    let wanted = peg_for_price(market.amm.reserves(), target)?;
    let budget = market.spendable_fees()?;
    let missing = market.amm.peg_cost(wanted)?.saturating_sub(budget.to()?);
    if missing <= 0 || !market.amm.bears_smaller_k()? {
        return pre_peg(market, target);
    }
    // Where even the whole curve could not free as much the formula has no answer, and the limit stands for it.
    let factor = match market.amm.affordable_k_factor(-missing, WHOLE, LEAST_FACTOR) {
        Err(ErrorCode::ProgramFailedToComplete) => LEAST_FACTOR.unsigned_abs(),
        factor => factor?,
    };
    let sqrt_k = mul_div(market.amm.sqrt_k, factor, WHOLE.unsigned_abs())?.max(market.amm.lowest_sqrt_k()?);
    let size = resized(market, sqrt_k)?;
    let mut scaled = market.amm;
    let freed = scaled.set_size_at_cost(size)?;
    if freed > 0 {
        return pre_peg(market, target);
    }
    let wanted = peg_for_price(scaled.reserves(), target)?;
    let peg = affordable_peg(&scaled, wanted, budget + freed.unsigned_abs())?;
    let cost = freed + scaled.peg_cost(peg)?;
    if !market.book_curve_cost(cost, true)? {
        return Ok(0);
    }
    market.amm.set_size(size)?;
    market.amm.peg_multiplier = peg;
    Ok(cost)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::MarketStatus;
    use crate::math::liquidity::MAX_CONCENTRATION;
    use proptest::prelude::*;

    const UNIT: i128 = BASE as i128;

    fn market(net: i128, fees: i128) -> PerpMarket {
        let side = 1_000 * UNIT;
        let mut market = PerpMarket {
            status: MarketStatus::Active,
            ..PerpMarket::default()
        };
        market.amm = Amm {
            base_asset_reserve: (side - net).unsigned_abs(),
            sqrt_k: side.unsigned_abs(),
            peg_multiplier: 1_000_000,
            concentration_coef: MAX_CONCENTRATION,
            base_asset_amount_with_amm: net,
            total_fee_minus_distributions: fees,
            max_spread: 20_000,
            ..Amm::default()
        };
        market.amm.quote_asset_reserve = (side * side / (side - net)).unsigned_abs();
        market.amm.refresh_bounds().unwrap();
        market
    }

    fn oracle(price: u64) -> OraclePrice {
        OraclePrice {
            price: price as i64,
            ..OraclePrice::DOLLAR
        }
    }

    #[test]
    fn a_balanced_amm_meets_the_oracle_for_nothing() {
        for rule in [BeforeTrade::PrePeg, BeforeTrade::PreFreePeg] {
            let mut market = market(0, 0);
            assert_eq!(reshape(&mut market, &oracle(1_300_000), rule), Ok(0));
            assert_eq!(market.amm.reserve_price(), Ok(1_300_000));
            assert_eq!({ market.amm.sqrt_k }, 1_000 * BASE as u128);
        }
    }

    #[test]
    fn a_peg_goes_as_far_as_the_fees() {
        // 500 base long: 500 · 2,000; closing it leaves 1,000 · 1,000. A peg higher by one costs 1,000 dollars.
        let mut market = market(500 * UNIT, 50_000_000);
        let cost = reshape(&mut market, &oracle(8_000_000), BeforeTrade::PrePeg);
        assert_eq!(cost, Ok(50_000_000));
        assert_eq!({ market.amm.peg_multiplier }, 1_050_000);
        assert_eq!({ market.amm.total_fee_minus_distributions }, 0);
        // Back down it brings money.
        let cost = reshape(&mut market, &oracle(4_000_000), BeforeTrade::PrePeg);
        assert_eq!(cost, Ok(-50_000_000));
        assert_eq!(market.amm.reserve_price(), Ok(4_000_000));
    }

    #[test]
    fn smaller_reserves_pay_for_more_of_the_way() {
        let (mut pegged, mut freed) = (market(100 * UNIT, 1_000_000), market(100 * UNIT, 1_000_000));
        reshape(&mut pegged, &oracle(3_000_000), BeforeTrade::PrePeg).unwrap();
        reshape(&mut freed, &oracle(3_000_000), BeforeTrade::PreFreePeg).unwrap();
        assert!(freed.amm.peg_multiplier > pegged.amm.peg_multiplier);
        // The limit of 1.5 %.
        assert_eq!({ freed.amm.sqrt_k }, 985 * BASE as u128);
        assert_eq!({ pegged.amm.sqrt_k }, 1_000 * BASE as u128);
    }

    #[test]
    fn switched_off_nothing_changes() {
        let mut market = market(200 * UNIT, 1_000_000);
        let before = market;
        assert_eq!(
            reshape(&mut market, &oracle(3_000_000), BeforeTrade::Deployed),
            Ok(0)
        );
        assert_eq!(market, before);
    }

    proptest! {
        #[test]
        fn the_budget_is_never_exceeded_and_the_mark_never_retreats(
            net in -250i128..250, fees in -1_000_000i128..200_000_000, exchange_fees in 0u128..200_000_000,
            price in 300_000u64..3_000_000, shares in 0u128..900, free in any::<bool>(),
        ) {
            let mut market = market(net * UNIT, fees);
            market.amm.total_exchange_fee = exchange_fees;
            market.amm.user_lp_shares = shares.min(990 - net.unsigned_abs()) * BASE as u128;
            let rule = if free { BeforeTrade::PreFreePeg } else { BeforeTrade::PrePeg };
            let before = market;
            let budget = market.spendable_fees().unwrap() as i128;
            let cost = reshape(&mut market, &oracle(price), rule).unwrap();
            prop_assert!(cost <= budget, "{cost} of {budget}");
            prop_assert_eq!(market.amm.total_fee_minus_distributions, fees - cost);
            let (was, is) = (before.amm.reserve_price().unwrap(), market.amm.reserve_price().unwrap());
            // The peg and the scaled reserves each round by a unit.
            prop_assert!(is.abs_diff(price) <= was.abs_diff(price) + 3, "{was} -> {is} of {price}");
            prop_assert!(market.amm.sqrt_k <= before.amm.sqrt_k);
            prop_assert!(market.amm.sqrt_k * 1_000_000 >= before.amm.sqrt_k * 985_000);
            prop_assert!(market.amm.sqrt_k > market.amm.user_lp_shares);
            let again = reshape(&mut market.clone(), &oracle(price), rule).unwrap();
            prop_assert!(again <= budget - cost);
        }
    }
}

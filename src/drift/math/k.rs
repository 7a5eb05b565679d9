//! Resizing the curve: more k makes trades cheaper and costs the AMM whatever its net position is then worth more.
//! Reserves and sqrt_k at 1e9, money at 1e6.

use super::curve::{Reserves, revaluation};
use super::wide::Wide;
use crate::accounts::{Amm, MarketStatus, PerpMarket};
use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow, mul_div};
use crate::units::{BASE, PEG, PERCENTAGE, QUOTE};

/// The largest sqrt_k that an increase may reach.
pub const MAX_SQRT_K: u128 = 1_000_000_000_000_000_000_000;
/// One, as a factor of k.
pub const WHOLE: i128 = PERCENTAGE as i128;
/// The most that k may fall at once, as a share (1e6).
const MOST_DECREASE: i128 = 22_000;

/// A curve of another size that shows the same price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resized {
    /// Geometric mean of the reserves.
    pub sqrt_k: u128,
    /// The reserves.
    pub reserves: Reserves,
}

/// The market's curve at `sqrt_k`. `InvalidUpdateK` for less than half the present size, for growth past
/// [`MAX_SQRT_K`], and for a size below the AMM's net position unless the market is being wound down.
pub fn resized(market: &PerpMarket, sqrt_k: u128) -> Result<Resized> {
    size(market, sqrt_k, true)
}

/// As [`resized`], but however much smaller: liquidity providers may leave with more than half.
pub fn resized_freely(market: &PerpMarket, sqrt_k: u128) -> Result<Resized> {
    size(market, sqrt_k, false)
}

fn size(market: &PerpMarket, sqrt_k: u128, bounded: bool) -> Result<Resized> {
    let amm = &market.amm;
    let old = amm.sqrt_k;
    let one = u128::from(BASE);
    let ratio = Wide::from(sqrt_k).times(one)?.over(old)?;
    if bounded && ratio < Wide::from(one / 2) {
        return Err(ErrorCode::InvalidUpdateK);
    }
    let shrinks = ratio < Wide::from(one);
    if !shrinks && sqrt_k > MAX_SQRT_K {
        return Err(ErrorCode::InvalidUpdateK);
    }
    if market.status != MarketStatus::ReduceOnly
        && sqrt_k < old
        && amm.base_asset_amount_with_amm.unsigned_abs() > sqrt_k
    {
        return Err(ErrorCode::InvalidUpdateK);
    }
    // Rounded up when it shrinks, so that the price does not rise by rounding.
    let ratio = ratio.narrow()? + u128::from(shrinks);
    let base = mul_div(amm.base_asset_reserve, ratio, one)?;
    let quote = mul_div(sqrt_k, sqrt_k, base)?;
    Ok(Resized {
        sqrt_k,
        reserves: Reserves { base, quote },
    })
}

impl Amm {
    /// Takes the size over, and derives bounds, terminal reserve and spreads from it.
    pub fn set_size(&mut self, size: Resized) -> Result {
        self.base_asset_reserve = size.reserves.base;
        self.quote_asset_reserve = size.reserves.quote;
        self.sqrt_k = size.sqrt_k;
        self.refresh_bounds()?;
        self.update_spreads(self.reserve_price()?)
    }

    /// As [`Amm::set_size`]; answers what it cost (1e6), or brought where negative, on the AMM's net position.
    pub fn set_size_at_cost(&mut self, size: Resized) -> Result<i128> {
        let net = self.base_asset_amount_with_amm;
        let before = self.exit_value(net)?;
        self.set_size(size)?;
        revaluation(net, before, self.exit_value(net)?)
    }

    /// What [`Amm::set_size`] would cost (1e6).
    pub fn size_cost(&self, size: Resized) -> Result<i128> {
        // The program changes a copy, and whatever that refuses is refused.
        { *self }.set_size_at_cost(size)
    }

    /// The factor (1e6) of k that `budget` (1e6) pays for, or frees where negative, within `least` and `most` (1e6).
    ///
    /// With a and b the reserves, p the peg, n the net position and f what is freed, the factor is
    /// `(b n² p - f n (a + n)) / (b n² p + f a (a + n))`. `InvalidUpdateK` for limits that do not enclose one, or
    /// reach too low.
    pub fn affordable_k_factor(&self, budget: i128, most: i128, least: i128) -> Result<u128> {
        if most < WHOLE || !(WHOLE - MOST_DECREASE..=WHOLE).contains(&least) {
            return Err(ErrorCode::InvalidUpdateK);
        }
        let (base, quote, money) = (u128::from(BASE), u128::from(QUOTE), budget.unsigned_abs());
        let spends = budget >= 0;
        let net = self.base_asset_amount_with_amm;
        let size = net.unsigned_abs();
        let peg: i128 = self.peg_multiplier.to()?;
        let balanced = self.base_asset_reserve.to::<i128>()?.plus(net)?;
        // On chain a negative balance panics on its way into a wide integer.
        let balanced = u128::try_from(balanced).map_err(|_| ErrorCode::ProgramFailedToComplete)?;

        let crossed = Wide::from(self.base_asset_reserve)
            .times(balanced)?
            .over(base)?
            .times(money)?
            .over(quote)?
            .narrow()?;
        let leaned = Wide::from(money)
            .times(balanced)?
            .over(quote)?
            .times(size)?
            .over(base)?
            .narrow()?;
        let held: i128 = Wide::from(self.quote_asset_reserve)
            .times(size)?
            .over(base)?
            .times(size)?
            .over(base)?
            .times(peg.unsigned_abs())?
            .over(PEG.into())?
            .narrow()?
            .to()?;
        let leaned: i128 = leaned.to()?;
        // Freed money and a net long lean the same way, as do spent money and a net short.
        let leaned = if spends == (net > 0) { -leaned } else { leaned };
        let signed: i128 = crossed.to()?;
        let signed = if spends { -signed } else { signed };
        if spends && crossed > held.unsigned_abs() {
            // More money than any growth of k could cost.
            return most.to();
        }
        let digits = i128::from(BASE / QUOTE);
        let mut numerator = held.minus(leaned)? / digits;
        let mut denominator = signed.plus(held)? / digits;
        if numerator < 0 && denominator < 0 {
            (numerator, denominator) = (-numerator, -denominator);
        }
        if numerator <= 0 || denominator <= 0 {
            return Err(ErrorCode::ProgramFailedToComplete);
        }
        let factor = numerator.times(WHOLE)?.over(denominator)?;
        let factor = if numerator > denominator {
            factor.min(most)
        } else {
            factor.max(least)
        };
        factor.to()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::liquidity::MAX_CONCENTRATION;
    use proptest::prelude::*;

    fn market(net: i128) -> PerpMarket {
        let side = 1_000 * u128::from(BASE);
        let mut market = PerpMarket {
            status: MarketStatus::Active,
            ..PerpMarket::default()
        };
        market.amm = Amm {
            base_asset_reserve: side.wrapping_add_signed(-net),
            sqrt_k: side,
            peg_multiplier: 1_000_000,
            concentration_coef: MAX_CONCENTRATION,
            base_asset_amount_with_amm: net,
            ..Amm::default()
        };
        market.amm.quote_asset_reserve = side * side / market.amm.base_asset_reserve;
        market
    }

    #[test]
    fn a_size_outside_the_limits_is_refused() {
        let side = 1_000 * u128::from(BASE);
        let mut heavy = market(-600 * i128::from(BASE));
        for sqrt_k in [side / 2 - 1, MAX_SQRT_K + 1, side * 59 / 100] {
            assert_eq!(
                resized(&heavy, sqrt_k),
                Err(ErrorCode::InvalidUpdateK),
                "{sqrt_k}"
            );
        }
        heavy.status = MarketStatus::ReduceOnly;
        assert!(resized(&heavy, side * 59 / 100).is_ok());
        let light = market(-200 * i128::from(BASE));
        assert_eq!(resized(&light, side / 2).unwrap().reserves.base, 600_000_001_200);
        assert_eq!(resized(&light, side).unwrap().reserves, light.amm.reserves());
    }

    #[test]
    fn growth_costs_and_shrinking_frees() {
        for net in [-100, 100] {
            let market = market(net * i128::from(BASE));
            let side = 1_000 * u128::from(BASE);
            let cost = |sqrt_k| market.amm.size_cost(resized(&market, sqrt_k).unwrap()).unwrap();
            assert!(cost(side + side / 100) > 0, "{net}");
            assert!(cost(side - side / 100) < 0, "{net}");
        }
        let flat = market(0);
        let grown = resized(&flat, 1_100 * u128::from(BASE)).unwrap();
        assert_eq!(flat.amm.size_cost(grown), Ok(0));
    }

    #[test]
    fn limits_of_the_factor_are_checked() {
        let amm = market(5).amm;
        for (most, least) in [(999_999, 999_000), (1_001_000, 1_000_001), (1_001_000, 977_999)] {
            assert_eq!(
                amm.affordable_k_factor(1, most, least),
                Err(ErrorCode::InvalidUpdateK)
            );
        }
        // Without a net position growth is free, and there is nothing to be freed.
        assert_eq!(
            market(0).amm.affordable_k_factor(1, 1_001_000, 999_000),
            Ok(1_001_000)
        );
    }

    proptest! {
        #[test]
        fn a_budget_pays_for_its_factor(
            net in prop_oneof![-300i128..-1, 1i128..300], budget in -2_000_000i128..2_000_000,
        ) {
            // No change of k frees all that the position is worth; on chain the question panics.
            prop_assume!(budget > -900_000 * net.abs());
            let market = market(net * i128::from(BASE));
            let factor = market.amm.affordable_k_factor(budget, 1_010_000, 990_000).unwrap();
            let sqrt_k = market.amm.sqrt_k * factor / WHOLE as u128;
            let cost = market.amm.size_cost(resized(&market, sqrt_k).unwrap()).unwrap();
            // The factor has six digits, so that a budget is met to a millionth of the position's leverage.
            if budget >= 0 {
                prop_assert!((-2..=budget + 2).contains(&cost), "{cost} of {budget}");
            } else {
                prop_assert!(cost <= 2 && cost >= budget - 1_000, "{cost} of {budget}");
            }
        }
    }
}

//! How wide the AMM's spreads are: half the base spread or the volatility's, and then retreats from the oracle, from
//! inventory, from leverage and from losses. Spreads at 1e6.

use super::spread_shift::inventory_share;
use super::tier::RETREAT_LOSS;
use crate::accounts::Amm;
use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow};
use crate::units::{BASE, PERCENTAGE, PRICE, QUOTE, RESERVE_TIMES_PEG_PER_QUOTE};

/// The most that inventory or leverage widens a spread, and what an AMM without fees widens it: ten times.
const TENFOLD: u64 = 10 * PERCENTAGE;

/// Long and short spread, in that order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spreads {
    long: u64,
    short: u64,
}

impl Spreads {
    /// The spread of the side that would add to a net position of `net`, if there is one.
    fn exposed(&mut self, net: i128) -> Option<&mut u64> {
        match net.signum() {
            0 => None,
            1 => Some(&mut self.long),
            _ => Some(&mut self.short),
        }
    }

    fn widen_exposed(&mut self, net: i128, times: u64) -> Result {
        match self.exposed(net) {
            Some(side) => widen(side, times),
            None => Ok(()),
        }
    }

    /// Scales both sides down until they are within `widest`, the wider one rounded up.
    fn within(self, widest: u64) -> Result<Self> {
        let total = self.long.plus(self.short)?;
        if total <= widest {
            return Ok(self);
        }
        let larger = self.long.max(self.short).times(widest)?.over_up(total)?;
        let smaller = widest.minus(larger)?;
        let (long, short) = if self.long > self.short {
            (larger, smaller)
        } else {
            (smaller, larger)
        };
        if long.plus(short)? > widest {
            return Err(ErrorCode::InvalidAmmMaxSpreadDetected);
        }
        Ok(Self { long, short })
    }
}

fn widen(spread: &mut u64, times: u64) -> Result {
    *spread = spread.times(times)? / PERCENTAGE;
    Ok(())
}

/// What recent volatility asks for on each side, more where more was traded lately.
fn volatility(amm: &Amm, reserve_price: u64) -> Result<Spreads> {
    let one = u128::from(PERCENTAGE);
    let confidence = amm.last_oracle_conf_pct;
    let deviations = u128::from(amm.oracle_std.plus(amm.mark_std)?);
    let average = (deviations * one).over(reserve_price.into())? / 2;
    let spread = u128::from(confidence).max(average / 2);
    // Within 25 basis points a confidence interval counts a tenth.
    let least = if confidence > PERCENTAGE / 400 {
        confidence
    } else {
        confidence / 10
    };
    let side = |volume: u64| -> Result<u64> {
        let share = (u128::from(volume) * one).over(amm.volume_24h.max(1).into())?;
        let wanted: u64 = spread
            .times(share.clamp(one / 100, one * 16 / 10))?
            .over(one)?
            .to()?;
        Ok(wanted.max(least))
    };
    Ok(Spreads {
        long: side(amm.long_intensity_volume)?,
        short: side(amm.short_intensity_volume)?,
    })
}

/// The most both spreads together may be: the market's own limit, or what the oracle's distance and uncertainty ask.
fn widest(amm: &Amm, reserve_price: u64) -> Result<u64> {
    let deviation = amm
        .mark_std
        .max(amm.oracle_std)
        .times(PERCENTAGE)?
        .over(reserve_price)?;
    let uncertain = amm.last_oracle_conf_pct.times(2)?.max(deviation).min(PERCENTAGE);
    let gap = amm.last_oracle_reserve_price_spread_pct.unsigned_abs();
    Ok(gap.max(uncertain).max(amm.max_spread.into()))
}

/// How many times (1e6) the net position's share of liquidity widens the exposed side.
fn inventory_scale(amm: &Amm, exposed: u64, widest: u64) -> Result<u64> {
    let share = inventory_share(amm, amm.min_base_asset_reserve, amm.max_base_asset_reserve)?;
    let most = TENFOLD.max(widest.times(PERCENTAGE)? / exposed.max(1));
    let share: u64 = share.unsigned_abs().to()?;
    let scale = most.saturating_mul(share) / PERCENTAGE;
    Ok(PERCENTAGE.saturating_add(scale).min(most))
}

/// How many times (1e6) the AMM's leverage on its fees widens the exposed side: the net position's value beyond what
/// the curve pays for it, over the fees.
fn leverage_scale(amm: &Amm, reserve_price: u64) -> Result<u64> {
    let on_curve = amm
        .quote_asset_reserve
        .to::<i128>()?
        .minus(amm.terminal_quote_asset_reserve.to()?)?
        .times(amm.peg_multiplier.to()?)?
        .over(RESERVE_TIMES_PEG_PER_QUOTE.into())?;
    let at_price = { amm.base_asset_amount_with_amm }
        .times(reserve_price.into())?
        .over((BASE / QUOTE * PRICE).into())?;
    let leverage = at_price
        .minus(on_curve)?
        .max(0)
        .times(PERCENTAGE.into())?
        .over(amm.total_fee_minus_distributions.max(0).plus(1)?)?;
    Ok(PERCENTAGE.plus(leverage.to::<u64>()?.plus(1)?)?.min(TENFOLD))
}

/// What losses since the last funding add: more than 25 dollars times the base spread, at most a tenth of the widest.
fn loss_retreat(amm: &Amm, widest: u64) -> Result<u64> {
    let revenue = amm.net_revenue_since_last_funding;
    if revenue >= RETREAT_LOSS {
        return Ok(0);
    }
    let most = widest / 10;
    if revenue < RETREAT_LOSS * 1_000 {
        return Ok(most);
    }
    let lost = u64::from(amm.base_spread).times(revenue.unsigned_abs())? / RETREAT_LOSS.unsigned_abs();
    Ok(most.min(lost))
}

/// Long and short spread of the AMM at `reserve_price` (1e6).
pub(super) fn spreads(amm: &Amm, reserve_price: u64) -> Result<(u32, u32)> {
    let net = amm.base_asset_amount_with_amm;
    let volatility = volatility(amm, reserve_price)?;
    let half = u64::from(amm.base_spread / 2);
    let mut spreads = Spreads {
        long: volatility.long.max(half),
        short: volatility.short.max(half),
    };
    let widest = widest(amm, reserve_price)?;

    // Where the mark is below the oracle a long gains from the difference, where it is above a short.
    let gap = amm.last_oracle_reserve_price_spread_pct;
    if gap < 0 {
        spreads.long = spreads.long.max(gap.unsigned_abs().plus(volatility.long)?);
    } else if gap > 0 {
        spreads.short = spreads.short.max(gap.unsigned_abs().plus(volatility.short)?);
    }

    if let Some(exposed) = spreads.exposed(net) {
        let times = inventory_scale(amm, *exposed, widest)?;
        widen(exposed, times)?;
    }
    if amm.total_fee_minus_distributions <= 0 {
        widen(&mut spreads.long, TENFOLD)?;
        widen(&mut spreads.short, TENFOLD)?;
    } else {
        spreads.widen_exposed(net, leverage_scale(amm, reserve_price)?)?;
    }

    let retreat = loss_retreat(amm, widest)?;
    if retreat > 0 {
        spreads.long = spreads.long.plus(if net > 0 { retreat } else { retreat / 2 })?;
        spreads.short = spreads.short.plus(if net < 0 { retreat } else { retreat / 2 })?;
    }

    let spreads = spreads.within(widest)?;
    Ok((spreads.long.to()?, spreads.short.to()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amm() -> Amm {
        Amm {
            base_asset_reserve: 1_000_000_000_000,
            quote_asset_reserve: 1_000_000_000_000,
            terminal_quote_asset_reserve: 1_000_000_000_000,
            min_base_asset_reserve: 900_000_000_000,
            max_base_asset_reserve: 1_100_000_000_000,
            sqrt_k: 1_000_000_000_000,
            peg_multiplier: 1_000_000,
            base_spread: 1_000,
            max_spread: 100_000,
            total_fee_minus_distributions: 1_000_000_000,
            ..Amm::default()
        }
    }

    #[test]
    fn a_balanced_calm_market_shows_the_base_spread() {
        assert_eq!(spreads(&amm(), 1_000_000), Ok((500, 500)));
    }

    #[test]
    fn an_amm_without_fees_widens_tenfold() {
        let mut amm = amm();
        amm.total_fee_minus_distributions = 0;
        assert_eq!(spreads(&amm, 1_000_000), Ok((5_000, 5_000)));
    }

    #[test]
    fn the_side_of_the_oracle_retreats() {
        let mut amm = amm();
        amm.last_oracle_reserve_price_spread_pct = -3_000;
        assert_eq!(spreads(&amm, 1_000_000), Ok((3_000, 500)));
        amm.last_oracle_reserve_price_spread_pct = 3_000;
        assert_eq!(spreads(&amm, 1_000_000), Ok((500, 3_000)));
    }

    #[test]
    fn inventory_widens_the_side_that_adds_to_it() {
        let mut amm = amm();
        // A fifth of the hundred units on either side, of a limit of 100,000 / 500 = 200 times: 1 + 40 times.
        amm.base_asset_amount_with_amm = -20_000_000_000;
        // The curve pays all of the position's value.
        amm.terminal_quote_asset_reserve = 1_020_000_000_000;
        assert_eq!(inventory_scale(&amm, 500, 100_000), Ok(41_000_000));
        // Leverage adds a millionth, lost in rounding: 20,500 · 1.000001.
        assert_eq!(spreads(&amm, 1_000_000), Ok((500, 20_500)));
    }

    #[test]
    fn losses_add_a_retreat() {
        let mut amm = amm();
        amm.net_revenue_since_last_funding = -50_000_000;
        // Twice the base spread, half of it on each side of a balanced market.
        assert_eq!(spreads(&amm, 1_000_000), Ok((1_500, 1_500)));
        amm.net_revenue_since_last_funding = -25_000_000_001;
        assert_eq!(spreads(&amm, 1_000_000), Ok((5_500, 5_500)));
    }

    #[test]
    fn volume_steers_the_volatility_spread() {
        let mut amm = amm();
        amm.oracle_std = 20_000;
        amm.mark_std = 20_000;
        amm.volume_24h = 100;
        amm.long_intensity_volume = 50;
        // Half the average deviation is 10,000: half of it for longs, a hundredth at least for shorts.
        assert_eq!(
            volatility(&amm, 1_000_000),
            Ok(Spreads {
                long: 5_000,
                short: 100
            })
        );
    }

    proptest! {
        #[test]
        fn both_sides_stay_within_the_widest(long in 0u64..1 << 31, short in 0u64..1 << 31, most in 0u64..1 << 31) {
            let capped = Spreads { long, short }.within(most).unwrap();
            prop_assert!(capped.long + capped.short == most.min(long + short));
            prop_assert!(capped.long <= long || long + short > most);
            prop_assert!((long > short) == (capped.long > capped.short) || capped.long.abs_diff(capped.short) <= 1);
        }
    }
}

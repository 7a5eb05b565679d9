//! The offset of the AMM's price from its curve: with inventory and market premium on the same side, both quotes
//! lean to that side.

use super::liquidity::open_between;
use crate::accounts::Amm;
use crate::error::Result;
use crate::num::{Checked, Narrow};
use crate::units::PERCENTAGE;

const ONE: i64 = PERCENTAGE as i64;

/// Net position as a share (1e6) of the smaller side of liquidity between two bounds, at most one.
pub(super) fn inventory_share(amm: &Amm, lowest: u128, highest: u128) -> Result<i128> {
    let (bids, asks) = open_between(amm.base_asset_reserve, lowest, highest)?;
    let side = bids.min(-asks);
    let size = amm.base_asset_amount_with_amm.abs();
    if size >= side {
        return Ok(ONE.into());
    }
    let scaled = size.checked_mul(ONE.into()).unwrap_or(i128::MAX);
    Ok(scaled.over(side.max(1))?.min(ONE.into()))
}

/// The largest offset (1e6): intensities above 100 allow a basis point each, or a fifth of the largest spread.
fn largest_offset(amm: &Amm) -> i64 {
    match amm.curve_update_intensity {
        0..=100 => 0,
        intensity => (i64::from(intensity) - 100)
            .saturating_mul(ONE / 10_000)
            .max(i64::from(amm.max_spread) / 5),
    }
}

/// The offset (1e6, signed) of the price at `reserve_price` (1e6).
pub(super) fn reference_offset(amm: &Amm, reserve_price: u64) -> Result<i32> {
    let largest = largest_offset(amm);
    if largest == 0 {
        return Ok(0);
    }
    // The program passes the bounds in the other order here: no side is then open, and the share is always one.
    let share = inventory_share(amm, amm.max_base_asset_reserve, amm.min_base_asset_reserve)?;
    let share = share.times(amm.protocol_position()?.signum().into())?;
    let funding = amm.last_24h_avg_funding_rate;
    if funding == 0 {
        return Ok(0);
    }
    let price: i64 = reserve_price.to()?;
    let reach = largest.times(price)? / ONE;
    let seen = amm.historical_oracle_data;
    let premium =
        |mark: u64, oracle: i64| -> Result<i64> { Ok(mark.to::<i64>()?.minus(oracle)?.clamp(-reach, reach)) };
    let minutes = premium(amm.last_mark_price_twap_5min, seen.last_oracle_price_twap_5min)?;
    let hour = premium(amm.last_mark_price_twap, seen.last_oracle_price_twap)?;
    // A funding rate has three digits more than a price, and is paid 24 times a day.
    let day = (funding / 1_000).times(24)?.clamp(-reach, reach);
    let average = minutes.plus(hour)?.plus(day)? / 3;
    let premium_share = average.times(ONE)?.over(price)?;
    let inventory = (share.to::<i64>()?.times(largest)? / ONE).clamp(-largest, largest);
    let agree = (premium_share >= 0 && inventory >= 0) || (premium_share <= 0 && inventory <= 0);
    if !agree {
        return Ok(0);
    }
    premium_share.plus(inventory)?.clamp(-largest, largest).to()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amm() -> Amm {
        let mut amm = Amm {
            curve_update_intensity: 150,
            max_spread: 10_000,
            base_asset_amount_with_amm: 5,
            last_24h_avg_funding_rate: 1,
            last_mark_price_twap: 1_000_600,
            last_mark_price_twap_5min: 1_000_300,
            ..Amm::default()
        };
        amm.historical_oracle_data.last_oracle_price_twap = 1_000_000;
        amm.historical_oracle_data.last_oracle_price_twap_5min = 1_000_000;
        amm
    }

    #[test]
    fn quotes_lean_with_inventory_and_premium() {
        // Fifty basis points are allowed, and the inventory alone uses them up.
        assert_eq!(reference_offset(&amm(), 1_000_000), Ok(5_000));
        let flat = Amm {
            base_asset_amount_with_amm: 0,
            ..amm()
        };
        // (300 + 600 + 0) / 3.
        assert_eq!(reference_offset(&flat, 1_000_000), Ok(300));
    }

    #[test]
    fn quotes_stay_when_the_signs_differ_or_nothing_is_known() {
        let short = Amm {
            base_asset_amount_with_amm: -5,
            ..amm()
        };
        assert_eq!(reference_offset(&short, 1_000_000), Ok(0));
        let calm = Amm {
            curve_update_intensity: 100,
            ..amm()
        };
        assert_eq!(reference_offset(&calm, 1_000_000), Ok(0));
        let young = Amm {
            last_24h_avg_funding_rate: 0,
            ..amm()
        };
        assert_eq!(reference_offset(&young, 1_000_000), Ok(0));
    }

    #[test]
    fn inventory_is_measured_on_the_smaller_side() {
        let share = |net, lowest, highest| {
            let amm = Amm {
                base_asset_reserve: 1_000,
                base_asset_amount_with_amm: net,
                ..Amm::default()
            };
            inventory_share(&amm, lowest, highest)
        };
        assert_eq!(share(-20, 900, 1_040), Ok(500_000));
        assert_eq!(share(40, 900, 1_040), Ok(1_000_000));
        assert_eq!(share(0, 1_000, 1_000), Ok(1_000_000));
    }
}

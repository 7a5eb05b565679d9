//! Funding: what one side pays the other for holding a position, and what the AMM pays or gets for the difference.
//! Rates at 1e9 dollars per unit of base, base amounts at 1e9, money at 1e6.

use super::wide::Wide;
use crate::accounts::{PerpMarket, PerpPosition};
use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow};
use crate::units::{BASE, FUNDING_RATE, QUOTE};

/// Rates of a funding period for each side, and what the AMM's net position earns at the uncapped one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// What longs pay.
    pub long: i128,
    /// What shorts get.
    pub short: i128,
    /// The AMM's revenue before any cap, at 1e6.
    pub revenue: i128,
}

/// What `base` (1e9) gets for a change of the cumulative rate, at 1e6: longs pay a positive one.
pub fn payment(rate_change: i128, base: i128) -> Result<i128> {
    let size: i128 = Wide::from(rate_change.unsigned_abs())
        .times(base.unsigned_abs())?
        .over(FUNDING_RATE.into())?
        .narrow()?
        .to()?;
    let size = size / i128::from(BASE / QUOTE);
    Ok(if (rate_change > 0) == (base > 0) {
        -size
    } else {
        size
    })
}

/// What `position` gets up to the cumulative rate of its side, at 1e6.
pub fn position_payment(cumulative: i128, position: &PerpPosition) -> Result<i64> {
    let change = cumulative.minus(position.last_cumulative_funding_rate.into())?;
    if change == 0 {
        return Ok(0);
    }
    payment(change, position.base_asset_amount.into())?.to()
}

/// The rate at which `base` gets `most` (negative, 1e6), one unit less of it.
fn rate_for(most: i128, base: i128) -> Result<i128> {
    if base == 0 {
        return Ok(0);
    }
    let most = if most < 0 { most + 1 } else { most };
    most.times(i128::from(BASE / QUOTE) * i128::from(FUNDING_RATE))?
        .over(base)
}

/// Seconds from `now` until a rate may be set that was last set at `last`, on whole multiples of `period`. A rate set
/// more than a third of a period late skips the next multiple.
pub fn wait(now: i64, last: i64, period: i64) -> Result<i64> {
    let passed = now.minus(last)?;
    let mut next = period;
    if period > 1 {
        let late = last.rem_euclid(period);
        let two = period.times(2)?;
        if late > period / 3 {
            next = two.minus(late)?;
        } else if late != 0 {
            next = period.minus(late)?;
        }
        if next > two {
            next = next.minus(period)?;
        }
    }
    Ok(next.minus(passed)?.max(0))
}

impl PerpMarket {
    /// What the side that gets funding gets at `rate`, if the AMM's loss on its net position of `revenue` (negative,
    /// 1e6) is held to a third of the fees it may spend; and that loss, capped.
    fn capped(&self, rate: i128, revenue: i128) -> Result<(i128, i128)> {
        let budget: i128 = self.spendable_fees()?.to()?;
        let most = -(budget / 3);
        if revenue >= most {
            return Ok((rate, revenue));
        }
        let (long, short) = (self.amm.base_asset_amount_long, self.amm.base_asset_amount_short);
        let (payers, receivers) = if rate > 0 { (long, short) } else { (short, long) };
        let paid = payment(rate, payers)?.abs();
        Ok((rate_for(most.minus(paid)?, receivers)?, most))
    }

    /// Splits `rate` into what each side pays or gets, and books the AMM's revenue or, capped, its cost.
    /// `InvalidFundingProfitability` when the cost would reach into the protocol's share of fees.
    pub fn book_funding(&mut self, rate: i128) -> Result<Rates> {
        let net = self
            .amm
            .base_asset_amount_with_amm
            .plus(self.amm.base_asset_amount_with_unsettled_lp)?;
        let revenue = -payment(rate, net)?;
        let fees = self.amm.total_fee_minus_distributions;
        let since = self.amm.net_revenue_since_last_funding;
        if revenue >= 0 {
            self.amm.total_fee_minus_distributions = fees.plus(revenue)?;
            // The program cuts amounts to 64 bits here and below.
            self.amm.net_revenue_since_last_funding = since.plus(revenue as i64)?;
            return Ok(Rates {
                long: rate,
                short: rate,
                revenue,
            });
        }
        let (received, cost) = self.capped(rate, revenue)?;
        let left = fees.plus(cost)?;
        if cost != 0 && left < self.protocol_fees().to::<i128>()? {
            return Err(ErrorCode::InvalidFundingProfitability);
        }
        self.amm.total_fee_minus_distributions = left;
        self.amm.net_revenue_since_last_funding = since.minus(cost.unsigned_abs() as i64)?;
        Ok(Rates {
            long: if rate < 0 { received } else { rate },
            short: if rate > 0 { received } else { rate },
            revenue,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UNIT: i128 = BASE as i128;
    const CENT: i128 = FUNDING_RATE as i128 / 100;

    fn market(long: i128, short: i128, fees: i128) -> PerpMarket {
        let mut market = PerpMarket::default();
        market.amm.base_asset_amount_long = long * UNIT;
        market.amm.base_asset_amount_short = -short * UNIT;
        market.amm.base_asset_amount_with_amm = (long - short) * UNIT;
        market.amm.total_fee_minus_distributions = fees;
        market
    }

    #[test]
    fn longs_pay_a_positive_rate() {
        assert_eq!(payment(CENT, 5 * UNIT), Ok(-50_000));
        assert_eq!(payment(CENT, -5 * UNIT), Ok(50_000));
        assert_eq!(payment(-CENT, 5 * UNIT), Ok(50_000));
        assert_eq!(payment(1, 999_999), Ok(0));
        let position = PerpPosition {
            base_asset_amount: -5 * BASE as i64,
            last_cumulative_funding_rate: CENT as i64,
            ..PerpPosition::default()
        };
        assert_eq!(position_payment(3 * CENT, &position), Ok(100_000));
        assert_eq!(position_payment(CENT, &position), Ok(0));
    }

    #[test]
    fn the_amm_gains_what_its_traders_lose() {
        let mut market = market(7, 2, 0);
        let rates = market.book_funding(CENT).unwrap();
        assert_eq!((rates.long, rates.short, rates.revenue), (CENT, CENT, 50_000));
        assert_eq!({ market.amm.total_fee_minus_distributions }, 50_000);
        assert_eq!({ market.amm.net_revenue_since_last_funding }, 50_000);
    }

    #[test]
    fn the_amm_pays_a_third_of_its_fees_at_most() {
        let mut market = market(7, 2, 60_000);
        // Longs would get 70,000; shorts pay 20,000 and the AMM 20,000 of the other 50,000.
        let rates = market.book_funding(-CENT).unwrap();
        assert_eq!((rates.short, rates.revenue), (-CENT, -50_000));
        assert_eq!(rates.long, -39_999 * 1_000_000_000_000 / (7 * UNIT));
        assert_eq!({ market.amm.total_fee_minus_distributions }, 40_000);
        assert_eq!({ market.amm.net_revenue_since_last_funding }, -20_000);
    }

    #[test]
    fn the_protocol_keeps_its_half() {
        let mut market = market(7, 2, 60_000);
        market.amm.total_exchange_fee = 100_000;
        market.amm.total_fee_withdrawn = 50_000;
        // The budget counts what was withdrawn, the limit does not: 60,000 less 20,000 is below 50,000.
        assert_eq!(
            market.book_funding(-CENT),
            Err(ErrorCode::InvalidFundingProfitability)
        );
    }

    #[test]
    fn rates_are_set_on_the_hour() {
        assert_eq!(wait(3_600, 0, 3_600), Ok(0));
        assert_eq!(wait(3_599, 0, 3_600), Ok(1));
        assert_eq!(wait(3_700, 100, 3_600), Ok(0));
        assert_eq!(wait(3_600, 100, 3_600), Ok(0));
        assert_eq!(wait(3_600, 1_200, 3_600), Ok(0));
        // Set more than a third late: the next hour is skipped.
        assert_eq!(wait(3_600, 1_201, 3_600), Ok(3_600));
        assert_eq!(wait(10, 9, 1), Ok(0));
    }

    proptest! {
        #[test]
        fn users_never_get_more_than_users_and_fees_pay(
            long in 0i128..1_000, short in 0i128..1_000, fees in 0i128..1_000_000, rate in -CENT..CENT,
        ) {
            let mut market = market(long, short, fees);
            let rates = market.book_funding(rate).unwrap();
            let longs = payment(rates.long, long * UNIT).unwrap();
            let shorts = payment(rates.short, -short * UNIT).unwrap();
            let spent = fees - market.amm.total_fee_minus_distributions;
            // Each of the three payments is cut to a unit.
            prop_assert!(longs + shorts <= spent + 2, "{longs} {shorts} {spent}");
            prop_assert!(market.amm.total_fee_minus_distributions >= fees - fees / 3);
        }
    }
}

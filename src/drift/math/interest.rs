//! Interest of spot markets: utilisation sets the borrow rate, time turns it into cumulative interest.

use crate::accounts::{SpotBalanceType, SpotMarket, SpotOperation};
use crate::engine::OraclePrice;
use crate::engine::spot::move_revenue;
use crate::error::{ErrorCode, Result};
use crate::math::average::{clamped, twap, weighted};
use crate::num::{Checked, Narrow};
use crate::units::{FIVE_MINUTES, ONE_DAY, ONE_HOUR, ONE_YEAR, PERCENTAGE};

const WHOLE: u128 = PERCENTAGE as u128;

/// Growth of cumulative interest (1e10) since the market last accrued.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accrued {
    /// What borrowers owe more.
    pub borrow: u128,
    /// What lenders and the insurance fund together earn.
    pub deposit: u128,
}

/// Borrow rate (1e6, a year) at `utilization` (1e6): a line up to the optimum, a steeper one beyond it, and at least the
/// market's least rate.
pub fn borrow_rate(market: &SpotMarket, utilization: u128) -> Result<u128> {
    Ok(rate_of_curve(market, utilization)?.max(market.least_borrow_rate().into()))
}

fn rate_of_curve(market: &SpotMarket, utilization: u128) -> Result<u128> {
    let optimum = u128::from(market.optimal_utilization);
    let at_optimum = u128::from(market.optimal_borrow_rate);
    if utilization <= optimum {
        let slope = at_optimum.times(WHOLE)?.over(optimum)?;
        return utilization.times(slope)?.over(WHOLE);
    }
    let rise = u128::from(market.max_borrow_rate).minus(at_optimum)?;
    let slope = rise.times(WHOLE)?.over(WHOLE.minus(optimum)?)?;
    at_optimum.plus(utilization.minus(optimum)?.times(slope)?.over(WHOLE)?)
}

/// Interest accrued by `now` (Unix seconds). A market with anything borrowed charges at least one unit.
pub fn accrued(market: &SpotMarket, now: i64) -> Result<Accrued> {
    let utilization = market.utilization()?;
    if utilization == 0 {
        return Ok(Accrued::default());
    }
    let rate = borrow_rate(market, utilization)?;
    let now = u64::try_from(now).map_err(|_| ErrorCode::UnableToCastUnixTime)?;
    let elapsed = now.minus(market.last_interest_ts)?;
    let paid = rate.times(elapsed.into())?;
    let earned = paid.times(utilization)?.over(WHOLE)?;
    let of = |cumulative: u128, rate: u128| cumulative.times(rate)?.over(ONE_YEAR as u128)?.over(WHOLE);
    Ok(Accrued {
        borrow: of(market.cumulative_borrow_interest, paid)?.plus(1)?,
        deposit: of(market.cumulative_deposit_interest, earned)?,
    })
}

/// Accrues interest up to `now` (Unix seconds) and moves the market's averages, the oracle's among them where `price`
/// is given. Interest too small to reach lenders is left for the next time.
pub fn accrue(market: &mut SpotMarket, price: Option<&OraclePrice>, now: i64) -> Result {
    if !market.is_paused(SpotOperation::UpdateCumulativeInterest) {
        let accrued = accrued(market, now)?;
        if accrued.deposit > 0 && accrued.borrow > 1 {
            let factor = u128::from({ market.insurance_fund }.total_factor);
            let insured = accrued.deposit.times(factor)?.over(WHOLE)?;
            let lent = accrued.deposit.minus(insured)?;
            if lent > 0 {
                market.cumulative_deposit_interest = { market.cumulative_deposit_interest }.plus(lent)?;
                market.cumulative_borrow_interest =
                    { market.cumulative_borrow_interest }.plus(accrued.borrow)?;
                market.last_interest_ts = now.to()?;
                let revenue = market.interest_tokens(market.deposit_balance, insured)?;
                move_revenue(revenue, SpotBalanceType::Deposit, market)?;
            }
        }
    }
    update_averages(market, price, now)
}

/// Moves the market's day-long averages of deposits, borrows and utilisation to `now` (Unix seconds) and, where
/// `price` is given, the hour's and five minutes' averages of the oracle, which a price may move by a tier's share only.
pub fn update_averages(market: &mut SpotMarket, price: Option<&OraclePrice>, now: i64) -> Result {
    let since = now.minus(market.last_twap_ts.to()?)?.max(0);
    let window = ONE_DAY.minus(since)?.max(1);
    let lent = market.deposits()?;
    let borrowed = market.borrows()?;
    let average =
        |latest: u128, last: u64| -> Result<u64> { weighted(latest.to()?, last.to()?, since, window)?.to() };
    market.deposit_token_twap = average(lent, market.deposit_token_twap)?;
    market.borrow_token_twap = average(borrowed, market.borrow_token_twap)?;
    let utilization = super::spot_balance::utilization(lent, borrowed)?;
    market.utilization_twap = average(utilization, market.utilization_twap)?;

    if let Some(price) = price {
        let mut history = market.historical_oracle_data;
        let capped = clamped(price.price, history.last_oracle_price_twap, market.twap_clamp())?;
        let last = history.last_oracle_price_twap_ts;
        let hour = twap(capped, now, history.last_oracle_price_twap, last, ONE_HOUR)?;
        let minutes = twap(
            capped,
            now,
            history.last_oracle_price_twap_5min,
            last,
            FIVE_MINUTES,
        )?;
        history.last_oracle_price_twap = hour;
        history.last_oracle_price_twap_5min = minutes;
        history.last_oracle_price = price.price;
        history.last_oracle_conf = price.confidence;
        history.last_oracle_delay = price.delay;
        history.last_oracle_price_twap_ts = now;
        market.historical_oracle_data = history;
    }
    market.last_twap_ts = now.to()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thousand tokens lent, four hundred borrowed, rates of 20 % at 80 % and 100 % at full use.
    fn market() -> SpotMarket {
        SpotMarket {
            decimals: 6,
            cumulative_deposit_interest: 10_000_000_000,
            cumulative_borrow_interest: 10_000_000_000,
            deposit_balance: 1_000_000_000_000,
            borrow_balance: 400_000_000_000,
            optimal_utilization: 800_000,
            optimal_borrow_rate: 200_000,
            max_borrow_rate: 1_000_000,
            ..SpotMarket::default()
        }
    }

    #[test]
    fn the_rate_bends_at_the_optimum() {
        let rate = |utilization| borrow_rate(&market(), utilization);
        assert_eq!([rate(400_000), rate(800_000)], [Ok(100_000), Ok(200_000)]);
        assert_eq!([rate(900_000), rate(1_000_000)], [Ok(600_000), Ok(1_000_000)]);
    }

    #[test]
    fn the_rate_is_never_below_the_least() {
        let market = SpotMarket {
            min_borrow_rate: 30,
            ..market()
        };
        let rate = |utilization| borrow_rate(&market, utilization);
        // 30 half percents, which the curve reaches at three quarters of the optimum.
        assert_eq!(
            [rate(1), rate(600_000), rate(800_000)],
            [Ok(150_000), Ok(150_000), Ok(200_000)]
        );
    }

    #[test]
    fn a_year_of_interest() {
        // Borrowers pay 10 %, lenders earn four tenths of that.
        let year = accrued(&market(), ONE_YEAR);
        assert_eq!(
            year,
            Ok(Accrued {
                borrow: 1_000_000_001,
                deposit: 400_000_000
            })
        );
        let unused = SpotMarket {
            borrow_balance: 0,
            ..market()
        };
        assert_eq!(accrued(&unused, -1), Ok(Accrued::default()));
        assert_eq!(accrued(&market(), -1), Err(ErrorCode::UnableToCastUnixTime));
        let ahead = SpotMarket {
            last_interest_ts: 9,
            ..market()
        };
        assert_eq!(accrued(&ahead, 8), Err(ErrorCode::MathError));
    }

    #[test]
    fn the_insurance_fund_takes_its_part() {
        let mut market = market();
        let mut fund = market.insurance_fund;
        fund.total_factor = 250_000;
        market.insurance_fund = fund;
        accrue(&mut market, None, ONE_YEAR).unwrap();
        assert_eq!({ market.cumulative_deposit_interest }, 10_300_000_000);
        assert_eq!({ market.cumulative_borrow_interest }, 11_000_000_001);
        // A hundredth of a thousand tokens, as a balance: 1e7 * 1e13 / 1.03e10.
        assert_eq!({ market.revenue_pool.scaled_balance }, 9_708_737_864);
        assert_eq!({ market.deposit_balance }, 1_009_708_737_864);
        assert_eq!({ market.last_interest_ts }, 31_536_000);
    }

    #[test]
    fn interest_too_small_waits() {
        let mut market = market();
        accrue(&mut market, None, 0).unwrap();
        assert_eq!({ market.cumulative_borrow_interest }, 10_000_000_000);
        let paused = SpotOperation::UpdateCumulativeInterest as u8;
        let mut market = SpotMarket {
            paused_operations: paused,
            ..market
        };
        accrue(&mut market, None, ONE_YEAR).unwrap();
        assert_eq!(
            ({ market.last_interest_ts }, { market.last_twap_ts }),
            (0, 31_536_000)
        );
    }

    #[test]
    fn a_day_replaces_the_averages() {
        let mut market = SpotMarket {
            deposit_token_twap: 5,
            ..market()
        };
        update_averages(&mut market, None, ONE_DAY).unwrap();
        // (1e9 * 86400 + 5) / 86401, (4e8 * 86400) / 86401 and (4e5 * 86400) / 86401.
        assert_eq!({ market.deposit_token_twap }, 999_988_426);
        assert_eq!({ market.borrow_token_twap }, 399_995_370);
        assert_eq!({ market.utilization_twap }, 399_995);
    }

    #[test]
    fn a_jump_moves_the_average_by_a_tenth_at_most() {
        let mut market = market();
        market.historical_oracle_data.last_oracle_price_twap = 1_000_000;
        market.historical_oracle_data.last_oracle_price_twap_5min = 1_000_000;
        let price = OraclePrice {
            price: 5_000_000,
            confidence: 3,
            delay: 2,
            enough_publishers: true,
        };
        update_averages(&mut market, Some(&price), ONE_HOUR).unwrap();
        let history = market.historical_oracle_data;
        // 1.1 for an hour against 1 for a second: (1.1e6 * 3600 + 1e6) / 3601, the same over five minutes.
        assert_eq!(
            (
                history.last_oracle_price_twap,
                history.last_oracle_price_twap_5min
            ),
            (1_099_972, 1_099_972)
        );
        let seen = (
            history.last_oracle_price,
            history.last_oracle_conf,
            history.last_oracle_delay,
        );
        assert_eq!(seen, (5_000_000, 3, 2));
        assert_eq!({ history.last_oracle_price_twap_ts }, ONE_HOUR);
    }
}

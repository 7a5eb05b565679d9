//! Interest of spot markets: utilisation sets the borrow rate, time turns it into cumulative interest.

use crate::drift::accounts::{SpotBalanceType, SpotMarket, SpotOperation};
use crate::drift::engine::OraclePrice;
use crate::drift::engine::spot::move_revenue;
use crate::drift::error::{ErrorCode, Result};
use crate::drift::math::average::{twap, weighted};
use crate::drift::num::{Checked, Narrow};
use crate::drift::units::{FIVE_MINUTES, ONE_DAY, ONE_HOUR, ONE_YEAR, PERCENTAGE};

const WHOLE: u128 = PERCENTAGE as u128;

/// Growth of cumulative interest (1e10) since the market last accrued.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accrued {
    /// What borrowers owe more.
    pub borrow: u128,
    /// What lenders and the insurance fund together earn.
    pub deposit: u128,
}

/// Borrow rate (1e6, a year) at `utilization` (1e6): a line up to the optimum, a steeper one beyond it.
pub fn borrow_rate(market: &SpotMarket, utilization: u128) -> Result<u128> {
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

/// `price`, but at most one part in `clamp` of `average` away from it. An average of zero is none yet.
fn clamped(price: i64, average: i64, clamp: i64) -> Result<i64> {
    let band = average.over(clamp)?.abs();
    if average == 0 || price.minus(average)?.unsigned_abs() <= band.unsigned_abs() {
        return Ok(price);
    }
    let away = if (price > average) == (average > 0) {
        average / clamp
    } else {
        -(average / clamp)
    };
    average.plus(away)
}

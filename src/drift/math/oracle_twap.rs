//! Time-weighted averages of the oracle's price. Prices at 1e6, times in seconds.

use super::average::{clamped, deviation, weighted};
use crate::accounts::Amm;
use crate::engine::OraclePrice;
use crate::error::Result;
use crate::num::{Checked, Narrow};
use crate::units::{FIVE_MINUTES, PERCENTAGE};

impl Amm {
    /// The oracle's price drawn toward `reserve_price`, within its confidence: not past a fortieth of a percent
    /// short of the reserve price, so that an uncertain oracle does not drive funding.
    fn drawn_to_reserve(price: &OraclePrice, reserve_price: u64) -> Result<i64> {
        let reserve: i64 = reserve_price.to()?;
        let short_of = reserve / 4_000;
        let confidence: i64 = price.confidence.to()?;
        if reserve > price.price {
            let drawn = reserve.minus(short_of)?.max(price.price);
            Ok(drawn.min(price.price.plus(confidence)?))
        } else {
            let drawn = reserve.plus(short_of)?.min(price.price);
            Ok(drawn.max(price.price.minus(confidence)?))
        }
    }

    /// The oracle's average over `period` seconds, now that it shows `price`. Where the mark's averages are younger
    /// than the oracle's, the oracle was out, and its price is first averaged with the mark's.
    fn next_oracle_twap(&self, now: i64, price: i64, mark: u64, last: i64, period: i64) -> Result<i64> {
        let oracle_time = self.historical_oracle_data.last_oracle_price_twap_ts;
        let passed = now.minus(oracle_time)?.max((period == 0).into());
        let left = period.minus(passed)?.max(0);
        let mark_time = self.last_mark_price_twap_ts;
        let price = if mark_time > oracle_time {
            let out = mark_time.minus(oracle_time)?;
            weighted(mark.to()?, price, out, period.minus(out)?.max(1))?
        } else {
            price
        };
        weighted(price, last, passed, left)
    }

    /// The confidence interval as a share (1e6) of the reserve price; a former, wider one fades by at most a fifth.
    fn next_confidence_share(&self, confidence: u64, reserve_price: u64, now: i64) -> Result<u64> {
        let last = self.last_oracle_conf_pct;
        let passed = now
            .minus(self.historical_oracle_data.last_oracle_price_twap_ts)?
            .max(0);
        let fading = match passed {
            0 => last,
            passed => last - last / 21u64.saturating_sub(passed.unsigned_abs()).max(5),
        };
        let share = confidence.times(PERCENTAGE)?.over(reserve_price)?;
        Ok(share.max(fading))
    }

    /// Takes the oracle's `price` into its averages, with the reserve price of the moment. Answers the average over
    /// the funding period; a price that is not positive leaves everything as it was.
    pub fn update_oracle_twap(
        &mut self,
        now: i64,
        price: &OraclePrice,
        reserve_price: u64,
        clamp: i64,
    ) -> Result<i64> {
        let drawn = Self::drawn_to_reserve(price, reserve_price)?;
        let seen = self.historical_oracle_data;
        let capped = clamped(drawn, seen.last_oracle_price_twap, clamp)?;
        if capped <= 0 || drawn <= 0 {
            return Ok(seen.last_oracle_price_twap);
        }
        let long = self.next_oracle_twap(
            now,
            capped,
            self.last_mark_price_twap,
            seen.last_oracle_price_twap,
            self.funding_period,
        )?;
        let short = self.next_oracle_twap(
            now,
            capped,
            self.last_mark_price_twap_5min,
            seen.last_oracle_price_twap_5min,
            FIVE_MINUTES,
        )?;
        self.last_oracle_normalised_price = capped;
        self.last_oracle_conf_pct = self.next_confidence_share(price.confidence, reserve_price, now)?;
        let reserve: i64 = reserve_price.to()?;
        self.last_oracle_reserve_price_spread_pct = i128::from(reserve.minus(price.price)?)
            .times(PERCENTAGE.into())?
            .over(reserve.into())?
            .to()?;
        let mut data = seen;
        data.last_oracle_price = price.price;
        data.last_oracle_delay = price.delay;
        data.last_oracle_price_twap = long;
        data.last_oracle_price_twap_5min = short;
        data.last_oracle_price_twap_ts = now;
        self.oracle_std = deviation(drawn.to()?, long.to()?)?;
        self.historical_oracle_data = data;
        Ok(long)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::HistoricalOracleData;

    fn amm() -> Amm {
        Amm {
            funding_period: 3_600,
            last_mark_price_twap: 1_000_000,
            last_mark_price_twap_5min: 1_000_000,
            historical_oracle_data: HistoricalOracleData {
                last_oracle_price: 1_000_000,
                last_oracle_price_twap: 1_000_000,
                last_oracle_price_twap_5min: 1_000_000,
                ..HistoricalOracleData::default()
            },
            ..Amm::default()
        }
    }

    fn oracle(price: i64, confidence: u64) -> OraclePrice {
        OraclePrice {
            price,
            confidence,
            ..OraclePrice::DOLLAR
        }
    }

    #[test]
    fn an_uncertain_oracle_is_drawn_to_the_mark() {
        let drawn = |price, confidence| Amm::drawn_to_reserve(&oracle(price, confidence), 1_000_000);
        assert_eq!(drawn(990_000, 3_000), Ok(993_000));
        assert_eq!(drawn(990_000, 50_000), Ok(999_750));
        assert_eq!(drawn(1_010_000, 50_000), Ok(1_000_250));
        assert_eq!(drawn(1_000_100, 50_000), Ok(1_000_100));
    }

    #[test]
    fn the_oracle_average_moves_with_time() {
        let mut amm = amm();
        // A tenth up for half a funding period: halfway, and one unit less for the smaller product.
        assert_eq!(
            amm.update_oracle_twap(1_800, &oracle(1_100_000, 0), 1_000_000, 10),
            Ok(1_049_999)
        );
        let data = amm.historical_oracle_data;
        assert_eq!({ data.last_oracle_price_twap_5min }, 1_100_000);
        assert_eq!({ data.last_oracle_price_twap_ts }, 1_800);
        assert_eq!({ amm.oracle_std }, 1_100_000 - 1_049_999);
        assert_eq!({ amm.last_oracle_reserve_price_spread_pct }, -100_000);
    }

    #[test]
    fn confidence_fades_but_never_at_once() {
        let mut amm = amm();
        amm.last_oracle_conf_pct = 2_100;
        assert_eq!(amm.next_confidence_share(0, 1_000_000, 0), Ok(2_100));
        assert_eq!(amm.next_confidence_share(0, 1_000_000, 1), Ok(1_995));
        assert_eq!(amm.next_confidence_share(0, 1_000_000, 1_000), Ok(1_680));
        assert_eq!(amm.next_confidence_share(2_000, 1_000_000, 1_000), Ok(2_000));
    }

    #[test]
    fn an_oracle_that_was_out_is_averaged_with_the_mark() {
        let mut amm = amm();
        amm.last_mark_price_twap = 1_200_000;
        amm.last_mark_price_twap_ts = 900;
        // A quarter of the period was out: (1,200,000 + 3 · 1,000,000) / 4, and one toward the heavier product, is
        // what counts; half of it, and one toward the heavier product.
        let twap = amm.update_oracle_twap(1_800, &oracle(1_000_000, 0), 1_000_000, 10);
        assert_eq!(twap, Ok(1_024_999));
    }

    #[test]
    fn no_price_leaves_everything_as_it_was() {
        let mut amm = amm();
        let before = amm;
        assert_eq!(amm.update_oracle_twap(9, &oracle(0, 0), 1, 10), Ok(1_000_000));
        assert!(amm == before);
    }
}

//! Time-weighted averages of the oracle's price and of the AMM's bid and ask. Prices at 1e6, times in seconds.

use super::average::{twap, weighted};
use crate::drift::accounts::{Amm, PositionDirection};
use crate::drift::engine::OraclePrice;
use crate::drift::error::{ErrorCode, Result};
use crate::drift::num::{Checked, Narrow};
use crate::drift::units::{FIVE_MINUTES, ONE_MINUTE, PERCENTAGE};

/// `price`, but at most one part in `clamp` of `average` away from it. An average of zero is none yet.
fn clamped(price: i64, average: i64, clamp: i64) -> Result<i64> {
    if average == 0 || clamp == 0 {
        return Ok(price);
    }
    let band = average / clamp;
    if price.minus(average)?.unsigned_abs() <= band.unsigned_abs() {
        Ok(price)
    } else if price > average {
        average.plus(band)
    } else {
        average.minus(band)
    }
}

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

    /// Best bid and ask to take into the mark's averages when a trade in `direction` happened at `trade_price`: the
    /// premium over the oracle tells one side, the AMM's own quote bounds the other.
    fn estimated_bid_ask(
        &self,
        trade_price: Option<u64>,
        direction: Option<PositionDirection>,
    ) -> Result<(u64, u64)> {
        let base_spread = u64::from(self.base_spread);
        let last_oracle = self.historical_oracle_data.last_oracle_price;
        let oracle: u64 = last_oracle.to()?;
        let trade = trade_price.unwrap_or(oracle);
        let premium = trade.to::<i64>()?.minus(last_oracle)?;
        if last_oracle <= 0 {
            return Err(ErrorCode::InvalidOracle);
        }
        let (amm_bid, amm_ask) = self.bid_ask_price(self.reserve_price()?)?;
        let reach = |side_spread: u32| {
            base_spread
                .min(u64::from(side_spread) / 2)
                .min(premium.unsigned_abs())
        };
        let bid = match premium {
            1.. => oracle.minus(reach(self.short_spread))?,
            _ => trade,
        };
        let bid = bid.max(amm_bid);
        let ask = match premium {
            ..0 => oracle.plus(reach(self.long_spread))?,
            _ => trade,
        };
        let ask = ask.min(amm_ask);
        let (bid, ask) = match direction {
            Some(PositionDirection::Long) => (bid, trade.max(bid)),
            Some(_) => (trade.min(ask), ask),
            None => {
                let within = trade.max(amm_bid).min(amm_ask);
                (within, within)
            }
        };
        if bid > ask {
            return Err(ErrorCode::InvalidMarkTwapUpdateDetected);
        }
        Ok((bid, ask))
    }

    /// Takes a trade in `direction` at `trade_price`, or the last oracle price where there was none, into the mark's
    /// averages. Answers the average over the funding period.
    pub fn update_mark_twap(
        &mut self,
        now: i64,
        trade_price: Option<u64>,
        direction: Option<PositionDirection>,
        clamp: i64,
    ) -> Result<u64> {
        let (bid, ask) = self.estimated_bid_ask(trade_price, direction)?;
        let capped_bid = clamped(bid.to()?, self.last_bid_price_twap.to()?, clamp)?;
        let capped_ask = clamped(ask.to()?, self.last_ask_price_twap.to()?, clamp)?;
        if capped_bid > capped_ask {
            return Err(ErrorCode::InvalidMarkTwapUpdateDetected);
        }
        let since = self.last_mark_price_twap_ts;
        let period = self.funding_period;
        let (last_bid, last_ask) = self.last_bid_ask_twap()?;

        let bid_twap = twap(capped_bid, now, last_bid, since, period)?;
        self.last_bid_price_twap = bid_twap.to()?;
        let ask_twap = twap(capped_ask, now, last_ask, since, period)?;
        self.last_ask_price_twap = ask_twap.to()?;
        let middle = bid_twap.plus(ask_twap)? / 2;

        let traded = match trade_price {
            Some(price) => price,
            None => bid.plus(ask)? / 2,
        };
        self.mark_std = deviation(traded, self.last_mark_price_twap)?;
        self.last_mark_price_twap = middle.to()?;
        let last_short = self.last_mark_price_twap_5min.to()?;
        let capped_middle = capped_bid.plus(capped_ask)? / 2;
        self.last_mark_price_twap_5min = twap(capped_middle, now, last_short, since, FIVE_MINUTES)?.to()?;
        self.last_mark_price_twap_ts = now;
        middle.to()
    }

    /// The averages of bid and ask; shrunk toward the oracle's where the mark went without a trade for more than a
    /// minute, or a sixtieth of the funding period, of oracle updates.
    fn last_bid_ask_twap(&self) -> Result<(i64, i64)> {
        let seen = self.historical_oracle_data;
        let without = seen
            .last_oracle_price_twap_ts
            .minus(self.last_mark_price_twap_ts)?;
        let (bid, ask) = (self.last_bid_price_twap, self.last_ask_price_twap);
        if without <= (self.funding_period / 60).max(ONE_MINUTE) {
            return Ok((bid.to()?, ask.to()?));
        }
        let left = self.funding_period.minus(without)?.max(0);
        let shrunk = |last: u64| weighted(seen.last_oracle_price_twap, last.to()?, without, left);
        Ok((shrunk(bid)?, shrunk(ask)?))
    }
}

/// What the program keeps as a standard deviation: its rolling sum is weighted so that an hour at least has always
/// passed, which leaves the last distance from the average alone.
fn deviation(price: u64, average: u64) -> Result<u64> {
    let change = price.to::<i64>()?.minus(average.to()?)?;
    Ok(change.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::accounts::HistoricalOracleData;

    const DOLLAR: i64 = 1_000_000;

    fn amm() -> Amm {
        Amm {
            base_asset_reserve: 1_000_000_000,
            quote_asset_reserve: 1_000_000_000,
            sqrt_k: 1_000_000_000,
            peg_multiplier: 1_000_000,
            funding_period: 3_600,
            last_bid_price_twap: 990_000,
            last_ask_price_twap: 1_010_000,
            last_mark_price_twap: 1_000_000,
            last_mark_price_twap_5min: 1_000_000,
            long_spread: 10_000,
            short_spread: 10_000,
            base_spread: 20_000,
            historical_oracle_data: HistoricalOracleData {
                last_oracle_price: DOLLAR,
                last_oracle_price_twap: DOLLAR,
                last_oracle_price_twap_5min: DOLLAR,
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
    fn a_jump_enters_the_average_clamped() {
        assert_eq!(clamped(150, 100, 10), Ok(110));
        assert_eq!(clamped(50, 100, 10), Ok(90));
        assert_eq!(clamped(105, 100, 10), Ok(105));
        assert_eq!(clamped(500, 0, 10), Ok(500));
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
    fn a_trade_moves_bid_and_ask_averages() {
        let mut amm = amm();
        let twap = amm.update_mark_twap(3_600, Some(1_005_000), Some(PositionDirection::Long), 10);
        // The window is over: 3,600 parts of bid 995,000 (oracle less half the short spread) and ask 1,005,000 (the
        // trade) against one part of the old averages.
        assert_eq!(twap, Ok(999_999));
        assert_eq!({ amm.last_bid_price_twap }, 994_998);
        assert_eq!({ amm.last_ask_price_twap }, 1_005_001);
        assert_eq!({ amm.mark_std }, 5_000);
    }

    #[test]
    fn no_oracle_price_no_estimate() {
        let mut amm = amm();
        amm.historical_oracle_data = HistoricalOracleData::default();
        let refused = amm.update_mark_twap(1, Some(1), None, 10);
        assert_eq!(refused, Err(ErrorCode::InvalidOracle));
    }
}

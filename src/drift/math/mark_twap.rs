//! Time-weighted averages of the AMM's bid and ask. Prices at 1e6, times in seconds.

use super::average::{clamped, deviation, twap, weighted};
use crate::accounts::{Amm, PositionDirection};
use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow};
use crate::units::{FIVE_MINUTES, ONE_MINUTE};

impl Amm {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::HistoricalOracleData;

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

    #[test]
    fn a_mark_without_trades_shrinks_toward_the_oracle() {
        let mut amm = amm();
        amm.historical_oracle_data.last_oracle_price_twap_ts = 900;
        amm.historical_oracle_data.last_oracle_price_twap = 2 * DOLLAR;
        // A quarter of the period: (2,000,000 + 3 · 990,000) / 4 and one for the heavier product of the mark.
        assert_eq!(amm.last_bid_ask_twap(), Ok((1_242_501, 1_257_501)));
        amm.historical_oracle_data.last_oracle_price_twap_ts = 60;
        assert_eq!(amm.last_bid_ask_twap(), Ok((990_000, 1_010_000)));
    }
}

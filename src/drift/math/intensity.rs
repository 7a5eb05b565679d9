//! Trading volume as the AMM remembers it: a day's sum, and each side's recent intensity.

use super::average::{rolling_sum, weighted};
use crate::accounts::{Amm, PositionDirection};
use crate::error::Result;
use crate::num::{Checked, Narrow};
use crate::units::{ONE_DAY, ONE_HOUR, QUOTE};

impl Amm {
    /// Counts a taker's trade of `quote` (1e6) in `direction` at `now` (seconds).
    pub fn count_volume(&mut self, quote: u64, direction: PositionDirection, now: i64) -> Result {
        let passed = now.minus(self.last_trade_ts)?.max(1);
        let (long, short) = if direction == PositionDirection::Long {
            (quote, 0)
        } else {
            (0, quote)
        };
        let dollars = |quote: u64| Ok((quote.to::<i64>()?) / QUOTE as i64);
        // The former count is weighted by the time that passed, the new one by an hour.
        let count = |last: u32, quote: u64| weighted(last.into(), dollars(quote)?, passed, ONE_HOUR)?.to();
        self.long_intensity_count = count(self.long_intensity_count, long)?;
        self.long_intensity_volume = rolling_sum(self.long_intensity_volume, long, passed, ONE_HOUR)?;
        self.short_intensity_count = count(self.short_intensity_count, short)?;
        self.short_intensity_volume = rolling_sum(self.short_intensity_volume, short, passed, ONE_HOUR)?;
        self.volume_24h = rolling_sum(self.volume_24h, quote, passed, ONE_DAY)?;
        self.last_trade_ts = now;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_fade_within_an_hour_and_the_sum_within_a_day() {
        let mut amm = Amm::default();
        amm.count_volume(3_600_000_000, PositionDirection::Long, 0)
            .unwrap();
        assert_eq!(
            (amm.long_intensity_volume, amm.volume_24h),
            (3_600_000_000, 3_600_000_000)
        );
        // (0 · 1 + 3,600 · 3,600) / 3,601, and one more for the heavier product.
        assert_eq!({ amm.long_intensity_count }, 3_600);
        amm.count_volume(1_000_000, PositionDirection::Short, 1_800)
            .unwrap();
        assert_eq!(
            (amm.long_intensity_volume, amm.short_intensity_volume),
            (1_800_000_000, 1_000_000)
        );
        // 1,800 seconds are a 48th of a day.
        assert_eq!({ amm.volume_24h }, 3_525_000_000 + 1_000_000);
        assert_eq!({ amm.last_trade_ts }, 1_800);
    }
}

//! What an authority's statistics add up: fees, rewards and rolling volumes.

use super::average::rolling_sum;
use crate::accounts::UserStats;
use crate::error::Result;
use crate::num::Checked;
use crate::units::{ONE_DAY, THIRTY_DAYS};

/// Seconds after which a referrer's allowance of rewards starts anew.
const REWARD_EPOCH: i64 = 28 * ONE_DAY;

impl UserStats {
    /// Quote (1e6) traded in the last thirty days, as the two rolling sums have it.
    pub fn volume_30d(&self) -> Result<u64> {
        self.taker_volume_30d.plus(self.maker_volume_30d)
    }

    /// Counts `quote` (1e6) taken at `now`.
    pub fn count_taken(&mut self, quote: u64, now: i64) -> Result {
        let elapsed = now.minus(self.last_taker_volume_30d_ts)?.max(1);
        self.taker_volume_30d = rolling_sum(self.taker_volume_30d, quote, elapsed, THIRTY_DAYS)?;
        self.last_taker_volume_30d_ts = now;
        Ok(())
    }

    /// Counts `quote` (1e6) made at `now`.
    pub fn count_made(&mut self, quote: u64, now: i64) -> Result {
        let elapsed = now.minus(self.last_maker_volume_30d_ts)?.max(1);
        self.maker_volume_30d = rolling_sum(self.maker_volume_30d, quote, elapsed, THIRTY_DAYS)?;
        self.last_maker_volume_30d_ts = now;
        Ok(())
    }

    /// Counts a fee paid and what a referral saved of it, both at 1e6.
    pub fn count_fee(&mut self, paid: u64, discount: u64) -> Result {
        self.fees.total_fee_paid = self.fees.total_fee_paid.plus(paid)?;
        self.fees.total_referee_discount = self.fees.total_referee_discount.plus(discount)?;
        Ok(())
    }

    /// Counts a `reward` (1e6) for a referral at `now`. The first after an epoch's end starts the next epoch, and is
    /// itself forgotten there.
    pub fn count_reward(&mut self, reward: u64, now: i64) -> Result {
        self.fees.total_referrer_reward = self.fees.total_referrer_reward.plus(reward)?;
        let this_epoch = self.fees.current_epoch_referrer_reward.plus(reward)?;
        if now > self.next_epoch_ts {
            let epochs = now.minus(self.next_epoch_ts)?.over(REWARD_EPOCH)?.plus(1)?;
            self.next_epoch_ts = self.next_epoch_ts.plus(REWARD_EPOCH.times(epochs)?)?;
            self.fees.current_epoch_referrer_reward = 0;
        } else {
            self.fees.current_epoch_referrer_reward = this_epoch;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_the_same_second_drains_one() {
        let window = u64::try_from(THIRTY_DAYS).unwrap();
        let mut stats = UserStats {
            taker_volume_30d: 2 * window,
            last_taker_volume_30d_ts: 50,
            ..UserStats::default()
        };
        stats.count_taken(10, 50).unwrap();
        assert_eq!({ stats.taker_volume_30d }, 2 * (window - 1) + 10);
    }

    #[test]
    fn makers_volume_is_apart() {
        let mut stats = UserStats {
            maker_volume_30d: 90,
            taker_volume_30d: 7,
            ..UserStats::default()
        };
        // A third of the window passes.
        stats.count_made(10, THIRTY_DAYS / 3).unwrap();
        assert_eq!((stats.maker_volume_30d, stats.taker_volume_30d), (70, 7));
        assert_eq!(
            (stats.last_maker_volume_30d_ts, stats.last_taker_volume_30d_ts),
            (THIRTY_DAYS / 3, 0)
        );
    }

    #[test]
    fn reward_epochs_follow_each_other_without_gaps() {
        let mut stats = UserStats {
            next_epoch_ts: 1_000,
            ..UserStats::default()
        };
        stats.count_reward(5, 1_000).unwrap();
        stats.count_reward(5, 1_000).unwrap();
        assert_eq!(stats.fees.current_epoch_referrer_reward, 10);
        // Two and a bit epochs later.
        stats.count_reward(5, 1_000 + 2 * REWARD_EPOCH + 1).unwrap();
        assert_eq!(stats.fees.current_epoch_referrer_reward, 0);
        assert_eq!(stats.fees.total_referrer_reward, 15);
        assert_eq!({ stats.next_epoch_ts }, 1_000 + 3 * REWARD_EPOCH);
    }
}

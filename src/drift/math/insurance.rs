//! Shares of a spot market's insurance fund. Shares and tokens have the mint's decimals; after losses shares are rebased
//! by powers of ten, so that they never count finer than the tokens they stand for.

use super::interest;
use super::proportion::proportion;
use super::withdraw;
use crate::accounts::{InsuranceFundStake, SpotBalanceType, SpotMarket};
use crate::engine::spot::move_revenue;
use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow, power_of_ten};
use crate::units::{ONE_YEAR, PERCENTAGE};

/// The most that a settlement of revenue may bring the fund, as a share (1e6) of what is in it, a year: tenfold.
const MOST_REVENUE_A_YEAR: u128 = 10 * PERCENTAGE as u128;
/// Utilisation (1e6) from which on nothing leaves an insurance fund.
const MOST_UTILIZATION: u64 = PERCENTAGE / 10 * 8;

/// The shares that `tokens` buy of a fund of `total` shares with `vault` tokens. `InvalidIFSharesDetected` where there
/// are shares of an empty vault.
pub fn shares_for(tokens: u64, total: u128, vault: u64) -> Result<u128> {
    match vault {
        0 if total != 0 => Err(ErrorCode::InvalidIFSharesDetected),
        0 => Ok(tokens.into()),
        _ => proportion(tokens.into(), total, vault.into()),
    }
}

/// The tokens that `shares` of a fund of `total` shares with `vault` tokens stand for. `InvalidIFSharesDetected` for more
/// shares than there are.
pub fn tokens_for(shares: u128, total: u128, vault: u64) -> Result<u64> {
    if shares > total {
        return Err(ErrorCode::InvalidIFSharesDetected);
    }
    if total == 0 {
        return Ok(0);
    }
    proportion(vault.into(), shares, total)?.to()
}

/// Digits that shares of a fund of `total` shares with `vault` tokens have too many.
fn surplus_digits(total: u128, vault: u64) -> Result<u32> {
    let tenths = (total / 10).over(vault.into())?;
    Ok(tenths.checked_ilog10().unwrap_or(0))
}

impl SpotMarket {
    /// Rebases the fund's shares where its `vault` (tokens) holds fewer tokens than there are shares. Tokens that nobody
    /// has a share of become the protocol's.
    pub fn rebase_insurance(&mut self, vault: u64) -> Result {
        let fund = &mut self.insurance_fund;
        if vault == 0 {
            return Ok(());
        }
        if u128::from(vault) < fund.total_shares {
            let digits = surplus_digits(fund.total_shares, vault)?;
            let divisor = power_of_ten(digits)?;
            fund.total_shares /= divisor;
            fund.user_shares /= divisor;
            fund.shares_base = fund.shares_base.plus(digits.into())?;
        }
        if fund.total_shares == 0 {
            fund.total_shares = vault.into();
        }
        Ok(())
    }

    /// Whether so little is borrowed, now and on average, that tokens may leave the insurance fund.
    pub fn has_healthy_utilization(&self) -> Result<bool> {
        let now: u64 = self.utilization()?.to()?;
        Ok(self.utilization_twap <= MOST_UTILIZATION && now <= MOST_UTILIZATION)
    }

    /// Tokens of revenue that are due to a fund that has `insured`, where so many are `unlent`.
    fn due_revenue(&self, unlent: i64, insured: u64) -> Result<u128> {
        let pool = self.tokens({ self.revenue_pool }.scaled_balance, SpotBalanceType::Deposit)?;
        let spare = match unlent < pool.to::<i64>()? {
            // The vault cannot part with the whole pool.
            true => u128::from(unlent.max(0).unsigned_abs()) / 2,
            false => pool,
        };
        let fund = &self.insurance_fund;
        if fund.user_shares == 0 {
            return Ok(spare);
        }
        let periods = (ONE_YEAR as u128).over(fund.revenue_settle_period.to()?)?.max(1);
        let yearly = u128::from(insured)
            .times(MOST_REVENUE_A_YEAR)?
            .over(PERCENTAGE.into())?;
        Ok(yearly.over(periods)?.min(spare / 10))
    }

    /// Moves revenue that is due from the market's pool toward its insurance fund, and answers how many tokens are to
    /// follow from one vault, of which `vault` are there, to the other with `insured`. `RevenueSettingsCannotSettleToIF`
    /// where the factors contradict each other, and with `must_move` `NoRevenueToSettleToIF` where there is nothing.
    pub fn settle_revenue(&mut self, vault: u64, insured: u64, now: i64, must_move: bool) -> Result<u64> {
        interest::accrue(self, None, now)?;
        let fund = self.insurance_fund;
        if fund.revenue_settle_period == 0 {
            return Ok(0);
        }
        if fund.user_factor > fund.total_factor {
            return Err(ErrorCode::RevenueSettingsCannotSettleToIF);
        }
        let unlent = withdraw::check_vault(self, vault)?;
        let tokens: u64 = self.due_revenue(unlent, insured)?.to()?;
        if must_move && tokens == 0 {
            return Err(ErrorCode::NoRevenueToSettleToIF);
        }
        let fund = &mut self.insurance_fund;
        fund.last_revenue_settle_ts = now;
        let protocols = fund.total_factor.minus(fund.user_factor)?;
        if protocols > 0 {
            let part = tokens.times(protocols.into())?.over(fund.total_factor.into())?;
            let shares = shares_for(part, fund.total_shares, insured)?;
            fund.total_shares = fund.total_shares.plus(shares)?;
        }
        move_revenue(tokens.into(), SpotBalanceType::Borrow, self)?;
        Ok(tokens)
    }
}

impl InsuranceFundStake {
    /// The shares, which must be in the fund's present base (`InvalidIFRebase`).
    pub fn shares(&self, market: &SpotMarket) -> Result<u128> {
        if { self.if_base } == { market.insurance_fund }.shares_base {
            Ok(self.if_shares)
        } else {
            Err(ErrorCode::InvalidIFRebase)
        }
    }

    /// Follows the fund's rebases.
    pub fn rebase(&mut self, market: &SpotMarket) -> Result {
        let base = { market.insurance_fund }.shares_base;
        if base == self.if_base {
            return Ok(());
        }
        if base < self.if_base {
            return Err(ErrorCode::InvalidIFRebase);
        }
        let divisor = power_of_ten((base - self.if_base).to()?)?;
        self.if_base = base;
        self.if_shares /= divisor;
        self.last_withdraw_request_shares /= divisor;
        Ok(())
    }

    /// The shares that are gone when a request to withdraw is given up: what they have gained since the request. Of
    /// `vault` tokens.
    pub fn forfeited(&self, market: &SpotMarket, vault: u64) -> Result<u128> {
        let (shares, value) = (
            self.last_withdraw_request_shares,
            self.last_withdraw_request_value,
        );
        let total = { market.insurance_fund }.total_shares;
        if tokens_for(shares, total, vault)? <= value {
            return Ok(0);
        }
        let left = shares_for(value, total.minus(shares)?, vault.minus(value)?)?;
        if left > shares {
            return Err(ErrorCode::InvalidIFSharesDetected);
        }
        shares.minus(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn market(total: u128, users: u128) -> SpotMarket {
        let mut market = SpotMarket {
            decimals: 6,
            cumulative_deposit_interest: 10_000_000_000,
            cumulative_borrow_interest: 10_000_000_000,
            ..SpotMarket::default()
        };
        (
            market.insurance_fund.total_shares,
            market.insurance_fund.user_shares,
        ) = (total, users);
        market
    }

    #[test]
    fn shares_are_worth_their_part_of_the_vault() {
        assert_eq!(shares_for(100, 0, 0), Ok(100));
        assert_eq!(shares_for(100, 1, 0), Err(ErrorCode::InvalidIFSharesDetected));
        // Twice as many tokens as shares: a token buys half a share.
        assert_eq!(shares_for(100, 500, 1_000), Ok(50));
        assert_eq!(tokens_for(50, 500, 1_000), Ok(100));
        assert_eq!(
            tokens_for(501, 500, 1_000),
            Err(ErrorCode::InvalidIFSharesDetected)
        );
        assert_eq!(tokens_for(0, 0, 1_000), Ok(0));
    }

    #[test]
    fn shares_are_rebased_once_they_are_a_hundred_times_the_tokens() {
        let mut thin = market(999, 500);
        thin.rebase_insurance(10).unwrap();
        assert_eq!({ thin.insurance_fund.total_shares }, 999);
        let mut broke = market(123_456, 100_000);
        broke.rebase_insurance(10).unwrap();
        // 12,345 over 10 is 1,234: three digits.
        let fund = broke.insurance_fund;
        assert_eq!(
            (fund.total_shares, fund.user_shares, fund.shares_base),
            (123, 100, 3)
        );
        let mut stake = InsuranceFundStake {
            if_shares: 50_000,
            last_withdraw_request_shares: 1_999,
            ..InsuranceFundStake::default()
        };
        assert_eq!(stake.shares(&broke), Err(ErrorCode::InvalidIFRebase));
        stake.rebase(&broke).unwrap();
        assert_eq!(stake.shares(&broke), Ok(50));
        assert_eq!({ stake.last_withdraw_request_shares }, 1);
    }

    #[test]
    fn tokens_without_shares_become_the_protocols() {
        let mut found = market(0, 0);
        found.rebase_insurance(77).unwrap();
        assert_eq!({ found.insurance_fund.total_shares }, 77);
        found.rebase_insurance(0).unwrap();
        assert_eq!({ found.insurance_fund.total_shares }, 77);
    }

    #[test]
    fn a_request_that_is_given_up_forfeits_its_gains() {
        let mut stake = InsuranceFundStake {
            if_shares: 100,
            last_withdraw_request_shares: 100,
            last_withdraw_request_value: 100,
            ..InsuranceFundStake::default()
        };
        let market = market(1_000, 1_000);
        assert_eq!(stake.forfeited(&market, 1_000), Ok(0));
        // Worth 200 now: a hundred tokens buy 100 * 900 / 1,900 = 47 of the others' shares.
        assert_eq!(stake.forfeited(&market, 2_000), Ok(53));
        stake.last_withdraw_request_value = 300;
        assert_eq!(stake.forfeited(&market, 2_000), Ok(0));
    }
}

//! Scaled balances of a spot market and the tokens they stand for.
//!
//! A balance is kept without its interest: tokens are the balance times the market's cumulative interest of its kind
//! (1e9 and 1e10 against the mint's decimals). What the protocol owes is rounded down, what it is owed up.

use crate::accounts::{AssetTier, PoolBalance, SpotBalanceType, SpotMarket, SpotPosition};
use crate::error::{ErrorCode, Result};
use crate::num::{Checked, Narrow, power_of_ten};
use crate::units::{MARGIN, PERCENTAGE};

/// Decimals of a balance (9) times cumulative interest (10).
const SCALED_DECIMALS: u32 = 19;

impl SpotMarket {
    fn cumulative_interest(&self, kind: SpotBalanceType) -> u128 {
        if kind == SpotBalanceType::Borrow {
            self.cumulative_borrow_interest
        } else {
            self.cumulative_deposit_interest
        }
    }

    fn scaled_per_token(&self) -> Result<u128> {
        power_of_ten(SCALED_DECIMALS.minus(self.decimals)?)
    }

    /// The scaled balance (1e9) that stands for `tokens` (mint decimals): truncated, or with `round_up` one more than
    /// that unless it is zero.
    pub fn scaled(&self, tokens: u128, kind: SpotBalanceType, round_up: bool) -> Result<u128> {
        let balance = tokens
            .times(self.scaled_per_token()?)?
            .over(self.cumulative_interest(kind))?;
        if round_up && balance > 0 {
            balance.plus(1)
        } else {
            Ok(balance)
        }
    }

    /// The tokens (mint decimals) a scaled balance (1e9) stands for: deposits rounded down, borrows up.
    pub fn tokens(&self, scaled: u128, kind: SpotBalanceType) -> Result<u128> {
        let scale = self.scaled_per_token()?;
        let grown = scaled.times(self.cumulative_interest(kind))?;
        if kind == SpotBalanceType::Borrow {
            grown.over_up(scale)
        } else {
            grown.over(scale)
        }
    }

    /// The tokens that `interest` (1e10) adds to a scaled balance, rounded down.
    pub fn interest_tokens(&self, scaled: u128, interest: u128) -> Result<u128> {
        let scale = self.scaled_per_token()?;
        scaled.times(interest)?.over(scale)
    }

    /// Tokens lent to the market, interest included.
    pub fn deposits(&self) -> Result<u128> {
        self.tokens(self.deposit_balance, SpotBalanceType::Deposit)
    }

    /// Tokens borrowed from the market, interest included.
    pub fn borrows(&self) -> Result<u128> {
        self.tokens(self.borrow_balance, SpotBalanceType::Borrow)
    }

    /// Tokens lent and not borrowed; `MathError` when more are borrowed.
    pub fn available_deposits(&self) -> Result<u128> {
        let lent = self.deposits()?;
        lent.minus(self.borrows()?)
    }

    /// Share (1e6) of the deposits that is borrowed.
    pub fn utilization(&self) -> Result<u128> {
        let lent = self.deposits()?;
        utilization(lent, self.borrows()?)
    }

    /// Units of the mint in one token.
    pub fn one_token(&self) -> Result<u64> {
        10u64
            .checked_pow(self.decimals)
            .ok_or(ErrorCode::ProgramFailedToComplete)
    }

    /// How many times the exchange's confidence limit an oracle of this asset may be wide.
    pub fn confidence_multiple(&self) -> u64 {
        match self.asset_tier {
            AssetTier::Collateral | AssetTier::Protected => 1,
            AssetTier::Cross => 5,
            _ => 50,
        }
    }

    /// Into an average goes a price at most one part in this many away from it.
    pub fn twap_clamp(&self) -> i64 {
        match self.asset_tier {
            AssetTier::Collateral | AssetTier::Protected => 10,
            AssetTier::Cross => 5,
            _ => 3,
        }
    }

    /// Refuses with `MaxDeposit` when more tokens are lent than the market takes, and with `MaxBorrows` when more are
    /// borrowed than the share of them that it lends.
    pub fn check_caps(&self) -> Result {
        let cap = self.max_token_deposits;
        if cap > 0 && self.deposits()? > u128::from(cap) {
            return Err(ErrorCode::MaxDeposit);
        }
        if cap > 0 && self.max_token_borrows_fraction > 0 {
            let most = self.most_borrows(self.max_token_borrows_fraction)?;
            // A cap that rounds to nothing is none.
            if most > 0 && self.borrows()? > u128::from(most) {
                return Err(ErrorCode::MaxBorrows);
            }
        }
        Ok(())
    }

    /// The part `fraction` (1e4) of the most tokens that the market takes.
    pub fn most_borrows(&self, fraction: u16) -> Result<u64> {
        Ok({ self.max_token_deposits }.times(fraction.into())? / u64::from(MARGIN))
    }

    /// The least borrow rate (1e6, a year), which is kept in half percents.
    pub fn least_borrow_rate(&self) -> u32 {
        least_borrow_rate(self.min_borrow_rate)
    }
}

/// So many half percents (1e6).
pub fn least_borrow_rate(half_percents: u8) -> u32 {
    u32::from(half_percents) * (PERCENTAGE as u32 / 200)
}

/// Share (1e6) of `deposits` that `borrows` are: all of it where there are borrows alone.
pub fn utilization(deposits: u128, borrows: u128) -> Result<u128> {
    let whole = u128::from(PERCENTAGE);
    let numerator = borrows.times(whole)?;
    Ok(match numerator.checked_div(deposits) {
        Some(share) => share,
        None if borrows == 0 => 0,
        None => whole,
    })
}

/// `tokens` with the sign of their kind: borrows are negative.
pub fn signed(tokens: u128, kind: SpotBalanceType) -> Result<i128> {
    let tokens: i128 = tokens.to()?;
    Ok(if kind == SpotBalanceType::Borrow {
        -tokens
    } else {
        tokens
    })
}

/// Value (1e6 dollars) of signed `tokens` at `price` (1e6). A debt's remainder counts as one more, always against its
/// holder.
pub fn token_value(tokens: i128, decimals: u32, price: i64) -> Result<i128> {
    if tokens == 0 {
        return Ok(0);
    }
    let one = power_of_ten(decimals)?.to::<i128>()?;
    let product = tokens.times(price.into())?;
    if product < 0 {
        product.over_down(one)
    } else {
        product.over(one)
    }
}

/// A balance in a spot market: a user's position or a pool.
pub trait SpotBalance {
    /// The market it lies in.
    fn market(&self) -> u16;
    /// Lent or borrowed.
    fn kind(&self) -> SpotBalanceType;
    /// Scaled balance, 1e9.
    fn scaled(&self) -> u128;
    /// Turns the balance from one kind into the other.
    fn set_kind(&mut self, kind: SpotBalanceType) -> Result;
    /// Adds `delta` (scaled).
    fn grow(&mut self, delta: u128) -> Result;
    /// Takes `delta` (scaled) away; `MathError` below zero.
    fn shrink(&mut self, delta: u128) -> Result;
}

impl SpotBalance for SpotPosition {
    fn market(&self) -> u16 {
        self.market_index
    }

    fn kind(&self) -> SpotBalanceType {
        self.balance_type
    }

    fn scaled(&self) -> u128 {
        self.scaled_balance.into()
    }

    fn set_kind(&mut self, kind: SpotBalanceType) -> Result {
        self.balance_type = kind;
        Ok(())
    }

    fn grow(&mut self, delta: u128) -> Result {
        self.scaled_balance = self.scaled_balance.plus(delta.to()?)?;
        Ok(())
    }

    fn shrink(&mut self, delta: u128) -> Result {
        self.scaled_balance = self.scaled_balance.minus(delta.to()?)?;
        Ok(())
    }
}

impl SpotBalance for PoolBalance {
    fn market(&self) -> u16 {
        self.market_index
    }

    fn kind(&self) -> SpotBalanceType {
        SpotBalanceType::Deposit
    }

    fn scaled(&self) -> u128 {
        self.scaled_balance
    }

    fn set_kind(&mut self, _: SpotBalanceType) -> Result {
        Err(ErrorCode::CantUpdatePoolBalanceType)
    }

    fn grow(&mut self, delta: u128) -> Result {
        self.scaled_balance = { self.scaled_balance }.plus(delta)?;
        Ok(())
    }

    fn shrink(&mut self, delta: u128) -> Result {
        self.scaled_balance = { self.scaled_balance }.minus(delta)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Six decimals; 5 % earned, 10 % owed.
    fn market() -> SpotMarket {
        SpotMarket {
            decimals: 6,
            cumulative_deposit_interest: 10_500_000_000,
            cumulative_borrow_interest: 11_000_000_000,
            ..SpotMarket::default()
        }
    }

    #[test]
    fn balances_grow_with_interest() {
        let market = market();
        let one = 1_000_000_000;
        assert_eq!(market.tokens(one, SpotBalanceType::Deposit), Ok(1_050_000));
        assert_eq!(market.tokens(one, SpotBalanceType::Borrow), Ok(1_100_000));
        assert_eq!(market.scaled(1_050_000, SpotBalanceType::Deposit, false), Ok(one));
        assert_eq!(market.tokens(1, SpotBalanceType::Deposit), Ok(0));
        assert_eq!(market.tokens(1, SpotBalanceType::Borrow), Ok(1));
        // 1e13 / 1.1e10 = 909.09.
        assert_eq!(market.scaled(1, SpotBalanceType::Borrow, true), Ok(910));
        assert_eq!(market.scaled(0, SpotBalanceType::Borrow, true), Ok(0));
    }

    #[test]
    fn more_than_nineteen_decimals_are_refused() {
        let market = SpotMarket {
            decimals: 20,
            ..market()
        };
        assert_eq!(
            market.tokens(1, SpotBalanceType::Deposit),
            Err(ErrorCode::MathError)
        );
        assert_eq!(market.one_token(), Err(ErrorCode::ProgramFailedToComplete));
    }

    #[test]
    fn borrows_alone_are_full_use() {
        assert_eq!(
            [utilization(0, 0), utilization(0, 5), utilization(3, 1)],
            [Ok(0), Ok(1_000_000), Ok(333_333)]
        );
    }

    #[test]
    fn a_debts_remainder_counts_whole() {
        assert_eq!(token_value(1, 6, 1), Ok(0));
        assert_eq!(token_value(-1, 6, 1), Ok(-1));
        assert_eq!(token_value(-2_000_000, 6, 3_000_000), Ok(-6_000_000));
        assert_eq!(token_value(0, 99, 1), Ok(0));
    }

    #[test]
    fn deposits_are_capped_where_a_cap_is_set() {
        let mut market = SpotMarket {
            deposit_balance: 1_000_000_000,
            max_token_deposits: 1_050_000,
            ..market()
        };
        assert_eq!(market.check_caps(), Ok(()));
        market.max_token_deposits -= 1;
        assert_eq!(market.check_caps(), Err(ErrorCode::MaxDeposit));
        market.max_token_deposits = 0;
        assert_eq!(market.check_caps(), Ok(()));
    }

    proptest! {
        #[test]
        fn rounding_never_favours_the_holder(tokens in 0u128..1 << 60, interest in 10_000_000_000u128..1 << 40) {
            let market = SpotMarket {
                cumulative_deposit_interest: interest,
                cumulative_borrow_interest: interest,
                ..market()
            };
            let lent = market.scaled(tokens, SpotBalanceType::Deposit, false).unwrap();
            prop_assert!(market.tokens(lent, SpotBalanceType::Deposit).unwrap() <= tokens);
            let owed = market.scaled(tokens, SpotBalanceType::Borrow, true).unwrap();
            prop_assert!(market.tokens(owed, SpotBalanceType::Borrow).unwrap() >= tokens);
        }
    }
}

//! Changes of spot balances: the market's totals move with the position's or the pool's own.

use crate::accounts::{
    AssetTier, MarketStatus, SpotBalanceType, SpotMarket, SpotOperation, SpotPosition, User,
};
use crate::error::{ErrorCode, Result};
use crate::math::spot_balance::SpotBalance;
use crate::math::withdraw;
use crate::num::{Checked, Narrow};

/// Moves `tokens` toward `direction`: a deposit adds to what is lent or repays what is borrowed first, a borrow the
/// reverse. `leaving` says that the tokens go out of the exchange: the user bears the rounding, and borrows may not
/// exceed deposits afterwards (`SpotMarketInsufficientDeposits`).
pub fn move_tokens(
    tokens: u128,
    direction: SpotBalanceType,
    market: &mut SpotMarket,
    balance: &mut impl SpotBalance,
    leaving: bool,
) -> Result {
    let mut rest = tokens;
    let held = balance.kind();
    if held == direction {
        raise(rest, direction, market, balance)?;
    } else {
        let owned = market.tokens(balance.scaled(), held)?;
        if owned > 0 {
            let whole = owned <= rest;
            let delta = if whole {
                balance.scaled()
            } else {
                market.scaled(rest, held, leaving || held == SpotBalanceType::Borrow)?
            };
            let total = total(market, held).minus(delta)?;
            set_total(market, held, total);
            balance.shrink(delta)?;
            rest = if whole { rest.minus(owned)? } else { 0 };
        }
        if rest > 0 {
            balance.set_kind(direction)?;
            raise(rest, direction, market, balance)?;
        }
    }
    if leaving && direction == SpotBalanceType::Borrow {
        let lent = market.deposits()?;
        if lent < market.borrows()? {
            return Err(ErrorCode::SpotMarketInsufficientDeposits);
        }
    }
    Ok(())
}

fn raise(
    tokens: u128,
    kind: SpotBalanceType,
    market: &mut SpotMarket,
    balance: &mut impl SpotBalance,
) -> Result {
    let delta = market.scaled(tokens, kind, kind == SpotBalanceType::Borrow)?;
    balance.grow(delta)?;
    let total = total(market, kind).plus(delta)?;
    set_total(market, kind, total);
    Ok(())
}

fn total(market: &SpotMarket, kind: SpotBalanceType) -> u128 {
    if kind == SpotBalanceType::Borrow {
        market.borrow_balance
    } else {
        market.deposit_balance
    }
}

fn set_total(market: &mut SpotMarket, kind: SpotBalanceType, total: u128) {
    if kind == SpotBalanceType::Borrow {
        market.borrow_balance = total;
    } else {
        market.deposit_balance = total;
    }
}

/// Moves `tokens` in or out of the market's own revenue pool.
pub fn move_revenue(tokens: u128, direction: SpotBalanceType, market: &mut SpotMarket) -> Result {
    let mut pool = market.revenue_pool;
    move_tokens(tokens, direction, market, &mut pool, false)?;
    market.revenue_pool = pool;
    Ok(())
}

/// Moves `tokens` from one balance to another of the same market; negative ones the other way.
pub fn transfer(
    tokens: i128,
    market: &mut SpotMarket,
    from: &mut impl SpotBalance,
    to: &mut impl SpotBalance,
) -> Result {
    if from.market() != to.market() {
        return Err(ErrorCode::UnequalMarketIndexForSpotTransfer);
    }
    if tokens == 0 {
        return Ok(());
    }
    if from.kind() == SpotBalanceType::Deposit && market.deposit_balance < from.scaled() {
        return Err(ErrorCode::InvalidSpotMarketState);
    }
    let (out, into) = if tokens < 0 {
        (SpotBalanceType::Deposit, SpotBalanceType::Borrow)
    } else {
        (SpotBalanceType::Borrow, SpotBalanceType::Deposit)
    };
    move_tokens(tokens.unsigned_abs(), out, market, from, false)?;
    move_tokens(tokens.unsigned_abs(), into, market, to, false)
}

/// Moves `tokens` from the market's revenue pool to `to`.
pub fn pay_from_revenue(tokens: u128, market: &mut SpotMarket, to: &mut impl SpotBalance) -> Result {
    if to.market() != market.market_index {
        return Err(ErrorCode::UnequalMarketIndexForSpotTransfer);
    }
    move_revenue(tokens, SpotBalanceType::Borrow, market)?;
    move_tokens(tokens, SpotBalanceType::Deposit, market, to, false)
}

/// Moves `tokens` from `from` to the market's revenue pool.
pub fn pay_to_revenue(tokens: u128, market: &mut SpotMarket, from: &mut impl SpotBalance) -> Result {
    if from.market() != market.market_index {
        return Err(ErrorCode::UnequalMarketIndexForSpotTransfer);
    }
    move_tokens(tokens, SpotBalanceType::Borrow, market, from, false)?;
    move_revenue(tokens, SpotBalanceType::Deposit, market)
}

/// Moves `tokens` in a user's position and counts `counted` of them among the net deposits it has ever made.
pub fn move_and_count(
    tokens: u128,
    counted: u128,
    direction: SpotBalanceType,
    market: &mut SpotMarket,
    position: &mut SpotPosition,
    leaving: bool,
) -> Result {
    move_tokens(tokens, direction, market, position, leaving)?;
    let counted: i64 = counted.to()?;
    position.cumulative_deposits = if direction == SpotBalanceType::Borrow {
        position.cumulative_deposits.minus(counted)?
    } else {
        position.cumulative_deposits.plus(counted)?
    };
    Ok(())
}

/// Takes `tokens` out of the exchange from the user's position in `market`, within the market's withdrawal limits.
pub fn take_out(tokens: u128, market: &mut SpotMarket, user: &mut User) -> Result {
    let place = user.spot_place(market.market_index)?;
    let position = &mut user.spot_positions[place];
    move_and_count(tokens, tokens, SpotBalanceType::Borrow, market, position, true)?;
    if !withdraw::within_limits(market, Some((user, tokens)))? {
        return Err(ErrorCode::DailyWithdrawLimit);
    }
    let open = [
        MarketStatus::Active,
        MarketStatus::ReduceOnly,
        MarketStatus::Settlement,
    ];
    if !open.contains(&market.status) || market.is_paused(SpotOperation::Withdraw) {
        return Err(ErrorCode::MarketWithdrawPaused);
    }
    let borrowed = user.spot_positions[place].balance_type == SpotBalanceType::Borrow;
    if borrowed && market.asset_tier == AssetTier::Protected {
        return Err(ErrorCode::ProtectedAssetTierViolation);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::PoolBalance;
    use proptest::prelude::*;

    fn market() -> SpotMarket {
        SpotMarket {
            decimals: 6,
            cumulative_deposit_interest: 10_300_000_000,
            cumulative_borrow_interest: 11_700_000_000,
            status: MarketStatus::Active,
            optimal_utilization: 800_000,
            withdraw_guard_threshold: u64::MAX,
            ..SpotMarket::default()
        }
    }

    fn rich() -> (SpotMarket, PoolBalance) {
        let (mut market, mut pool) = (market(), PoolBalance::default());
        move_tokens(
            1_000_000_000,
            SpotBalanceType::Deposit,
            &mut market,
            &mut pool,
            false,
        )
        .unwrap();
        (market, pool)
    }

    #[test]
    fn a_borrow_first_uses_up_the_deposit() {
        let (mut market, _) = rich();
        let mut position = SpotPosition::default();
        let mut go = |tokens, direction| {
            move_tokens(tokens, direction, &mut market, &mut position, false).unwrap();
            position.signed_tokens(&market).unwrap()
        };
        // Each rounding is against the holder.
        assert_eq!(go(1_030_000, SpotBalanceType::Deposit), 1_030_000);
        assert_eq!(go(2_200_000, SpotBalanceType::Borrow), -1_170_001);
        assert_eq!(go(1_170_001, SpotBalanceType::Deposit), 0);
    }

    #[test]
    fn no_more_leaves_than_is_there() {
        let (mut market, _) = rich();
        let mut position = SpotPosition::default();
        let short = move_tokens(
            1_000_000_001,
            SpotBalanceType::Borrow,
            &mut market,
            &mut position,
            true,
        );
        assert_eq!(short, Err(ErrorCode::SpotMarketInsufficientDeposits));
    }

    #[test]
    fn a_pool_never_borrows() {
        let (mut market, mut pool) = rich();
        let tokens = pool.scaled_balance;
        let overdrawn = move_tokens(tokens, SpotBalanceType::Borrow, &mut market, &mut pool, false);
        assert_eq!(overdrawn, Err(ErrorCode::CantUpdatePoolBalanceType));
    }

    #[test]
    fn a_transfer_stays_within_one_market() {
        let (mut market, mut pool) = rich();
        let mut position = SpotPosition::default();
        transfer(5_000_000, &mut market, &mut pool, &mut position).unwrap();
        assert_eq!(position.signed_tokens(&market), Ok(4_999_999));
        transfer(-1_000_000, &mut market, &mut pool, &mut position).unwrap();
        // Balances of 4854368932 and 970873786 moved, each rounded down: 3883495146 is left.
        assert_eq!(position.signed_tokens(&market), Ok(4_000_000));
        let mut elsewhere = SpotPosition {
            market_index: 3,
            ..SpotPosition::default()
        };
        let foreign = transfer(1, &mut market, &mut pool, &mut elsewhere);
        assert_eq!(foreign, Err(ErrorCode::UnequalMarketIndexForSpotTransfer));
    }

    #[test]
    fn protected_assets_are_not_lent() {
        let (market, _) = rich();
        let mut user = User {
            total_deposits: 1,
            ..User::default()
        };
        let take = |mut market: SpotMarket, user: &mut User| take_out(1_000_000, &mut market, user);
        let guarded = SpotMarket {
            asset_tier: AssetTier::Protected,
            ..market
        };
        assert_eq!(
            take(guarded, &mut user.clone()),
            Err(ErrorCode::ProtectedAssetTierViolation)
        );
        let paused = SpotMarket {
            paused_operations: SpotOperation::Withdraw as u8,
            ..market
        };
        assert_eq!(
            take(paused, &mut user.clone()),
            Err(ErrorCode::MarketWithdrawPaused)
        );
        let idle = SpotMarket {
            status: MarketStatus::Initialized,
            ..market
        };
        assert_eq!(
            take(idle, &mut user.clone()),
            Err(ErrorCode::MarketWithdrawPaused)
        );
        let unguarded = SpotMarket {
            withdraw_guard_threshold: 0,
            ..market
        };
        assert_eq!(
            take(unguarded, &mut user.clone()),
            Err(ErrorCode::DailyWithdrawLimit)
        );
        assert_eq!(take(market, &mut user), Ok(()));
        assert_eq!({ user.spot_positions[0].cumulative_deposits }, -1_000_000);
    }

    proptest! {
        #[test]
        fn totals_are_the_sums_of_what_is_held(moves in prop::collection::vec((0usize..3, any::<bool>(), 0u128..5_000_000), 1..40)) {
            let (mut market, pool) = rich();
            let mut positions = [SpotPosition::default(); 3];
            for (who, lend, tokens) in moves {
                let direction = if lend { SpotBalanceType::Deposit } else { SpotBalanceType::Borrow };
                move_tokens(tokens, direction, &mut market, &mut positions[who], !lend).unwrap();
            }
            let sum = |kind| -> u128 {
                positions.iter().filter(|p| p.balance_type == kind).map(|p| u128::from(p.scaled_balance)).sum()
            };
            prop_assert_eq!(sum(SpotBalanceType::Deposit) + pool.scaled_balance, { market.deposit_balance });
            prop_assert_eq!(sum(SpotBalanceType::Borrow), { market.borrow_balance });
        }
    }
}

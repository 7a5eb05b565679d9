//! Changes of spot balances: the market's totals move with the position's or the pool's own.

use crate::drift::accounts::{
    AssetTier, MarketStatus, SpotBalanceType, SpotMarket, SpotOperation, SpotPosition, User,
};
use crate::drift::error::{ErrorCode, Result};
use crate::drift::math::spot_balance::SpotBalance;
use crate::drift::math::withdraw;
use crate::drift::num::{Checked, Narrow};

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

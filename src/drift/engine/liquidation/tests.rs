//! How a liquidation is refused, and how it ends without anything changing hands.

use super::liquidate_perp;
use crate::accounts::*;
use crate::clock::Clock;
use crate::engine::Cast;
use crate::engine::margin::tests::{dollars, perp, user};
use crate::error::{ErrorCode, Result};
use crate::instruction::LiquidatePerp;

const BUFFER: u32 = 200;
const USER: usize = 4;

fn key(byte: u8) -> Pubkey {
    Pubkey([byte; 32])
}

fn stats(authority: u8) -> Account {
    Account::UserStats(Box::new(UserStats {
        authority: key(authority),
        ..UserStats::default()
    }))
}

fn of(authority: u8, user: User) -> Account {
    Account::User(Box::new(User {
        authority: key(authority),
        next_liquidation_id: 1,
        ..user
    }))
}

/// Someone with a hundred units, bought at a dollar each and worth as much, on a deposit of `tokens` dollars: five keep
/// the position, and seven end a liquidation.
fn holder(tokens: i64) -> User {
    let mut user = user(tokens);
    user.perp_positions[0].base_asset_amount = 100_000_000_000;
    user.perp_positions[0].quote_asset_amount = -100_000_000;
    user
}

/// The accounts of a liquidation of `user` by somebody else.
fn cast(user: User) -> Cast {
    let mut cast = Cast::default();
    let state = State {
        liquidation_margin_buffer_ratio: BUFFER,
        ..State::default()
    };
    cast.add(key(1), false, Account::State(Box::new(state)));
    cast.add(key(2), true, Account::Opaque);
    cast.add(key(3), false, of(2, User::default()));
    cast.add(key(4), false, stats(2));
    cast.add(key(5), false, of(6, user));
    cast.add(key(7), false, stats(6));
    cast.add(key(8), false, Account::SpotMarket(Box::new(dollars())));
    cast.add(key(9), false, Account::PerpMarket(Box::new(perp())));
    cast
}

fn liquidate(cast: &mut Cast) -> Result {
    let arguments = LiquidatePerp {
        market_index: 0,
        liquidator_max_base_asset_amount: 1,
        limit_price: None,
    };
    liquidate_perp(&mut cast.frame(Clock::default()), &arguments)
}

fn user_of(cast: &Cast) -> User {
    match &cast.entries[USER].account {
        Account::User(user) => **user,
        other => panic!("{}", other.type_name()),
    }
}

#[test]
fn who_has_the_buffer_leaves_the_liquidation() {
    let mut being_liquidated = holder(7);
    being_liquidated.mark(UserStatus::BeingLiquidated, true);
    being_liquidated.liquidation_margin_freed = 5;
    let mut cast = cast(being_liquidated);
    assert_eq!(liquidate(&mut cast), Ok(()));
    let after = user_of(&cast);
    assert!(!after.in_liquidation());
    assert_eq!(
        (after.liquidation_margin_freed, after.next_liquidation_id),
        (0, 1)
    );
}

#[test]
fn who_has_maintenance_margin_is_not_liquidated() {
    assert_eq!(
        liquidate(&mut cast(holder(5))),
        Err(ErrorCode::SufficientCollateral)
    );
    assert_ne!(
        liquidate(&mut cast(holder(4))),
        Err(ErrorCode::SufficientCollateral)
    );
}

#[test]
fn who_is_bankrupt_neither_liquidates_nor_is_liquidated() {
    for bankrupt in [2, USER] {
        let mut cast = cast(holder(4));
        if let Account::User(user) = &mut cast.entries[bankrupt].account {
            user.mark(UserStatus::Bankrupt, true);
        }
        assert_eq!(liquidate(&mut cast), Err(ErrorCode::UserBankrupt));
    }
}

#[test]
fn both_sides_are_different_and_of_different_authorities() {
    let mut himself = cast(holder(4));
    himself.slots[USER] = himself.slots[2];
    himself.slots[5] = himself.slots[3];
    assert_eq!(liquidate(&mut himself), Err(ErrorCode::UserCantLiquidateThemself));
    // Another account of the same authority, with the same statistics.
    let mut own = cast(holder(4));
    own.entries[USER].account = of(2, holder(4));
    own.slots[5] = own.slots[3];
    assert_eq!(liquidate(&mut own), Err(ErrorCode::UnableToLoadAccountLoader));
}

#[test]
fn what_is_halted_is_not_liquidated() {
    let mut everywhere = cast(holder(4));
    if let Account::State(state) = &mut everywhere.entries[0].account {
        state.exchange_status = ExchangeOperation::Liquidation as u8;
    }
    assert_eq!(liquidate(&mut everywhere), Err(ErrorCode::ExchangePaused));
    let mut here = cast(holder(4));
    if let Account::PerpMarket(market) = &mut here.entries[7].account {
        market.paused_operations = PerpOperation::Liquidation as u8;
    }
    assert_eq!(liquidate(&mut here), Err(ErrorCode::InvalidLiquidation));
}

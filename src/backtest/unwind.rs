//! The end of a market: everybody gets out, as far as the program lets them.
//!
//! One pass after another, in each: debts repaid, LP shares removed, positions closed, losses settled, then profits, then
//! deposits withdrawn. It ends when nothing is left, or when a pass changes nothing.

use crate::event::{
    ClosePosition, Event, Kind, MidSimDeposit, Portion, RemoveLiquidity, SettlePnl, WithdrawCollateral,
};
use crate::world::World;
use drift::accounts::{SpotBalanceType, User};
use drift::ledger::Ledger;

/// More passes than any market has needed; a market that still moves after so many is told as it is.
const PASSES: usize = 20;

/// A part of a pass; each goes over all users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Repay,
    RemoveLiquidity,
    ClosePositions,
    SettleLosses,
    SettleProfits,
    Withdraw,
}

const STAGES: [Stage; 6] = [
    Stage::Repay,
    Stage::RemoveLiquidity,
    Stage::ClosePositions,
    Stage::SettleLosses,
    Stage::SettleProfits,
    Stage::Withdraw,
];

/// A market that can be unwound.
pub(super) trait Side {
    /// Where its accounts are.
    type Ledger: Ledger;

    /// Where everything is, and the accounts.
    fn side(&self) -> (&World, &Self::Ledger);
}

/// Gets `users` out of `market`, one event a second from `last` on, and answers how many events that took.
///
/// # Errors
/// The first of `carry_out`'s.
pub(super) fn unwind<M: Side, E>(
    market: &mut M,
    users: &[u32],
    last: i64,
    mut carry_out: impl FnMut(&mut M, &Event) -> Result<(), E>,
) -> Result<usize, E> {
    let left = |market: &M| {
        let (world, ledger) = market.side();
        Left::of(world, ledger, users.iter().copied())
    };
    let (mut second, mut events) = (last, 0);
    for _ in 0..PASSES {
        let before = left(market);
        for stage in STAGES {
            for user in users {
                let (world, ledger) = market.side();
                for kind in wishes(world, ledger, *user, stage) {
                    second = second.saturating_add(1);
                    carry_out(market, &Event::new(second, kind))?;
                    events += 1;
                }
            }
        }
        let after = left(market);
        if after == before || after == Left::default() {
            break;
        }
    }
    Ok(events)
}

/// What user number `number` does in `stage`, from the accounts as they stand.
fn wishes<L: Ledger>(world: &World, ledger: &L, number: u32, stage: Stage) -> Vec<Kind> {
    let Some(user) = world.user(ledger, number) else {
        return Vec::new();
    };
    match stage {
        Stage::Repay => balances(user, SpotBalanceType::Borrow)
            .map(|spot_market_index| {
                MidSimDeposit {
                    user_index: number,
                    // A debt is paid whole, whatever the amount says.
                    deposit_amount: 0,
                    spot_market_index,
                    mint_amount: 0,
                    username: String::new(),
                    reduce_only: true,
                }
                .into()
            })
            .collect(),
        Stage::Withdraw => balances(user, SpotBalanceType::Deposit)
            .map(|spot_market_index| {
                WithdrawCollateral {
                    user_index: number,
                    spot_market_index,
                    withdraw_amount: u64::MAX,
                    reduce_only: true,
                    username: String::new(),
                }
                .into()
            })
            .collect(),
        _ => {
            let held = user.perp_positions.iter().filter(|held| !held.is_available());
            held.filter_map(|held| {
                let (user_index, market_index) = (number, held.market_index);
                let settle = || {
                    SettlePnl {
                        user_index,
                        market_index,
                    }
                    .into()
                };
                match stage {
                    Stage::RemoveLiquidity if held.lp_shares > 0 => Some(
                        RemoveLiquidity {
                            market_index,
                            user_index,
                            lp_token_amount: Portion::All,
                        }
                        .into(),
                    ),
                    Stage::ClosePositions if held.base_asset_amount != 0 => Some(
                        ClosePosition {
                            user_index,
                            market_index,
                        }
                        .into(),
                    ),
                    Stage::SettleLosses if held.quote_asset_amount < 0 => Some(settle()),
                    Stage::SettleProfits if held.quote_asset_amount > 0 => Some(settle()),
                    _ => None,
                }
            })
            .collect()
        }
    }
}

fn balances(user: &User, side: SpotBalanceType) -> impl Iterator<Item = u16> {
    user.spot_positions
        .iter()
        .filter(move |held| !held.is_available() && held.balance_type == side && held.scaled_balance > 0)
        .map(|held| held.market_index)
}

/// What users still have in the exchange, in absolute terms: a pass that leaves it as it was is the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Left {
    /// LP shares (1e9).
    lp_shares: u128,
    /// Base of positions (1e9).
    base: u128,
    /// Unsettled quote of positions (1e6).
    quote: u128,
    /// Scaled balances of deposits and borrows (1e9).
    balances: u128,
}

impl Left {
    /// Of `users`.
    fn of<L: Ledger>(world: &World, ledger: &L, users: impl Iterator<Item = u32>) -> Self {
        let mut left = Self::default();
        for user in users.filter_map(|number| world.user(ledger, number)) {
            for held in user.perp_positions.iter().filter(|held| !held.is_available()) {
                left.lp_shares += u128::from(held.lp_shares);
                left.base += u128::from({ held.base_asset_amount }.unsigned_abs());
                left.quote += u128::from({ held.quote_asset_amount }.unsigned_abs());
            }
            for held in user.spot_positions.iter().filter(|held| !held.is_available()) {
                left.balances += u128::from(held.scaled_balance);
            }
        }
        left
    }
}

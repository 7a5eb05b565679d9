//! What a user does to get out, stage by stage.

use crate::event::{
    CancelOrders, ExpelLiquidity, Kind, MidSimDeposit, Portion, RemoveIfStake, RemoveLiquidity,
    SettleFundingPayment, SettlePnl, WithdrawCollateral,
};
use crate::world::World;
use drift::accounts::{PerpPosition, SpotBalanceType, User};
use drift::ledger::Ledger;
use drift::units::BASE_TIMES_PRICE_PER_QUOTE;

/// A part of the ending; each goes over all users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    CancelOrders,
    Repay,
    RemoveLiquidity,
    /// A keeper removes what its owner may not.
    ExpelLiquidity,
    /// The expiry price leaves out funding that is not yet paid.
    SettleFunding,
    SettleLosses,
    SettleProfits,
    Unstake,
    Withdraw,
}

impl Stage {
    /// What user number `number` does, from the accounts as they stand.
    pub(super) fn wishes<L: Ledger>(self, world: &World, ledger: &L, number: u32) -> Vec<Kind> {
        let Some(user) = world.user(ledger, number) else {
            return Vec::new();
        };
        let positions = || user.perp_positions.iter().filter(|held| !held.is_available());
        match self {
            Stage::CancelOrders if user.open_orders == 0 => Vec::new(),
            Stage::CancelOrders => vec![CancelOrders { user_index: number }.into()],
            Stage::Repay => balances(user, SpotBalanceType::Borrow)
                .map(|market| repay(number, market))
                .collect(),
            Stage::Withdraw => balances(user, SpotBalanceType::Deposit)
                .map(|market| withdraw(number, market))
                .collect(),
            Stage::RemoveLiquidity | Stage::ExpelLiquidity => positions()
                .filter(|held| held.is_lp())
                .map(|held| self.remove(number, held.market_index))
                .collect(),
            Stage::SettleFunding if positions().all(|held| !held.is_open()) => Vec::new(),
            Stage::SettleFunding => vec![SettleFundingPayment { user_index: number }.into()],
            Stage::SettleLosses | Stage::SettleProfits => positions()
                .filter(|held| loses(world, ledger, held) == (self == Stage::SettleLosses))
                .map(|held| {
                    SettlePnl {
                        user_index: number,
                        market_index: held.market_index,
                    }
                    .into()
                })
                .collect(),
            Stage::Unstake => (0..world.spot_count())
                .filter(|market| world.insurance_stake_value(ledger, number, *market) > 0)
                .map(|market_index| {
                    RemoveIfStake {
                        user_index: number,
                        market_index,
                        amount: Portion::All,
                    }
                    .into()
                })
                .collect(),
        }
    }

    fn remove(self, user_index: u32, market_index: u16) -> Kind {
        match self {
            Stage::ExpelLiquidity => ExpelLiquidity {
                user_index,
                market_index,
            }
            .into(),
            _ => RemoveLiquidity {
                market_index,
                user_index,
                lp_token_amount: Portion::All,
            }
            .into(),
        }
    }
}

/// A debt is paid whole, whatever the amount says.
fn repay(user_index: u32, spot_market_index: u16) -> Kind {
    MidSimDeposit {
        user_index,
        deposit_amount: 0,
        spot_market_index,
        mint_amount: 0,
        username: String::new(),
        reduce_only: true,
    }
    .into()
}

fn withdraw(user_index: u32, spot_market_index: u16) -> Kind {
    WithdrawCollateral {
        user_index,
        spot_market_index,
        withdraw_amount: u64::MAX,
        reduce_only: true,
        username: String::new(),
    }
    .into()
}

/// Whether a position closes with a loss at its market's expiry price.
fn loses<L: Ledger>(world: &World, ledger: &L, held: &PerpPosition) -> bool {
    let price = world
        .perp(ledger, held.market_index)
        .map_or(0, |market| market.expiry_price);
    let value = i128::from(held.base_asset_amount) * i128::from(price);
    value + i128::from(held.quote_asset_amount) * i128::from(BASE_TIMES_PRICE_PER_QUOTE) < 0
}

fn balances(user: &User, side: SpotBalanceType) -> impl Iterator<Item = u16> {
    user.spot_positions
        .iter()
        .filter(move |held| !held.is_available() && held.balance_type == side && held.scaled_balance > 0)
        .map(|held| held.market_index)
}

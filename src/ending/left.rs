//! What users still have in an exchange.

use crate::world::World;
use drift::ledger::Ledger;
use drift::math::weight::MarginType;
use drift::units::{BASE_TIMES_PRICE_PER_QUOTE, PRICE};

/// What users still have in the exchange, in absolute terms: a pass that leaves it as it was is the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// LP shares (1e9).
    lp_shares: u128,
    /// Base of positions (1e9).
    base: u128,
    /// Unsettled quote of positions (1e6).
    quote: u128,
    /// Perpetual positions that are more than empty.
    positions: u32,
    /// Scaled balances of deposits and borrows (1e9).
    balances: u128,
    /// Tokens staked in insurance funds.
    stakes: u128,
    /// Users with nothing but debts.
    bankrupts: u32,
}

impl Left {
    /// Of `users`.
    pub fn of<L: Ledger>(world: &World, ledger: &L, users: &[u32]) -> Self {
        let mut left = Self::default();
        for number in users {
            let Some(user) = world.user(ledger, *number) else {
                continue;
            };
            left.bankrupts += u32::from(user.is_bankrupt() || user.is_insolvent());
            for held in user.perp_positions.iter().filter(|held| !held.is_available()) {
                left.positions += 1;
                left.lp_shares += u128::from(held.lp_shares);
                left.base += u128::from({ held.base_asset_amount }.unsigned_abs());
                left.quote += u128::from({ held.quote_asset_amount }.unsigned_abs());
            }
            for held in user.spot_positions.iter().filter(|held| !held.is_available()) {
                left.balances += u128::from(held.scaled_balance);
            }
            left.stakes += (0..world.spot_count())
                .map(|market| u128::from(world.insurance_stake_value(ledger, *number, market)))
                .sum::<u128>();
        }
        left
    }

    /// Whether somebody has a position or liquidity in a perpetual market.
    pub fn has_positions(&self) -> bool {
        self.positions > 0
    }

    /// Whether somebody has a stake in an insurance fund.
    pub fn has_stakes(&self) -> bool {
        self.stakes > 0
    }

    /// Whether somebody has nothing but debts.
    pub fn is_bankrupt(&self) -> bool {
        self.bankrupts > 0
    }
}

/// Whether somebody of `users` with a position has too little margin to keep it. Whose margin cannot be reckoned is passed over.
pub(super) fn in_danger<L: Ledger>(world: &World, ledger: &L, users: &[u32]) -> bool {
    let mut users = users.iter().filter_map(|number| world.user(ledger, *number));
    users.any(|user| {
        user.perp_positions.iter().any(|held| !held.is_available())
            && world
                .margin(ledger, user, MarginType::Maintenance)
                .is_ok_and(|margin| !margin.is_met())
    })
}

/// What positions and debts of `users` are worth in absolute terms (1e6), each rounded down.
pub(super) fn worth<L: Ledger>(world: &World, ledger: &L, users: &[u32]) -> u64 {
    let mut total = 0u128;
    for user in users.iter().filter_map(|number| world.user(ledger, *number)) {
        for held in user.perp_positions.iter().filter(|held| !held.is_available()) {
            let price = world
                .perp(ledger, held.market_index)
                .map_or(0, |market| market.amm.historical_oracle_data.last_oracle_price);
            let base = u128::from({ held.base_asset_amount }.unsigned_abs());
            let value = base.saturating_mul(price.unsigned_abs().into());
            total = total
                .saturating_add(value / u128::from(BASE_TIMES_PRICE_PER_QUOTE))
                .saturating_add({ held.quote_asset_amount }.unsigned_abs().into());
        }
        for held in user.spot_positions.iter().filter(|held| held.is_borrow()) {
            let Some(market) = world.spot(ledger, held.market_index) else {
                continue;
            };
            // The quote market's oracle has no history.
            let price = match market.historical_oracle_data.last_oracle_price {
                0 => PRICE,
                price => price.unsigned_abs(),
            };
            let tokens = held.tokens(market).unwrap_or(0);
            total = total.saturating_add(tokens.saturating_mul(price.into()) / u128::from(PRICE));
        }
    }
    total.min(u64::MAX.into()) as u64
}

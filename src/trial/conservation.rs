//! Does everything add up at the end?

use super::interest::{self, InterestDust};
use crate::world::World;
use drift::accounts::{Account, SpotBalanceType};
use drift::error::{ErrorCode, Result};
use drift::ledger::Ledger;
use drift::num::Checked;

/// The sums that must agree, exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conservation {
    /// Spot markets' totals less the sum of all balances in them: users', revenue pools, pnl and fee pools (1e9, both
    /// sides in absolute terms). 0 when nothing was made or lost.
    pub unclaimed_balance: u128,
    /// Tokens in the vaults less deposits, plus borrows, less what the roundings of interest left there, and what bankruptcies
    /// may have (whole units of the mints).
    pub vault_excess: i128,
    /// Perpetual markets' open interest and quote totals less the sums over users (1e9 and 1e6, in absolute terms).
    pub unclaimed_positions: u128,
}

impl Conservation {
    /// Whether every sum agrees after so many `instructions`.
    ///
    /// A vault may hold more than is claimed, never less: whatever an instruction adds to a balance is rounded down, and
    /// what it takes rounded up, to a billionth of a token, in four balances at most. And where a balance turns from
    /// deposit to debt or back, what it held below a whole unit is lost: less than a unit an instruction in all.
    pub fn holds(&self, instructions: u64) -> bool {
        self.unclaimed_balance == 0
            && self.unclaimed_positions == 0
            && (0..=i128::from(instructions)).contains(&self.vault_excess)
    }

    /// Adds everything up for `users` users, of a world whose interest `dust` has followed from the start.
    pub fn check<L: Ledger>(world: &World, ledger: &L, users: u32, dust: &InterestDust) -> Result<Self> {
        let mut found = Self::default();
        for index in 0..world.spot_count() {
            let market = world.spot(ledger, index).ok_or(ErrorCode::SpotMarketNotFound)?;
            let (mut deposits, mut borrows) = (market.revenue_pool.scaled_balance, 0u128);
            for perp in (0..world.perp_count()).filter_map(|perp| world.perp(ledger, perp)) {
                if perp.quote_spot_market_index == index {
                    deposits = deposits
                        .plus(perp.pnl_pool.scaled_balance)?
                        .plus(perp.amm.fee_pool.scaled_balance)?;
                }
            }
            for user in (0..users).filter_map(|number| world.user(ledger, number)) {
                let held = user
                    .spot_positions
                    .iter()
                    .filter(|held| held.market_index == index);
                for held in held.filter(|held| !held.is_available()) {
                    let side = if held.balance_type == SpotBalanceType::Deposit {
                        &mut deposits
                    } else {
                        &mut borrows
                    };
                    *side = side.plus(held.scaled_balance.into())?;
                }
            }
            let stray = market
                .deposit_balance
                .abs_diff(deposits)
                .plus(market.borrow_balance.abs_diff(borrows))?;
            found.unclaimed_balance = found.unclaimed_balance.plus(stray)?;

            let vault = world.vault(index).and_then(|key| ledger.account(&key));
            let Some(Account::Token(vault)) = vault else {
                return Err(ErrorCode::InvalidSpotMarketVault);
            };
            let unit = interest::unit(market)?;
            let held = i128::from(vault.amount).times(unit)?;
            let excess = held.minus(interest::claims(market)?)?.minus(dust.left(index))?;
            let excess = excess.minus(dust.orphaned(index).clamp(0, excess.max(0)))?;
            found.vault_excess = found.vault_excess.plus(excess.div_euclid(unit))?;
        }
        for index in 0..world.perp_count() {
            let market = world.perp(ledger, index);
            let amm = &market.ok_or(ErrorCode::PerpMarketNotFound)?.amm;
            let (mut base, mut quote) = (0i128, 0i128);
            for user in (0..users).filter_map(|number| world.user(ledger, number)) {
                for held in user
                    .perp_positions
                    .iter()
                    .filter(|held| held.market_index == index)
                {
                    base = base.plus(held.base_asset_amount.into())?;
                    quote = quote.plus(held.quote_asset_amount.into())?;
                }
            }
            let open = { amm.base_asset_amount_long }.plus(amm.base_asset_amount_short)?;
            let with_curve =
                { amm.base_asset_amount_with_amm }.plus(amm.base_asset_amount_with_unsettled_lp)?;
            let stray = open
                .abs_diff(base)
                .plus(open.abs_diff(with_curve))?
                .plus({ amm.quote_asset_amount }.abs_diff(quote))?;
            found.unclaimed_positions = found.unclaimed_positions.plus(stray)?;
        }
        Ok(found)
    }
}

//! What users gained, by what they are for.

use super::Unit;
use super::row::Row;
use crate::scenario::{Prepared, UserRole};
use crate::trial::counts::Counts;
use crate::trial::equity::equity;
use crate::world::AtPrices;
use drift::error::{ErrorCode, Result};
use drift::ledger::MemoryLedger;
use drift::num::Checked;

/// What a group of users gained.
#[derive(Clone, Copy, Default)]
pub(super) struct Gain {
    pub deposited: i128,
    pub profit: i128,
    winners: u64,
}

/// What everybody gained, in quote (1e6).
#[derive(Default)]
pub(super) struct Gains {
    pub traders: Gain,
    pub providers: Gain,
    pub liquidators: Gain,
    pub borrowers: Gain,
    /// What all have who have anything.
    pub owned: i128,
    /// What all owe who owe more than they have.
    pub owed: i128,
    /// How many those are.
    pub insolvent: u64,
}

impl Gains {
    pub fn of(counts: &Counts, prepared: &Prepared, markets: &mut AtPrices<MemoryLedger>) -> Result<Self> {
        let mut gains = Self::default();
        for (number, user) in (0u32..).zip(&prepared.users) {
            // One whose first deposit was refused has nothing, in or out.
            let Some(account) = markets.world.user(markets.ledger, number) else {
                continue;
            };
            let deposited = i128::from(account.total_deposits)
                .minus(account.total_withdraws.into())?
                .plus(counts.assets.revalued(number, markets)?)?;
            let owned = equity(account, markets)?;
            gains.owned = gains.owned.plus(owned.max(0))?;
            gains.owed = gains.owed.minus(owned.min(0))?;
            gains.insolvent += u64::from(owned < 0);
            let gain = match user.role {
                UserRole::Trader => &mut gains.traders,
                UserRole::LiquidityProvider => &mut gains.providers,
                UserRole::Liquidator => &mut gains.liquidators,
                UserRole::Borrower => &mut gains.borrowers,
                UserRole::Staker => continue,
            };
            let profit = owned.minus(deposited)?;
            gain.deposited = gain.deposited.plus(deposited)?;
            gain.profit = gain.profit.plus(profit)?;
            gain.winners += u64::from(profit > 0);
        }
        Ok(gains)
    }

    fn profit(&self) -> Result<i128> {
        let traded = self.traders.profit.plus(self.providers.profit)?;
        traded.plus(self.liquidators.profit)?.plus(self.borrowers.profit)
    }
}

pub(super) fn add(row: &mut Row, counts: &Counts, gains: &Gains) -> Result {
    let Gains {
        traders, providers, ..
    } = gains;
    row.dollars(
        "traders_profit_usd",
        "traders' equity at oracle prices, less their deposits",
        traders.profit,
    );
    row.dollars("traders_deposit_usd", "what traders put in", traders.deposited);
    row.count("traders_winning", "traders with a profit", traders.winners);
    row.dollars(
        "lp_profit_usd",
        "LPs' equity at oracle prices, shares settled, less their deposits",
        providers.profit,
    );
    row.dollars("lp_deposit_usd", "what LPs put in", providers.deposited);
    row.count("lp_winning", "LPs with a profit", providers.winners);
    let ratio = |profit: i128, whole: f64| if whole > 0.0 { profit as f64 / whole } else { 0.0 };
    row.float(
        "lp_return",
        Unit::Share,
        "LPs' profit over their deposits: against holding the deposit",
        ratio(providers.profit, providers.deposited as f64),
    );
    row.float(
        "lp_shares_added",
        Unit::Base,
        "LP shares minted over the whole trial",
        counts.shares_added as f64 / 1e9,
    );
    row.float(
        "lp_profit_per_share_usd",
        Unit::Price,
        "LPs' profit over the shares minted",
        ratio(providers.profit, counts.shares_added as f64 / 1e3),
    );
    row.dollars(
        "protocol_profit_usd",
        "what users together lost: kept by the AMM and its pools, or by the insurance fund",
        gains.profit()?.checked_neg().ok_or(ErrorCode::MathError)?,
    );
    Ok(())
}

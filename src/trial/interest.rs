//! What the program's roundings of interest leave in the vaults: borrowers are charged a little more than lenders get.

use crate::world::{Executed, World};
use drift::accounts::SpotMarket;
use drift::error::{ErrorCode, Result};
use drift::instruction::Instruction;
use drift::ledger::Ledger;
use drift::math::interest;
use drift::num::Checked;

/// Adds up, event by event, what interest charged and did not credit. Interest is charged once an event, before
/// balances move.
#[derive(Clone, Debug, Default)]
pub struct InterestDust {
    markets: Vec<Dust>,
}

#[derive(Clone, Debug, Default)]
struct Dust {
    before: SpotMarket,
    /// Scaled balance times interest (1e19 a token).
    left: i128,
    /// What lenders may have lost in bankruptcies beyond the debts: the loss of interest is rounded up (1e19 a token).
    overcharged: i128,
}

impl InterestDust {
    /// To be called before each event.
    pub fn before<L: Ledger>(&mut self, world: &World, ledger: &L) {
        self.markets.resize_with(world.spot_count().into(), Dust::default);
        for (index, dust) in (0u16..).zip(&mut self.markets) {
            if let Some(market) = world.spot(ledger, index) {
                dust.before = *market;
            }
        }
    }

    /// To be called after it, with the instructions that it `executed`.
    pub fn after<L: Ledger>(&mut self, executed: &[Executed], world: &World, ledger: &L) -> Result {
        for (index, dust) in (0u16..).zip(&mut self.markets) {
            let Some(market) = world.spot(ledger, index) else {
                continue;
            };
            let grown = |market: &SpotMarket| market.cumulative_borrow_interest;
            if grown(market) != grown(&dust.before) {
                // What bankruptcies took from lenders is no interest: that is reckoned apart from what else happened.
                let mut accrued = dust.before;
                interest::accrue(&mut accrued, None, ledger.clock().unix_timestamp)?;
                if grown(market) != grown(&accrued) {
                    accrued.cumulative_borrow_interest = market.cumulative_borrow_interest;
                    accrued.cumulative_deposit_interest = market.cumulative_deposit_interest;
                }
                let kept = claims(&dust.before)?.minus(claims(&accrued)?)?;
                dust.left = dust.left.plus(kept)?;
            }
            if { market.total_social_loss } != { dust.before.total_social_loss } {
                let losses = executed.iter().filter(|done| is_loss(done, index)).count();
                let lenders = { market.deposit_balance }.max(dust.before.deposit_balance);
                let most =
                    i128::try_from(lenders.times(losses as u128)?).map_err(|_| ErrorCode::CastingFailure)?;
                dust.overcharged = dust.overcharged.plus(most)?;
            }
        }
        Ok(())
    }

    /// What is left in the vault of market `index` (1e19 a token).
    pub(super) fn left(&self, index: u16) -> i128 {
        self.markets.get(usize::from(index)).map_or(0, |dust| dust.left)
    }

    /// What lenders of market `index` may have lost beyond others' debts (1e19 a token).
    pub(super) fn overcharged(&self, index: u16) -> i128 {
        self.markets
            .get(usize::from(index))
            .map_or(0, |dust| dust.overcharged)
    }

    /// What is left in all vaults, in whole units of the mints.
    pub(super) fn units<L: Ledger>(&self, world: &World, ledger: &L) -> Result<i128> {
        (0..world.spot_count()).try_fold(0, |sum: i128, index| {
            let market = world.spot(ledger, index).ok_or(ErrorCode::SpotMarketNotFound)?;
            sum.plus(self.left(index).div_euclid(unit(market)?))
        })
    }
}

/// Whether a debt in spot market `index` was spread over its lenders.
fn is_loss(done: &Executed, index: u16) -> bool {
    done.outcome.is_ok()
        && matches!(&done.call.instruction, Instruction::ResolveSpotBankruptcy(debt) if debt.market_index == index)
}

/// A mint's smallest unit as a product of scaled balance and interest.
pub(super) fn unit(market: &SpotMarket) -> Result<i128> {
    10i128
        .checked_pow(19u32.minus(market.decimals)?)
        .ok_or(ErrorCode::MathError)
}

/// What a market owes its lenders less what its borrowers owe it (1e19 a token), not rounded.
pub(super) fn claims(market: &SpotMarket) -> Result<i128> {
    let owed = product(market.deposit_balance, market.cumulative_deposit_interest)?;
    owed.minus(product(market.borrow_balance, market.cumulative_borrow_interest)?)
}

fn product(balance: u128, interest: u128) -> Result<i128> {
    i128::try_from(balance.times(interest)?).map_err(|_| ErrorCode::CastingFailure)
}

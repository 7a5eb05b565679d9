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
///
/// Bankruptcies leave something, too: lenders lose interest that is rounded up, and what an AMM's fee pool pays for a perpetual
/// position's loss leaves the pool and stays in the vault, where the program gives it to nobody. Of that the most it can be
/// is added up.
#[derive(Clone, Debug, Default)]
pub struct InterestDust {
    markets: Vec<Dust>,
    /// The fee pools of perpetual markets before the event (1e9).
    fee_pools: Vec<u128>,
}

#[derive(Clone, Debug, Default)]
struct Dust {
    before: SpotMarket,
    /// Scaled balance times interest (1e19 a token).
    left: i128,
    /// The same that borrowers were charged.
    charged: i128,
    /// What bankruptcies may have left in the vault at most, so that nobody claims it (1e19 a token).
    orphaned: i128,
}

impl InterestDust {
    /// To be called before each event.
    pub fn before<L: Ledger>(&mut self, world: &World, ledger: &L) {
        self.markets.resize_with(world.spot_count().into(), Dust::default);
        for (index, dust) in (0u16..).zip(&mut self.markets) {
            let Some(market) = world.spot(ledger, index) else {
                continue;
            };
            // Without a debt there is no interest, and most trials have none.
            if market.borrow_balance == 0 {
                dust.before.borrow_balance = 0;
                dust.before.deposit_balance = market.deposit_balance;
                dust.before.cumulative_borrow_interest = market.cumulative_borrow_interest;
            } else {
                dust.before = *market;
            }
        }
        self.fee_pools.clear();
        let pools = (0..world.perp_count()).map(|index| fee_pool(world, ledger, index));
        self.fee_pools.extend(pools);
    }

    /// To be called after it, with the instructions that it `executed`.
    pub fn after<L: Ledger>(&mut self, executed: &[Executed], world: &World, ledger: &L) -> Result {
        for (index, dust) in (0u16..).zip(&mut self.markets) {
            let Some(market) = world.spot(ledger, index) else {
                continue;
            };
            let grown = |market: &SpotMarket| market.cumulative_borrow_interest;
            if grown(market) != grown(&dust.before) {
                let charge = grown(market).minus(grown(&dust.before))?;
                let charged = product(dust.before.borrow_balance, charge)?;
                dust.charged = dust.charged.plus(charged)?;
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
            for done in executed.iter().filter(|done| done.outcome.is_ok()) {
                let most = match &done.call.instruction {
                    Instruction::ResolveSpotBankruptcy(debt) if debt.market_index == index => {
                        let lenders = { market.deposit_balance }.max(dust.before.deposit_balance);
                        // A unit of cumulative interest at most.
                        product(lenders, 1)?
                    }
                    Instruction::ResolvePerpBankruptcy(loss) if loss.quote_spot_market_index == index => {
                        let before = self.fee_pools.get(usize::from(loss.market_index));
                        let after = fee_pool(world, ledger, loss.market_index);
                        product(
                            after.max(before.copied().unwrap_or(0)),
                            market.cumulative_deposit_interest,
                        )?
                    }
                    _ => continue,
                };
                dust.orphaned = dust.orphaned.plus(most)?;
            }
        }
        Ok(())
    }

    /// What is left in the vault of market `index` (1e19 a token).
    pub(super) fn left(&self, index: u16) -> i128 {
        self.markets.get(usize::from(index)).map_or(0, |dust| dust.left)
    }

    /// Tokens that borrowers of market `index` were charged.
    pub(super) fn charged(&self, index: u16, market: &SpotMarket) -> Result<f64> {
        let charged = self
            .markets
            .get(usize::from(index))
            .map_or(0, |dust| dust.charged);
        let whole = 10f64.powi(market.decimals as i32);
        Ok(charged as f64 / unit(market)? as f64 / whole)
    }

    /// What bankruptcies may have left in the vault of market `index` at most (1e19 a token).
    pub(super) fn orphaned(&self, index: u16) -> i128 {
        self.markets
            .get(usize::from(index))
            .map_or(0, |dust| dust.orphaned)
    }

    /// What is left in all vaults, in whole units of the mints.
    pub(super) fn units<L: Ledger>(&self, world: &World, ledger: &L) -> Result<i128> {
        (0..world.spot_count()).try_fold(0, |sum: i128, index| {
            let market = world.spot(ledger, index).ok_or(ErrorCode::SpotMarketNotFound)?;
            sum.plus(self.left(index).div_euclid(unit(market)?))
        })
    }
}

/// What an AMM's fee pool holds (1e9).
fn fee_pool<L: Ledger>(world: &World, ledger: &L, index: u16) -> u128 {
    let market = world.perp(ledger, index);
    market.map_or(0, |market| { market.amm.fee_pool }.scaled_balance)
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

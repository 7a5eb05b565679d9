//! What the program's roundings of interest leave in the vaults: borrowers are charged a little more than lenders get.

use crate::world::World;
use drift::accounts::SpotMarket;
use drift::error::{ErrorCode, Result};
use drift::ledger::Ledger;
use drift::num::Checked;

/// Adds up, event by event, what interest charged and did not credit. Interest is charged once an event, before
/// balances move. A share of interest for the insurance fund, which no scenario sets, is not looked at.
#[derive(Clone, Debug, Default)]
pub struct InterestDust {
    markets: Vec<Dust>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Dust {
    deposits: u128,
    borrows: u128,
    deposit_interest: u128,
    borrow_interest: u128,
    /// Scaled balance times interest (1e19 a token).
    left: i128,
    /// The same that borrowers were charged.
    charged: i128,
}

impl InterestDust {
    /// To be called before each event.
    pub fn before<L: Ledger>(&mut self, world: &World, ledger: &L) {
        self.markets.resize_with(world.spot_count().into(), Dust::default);
        for (index, dust) in (0u16..).zip(&mut self.markets) {
            if let Some(market) = world.spot(ledger, index) {
                dust.deposits = market.deposit_balance;
                dust.borrows = market.borrow_balance;
                dust.deposit_interest = market.cumulative_deposit_interest;
                dust.borrow_interest = market.cumulative_borrow_interest;
            }
        }
    }

    /// To be called after it.
    pub fn after<L: Ledger>(&mut self, world: &World, ledger: &L) -> Result {
        for (index, dust) in (0u16..).zip(&mut self.markets) {
            let Some(market) = world.spot(ledger, index) else {
                continue;
            };
            let charged = { market.cumulative_borrow_interest }.minus(dust.borrow_interest)?;
            let credited = { market.cumulative_deposit_interest }.minus(dust.deposit_interest)?;
            if (charged, credited) != (0, 0) {
                let charged = product(dust.borrows, charged)?;
                dust.charged = dust.charged.plus(charged)?;
                dust.left = dust
                    .left
                    .plus(charged.minus(product(dust.deposits, credited)?)?)?;
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

    /// What is left in all vaults, in whole units of the mints.
    pub(super) fn units<L: Ledger>(&self, world: &World, ledger: &L) -> Result<i128> {
        (0..world.spot_count()).try_fold(0, |sum: i128, index| {
            let market = world.spot(ledger, index).ok_or(ErrorCode::SpotMarketNotFound)?;
            sum.plus(self.left(index).div_euclid(unit(market)?))
        })
    }
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

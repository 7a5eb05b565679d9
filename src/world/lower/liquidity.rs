//! Shares of an AMM's liquidity.

use super::{LowerError, Step, perp};
use crate::event::{AddLiquidity, ExpelLiquidity, Portion, RemoveLiquidity};
use crate::world::World;
use drift::instruction::{
    AddPerpLpShares, AddPerpLpSharesAccounts, RemovePerpLpShares, RemovePerpLpSharesAccounts,
    RemovePerpLpSharesInExpiringMarket, RemovePerpLpSharesInExpiringMarketAccounts,
};
use drift::ledger::Ledger;

impl World {
    pub(super) fn add_liquidity<L: Ledger>(
        &self,
        ledger: &L,
        event: &AddLiquidity,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let (keys, user) = self.actor(ledger, event.user_index)?;
        self.known(event.market_index)?;
        let accounts = AddPerpLpSharesAccounts {
            state: self.fixed.state,
            user: keys.user,
            authority: keys.authority,
        };
        let add = AddPerpLpShares {
            n_shares: event.token_amount,
            market_index: event.market_index,
        };
        let call = self.naming_markets(add.call(accounts, []), [user], perp(event.market_index));
        steps.push(Step::Execute(call));
        Ok(())
    }

    pub(super) fn remove_liquidity<L: Ledger>(
        &self,
        ledger: &L,
        event: &RemoveLiquidity,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let (keys, user) = self.actor(ledger, event.user_index)?;
        let held = self.shares(ledger, event.user_index, event.market_index)?;
        let shares = match event.lp_token_amount {
            Portion::All => held,
            Portion::Exactly(amount) => amount.min(held),
        };
        if shares == 0 {
            return Ok(());
        }
        let accounts = RemovePerpLpSharesAccounts {
            state: self.fixed.state,
            user: keys.user,
            authority: keys.authority,
        };
        let remove = RemovePerpLpShares {
            shares_to_burn: shares,
            market_index: event.market_index,
        };
        let call = self.naming_markets(remove.call(accounts, []), [user], perp(event.market_index));
        steps.push(Step::Execute(call));
        Ok(())
    }

    pub(super) fn expel_liquidity<L: Ledger>(
        &self,
        ledger: &L,
        event: &ExpelLiquidity,
        steps: &mut Vec<Step>,
    ) -> Result<(), LowerError> {
        let (keys, user) = self.actor(ledger, event.user_index)?;
        let shares = self.shares(ledger, event.user_index, event.market_index)?;
        if shares == 0 {
            return Ok(());
        }
        let accounts = RemovePerpLpSharesInExpiringMarketAccounts {
            state: self.fixed.state,
            user: keys.user,
        };
        let remove = RemovePerpLpSharesInExpiringMarket {
            shares_to_burn: shares,
            market_index: event.market_index,
        };
        let call = self.naming_markets(remove.call(accounts, []), [user], perp(event.market_index));
        steps.push(Step::Execute(call));
        Ok(())
    }

    fn shares<L: Ledger>(&self, ledger: &L, user: u32, market: u16) -> Result<u64, LowerError> {
        self.known(market)?;
        Ok(self
            .position(ledger, user, market)
            .map_or(0, |held| held.lp_shares))
    }
}

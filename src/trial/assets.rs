//! Tokens other than quote that users brought and took: a gain is what is left of them, not what their price did.

use crate::event::Kind;
use crate::world::{AtPrices, World};
use drift::engine::Quotes;
use drift::error::Result;
use drift::ledger::Ledger;
use drift::math::spot_balance::token_value;
use drift::num::Checked;
use std::collections::BTreeMap;

/// What one user brought of one asset, less what was taken.
#[derive(Clone, Copy, Debug, Default)]
struct Brought {
    tokens: i128,
    /// What the program counted it as (1e6).
    dollars: i128,
}

/// What users brought of assets other than quote.
#[derive(Debug, Default)]
pub(super) struct Assets {
    brought: BTreeMap<(u32, u16), Brought>,
    before: Option<(u32, u16, Brought)>,
}

/// Tokens in the market's vault and dollars that the program counted for the user.
fn totals<L: Ledger>(user: u32, market: u16, world: &World, ledger: &L) -> Option<Brought> {
    let (deposits, withdrawals) = world.user(ledger, user).map_or((0, 0), |account| {
        (account.total_deposits, account.total_withdraws)
    });
    Some(Brought {
        tokens: world.vault_tokens(ledger, market)?.into(),
        dollars: i128::from(deposits) - i128::from(withdrawals),
    })
}

impl Assets {
    /// To be called before each event.
    pub fn before<L: Ledger>(&mut self, event: &Kind, world: &World, ledger: &L) {
        let (user, market) = match event {
            Kind::DepositCollateral(event) => (event.user_index, event.spot_market_index),
            Kind::MidSimDeposit(event) => (event.user_index, event.spot_market_index),
            Kind::WithdrawCollateral(event) => (event.user_index, event.spot_market_index),
            _ => return,
        };
        if market != 0 {
            self.before = totals(user, market, world, ledger).map(|totals| (user, market, totals));
        }
    }

    /// To be called after it.
    pub fn after<L: Ledger>(&mut self, world: &World, ledger: &L) {
        let Some((user, market, before)) = self.before.take() else {
            return;
        };
        let Some(after) = totals(user, market, world, ledger) else {
            return;
        };
        let brought = self.brought.entry((user, market)).or_default();
        brought.tokens += after.tokens - before.tokens;
        brought.dollars += after.dollars - before.dollars;
    }

    /// What the program counted for `user` has to be corrected by, for all that was brought to count at the prices of
    /// `markets` (1e6).
    pub fn revalued<L: Ledger>(&self, user: u32, markets: &mut AtPrices<L>) -> Result<i128> {
        let mut sum = 0i128;
        for ((_, index), brought) in self.brought.range((user, 0)..=(user, u16::MAX)) {
            let (market, quote) = markets.spot(*index)?;
            let worth = token_value(brought.tokens, market.decimals, quote.price)?;
            sum = sum.plus(worth)?.minus(brought.dollars)?;
        }
        Ok(sum)
    }
}

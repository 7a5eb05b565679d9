//! What accounts are called: as the files of a results folder are.

use crate::world::{Role, user_keys};
use drift::accounts::Pubkey;
use drift::key::pda;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Names of accounts by address.
#[derive(Clone, Debug, Default)]
pub struct Names {
    names: HashMap<Pubkey, Arc<str>>,
    users: HashSet<u32>,
    spots: u16,
}

impl Names {
    /// Of an exchange with so many markets, the quote market among the spot markets, and no users yet.
    pub fn new(perps: u16, spots: u16) -> Self {
        let mut names = Self {
            spots,
            ..Self::default()
        };
        names.add(pda::state(), "state_0".to_owned());
        for market in 0..perps {
            names.add(pda::perp_market(market), format!("perp_market_{market}"));
            names.add(
                Role::PerpOracle(market).address(),
                format!("perp_oracle_{market}"),
            );
        }
        for market in 0..spots {
            names.add(pda::spot_market(market), format!("spot_market_{market}"));
            names.add(pda::spot_vault(market), format!("spot_vault_{market}"));
            names.add(pda::insurance_vault(market), format!("insurance_vault_{market}"));
            names.add(
                Role::SpotOracle(market).address(),
                format!("spot_oracle_{market}"),
            );
            names.add(Role::Mint(market).address(), format!("mint_{market}"));
            names.add(Role::Treasury(market).address(), format!("treasury_{market}"));
        }
        names
    }

    /// Adds a user with its wallets and stakes.
    pub fn add_user(&mut self, number: u32) {
        if !self.users.insert(number) {
            return;
        }
        let keys = user_keys(number);
        self.add(keys.user, format!("user_{number}"));
        self.add(keys.stats, format!("user_stats_{number}"));
        for market in 0..self.spots {
            let wallet = Role::Wallet(number, market).address();
            self.add(wallet, format!("wallet_{number}_{market}"));
            let stake = pda::insurance_stake(&keys.authority, market);
            self.add(stake, format!("insurance_stake_{number}_{market}"));
        }
    }

    /// Adds the users who act in an event.
    pub fn extend(&mut self, users: impl IntoIterator<Item = u32>) {
        users.into_iter().for_each(|user| self.add_user(user));
    }

    fn add(&mut self, key: Pubkey, name: String) {
        self.names.insert(key, name.into());
    }

    /// The name of the account at `key`; its address where it has none.
    pub fn of(&mut self, key: &Pubkey) -> Arc<str> {
        let name = self.names.entry(*key).or_insert_with(|| key.to_string().into());
        Arc::clone(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_called_as_results_are() {
        let mut names = Names::new(1, 2);
        assert_eq!(&*names.of(&pda::perp_market(0)), "perp_market_0");
        assert_eq!(&*names.of(&pda::spot_vault(1)), "spot_vault_1");
        let keys = user_keys(3);
        names.add_user(3);
        assert_eq!(&*names.of(&keys.stats), "user_stats_3");
        let stake = pda::insurance_stake(&keys.authority, 1);
        assert_eq!(&*names.of(&stake), "insurance_stake_3_1");
        assert_eq!(&*names.of(&Role::Wallet(3, 1).address()), "wallet_3_1");
        assert_eq!(*names.of(&Pubkey([9; 32])), Pubkey([9; 32]).to_string());
    }
}

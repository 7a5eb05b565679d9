//! What the files of an account's writes are called.

use crate::world::{UserKeys, user_keys};
use drift::accounts::Pubkey;
use drift::key::pda;
use std::collections::HashMap;

/// The accounts that are recorded: those of the program, and its token vaults.
pub(super) struct Names(HashMap<Pubkey, String>);

impl Names {
    /// Of an exchange with so many markets, and no users yet.
    pub(super) fn new(perps: u16, spots: u16) -> Self {
        let mut names = HashMap::from([(pda::state(), "state_0".to_owned())]);
        for market in 0..perps {
            names.insert(pda::perp_market(market), format!("perp_market_{market}"));
        }
        for market in 0..spots {
            names.insert(pda::spot_market(market), format!("spot_market_{market}"));
            names.insert(pda::spot_vault(market), format!("spot_vault_{market}"));
            names.insert(pda::insurance_vault(market), format!("insurance_vault_{market}"));
        }
        Self(names)
    }

    /// Adds a user, and answers its addresses.
    pub(super) fn add_user(&mut self, number: u32) -> UserKeys {
        let keys = user_keys(number);
        self.0.insert(keys.user, format!("user_{number}"));
        self.0.insert(keys.stats, format!("user_stats_{number}"));
        keys
    }

    /// The name of the account at `key`, if it is recorded.
    pub(super) fn of(&self, key: &Pubkey) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markets_users_and_vaults_have_names() {
        let mut names = Names::new(1, 2);
        assert_eq!(names.of(&pda::perp_market(0)), Some("perp_market_0"));
        assert_eq!(names.of(&pda::perp_market(1)), None);
        assert_eq!(names.of(&pda::spot_vault(1)), Some("spot_vault_1"));
        assert_eq!(names.of(&user_keys(3).user), None);
        names.add_user(3);
        assert_eq!(names.of(&user_keys(3).stats), Some("user_stats_3"));
    }
}

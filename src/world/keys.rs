//! Addresses of a world: who signs, and where the accounts are that the program does not derive itself.
//!
//! A key is an ed25519 key whose secret is the SHA-256 of a label, so both ledgers, and every run, know the same
//! world: `harness key v1`, a role and a number.

use drift::accounts::Pubkey;
use drift::key::pda;
use drift::units::QUOTE_SPOT_MARKET;
use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::HashMap;

/// Whose key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The exchange's administrator.
    Admin,
    /// A user's authority, by user number.
    Authority(u32),
    /// The mint of a spot market, by market index.
    Mint(u16),
    /// The price feed of a spot market, by market index.
    SpotOracle(u16),
    /// The price feed of a perpetual market, by market index.
    PerpOracle(u16),
    /// A user's token account, by user number and spot market index.
    Wallet(u32, u16),
    /// The administrator's token account, by spot market index.
    Treasury(u16),
}

impl Role {
    /// The address.
    pub fn address(self) -> Pubkey {
        ADDRESSES.with_borrow_mut(|known| match known.get(&self) {
            Some(address) => *address,
            None => {
                let address = Pubkey(SigningKey::from_bytes(&self.secret()).verifying_key().to_bytes());
                if known.len() < REMEMBERED {
                    known.insert(self, address);
                }
                address
            }
        })
    }

    /// The secret half. Nobody signs with it, since the harness's ledgers take signatures at their word.
    fn secret(self) -> [u8; 32] {
        let (role, number, index) = match self {
            Role::Admin => ("admin", 0, 0),
            Role::Authority(user) => ("authority", user, 0),
            Role::Mint(market) => ("mint", 0, market),
            Role::SpotOracle(market) => ("spot oracle", 0, market),
            Role::PerpOracle(market) => ("perp oracle", 0, market),
            Role::Wallet(user, market) => ("wallet", user, market),
            Role::Treasury(market) => ("treasury", 0, market),
        };
        Sha256::new()
            .chain_update(b"harness key v1\0")
            .chain_update(role)
            .chain_update([0])
            .chain_update(number.to_le_bytes())
            .chain_update(index.to_le_bytes())
            .finalize()
            .into()
    }
}

/// Keys a thread remembers.
const REMEMBERED: usize = 1 << 17;

thread_local! {
    // A public key takes some twenty microseconds, longer than any instruction, and trials ask for the same ones again.
    static ADDRESSES: RefCell<HashMap<Role, Pubkey, foldhash::fast::FixedState>> = RefCell::default();
    static USERS: RefCell<HashMap<u32, UserKeys, foldhash::fast::FixedState>> = RefCell::default();
}

/// The addresses of one user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserKeys {
    /// Who signs.
    pub authority: Pubkey,
    /// Sub-account 0.
    pub user: Pubkey,
    /// Statistics.
    pub stats: Pubkey,
    /// The token account for the quote market.
    pub wallet: Pubkey,
}

/// The addresses of user number `user`.
pub fn user_keys(user: u32) -> UserKeys {
    USERS.with_borrow_mut(|known| match known.get(&user) {
        Some(keys) => *keys,
        None => {
            let authority = Role::Authority(user).address();
            let keys = UserKeys {
                authority,
                user: pda::user(&authority, 0),
                stats: pda::user_stats(&authority),
                wallet: Role::Wallet(user, QUOTE_SPOT_MARKET).address(),
            };
            if known.len() < REMEMBERED {
                known.insert(user, keys);
            }
            keys
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_have_addresses_of_their_own() {
        let roles = [
            Role::Admin,
            Role::Authority(0),
            Role::Authority(1),
            Role::Mint(0),
            Role::Mint(1),
            Role::SpotOracle(1),
            Role::PerpOracle(1),
            Role::Wallet(0, 1),
            Role::Wallet(1, 0),
            Role::Treasury(0),
            Role::Treasury(1),
        ];
        for (place, role) in roles.iter().enumerate() {
            assert!(
                roles[..place]
                    .iter()
                    .all(|other| other.address() != role.address()),
                "{role:?}"
            );
        }
        assert_eq!(user_keys(7), user_keys(7));
        assert_eq!(user_keys(7).authority, Role::Authority(7).address());
    }
}

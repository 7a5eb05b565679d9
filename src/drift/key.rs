//! Addresses: 32 bytes, shown in base 58, and those derived from a program's seeds.

use bytemuck::{Pod, Zeroable};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// An account's address.
#[derive(
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Pod,
    Zeroable,
    borsh::BorshSerialize,
    borsh::BorshDeserialize,
)]
#[repr(transparent)]
pub struct Pubkey(pub [u8; 32]);

impl std::hash::Hash for Pubkey {
    /// An address is a hash or a point already, so a quarter of it tells it from others.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        state.write_u64(u64::from_le_bytes([a, b, c, d, e, f, g, h]));
    }
}

/// A text that is not the base-58 form of 32 bytes.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not an address: 32 bytes in base 58 are needed")]
pub struct NotAnAddress(pub String);

impl FromStr for Pubkey {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        match bs58::decode(text).onto(&mut bytes) {
            Ok(32) => Ok(Self(bytes)),
            _ => Err(NotAnAddress(text.to_owned())),
        }
    }
}

impl fmt::Display for Pubkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bs58::encode(self.0).into_string())
    }
}

impl fmt::Debug for Pubkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Pubkey {
    /// The address that a text stands for, at compile time: a malformed one does not compile.
    pub const fn from_base58(text: &str) -> Self {
        Self(decode58(text))
    }

    /// The address of `seeds` under `program`, with the bump that moves it off the curve: the highest that does.
    pub fn derive(seeds: &[&[u8]], program: &Pubkey) -> (Self, u8) {
        let mut prefix = Sha256::new();
        seeds.iter().for_each(|seed| prefix.update(seed));
        for bump in (0..=u8::MAX).rev() {
            let mut hash = prefix.clone();
            hash.update([bump]);
            hash.update(program.0);
            hash.update(b"ProgramDerivedAddress");
            let address: [u8; 32] = hash.finalize().into();
            if curve25519_dalek::edwards::CompressedEdwardsY(address)
                .decompress()
                .is_none()
            {
                return (Self(address), bump);
            }
        }
        unreachable!("one hash in two is off the curve: 256 on it in a row cannot be found")
    }
}

macro_rules! known {
    ($($(#[$note:meta])* $name:ident = $bytes:expr;)*) => {$(
        $(#[$note])*
        pub const $name: Pubkey = Pubkey::from_base58($bytes);
    )*};
}

known! {
    /// Drift v2.
    DRIFT = "dRiftyHA39MWEi3m9aunc5MzRF1JYuBsbn6VPcn33UH";
    /// The SPL token program.
    TOKEN_PROGRAM = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
    /// The system program.
    SYSTEM_PROGRAM = "11111111111111111111111111111111";
    /// The rent sysvar.
    RENT_SYSVAR = "SysvarRent111111111111111111111111111111111";
    /// Owner of Pyth v2 price accounts.
    PYTH_PROGRAM = "FsJ3A3u2vn5cTVofAjvy6y5kwABJAqYWpe4975bi2epH";
}

/// Base 58 at compile time, for the addresses above; a malformed one does not compile.
const fn decode58(text: &str) -> [u8; 32] {
    let alphabet = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let text = text.as_bytes();
    let mut out = [0u8; 32];
    let mut at = 0;
    while at < text.len() {
        let mut carry = 0;
        while alphabet[carry] != text[at] {
            carry += 1;
        }
        let mut place = 32;
        while place > 0 {
            place -= 1;
            let value = out[place] as usize * 58 + carry;
            out[place] = value as u8;
            carry = value >> 8;
        }
        assert!(carry == 0);
        at += 1;
    }
    out
}

/// The program's single accounts and those it keeps per market, user or authority.
pub mod pda {
    use super::{DRIFT, Pubkey};
    use std::cell::RefCell;
    use std::collections::HashMap;

    type Known = HashMap<Derived, (Pubkey, u8), foldhash::fast::FixedState>;

    /// Addresses a thread remembers.
    const REMEMBERED: usize = 1 << 16;

    thread_local! {
        // Deriving takes some ten microseconds, longer than any instruction, and trials ask for the same users again.
        static KNOWN: RefCell<Known> = RefCell::default();
    }

    /// An account that the program keeps at an address of its own making.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Derived {
        /// The exchange-wide state.
        State,
        /// The authority of every vault.
        Signer,
        /// A perpetual market, by index.
        PerpMarket(u16),
        /// A spot market, by index.
        SpotMarket(u16),
        /// A spot market's vault: the tokens deposited.
        SpotVault(u16),
        /// A spot market's insurance fund vault.
        InsuranceVault(u16),
        /// An authority's sub-account, by number.
        User(Pubkey, u16),
        /// An authority's statistics.
        UserStats(Pubkey),
        /// An authority's stake in the insurance fund of a spot market, by its index.
        InsuranceStake(Pubkey, u16),
    }

    impl Derived {
        fn with_seeds<R>(&self, then: impl FnOnce(&[&[u8]]) -> R) -> R {
            match self {
                Derived::State => then(&[b"drift_state"]),
                Derived::Signer => then(&[b"drift_signer"]),
                Derived::PerpMarket(index) => then(&[b"perp_market", &index.to_le_bytes()]),
                Derived::SpotMarket(index) => then(&[b"spot_market", &index.to_le_bytes()]),
                Derived::SpotVault(index) => then(&[b"spot_market_vault", &index.to_le_bytes()]),
                Derived::InsuranceVault(index) => then(&[b"insurance_fund_vault", &index.to_le_bytes()]),
                Derived::User(authority, number) => then(&[b"user", &authority.0, &number.to_le_bytes()]),
                Derived::UserStats(authority) => then(&[b"user_stats", &authority.0]),
                Derived::InsuranceStake(authority, index) => {
                    then(&[b"insurance_fund_stake", &authority.0, &index.to_le_bytes()])
                }
            }
        }

        /// The address and its bump.
        pub fn find(&self) -> (Pubkey, u8) {
            KNOWN.with_borrow_mut(|known| match known.get(self) {
                Some(address) => *address,
                None => {
                    let address = self.with_seeds(|seeds| Pubkey::derive(seeds, &DRIFT));
                    if known.len() < REMEMBERED {
                        known.insert(*self, address);
                    }
                    address
                }
            })
        }

        /// The address.
        pub fn address(&self) -> Pubkey {
            self.find().0
        }

        /// The seeds with which the program signs for the address: the bump is the last.
        pub fn signing_seeds(&self) -> Vec<Vec<u8>> {
            let bump = self.find().1;
            self.with_seeds(|seeds| {
                seeds
                    .iter()
                    .copied()
                    .chain([&[bump][..]])
                    .map(<[u8]>::to_vec)
                    .collect()
            })
        }
    }

    /// The exchange-wide state.
    pub fn state() -> Pubkey {
        Derived::State.address()
    }

    /// The authority of every vault, and its bump.
    pub fn signer() -> (Pubkey, u8) {
        Derived::Signer.find()
    }

    /// A perpetual market.
    pub fn perp_market(index: u16) -> Pubkey {
        Derived::PerpMarket(index).address()
    }

    /// A spot market.
    pub fn spot_market(index: u16) -> Pubkey {
        Derived::SpotMarket(index).address()
    }

    /// A spot market's vault: the tokens deposited.
    pub fn spot_vault(index: u16) -> Pubkey {
        Derived::SpotVault(index).address()
    }

    /// A spot market's insurance fund vault.
    pub fn insurance_vault(index: u16) -> Pubkey {
        Derived::InsuranceVault(index).address()
    }

    /// A sub-account of an authority.
    pub fn user(authority: &Pubkey, sub_account: u16) -> Pubkey {
        Derived::User(*authority, sub_account).address()
    }

    /// An authority's stake in the insurance fund of a spot market.
    pub fn insurance_stake(authority: &Pubkey, index: u16) -> Pubkey {
        Derived::InsuranceStake(*authority, index).address()
    }

    /// An authority's statistics.
    pub fn user_stats(authority: &Pubkey) -> Pubkey {
        Derived::UserStats(*authority).address()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_bytes_agree() {
        for text in [
            "dRiftyHA39MWEi3m9aunc5MzRF1JYuBsbn6VPcn33UH",
            "11111111111111111111111111111111",
        ] {
            assert_eq!(text.parse::<Pubkey>().unwrap().to_string(), text);
        }
        assert_eq!(DRIFT.to_string(), "dRiftyHA39MWEi3m9aunc5MzRF1JYuBsbn6VPcn33UH");
        assert!("dRifty".parse::<Pubkey>().is_err());
        assert!("0OIl".parse::<Pubkey>().is_err());
    }
}

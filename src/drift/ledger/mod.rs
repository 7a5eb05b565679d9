//! Where accounts live: in memory under the engine, or in a bank.

mod forward;
mod memory;

use crate::accounts::{Account, PriceFeed, Pubkey};
use crate::clock::Clock;
use crate::error::ErrorCode;
use crate::instruction::{Address, Call};
pub use memory::{MemoryLedger, run_atomic};

/// Accounts, a clock, and instructions executed one by one: what an event's lowering needs, on either side.
pub trait Ledger {
    /// The time instructions see.
    fn clock(&self) -> Clock;
    /// Sets the time instructions see.
    fn set_clock(&mut self, clock: Clock);
    /// The account at `key`, if there is one.
    fn account(&self, key: &Pubkey) -> Option<&Account>;
    /// Writes an account directly, as a genesis or an oracle publisher would.
    fn set_account(&mut self, key: Pubkey, account: Account);
    /// `key` with the number under which this ledger keeps its account from now on, if it has numbers.
    fn locate(&mut self, key: Pubkey) -> Address {
        key.into()
    }
    /// [`Ledger::account`] by address and number.
    fn at(&self, address: &Address) -> Option<&Account> {
        self.account(&address.key)
    }
    /// [`Ledger::set_account`] by address and number.
    fn put(&mut self, address: &Address, account: Account) {
        self.set_account(address.key, account);
    }
    /// Writes a price feed, as its publishers would.
    fn publish(&mut self, address: &Address, feed: &PriceFeed) {
        self.put(address, Account::Oracle(Box::new(*feed), Box::default()));
    }
    /// Opens a wallet: someone who signs, and can pay rent and fees. Ledgers take signatures at their word.
    fn open_wallet(&mut self, key: Pubkey) {
        self.set_account(key, Account::Opaque);
    }
    /// Executes `call`: every change, or none and the reason.
    fn execute(&mut self, call: &Call) -> Result<(), ErrorCode>;
}

//! A trial's ledger, with what liquidations and bankruptcies do counted on the way.

use super::losses::Losses;
use drift::accounts::{Account, PriceFeed, Pubkey};
use drift::clock::Clock;
use drift::error::Result;
use drift::instruction::{Address, Call};
use drift::ledger::{Ledger, MemoryLedger};

/// `ledger`, counting into `losses`.
pub(super) struct Tally<'a> {
    pub ledger: &'a mut MemoryLedger,
    pub losses: &'a mut Losses,
}

impl Ledger for Tally<'_> {
    fn clock(&self) -> Clock {
        self.ledger.clock()
    }

    fn set_clock(&mut self, clock: Clock) {
        self.ledger.set_clock(clock);
    }

    fn account(&self, key: &Pubkey) -> Option<&Account> {
        self.ledger.account(key)
    }

    fn set_account(&mut self, key: Pubkey, account: Account) {
        self.ledger.set_account(key, account);
    }

    fn locate(&mut self, key: Pubkey) -> Address {
        self.ledger.locate(key)
    }

    fn at(&self, address: &Address) -> Option<&Account> {
        self.ledger.at(address)
    }

    fn put(&mut self, address: &Address, account: Account) {
        self.ledger.put(address, account);
    }

    fn publish(&mut self, address: &Address, feed: &PriceFeed) {
        self.ledger.publish(address, feed);
    }

    fn execute(&mut self, call: &Call) -> Result {
        self.losses.watch(self.ledger, call)
    }
}

//! A trial's ledger, with what liquidations and bankruptcies do counted on the way.

use super::losses::Losses;
use drift::error::Result;
use drift::instruction::Call;
use drift::ledger::{Ledger, MemoryLedger};

/// `ledger`, counting into `losses`.
pub(super) struct Tally<'a> {
    pub ledger: &'a mut MemoryLedger,
    pub losses: &'a mut Losses,
}

impl Ledger for Tally<'_> {
    drift::forward! { self => self.ledger; clock, set_clock, account, set_account, locate, at, put, publish }

    fn execute(&mut self, call: &Call) -> Result {
        self.losses.watch(self.ledger, call)
    }
}

//! A user's margin by the oracles' prices as they stand, without an instruction.

use super::World;
use drift::accounts::User;
use drift::engine::margin::{Margin, Terms};
use drift::engine::{Entry, Frame, Markets, MustWrite, Slot, Switches};
use drift::error::Result;
use drift::ledger::Ledger;
use drift::math::weight::MarginType;

impl World {
    /// What `user` has and needs.
    ///
    /// # Errors
    /// As an instruction that reckons margin would be refused.
    pub fn margin<L: Ledger>(&self, ledger: &L, user: &User, margin_type: MarginType) -> Result<Margin> {
        let metas = self.remaining([user], Default::default());
        let mut entries = Vec::with_capacity(metas.len());
        let mut slots = Vec::with_capacity(metas.len());
        for (entry, meta) in metas.iter().enumerate() {
            entries.push(Entry {
                key: meta.key,
                account: ledger.account(&meta.key).cloned().unwrap_or_default(),
            });
            slots.push(Slot {
                entry,
                signer: false,
                writable: false,
            });
        }
        let mut frame = Frame::new(ledger.clock(), Switches::default(), &mut entries, &slots);
        let mut markets = Markets::load(&mut frame, &mut 0, MustWrite::default(), None)?;
        Margin::of(user, &mut markets, Terms::new(margin_type))
    }

    /// The quote (1e6) that `user` could still use as initial margin: weighted collateral beyond what positions need.
    pub(super) fn free_collateral<L: Ledger>(&self, ledger: &L, user: &User) -> Result<u128> {
        self.margin(ledger, user, MarginType::Initial)?.free_collateral()
    }
}

//! What must hold after every event, looked at as a replay goes.

use crate::trial::{Broken, Invariant, broken};
use crate::world::World;
use drift::ledger::Ledger;

/// Looks after each event whether everything adds up, and notes what ceased to.
#[derive(Debug, Default)]
pub(super) struct InvariantWatch {
    /// Everybody who has acted.
    users: Vec<u32>,
    /// What is known to be broken: on which side, and where.
    known: Vec<(&'static str, Invariant, u16)>,
    found: Found,
}

/// What ceased to hold, after which event and on which side.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// Money and positions that do not add up.
    pub broken: Vec<String>,
    /// Counts that are off ([`Invariant::is_count`]).
    pub miscounted: Vec<String>,
}

impl InvariantWatch {
    /// Somebody acts, who may have an account from now on.
    pub(super) fn meet(&mut self, user: Option<u32>) {
        if let Some(user) = user
            && let Err(place) = self.users.binary_search(&user)
        {
            self.users.insert(place, user);
        }
    }

    /// Looks at the accounts of `side` after event number `event`. Each invariant is told once, when it breaks.
    pub(super) fn look<L: Ledger>(&mut self, event: usize, side: &'static str, world: &World, ledger: &L) {
        let found = match broken(world, ledger, &self.users) {
            Ok(found) => found,
            Err(code) => {
                let told = format!("{side}: the sums cannot be computed: {code}");
                if !self.found.broken.iter().any(|known| known.ends_with(&told)) {
                    self.found.broken.push(format!("event {event}, {told}"));
                }
                return;
            }
        };
        for broken in found {
            let Broken {
                invariant, market, ..
            } = broken;
            if !self.known.contains(&(side, invariant, market)) {
                self.known.push((side, invariant, market));
                let list = match invariant.is_count() {
                    true => &mut self.found.miscounted,
                    false => &mut self.found.broken,
                };
                list.push(format!("event {event}, {side}: {broken}"));
            }
        }
    }

    /// What was found.
    pub(super) fn finish(self) -> Found {
        self.found
    }
}

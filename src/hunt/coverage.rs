//! What was reached: instructions, what became of them, and in which kind of state.

use drift::accounts::{PerpMarket, SpotMarket, State, Stored, User};
use drift::error::ErrorCode;
use drift::instruction::Call;
use drift::ledger::Ledger;
use std::collections::{BTreeMap, HashMap, HashSet};

/// An instruction and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reached {
    /// The instruction's name.
    pub instruction: &'static str,
    /// Why it was refused, if it was.
    pub outcome: Option<ErrorCode>,
}

/// What was reached, how often, and in which states.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// How often each was reached.
    pub reached: BTreeMap<Reached, u64>,
    states: HashSet<(Reached, u32)>,
    /// By instruction: how often it was accepted, and how often sent.
    sent: HashMap<&'static str, (u64, u64)>,
}

impl Coverage {
    /// Counts one. Whether it was new: the pair, or the pair in this class of state.
    pub(super) fn count(&mut self, reached: Reached, class: u32) -> bool {
        *self.reached.entry(reached).or_default() += 1;
        let (accepted, sent) = self.sent.entry(reached.instruction).or_default();
        *accepted += u64::from(reached.outcome.is_none());
        *sent += 1;
        self.states.insert((reached, class))
    }

    /// How often an instruction was accepted, and how often it was sent.
    pub(super) fn of(&self, instruction: &'static str) -> (u64, u64) {
        self.sent.get(instruction).copied().unwrap_or_default()
    }

    /// How many pairs of an outcome and a class of state were reached.
    pub fn states(&self) -> usize {
        self.states.len()
    }
}

/// In which class of state `call` finds the accounts that it may write: what is paused and in which stage markets are, and
/// what the users have.
pub(super) fn class(call: &Call, ledger: &impl Ledger) -> u32 {
    let mut class = 0;
    let mut mark = |bit: u32, set: bool| class |= u32::from(set) << bit;
    for meta in &call.accounts {
        let Some(account) = ledger.account(&meta.key) else {
            continue;
        };
        if let Some(user) = User::peek(account) {
            mark(0, user.in_liquidation());
            mark(1, user.is_bankrupt());
            mark(2, user.spot_positions.iter().any(|held| held.is_borrow()));
            mark(3, user.perp_positions.iter().any(|held| held.is_lp()));
            mark(4, user.perp_positions.iter().any(|held| held.is_open()));
            mark(5, user.open_orders > 0);
        } else if let Some(market) = PerpMarket::peek(account).filter(|_| meta.writable) {
            mark(6, market.is_over_at(ledger.clock().unix_timestamp));
            mark(7, market.expiry_ts != 0);
            mark(8, market.paused_operations != 0);
            mark(9, market.is_reduce_only());
            mark(10, market.amm.curve_update_intensity > 0);
        } else if let Some(market) = SpotMarket::peek(account) {
            mark(11, market.paused_operations != 0);
            mark(12, market.expiry_ts != 0);
            mark(13, market.borrow_balance > 0);
        } else if let Some(state) = State::peek(account) {
            mark(14, state.exchange_status != 0);
        }
    }
    class
}

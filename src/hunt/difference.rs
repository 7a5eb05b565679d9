//! Where the two sides part.

use crate::verify::{Difference as Field, differing_fields};
use drift::accounts::{Account, Pubkey};
use drift::error::{ErrorCode, Result};
use drift::instruction::Call;
use drift::ledger::Ledger;
use std::fmt;

/// An instruction that the sides did not carry out alike.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The action's place in its session; none where the exchange was not opened alike.
    pub action: Option<usize>,
    /// The instruction.
    pub call: Call,
    /// What became of it on either side, left first.
    pub outcomes: [Result; 2],
    /// Fields that differ after it, the left side's value being the expected one.
    pub fields: Vec<Field>,
}

impl Difference {
    /// What differs in a few words: the same for the same fault, whoever meets it.
    pub fn signature(&self) -> String {
        let name = self.call.instruction.name();
        let [left, right] = self.outcomes.map(told);
        if left != right {
            return format!("{name}: {left} against {right}");
        }
        let first = self.fields.iter().find_map(|field| match field {
            Field::Field { kind, path, .. } => Some(format!("{kind} {}", without_numbers(path))),
            Field::Outcome { .. } => None,
        });
        format!("{name}, {left}: {}", first.unwrap_or_default())
    }
}

/// `perp_positions.3.lp_shares` as `perp_positions.*.lp_shares`.
fn without_numbers(path: &str) -> String {
    let part = |part: &str| match part.bytes().all(|byte| byte.is_ascii_digit()) {
        true => "*".to_owned(),
        false => part.to_owned(),
    };
    path.split('.').map(part).collect::<Vec<_>>().join(".")
}

/// An outcome in a word.
pub(super) fn told(outcome: Result) -> &'static str {
    outcome.map_or_else(ErrorCode::name, |()| "accepted")
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.signature())?;
        writeln!(f, "  arguments: {}", self.call.instruction.arguments())?;
        for field in &self.fields {
            writeln!(f, "  {field}")?;
        }
        Ok(())
    }
}

/// Fields of the accounts that `call` may write in which the sides differ.
pub(super) fn differing<L: Ledger, R: Ledger>(call: &Call, left: &L, right: &R) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut seen: Vec<Pubkey> = Vec::new();
    for meta in call.accounts.iter().filter(|meta| meta.writable) {
        let of = |account: Option<&Account>| account.cloned().unwrap_or_default();
        let (l, r) = (left.account(&meta.key), right.account(&meta.key));
        let absent = &Account::Absent;
        if l.unwrap_or(absent) == r.unwrap_or(absent) || seen.contains(&meta.key) {
            continue;
        }
        seen.push(meta.key);
        fields.extend(differing_fields(meta.key, &of(l), &of(r)));
    }
    fields
}

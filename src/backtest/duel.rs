//! The same events on two programs, each spoken to by its own interface.

use super::ReplayError;
use crate::bank::{BankLedger, Deployed};
use crate::divergence::{Comparison, Context, Counts, Finding, Side, Watched};
use crate::event::Event;
use crate::idl::Translator;
use crate::world::Genesis;
use std::sync::Arc;

/// A program and how to speak to it.
#[derive(Clone, Debug)]
pub struct Opponent<'a> {
    /// The program.
    pub program: &'a Deployed,
    /// Its interface; none for the one that the harness knows by heart, 2.83's.
    pub translator: Option<Arc<Translator>>,
}

impl<'a> Opponent<'a> {
    /// A program with the interface that the harness knows by heart.
    pub fn by_heart(program: &'a Deployed) -> Self {
        Self {
            program,
            translator: None,
        }
    }

    /// What a report says of it.
    pub fn side(&self) -> Side {
        let idl = self.translator.as_ref().map(|translator| translator.idl());
        let (name, kind, sha256) = match self.program {
            Deployed::BuiltIn => ("built-in program".to_owned(), "built-in program", None),
            Deployed::Elf(program) => {
                let name = program
                    .release()
                    .map(|release| format!("Drift {}", release.version));
                (
                    name.unwrap_or_else(|| "unknown program".to_owned()),
                    "elf",
                    Some(program.sha256.clone()),
                )
            }
        };
        Side {
            name,
            kind: kind.to_owned(),
            sha256,
            idl: idl.map(|idl| format!("{} {}", idl.name, idl.version)),
            idl_sha256: idl.map(|idl| idl.sha256.clone()),
            switch: None,
        }
    }

    pub(super) fn bank(&self) -> BankLedger {
        let bank = BankLedger::new(self.program);
        match &self.translator {
            None => bank,
            Some(translator) => bank.speaking(Arc::clone(translator)),
        }
    }
}

/// What a duel came to.
#[derive(Clone, Debug)]
pub struct Duel {
    /// What was compared.
    pub counts: Counts,
    /// What differs.
    pub findings: Vec<Finding>,
    /// Events that a side could not carry out: the event's number, the side, and why.
    pub skipped: Vec<(usize, &'static str, String)>,
}

/// Carries out `events` on both programs, the exchange being opened on each by its own instructions. What one side cannot
/// carry out is skipped there, and found as instructions that only the other executed.
///
/// # Errors
/// [`ReplayError::Program`] where one of them refuses the markets.
pub fn duel(
    genesis: &Genesis,
    events: &[Event],
    left: &Opponent,
    right: &Opponent,
) -> Result<Duel, ReplayError> {
    let open = |opponent: &Opponent| Watched::open(genesis, opponent.bank()).map_err(ReplayError::Program);
    let (mut left, left_steps) = open(left)?;
    let (mut right, right_steps) = open(right)?;
    let mut comparison = Comparison::new(Context::default());
    comparison.event(&left_steps, &right_steps);
    let mut skipped = Vec::new();
    for (place, event) in events.iter().enumerate() {
        let (left_done, left_steps) = left.step(event);
        let (right_done, right_steps) = right.step(event);
        for side in [&mut left, &mut right] {
            side.ledger_mut().take_receipts();
        }
        comparison.event(&left_steps, &right_steps);
        for (side, done) in [("left", left_done), ("right", right_done)] {
            skipped.extend(done.err().map(|error| (place, side, error.to_string())));
        }
    }
    let (counts, findings) = comparison.finish();
    Ok(Duel {
        counts,
        findings,
        skipped,
    })
}

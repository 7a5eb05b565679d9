//! One recorded instruction against the engine, apart from how it is shown.

use super::Fixture;
use drift::accounts::layout::{Describe, Value};
use drift::accounts::{Account, Pubkey};
use drift::engine::Switches;
use drift::error::ErrorCode;
use drift::instruction::Instruction;
use drift::ledger::run_atomic;

/// What the comparison of one line says.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Same outcome, same bytes.
    Identical,
    /// Something differs: the outcome alone, or fields.
    Differing(Vec<Difference>),
    /// The engine does not have this instruction, or not this case of it.
    Unsupported,
}

/// Something the engine did otherwise than the program.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    /// Accepted by one, refused by the other, or refused for another reason.
    Outcome {
        /// The program's error number, `None` for success.
        expected: Option<u32>,
        /// The engine's.
        actual: Option<u32>,
    },
    /// A field with two values.
    Field {
        /// Address of the account.
        account: Pubkey,
        /// Its type.
        kind: &'static str,
        /// Dotted path of the field.
        path: String,
        /// The program's value.
        expected: Option<Value>,
        /// The engine's value.
        actual: Option<Value>,
    },
}

/// Runs `fixture` through the engine and compares.
pub fn check(fixture: &Fixture) -> Verdict {
    let instruction = match Instruction::decode(&fixture.data) {
        Ok(instruction) => instruction,
        Err(ErrorCode::InstructionFallbackNotFound) => return Verdict::Unsupported,
        Err(code) => return outcome(fixture, Some(code)).unwrap_or(Verdict::Identical),
    };
    let mut accounts = fixture.before.clone();
    let result = run_atomic(
        fixture.clock,
        Switches::default(),
        &instruction,
        &fixture.metas,
        &mut accounts,
    );
    match result {
        Err(ErrorCode::NotModelled) => Verdict::Unsupported,
        Err(code) => outcome(fixture, Some(code)).unwrap_or(Verdict::Identical),
        Ok(()) => outcome(fixture, None).unwrap_or_else(|| fields(fixture, &accounts)),
    }
}

fn outcome(fixture: &Fixture, refusal: Option<ErrorCode>) -> Option<Verdict> {
    let actual = refusal.map(ErrorCode::number);
    (actual != fixture.error).then(|| {
        Verdict::Differing(vec![Difference::Outcome {
            expected: fixture.error,
            actual,
        }])
    })
}

fn fields(fixture: &Fixture, actual: &[Account]) -> Verdict {
    let mut differences = Vec::new();
    let mut seen = Vec::new();
    for ((meta, expected), actual) in fixture.metas.iter().zip(&fixture.after).zip(actual) {
        if expected == actual || seen.contains(&meta.key) {
            continue;
        }
        seen.push(meta.key);
        differences.extend(differing_fields(meta.key, expected, actual));
    }
    if differences.is_empty() {
        Verdict::Identical
    } else {
        Verdict::Differing(differences)
    }
}

/// The fields in which the account at `key` is not as `expected`, in layout order.
pub fn differing_fields(key: Pubkey, expected: &Account, actual: &Account) -> Vec<Difference> {
    let (expected_fields, actual_fields) = (leaves(expected), leaves(actual));
    let same_kind = expected.type_name() == actual.type_name();
    let mut differences = Vec::new();
    for at in 0..expected_fields.len().max(actual_fields.len()) {
        let (left, right) = (expected_fields.get(at), actual_fields.get(at));
        if left != right || !same_kind {
            differences.push(Difference::Field {
                account: key,
                kind: expected.type_name(),
                path: left.or(right).map(|(path, _)| path.clone()).unwrap_or_default(),
                expected: left.map(|(_, value)| value.clone()),
                actual: right.map(|(_, value)| value.clone()),
            });
        }
    }
    differences
}

fn leaves(account: &Account) -> Vec<(String, Value)> {
    let mut leaves = Vec::new();
    account.describe(&mut String::new(), &mut |path, value| {
        leaves.push((path.to_owned(), value))
    });
    leaves
}

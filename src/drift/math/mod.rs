//! Formulas over accounts: no control flow of instructions, no ledger.

pub mod oracle;

//! A bank that writes down every instruction as a fixture: one JSON object a line.

use crate::bank::{BankLedger, Receipt};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use drift::accounts::{Account, Pubkey};
use drift::clock::Clock;
use drift::error::{ErrorCode, Result};
use drift::instruction::{AccountMeta, Call};
use drift::ledger::Ledger;
use serde::Serialize;
use std::io::{self, Write};

/// How many of the last log lines of a refused instruction are kept.
const LAST_LINES: usize = 6;

/// What was recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(super) instructions: usize,
    pub(super) refused: usize,
}

/// A bank and where its instructions go.
pub(crate) struct Recorder<'a, W> {
    bank: BankLedger,
    out: &'a mut W,
    count: Count,
    /// Why the last line could not be written.
    failure: Option<io::Error>,
}

/// An instruction: what it was given, and what the program did.
#[derive(Serialize)]
struct Line<'a> {
    instruction: &'a str,
    data: String,
    slot: u64,
    unix_timestamp: i64,
    accounts: Vec<LineAccount>,
    ok: bool,
    /// The program's own, without those of the instructions that set the transaction's limits.
    compute_units: u64,
    #[serde(flatten)]
    refusal: Option<Refusal<'a>>,
}

#[derive(Serialize)]
struct LineAccount {
    key: String,
    signer: bool,
    writable: bool,
    /// Left out for programs, sysvars and wallets; null where there is no account.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Option<Contents>>,
    /// Left out where nothing changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Option<Contents>>,
}

#[derive(Clone, PartialEq, Serialize)]
struct Contents {
    owner: String,
    data: String,
}

#[derive(Serialize)]
struct Refusal<'a> {
    error_code: u32,
    error: &'static str,
    log: &'a [String],
}

impl<'a, W: Write> Recorder<'a, W> {
    pub(crate) fn new(bank: BankLedger, out: &'a mut W) -> Self {
        Self {
            bank,
            out,
            count: Count::default(),
            failure: None,
        }
    }

    /// What was recorded so far.
    ///
    /// # Errors
    /// Why something could not be.
    pub(crate) fn count(&mut self) -> io::Result<Count> {
        match self.failure.take() {
            Some(error) => Err(error),
            None => Ok(self.count),
        }
    }

    /// The account at `key` as the program finds it; `None` for one that is never looked into.
    fn contents(&self, key: &Pubkey) -> Option<Option<Contents>> {
        if self.bank.account(key) == Some(&Account::Opaque) {
            return None;
        }
        Some(self.bank.stored(key).map(|(owner, data)| Contents {
            owner: owner.to_string(),
            data: STANDARD.encode(data),
        }))
    }

    fn account(&self, meta: &AccountMeta, before: Option<Option<Contents>>) -> LineAccount {
        let after = self.contents(&meta.key);
        LineAccount {
            key: meta.key.to_string(),
            signer: meta.signer,
            writable: meta.writable,
            after: if after == before { None } else { after },
            before,
        }
    }

    fn write(&mut self, call: &Call, accounts: Vec<LineAccount>, receipt: &Receipt) -> io::Result<()> {
        let Clock { slot, unix_timestamp } = self.bank.clock();
        let lines = receipt.logs.as_slice();
        let line = Line {
            instruction: call.instruction.name(),
            data: STANDARD.encode(call.instruction.encode()),
            slot,
            unix_timestamp,
            accounts,
            ok: receipt.outcome.is_ok(),
            compute_units: receipt.compute_units,
            refusal: receipt.outcome.err().map(|code| Refusal {
                error_code: number(code, receipt),
                error: code.name(),
                log: lines
                    .get(lines.len().saturating_sub(LAST_LINES)..)
                    .unwrap_or(lines),
            }),
        };
        serde_json::to_writer(&mut *self.out, &line)?;
        self.out.write_all(b"\n")?;
        self.count.instructions += 1;
        self.count.refused += usize::from(receipt.outcome.is_err());
        Ok(())
    }
}

/// The number that the transaction reports. A refusal without one, the runtime's own, has the engine's number for it.
fn number(code: ErrorCode, receipt: &Receipt) -> u32 {
    let unlisted = || {
        let (_, digits) = receipt.error.as_deref()?.split_once("custom program error: 0x")?;
        u32::from_str_radix(digits, 16).ok()
    };
    match code {
        ErrorCode::UnlistedNumber => unlisted().unwrap_or(code.number()),
        _ => code.number(),
    }
}

impl<W: Write> Ledger for Recorder<'_, W> {
    drift::forward! { self => self.bank; clock, set_clock, account, set_account, open_wallet }

    fn execute(&mut self, call: &Call) -> Result {
        let before: Vec<_> = call
            .accounts
            .iter()
            .map(|meta| self.contents(&meta.key))
            .collect();
        let outcome = self.bank.execute(call);
        for receipt in self.bank.take_receipts() {
            let metas = call.accounts.iter().zip(&before);
            let accounts = metas
                .map(|(meta, before)| self.account(meta, before.clone()))
                .collect();
            if self.failure.is_none() {
                self.failure = self.write(call, accounts, &receipt).err();
            }
        }
        outcome
    }
}

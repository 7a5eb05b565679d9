//! The bank as a ledger.

use super::Deployed;
use super::receipt::Receipt;
use super::runtime::Fork;
use super::transaction::address;
use super::{outcome, runtime, transaction};
use crate::contents::{Contents, Observed};
use crate::idl::Translator;
use drift::accounts::{Account, Pubkey};
use drift::clock::Clock;
use drift::error::{ErrorCode, Result};
use drift::instruction::{AccountMeta, Call, discriminator};
use drift::key::{DRIFT, PYTH_PROGRAM, SYSTEM_PROGRAM};
use drift::ledger::Ledger;
use solana_account::{AccountSharedData, ReadableAccount};
use solana_sdk::clock::Clock as ClockSysvar;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Bytes of a Pyth v2 price account; the program refuses shorter ones.
const PRICE_ACCOUNT_BYTES: usize = 3_312;
/// Who pays for transactions that nobody signs.
const PAYER: Pubkey = Pubkey(*b"harness fee payer, worth nothing");

/// Accounts in a Solana bank under the rules of the program in it.
///
/// Lamports are no part of what is compared: whoever signs has plenty.
pub struct BankLedger {
    fork: Fork,
    clock: Clock,
    wallets: HashSet<Pubkey>,
    /// Wallets that pay for nothing.
    impersonated: HashSet<Pubkey>,
    /// Every account that was written, as the bank has it.
    accounts: HashMap<Pubkey, Account, foldhash::fast::FixedState>,
    /// The bytes that accounts were read from last: where the bank still has the same, there is nothing to read.
    read: HashMap<Pubkey, AccountSharedData, foldhash::fast::FixedState>,
    /// Tokens that were made for wallets, by mint.
    funded: HashMap<Pubkey, i128>,
    sent: u32,
    in_runtime: Duration,
    receipts: Vec<Receipt>,
    /// How the program is spoken to, where its interface is not the one known by heart.
    translator: Option<Arc<Translator>>,
}

impl BankLedger {
    /// A bank that runs `program` as Drift.
    pub fn new(program: &Deployed) -> Self {
        let fork = Fork::new(address(PAYER), program);
        Self {
            fork,
            clock: Clock::default(),
            wallets: HashSet::new(),
            impersonated: HashSet::new(),
            accounts: HashMap::default(),
            read: HashMap::default(),
            funded: HashMap::new(),
            sent: 0,
            in_runtime: Duration::ZERO,
            receipts: Vec::new(),
            translator: None,
        }
    }

    /// Speaks to the program by its own interface: instructions are written and accounts read by it.
    pub fn speaking(mut self, translator: Arc<Translator>) -> Self {
        self.translator = Some(translator);
        self
    }

    /// Every account with its address, in no particular order.
    pub fn accounts(&self) -> impl Iterator<Item = (&Pubkey, &Account)> {
        self.accounts.iter()
    }

    /// The tokens of `mint` that were written into token accounts from outside, less those that were written away.
    pub fn funded(&self, mint: &Pubkey) -> i128 {
        self.funded.get(mint).copied().unwrap_or_default()
    }

    /// An account's owner and bytes, as the program finds them; `None` where there is none, or an empty system account.
    pub fn stored(&self, key: &Pubkey) -> Option<(Pubkey, Vec<u8>)> {
        let account = self.fork.bank.get_account(&address(*key))?;
        let owner = Pubkey(account.owner().to_bytes());
        let empty = owner == SYSTEM_PROGRAM && account.data().is_empty();
        (!empty).then(|| (owner, account.data().to_vec()))
    }

    /// The receipts of the transactions since the last call, in order.
    pub fn take_receipts(&mut self) -> Vec<Receipt> {
        std::mem::take(&mut self.receipts)
    }

    /// How long the runtime itself worked on transactions so far.
    pub fn time_in_runtime(&self) -> Duration {
        self.in_runtime
    }

    /// Opens a wallet that signs and does not pay: for recordings, in which somebody else does.
    pub fn impersonate(&mut self, key: Pubkey) {
        self.fund(key);
        self.impersonated.insert(key);
    }

    /// Gives whoever holds `key` lamports.
    fn fund(&mut self, key: Pubkey) {
        let wallet = AccountSharedData::new(runtime::PLENTY, 0, &address(SYSTEM_PROGRAM));
        self.fork.bank.store_account(&address(key), &wallet);
        self.accounts.insert(key, Account::Opaque);
    }

    fn store(&self, key: Pubkey, account: &Account) {
        if *account == Account::Absent {
            let nothing = AccountSharedData::default();
            return self.fork.bank.store_account(&address(key), &nothing);
        }
        let mut data = account.encode();
        if account.owner() == PYTH_PROGRAM {
            data.resize(data.len().max(PRICE_ACCOUNT_BYTES), 0);
        }
        let lamports = self.fork.bank.get_minimum_balance_for_rent_exemption(data.len());
        let mut stored = AccountSharedData::new(lamports, 0, &address(account.owner()));
        stored.set_data_from_slice(&data);
        self.fork.bank.store_account(&address(key), &stored);
    }

    /// Whether the program has the instruction `name`: sent without arguments or accounts, it is refused for some other
    /// reason than that nobody knows it. A program which does not say so of a name that nobody has is not Anchor's kind,
    /// and has none of the instructions.
    pub fn answers(&mut self, name: &str) -> bool {
        let mut ask = |name| self.send(discriminator(name).to_vec(), &[]).outcome;
        let unknown = Err(ErrorCode::InstructionFallbackNotFound);
        ask("no program has this") == unknown
            && ![unknown, Err(ErrorCode::RefusedByRuntime)].contains(&ask(name))
    }

    /// Sends `data` to the program as they are, over the accounts `metas`. Whoever signs must have a wallet.
    pub fn send(&mut self, data: Vec<u8>, metas: &[AccountMeta]) -> Receipt {
        // The first who signs also pays.
        let mut payer = None;
        for meta in metas.iter().filter(|meta| meta.signer) {
            if self.wallets.contains(&meta.key) {
                payer.get_or_insert(meta.key);
            } else if !self.impersonated.contains(&meta.key) {
                let error = format!("{} signs, and has no wallet", meta.key);
                return Receipt::refused(ErrorCode::RefusedByRuntime, error);
            }
        }
        let payer = address(payer.unwrap_or(PAYER));
        let blockhash = self.fork.bank.last_blockhash();
        let transaction = transaction::transaction(data, metas, &payer, blockhash, self.sent);
        self.sent = self.sent.wrapping_add(1);
        let began = Instant::now();
        let processed = self.fork.bank.process_transaction_with_metadata(transaction);
        self.in_runtime += began.elapsed();
        let committed = match processed {
            Ok(committed) => committed,
            Err(error) => return Receipt::refused(outcome::code(&error), error.to_string()),
        };
        let error = committed.status.err();
        let writes = if error.is_none() {
            self.read_back(metas)
        } else {
            Vec::new()
        };
        Receipt {
            outcome: error.as_ref().map_or(Ok(()), |error| Err(outcome::code(error))),
            error: error.map(|error| error.to_string()),
            compute_units: committed.executed_units.saturating_sub(transaction::OWN_UNITS),
            logs: committed.log_messages.unwrap_or_default(),
            writes,
        }
    }

    /// Sends `call` as the program takes it, together with the instructions that set what it does not take; the receipt is
    /// that of the first, or of the first that is refused, with the writes of all.
    fn send_translated(&mut self, translator: &Translator, call: &Call) -> Receipt {
        let wires = match translator.translate(call) {
            Ok(wires) => wires,
            Err(error) => return Receipt::refused(ErrorCode::NotModelled, error.to_string()),
        };
        let mut whole: Option<Receipt> = None;
        for wire in wires {
            let receipt = self.send(wire.data, &wire.accounts);
            if receipt.outcome.is_err() {
                let error = receipt.error.map(|error| format!("{}: {error}", wire.name));
                return Receipt { error, ..receipt };
            }
            match &mut whole {
                None => whole = Some(receipt),
                Some(first) => first.writes.extend(receipt.writes),
            }
        }
        whole.unwrap_or_else(|| Receipt::refused(ErrorCode::NotModelled, "nothing to send".to_owned()))
    }

    /// Reads the accounts that an instruction over `metas` may have changed, and answers those it did.
    fn read_back(&mut self, metas: &[AccountMeta]) -> Vec<(Pubkey, Account)> {
        let mut writes: Vec<(Pubkey, Account)> = Vec::new();
        for meta in metas.iter().filter(|meta| meta.writable) {
            // Wallets only pay: never looked into.
            if self.accounts.get(&meta.key) == Some(&Account::Opaque) {
                continue;
            }
            let found = self.fork.bank.get_account(&address(meta.key));
            if let (Some(found), Some(read)) = (&found, self.read.get(&meta.key))
                && found.data() == read.data()
                && found.owner() == read.owner()
            {
                continue;
            }
            let account = found.as_ref().map(|found| {
                let owner = Pubkey(found.owner().to_bytes());
                match found.data() {
                    [] if owner == SYSTEM_PROGRAM => Account::Absent,
                    data => match &self.translator {
                        None => Account::decode(owner, data),
                        Some(translator) => translator.account(owner, data),
                    },
                }
            });
            let account = account.unwrap_or_default();
            match found {
                Some(found) => self.read.insert(meta.key, found),
                None => self.read.remove(&meta.key),
            };
            let before = self.accounts.get(&meta.key).unwrap_or(&Account::Absent);
            if *before != account {
                self.accounts.insert(meta.key, account.clone());
                writes.push((meta.key, account));
            }
        }
        writes
    }
}

impl Ledger for BankLedger {
    fn clock(&self) -> Clock {
        self.clock
    }

    fn set_clock(&mut self, clock: Clock) {
        if clock == self.clock {
            return;
        }
        self.clock = clock;
        self.fork.bank.set_sysvar_for_tests(&ClockSysvar {
            slot: clock.slot,
            unix_timestamp: clock.unix_timestamp,
            ..self.fork.bank.clock()
        });
    }

    fn account(&self, key: &Pubkey) -> Option<&Account> {
        self.accounts.get(key)
    }

    fn set_account(&mut self, key: Pubkey, account: Account) {
        // Opaque accounts are programs and sysvars, which are there, or addresses that only name somebody.
        if account != Account::Opaque && self.accounts.get(&key) != Some(&account) {
            self.store(key, &account);
            self.read.remove(&key);
        }
        let tokens = |account: Option<&Account>| match account {
            Some(Account::Token(token)) => Some((token.mint, i128::from(token.amount))),
            _ => None,
        };
        if let Some((mint, amount)) = tokens(self.accounts.get(&key)) {
            *self.funded.entry(mint).or_default() -= amount;
        }
        if let Some((mint, amount)) = tokens(Some(&account)) {
            *self.funded.entry(mint).or_default() += amount;
        }
        self.accounts.insert(key, account);
    }

    fn open_wallet(&mut self, key: Pubkey) {
        self.fund(key);
        self.wallets.insert(key);
    }

    fn execute(&mut self, call: &Call) -> Result {
        let receipt = match self.translator.clone() {
            None => self.send(call.instruction.encode(), &call.accounts),
            Some(translator) => self.send_translated(&translator, call),
        };
        let outcome = receipt.outcome;
        self.receipts.push(receipt);
        outcome
    }
}

impl Observed for BankLedger {
    fn contents(&self, key: &Pubkey) -> Contents {
        let known = || self.account(key).cloned().unwrap_or_default().into();
        match &self.translator {
            None => known(),
            Some(translator) => match self.stored(key) {
                Some((owner, data)) if owner == DRIFT => Contents::Bytes {
                    decoder: translator.idl().clone(),
                    owner,
                    data: data.into(),
                },
                _ => known(),
            },
        }
    }

    fn last_receipt(&self) -> (Option<u64>, Option<String>) {
        self.receipts.last().map_or((None, None), |receipt| {
            (
                Some(receipt.compute_units),
                receipt.complaint().map(str::to_owned),
            )
        })
    }
}

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
use solana_sdk::signature::Keypair;
use solana_sdk::signer::Signer;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Bytes of a Pyth v2 price account; the program refuses shorter ones.
const PRICE_ACCOUNT_BYTES: usize = 3_312;
/// Who pays for transactions that nobody signs.
const PAYER_SECRET: [u8; 32] = *b"harness fee payer, worth nothing";

/// Accounts in a Solana bank under the rules of the program in it.
///
/// Lamports are no part of what is compared: whoever signs has plenty.
pub struct BankLedger {
    fork: Fork,
    clock: Clock,
    payer: Keypair,
    signers: HashMap<Pubkey, Keypair>,
    /// Wallets whose signatures are left out.
    impersonated: HashSet<Pubkey>,
    /// Every account that was written, as the bank has it.
    accounts: HashMap<Pubkey, Account, foldhash::fast::FixedState>,
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
        let payer = Keypair::new_from_array(PAYER_SECRET);
        let fork = Fork::new(payer.pubkey(), program);
        Self {
            fork,
            clock: Clock::default(),
            payer,
            signers: HashMap::new(),
            impersonated: HashSet::new(),
            accounts: HashMap::default(),
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

    /// Opens a wallet that signs without a key: for recordings, whose keys are not known. A bank takes signatures at their
    /// word, since a validator checks them before.
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
        let mut signers: Vec<&Keypair> = Vec::new();
        for meta in metas.iter().filter(|meta| meta.signer) {
            match self.signers.get(&meta.key) {
                Some(known) => signers.push(known),
                None if self.impersonated.contains(&meta.key) => {}
                None => {
                    let error = format!("{} signs, but its key is not known", meta.key);
                    return Receipt::refused(ErrorCode::RefusedByRuntime, error);
                }
            }
        }
        // The first who signs also pays, which saves a signature.
        if signers.is_empty() {
            signers.push(&self.payer);
        }
        let transaction =
            transaction::signed(data, metas, &signers, self.fork.bank.last_blockhash(), self.sent);
        self.sent = self.sent.wrapping_add(1);
        let began = Instant::now();
        let processed =
            transaction.map(|transaction| self.fork.bank.process_transaction_with_metadata(transaction));
        self.in_runtime += began.elapsed();
        let committed = match processed {
            Ok(Ok(committed)) => committed,
            Ok(Err(error)) => return Receipt::refused(outcome::code(&error), error.to_string()),
            Err(error) => return Receipt::refused(ErrorCode::RefusedByRuntime, error.to_string()),
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
            let account = self.fork.bank.get_account(&address(meta.key)).map(|found| {
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

    fn open_wallet(&mut self, key: Pubkey, secret: [u8; 32]) {
        self.fund(key);
        self.signers.insert(key, Keypair::new_from_array(secret));
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

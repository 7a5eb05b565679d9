//! The built-in program against the real one: against what was recorded of it, and side by side where it is in the cache,
//! with wrong accounts, missing rights, broken data. Both must refuse alike, and do alike what they accept.
#![cfg(feature = "bank")]

use drift::accounts::{Account, Pubkey};
use drift::clock::Clock;
use drift::error::ErrorCode;
use drift::instruction::{AccountMeta, Call};
use drift::key::TOKEN_PROGRAM;
use drift::ledger::Ledger;
use harness::backtest::genesis;
use harness::bank::{BankLedger, Deployed, Program, RELEASES};
use harness::event::*;
use harness::experiment::{Experiment, MarketInit, SpotMarketInit};
use harness::verify::Fixtures;
use harness::world::World;
use std::collections::BTreeMap;
use std::path::Path;

/// The release that the engine follows, if it is in the cache.
fn real() -> Option<Deployed> {
    let program = Program::from_cache().ok();
    let program = program.filter(|program| program.release() == RELEASES.first());
    if program.is_none() {
        println!("skipped: Drift {} is not in the cache", RELEASES[0].version);
    }
    program.map(Deployed::Elf)
}

/// Two banks that are sent the same. Before the first and the second time that an instruction is sent, its
/// mutilations are.
struct Both {
    real: BankLedger,
    built_in: BankLedger,
    seen: BTreeMap<&'static str, usize>,
    answers: BTreeMap<String, usize>,
    unequal: Vec<String>,
}

impl Both {
    fn send(&mut self, what: &str, data: Vec<u8>, metas: &[AccountMeta]) -> Result<(), ErrorCode> {
        let real = self.real.send(data.clone(), metas);
        let built_in = self.built_in.send(data, metas);
        if real.outcome != built_in.outcome {
            self.unequal.push(format!(
                "{what}: {:?} against {:?}\n  {:?}\n  {:?}",
                real.outcome,
                built_in.outcome,
                real.complaint(),
                built_in.complaint()
            ));
        } else if real.writes != built_in.writes {
            self.unequal.push(format!("{what}: other writes"));
        }
        let said = real
            .outcome
            .map_or_else(|code| code.to_string(), |()| "accepted".to_owned());
        *self.answers.entry(said).or_default() += 1;
        real.outcome
    }

    /// Sends what should change nothing for the rest of the run: what it did change is put back.
    fn try_out(&mut self, what: &str, data: Vec<u8>, metas: &[AccountMeta]) {
        let before: Vec<_> = metas
            .iter()
            .filter(|meta| meta.writable)
            .map(|meta| (meta.key, self.real.account(&meta.key).cloned()))
            .collect();
        if self.send(what, data, metas).is_ok() {
            for (key, account) in before {
                self.set_account(key, account.unwrap_or_default());
            }
        }
    }

    fn mutilate(&mut self, call: &Call) {
        let name = call.instruction.name();
        let (data, metas) = (call.instruction.encode(), &call.accounts);
        for length in 0..data.len() {
            self.try_out(&format!("{name}, {length} bytes"), data[..length].to_vec(), metas);
        }
        let mut other = data.clone();
        other[0] ^= 1;
        self.try_out(&format!("{name}, another discriminator"), other, metas);
        for length in 0..metas.len() {
            self.try_out(
                &format!("{name}, {length} accounts"),
                data.clone(),
                &metas[..length],
            );
        }
        let strangers = [Pubkey([9; 32]), self.stranger()];
        for (place, meta) in metas.iter().enumerate() {
            let mut changed = metas.clone();
            if meta.signer {
                changed[place].signer = false;
                self.try_out(
                    &format!("{name}, account {place} does not sign"),
                    data.clone(),
                    &changed,
                );
            }
            if meta.writable {
                changed[place] = AccountMeta {
                    writable: false,
                    ..*meta
                };
                self.try_out(
                    &format!("{name}, account {place} read-only"),
                    data.clone(),
                    &changed,
                );
            }
            let keys = metas.iter().map(|meta| meta.key).chain(strangers);
            // The program does not ask who owns an oracle when it opens a market: it reads prices out of the token
            // program's code, which the engine does not see.
            let nonsense = |key| {
                key == TOKEN_PROGRAM
                    && call
                        .instruction
                        .roles()
                        .get(place)
                        .is_some_and(|role| role.0 == "oracle")
            };
            for (number, key) in keys
                .enumerate()
                .filter(|(_, key)| *key != meta.key && !nonsense(*key))
            {
                changed[place] = AccountMeta { key, ..*meta };
                let what = format!("{name}, account {place} is {number}, {key}");
                self.try_out(&what, data.clone(), &changed);
            }
        }
    }

    /// Somebody with a wallet and nothing else.
    fn stranger(&mut self) -> Pubkey {
        let role = harness::world::Role::Authority(1_000);
        self.open_wallet(role.address());
        role.address()
    }
}

impl Ledger for Both {
    fn clock(&self) -> Clock {
        self.real.clock()
    }

    fn set_clock(&mut self, clock: Clock) {
        self.real.set_clock(clock);
        self.built_in.set_clock(clock);
    }

    fn account(&self, key: &Pubkey) -> Option<&Account> {
        self.real.account(key)
    }

    fn set_account(&mut self, key: Pubkey, account: Account) {
        self.real.set_account(key, account.clone());
        self.built_in.set_account(key, account);
    }

    fn open_wallet(&mut self, key: Pubkey) {
        self.real.open_wallet(key);
        self.built_in.open_wallet(key);
    }

    fn execute(&mut self, call: &Call) -> Result<(), ErrorCode> {
        let seen = self.seen.entry(call.instruction.name()).or_default();
        *seen += 1;
        if *seen <= 2 {
            self.mutilate(call);
        }
        self.send(call.instruction.name(), call.instruction.encode(), &call.accounts)
    }
}

/// Everything an event can do on one market, among two users.
fn events() -> Vec<Event> {
    let deposit = |user_index| DepositCollateral {
        user_index,
        deposit_amount: 1_000_000_000,
        spot_market_index: 0,
        mint_amount: 0,
        username: "trader".to_owned(),
    };
    let price = |micros| PerpOraclePrice {
        market_index: 0,
        price: OraclePrice::from_micros(micros).unwrap(),
        conf: OraclePrice::default(),
        ..PerpOraclePrice::default()
    };
    let kinds: Vec<Kind> = vec![
        deposit(0).into(),
        DepositCollateral {
            spot_market_index: 1,
            ..deposit(1)
        }
        .into(),
        deposit(1).into(),
        AddLiquidity {
            user_index: 1,
            market_index: 0,
            token_amount: 100_000_000_000,
        }
        .into(),
        OpenPosition {
            user_index: 0,
            direction: Direction::Long,
            quote_amount: 100_000_000,
            market_index: 0,
        }
        .into(),
        price(1_510_000).into(),
        SettleLp {
            user_index: 1,
            market_index: 0,
        }
        .into(),
        ClosePosition {
            user_index: 0,
            market_index: 0,
        }
        .into(),
        SettlePnl {
            user_index: 0,
            market_index: 0,
        }
        .into(),
        RemoveLiquidity {
            user_index: 1,
            market_index: 0,
            lp_token_amount: Portion::All,
        }
        .into(),
        Repeg {
            peg: 1_510_000,
            market_index: 0,
        }
        .into(),
        UpdateK {
            sqrt_k: 1_000_100_000_000_000,
            market_index: 0,
        }
        .into(),
        WithdrawCollateral {
            user_index: 0,
            spot_market_index: 0,
            withdraw_amount: 500_000_000,
            reduce_only: true,
            username: "trader".to_owned(),
        }
        .into(),
    ];
    (0..)
        .zip(kinds)
        .map(|(second, kind)| Event::new(second, kind))
        .collect()
}

#[test]
fn both_programs_refuse_alike() {
    let Some(program) = real() else { return };
    let experiment = Experiment {
        markets: [0, 1]
            .map(|index| MarketInit::new(index, 1_000_000_000_000_000, 1_500_000).unwrap())
            .into(),
        spot_markets: vec![SpotMarketInit::new(
            1,
            OraclePrice::from_micros(20_000_000).unwrap(),
        )],
        log: EventLog::default(),
        scenario: None,
    };
    let mut both = Both {
        real: BankLedger::new(&program),
        built_in: BankLedger::new(&Deployed::BuiltIn),
        seen: BTreeMap::new(),
        answers: BTreeMap::new(),
        unequal: Vec::new(),
    };
    let mut world: World = genesis(&experiment, &[]).unwrap().open(&mut both).unwrap();
    for event in events() {
        world.apply(&mut both, &event).unwrap();
    }
    for (answer, count) in &both.answers {
        println!("{count:6} {answer}");
    }
    assert!(
        both.unequal.is_empty(),
        "{}\n{} unequal",
        both.unequal.join("\n"),
        both.unequal.len()
    );
    assert!(both.seen.len() > 15, "{:?}", both.seen);
}

/// What the bank should hold at an address: owner and bytes, or nothing.
fn expected(account: &Account) -> Option<(Pubkey, Vec<u8>)> {
    (*account != Account::Absent).then(|| (account.owner(), account.encode()))
}

/// Executes every recorded instruction on `program` in a bank, and answers how many there were.
fn reproduce(program: &Deployed) -> usize {
    let mut bank = BankLedger::new(program);
    let mut count = 0;
    for name in ["fuzz_04", "fuzz_08", "fuzz_10", "fuzz_13"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{name}.jsonl.gz"));
        for line in Fixtures::open(&path).unwrap() {
            let (number, fixture) = line.unwrap();
            bank.set_clock(fixture.clock);
            for (meta, before) in fixture.metas.iter().zip(&fixture.before) {
                match before {
                    Account::Opaque if meta.signer => bank.impersonate(meta.key),
                    before => bank.set_account(meta.key, before.clone()),
                }
            }
            let what = format!("{name}, line {number}, {}", fixture.instruction);
            let receipt = bank.send(fixture.data, &fixture.metas);
            let code = receipt.outcome.err().map(ErrorCode::number);
            assert_eq!(code, fixture.error, "{what}: {:?}", receipt.logs);
            let then = if code.is_none() {
                &fixture.after
            } else {
                &fixture.before
            };
            for (meta, then) in fixture.metas.iter().zip(then) {
                if *then != Account::Opaque {
                    assert_eq!(bank.stored(&meta.key), expected(then), "{what}, {}", meta.key);
                }
            }
            let mut both = fixture.before.iter().zip(&fixture.after);
            let moved = both.any(|(before, after)| {
                before != after && matches!((before, after), (Account::Token(_), Account::Token(_)))
            });
            if code.is_none() && moved {
                let call = format!("Program {TOKEN_PROGRAM} invoke [2]");
                assert!(receipt.logs.contains(&call), "{what}: {:?}", receipt.logs);
            }
            count += 1;
        }
    }
    count
}

#[test]
fn every_recorded_line_is_reproduced_in_a_bank() {
    assert!(reproduce(&Deployed::BuiltIn) >= 400);
}

#[test]
fn the_real_program_reproduces_its_own_recordings() {
    if let Some(program) = real() {
        assert!(reproduce(&program) >= 400);
    }
}

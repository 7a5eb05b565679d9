//! Drift's own interface descriptions against this crate's layouts and instructions.
//!
//! The descriptions are not part of the repository; where they are not found beside it, the tests say so and pass.

use drift::accounts::layout::Value;
use drift::accounts::{Account, ContractTier, OracleGuardRails, Pubkey, UserStatus};
use drift::instruction::*;
use drift::key::DRIFT;
use harness::divergence::{Contents, Unit};
use harness::idl::{Idl, IdlError, Translator};
use harness::verify::{Fixture, Fixtures};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// What the program called 2.83 has beyond that release's interface, since it is a build of 2.84: fields of spot markets, in
/// what the interface has as padding, and an argument at the end of an instruction.
const NEWER_FIELDS: [&str; 2] = ["max_token_borrows_fraction", "min_borrow_rate"];
const WITH_NEWER_ARGUMENT: &str = "update_spot_market_borrow_rate";

fn description(version: &str) -> Option<Idl> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../shared/protocol/drift-{version}.idl.json"));
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    Some(Idl::read(&path).unwrap())
}

/// The fixtures of the repository, and those beside it.
fn fixtures() -> Vec<Fixture> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in ["tests/fixtures", "../shared/fixtures"] {
        let entries = std::fs::read_dir(top.join(folder))
            .into_iter()
            .flatten()
            .flatten();
        let paths = entries.map(|entry| entry.path());
        files.extend(
            paths
                .filter(|path| path.to_string_lossy().ends_with(".jsonl.gz"))
                .take(4),
        );
    }
    let lines = files.iter().flat_map(|path| Fixtures::open(path).unwrap());
    lines.map(|line| line.unwrap().1).collect()
}

/// Accounts of the program, one in so many of each type.
fn accounts(fixtures: &[Fixture]) -> Vec<&Account> {
    let all = fixtures.iter().flat_map(|fixture| &fixture.after);
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let few = all.filter(|account| account.owner() == DRIFT).filter(|account| {
        let count = seen.entry(account.type_name()).or_default();
        *count += 1;
        *count < 20 || (*count).is_multiple_of(37)
    });
    few.collect()
}

#[test]
fn accounts_read_by_the_interface_are_those_of_our_layouts() {
    let Some(idl) = description("2.83") else { return };
    let fixtures = fixtures();
    let mut kinds = BTreeSet::new();
    for account in accounts(&fixtures) {
        let (kind, theirs) = idl.decode(&account.encode()).unwrap();
        let (our_kind, ours) = Contents::from(account.clone()).fields();
        assert_eq!(kind, our_kind);
        kinds.insert(kind.clone());
        let in_both = |(path, _): &(String, Value)| {
            kind != "SpotMarket" || !path.starts_with("padding") && !NEWER_FIELDS.contains(&path.as_str())
        };
        let [theirs, ours] =
            [theirs, ours].map(|fields| fields.into_iter().filter(in_both).collect::<Vec<_>>());
        assert_eq!(theirs.len(), ours.len(), "{kind}");
        for (theirs, ours) in theirs.iter().zip(&ours) {
            assert_eq!(theirs, ours, "{kind}");
        }
    }
    for kind in ["PerpMarket", "SpotMarket", "State", "User", "UserStats"] {
        assert!(kinds.contains(kind), "{kind}");
    }
}

#[test]
fn accounts_filled_by_name_are_the_same_accounts() {
    for account in accounts(&fixtures()) {
        let (kind, fields) = Contents::from(account.clone()).fields();
        let mut fields: HashMap<String, Value> = fields.into_iter().collect();
        let filled = Account::filled(&kind, &mut |path| fields.remove(path)).unwrap();
        assert!(filled == *account, "{kind}");
        assert!(fields.is_empty(), "{fields:?}");
    }
}

#[test]
fn instructions_written_by_the_interface_are_ours_byte_for_byte() {
    let Some(idl) = description("2.83") else { return };
    let mut seen = BTreeSet::new();
    for fixture in fixtures() {
        let Ok(instruction) = Instruction::decode(&fixture.data) else {
            continue;
        };
        let encoded = idl.encode(instruction.name(), &instruction.arguments()).unwrap();
        if instruction.name() == WITH_NEWER_ARGUMENT {
            assert!(instruction.encode().starts_with(&encoded.data));
        } else {
            assert_eq!(encoded.data, instruction.encode(), "{}", instruction.name());
            assert_eq!((encoded.dropped, encoded.defaulted), (Vec::new(), Vec::new()));
        }
        let roles = instruction.roles();
        let given: Vec<_> = roles
            .iter()
            .zip(&fixture.metas)
            .map(|((name, ..), meta)| (*name, meta.key))
            .collect();
        for (meta, (name, signer, writable)) in
            idl.metas(instruction.name(), &given).unwrap().iter().zip(roles)
        {
            assert_eq!(
                (meta.signer, meta.writable),
                (*signer, *writable),
                "{} {name}",
                instruction.name()
            );
        }
        seen.insert(instruction.name());
    }
    assert!(seen.len() > 15, "{seen:?}");
    assert!(Instruction::NAMES.iter().all(|name| idl.has(name)));
}

#[test]
fn every_instruction_of_ours_with_zeroes_is_the_interfaces_default() {
    let Some(idl) = description("2.83") else { return };
    for name in Instruction::NAMES {
        let none = serde_json::json!({});
        let zeroes = idl.encode(name, &none).unwrap();
        let mut data = zeroes.data.clone();
        // Nothing is given for it.
        data.extend((*name == WITH_NEWER_ARGUMENT).then_some(0));
        let ours = Instruction::decode(&data).unwrap();
        assert_eq!(ours.encode(), data, "{name}");
        assert_eq!(
            idl.encode(name, &ours.arguments()).unwrap().data,
            zeroes.data,
            "{name}"
        );
    }
}

#[test]
fn units_are_those_that_the_interface_states() {
    let Some(idl) = description("2.83") else { return };
    let scales = HashMap::from([
        ("QUOTE_PRECISION", 1_000_000),
        ("PRICE_PRECISION", 1_000_000),
        ("PEG_PRECISION", 1_000_000),
        ("BASE_PRECISION", 1_000_000_000),
        ("AMM_RESERVE_PRECISION", 1_000_000_000),
        ("LP_PRECISION", 1_000_000_000),
        ("SPOT_BALANCE_PRECISION", 1_000_000_000),
        ("SPOT_CUMULATIVE_INTEREST_PRECISION", 10_000_000_000),
        ("MARGIN_PRECISION", 10_000),
        ("SPOT_WEIGHT_PRECISION", 10_000),
        ("FUNDING_RATE_PRECISION", 1_000_000_000),
        ("PERCENTAGE_PRECISION", 1_000_000),
    ]);
    // Stated, but not so in the program: base per share as quote, funding rates without their buffer of 1e3, and IMF
    // factors, which are at 1e6.
    let misstated = [
        "base_asset_amount_per_lp",
        "last_funding_rate",
        "last_funding_rate_long",
        "last_funding_rate_short",
        "last_24h_avg_funding_rate",
        "last_cumulative_funding_rate",
        "last_base_asset_amount_per_lp",
        "imf_factor",
        "unrealized_pnl_imf_factor",
    ];
    let (mut checked, mut wrong) = (0, Vec::new());
    for account in ["PerpMarket", "SpotMarket", "User", "UserStats"] {
        let zero = Account::filled(account, &mut |_| None).unwrap();
        for (path, _) in Contents::from(zero).fields().1 {
            let name = path.rsplit('.').next().unwrap();
            let docs = idl.docs(account, &path).unwrap_or_default().join(" ");
            let stated = docs
                .split_once("precision: ")
                .and_then(|(_, rest)| rest.split_whitespace().next());
            let Some(scale) = stated.and_then(|stated| scales.get(stated)) else {
                continue;
            };
            checked += 1;
            let ours = Unit::of(account, &path).map(|unit| unit.scale);
            if ours != Some(*scale) && !misstated.contains(&name) {
                wrong.push((account, path.clone(), stated.unwrap().to_owned(), ours));
            }
        }
    }
    assert!(checked > 60, "{checked}");
    wrong.dedup_by_key(|(_, path, ..)| path.rsplit('.').next().map(str::to_owned));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn state_with(guard_rails: OracleGuardRails) -> Call {
    let [admin, state] = [1, 2].map(|byte| Pubkey([byte; 32]));
    UpdateOracleGuardRails {
        oracle_guard_rails: guard_rails,
    }
    .call(UpdateOracleGuardRailsAccounts { admin, state }, [])
}

#[test]
fn older_guard_rails_are_fractions() {
    let Some(idl) = description("2.31") else { return };
    let translator = Translator::new(idl);
    let rails = OracleGuardRails::INITIAL;
    let wires = translator.translate(&state_with(rails)).unwrap();
    assert_eq!(wires.len(), 1);
    // Numerator and denominator, then the validity as it was: eight bytes each.
    let word = |place: usize| u64::from_le_bytes(wires[0].data[8 * place..8 * place + 8].try_into().unwrap());
    let percent = rails.price_divergence.mark_oracle_percent_divergence;
    assert_eq!((word(1), word(2)), (percent, 1_000_000));
    assert_eq!(word(3), rails.validity.slots_before_stale_for_amm as u64);
    assert_eq!(wires[0].data.len(), 8 * 7);
    assert_eq!(wires[0].accounts, state_with(rails).accounts);
}

#[test]
fn what_an_older_interface_does_not_take_follows() {
    let Some(idl) = description("2.31") else { return };
    let translator = Translator::new(idl);
    let zero =
        Instruction::decode(&[&discriminator("initialize_perp_market")[..], &[0; 400]].concat()).unwrap();
    let Instruction::InitializePerpMarket(mut market) = zero else {
        panic!("{zero:?}")
    };
    (market.contract_tier, market.base_spread) = (ContractTier::B, 250);
    let key = |byte| Pubkey([byte; 32]);
    let accounts = InitializePerpMarketAccounts {
        admin: key(1),
        state: key(2),
        perp_market: key(3),
        oracle: key(4),
        rent: key(5),
        system_program: key(6),
    };
    let call = market.clone().call(accounts, []);
    let wires = translator.translate(&call).unwrap();
    let names: Vec<_> = wires.iter().map(|wire| wire.name.as_str()).collect();
    assert_eq!(
        names[..2],
        ["initialize_perp_market", "update_perp_market_contract_tier"]
    );
    assert_eq!(wires[1].data[8..], [1]);
    assert_eq!(
        wires[1].accounts.iter().map(|meta| meta.key).collect::<Vec<_>>(),
        [key(1), key(2), key(3)]
    );
    let spread = wires
        .iter()
        .find(|wire| wire.name == "update_perp_market_base_spread")
        .unwrap();
    assert_eq!(spread.data[8..], 250_u32.to_le_bytes());
    assert_eq!(
        translator.untold(&call).unwrap(),
        ["max_revenue_withdraw_per_period", "quote_max_insurance"]
    );
    market.contract_tier = ContractTier::HighlySpeculative;
    let refusal = translator.translate(&market.call(accounts, [])).unwrap_err();
    assert!(matches!(refusal, IdlError::Value { .. }));
    assert!(refusal.to_string().contains("Speculative, Isolated"), "{refusal}");
}

#[test]
fn older_accounts_keep_their_names() {
    let Some(idl) = description("2.31") else { return };
    let translator = Translator::new(idl);
    let mut data = Account::filled("User", &mut |_| None).unwrap().encode();
    // The status stands where 2.83 has it; the second variant is a liquidation under way.
    let Account::User(user) = Account::decode(DRIFT, &data) else {
        panic!()
    };
    let mut marked = user;
    marked.status = 1;
    let status = Account::User(marked.clone())
        .encode()
        .iter()
        .zip(&data)
        .position(|(a, b)| a != b)
        .unwrap();
    data[status] = 2;
    let Account::User(read) = translator.account(DRIFT, &data) else {
        panic!()
    };
    assert!(read.is(UserStatus::Bankrupt) && !read.is(UserStatus::BeingLiquidated));
    let mut market = Account::filled("PerpMarket", &mut |_| None).unwrap();
    let Account::PerpMarket(perp) = &mut market else {
        panic!()
    };
    perp.contract_tier = ContractTier::HighlySpeculative;
    // The fifth tier of 2.31 is the sixth of 2.83.
    let Account::PerpMarket(read) = translator.account(DRIFT, &market.encode()) else {
        panic!()
    };
    assert_eq!(read.contract_tier, ContractTier::Isolated);
}

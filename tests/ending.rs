//! The whole ending of an exchange, on a program in a bank and in the engine beside it.
#![cfg(feature = "bank")]

mod common;

use common::{argument, cached, harness, text};
use harness::event::{
    AddIfStake, AddLiquidity, DepositCollateral, Direction, Event, EventLog, InitIfStake, Kind, Liquidate,
    OpenPosition, OraclePrice, PerpOraclePrice, SpotOraclePrice, UpdateFundingRate, WithdrawCollateral,
};
use harness::experiment::{Existing, Experiment, MarketInit, SpotMarketInit};
use serde_json::{Value, json};
use std::path::Path;

const DOLLAR: u64 = 1_000_000;

/// The newest real program that is there, or the built-in one.
fn program() -> String {
    cached("2.83").map_or_else(
        || "builtin".to_owned(),
        |program| argument(&program.path).to_owned(),
    )
}

/// Replays `folder` to its end, which must go without a difference, and answers what is told of it.
fn ended(folder: &Path, results: &Path) -> Value {
    let program = program();
    let arguments = [
        "backtest",
        argument(folder),
        "--results",
        argument(results),
        "--program",
        &program,
    ];
    let done = harness(&arguments);
    let told = format!("{}{}", text(&done.stdout), text(&done.stderr));
    assert_eq!(done.status.code(), Some(0), "{told}");
    let name = folder.file_name().unwrap();
    let info = std::fs::read(results.join(name).join("trial_default/run_info.json")).unwrap();
    let info: Value = serde_json::from_slice(&info).unwrap();
    assert_eq!(info["engine"]["identical"], true, "{told}");
    assert_eq!(info["claims_left"], json!([]), "{told}");
    assert_eq!(info["broken"], json!([]), "{told}");
    assert_eq!(info["accounted"], true, "{told}");
    info
}

fn deposit(user_index: u32, spot_market_index: u16, dollars: u64, minted: u64) -> Kind {
    DepositCollateral {
        user_index,
        deposit_amount: dollars * DOLLAR,
        spot_market_index,
        mint_amount: minted * DOLLAR,
        username: "u".to_owned(),
    }
    .into()
}

fn open(user_index: u32, direction: Direction, dollars: u64) -> Kind {
    OpenPosition {
        user_index,
        direction,
        quote_amount: dollars * DOLLAR,
        market_index: 0,
    }
    .into()
}

fn dollars(price: f64) -> OraclePrice {
    OraclePrice::from_dollars(price).unwrap()
}

/// Traders on both sides, an LP, a borrower, a staker and a liquidator, through a crash of the perpetual's price and a
/// rise of what was borrowed.
fn crash() -> Experiment {
    let (conf, slot) = (OraclePrice::default(), 0);
    let mut events = vec![
        Event::new(0, deposit(0, 0, 10_000, 0)),
        Event::new(0, deposit(1, 0, 50_000, 0)),
        Event::new(0, deposit(2, 0, 20_000, 0)),
        Event::new(0, deposit(3, 0, 10_000, 0)),
        Event::new(0, deposit(4, 1, 1_000, 0)),
        Event::new(0, deposit(5, 0, 0, 2_000)),
        Event::new(0, deposit(6, 0, 100_000, 0)),
        Event::new(
            1,
            InitIfStake {
                user_index: 5,
                market_index: 0,
            },
        ),
        Event::new(
            2,
            AddIfStake {
                user_index: 5,
                market_index: 0,
                amount: 2_000 * DOLLAR,
            },
        ),
        Event::new(
            3,
            AddLiquidity {
                market_index: 0,
                user_index: 2,
                token_amount: 2_000_000_000_000,
            },
        ),
        Event::new(
            4,
            WithdrawCollateral {
                user_index: 3,
                spot_market_index: 1,
                withdraw_amount: 600 * DOLLAR,
                reduce_only: false,
                username: "u".to_owned(),
            },
        ),
        Event::new(5, open(0, Direction::Long, 35_000)),
        Event::new(6, open(1, Direction::Short, 25_000)),
    ];
    // A quarter at a time, so that no price is too volatile to be used.
    for (hour, price) in (1i64..).zip([16.0, 13.0, 11.0, 10.0]) {
        events.push(Event::new(
            3_600 * hour,
            PerpOraclePrice {
                market_index: 0,
                price: dollars(price),
                conf,
                slot,
                ..PerpOraclePrice::default()
            },
        ));
        events.push(Event::new(
            3_600 * hour + 1,
            UpdateFundingRate { market_index: 0 },
        ));
    }
    events.push(Event::new(
        18_000,
        SpotOraclePrice {
            market_index: 1,
            price: dollars(14.5),
            conf,
            slot,
            ..SpotOraclePrice::default()
        },
    ));
    for second in [18_001, 18_010] {
        events.push(Event::new(
            second,
            Liquidate {
                user_index: 6,
                target: None,
                max_quote: None,
                keep: None,
            },
        ));
    }
    Experiment {
        markets: vec![MarketInit::new(0, 50_000_000_000_000, 20_000_000).unwrap()],
        spot_markets: vec![SpotMarketInit::new(1, dollars(10.0))],
        log: EventLog {
            events,
            ..EventLog::default()
        },
        scenario: None,
    }
}

#[test]
fn a_crash_leaves_nobody_behind() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("crash");
    crash().write(&folder, Existing::Keep).unwrap();
    let info = ended(&folder, &place.path().join("results"));
    // It took more than the file's own events, and liquidations went through before them.
    assert!(info["unwinding_events"].as_u64() > Some(10), "{info}");
    let log = std::fs::read_to_string(place.path().join("results/crash/trial_default/report.md")).unwrap();
    assert!(log.contains("crash"));
}

/// A trial of a shipped sweep in which ten users share a billion dollars, and which LPs and positions outlast.
#[test]
fn a_billion_dollars_leave_luna() {
    let place = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("sweeps/luna_crash.yaml")).unwrap();
    let prices = root.join("sweeps/prices/crash.csv");
    let text = text
        .replace("unwind: true", "unwind: false")
        .replace("prices/crash.csv", argument(&prices));
    let spec = place.path().join("luna_crash.yaml");
    std::fs::write(&spec, text).unwrap();
    let folder = place.path().join("luna");
    let run = harness(&["run", argument(&spec), "--trial", "2", "--out", argument(&folder)]);
    assert!(run.status.success(), "{}", common::text(&run.stderr));
    let info = ended(&folder, &place.path().join("results"));
    let out = info["balance_sheets"][0]["wallets"].as_u64().unwrap();
    assert!(out > 1_000_000_000 * DOLLAR, "{out}");
}

/// drift-sim's folders, where they are beside the repository.
#[test]
fn drift_sims_experiments_end_with_nobody_left() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/experiments");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: there are no experiments beside the repository");
        return;
    };
    let place = tempfile::tempdir().unwrap();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            ended(&path, place.path());
        }
    }
}

//! The `backtest` and `program` commands.
#![cfg(feature = "bank")]

mod common;

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, RecordBatch};
use common::{argument, cached, harness, interface, text};
use harness::bank::RELEASES;
use harness::event::{
    ClosePosition, DepositCollateral, Direction, Event, Liquidate, OpenPosition, OraclePrice, PerpOraclePrice,
};
use harness::experiment::{Existing, Experiment, MarketInit};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// One trader who deposits 1,000 dollars, buys for `quote` (1e6), sees the price rise, and sells.
fn experiment(quote: u64) -> Experiment {
    let deposit = DepositCollateral {
        user_index: 0,
        deposit_amount: 1_000_000_000,
        spot_market_index: 0,
        mint_amount: 0,
        username: "trader".to_owned(),
    };
    let open = OpenPosition {
        user_index: 0,
        direction: Direction::Long,
        quote_amount: quote,
        market_index: 0,
    };
    let price = PerpOraclePrice {
        market_index: 0,
        price: OraclePrice::from_micros(1_510_000).unwrap(),
        conf: OraclePrice::default(),
        ..PerpOraclePrice::default()
    };
    let close = ClosePosition {
        user_index: 0,
        market_index: 0,
    };
    let log = harness::event::EventLog {
        events: vec![
            Event::new(0, deposit),
            Event::new(1, open),
            Event::new(2, price),
            Event::new(3, close),
        ],
        ..Default::default()
    };
    Experiment {
        markets: vec![MarketInit::new(0, 1_000_000_000_000_000, 1_500_000).unwrap()],
        spot_markets: Vec::new(),
        log,
        scenario: None,
    }
}

/// A small table, whole. It names the program, Drift 2.83, in its metadata.
fn table(path: &Path) -> RecordBatch {
    let file = std::fs::File::open(path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let metadata = reader.metadata().file_metadata().key_value_metadata().unwrap();
    let program = metadata.iter().find(|entry| entry.key == "program").unwrap();
    let sha256 = RELEASES[0].sha256;
    assert!(program.value.as_ref().is_some_and(|value| value.contains(sha256)));
    let mut reader = reader.build().unwrap();
    let rows = reader.next().unwrap().unwrap();
    assert!(reader.next().is_none());
    rows
}

fn run_info(results: &Path, trial: &str) -> Value {
    let path = results.join("one").join(trial).join("run_info.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn results_name_the_program_and_hold_every_write() {
    let Some(program) = cached("2.83") else { return };
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("one");
    let results = place.path().join("results");
    experiment(100_000_000).write(&folder, Existing::Keep).unwrap();
    let arguments = |trial| {
        [
            "backtest",
            folder.to_str().unwrap(),
            "--results",
            results.to_str().unwrap(),
            "--program",
            program.path.to_str().unwrap(),
            "--no-unwind",
            "--trial",
            trial,
        ]
    };
    let done = harness(&arguments("no_oracle_guards,spread_250"));
    assert_eq!(
        done.status.code(),
        Some(0),
        "{}{}",
        text(&done.stdout),
        text(&done.stderr)
    );
    assert!(text(&done.stdout).contains(RELEASES[0].sha256));

    let trial = "trial_no_oracle_guards_spread_250";
    let info = run_info(&results, trial);
    assert_eq!(info["program"]["sha256"], RELEASES[0].sha256);
    assert_eq!(info["program"]["version"], "2.83");
    assert_eq!(info["engine"]["identical"], true);
    // Two to open the user's accounts, a deposit, two trades.
    assert_eq!(info["instructions"], 5);
    assert_eq!(info["events"], 4);

    let folder = results.join("one").join(trial);
    for report in ["report.html", "report.md", "report.json", "divergence.parquet"] {
        assert!(folder.join(report).metadata().unwrap().len() > 0, "{report}");
    }
    let rows = |name: &str| table(&folder.join(name));
    let log = rows("ix_logs.parquet");
    let events = log["event"].as_primitive::<UInt64Type>();
    // What opened the exchange has no event.
    let sent: Vec<_> = events.iter().flatten().collect();
    assert_eq!(sent, [0, 0, 0, 1, 3]);
    assert!(log.num_rows() > sent.len());
    let names = log["instruction"].as_string::<i32>();
    let asked = log["arguments"].as_string::<i32>();
    let trade = (0..log.num_rows())
        .find(|row| names.value(*row) == "place_and_take_perp_order")
        .unwrap();
    let asked: Value = serde_json::from_str(asked.value(trade)).unwrap();
    assert_eq!(asked["params"]["market_index"], 0);
    assert!(log["ok"].as_boolean().value(trade));

    // Opened empty, then the deposit.
    let vault = rows("spot_vault_0.parquet");
    let amounts = vault["amount"].as_primitive::<UInt64Type>();
    assert_eq!(amounts.value(0), 0);
    assert_eq!(amounts.value(vault.num_rows() - 1), 1_000_000_000);
    // Opening, deposit, two trades.
    let user = rows("user_0.parquet");
    assert_eq!(
        user["event"]
            .as_primitive::<UInt64Type>()
            .iter()
            .flatten()
            .collect::<Vec<_>>(),
        [0, 0, 1, 3]
    );
    // One position after the first trade, and its base at 1.5 dollars.
    let positions = user["perp_positions"].as_list::<i32>().value(2);
    let position = positions.as_struct();
    assert_eq!(position.len(), 1);
    let base = position
        .column_by_name("base_asset_amount")
        .unwrap()
        .as_primitive::<Int64Type>()
        .value(0);
    assert!((66_000_000_000..67_000_000_000).contains(&base), "{base}");
    // The reserves of the first write, from the experiment, to the last digit.
    let market = rows("perp_market_0.parquet");
    assert_eq!(
        market["amm.base_asset_reserve"]
            .as_primitive::<Decimal128Type>()
            .value(0),
        1_000_000_000_000_000
    );
    let unit = market
        .schema()
        .field_with_name("amm.base_asset_reserve")
        .unwrap()
        .metadata()
        .clone();
    assert_eq!(unit["scale"], "1000000000");

    // Same run, same bytes, and the earlier results are replaced.
    let before = std::fs::read(folder.join("perp_market_0.parquet")).unwrap();
    assert_eq!(
        harness(&arguments("no_oracle_guards,spread_250")).status.code(),
        Some(0)
    );
    assert_eq!(
        std::fs::read(folder.join("perp_market_0.parquet")).unwrap(),
        before
    );
    let left: Vec<_> = std::fs::read_dir(results.join("one")).unwrap().collect();
    assert_eq!(left.len(), 1);
}

#[test]
fn a_refused_instruction_is_a_result() {
    let Some(_) = cached("2.83") else { return };
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("one");
    let results = place.path().join("results");
    // A thousandfold of the collateral.
    experiment(1_000_000_000_000)
        .write(&folder, Existing::Keep)
        .unwrap();
    let done = harness(&[
        "backtest",
        folder.to_str().unwrap(),
        "--results",
        results.to_str().unwrap(),
        "--no-unwind",
    ]);
    assert_eq!(
        done.status.code(),
        Some(0),
        "{}{}",
        text(&done.stdout),
        text(&done.stderr)
    );
    let info = run_info(&results, "trial_default");
    assert_eq!(
        info["instructions_refused"],
        serde_json::json!({"InsufficientCollateral": 1})
    );
    let log = table(&results.join("one/trial_default/ix_logs.parquet"));
    let refused: Vec<_> = log["error_code"]
        .as_primitive::<UInt32Type>()
        .iter()
        .flatten()
        .collect();
    assert_eq!(refused, [6003]);
    let line = log["log_line"]
        .as_string::<i32>()
        .iter()
        .flatten()
        .next()
        .unwrap()
        .to_owned();
    assert!(line.contains("InsufficientCollateral"), "{line}");
}

#[test]
fn another_release_is_spoken_to_by_its_own_interface() {
    let Some(older) = cached("2.31") else { return };
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("one");
    let results = place.path().join("results");
    experiment(100_000_000).write(&folder, Existing::Keep).unwrap();
    let mut arguments = vec!["backtest", argument(&folder), "--results", argument(&results)];
    arguments.extend(["--program", argument(&older.path)]);
    let done = harness(&arguments);
    assert_eq!(done.status.code(), Some(2));
    assert!(
        text(&done.stderr).contains("--idl FILE"),
        "{}",
        text(&done.stderr)
    );
    let Some(idl) = interface("2.31") else { return };
    arguments.extend(["--idl", argument(&idl)]);
    let done = harness(&arguments);
    let told = text(&done.stdout) + &text(&done.stderr);
    // A year made no difference to this trade, but for fields that the layouts do not share.
    assert_eq!(done.status.code(), Some(0), "{told}");
    assert!(told.contains(&older.sha256), "{told}");
    assert!(
        told.contains("but for fields that their layouts do not share"),
        "{told}"
    );
    let info = run_info(&results, "trial_default");
    assert_eq!(info["program"]["version"], "2.31");
    assert!(info["program"]["idl"].as_str().unwrap().ends_with("2.31.0"));
    assert_eq!(info["engine"]["identical"], true);
}

/// Of a user without an account nobody can carry it out.
fn liquidate(user_index: u32) -> Liquidate {
    Liquidate {
        user_index,
        target: None,
        max_quote: None,
        keep: None,
    }
}

#[test]
fn what_cannot_be_carried_out_is_refused_by_name_or_skipped() {
    let Some(_) = cached("2.83") else { return };
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("one");
    let results = place.path().join("results");
    let mut experiment = experiment(100_000_000);
    experiment.log.events.push(Event::new(4, liquidate(9)));
    experiment.write(&folder, Existing::Keep).unwrap();
    let arguments = [
        "backtest",
        folder.to_str().unwrap(),
        "--results",
        results.to_str().unwrap(),
        "--no-unwind",
    ];
    let refused = harness(&arguments);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        text(&refused.stderr).contains("liquidate"),
        "{}",
        text(&refused.stderr)
    );
    assert!(!results.join("one/trial_default").exists());

    let skipped = harness(&[&arguments[..], &["--keep-going"]].concat());
    assert_eq!(skipped.status.code(), Some(2));
    let info = run_info(&results, "trial_default");
    assert_eq!(info["events"], 4);
    assert_eq!(info["events_skipped"].as_array().unwrap().len(), 1);
}

#[test]
fn a_bad_line_is_named_or_skipped() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("one");
    let results = place.path().join("results");
    experiment(100_000_000).write(&folder, Existing::Keep).unwrap();
    let file = folder.join("events.csv");
    let mut lines = std::fs::read_to_string(&file).unwrap();
    lines.push_str("open_positoin,5,{}\n");
    lines.push_str("settle_lp,soon,{}\n");
    lines.push_str("settle_lp,6,\"{\"\"user_index\"\": 4, \"\"market_index\"\": 0}\"\n");
    std::fs::write(&file, lines).unwrap();
    let arguments = [
        "backtest",
        folder.to_str().unwrap(),
        "--results",
        results.to_str().unwrap(),
        "--program",
        "builtin",
        "--no-unwind",
    ];
    let refused = harness(&arguments);
    assert_eq!(refused.status.code(), Some(2));
    // A header and four events come first.
    let told = text(&refused.stderr);
    assert!(
        told.contains("events.csv:6: unknown event `open_positoin`, did you mean `open_position`?"),
        "{told}"
    );

    let skipped = harness(&[&arguments[..], &["--keep-going"]].concat());
    assert_eq!(skipped.status.code(), Some(2), "{}", text(&skipped.stderr));
    let info = run_info(&results, "trial_default");
    assert_eq!(info["events"], 4);
    let skipped = info["events_skipped"].as_array().unwrap();
    assert_eq!(skipped.len(), 3);
    for (reason, said) in skipped.iter().zip([
        ":6: ",
        ":7: timestamp",
        ":8: settle_lp at second 6: user 4 never deposited",
    ]) {
        assert!(reason.as_str().unwrap().contains(said), "{reason} has no {said}");
    }
}

#[test]
fn drift_sims_tables_are_written_on_request() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("one");
    let results = place.path().join("results");
    experiment(100_000_000).write(&folder, Existing::Keep).unwrap();
    let arguments = [
        "backtest",
        folder.to_str().unwrap(),
        "--results",
        results.to_str().unwrap(),
        "--program",
        "builtin",
        "--csv",
    ];
    assert_eq!(harness(&arguments).status.code(), Some(0));
    let folder = results.join("one/trial_default");
    let mut market = csv::Reader::from_path(folder.join("perp_market_0.csv")).unwrap();
    let header = market.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|found| found == name).unwrap();
    let first = market.records().next().unwrap().unwrap();
    // 1e15 at 1e9.
    assert_eq!(&first[at("market.amm.base_asset_reserve")], "1000000");
    assert_eq!(&first[at("market.amm.peg_multiplier")], "1.5");
    let log = std::fs::read_to_string(folder.join("ix_logs.csv")).unwrap();
    assert!(log.starts_with("slot,ix_name,ix_args,error,compute\n"), "{log}");
}

#[test]
fn two_experiments_of_a_name_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let folders = ["a", "b"].map(|parent| place.path().join(parent).join("one"));
    for folder in &folders {
        experiment(100_000_000).write(folder, Existing::Keep).unwrap();
    }
    let [first, second] = folders.each_ref().map(|folder| folder.to_str().unwrap());
    let done = harness(&["backtest", first, second, "--program", "builtin"]);
    assert_eq!(done.status.code(), Some(2));
    let told = text(&done.stderr);
    assert!(
        told.contains(first) && told.contains(second) && told.contains("--results"),
        "{told}"
    );
}

#[test]
fn what_is_left_has_a_reason() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("one");
    let results = place.path().join("results");
    experiment(100_000_000).write(&folder, Existing::Keep).unwrap();
    let arguments = |more: &[&str]| {
        let all = [
            "backtest",
            folder.to_str().unwrap(),
            "--results",
            results.to_str().unwrap(),
            "--program",
            "builtin",
        ];
        harness(&[&all[..], more].concat())
    };
    assert_eq!(arguments(&["--no-unwind"]).status.code(), Some(0));
    let left = run_info(&results, "trial_default")["claims_left"].clone();
    let left = left.as_array().unwrap();
    let deposit = left.iter().find(|claim| claim["what"] == "deposit").unwrap();
    assert_eq!(deposit["why"], "no withdraw_collateral was tried");
    // At the end nobody is kept.
    assert_eq!(arguments(&["--oracle-follows-trade"]).status.code(), Some(0));
    let info = run_info(&results, "trial_oracle_follows_trade");
    assert_eq!(info["claims_left"], serde_json::json!([]));
    let refused = arguments(&["--init-leverage", "0"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("leverage"));
}

#[test]
fn a_file_that_is_no_program_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("drift.so");
    std::fs::write(&file, b"\x7fELF and nothing more").unwrap();
    let file = file.to_str().unwrap();
    for arguments in [
        ["program", "inspect", file].as_slice(),
        &["backtest", ".", "--program", file],
    ] {
        let done = harness(arguments);
        assert_eq!(done.status.code(), Some(2));
        assert!(
            text(&done.stderr).contains("not a program"),
            "{}",
            text(&done.stderr)
        );
    }
}

#[test]
fn a_program_is_listed_and_inspected() {
    let Some(program) = cached("2.83") else { return };
    let listed = text(&harness(&["program", "list"]).stdout);
    assert!(listed.contains(&program.sha256), "{listed}");
    let inspected = text(&harness(&["program", "inspect", program.path.to_str().unwrap()]).stdout);
    for said in [program.sha256.as_str(), "4095064 bytes", "2.83", "version 0"] {
        assert!(inspected.contains(said), "{said} in {inspected}");
    }
    let count = drift::instruction::Instruction::NAMES.len();
    assert!(
        inspected.contains(&format!("{count} of the {count}")),
        "{inspected}"
    );
}

/// The command on a machine without any ELF.
fn without_elf(folder: &Path, results: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_harness"))
        .args([
            "backtest",
            folder.to_str().unwrap(),
            "--results",
            results.to_str().unwrap(),
        ])
        .env("XDG_CACHE_HOME", results)
        .output()
        .unwrap()
}

#[test]
fn without_an_elf_the_built_in_program_runs() {
    let place = tempfile::tempdir().unwrap();
    let (folder, results) = (place.path().join("one"), place.path().join("results"));
    experiment(100_000_000).write(&folder, Existing::Keep).unwrap();
    let done = without_elf(&folder, &results);
    let told = text(&done.stdout);
    assert_eq!(done.status.code(), Some(0), "{told}{}", text(&done.stderr));
    assert!(told.contains("program: built-in program (harness "), "{told}");
    assert!(
        told.contains("by construction: the program is the engine"),
        "{told}"
    );
    assert_eq!(text(&done.stderr), "");
    let info = run_info(&results, "trial_default");
    assert_eq!(info["program"]["kind"], "built-in");
    assert_eq!(info["engine"]["identical"], true);
    assert_eq!(info["accounted"], true);
}

/// The strategy changes the engine alone, and whoever reads the results is told.
#[test]
fn a_strategy_is_compared_with_the_deployed_rules() {
    let place = tempfile::tempdir().unwrap();
    let (folder, results) = (place.path().join("one"), place.path().join("results"));
    let yaml = "horizon: 60\nexchange: {strategy: pre_peg}\nperp_markets: []\nagents: {}\n";
    let experiment = Experiment {
        scenario: Some(yaml.to_owned()),
        ..experiment(100_000_000)
    };
    experiment.write(&folder, Existing::Keep).unwrap();
    let done = without_elf(&folder, &results);
    let told = text(&done.stdout);
    assert_eq!(done.status.code(), Some(1), "{told}{}", text(&done.stderr));
    assert!(told.contains("departure from the deployed program"), "{told}");
    assert!(!told.contains("by construction"), "{told}");
    let info = run_info(&results, "trial_default");
    assert_eq!(info["engine"]["departs_from_deployed_rules"], true);
    assert_eq!(info["engine"]["identical"], false);
}

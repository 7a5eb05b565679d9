//! `harness record`: what it writes has the form of other recordings, and `harness verify` finds no difference in it.
#![cfg(feature = "bank")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::bank::{Program, RELEASES, cached_programs};
use harness::event::{
    AddLiquidity, ClosePosition, DepositCollateral, Direction, Event, EventLog, Liquidate, OpenPosition,
    OraclePrice, PerpOraclePrice,
};
use harness::experiment::{Existing, Experiment, MarketInit};
use harness::path::PriceFiles;
use harness::scenario::Scenario;
use harness::sweep::{Overrides, Plan};
use harness::trial::{self, History};
use serde_json::Value;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn harness(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_harness"))
        .args(arguments)
        .output()
        .unwrap()
}

fn told(done: &Output) -> String {
    String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr)
}

/// The cached release of this place in the table.
fn cached(release: usize) -> Option<PathBuf> {
    let found = cached_programs()
        .iter()
        .filter_map(|path| Program::read(path).ok())
        .find(|program| program.release() == Some(&RELEASES[release]));
    if found.is_none() {
        println!("skipped: Drift {} is not in the cache", RELEASES[release].version);
    }
    found.map(|program| program.path)
}

/// A trader who deposits, is refused a trade of a thousandfold, buys, sees the price rise, and sells.
fn experiment() -> Experiment {
    let deposit = DepositCollateral {
        user_index: 0,
        deposit_amount: 1_000_000_000,
        spot_market_index: 0,
        mint_amount: 0,
        username: "trader".to_owned(),
    };
    let open = |quote_amount| OpenPosition {
        user_index: 0,
        direction: Direction::Long,
        quote_amount,
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
    let events = vec![
        Event::new(0, deposit),
        Event::new(1, open(1_000_000_000_000)),
        Event::new(2, open(100_000_000)),
        Event::new(3, price),
        Event::new(4, close),
    ];
    let log = EventLog {
        events,
        ..Default::default()
    };
    Experiment {
        markets: vec![MarketInit::new(0, 1_000_000_000_000_000, 1_500_000).unwrap()],
        spot_markets: Vec::new(),
        log,
        scenario: None,
    }
}

fn record(folders: &[&Path], out: &Path, more: &[&str]) -> Output {
    let mut arguments = vec!["record"];
    arguments.extend(folders.iter().map(|folder| folder.to_str().unwrap()));
    arguments.extend(["--out", out.to_str().unwrap()]);
    arguments.extend(more);
    harness(&arguments)
}

/// What `verify` counts in a recording: instructions in all, and those that differ.
fn verified(path: &Path) -> (u64, u64) {
    let done = harness(&["verify", "--format", "json", path.to_str().unwrap()]);
    let report: Value = serde_json::from_slice(&done.stdout).unwrap();
    let count = |name: &str| report[name].as_u64().unwrap();
    let (identical, differing) = (count("identical"), count("differing"));
    assert_eq!(count("unsupported"), 0);
    (identical + differing, differing)
}

/// The lines of a recording, and what its header says.
fn lines(path: &Path) -> (Vec<Value>, String) {
    let mut text = String::new();
    let mut reader = flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap());
    reader.read_to_string(&mut text).unwrap();
    let header = reader.header().unwrap();
    assert_eq!(header.mtime(), 0);
    let comment = String::from_utf8(header.comment().unwrap().to_vec()).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    (lines.collect(), comment)
}

#[test]
fn a_recording_tells_everything_of_every_instruction() {
    let Some(program) = cached(0) else { return };
    let place = tempfile::tempdir().unwrap();
    let (folder, out) = (place.path().join("one"), place.path().join("one.jsonl.gz"));
    experiment().write(&folder, Existing::Keep).unwrap();
    let more = ["--no-unwind", "--program", program.to_str().unwrap()];
    let done = record(&[&folder], &out, &more);
    assert_eq!(done.status.code(), Some(0), "{}", told(&done));
    assert!(told(&done).contains(RELEASES[0].sha256), "{}", told(&done));

    let (lines, comment) = lines(&out);
    assert!(
        comment.contains("2.83") && comment.contains(RELEASES[0].sha256),
        "{comment}"
    );
    let names: Vec<_> = lines
        .iter()
        .map(|line| line["instruction"].as_str().unwrap())
        .collect();
    assert_eq!(names[0], "initialize");
    let order = "place_and_take_perp_order";
    let end = [
        "initialize_user_stats",
        "initialize_user",
        "deposit",
        order,
        order,
        order,
    ];
    assert!(names.ends_with(&end), "{names:?}");

    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let common = [
        "instruction",
        "data",
        "slot",
        "unix_timestamp",
        "accounts",
        "ok",
        "compute_units",
    ];
    for line in &lines {
        let refused = line["ok"] == false;
        let more: &[&str] = if refused {
            &["error_code", "error", "log"]
        } else {
            &[]
        };
        assert_eq!(keys(line), [&common[..], more].concat());
        for account in line["accounts"].as_array().unwrap() {
            assert!(account.get("after").is_none() || (!refused && account.get("before").is_some()));
        }
    }
    let refused: Vec<_> = lines.iter().filter(|line| line["ok"] == false).collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0]["error_code"], 6003);
    assert_eq!(refused[0]["error"], "InsufficientCollateral");
    let log = refused[0]["log"].as_array().unwrap();
    assert_eq!(log.len(), 6);
    assert!(
        log[5]
            .as_str()
            .unwrap()
            .ends_with("failed: custom program error: 0x1773")
    );

    // The exchange's state: not there before, whole after; the administrator and the sysvar are not looked into.
    let accounts = lines[0]["accounts"].as_array().unwrap();
    assert_eq!(keys(&accounts[0]), ["key", "signer", "writable"]);
    assert_eq!(keys(&accounts[4]), ["key", "signer", "writable"]);
    assert_eq!(accounts[1]["before"], Value::Null);
    let data = accounts[1]["after"]["data"].as_str().unwrap();
    assert_eq!(STANDARD.decode(data).unwrap().len(), 992);
    // A price account as the program needs it.
    let pyth = "FsJ3A3u2vn5cTVofAjvy6y5kwABJAqYWpe4975bi2epH";
    let all = || lines.iter().flat_map(|line| line["accounts"].as_array().unwrap());
    let prices: Vec<_> = all()
        .filter(|account| account["before"]["owner"] == pyth)
        .map(|account| {
            STANDARD
                .decode(account["before"]["data"].as_str().unwrap())
                .unwrap()
                .len()
        })
        .collect();
    assert!(
        !prices.is_empty() && prices.iter().all(|size| *size == 3_312),
        "{prices:?}"
    );

    assert_eq!(verified(&out), (lines.len() as u64, 0));
}

#[test]
fn recordings_are_the_same_to_the_byte_and_replace_one_another_whole() {
    let Some(_) = cached(0) else { return };
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("one");
    experiment().write(&folder, Existing::Keep).unwrap();
    let (first, second) = (place.path().join("a.jsonl.gz"), place.path().join("b.jsonl.gz"));
    let trial = ["--trial", "no_oracle_guards,spread_250"];
    assert_eq!(record(&[&folder], &first, &trial).status.code(), Some(0));
    assert_eq!(record(&[&folder], &second, &trial).status.code(), Some(0));
    let bytes = std::fs::read(&first).unwrap();
    assert!(bytes == std::fs::read(&second).unwrap());
    assert_eq!(verified(&first).1, 0);
    // Unwinding adds instructions to those of the other test: profit and loss, and the withdrawal.
    let (all, _) = lines(&first);
    assert_eq!(all.last().unwrap()["instruction"], "withdraw");

    // Plain, and two sessions in one file.
    let plain = place.path().join("two.jsonl");
    assert_eq!(record(&[&folder, &folder], &plain, &trial).status.code(), Some(0));
    let text = std::fs::read_to_string(&plain).unwrap();
    assert_eq!(text.lines().count(), 2 * all.len());
    assert_eq!(verified(&plain), (2 * all.len() as u64, 0));

    // What cannot be carried out ends the recording, and leaves the file and the folder as they were.
    let mut broken = experiment();
    let nobody = Liquidate {
        user_index: 9,
        target: None,
        max_quote: None,
        keep: None,
    };
    broken.log.events.push(Event::new(9, nobody));
    let other = place.path().join("broken");
    broken.write(&other, Existing::Keep).unwrap();
    let before = std::fs::read_dir(place.path()).unwrap().count();
    let done = record(&[&folder, &other], &first, &trial);
    assert_eq!(done.status.code(), Some(2));
    assert!(told(&done).contains("liquidate"), "{}", told(&done));
    assert!(std::fs::read(&first).unwrap() == bytes);
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), before);
    let done = record(&[&other], &second, &[&trial[..], &["--keep-going"]].concat());
    assert_eq!(done.status.code(), Some(2));
    assert!(told(&done).contains("skipped"), "{}", told(&done));
    assert_eq!(lines(&second).0.len(), all.len());
}

#[test]
fn a_trial_of_ours_verifies_without_a_difference() {
    let Some(_) = cached(0) else { return };
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("sweeps/lp_bias.yaml");
    let plan = Plan::load::<Scenario>(&spec, &Overrides::default()).unwrap();
    let trial = plan.trial(0).unwrap();
    let scenario: Scenario = plan.scenario(trial.point).unwrap();
    let files = PriceFiles::new(&plan.scenario_folder);
    let mut history = History::default();
    trial::run(&scenario, plan.seed, trial.replicate.into(), &files, &mut history).unwrap();
    let mut log = EventLog {
        events: history.events,
        ..Default::default()
    };
    // The beginning of it, with everybody getting out afterwards.
    log.events.truncate(150);
    let place = tempfile::tempdir().unwrap();
    let (folder, out) = (place.path().join("trial"), place.path().join("trial.jsonl.gz"));
    let experiment = Experiment {
        markets: history.markets,
        spot_markets: history.spot_markets,
        log,
        scenario: Some(plan.scenario_yaml(trial.point).unwrap()),
    };
    experiment.write(&folder, Existing::Keep).unwrap();
    let done = record(&[&folder], &out, &[]);
    assert_eq!(done.status.code(), Some(0), "{}", told(&done));
    let (instructions, differing) = verified(&out);
    assert_eq!(differing, 0);
    assert!(instructions > 150, "{instructions}");
}

#[test]
fn another_release_is_recorded_as_what_it_is() {
    let Some(older) = cached(1) else { return };
    let place = tempfile::tempdir().unwrap();
    let (folder, out) = (place.path().join("one"), place.path().join("old.jsonl.gz"));
    let mut experiment = experiment();
    let shares = AddLiquidity {
        market_index: 0,
        user_index: 0,
        token_amount: 1_000_000_000,
    };
    experiment.log.events.push(Event::new(5, shares));
    experiment.write(&folder, Existing::Keep).unwrap();
    let done = record(&[&folder], &out, &["--program", older.to_str().unwrap()]);
    assert!(told(&done).contains(RELEASES[1].sha256), "{}", told(&done));
    if done.status.success() {
        let (_, comment) = lines(&out);
        assert!(
            comment.contains("2.31") && comment.contains(RELEASES[1].sha256),
            "{comment}"
        );
    } else {
        assert!(!out.exists());
    }
}

#[test]
fn without_a_program_nothing_is_recorded() {
    let place = tempfile::tempdir().unwrap();
    let (folder, out) = (place.path().join("one"), place.path().join("one.jsonl.gz"));
    experiment().write(&folder, Existing::Keep).unwrap();
    // None in the cache, and the engine itself, which would only attest what it is.
    for more in [[].as_slice(), &["--program", "builtin"]] {
        let done = Command::new(env!("CARGO_BIN_EXE_harness"))
            .args(["record", folder.to_str().unwrap(), "--out", out.to_str().unwrap()])
            .args(more)
            .env("XDG_CACHE_HOME", place.path())
            .output()
            .unwrap();
        assert_eq!(done.status.code(), Some(2));
        for said in ["only a real program", "--program FILE", "harness program fetch"] {
            assert!(told(&done).contains(said), "{}", told(&done));
        }
    }
    assert!(!out.exists());
}

#[test]
fn a_session_is_as_another_tool_recorded_it() {
    let Some(_) = cached(0) else { return };
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = shared.join("experiments/simple");
    let theirs = shared.join("fixtures/exp_simple.jsonl.gz");
    if !folder.exists() || !theirs.exists() {
        println!("skipped: {} is not there", shared.display());
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let ours = place.path().join("simple.jsonl.gz");
    let done = record(&[&folder], &ours, &["--trial", "no_oracle_guards", "--no-unwind"]);
    assert_eq!(done.status.code(), Some(0), "{}", told(&done));
    // What the users did; how the exchange was opened differs in order, and addresses differ throughout.
    let session = |path: &Path| {
        let mut text = String::new();
        let file = std::fs::File::open(path).unwrap();
        flate2::read::GzDecoder::new(file)
            .read_to_string(&mut text)
            .unwrap();
        let lines = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let users = lines.skip_while(|line| line["instruction"] != "initialize_user_stats");
        let told = users.map(|line| {
            let same = ["instruction", "data", "ok", "error_code", "error"];
            let log = line["log"].as_array().cloned().unwrap_or_default();
            let log = log
                .into_iter()
                .filter(|line| line.as_str().unwrap().contains("Program log:"));
            let kinds = line["accounts"].as_array().unwrap().iter();
            let kinds = kinds.map(|account| {
                let contents = ["before", "after"].map(|when| {
                    account.get(when).map(|found| {
                        let data = found["data"].as_str().map(|data| STANDARD.decode(data).unwrap());
                        data.map(|data| data.len())
                    })
                });
                (account["signer"] == true, contents)
            });
            (
                same.map(|name| line[name].clone()),
                log.collect::<Vec<_>>(),
                kinds.collect::<Vec<_>>(),
            )
        });
        told.collect::<Vec<_>>()
    };
    let (ours, theirs) = (session(&ours), session(&theirs));
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours, theirs);
    }
}

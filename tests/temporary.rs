//! Nothing stays in the system's temporary folder, however a command that starts a bank ends.
#![cfg(all(feature = "bank", unix))]

mod common;

use common::{argument, cached};
use harness::event::{DepositCollateral, Event, EventLog, OraclePrice, PerpOraclePrice};
use harness::experiment::{Existing, Experiment, MarketInit};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// A deposit, and then `prices` prices.
fn experiment(prices: u64, folder: &Path) {
    let deposit = DepositCollateral {
        user_index: 0,
        deposit_amount: 1_000_000_000,
        spot_market_index: 0,
        mint_amount: 0,
        username: "trader".to_owned(),
    };
    let price = |second: u64| {
        let price = PerpOraclePrice {
            market_index: 0,
            price: OraclePrice::from_micros(1_500_000 + second % 7).unwrap(),
            conf: OraclePrice::default(),
            ..PerpOraclePrice::default()
        };
        Event::new(second as i64, price)
    };
    let events = [Event::new(0, deposit)]
        .into_iter()
        .chain((1..=prices).map(price));
    let experiment = Experiment {
        markets: vec![MarketInit::new(0, 1_000_000_000_000_000, 1_500_000).unwrap()],
        spot_markets: Vec::new(),
        log: EventLog {
            events: events.collect(),
            ..Default::default()
        },
        scenario: None,
    };
    experiment.write(folder, Existing::Keep).unwrap();
}

/// An empty temporary folder, and an empty cache.
struct Place {
    top: TempDir,
}

impl Place {
    fn new() -> Self {
        let top = tempfile::tempdir().unwrap();
        for name in ["temporary", "cache"] {
            std::fs::create_dir(top.path().join(name)).unwrap();
        }
        Self { top }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.top.path().join(name)
    }

    fn start(&self, arguments: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_harness"))
            .args(arguments)
            .env("TMPDIR", self.path("temporary"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .current_dir(self.top.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn backtest(&self, program: &str) -> Child {
        let (experiment, results) = (self.path("experiment"), self.path("results"));
        let named = [
            argument(&experiment),
            "--program",
            program,
            "--results",
            argument(&results),
        ];
        self.start(&[&["backtest"], &named[..]].concat())
    }

    /// What is in the system's temporary folder, and what this crate has put for a while into the cache.
    fn left(&self) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let folders = |within: PathBuf| {
            let all = std::fs::read_dir(within).into_iter().flatten();
            let paths = all.map(|entry| entry.unwrap().path());
            paths.filter(|path| path.is_dir()).collect::<Vec<_>>()
        };
        let temporary = std::fs::read_dir(self.path("temporary")).unwrap();
        let temporary = temporary.map(|entry| entry.unwrap().path()).collect();
        (temporary, folders(self.path("cache/harness/runtime")))
    }
}

/// The built-in program, and a Drift ELF where there is one.
fn programs() -> Vec<String> {
    let real = cached("2.83").map(|program| argument(&program.path).to_owned());
    ["builtin".to_owned()].into_iter().chain(real).collect()
}

#[test]
fn a_replay_leaves_nothing() {
    for program in programs() {
        let place = Place::new();
        experiment(3, &place.path("experiment"));
        assert_eq!(
            place.backtest(&program).wait().unwrap().code(),
            Some(0),
            "{program}"
        );
        assert_eq!(place.left(), (vec![], vec![]), "{program}");
    }
}

#[test]
fn an_interrupted_replay_leaves_nothing_that_the_next_does_not_remove() {
    for (program, signal) in programs().iter().zip(["INT", "TERM"]) {
        let place = Place::new();
        experiment(200_000, &place.path("experiment"));
        // From the first moments, when the bank is being made, to its work.
        for pause in [1, 5, 10, 15, 20, 30, 45, 70, 120, 400] {
            let mut child = place.backtest(program);
            std::thread::sleep(Duration::from_millis(pause));
            let number = child.id().to_string();
            let kill = Command::new("kill").args(["-s", signal, &number]).status();
            assert!(kill.unwrap().success(), "{program} had ended before {pause} ms");
            assert!(!child.wait().unwrap().success());
            let (temporary, _) = place.left();
            assert_eq!(temporary, Vec::<PathBuf>::new(), "{program}, {pause} ms");
        }
        let mut child = place.backtest(program);
        std::thread::sleep(Duration::from_millis(300));
        child.kill().unwrap();
        child.wait().unwrap();
        std::fs::remove_dir_all(place.path("experiment")).unwrap();
        experiment(3, &place.path("experiment"));
        assert_eq!(place.backtest(program).wait().unwrap().code(), Some(0));
        assert_eq!(place.left(), (vec![], vec![]), "{program}");
    }
}

#[test]
fn a_program_is_looked_into_without_a_trace() {
    let Some(program) = cached("2.83") else { return };
    let place = Place::new();
    let done = place
        .start(&["program", "inspect", argument(&program.path)])
        .wait()
        .unwrap();
    assert_eq!(done.code(), Some(0));
    assert_eq!(place.left(), (vec![], vec![]));
}

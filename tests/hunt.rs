//! `harness hunt`: a fault is found, made short, and shown again; nothing is found where there is none.
#![cfg(feature = "bank")]

use drift::engine::{BeforeTrade, Switches};
use harness::backtest::ProgramUnderTest;
use harness::bank::{Deployed, Program, RELEASES, cached_programs};
use harness::hunt::{Found, Runs, Search, Searched, Session, play, search};
use harness::verify::{Fixtures, Verdict, check};
use std::path::Path;
use std::process::{Command, Output};

fn sessions(count: u64, seed: u64) -> Search {
    Search {
        seed,
        sessions: Some(count),
        time: None,
        keep_going: false,
    }
}

fn run(what: &Search, left: &Runs, right: &Runs) -> (Searched, Vec<Found>) {
    let mut found = Vec::new();
    let searched = search(what, left, right, |_| true, |finding| found.push(finding));
    (searched, found)
}

fn engine() -> Runs {
    Runs::Engine(Switches::default())
}

/// An engine with another rule for the curve before a trade.
fn faulty() -> Runs {
    Runs::Engine(Switches {
        before_trade: BeforeTrade::PrePeg,
        ..Switches::default()
    })
}

/// The real program, where it is in the cache.
fn real() -> Option<Runs> {
    let mut programs = cached_programs()
        .into_iter()
        .filter_map(|path| Program::read(&path).ok());
    let found = programs.find(|program| program.release() == Some(&RELEASES[0]));
    if found.is_none() {
        println!("skipped: Drift {} is not in the cache", RELEASES[0].version);
    }
    found.map(|program| Runs::Program(ProgramUnderTest::by_heart(program)))
}

fn harness(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_harness"))
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn a_search_follows_from_its_seed() {
    let all = |seed| {
        let (done, found) = run(&sessions(20, seed), &engine(), &engine());
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(done.sessions, 20);
        (done.compared, done.coverage.reached)
    };
    let first = all(5);
    assert_eq!(first, all(5));
    assert_ne!(first, all(6));
}

#[test]
fn a_fault_is_found_and_made_short() {
    let (searched, found) = run(&sessions(60, 1), &engine(), &faulty());
    let [found] = &found[..] else {
        panic!("{} found in {} sessions", found.len(), searched.sessions)
    };
    let difference = found.difference.as_ref().unwrap();
    // It is in trades alone, and a trade is what is left at the end.
    assert_eq!(difference.call.instruction.name(), "place_and_take_perp_order");
    assert_eq!(
        found.session.actions.last().unwrap().what,
        "place_and_take_perp_order"
    );
    assert!(found.session.actions.len() < found.of_actions, "{found:?}");
    let signature = |session: &Session| play(session, &engine(), &faulty()).signature();
    assert_eq!(signature(&found.session), Some(difference.signature()));
    // Nothing can be left out.
    for place in 0..found.session.actions.len() {
        let mut shorter = found.session.clone();
        shorter.actions.remove(place);
        assert_ne!(
            signature(&shorter),
            Some(difference.signature()),
            "without action {place}"
        );
    }
}

#[test]
fn what_is_found_can_be_shown_again() {
    let Some(real) = real() else { return };
    let out = tempfile::tempdir().unwrap();
    let (_, found) = run(&sessions(60, 1), &real, &faulty());
    let folder = found[0].write(out.path(), &real, &faulty()).unwrap();
    let session = Session::read(&folder.join("session.json")).unwrap();
    assert_eq!(session, found[0].session);
    // The fault is not in the engine as it is: the program and it agree on what was recorded.
    let lines: Vec<_> = Fixtures::open(&folder.join("fixture.jsonl")).unwrap().collect();
    assert_eq!(lines.len(), 1);
    let (_, fixture) = lines[0].as_ref().unwrap();
    assert_eq!(fixture.instruction, "place_and_take_perp_order");
    assert_eq!(check(fixture), Verdict::Identical);
    let told = harness(&["hunt", "--replay", folder.join("session.json").to_str().unwrap()]);
    assert_eq!(
        told.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
    let next = found[0].write(out.path(), &real, &faulty()).unwrap();
    assert_ne!(next, folder);
}

#[test]
fn the_engine_is_the_program() {
    let Some(real) = real() else { return };
    let (searched, found) = run(&sessions(40, 11), &real, &engine());
    assert!(found.is_empty(), "{found:?}");
    assert!(searched.compared > 1_000, "{}", searched.compared);
}

#[test]
fn the_command_says_by_its_status_whether_something_was_found() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().to_str().unwrap();
    let quiet = harness(&[
        "hunt",
        "--program",
        "builtin",
        "--sessions",
        "2",
        "--out",
        folder,
        "--format",
        "json",
    ]);
    assert_eq!(
        quiet.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&quiet.stderr)
    );
    let told: serde_json::Value = serde_json::from_slice(&quiet.stdout).unwrap();
    let kept = std::fs::read_to_string(out.path().join("hunt.json")).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&kept).unwrap(), told);
    assert_eq!((&told["sessions"], &told["found"]), (&2.into(), &0.into()));
    let unknown = harness(&["hunt", "--program", "no/such/file.so"]);
    assert_eq!(unknown.status.code(), Some(2));
    let session = Path::new(folder).join("session.json");
    std::fs::write(&session, "{}").unwrap();
    let odd = harness(&[
        "hunt",
        "--program",
        "builtin",
        "--replay",
        session.to_str().unwrap(),
    ]);
    assert_eq!(odd.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&odd.stderr).contains("not a session"));
}

#[test]
fn two_programs_can_be_compared() {
    let Some(real) = real() else { return };
    let built_in = Runs::Program(ProgramUnderTest::by_heart(Deployed::BuiltIn));
    let (_, found) = run(&sessions(5, 3), &real, &built_in);
    assert!(found.is_empty(), "{found:?}");
}

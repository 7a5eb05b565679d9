//! One program against another, each by its own interface. The ELFs and descriptions are no part of the repository; where
//! one is not found, the test says so and passes.
#![cfg(feature = "bank")]

mod common;

use drift::engine::Switches;
use harness::backtest::{ProgramUnderTest, Replay, SideBySide, genesis, side_by_side};
use harness::bank::Deployed;
use harness::divergence::{Compared, Finding, Kind, Outcomes, Severity};
use harness::event::{
    ClosePosition, DepositCollateral, Direction, Event, EventLog, OpenPosition, OraclePrice, PerpOraclePrice,
};
use harness::experiment::{Experiment, MarketInit};
use std::collections::BTreeMap;

const DOLLAR: u64 = 1_000_000;

/// The release `version`, where it is in the cache.
fn cached(version: &str) -> Option<Deployed> {
    common::cached(version).map(Deployed::Elf)
}

/// The program with the interface that its own description gives it.
fn speaking(version: &str) -> Option<ProgramUnderTest> {
    let (program, idl) = (cached(version)?, common::interface(version)?);
    Some(ProgramUnderTest::speaking(program, &idl).unwrap())
}

/// Two traders while the price falls by two fifths.
fn crash() -> Experiment {
    let deposit = |user_index: u32| DepositCollateral {
        user_index,
        deposit_amount: 10_000 * DOLLAR,
        spot_market_index: 0,
        mint_amount: 0,
        username: format!("user{user_index}"),
    };
    let mut events = vec![Event::new(0, deposit(0)), Event::new(0, deposit(1))];
    for step in 0..12_u64 {
        let price = PerpOraclePrice {
            market_index: 0,
            price: OraclePrice::from_micros(20 * DOLLAR - step * 700_000).unwrap(),
            conf: OraclePrice::default(),
            ..PerpOraclePrice::default()
        };
        let open = OpenPosition {
            user_index: (step % 2) as u32,
            direction: if step % 3 == 0 {
                Direction::Long
            } else {
                Direction::Short
            },
            quote_amount: 400 * DOLLAR,
            market_index: 0,
        };
        let second = 60 * (step as i64 + 1);
        events.extend([Event::new(second, price), Event::new(second + 30, open)]);
    }
    events.push(Event::new(
        900,
        ClosePosition {
            user_index: 0,
            market_index: 0,
        },
    ));
    let log = EventLog {
        events,
        ..EventLog::default()
    };
    Experiment {
        markets: vec![MarketInit::new(0, 1_000_000_000_000_000, 20_000_000).unwrap()],
        spot_markets: Vec::new(),
        log,
        scenario: None,
    }
}

fn fight(left: &ProgramUnderTest, right: &ProgramUnderTest) -> SideBySide {
    let experiment = crash();
    let genesis = genesis(&experiment, &["no_oracle_guards".parse().unwrap()]).unwrap();
    side_by_side(&genesis, &experiment.log.events, false, left, right).unwrap()
}

#[test]
fn a_program_spoken_to_by_its_interface_is_the_same_program() {
    let (Some(program), Some(translated)) = (cached("2.83"), speaking("2.83")) else {
        return;
    };
    let done = fight(&ProgramUnderTest::by_heart(program), &translated);
    let told: Vec<_> = done.compared.findings.iter().map(Finding::statement).collect();
    // The program that calls itself 2.83 has two fields more than that release's interface: it is a build of 2.84.
    let newer = ["max_token_borrows_fraction: ", "min_borrow_rate: "];
    assert_eq!(told.len(), newer.len(), "{told:#?}");
    for (told, newer) in told.iter().zip(newer) {
        assert!(told.starts_with(newer), "{told}");
    }
    assert_eq!(done.skipped, []);
    assert_eq!(done.compared.counts.left, done.compared.counts.right);
    assert!(done.compared.counts.left["place_and_take_perp_order"].accepted > 5);
}

#[test]
fn the_built_in_program_is_no_other() {
    let Some(program) = cached("2.83") else { return };
    let done = fight(
        &ProgramUnderTest::by_heart(program.clone()),
        &ProgramUnderTest::by_heart(Deployed::BuiltIn),
    );
    let told: Vec<_> = done.compared.findings.iter().map(Finding::statement).collect();
    assert!(told.is_empty(), "{told:#?}");
}

#[test]
fn the_engine_is_the_program() {
    let Some(program) = cached("2.83") else { return };
    let experiment = crash();
    let genesis = genesis(&experiment, &["no_oracle_guards".parse().unwrap()]).unwrap();
    let mut replay = Replay::open(
        &genesis,
        &ProgramUnderTest::by_heart(program),
        Switches::default(),
    )
    .unwrap();
    for event in &experiment.log.events {
        replay.step(event).unwrap();
    }
    let Compared { counts, findings, .. } = replay.take_compared();
    let told: Vec<_> = findings.iter().map(Finding::statement).collect();
    assert!(told.is_empty(), "{told:#?}");
    // Nobody counts compute units in the engine; refusals are counted alike.
    let trades = "place_and_take_perp_order";
    assert_eq!(counts.left[trades].refused, counts.right[trades].refused);
    assert_eq!(
        (counts.left[trades].counted, counts.right[trades].counted),
        (0, 13)
    );
}

#[test]
fn a_market_that_an_older_program_cannot_have_is_refused_with_the_reason() {
    let Some(older) = speaking("2.31") else { return };
    let mut experiment = crash();
    // HighlySpeculative, which came after 2.31.
    experiment.markets[0].rules.contract_tier = 4;
    let genesis = genesis(&experiment, &[]).unwrap();
    let refusal = Replay::open(&genesis, &older, Switches::default())
        .err()
        .unwrap()
        .to_string();
    assert!(refusal.contains("`contract_tier`"), "{refusal}");
    assert!(refusal.contains("Speculative, Isolated"), "{refusal}");
}

#[test]
fn a_year_of_releases_shows() {
    let (Some(older), Some(newer)) = (speaking("2.31"), cached("2.83")) else {
        return;
    };
    let done = fight(&older, &ProgramUnderTest::by_heart(newer));
    assert_eq!(done.skipped, []);
    let trades = |side: &BTreeMap<String, Outcomes>| side["place_and_take_perp_order"].clone();
    let (older, newer) = (
        trades(&done.compared.counts.left),
        trades(&done.compared.counts.right),
    );
    assert_eq!(older.refused, BTreeMap::new());
    let reasons: Vec<_> = newer.refused.keys().map(String::as_str).collect();
    assert_eq!(reasons, ["PriceBandsBreached"]);
    // The set-up is the same but for what one of them has no field for, and nothing else differs until the first refusal.
    let (layout, rest): (Vec<_>, Vec<_>) = done
        .compared
        .findings
        .iter()
        .partition(|it| it.kind == Kind::Layout);
    assert!(
        layout
            .iter()
            .any(|it| it.field == "perp_positions.*.per_lp_base" && it.left.is_none())
    );
    assert!(layout.iter().all(|it| it.severity == Severity::Info));
    let causes: Vec<_> = rest.iter().filter(|it| it.cause.is_none()).collect();
    let told: Vec<_> = causes.iter().map(|it| it.statement()).collect();
    assert_eq!(
        told,
        ["outcome: accepted against refused: PriceBandsBreached (6023)"]
    );
    assert_eq!(
        (causes[0].kind, causes[0].severity),
        (Kind::OracleOrGuardRail, Severity::Critical)
    );
    assert_eq!(causes[0].occurrences, newer.refused["PriceBandsBreached"]);
    let log = causes[0]
        .right_refused
        .as_ref()
        .and_then(|refused| refused.log.as_deref());
    assert!(
        log.is_some_and(|line| line.contains("PriceBandsBreached")),
        "{log:?}"
    );
    // The market follows: its net position is another from then on.
    let position = rest
        .iter()
        .find(|it| it.field == "amm.base_asset_amount_with_amm")
        .unwrap();
    assert_eq!(position.cause, Some(causes[0].id));
    assert_eq!(position.first.event, causes[0].first.event);
}

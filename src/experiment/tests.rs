use std::fs;
use std::path::PathBuf;

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::event::{ClosePosition, Event, Kind, OraclePrice, Portion, RemoveLiquidity};

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

const MARKET: &str =
    r#"[{"base_asset_reserve": "1000000000000000", "peg_multiplier": 2431709, "funding_period": 60}]"#;
const NO_EVENTS: &str = "event_name,timestamp,parameters\n";

/// The message without the folder's changing name.
fn refusal(files: &[(&str, &str)]) -> String {
    let dir = folder(files);
    let message = Experiment::read(dir.path()).unwrap_err().to_string();
    message.replace(&format!("{}/", dir.path().display()), "")
}

#[test]
fn a_folder_of_drift_sim_is_read() {
    let dir = folder(&[
        (MARKETS, MARKET),
        (SPOT_MARKETS, r#"[{"init_price": 1}, {"init_price": 20.5}]"#),
        (
            EVENTS,
            "event_name,timestamp,parameters\nclose_position,9.0,\"{\"\"market_index\"\": 0, \"\"user_index\"\": 2}\"\n",
        ),
        (HISTORY, "whatever\n"),
    ]);
    let read = Experiment::read(dir.path()).unwrap();
    let mut market = MarketInit::new(0, 1_000_000_000_000_000, 2_431_709).unwrap();
    market.funding_period = 60;
    assert_eq!(read.markets, [market]);
    let price = |micros| OraclePrice::from_micros(micros).unwrap();
    assert_eq!(
        read.spot_markets,
        [
            SpotMarketInit::new(1, price(1_000_000)),
            SpotMarketInit::new(2, price(20_500_000))
        ]
    );
    assert_eq!(
        read.log.events,
        [Event::new(
            9,
            ClosePosition {
                user_index: 2,
                market_index: 0
            }
        )]
    );
    assert_eq!(read.scenario, None);
}

#[test]
fn an_older_folder_has_no_spot_markets() {
    let dir = folder(&[(MARKETS, MARKET), (EVENTS, NO_EVENTS)]);
    assert_eq!(Experiment::read(dir.path()).unwrap().spot_markets, []);
}

#[test]
fn a_bad_folder_says_which_file_and_why() {
    assert_snapshot!(refusal(&[(EVENTS, NO_EVENTS)]), @"markets_json.csv: No such file or directory (os error 2)");
    assert_snapshot!(refusal(&[(MARKETS, MARKET)]), @"events.csv: cannot open: No such file or directory (os error 2)");
    assert_snapshot!(refusal(&[(MARKETS, "[]"), (EVENTS, NO_EVENTS)]), @"markets_json.csv: no markets");
    assert_snapshot!(refusal(&[(MARKETS, "{}"), (EVENTS, NO_EVENTS)]), @"markets_json.csv: not a JSON array of markets: invalid type: map, expected a sequence at line 1 column 0");
    assert_snapshot!(refusal(&[(MARKETS, "[{\n]"), (EVENTS, NO_EVENTS)]), @"markets_json.csv: not a JSON array of markets: key must be a string at line 2 column 1");
    assert_snapshot!(refusal(&[(MARKETS, r#"[{"peg_multipler": 1, "base_asset_reserve": 1}]"#), (EVENTS, NO_EVENTS)]), @"markets_json.csv: market 0: `perp market` needs `peg_multiplier`, found `peg_multipler`");
    assert_snapshot!(refusal(&[(MARKETS, MARKET), (SPOT_MARKETS, "[{}]"), (EVENTS, NO_EVENTS)]), @"spot_markets_json.csv: market 0: `spot market` needs `init_price`");
    assert_snapshot!(refusal(&[(MARKETS, MARKET), (EVENTS, "event_name,timestamp,parameters\nrepg,1,{}\n")]), @"events.csv:2: unknown event `repg`, did you mean `repeg`?");
}

fn perp(market_index: u16) -> impl Strategy<Value = MarketInit> {
    let rules = any::<(u8, u32, u32, u128, u64, u128)>();
    (
        1..=100_000_000_000_000_000_u128,
        1..=u128::from(u64::MAX / 20),
        0..=i64::MAX,
        any::<u32>(),
        ".*",
        rules,
    )
        .prop_map(
            move |(reserve, peg, funding_period, base_spread, strategies, rules)| MarketInit {
                market_index,
                reserve,
                peg_multiplier: peg,
                funding_period,
                base_spread,
                strategies,
                oracle_price: OraclePrice::from_mantissa(rules.4 >> 1).unwrap(),
                rules: PerpRules {
                    contract_tier: rules.0,
                    margin_ratio_initial: rules.1,
                    max_spread: rules.2,
                    max_open_interest: rules.3,
                    order_step_size: rules.4,
                    concentration_coef_scale: rules.5,
                    ..PerpRules::default()
                },
            },
        )
}

fn spot(market_index: u16) -> impl Strategy<Value = SpotMarketInit> {
    (0..=i64::MAX as u64, any::<(u32, u8, u64)>()).prop_map(move |(price, (rate, tier, threshold))| {
        SpotMarketInit {
            market_index,
            oracle_price: OraclePrice::from_mantissa(price).unwrap(),
            rules: SpotRules {
                max_borrow_rate: rate,
                asset_tier: tier,
                withdraw_guard_threshold: threshold,
                ..SpotRules::quote()
            },
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_written_is_read_back(
        markets in (perp(0), perp(1)),
        spot_markets in (spot(1), spot(2)),
        shares in any::<u64>(),
        scenario in proptest::option::of(".*"),
    ) {
        let remove = RemoveLiquidity { market_index: 1, user_index: 3, lp_token_amount: Portion::Exactly(shares) };
        let written = Experiment {
            markets: vec![markets.0, markets.1],
            spot_markets: vec![spot_markets.0, spot_markets.1],
            // The line after the header.
            log: EventLog { events: vec![Event::new(5, remove)], lines: vec![2], ..EventLog::default() },
            scenario,
        };
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("deep/trial");
        written.write(&place, Existing::Keep).unwrap();
        prop_assert_eq!(Experiment::read(&place).unwrap(), written);
    }

    #[test]
    fn no_text_makes_it_panic(markets in ".*", spot in ".*", value in ".*") {
        let named = format!("[{{\"base_asset_reserve\": {value}, \"peg_multiplier\": {value}, \"rules\": {value}}}]");
        for markets in [markets, named] {
            let dir = folder(&[(MARKETS, &markets), (SPOT_MARKETS, &spot), (EVENTS, NO_EVENTS)]);
            let _ = Experiment::read(dir.path());
        }
    }
}

/// drift-sim's experiments, where this repository stands beside them.
fn shared() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .skip(1)
        .map(|above| above.join("shared/experiments"))
        .find(|folder| folder.is_dir())
}

#[test]
fn drift_sims_own_experiments_are_read() {
    let Some(shared) = shared() else {
        eprintln!("skipped: no shared/experiments beside the repository");
        return;
    };
    let mut folders = 0;
    let mut seen = std::collections::BTreeMap::new();
    for entry in fs::read_dir(shared).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        let read = Experiment::read(&folder).unwrap();
        folders += 1;
        let rows = fs::read_to_string(folder.join(EVENTS)).unwrap().lines().count() - 1;
        assert_eq!(read.log.events.len(), rows, "{}", folder.display());
        assert_eq!(read.log.unread, [], "{}", folder.display());
        for event in &read.log.events {
            *seen.entry(event.kind.name()).or_insert(0) += 1;
        }
        let dir = tempfile::tempdir().unwrap();
        let again = dir.path().join("again");
        read.write(&again, Existing::Keep).unwrap();
        assert_eq!(Experiment::read(&again).unwrap(), read, "{}", folder.display());
        if folder.ends_with("multi_markets") {
            let expected = [(367_621_000_000_000, 9_267_378), (3_676_000_000_000, 1_000_000)];
            let found: Vec<_> = read
                .markets
                .iter()
                .map(|m| (m.reserve, m.peg_multiplier))
                .collect();
            assert_eq!(found, expected);
        }
        if folder.ends_with("add_open_remove_close") {
            let last = read.log.events.last().unwrap();
            assert_eq!(last.timestamp, 10_000_000_000_229);
            assert_eq!(
                last.kind,
                Kind::from(ClosePosition {
                    user_index: 2,
                    market_index: 0
                })
            );
        }
    }
    assert!(folders >= 9, "{folders} folders");
    // Counted in the files with other tools; `oracle_price` and `perp_oracle_price` are one kind.
    assert_eq!(seen["perp_oracle_price"], 149 + 25);
    assert_eq!(seen["deposit_collateral"], 76);
    assert_eq!(seen["update_k"], 10);
}

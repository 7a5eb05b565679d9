//! Whole trials: by hand where arithmetic reaches, by what must hold where it does not.

use super::{History, Metric, Metrics, Moment, Observer, Series, Silent, run};
use crate::event::{Event, Kind};
use crate::path::{PriceFiles, PricePath};
use crate::scenario::{Prepared, Scenario};
use crate::world::Executed;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn scenario(value: Value) -> Scenario {
    let scenario: Scenario = serde_json::from_value(value).unwrap();
    scenario.validate().unwrap();
    scenario
}

fn finish<O: Observer>(scenario: &Scenario, replicate: u64, observer: &mut O) -> Metrics {
    run(scenario, 11, replicate, &PriceFiles::new(""), observer).unwrap()
}

/// A metric as a number.
fn number(metrics: &Metrics, name: &str) -> f64 {
    let found = metrics.values.iter().find(|(info, _)| info.name == name);
    match found.unwrap_or_else(|| panic!("no `{name}`")).1 {
        Metric::Count(value) => value as f64,
        Metric::Signed(value) => value as f64,
        Metric::Float(value) => value,
        Metric::Flag(value) => f64::from(u8::from(value)),
        Metric::Codes(_) => panic!("`{name}` is not a number"),
    }
}

/// Dollars to the last millionth.
fn micros(metrics: &Metrics, name: &str) -> i64 {
    (number(metrics, name) * 1e6).round() as i64
}

/// One market at a constant twenty dollars, a million units deep, without spread.
fn calm(agents: Value) -> Scenario {
    scenario(json!({
        "horizon": 1000,
        "perp_markets": [{"name": "SOL", "oracle": {"constant": {"price": 20}}, "base_reserve": 1_000_000}],
        "agents": agents,
        "unwind": true,
    }))
}

/// Everybody at once, in two markets that move: wildly, or so little that the program lets every position be closed.
fn busy(unwind: bool) -> Scenario {
    let walk = if unwind {
        json!({"geometric_brownian_motion": {"start_price": 30, "volatility_per_year": 2}})
    } else {
        json!({"heteroskedastic_walk": {"prices": 300}})
    };
    scenario(json!({
        "horizon": 1500,
        "unwind": unwind,
        "exchange": {"guard_rails": "wide"},
        "perp_markets": [
            {"name": "A", "oracle": walk, "base_reserve": 50_000, "base_spread": 500, "curve_update_intensity": 100},
            {"name": "B", "oracle": walk, "base_reserve": 367_621, "funding_period": 60},
        ],
        "agents": {
            "traders": {"kind": "multiple", "users": 3, "count": 5, "of": {"kind": "open_close", "leverage": 2}},
            "lps": {"kind": "multiple", "users": 2, "count": 5, "of": {"kind": "add_remove_liquidity"}},
            "others": {"kind": "open_close", "users": 5, "market": 1},
            "arbs": {"kind": "arb", "every": 30, "max_size": 100},
            "hourly": {"kind": "arb_funding"},
            "noise": {"kind": "noise", "market": 1, "short_bias": 0.5},
            "settle_pnl": {"kind": "settle_pnl", "users_of": "traders"},
            "settle_lp": {"kind": "settle_lp", "users_of": "lps"},
        },
    }))
}

#[test]
fn a_round_trip_costs_two_fees_to_the_last_unit() {
    let metrics = finish(
        &calm(json!({"trader": {
            "kind": "open_close", "short_bias": 0, "leave_open_odds": 0, "start": 10, "duration": 100,
            "size": {"min": 1000, "max": 1000},
        }})),
        0,
        &mut Silent,
    );
    // 1,000 dollars at 20 are 50 units. They cost 20 * (1e12 / (1e6 - 50) - 1e6) = 1,000.0500025... dollars, rounded up,
    // and bring as much back, rounded down. A tenth of a percent of each, rounded up, is the fee.
    let (cost, proceeds) = (1_000_050_003, 1_000_050_002);
    let fees = 1_000_051 + 1_000_051;
    assert_eq!(micros(&metrics, "volume_usd"), cost + proceeds);
    assert_eq!(micros(&metrics, "fees_usd"), fees);
    assert_eq!(micros(&metrics, "traders_profit_usd"), proceeds - cost - fees);
    assert_eq!(micros(&metrics, "protocol_profit_usd"), cost - proceeds + fees);
    assert_eq!(micros(&metrics, "traders_deposit_usd"), 1_000_000_000);
    assert_eq!(number(&metrics, "traders_winning"), 0.0);
    assert_eq!(number(&metrics, "largest_imbalance"), 50.0);
    for (name, expected) in [
        ("events", 3.0),
        ("events_deposit_collateral", 1.0),
        ("events_open_position", 1.0),
        ("events_close_position", 1.0),
        // Two for the account, a deposit and two trades.
        ("instructions", 5.0),
        ("refused", 0.0),
        ("conserved", 1.0),
        ("repegs", 0.0),
        ("k_changes", 0.0),
        ("spread_revenue_usd", 0.0),
        ("funding_paid_by_longs_usd", 0.0),
        ("m0_oracle_usd", 20.0),
        ("m0_peg_usd", 20.0),
        ("m0_net_position", 0.0),
    ] {
        assert_eq!(number(&metrics, name), expected, "{name}");
    }
}

#[test]
fn longs_pay_where_the_mark_lies_above_the_oracle() {
    for (short_bias, payers) in [(0, "longs"), (1, "shorts")] {
        let metrics = finish(
            &scenario(json!({
                "horizon": 4 * 3600,
                "perp_markets": [{"name": "SOL", "oracle": {"constant": {"price": 20}}, "base_reserve": 10_000}],
                "agents": {
                    "crowd": {
                        "kind": "open_close", "short_bias": short_bias, "leave_open_odds": 1, "start": 10,
                        "size": {"min": 2000, "max": 2000},
                    },
                    "few": {
                        "kind": "open_close", "short_bias": 1 - short_bias, "leave_open_odds": 1, "start": 20,
                        "size": {"min": 200, "max": 200},
                    },
                    "noise": {"kind": "noise", "every": 600},
                    "settle_crowd": {"kind": "settle_pnl", "users_of": "crowd", "every": 3600, "start": 3600},
                    "settle_few": {"kind": "settle_pnl", "users_of": "few", "every": 3600, "start": 3600},
                },
            })),
            0,
            &mut Silent,
        );
        let (longs, shorts) = (
            micros(&metrics, "funding_paid_by_longs_usd"),
            micros(&metrics, "funding_paid_by_shorts_usd"),
        );
        let (paid, received) = if payers == "longs" {
            (longs, -shorts)
        } else {
            (shorts, -longs)
        };
        assert!(paid > 0, "{payers} paid {paid}");
        assert!(
            received > 0 && received < paid,
            "{payers} paid {paid}, the others received {received}"
        );
    }
}

#[test]
fn the_same_trial_twice_is_the_same() {
    let scenario = busy(true);
    let look = |replicate| {
        let (mut history, mut series) = (History::default(), Series::new(60));
        let metrics = finish(&scenario, replicate, &mut history);
        assert_eq!(finish(&scenario, replicate, &mut series), metrics);
        (metrics, history.events, history.rows, series.rows)
    };
    let first = look(0);
    assert!(first == look(0));
    assert!(first.1 != look(1).1);
}

/// Looks at everything that happens.
#[derive(Default)]
struct RecordingLedger {
    paths: Vec<PricePath>,
    events: Vec<Event>,
    refused: BTreeMap<u32, u32>,
    instructions: u64,
    /// Shares and base at the end.
    left: u128,
}

impl Observer for RecordingLedger {
    fn started(&mut self, prepared: &Prepared, moment: &Moment) {
        assert_eq!(moment.second, 0);
        self.paths = prepared.perp_paths.clone();
    }

    fn happened(&mut self, event: &Event, executed: &[Executed], moment: &Moment) {
        assert_eq!(moment.second, event.timestamp);
        self.events.push(event.clone());
        self.instructions += executed.len() as u64;
        for code in executed.iter().filter_map(|done| done.outcome.err()) {
            *self.refused.entry(code.number()).or_default() += 1;
        }
        self.left = 0;
        for user in 0..20 {
            let Some(user) = moment.world.user(moment.ledger, user) else {
                continue;
            };
            for held in &user.perp_positions {
                self.left += u128::from(held.lp_shares) + u128::from(held.base_asset_amount.unsigned_abs());
            }
        }
    }
}

#[test]
fn what_is_counted_is_what_happened() {
    for unwind in [false, true] {
        let scenario = busy(unwind);
        for replicate in 0..4 {
            let mut seen = RecordingLedger::default();
            let metrics = finish(&scenario, replicate, &mut seen);
            let mut by_name = BTreeMap::<_, u64>::new();
            for event in &seen.events {
                *by_name
                    .entry(event.kind.name().trim_start_matches('_'))
                    .or_default() += 1;
            }
            assert!(!by_name.contains_key("null"));
            let mut counted = 0;
            for (info, value) in &metrics.values {
                let Some(name) = info.name.strip_prefix("events_") else {
                    continue;
                };
                assert_eq!(
                    *value,
                    Metric::Count(by_name.get(name).copied().unwrap_or(0)),
                    "{name}"
                );
                counted += by_name.get(name).copied().unwrap_or(0);
            }
            assert_eq!((counted, metrics.events), (seen.events.len() as u64, counted));
            assert_eq!(number(&metrics, "instructions"), seen.instructions as f64);
            let refusals = Metric::Codes(seen.refused.clone().into_iter().collect());
            assert!(
                metrics
                    .values
                    .iter()
                    .any(|(info, value)| info.name == "refusals" && *value == refusals)
            );
            assert_eq!(
                number(&metrics, "refused"),
                f64::from(seen.refused.values().sum::<u32>())
            );
            assert_eq!(number(&metrics, "conserved"), 1.0);
            if unwind {
                assert_eq!(seen.left, 0, "shares or positions are left");
            }

            let horizon = i64::from(scenario.horizon);
            assert!(seen.events.is_sorted_by_key(|event| event.timestamp));
            for (place, event) in seen.events.iter().enumerate() {
                let acts = !matches!(event.kind, Kind::RemoveLiquidity(_) | Kind::ClosePosition(_));
                if let Kind::PerpOraclePrice(shown) = &event.kind {
                    let path = &seen.paths[usize::from(shown.market_index)];
                    assert_eq!(
                        shown.price.micros(),
                        path.price_at(event.timestamp),
                        "event {place}"
                    );
                } else if acts || !unwind {
                    assert!(event.timestamp < horizon, "{event:?}");
                }
            }
        }
    }
}

#[test]
fn a_row_of_history_has_a_cell_for_every_name() {
    let mut history = History::default();
    let metrics = finish(&busy(true), 2, &mut history);
    let header = history.header();
    assert_eq!(history.rows.len() as u64, metrics.events);
    assert!(history.rows.iter().all(|row| row.len() == header.len()));
    let names: std::collections::BTreeSet<_> = header.iter().collect();
    assert_eq!(names.len(), header.len(), "two columns have one name");
    for (row, event) in history.rows.iter().zip(&history.events) {
        assert_eq!(row[0], event.timestamp.to_string());
        assert_eq!(row[1], event.kind.name());
    }
    // The last row is the end: nobody holds base or shares.
    let last = history.rows.last().unwrap();
    for (name, cell) in header.iter().zip(last) {
        if name.ends_with("_lp_shares") || name.ends_with("_with_amm") {
            assert!(cell.is_empty() || cell == "0", "{name} is {cell}");
        }
    }
}

#[test]
fn a_series_looks_at_every_interval() {
    let mut series = Series::new(500);
    finish(&busy(false), 0, &mut series);
    let places: Vec<_> = series
        .rows
        .iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect();
    let expected: Vec<_> = [0, 500, 1000, 1500]
        .into_iter()
        .flat_map(|second| [0, 1].map(|market| (Metric::Signed(second), Metric::Count(market))))
        .collect();
    assert_eq!(places, expected);
    assert!(series.rows.iter().all(|row| row.len() == Series::columns().len()));
}

/// One who is long beyond his means when the price halves, one who is liquidated for it, and one who insures.
fn crash(fund: f64, liquidators: Value) -> Scenario {
    scenario(json!({
        "horizon": 4000,
        "exchange": {"guard_rails": "wide"},
        "perp_markets": [{
            "name": "SOL",
            "oracle": {"crash": {"start_price": 20, "volatility_per_year": 0, "depth": 0.5, "at": 1000, "seconds": 10}},
            "base_reserve": 1_000_000, "max_spread": 20000,
            "margin_ratio_initial": 500, "margin_ratio_maintenance": 300, "liquidator_fee": 10000,
        }],
        "agents": {
            "longs": {"kind": "leveraged_trader", "users": 3, "leverage": 5, "short_bias": 0,
                "deposit": {"min": 1000, "max": 1000}, "start": 10, "duration": 0},
            "shorts": {"kind": "leveraged_trader", "users": 3, "leverage": 2, "short_bias": 1,
                "deposit": {"min": 2500, "max": 2500}, "start": 20, "duration": 0},
            "liquidators": liquidators,
            "insurers": {"kind": "if_staker", "users": 2, "fund": fund, "start": 1, "duration": 0},
        },
    }))
}

fn patient() -> Value {
    json!({"kind": "liquidator", "delay": 500, "start": 0, "keep": true})
}

#[test]
fn a_large_fund_pays_the_bad_debt_and_a_small_one_leaves_it_to_the_others() {
    let none = finish(&crash(0.0, patient()), 0, &mut Silent);
    let some = finish(&crash(1_000.0, patient()), 0, &mut Silent);
    let ample = finish(&crash(1_000_000.0, patient()), 0, &mut Silent);
    for metrics in [&none, &some, &ample] {
        assert_eq!(number(metrics, "bankruptcies"), 3.0);
        assert_eq!(number(metrics, "conserved"), 1.0);
        let (debt, insured) = (
            micros(metrics, "bad_debt_usd"),
            micros(metrics, "bad_debt_insured_usd"),
        );
        assert_eq!(debt, insured + micros(metrics, "social_loss_usd"));
    }
    // 5,000 dollars' worth lose half, 1,000 of which were there, and a hundredth of what is left goes to the liquidator.
    let debt = micros(&ample, "bad_debt_usd");
    assert!((debt - 3 * 1_525_000_000).abs() < 3 * 25_000_000, "{debt}");
    // What is socialised makes the debts of those who are resolved later larger.
    let more = [&some, &none].map(|metrics| micros(metrics, "bad_debt_usd"));
    assert!(debt < more[0] && more[0] < more[1], "{debt} {more:?}");
    assert_eq!(micros(&none, "bad_debt_insured_usd"), 0);
    // The fund gives all but the last unit.
    assert_eq!(micros(&some, "bad_debt_insured_usd"), 999_999_999);
    assert_eq!(micros(&some, "insurance_usd"), 1);
    assert!(number(&some, "insurance_drawdown") > 0.999_999);
    assert_eq!(micros(&ample, "social_loss_usd"), 0);
    let left = micros(&ample, "insurance_usd");
    assert_eq!(left, 1_000_000_000_000 - micros(&ample, "bad_debt_usd"));
    assert!((number(&ample, "insurance_share_price") - left as f64 / 1e12).abs() < 1e-9);
}

#[test]
fn breaches_are_timed_from_the_second_in_which_they_happen() {
    let metrics = finish(&crash(0.0, patient()), 0, &mut Silent);
    assert_eq!(number(&metrics, "liquidated_breaches"), 3.0);
    // All at once, and not before the delay is over.
    assert_eq!(number(&metrics, "time_to_liquidation_s"), 500.0);
    assert_eq!(number(&metrics, "time_to_liquidation_max_s"), 500.0);
    assert_eq!(number(&metrics, "under_margin_s"), 1_500.0);
    assert_eq!(number(&metrics, "under_margin_at_end"), 0.0);
    // About ten dollars each for 750 units, of which a hundredth, and a hundredth of the 3,000 dollars' losses that the
    // deposits paid for.
    let (value, fees) = (
        number(&metrics, "liquidated_usd"),
        number(&metrics, "liquidator_fees_usd"),
    );
    assert!((value - 7_500.0).abs() < 100.0, "{value}");
    assert!((fees - value / 100.0 - 30.0).abs() < 0.1, "{fees}");
}

#[test]
fn nobody_is_liquidated_without_a_liquidator() {
    let idle = json!({"kind": "liquidator", "users": 0});
    let metrics = finish(&crash(0.0, idle), 0, &mut Silent);
    assert_eq!(number(&metrics, "liquidations"), 0.0);
    // From the crash's ten seconds on to the end, three users.
    let seconds = number(&metrics, "under_margin_s");
    assert!((8_970.0..9_000.0).contains(&seconds), "{seconds}");
    assert_eq!(number(&metrics, "insolvent_users"), 3.0);
    assert!(number(&metrics, "uncovered_debt_usd") > 4_000.0);
}

#[test]
fn borrowers_pay_interest_and_gain_nothing_by_their_assets_price() {
    let metrics = finish(
        &scenario(json!({
            "horizon": 3600,
            "spot_markets": [{"name": "ETH", "oracle": {"crash": {
                "start_price": 10, "volatility_per_year": 0, "depth": -1, "at": 1000, "seconds": 10}}}],
            "perp_markets": [{"name": "SOL", "oracle": {"constant": {"price": 20}}, "base_reserve": 1_000_000}],
            "agents": {
                "lenders": {"kind": "noise", "size": {"min": 0, "max": 0}, "intensity": 0, "deposit": 100_000},
                "borrowers": {"kind": "borrower", "collateral": {"min": 10000, "max": 10000}, "loan_to_value": 0.5,
                    "start": 600, "duration": 2400},
            },
        })),
        0,
        &mut Silent,
    );
    // Half of what 10,000 tokens at ten dollars are worth, of 100,000 lent: 50 %, where the rate is 100 % a year.
    assert_eq!(number(&metrics, "s0_utilization_max"), 0.5);
    let paid = number(&metrics, "s0_interest_paid");
    // The program counts from when there was interest last, and there was none before the loan.
    assert!((paid - 50_000.0 * 3_000.0 / 31_536_000.0).abs() < 0.01, "{paid}");
    let lost = number(&metrics, "borrowers_profit_usd");
    assert!((lost + paid).abs() < 0.01, "{lost}");
    assert_eq!(number(&metrics, "conserved"), 1.0);
    assert_eq!(number(&metrics, "refused"), 0.0);
}

#[test]
fn a_spot_debt_that_nobody_covers_is_taken_from_the_lenders() {
    for fund in [0.0, 30.0, 1_000.0f64] {
        let metrics = finish(
            &scenario(json!({
                "horizon": 600,
                "exchange": {"guard_rails": "wide"},
                "spot_markets": [{"name": "ETH", "oracle": {"crash": {
                    "start_price": 1, "volatility_per_year": 0, "depth": -0.95, "at": 100, "seconds": 1}}}],
                "perp_markets": [{"name": "SOL", "oracle": {"constant": {"price": 20}}, "base_reserve": 1_000_000}],
                "agents": {
                    "lender": {"kind": "borrower", "collateral": {"min": 10_000, "max": 10_000}, "borrow": {"min": 0, "max": 0}},
                    "borrower": {"kind": "borrower", "collateral_market": 0, "borrow_market": 1,
                        "collateral": {"min": 1000, "max": 1000}, "borrow": {"min": 600, "max": 600},
                        "start": 10, "duration": 0},
                    "liquidator": {"kind": "liquidator", "start": 0, "deposit": 100_000},
                    "stakers": {"kind": "if_staker", "spot_market": 1, "fund": fund, "start": 1, "duration": 0},
                },
            })),
            0,
            &mut Silent,
        );
        // 600 tokens at 1.95 dollars against 1,000: 170 dollars are missing.
        let debt = micros(&metrics, "bad_debt_usd");
        assert!((169_000_000..171_500_000).contains(&debt), "{debt}");
        let (insured, social) = (
            micros(&metrics, "bad_debt_insured_usd"),
            micros(&metrics, "social_loss_usd"),
        );
        assert_eq!(debt, insured + social);
        let expected = (fund * 1.95e6).min(debt as f64);
        assert!((insured as f64 - expected).abs() < 3.0, "{insured} of {expected}");
        assert_eq!(number(&metrics, "unclaimed_balance"), 0.0);
        assert_eq!(number(&metrics, "conserved"), 1.0, "{metrics:?}");
    }
}

/// Both markets' oracles late, unsure, and out now and then, and a spot market's.
fn unreliable() -> Scenario {
    let feed = |outages: Value| {
        json!({
            "delay_seconds": 2,
            "confidence": {"share": 0.0002, "of_volatility": 0.1},
            "outages": outages,
        })
    };
    let mut scenario = busy(true);
    let read = |value| Some(serde_json::from_value(value).unwrap());
    scenario.perp_markets[0].feed = read(feed(json!({"planned": [{"second": 700, "seconds": 200}]})));
    scenario.perp_markets[1].feed = read(feed(json!({"per_day": 500, "mean_seconds": 60, "common": true})));
    scenario.exchange = Default::default();
    let spot = json!({
        "name": "S",
        "oracle": {"geometric_brownian_motion": {}},
        "feed": feed(json!({"per_day": 500, "mean_seconds": 60, "common": true})),
    });
    scenario.spot_markets.push(serde_json::from_value(spot).unwrap());
    scenario.validate().unwrap();
    scenario
}

#[test]
fn oracles_that_are_late_or_out_are_what_their_events_say() {
    use crate::event::{read, write};
    use crate::path::Stamp;
    use crate::world::Role;
    use drift::accounts::{Account, PriceFeed};
    use drift::ledger::{Ledger, MemoryLedger};
    use std::path::Path;

    let shown = |ledger: &MemoryLedger| -> Vec<PriceFeed> {
        let roles = [Role::PerpOracle(0), Role::PerpOracle(1), Role::SpotOracle(1)];
        let feed = |role: &Role| match ledger.account(&role.address()) {
            Some(Account::Oracle(feed, _)) => **feed,
            other => panic!("{other:?}"),
        };
        roles.iter().map(feed).collect()
    };

    /// The events, and what oracles showed after each.
    struct Seen<F> {
        shown: F,
        events: Vec<Event>,
        feeds: Vec<Vec<PriceFeed>>,
    }
    impl<F: Fn(&MemoryLedger) -> Vec<PriceFeed>> Observer for Seen<F> {
        fn happened(&mut self, event: &Event, _: &[Executed], moment: &Moment) {
            self.events.push(event.clone());
            self.feeds.push((self.shown)(moment.ledger));
        }
    }

    let scenario = unreliable();
    let mut seen = Seen {
        shown,
        events: Vec::new(),
        feeds: Vec::new(),
    };
    let metrics = finish(&scenario, 0, &mut seen);
    assert_eq!(number(&metrics, "conserved"), 1.0);

    let prepared = scenario.prepare(11, 0, &PriceFiles::new("")).unwrap();
    let (mut ages, mut widths) = ([0; 3], [0; 3]);
    for (event, feeds) in seen.events.iter().zip(&seen.feeds) {
        let acts = !matches!(event.kind, Kind::PerpOraclePrice(_) | Kind::SpotOraclePrice(_));
        let begun = event.timestamp > 0;
        for (market, feed) in feeds.iter().enumerate().filter(|_| acts && begun) {
            let reading = prepared.feeds[market].as_ref().unwrap().at(event.timestamp);
            assert_eq!(feed.price as u64, reading.price * 10, "{event:?}");
            assert_eq!(feed.confidence, reading.confidence * 10);
            let slot = |second: i64| 1_000 + second * 5 / 2;
            let age = slot(event.timestamp) - feed.valid_slot as i64;
            // Two seconds late are five slots; a half slot goes to either side.
            assert!(age >= 4, "{event:?}");
            ages[market] = ages[market].max(age);
            widths[market] = widths[market].max(feed.confidence);
        }
    }
    assert!(ages[0] > 400 && ages[0] <= 505, "out for 200 seconds: {ages:?}");
    assert!(
        ages[1] > 20 && ages[2] > 20 && widths.iter().all(|width| *width > 0),
        "{ages:?}"
    );
    assert!(
        number(&metrics, "refused") > 0.0,
        "the AMM does not trade on prices of ten slots ago"
    );

    let out = |market: usize, second| {
        let stamp = prepared.feeds[market].as_ref().unwrap().at(second).stamp;
        matches!(stamp, Stamp::Of(_))
    };
    let seconds = 0..1_500;
    assert!(
        seconds.clone().all(|second| out(1, second) == out(2, second)),
        "chance is common"
    );
    assert!(seconds.clone().any(|second| out(1, second)) && seconds.clone().any(|second| !out(1, second)));

    // A replay of the file has the oracles show the same.
    let mut file = Vec::new();
    write(&seen.events, &mut file).unwrap();
    let replayed = read(file.as_slice(), Path::new("events.csv")).unwrap().events;
    assert_eq!(replayed, seen.events);
    let mut ledger = MemoryLedger::new(prepared.switches);
    let mut world = prepared.genesis.open(&mut ledger).unwrap();
    for (event, feeds) in replayed.iter().zip(&seen.feeds) {
        world.apply(&mut ledger, event).unwrap();
        assert_eq!(shown(&ledger), *feeds, "{event:?}");
    }
}

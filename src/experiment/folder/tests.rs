use insta::assert_snapshot;

use super::*;
use crate::event::{OraclePrice, SettleLp};

fn market() -> MarketInit {
    MarketInit::new(0, 5_000_000_000, 1_500_000).unwrap()
}

fn finished(target: &Path, existing: Existing, second: i64) -> Result<(), ExperimentError> {
    let writer = FolderWriter::create(target, existing)?;
    writer.markets(&[market()])?;
    writer.spot_markets(&[])?;
    writer.events(&[Event::new(
        second,
        SettleLp {
            user_index: 0,
            market_index: 0,
        },
    )])?;
    writer.finish()
}

/// The names in a folder, hidden ones too.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn nothing_is_there_until_it_is_finished() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("trial");
    let writer = FolderWriter::create(&target, Existing::Keep).unwrap();
    writer.markets(&[market()]).unwrap();
    assert!(!target.exists());
    drop(writer);
    assert_eq!(names(dir.path()), [""; 0]);
    finished(&target, Existing::Keep, 1).unwrap();
    assert_eq!(names(dir.path()), ["trial"]);
    assert_eq!(names(&target), [EVENTS, MARKETS, SPOT_MARKETS]);
}

#[test]
fn a_folder_is_replaced_only_when_told_and_only_an_experiment() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("trial");
    finished(&target, Existing::Keep, 1).unwrap();
    assert!(matches!(
        finished(&target, Existing::Keep, 2).unwrap_err().kind,
        Kind::Exists
    ));
    finished(&target, Existing::Replace, 3).unwrap();
    let events = fs::read_to_string(target.join(EVENTS)).unwrap();
    assert!(events.contains("settle_lp,3,"), "{events}");
    assert_eq!(names(dir.path()), ["trial"]);

    let papers = dir.path().join("papers");
    fs::create_dir(&papers).unwrap();
    fs::write(papers.join("thesis.tex"), "years of work").unwrap();
    assert!(matches!(
        finished(&papers, Existing::Replace, 4).unwrap_err().kind,
        Kind::NotAnExperiment
    ));
    assert_eq!(names(&papers), ["thesis.tex"]);
}

#[test]
fn what_is_unfinished_or_out_of_order_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("trial");
    let message = |error: ExperimentError| error.to_string().replace(&dir.path().display().to_string(), "");
    let writer = FolderWriter::create(&target, Existing::Keep).unwrap();
    assert_snapshot!(message(writer.markets(&[]).unwrap_err()), @"/trial/markets_json.csv: no markets");
    let stray = MarketInit {
        market_index: 2,
        ..market()
    };
    assert_snapshot!(message(writer.markets(&[market(), stray]).unwrap_err()), @"/trial/markets_json.csv: market 1: its number is 2, its place asks for 1");
    let quote = SpotMarketInit::new(0, OraclePrice::from_micros(1_000_000).unwrap());
    assert_snapshot!(message(writer.spot_markets(&[quote]).unwrap_err()), @"/trial/spot_markets_json.csv: market 0: its number is 0, its place asks for 1");
    assert_snapshot!(message(writer.history(["a", "b"], [["1"]]).unwrap_err()), @"/trial/chs.csv: CSV error: found record with 1 fields, but the previous record has 2 fields");
    writer.markets(&[market()]).unwrap();
    writer.spot_markets(&[]).unwrap();
    assert_snapshot!(message(writer.finish().unwrap_err()), @"/trial: not written: `events.csv` is missing");
}

#[test]
fn every_file_is_as_drift_sim_names_and_writes_it() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("trial");
    let writer = FolderWriter::create(&target, Existing::Keep).unwrap();
    writer.markets(&[market()]).unwrap();
    writer
        .spot_markets(&[SpotMarketInit::new(
            1,
            OraclePrice::from_micros(20_500_000).unwrap(),
        )])
        .unwrap();
    writer.events(&[]).unwrap();
    writer
        .history(["timestamp", "m0_mark_price"], [["0", "1.5"], ["1", "1.6"]])
        .unwrap();
    writer.scenario("seed: 1\n").unwrap();
    writer.finish().unwrap();
    let text = |name| fs::read_to_string(target.join(name)).unwrap();
    assert_snapshot!(text(HISTORY), @r#"
    timestamp,m0_mark_price
    0,1.5
    1,1.6
    "#);
    assert_snapshot!(text(SCENARIO), @"seed: 1");
    assert_snapshot!(text(EVENTS), @"event_name,timestamp,parameters");
    assert_snapshot!(text(MARKETS), @r#"[{"amm_lp_shares": 5000000000, "base_asset_reserve": "5000000000", "base_spread": 0, "funding_period": 3600, "initialized": true, "margin_ratio_initial": 2000, "margin_ratio_maintenance": 1800, "mark_price": 1.5, "market_index": 0, "oracle_price": 1.5, "peg_multiplier": 1500000, "quote_asset_reserve": "5000000000", "rules": {"amm_jit_intensity": 0, "concentration_coef_scale": 1, "contract_tier": 0, "curve_update_intensity": 0, "if_liquidation_fee": 0, "imf_factor": 0, "liquidator_fee": 0, "margin_ratio_initial": 2000, "margin_ratio_maintenance": 1800, "max_fill_reserve_fraction": 1, "max_open_interest": 0, "max_revenue_withdraw_per_period": 100000000000000, "max_spread": 142500, "min_order_size": 100000, "oracle_price": 1.5, "order_step_size": 100000, "order_tick_size": 1, "quote_max_insurance": 100000000000000, "unrealized_pnl_max_imbalance": 4000000000}, "sqrt_k": 5000000000, "strategies": "", "total_lp_shares": 5000000000}]"#);
    assert_snapshot!(text(SPOT_MARKETS), @r#"[{"init_price": 20.5, "rules": {"asset_tier": 0, "if_liquidation_fee": 0, "if_total_factor": 0, "imf_factor": 0, "initial_asset_weight": 8000, "initial_liability_weight": 12000, "insurance_fund": 0, "liquidator_fee": 0, "maintenance_asset_weight": 9000, "maintenance_liability_weight": 11000, "max_borrow_rate": 500000, "optimal_borrow_rate": 200000, "optimal_utilization": 5000, "order_step_size": 1, "order_tick_size": 1, "revenue_settle_period": 0, "scale_initial_asset_weight_start": 0, "unstaking_period": 0, "withdraw_guard_threshold": 18446744073709551615}}]"#);
}

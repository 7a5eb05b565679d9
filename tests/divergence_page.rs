//! The page of a divergence report, made by hand and opened in a browser.
#![cfg(feature = "tables")]

mod browser;

use browser::Browser;
use drift::engine::Switches;
use harness::divergence::{
    Compared, ComputeUnits, Counts, DivergenceReport, Finding, Kind, KnockOns, Outcomes, Picked, Place,
    Refused, RefusedStep, Severity, SheetRow, Side, Size, Survey, Timeline, TrialReport, Unit,
};
use harness::report::divergence::page;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

const LOG: &str = "Program log: AnchorError occurred. Error Code: InsufficientCollateral. total_collateral=7829, \
                   margin_requirement=9000 </code><script>alert(1)</script>";

fn place(event: usize, name: &str, instruction: &str) -> Place {
    Place {
        step: 3 * event as u64 + 12,
        event: Some(event),
        event_name: name.into(),
        instruction: instruction.into(),
        slot: 100 + event as u64,
        unix_timestamp: 60 * event as i64,
    }
}

fn size(ulps: u32) -> Option<Size> {
    Some(Size {
        ulps: ulps.to_string(),
        absolute: f64::from(ulps) * 1e-6,
        relative: f64::from(ulps) * 1e-7,
    })
}

fn finding(id: u32, account: Option<[&str; 2]>, field: &str, values: [&str; 2]) -> Finding {
    let first = place(40, "OpenPosition", "place_and_take_perp_order");
    Finding {
        id,
        kind: Kind::Rounding,
        severity: Severity::Minor,
        cause: None,
        last: place(180, "ClosePosition", "place_and_take_perp_order"),
        first,
        healed: None,
        occurrences: 1_234,
        account: account.map(|[name, _]| name.into()),
        account_kind: account.map(|[_, kind]| kind.into()),
        field: field.into(),
        left: Some(values[0].into()),
        right: Some(values[1].into()),
        left_refused: None,
        right_refused: None,
        unit: account.and_then(|[_, kind]| Unit::of(kind, field)),
        size: None,
        last_size: None,
        largest_size: None,
        grew: false,
        knock_ons: None,
    }
}

/// A fee that one side rounds otherwise, and what a user then pays.
fn rounding() -> Vec<Finding> {
    let market = Some(["perp_market_0", "PerpMarket"]);
    let mut fee = finding(0, market, "amm.total_fee", ["12345678", "12345679"]);
    (fee.size, fee.last_size, fee.largest_size) = (size(1), size(2), size(2));
    (fee.grew, fee.healed) = (true, Some(place(190, "SettlePnl", "settle_pnl")));
    fee.knock_ons = Some(KnockOns {
        findings: 1,
        same_step: 1,
        outcomes: 0,
        accounts: 2,
        last_event: Some(181),
    });
    let user = Some(["user_3", "User"]);
    let mut paid = finding(
        1,
        user,
        "perp_positions.0.quote_asset_amount",
        ["-500000000", "-500000001"],
    );
    (paid.cause, paid.size) = (Some(0), size(1));
    vec![fee, paid]
}

/// An order that only the left side takes.
fn refusal() -> Vec<Finding> {
    let mut outcome = finding(0, None, "outcome", ["accepted", "InsufficientCollateral"]);
    (outcome.kind, outcome.severity) = (Kind::Refused, Severity::Critical);
    outcome.first = place(90, "OpenPosition", "place_and_take_perp_order");
    outcome.right_refused = Some(refused());
    vec![outcome]
}

fn refused() -> Refused {
    Refused {
        code: 6_003,
        name: "InsufficientCollateral".into(),
        log: Some(LOG.into()),
    }
}

/// A curve of 200 events, a minute apart, that the sides share until event 90.
fn timeline(account: &str, what: &str, unit: &str, level: f64, apart: f64) -> Timeline {
    let left: Vec<f64> = (0..200)
        .map(|event| level * (1.0 + 0.1 * (f64::from(event) / 15.0).sin()))
        .collect();
    let right = left.iter().enumerate().map(|(event, value)| {
        let since = event.saturating_sub(90) as f64 / 110.0;
        Some(value + apart * since)
    });
    Timeline {
        account: account.into(),
        what: what.into(),
        unit: unit.into(),
        events: (0..200).collect(),
        times: (0..200).map(|event| 60 * event).collect(),
        right: (apart != 0.0).then(|| right.collect()),
        left: left.into_iter().map(Some).collect(),
    }
}

fn timelines(apart: f64) -> Vec<Timeline> {
    let market = |what, unit, level, apart| timeline("perp_market_0", what, unit, level, apart);
    let mut timelines = vec![
        market("mark price", "USD", 31.0, 2.0 * apart),
        market("oracle price", "USD", 30.0, 0.0),
        market("peg multiplier", "", 30.0, 0.001 * apart),
        market("base reserve", "base", 5e6, 4e5 * apart),
        market("quote reserve", "", 5e6, 0.0),
        market("net position", "base", -120.0, 40.0 * apart),
        market("cumulative funding rate", "quote per base", 0.02, 0.0),
    ];
    timelines.extend((0..16).map(|user| {
        let apart = if user == 3 { -900.0 * apart } else { 0.0 };
        timeline(
            &format!("user_{user}"),
            "collateral",
            "USD",
            1_000.0 * f64::from(user + 1),
            apart,
        )
    }));
    timelines
}

fn counts(right_refuses: u64) -> Counts {
    let side = |refuses: u64| {
        let outcomes = |accepted, refused: &[(&str, u64)]| Outcomes {
            accepted,
            refused: refused
                .iter()
                .map(|(name, count)| ((*name).to_owned(), *count))
                .collect(),
            ..Outcomes::default()
        };
        BTreeMap::from([
            ("deposit".to_owned(), outcomes(16, &[])),
            (
                "place_and_take_perp_order".to_owned(),
                outcomes(150 - refuses, &[("InsufficientCollateral", 4 + refuses)]),
            ),
            (
                "settle_pnl".to_owned(),
                outcomes(20, &[("UserMustSettleTheirOwnPositiveUnsettledPNL", 2)]),
            ),
        ])
    };
    Counts {
        events: 200,
        instructions: 192,
        accounts: 23,
        left: side(0),
        right: side(right_refuses),
    }
}

fn compared(counts: Counts, findings: Vec<Finding>) -> Compared {
    Compared {
        counts,
        findings,
        ..Compared::default()
    }
}

fn trial(number: u64, method: &str, reason: &str, findings: Vec<Finding>, apart: f64) -> TrialReport {
    let one_sided = findings.iter().any(|finding| finding.kind == Kind::Refused);
    let mut trial = TrialReport::new("lp_bias".into(), compared(counts(u64::from(one_sided)), findings));
    trial.trial = Some(number);
    trial.picked = Some(Picked {
        method: method.into(),
        reason: reason.into(),
        weight: 12.5,
    });
    trial.timelines = timelines(apart);
    let step = |event: usize, left: bool| RefusedStep {
        event: Some(event),
        event_name: "OpenPosition".into(),
        time: 60 * event as i64,
        instruction: "place_and_take_perp_order".into(),
        left: left.then(refused),
        right: Some(refused()),
    };
    trial.refused = (0..6).map(|place| step(20 * place, true)).collect();
    if one_sided {
        trial.refused.insert(4, step(90, false));
    }
    trial.balance_sheets = [
        ("funded", "160000000000"),
        ("wallets", "24000000000"),
        ("vault", "136000000000"),
    ]
    .into_iter()
    .flat_map(|(item, amount)| {
        [0, 1].map(|market| SheetRow {
            market,
            item: item.into(),
            amount: amount.into(),
        })
    })
    .collect();
    trial.compute_units = [
        ("deposit", 41_000),
        ("place_and_take_perp_order", 180_000),
        ("settle_pnl", 63_000),
    ]
    .into_iter()
    .map(|(instruction, least)| ComputeUnits {
        side: "right".into(),
        instruction: instruction.into(),
        spent: (0..40)
            .map(|step| (least + step * step * 40, 1 + step % 3))
            .collect(),
    })
    .collect();
    trial.accounted = Some(true);
    trial.command = Some(format!(
        "harness backtest sweeps/lp_bias.yaml --trial {number} --against drift_2_83.so"
    ));
    trial
}

fn report() -> DivergenceReport {
    let right = Side {
        name: "Drift 2.83".into(),
        kind: "elf".into(),
        sha256: Some("9f86d081884c7d659a2feaa0c55ad015".repeat(2)),
        idl: Some("drift 2.83.0".into()),
        idl_sha256: Some("60303ae22b998861bce3b28f33eec1be".repeat(2)),
        switch: None,
    };
    let mut trials = vec![
        trial(17, "extreme", "the lowest lp_profit_usd", rounding(), 0.0),
        trial(
            1_204,
            "random",
            "drawn at random <script>alert(2)</script>",
            refusal(),
            1.0,
        ),
        trial(88, "random", "drawn at random", rounding(), 0.0),
        trial(
            90,
            "representative",
            "the middle of 12 trials alike",
            Vec::new(),
            0.0,
        ),
    ];
    // The quiet trial has a field that one layout lacks, and an event that nobody carries out.
    let mut extra = finding(
        0,
        Some(["perp_market_0", "PerpMarket"]),
        "amm.new_field",
        ["0", "7"],
    );
    (extra.kind, extra.severity, extra.left) = (Kind::Layout, Severity::Info, None);
    trials[3].findings.push(extra);
    trials[3].worst = Some(Severity::Info);
    trials[3].skipped = vec!["event 12 (LiquidateSpot <b>) is not supported".into()];
    DivergenceReport::new(
        "lp_bias".into(),
        Side::engine(Switches::default()),
        right,
        Some(Survey::of(2_000)),
        trials,
    )
}

/// Writes a page into a folder of its own, or into `DIVERGENCE_PAGES` to be looked at.
fn written(place: &tempfile::TempDir, name: &str, report: &DivergenceReport) -> PathBuf {
    let folder = std::env::var_os("DIVERGENCE_PAGES").map_or_else(|| place.path().to_owned(), PathBuf::from);
    let path = folder.join(name);
    page(report).write(&path).unwrap();
    path
}

#[test]
fn a_page_tells_what_was_planted() {
    let place = tempfile::tempdir().unwrap();
    let html = fs::read_to_string(written(&place, "planted.html", &report())).unwrap();
    for piece in [
        "<strong>Simulator and Drift 2.83 differ in 3 of 4 trials: 2 causes, the worst critical; \
         some fields are in the layout of one side only, or in another form, and were not compared.</strong>",
        "<code title=\"9f86d081884c7d659a2feaa0c55ad0159f86d081884c7d659a2feaa0c55ad015\">9f86d081884c</code>",
        "perp_market_0 amm.total_fee: 12.345678 quote against 12.345679 quote",
        "<code>perp_positions.0.quote_asset_amount</code>",
        "-500 quote",
        "healed in event 190 (SettlePnl)",
        "600 / 599",
        "<td class=\"wrap\"><code>amm.new_field</code></td>",
        "(LiquidateSpot &lt;b&gt;) is not supported",
        "mark price and oracle price: up to",
        "harness backtest sweeps/lp_bias.yaml --trial 1204 --against drift_2_83.so",
        "drawn at random &lt;script&gt;alert(2)",
        "margin_requirement=9000 &lt;/code&gt;&lt;script&gt;",
    ] {
        assert!(html.contains(piece), "{piece}");
    }
    assert_eq!(html.matches("<script").count(), 1);
    // Three trials diverge and are open.
    assert_eq!(html.matches("<details open>").count(), 3);
}

#[test]
fn the_page_works_in_a_browser() {
    let Some(browser) = Browser::find() else { return };
    let place = tempfile::tempdir().unwrap();
    browser.check(&written(&place, "planted.html", &report()));
    // One trial, nothing of note: every section is nearly empty.
    let mut bare = report();
    let right = Side {
        name: "built-in program".into(),
        kind: "built-in program".into(),
        sha256: None,
        idl: None,
        idl_sha256: None,
        switch: None,
    };
    let counts = bare.trials.pop().unwrap().counts;
    let trials = vec![TrialReport::new("quiet".into(), compared(counts, Vec::new()))];
    bare = DivergenceReport::new("quiet".into(), bare.left, right, None, trials);
    browser.check(&written(&place, "bare.html", &bare));
}

#[test]
fn a_link_to_a_folded_trial_opens_it() {
    let Some(browser) = Browser::find() else { return };
    let place = tempfile::tempdir().unwrap();
    let path = written(&place, "linked.html", &report());
    let visit = browser.visit(
        &path,
        1_280,
        r##"const trial = document.getElementById("trial-3").closest("details");
           const before = trial.open;
           document.querySelector('a[href="#trial-3"]').click();
           await new Promise((done) => setTimeout(done, 500));
           return [before, trial.open];"##,
    );
    assert_eq!(visit.found, serde_json::json!([false, true]));
}

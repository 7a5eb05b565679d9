//! Reports made by hand.

use crate::divergence::{
    Compared, ComputeUnits, Counts, DivergenceReport, Finding, Kind, KnockOns, Outcomes, Place, Refused,
    RefusedStep, Severity, SheetRow, Side, Size, Survey, Timeline, TrialReport, Unit,
};
use drift::engine::Switches;
use std::collections::BTreeMap;

/// A difference of nothing in particular, in event 2.
pub fn finding(id: u32, kind: Kind, severity: Severity, field: &str) -> Finding {
    let first = Place {
        step: 14,
        event: Some(2),
        event_name: "OpenPosition".into(),
        instruction: "place_perp_order".into(),
        slot: 120,
        unix_timestamp: 600,
    };
    Finding {
        id,
        kind,
        severity,
        cause: None,
        last: first.clone(),
        first,
        healed: None,
        occurrences: 3,
        account: Some("perp_market_0".into()),
        account_kind: Some("PerpMarket".into()),
        field: field.into(),
        left: Some("100000".into()),
        right: Some("100001".into()),
        left_refused: None,
        right_refused: None,
        unit: Unit::of("PerpMarket", field),
        size: None,
        last_size: None,
        largest_size: None,
        grew: false,
        knock_ons: None,
    }
}

/// A trial of ten instructions, one of them refused on both sides.
pub fn trial(number: u64, findings: Vec<Finding>) -> TrialReport {
    let outcomes = BTreeMap::from([(
        "place_perp_order".to_owned(),
        Outcomes {
            accepted: 9,
            refused: BTreeMap::from([("InsufficientCollateral".to_owned(), 1)]),
            ..Outcomes::default()
        },
    )]);
    let counts = Counts {
        events: 4,
        instructions: 10,
        accounts: 3,
        left: outcomes.clone(),
        right: outcomes,
    };
    TrialReport {
        trial: Some(number),
        ..TrialReport::new(
            "crash".into(),
            Compared {
                counts,
                findings,
                ..Compared::default()
            },
        )
    }
}

/// The engine against a program.
pub fn report_of(trials: Vec<TrialReport>) -> DivergenceReport {
    let right = Side {
        name: "Drift 2.83".into(),
        kind: "elf".into(),
        sha256: Some("0123456789abcdef".repeat(4)),
        idl: Some("drift 2.83.0".into()),
        idl_sha256: Some("fedcba9876543210".repeat(4)),
        switch: None,
    };
    DivergenceReport::new(
        "crash".into(),
        Side::engine(Switches::default()),
        right,
        Some(Survey::of(100)),
        trials,
    )
}

/// A rounding difference with a knock-on, a refusal on one side, and a trial without a difference.
pub fn report() -> DivergenceReport {
    let size = |ulps: u32| {
        Some(Size {
            ulps: ulps.to_string(),
            absolute: f64::from(ulps) * 1e-6,
            relative: f64::from(ulps) * 1e-5,
        })
    };
    let mut fee = finding(0, Kind::Rounding, Severity::Major, "amm.total_fee");
    (fee.size, fee.largest_size, fee.grew) = (size(1), size(2), true);
    fee.knock_ons = Some(KnockOns {
        findings: 1,
        accounts: 2,
        ..KnockOns::default()
    });
    let mut knock_on = finding(1, Kind::Unknown, Severity::Major, "amm.sqrt_k");
    knock_on.cause = Some(0);
    let mut outcome = finding(0, Kind::Refused, Severity::Critical, "outcome");
    (outcome.account, outcome.account_kind, outcome.unit) = (None, None, None);
    (outcome.left, outcome.right) = (Some("accepted".into()), Some("InsufficientCollateral".into()));
    outcome.right_refused = Some(Refused {
        code: 6_003,
        name: "InsufficientCollateral".into(),
        log: Some("Program log: margin <script>".into()),
    });
    let mut trials = vec![
        trial(3, vec![fee, knock_on]),
        trial(5, vec![outcome]),
        trial(9, vec![]),
    ];
    for trial in &mut trials {
        trial.command = Some("harness backtest crash --against drift.so".into());
    }
    report_of(trials)
}

/// Twelve trials in which every one of many curves differs from the start.
pub fn large() -> DivergenceReport {
    const WHAT: [&str; 10] = [
        "mark price",
        "oracle price",
        "peg multiplier",
        "base reserve",
        "quote reserve",
        "net position",
        "cumulative funding rate",
        "long funding",
        "short funding",
        "spread",
    ];
    let curve = |seed: u64, shift: f64| -> Vec<Option<f64>> {
        // A walk that jumps about as prices do, the same in every run.
        let steps = (0..400_u64)
            .map(|step| (step.wrapping_mul(2_654_435_761).wrapping_add(seed * 97) % 1_000) as f64);
        let mut value = 3e4 + shift;
        steps
            .map(|step| {
                value += step - 499.5;
                Some(value)
            })
            .collect()
    };
    let timeline = |account: String, what: &str, seed: u64| Timeline {
        account,
        what: what.to_owned(),
        unit: "USD".to_owned(),
        events: (0..400).collect(),
        times: (0..400).map(|step| step * 30).collect(),
        left: curve(seed, 0.0),
        right: Some(curve(seed, 777.7)),
    };
    let trials = (0..12).map(|number| {
        let findings = (0..60).map(|id| {
            let mut of = finding(
                id,
                Kind::Unknown,
                Severity::Major,
                &format!("amm.field_{}", id % 10),
            );
            of.cause = (id >= 10).then_some(id % 10);
            of
        });
        let mut of = trial(number, findings.collect());
        let markets = WHAT.into_iter().enumerate();
        of.timelines = markets
            .map(|(place, what)| timeline("perp_market_0".into(), what, place as u64))
            .chain((0..20).map(|user| timeline(format!("user_{user}"), "collateral", user + 20)))
            .collect();
        let refused = Refused {
            code: 6_003,
            name: "InsufficientCollateral".into(),
            log: Some("Program log: total_collateral=7829, margin_requirement=9000".into()),
        };
        of.refused = (0..100)
            .map(|event| RefusedStep {
                event: Some(event),
                event_name: "OpenPosition".into(),
                time: 30 * event as i64,
                instruction: "place_and_take_perp_order".into(),
                left: Some(refused.clone()),
                right: Some(refused.clone()),
            })
            .collect();
        of.compute_units = vec![ComputeUnits {
            side: "right".into(),
            instruction: "place_and_take_perp_order".into(),
            spent: (0..300).map(|step| (100_000 + step * 37, 1)).collect(),
        }];
        of.balance_sheets = vec![SheetRow {
            market: 0,
            item: "vault".into(),
            amount: "1000000".into(),
        }];
        of
    });
    report_of(trials.collect())
}

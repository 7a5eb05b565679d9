//! Findings and reports for tests, all alike but for what a test is about.

use super::{
    Compared, DivergenceReport, Finding, Kind, Place, Severity, Side, Size, Survey, TrialReport, Unit,
};
use drift::engine::Switches;

pub fn finding(id: u32, kind: Kind, field: &str) -> Finding {
    let place = Place {
        step: 9,
        event: Some(4),
        event_name: "open_position".to_owned(),
        instruction: "place_and_take_perp_order".to_owned(),
        slot: 1_000,
        unix_timestamp: 7,
    };
    Finding {
        id,
        kind,
        severity: Severity::Minor,
        cause: None,
        first: place.clone(),
        last: place,
        healed: None,
        occurrences: 3,
        account: Some("perp_market_0".to_owned()),
        account_kind: Some("PerpMarket".to_owned()),
        field: field.to_owned(),
        left: Some("5".to_owned()),
        right: Some("6".to_owned()),
        left_refused: None,
        right_refused: None,
        unit: Unit::of("PerpMarket", field),
        size: Some(Size {
            ulps: "1".to_owned(),
            absolute: 1e-6,
            relative: 1.0 / 6.0,
        }),
        last_size: None,
        largest_size: None,
        grew: false,
        knock_ons: None,
    }
}

pub fn trial(experiment: &str, findings: Vec<Finding>) -> TrialReport {
    let compared = Compared {
        findings,
        ..Compared::default()
    };
    TrialReport::new(experiment.to_owned(), compared)
}

/// Both sides are the simulator.
pub fn report(trials: Vec<TrialReport>) -> DivergenceReport {
    let side = || Side::engine(Switches::default());
    DivergenceReport::new("lp_bias".to_owned(), side(), side(), Some(Survey::of(10)), trials)
}

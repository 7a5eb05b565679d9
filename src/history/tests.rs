//! The engine's own way as a recording: driven again it must come out to the last unit.

use super::drive::drive;
use super::exchange::{Exchange, Shown};
use super::recording::{Recording, State};
use super::*;
use drift::accounts::PerpMarket;
use drift::clock::Clock;
use std::num::NonZeroUsize;

/// Trades, prices and fundings of two days, a state each quarter of an hour.
fn recorded() -> Recording {
    let start = Clock {
        slot: 1_000,
        unix_timestamp: 1_700_002_800,
    };
    let mut market = PerpMarket::default();
    market.amm.last_update_slot = start.slot;
    market.amm.historical_oracle_data.last_oracle_price_twap_ts = start.unix_timestamp;
    let mut state = State {
        row: 1,
        seen: start.unix_timestamp,
        market,
    };
    let mut exchange = Exchange::new(&state).unwrap();
    let mut states = Vec::new();
    for number in 1..=192_i64 {
        let clock = Clock {
            slot: start.slot + 2_250 * number as u64,
            unix_timestamp: start.unix_timestamp + 900 * number,
        };
        // A dollar, up and down by up to two percent.
        let shown = Shown {
            price: 1_000_000 + (number * 7_919 % 401 - 200) * 100,
            confidence: 0,
            delay: 0,
        };
        exchange.at(clock, shown);
        match number % 4 {
            0 => exchange
                .fund()
                .unwrap_or_else(|code| assert_eq!(code.name(), "FundingWasNotUpdated")),
            _ => exchange
                .trade((number * 104_729 % 2_001 - 1_000) * 10_000_000_000)
                .unwrap(),
        }
        if number % 4 == 0 {
            exchange.update().unwrap();
        }
        state = State {
            row: number as usize,
            seen: clock.unix_timestamp,
            market: exchange.market(),
        };
        states.push(state.clone());
    }
    assert!(
        exchange.refusals.values().sum::<u64>() <= 1,
        "{:?}",
        exchange.refusals
    );
    Recording {
        market: "OURS".into(),
        states,
        unrecorded: Vec::new(),
        unfit: Vec::new(),
        shifted: Vec::new(),
    }
}

#[test]
fn the_engines_own_way_is_found_again_to_the_last_unit() {
    let recording = recorded();
    let moved = |of: fn(&PerpMarket) -> i128| {
        let values: std::collections::BTreeSet<_> =
            recording.states.iter().map(|state| of(&state.market)).collect();
        values.len()
    };
    assert!(moved(|market| market.amm.base_asset_amount_with_amm) > 100);
    assert!(moved(|market| market.amm.last_funding_rate.into()) > 10);
    let ways = [
        Resync::Never,
        Resync::Every(NonZeroUsize::MIN),
        Resync::Every(NonZeroUsize::new(7).unwrap()),
    ];
    for resync in ways {
        let found = Comparison::new(recording.clone(), resync, 0.0).unwrap();
        for field in &found.fields {
            for series in [&field.asked, &field.each] {
                let errors = &series.errors;
                assert_eq!(
                    (errors.deviating, errors.last),
                    (0, 0),
                    "{} {resync}: {errors:?}",
                    field.quantity.name
                );
            }
        }
    }
}

#[test]
fn a_recording_that_is_off_shows_in_its_field_and_since_its_state() {
    let mut recording = recorded();
    recording.states[100].market.amm.total_fee += 1_000_000;
    let found = Comparison::new(recording, Resync::Never, 0.0).unwrap();
    for field in &found.fields {
        let first = (field.quantity.name == "total_fee").then_some(99);
        let errors = &field.asked.errors;
        assert_eq!(
            (errors.first, errors.deviating),
            (first, usize::from(first.is_some())),
            "{}",
            field.quantity.name
        );
    }
}

#[test]
fn steps_are_known_by_their_words() {
    assert_eq!("each".parse(), Ok(Resync::Every(NonZeroUsize::MIN)));
    assert_eq!(
        "12".parse::<Resync>().unwrap().to_string(),
        "started again from every 12th state"
    );
    assert!(
        "0".parse::<Resync>()
            .unwrap_err()
            .contains("`never`, `each` or a number")
    );
    let empty = Recording {
        market: String::new(),
        states: Vec::new(),
        unrecorded: Vec::new(),
        unfit: Vec::new(),
        shifted: Vec::new(),
    };
    assert!(drive(&empty, Resync::Never).unwrap().steps.is_empty());
}

use super::*;
use crate::path::GeometricBrownianMotion;
use proptest::prelude::*;

fn path(points: &[(u32, u64)]) -> PricePath {
    PricePath::from_points(points.iter().copied()).unwrap()
}

fn feed(yaml: &str, outside: &PricePath, horizon: u32) -> Feed {
    let spec: FeedSpec = serde_saphyr::from_str(yaml).unwrap();
    spec.validate().unwrap();
    spec.build(outside, Pcg64::new(1, 2), horizon)
}

#[test]
fn an_oracle_is_late_and_says_so_unless_it_hides_it() {
    let outside = path(&[(0, 10), (5, 20), (9, 15)]);
    let late = feed("delay_seconds: 3", &outside, 100);
    assert_eq!(
        late.shown().iter().collect::<Vec<_>>(),
        [(0, 10), (8, 20), (12, 15)]
    );
    let reading = |price, stamp| Reading {
        price,
        confidence: 0,
        stamp,
    };
    assert_eq!(late.at(7), reading(10, Stamp::Behind(3)));
    assert_eq!(late.at(8), reading(20, Stamp::Behind(3)));
    let hidden = feed("{delay_seconds: 3, hides_delay: true}", &outside, 100);
    assert_eq!(hidden.at(8), reading(20, Stamp::Behind(0)));
}

#[test]
fn in_an_outage_the_last_price_stays_and_ages() {
    let outside = path(&[(0, 10), (5, 20), (9, 15), (11, 12), (30, 11)]);
    let yaml = "{delay_seconds: 1, outages: {planned: [{second: 6, seconds: 10}, {second: 12, seconds: 8}]}}";
    let out = feed(yaml, &outside, 100);
    // Published at 6 for the last time, what was so at 5; then at 20.
    assert_eq!(
        out.shown().iter().collect::<Vec<_>>(),
        [(0, 10), (6, 20), (20, 12), (31, 11)]
    );
    assert_eq!(out.at(6).stamp, Stamp::Behind(1));
    for second in 7..20 {
        assert_eq!((out.at(second).price, out.at(second).stamp), (20, Stamp::Of(5)));
    }
    assert_eq!((out.at(20).price, out.at(20).stamp), (12, Stamp::Behind(1)));
}

#[test]
fn outages_come_as_often_and_last_as_long_as_told() {
    let spec = OutageSpec {
        per_day: 100.0,
        mean_seconds: 200.0,
        ..OutageSpec::default()
    };
    let days = 400;
    let outages = spec.draw(Pcg64::new(3, 4), days * 86_400);
    let count = outages.len() as f64;
    let lasted = outages
        .iter()
        .map(|outage| f64::from(outage.seconds))
        .sum::<f64>()
        / count;
    // An outage every 864 + 200.5 seconds (a length is rounded up): standard error of the mean length 200 / √count.
    let expected = f64::from(days) * 86_400.0 / 1_064.5;
    assert!((count / expected - 1.0).abs() < 0.03, "{count} {expected}");
    assert!((lasted - 200.5).abs() < 4.0 * 200.0 / count.sqrt(), "{lasted}");
    assert!(outages.windows(2).all(|pair| pair[0].end() < pair[1].second));
}

#[test]
fn confidence_widens_with_volatility() {
    let motion = |volatility_per_year| GeometricBrownianMotion {
        start_price: 1e4,
        volatility_per_year,
        step_seconds: 1,
        ..GeometricBrownianMotion::default()
    };
    for volatility in [0.5, 2.0] {
        let outside = motion(volatility).build(Pcg64::new(5, 6), 100_000).unwrap();
        let yaml = "{confidence: {share: 0.001, of_volatility: 2, memory_seconds: 300}}";
        let unsure = feed(yaml, &outside, 100_000);
        let widths = (3_000..100_000).step_by(100).map(|second| {
            let reading = unsure.at(second);
            (reading.confidence as f64 / reading.price as f64 - 0.001) / 2.0
        });
        let squares: Vec<f64> = widths.map(|width| width * width).collect();
        let mean = squares.iter().sum::<f64>() / squares.len() as f64;
        // The variance of 300 seconds, and half a second's more, since a square counts in full at once.
        let expected = volatility * volatility * 300.5 / 31_536_000.0;
        assert!((mean / expected - 1.0).abs() < 0.05, "{mean} {expected}");
    }
    let still = feed("confidence: {share: 0.01}", &path(&[(0, 20_000_000)]), 10);
    assert_eq!(still.at(5).confidence, 200_000);
}

#[test]
fn wrong_fields_are_named() {
    let yaml = "{delay_seconds: 100000, confidence: {share: 2}, outages: {planned: [{second: 1, seconds: 1000000}]}}";
    let spec: FeedSpec = serde_saphyr::from_str(yaml).unwrap();
    let said: Vec<_> = spec
        .validate()
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect();
    let expected = [
        "feed.delay_seconds is 100000: give a number from 0 to 86400 seconds",
        "feed.confidence.share is 2: give a number from 0 to 1 (share of the price; 0.0005 is 5 basis points)",
        "feed.outages.planned.0.seconds is 1000000: give a number from 0 to 864000 seconds",
    ];
    assert_eq!(said, expected);
}

proptest! {
    #[test]
    fn the_path_shown_is_what_the_readings_say(
        gaps in prop::collection::vec((1u32..30, 1u64..1000), 0..60),
        planned in prop::collection::vec((0u32..900, 0u32..200), 0..6),
        delay_seconds in 0u32..50,
    ) {
        let mut second = 0;
        let points = gaps.iter().map(|&(gap, price)| { second += gap; (second, price) });
        let outside = PricePath::from_points([(0, 7)].into_iter().chain(points)).unwrap();
        let planned = planned.iter().map(|&(second, seconds)| Outage { second, seconds }).collect();
        let spec = FeedSpec {
            delay_seconds,
            outages: OutageSpec { planned, ..OutageSpec::default() },
            ..FeedSpec::default()
        };
        let feed = spec.build(&outside, Pcg64::new(1, 1), 2_500);
        for second in 0..2_500 {
            prop_assert_eq!(feed.at(second).price, feed.shown().price_at(second), "{}", second);
        }
    }
}

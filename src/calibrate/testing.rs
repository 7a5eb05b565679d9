//! Samples for tests: what the path models make.

use super::Sample;
use crate::path::{PathSpec, PriceFiles};
use crate::random::{Purpose, stream};

/// Log returns of a path over its own steps of so many seconds.
pub(super) fn simulated(spec: &PathSpec, step_seconds: u32, count: u32, replicate: u64) -> Vec<f64> {
    let rng = stream(20_221_107, replicate, Purpose::PricePath, 0);
    let path = spec
        .build(rng, step_seconds * count, &PriceFiles::new(""))
        .unwrap();
    let price = |number: u32| path.price_at(i64::from(number * step_seconds)) as f64;
    (0..count)
        .map(|number| (price(number + 1) / price(number)).ln())
        .collect()
}

/// A path from the YAML of a scenario.
pub(super) fn spec(yaml: &str) -> PathSpec {
    serde_saphyr::from_str(yaml).unwrap()
}

pub(super) fn sample(returns: &[f64], step_seconds: u32) -> Sample<'_> {
    Sample::new(returns, step_seconds, 20.0).unwrap()
}

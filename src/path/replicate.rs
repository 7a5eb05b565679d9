//! Paths of a replicate, made once for all points that share them.

use super::{PathError, PathSpec, PriceFiles, PricePath};
use crate::random::{Purpose, stream};
use std::cell::RefCell;

/// Prices a thread keeps, all paths together; 12 bytes each.
const MOST_PRICES: usize = 1 << 22;

/// What a path depends on: seed, replicate and number of the oracle, horizon, model.
struct Made {
    luck: (u64, u64, u64),
    horizon: u32,
    spec: PathSpec,
    path: PricePath,
}

thread_local! {
    // A sweep runs the points of a replicate one after another, and most of them do not change the oracles.
    static MADE: RefCell<Vec<Made>> = const { RefCell::new(Vec::new()) };
}

/// The path of `spec` for `luck`, which is the sweep's seed, the replicate and the number of the oracle.
///
/// # Errors
/// Those of [`PathSpec::build`].
pub fn of_replicate(
    spec: &PathSpec,
    luck: (u64, u64, u64),
    horizon: u32,
    files: &PriceFiles,
) -> Result<PricePath, PathError> {
    let (seed, replicate, index) = luck;
    let build = || spec.build(stream(seed, replicate, Purpose::PricePath, index), horizon, files);
    // What is in a file is shared already, and the same name may stand for another file.
    if matches!(spec, PathSpec::Csv(_)) {
        return build();
    }
    MADE.with_borrow_mut(|made| {
        let same = |known: &&Made| known.luck == luck && known.horizon == horizon && known.spec == *spec;
        if let Some(known) = made.iter().find(same) {
            return Ok(known.path.clone());
        }
        let path = build()?;
        made.retain(|known| (known.luck.0, known.luck.1) == (seed, replicate));
        let kept: usize = made.iter().map(|known| known.path.len()).sum();
        if kept + path.len() <= MOST_PRICES {
            made.push(Made {
                luck,
                horizon,
                spec: spec.clone(),
                path: path.clone(),
            });
        }
        Ok(path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::GeometricBrownianMotion;
    use std::path::Path;

    fn walk(volatility_per_year: f64) -> PathSpec {
        PathSpec::GeometricBrownianMotion(GeometricBrownianMotion {
            volatility_per_year,
            ..GeometricBrownianMotion::default()
        })
    }

    #[test]
    fn a_path_that_was_made_before_is_the_same_path() {
        let files = PriceFiles::new(Path::new("."));
        let made =
            |volatility, luck, horizon| of_replicate(&walk(volatility), luck, horizon, &files).unwrap();
        let alone = |volatility, (seed, replicate, index), horizon| {
            let random = stream(seed, replicate, Purpose::PricePath, index);
            walk(volatility).build(random, horizon, &files).unwrap()
        };
        let asked = [
            (0.5, (1, 2, 0), 600),
            (0.5, (1, 2, 1), 600),
            (0.9, (1, 2, 0), 600),
            (0.5, (1, 2, 0), 900),
            (0.5, (1, 3, 0), 600),
            (0.5, (4, 2, 0), 600),
        ];
        for _ in 0..2 {
            for (volatility, luck, horizon) in asked {
                let (again, alone) = (made(volatility, luck, horizon), alone(volatility, luck, horizon));
                assert!(again.iter().eq(alone.iter()), "{volatility} {luck:?} {horizon}");
            }
        }
    }
}

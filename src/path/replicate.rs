//! Paths of a replicate, made once for all points that share them.

use super::{PathError, PathSpec, PriceFiles, PricePath, Tie};
use crate::recording::PriceSeries;
use std::cell::RefCell;
use std::sync::Arc;

/// Prices a thread keeps, all paths together; 12 bytes each.
const MOST_PRICES: usize = 1 << 22;

/// What a path depends on: seed, replicate and number of the oracle, ties to others, horizon, model, what was recorded.
struct Made {
    luck: (u64, u64, u64),
    tie: Tie,
    horizon: u32,
    spec: PathSpec,
    recording: Option<Arc<PriceSeries>>,
    path: PricePath,
}

/// Whether both are the same, and not just of the same name.
fn same_recording(one: &Option<Arc<PriceSeries>>, other: &Option<Arc<PriceSeries>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        _ => one.is_none() && other.is_none(),
    }
}

thread_local! {
    // A sweep runs the points of a replicate one after another, and most of them do not change the oracles.
    static MADE: RefCell<Vec<Made>> = const { RefCell::new(Vec::new()) };
}

/// The path of `spec` for `luck`, which is the sweep's seed, the replicate and the number of the oracle, tied to others' as `tie` says.
///
/// # Errors
/// Those of [`PathSpec::build`].
pub fn of_replicate(
    spec: &PathSpec,
    luck: (u64, u64, u64),
    tie: &Tie,
    horizon: u32,
    files: &PriceFiles,
) -> Result<PricePath, PathError> {
    let (seed, replicate, _) = luck;
    let build = || spec.build_by(tie.chance(luck), horizon, files);
    // What is in a file is shared already, and the same name may stand for another file.
    if matches!(spec, PathSpec::Csv(_) | PathSpec::Recorded(_)) || spec.files() > 1 {
        return build();
    }
    let recording = spec
        .recording()
        .map(|recorded| files.series(recorded))
        .transpose()?;
    MADE.with_borrow_mut(|made| {
        let same = |known: &&Made| {
            (known.luck, known.horizon) == (luck, horizon)
                && known.tie == *tie
                && known.spec == *spec
                && same_recording(&known.recording, &recording)
        };
        if let Some(known) = made.iter().find(same) {
            return Ok(known.path.clone());
        }
        let path = build()?;
        made.retain(|known| (known.luck.0, known.luck.1) == (seed, replicate));
        let kept: usize = made.iter().map(|known| known.path.len()).sum();
        if kept + path.len() <= MOST_PRICES {
            made.push(Made {
                luck,
                tie: tie.clone(),
                horizon,
                spec: spec.clone(),
                recording,
                path: path.clone(),
            });
        }
        Ok(path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::{GeometricBrownianMotion, Heston, Share, Source};
    use crate::random::{Purpose, stream};

    fn walk(volatility_per_year: f64) -> PathSpec {
        PathSpec::GeometricBrownianMotion(GeometricBrownianMotion {
            volatility_per_year,
            ..GeometricBrownianMotion::default()
        })
    }

    /// A tie of oracle `index`, whose model is `spec`, to oracle 0, whose model is `other`.
    fn tied(correlation: f64, (index, spec): (u64, &PathSpec), other: &PathSpec) -> Tie {
        let source = |index, spec: &PathSpec| Source {
            index,
            drive: spec.drive().unwrap(),
        };
        Tie::Correlated {
            leader: source(index, spec),
            own: (1.0 - correlation * correlation).sqrt(),
            others: vec![Share {
                market: source(0, other),
                weight: correlation,
            }],
        }
    }

    #[test]
    fn a_path_that_was_made_before_is_the_same_path() {
        let files = PriceFiles::new("");
        let made = |volatility, luck, tie: &Tie, horizon| {
            of_replicate(&walk(volatility), luck, tie, horizon, &files).unwrap()
        };
        let alone = |volatility, luck, tie: &Tie, horizon| {
            let chance = tie.chance(luck);
            walk(volatility).build_by(chance, horizon, &files).unwrap()
        };
        let [half, most] = [0.5, 0.9].map(|c| tied(c, (1, &walk(1.0)), &walk(1.0)));
        let asked = [
            (0.5, (1, 2, 0), &Tie::Free, 600),
            (0.5, (1, 2, 1), &Tie::Free, 600),
            (0.5, (1, 2, 1), &half, 600),
            (0.5, (1, 2, 1), &most, 600),
            (0.9, (1, 2, 0), &Tie::Free, 600),
            (0.5, (1, 2, 0), &Tie::Free, 900),
            (0.5, (1, 3, 0), &Tie::Free, 600),
            (0.5, (4, 2, 0), &Tie::Free, 600),
        ];
        for _ in 0..2 {
            for (volatility, luck, tie, horizon) in asked {
                let again = made(volatility, luck, tie, horizon);
                let alone = alone(volatility, luck, tie, horizon);
                assert!(
                    again.iter().eq(alone.iter()),
                    "{volatility} {luck:?} {tie:?} {horizon}"
                );
            }
        }
        let untied = walk(0.5).build(stream(1, 2, Purpose::PricePath, 1), 600, &files);
        let kept = made(0.5, (1, 2, 1), &Tie::Free, 600);
        assert!(kept.iter().eq(untied.unwrap().iter()));
    }

    #[test]
    fn no_correlation_changes_nothing_and_a_full_one_gives_the_others_shocks() {
        let files = PriceFiles::new("");
        let path = |index, tie: &Tie| of_replicate(&walk(0.5), (1, 2, index), tie, 600, &files).unwrap();
        assert!(
            path(7, &tied(0.0, (7, &walk(0.5)), &walk(1.0)))
                .iter()
                .eq(path(7, &Tie::Free).iter())
        );
        assert!(
            path(7, &tied(1.0, (7, &walk(0.5)), &walk(1.0)))
                .iter()
                .eq(path(0, &Tie::Free).iter())
        );
    }

    #[test]
    fn correlations_are_recovered_between_models_too() {
        let files = PriceFiles::new("");
        let models = [
            walk(0.5),
            PathSpec::Heston(Heston {
                start_price: 1e4,
                volatility_of_variance: 8.0,
                correlation: -0.5,
                ..Heston::default()
            }),
        ];
        let steps = 20_000;
        let returns = |spec: &PathSpec, index, tie: &Tie| {
            let path = of_replicate(spec, (5, 6, index), tie, 10 * steps, &files).unwrap();
            let price = |n: u32| path.price_at((10 * n).into()) as f64;
            (0..steps)
                .map(|n| (price(n + 1) / price(n)).ln())
                .collect::<Vec<_>>()
        };
        for first in &models {
            for second in &models {
                for correlation in [-0.6, 0.8] {
                    let one = returns(first, 0, &Tie::Free);
                    let other = returns(second, 1, &tied(correlation, (1, second), first));
                    let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
                    let found = sum(&one, &other) / (sum(&one, &one) * sum(&other, &other)).sqrt();
                    assert!((found - correlation).abs() < 0.03, "{found} {correlation}");
                }
            }
        }
    }

    #[test]
    fn a_file_of_the_same_name_is_another_recording() {
        let spec: PathSpec =
            serde_saphyr::from_str("bootstrap: {recording: {file: p.csv}, block_seconds: 10}").unwrap();
        let build = |files: &PriceFiles| of_replicate(&spec, (1, 2, 0), &Tie::Free, 600, files).unwrap();
        let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let files = ["0,10\n10,11\n30,12\n", "0,10\n10,9\n30,8\n"]
            .iter()
            .zip(&folders);
        let files: Vec<PriceFiles> = files
            .map(|(text, folder)| {
                std::fs::write(folder.path().join("p.csv"), text).unwrap();
                PriceFiles::new(folder.path())
            })
            .collect();
        let path = |k: usize| build(&files[k]).iter().collect::<Vec<_>>();
        let (rising, falling) = (path(0), path(1));
        assert!(rising != falling && rising == path(0) && falling == path(1));
    }
}

//! The engine's values beside the recorded ones, and how far apart they are.

use super::HistoryError;
use super::drive::{Drive, Resync, drive};
use super::quantity::{Quantity, quantities};
use super::recording::Recording;

/// A recording, and what the engine makes of it.
pub struct Comparison {
    /// What was recorded.
    pub recording: Recording,
    /// From which states the engine started again.
    pub resync: Resync,
    /// What counts as a deviation, as a share of the recorded value.
    pub tolerance: f64,
    /// The engine's way as asked for.
    pub asked: Drive,
    /// Its way started again from every state: what one step alone gets wrong.
    pub each: Drive,
    /// What was compared.
    pub fields: Vec<Compared>,
}

/// One field over time.
pub struct Compared {
    /// Which.
    pub quantity: Quantity,
    /// The way that was asked for.
    pub asked: Series,
    /// Each step alone.
    pub each: Series,
}

/// A field's values at every state but the first, as the program's integers.
pub struct Series {
    /// As recorded.
    pub recorded: Vec<i128>,
    /// As the engine has it.
    pub engine: Vec<i128>,
    /// By how much the recorded value changed since the state before.
    pub recorded_change: Vec<i128>,
    /// By how much the engine changed it in the same step.
    pub engine_change: Vec<i128>,
    /// In what they differ.
    pub errors: Errors,
}

/// How far a series is off. Absolute values are in the program's integers.
#[derive(Clone, Debug, PartialEq)]
pub struct Errors {
    /// States at which the two are equal, to the last unit.
    pub exact: usize,
    /// States that deviate by more than the tolerance.
    pub deviating: usize,
    /// The first of these, as a place in the series.
    pub first: Option<usize>,
    /// Mean of the error, with its sign: a bias.
    pub mean: f64,
    /// Mean of its magnitude.
    pub mean_absolute: f64,
    /// Median of its share of the recorded value; where that is zero an error counts as infinite.
    pub median_relative: f64,
    /// The largest error, and where.
    pub largest: (usize, i128),
    /// The error at the last state.
    pub last: i128,
    /// Pearson's correlation of the changes from state to state; none where one of the two never changes.
    pub correlation: Option<f64>,
}

impl Comparison {
    /// Drives the engine along `recording`, as `resync` says and once more from every state. An error beyond `tolerance` times the recorded
    /// value is a deviation.
    ///
    /// # Errors
    /// [`HistoryError::Setup`].
    pub fn new(recording: Recording, resync: Resync, tolerance: f64) -> Result<Self, HistoryError> {
        let asked = drive(&recording, resync)?;
        let each = drive(&recording, Resync::Every(std::num::NonZeroUsize::MIN))?;
        let fields = quantities()
            .into_iter()
            .map(|quantity| Compared {
                quantity,
                asked: Series::new(&recording, &asked, quantity, tolerance),
                each: Series::new(&recording, &each, quantity, tolerance),
            })
            .collect();
        Ok(Self {
            recording,
            resync,
            tolerance,
            asked,
            each,
            fields,
        })
    }
}

impl Series {
    fn new(recording: &Recording, drive: &Drive, quantity: Quantity, tolerance: f64) -> Self {
        let values: Vec<i128> = recording
            .states
            .iter()
            .map(|state| (quantity.of)(&state.market))
            .collect();
        let recorded: Vec<i128> = values.iter().skip(1).copied().collect();
        let engine: Vec<i128> = drive.steps.iter().map(|step| (quantity.of)(&step.end)).collect();
        let recorded_change: Vec<i128> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let engine_change: Vec<i128> = drive
            .steps
            .iter()
            .map(|step| (quantity.of)(&step.end) - (quantity.of)(&step.start))
            .collect();
        let errors = Errors::of(
            &recorded,
            &engine,
            tolerance,
            correlation(&recorded_change, &engine_change),
        );
        Self {
            recorded,
            engine,
            recorded_change,
            engine_change,
            errors,
        }
    }
}

/// An error as a share of the recorded value.
pub fn relative(recorded: i128, engine: i128) -> f64 {
    match (engine - recorded, recorded) {
        (0, _) => 0.0,
        (_, 0) => f64::INFINITY,
        (error, recorded) => error as f64 / recorded.unsigned_abs() as f64,
    }
}

impl Errors {
    fn of(recorded: &[i128], engine: &[i128], tolerance: f64, correlation: Option<f64>) -> Self {
        let errors: Vec<i128> = recorded
            .iter()
            .zip(engine)
            .map(|(recorded, engine)| engine - recorded)
            .collect();
        let mut shares: Vec<f64> = recorded
            .iter()
            .zip(engine)
            .map(|(recorded, engine)| relative(*recorded, *engine).abs())
            .collect();
        let count = errors.len().max(1) as f64;
        let sum = |of: &dyn Fn(f64) -> f64| errors.iter().map(|error| of(*error as f64)).sum::<f64>();
        let deviates: Vec<usize> = (0..shares.len())
            .filter(|place| shares[*place] > tolerance)
            .collect();
        let largest = errors
            .iter()
            .copied()
            .enumerate()
            .max_by_key(|(place, error)| (error.unsigned_abs(), usize::MAX - place));
        shares.sort_by(f64::total_cmp);
        Self {
            exact: errors.iter().filter(|error| **error == 0).count(),
            deviating: deviates.len(),
            first: deviates.first().copied(),
            mean: sum(&|error| error) / count,
            mean_absolute: sum(&f64::abs) / count,
            median_relative: median(&shares),
            largest: largest.unwrap_or((0, 0)),
            last: errors.last().copied().unwrap_or(0),
            correlation,
        }
    }
}

/// The middle of sorted values, or between the two in the middle; zero of none.
fn median(sorted: &[f64]) -> f64 {
    let upper = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    match sorted.len() % 2 {
        0 => sorted
            .get((sorted.len() / 2).wrapping_sub(1))
            .map_or(upper, |lower| {
                // Two infinite values have an infinite middle.
                if lower == &upper {
                    upper
                } else {
                    lower.midpoint(upper)
                }
            }),
        _ => upper,
    }
}

/// Pearson's correlation; none where one of the two is constant.
fn correlation(left: &[i128], right: &[i128]) -> Option<f64> {
    let count = left.len() as f64;
    let mean = |values: &[i128]| values.iter().map(|value| *value as f64).sum::<f64>() / count;
    let (of_left, of_right) = (mean(left), mean(right));
    let mut sums = (0.0, 0.0, 0.0);
    for (left, right) in left.iter().zip(right) {
        let (left, right) = (*left as f64 - of_left, *right as f64 - of_right);
        sums.0 += left * right;
        sums.1 += left * left;
        sums.2 += right * right;
    }
    let scale = (sums.1 * sums.2).sqrt();
    (scale > 0.0 && scale.is_finite()).then(|| sums.0 / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_by_hand() {
        let (recorded, engine) = ([100, 200, 0, 400], [100, 202, 1, 380]);
        let errors = Errors::of(&recorded, &engine, 0.02, None);
        // Errors 0, 2, 1, -20; shares 0, 0.01, infinite, 0.05.
        assert_eq!((errors.exact, errors.deviating, errors.first), (1, 2, Some(2)));
        assert_eq!((errors.mean, errors.mean_absolute), (-17.0 / 4.0, 23.0 / 4.0));
        assert!((errors.median_relative - 0.03).abs() < 1e-12);
        assert_eq!((errors.largest, errors.last), ((3, -20), -20));
        assert_eq!(relative(-50, -49), 0.02);
        assert_eq!(relative(0, 0), 0.0);
    }

    #[test]
    fn correlations_by_hand() {
        assert_eq!(correlation(&[1, 2, 3], &[2, 4, 6]), Some(1.0));
        assert_eq!(correlation(&[1, 2, 3], &[-1, -2, -3]), Some(-1.0));
        // numpy.corrcoef([1, 2, 4], [3, 1, 2])
        let found = correlation(&[1, 2, 4], &[3, 1, 2]).unwrap();
        assert!((found + 0.327_326_835_353_989).abs() < 1e-12, "{found}");
        assert_eq!(correlation(&[1, 1, 1], &[1, 2, 3]), None);
        assert_eq!(correlation(&[], &[]), None);
    }
}

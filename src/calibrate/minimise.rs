//! Minima of functions of a few coordinates.

use argmin::core::{CostFunction, Error, Executor, Gradient};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::neldermead::NelderMead;
use argmin::solver::quasinewton::BFGS;
use std::cell::RefCell;

/// Where a function is least, and its value there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Minimum {
    pub at: Vec<f64>,
    pub value: f64,
}

/// In place of values that are not finite: worse than all others, and differences of it are finite.
const WORST: f64 = 1e30;

/// The step of the differences that make gradients: the cube root of the rounding error of values around 1, the best for central ones.
const STEP: f64 = 6e-6;

/// A function, and the best that was seen of it.
struct Objective<'a> {
    function: &'a dyn Fn(&[f64]) -> f64,
    best: RefCell<Minimum>,
}

impl Objective<'_> {
    fn value(&self, at: &[f64]) -> f64 {
        let value = (self.function)(at);
        if !value.is_finite() {
            return WORST;
        }
        let mut best = self.best.borrow_mut();
        if value < best.value {
            *best = Minimum {
                at: at.to_vec(),
                value,
            };
        }
        value
    }
}

impl CostFunction for &Objective<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, at: &Vec<f64>) -> Result<f64, Error> {
        Ok(self.value(at))
    }
}

impl Gradient for &Objective<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, at: &Vec<f64>) -> Result<Vec<f64>, Error> {
        let slope = |place: usize| {
            let beside = |step: f64| {
                let mut moved = at.clone();
                moved[place] += step;
                self.value(&moved)
            };
            (beside(STEP) - beside(-STEP)) / (2.0 * STEP)
        };
        Ok((0..at.len()).map(slope).collect())
    }
}

/// The least value that is found from several starts, of a function whose values, and the coordinates it is to be explored by, are around 1
/// in size; `None` where it is finite at no start.
///
/// From each start a coarse search with a simplex (J. A. Nelder and R. Mead, "A Simplex Method for Function Minimization", 1965), which no
/// ridge or cliff of a likelihood throws off; from the best of them quasi-Newton steps (Broyden, Fletcher, Goldfarb and Shanno, 1970) to the
/// last digits; simplex and steps again until neither betters the other. Nothing is left to chance.
pub(super) fn minimise(starts: &[Vec<f64>], function: &dyn Fn(&[f64]) -> f64) -> Option<Minimum> {
    let mut best: Option<Minimum> = None;
    for start in starts {
        let found = simplex(function, start, 0.4, 1e-5);
        if found.value < best.as_ref().map_or(WORST, |best| best.value) {
            best = Some(found);
        }
    }
    let mut best = best?;
    for _ in 0..5 {
        let before = best.value;
        best = quasi_newton(function, best, 1e-14);
        let checked = simplex(function, &best.at, 0.05, 1e-11);
        if checked.value < best.value {
            best = checked;
        }
        if before - best.value < 1e-9 {
            break;
        }
    }
    Some(best)
}

/// The minimum near a start that is a good one already, until a step betters the value by less than `tolerance`.
pub(super) fn minimise_from(
    start: &[f64],
    tolerance: f64,
    function: &dyn Fn(&[f64]) -> f64,
) -> Option<Minimum> {
    let value = function(start);
    let start = Minimum {
        at: start.to_vec(),
        value,
    };
    value
        .is_finite()
        .then(|| quasi_newton(function, start, tolerance))
}

fn simplex(function: &dyn Fn(&[f64]) -> f64, start: &[f64], size: f64, tolerance: f64) -> Minimum {
    let corner = |place: usize| {
        let mut corner = start.to_vec();
        corner[place] += size;
        corner
    };
    let corners = std::iter::once(start.to_vec()).chain((0..start.len()).map(corner));
    let solver = NelderMead::new(corners.collect()).with_sd_tolerance(tolerance);
    improve(
        function,
        Minimum {
            at: start.to_vec(),
            value: WORST,
        },
        |objective| {
            Executor::new(objective, solver?)
                .configure(|state| state.max_iters(150 * start.len() as u64))
                .timer(false)
                .run()
                .map(|_| ())
        },
    )
}

fn quasi_newton(function: &dyn Fn(&[f64]) -> f64, start: Minimum, tolerance: f64) -> Minimum {
    let (at, count) = (start.at.clone(), start.at.len());
    improve(function, start, |objective| {
        let solver = BFGS::new(MoreThuenteLineSearch::new())
            .with_tolerance_grad(1e-8)?
            .with_tolerance_cost(tolerance)?;
        let identity = (0..count)
            .map(|row| {
                (0..count)
                    .map(|column| f64::from(u8::from(row == column)))
                    .collect()
            })
            .collect::<Vec<Vec<f64>>>();
        Executor::new(objective, solver)
            .configure(|state| state.param(at).inv_hessian(identity).max_iters(200))
            .timer(false)
            .run()
            .map(|_| ())
    })
}

/// The best that a search sees. One that gives up, as a line search does where rounding is all that is left, has still seen it.
fn improve<'a>(
    function: &'a dyn Fn(&[f64]) -> f64,
    start: Minimum,
    search: impl FnOnce(&Objective<'a>) -> Result<(), Error>,
) -> Minimum {
    let objective = Objective {
        function,
        best: RefCell::new(start),
    };
    let _ended_early = search(&objective).is_err();
    objective.best.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// H. H. Rosenbrock's valley (1960): least at (1, 1), at the end of a bent and narrow way.
    fn valley(at: &[f64]) -> f64 {
        let (x, y) = (at[0], at[1]);
        100.0 * (y - x * x).powi(2) + (1.0 - x).powi(2)
    }

    #[test]
    fn the_end_of_a_narrow_valley_is_found() {
        for found in [
            minimise(&[vec![-1.2, 1.0]], &valley),
            minimise_from(&[0.5, 0.5], 1e-14, &valley),
        ] {
            let found = found.unwrap();
            assert!(
                (found.at[0] - 1.0).abs() < 1e-5 && (found.at[1] - 1.0).abs() < 1e-5,
                "{found:?}"
            );
        }
    }

    #[test]
    fn the_better_of_two_hollows_is_found_from_either_start() {
        // Hollows at -2 and 2; the tilt makes the one at -2 the deeper.
        let hollows = |at: &[f64]| (at[0] * at[0] - 4.0).powi(2) / 10.0 + 0.2 * at[0];
        for starts in [[vec![-2.5], vec![2.5]], [vec![2.5], vec![-2.5]]] {
            assert!(minimise(&starts, &hollows).unwrap().at[0] < -1.9);
        }
        assert!(minimise(&[vec![2.5]], &hollows).unwrap().at[0] > 1.9);
    }

    #[test]
    fn cliffs_are_no_end_and_nowhere_is_said() {
        // No value where x is below 1; least at the cliff's edge, beyond which nothing is.
        let cliff = |at: &[f64]| if at[0] < 1.0 { f64::NAN } else { at[0] };
        let found = minimise(&[vec![3.0]], &cliff).unwrap();
        assert!((found.at[0] - 1.0).abs() < 1e-3, "{found:?}");
        assert_eq!(minimise(&[vec![0.0]], &|_| f64::NAN), None);
        assert_eq!(minimise_from(&[0.0], 1e-14, &cliff), None);
    }
}

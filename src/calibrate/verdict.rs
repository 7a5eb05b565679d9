//! Tests of whether a model fits.

use super::statistics::{
    chi_squared_chance, hill, kolmogorov_chance, kolmogorov_smirnov, ljung_box, tail_count,
};
use super::{Fit, Sample};
use crate::path::{MeanReversion, PRICE_SCALE, PathSpec, PriceFiles};
use crate::random::{Purpose, stream};
use rayon::prelude::*;

/// How a fit is tested.
#[derive(Clone, Copy, Debug)]
pub struct Testing {
    /// How many samples are made by the fitted model, and fitted anew, to see what the statistics are where the model is right; with 0 the
    /// chances are those of a model whose parameters were known beforehand.
    pub bootstrap: u32,
    /// How many lags are looked at together.
    pub lags: usize,
    /// The seed of the samples.
    pub seed: u64,
}

impl Default for Testing {
    fn default() -> Self {
        Self {
            bootstrap: 99,
            lags: 20,
            seed: 1,
        }
    }
}

/// A test of a fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Check {
    /// The statistic.
    pub statistic: f64,
    /// How likely one as large or larger is where the model is right.
    pub p_value: f64,
}

impl Check {
    /// Whether the model is not refuted at the level of 5 %.
    pub fn passes(&self) -> bool {
        self.p_value >= 0.05
    }
}

/// The tail of the returns beside the model's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TailCheck {
    /// Hill's index of the returns, over the largest twentieth of them in either direction.
    pub index: f64,
    /// Its standard error, as if returns were independent.
    pub std_error: f64,
    /// The same of samples that the model makes: 5 %, 50 % and 95 % of them are below; `None` without such samples.
    pub model: Option<[f64; 3]>,
    /// How likely an index as far out, to either side, is where the model is right; `None` without samples.
    pub p_value: Option<f64>,
}

impl TailCheck {
    /// Whether the model is not refuted at the level of 5 %.
    pub fn passes(&self) -> Option<bool> {
        self.p_value.map(|chance| chance >= 0.05)
    }
}

/// What tests say of a fit.
///
/// Statistics of a fitted model are smaller than those of one with parameters known beforehand, so that tables for the latter find too little
/// (H. W. Lilliefors, 1967). Chances are therefore counted: the fitted model makes samples of the same length, each is fitted anew, and the
/// chance is the share of statistics as large, the sample's own among them (the parametric bootstrap; W. Stute, W. Gonzáles-Manteiga and M.
/// Presedo-Quindimil, 1993).
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Kolmogorov and Smirnov's test of the scores: is the distribution of each return right, given those before?
    pub distribution: Check,
    /// Ljung and Box's test of the scores: are returns predictable?
    pub correlation: Check,
    /// The same of their squares: is volatility, beyond what the model says of it?
    pub clustering: Check,
    /// Whether large returns are as frequent as they are.
    pub tail: TailCheck,
    /// How many samples were made and fitted; 0 where chances are from tables.
    pub samples: u32,
    /// Returns that the model makes, in ascending order.
    pub made: Vec<f64>,
}

/// The price at which samples start, in dollars: high enough that rounding to millionths changes no return to speak of.
const START: f64 = 1000.0;

/// Samples of which the returns are kept.
const KEPT: usize = 20;

/// Statistics of a sample.
struct Statistics {
    checks: [f64; 3],
    tail: f64,
    returns: Vec<f64>,
}

impl Verdict {
    /// Tests a fit to a sample.
    pub fn new(fit: &Fit, sample: &Sample, testing: Testing) -> Self {
        let own = statistics(&fit.scores, sample.returns(), testing.lags);
        let spec = from_start(fit, sample);
        let replicates = testing.bootstrap.max(1);
        let made: Vec<Statistics> = (0..u64::from(replicates))
            .into_par_iter()
            .filter_map(|replicate| {
                let returns = made(&spec, sample, testing.seed, replicate)?;
                let scores = match testing.bootstrap {
                    0 => fit.scores.clone(),
                    _ => fit.refit(&Sample::new(&returns, sample.step_seconds(), START).ok()?)?,
                };
                let mut found = statistics(&scores, &returns, testing.lags);
                found.returns = returns;
                Some(found)
            })
            .collect();
        // Most samples of a price that falls or rises beyond what a path holds cannot be made; the rest would be a biased choice.
        let counted = testing.bootstrap > 0 && made.len() * 10 >= testing.bootstrap as usize * 9;
        let n = sample.len();
        let from_tables = [
            kolmogorov_chance(own.checks[0], n),
            chi_squared_chance(own.checks[1], testing.lags),
            chi_squared_chance(own.checks[2], testing.lags),
        ];
        let check = |place: usize| {
            let statistic = own.checks[place];
            let as_large = made
                .iter()
                .filter(|other| other.checks[place] >= statistic)
                .count();
            let p_value = match counted {
                true => (1 + as_large) as f64 / (1 + made.len()) as f64,
                false => from_tables[place],
            };
            Check { statistic, p_value }
        };
        let [distribution, correlation, clustering] = [check(0), check(1), check(2)];
        let mut tails: Vec<f64> = made.iter().map(|other| other.tail).collect();
        tails.sort_unstable_by(f64::total_cmp);
        let below = tails.iter().filter(|other| **other <= own.tail).count();
        let above = tails.iter().filter(|other| **other >= own.tail).count();
        let in_tail = 2.0 * (1 + below.min(above)) as f64 / (1 + tails.len()) as f64;
        let mut returns: Vec<f64> = made
            .iter()
            .take(KEPT)
            .flat_map(|other| &other.returns)
            .copied()
            .collect();
        returns.sort_unstable_by(f64::total_cmp);
        Self {
            distribution,
            correlation,
            clustering,
            tail: TailCheck {
                index: own.tail,
                std_error: own.tail / (tail_count(n) as f64).sqrt(),
                model: counted.then(|| [0.05, 0.5, 0.95].map(|share| quantile(&tails, share))),
                p_value: counted.then_some(in_tail.min(1.0)),
            },
            samples: if counted { made.len() as u32 } else { 0 },
            made: returns,
        }
    }
}

/// The value below which such a share of ascending values is, between the two nearest; NaN where there is none.
pub fn quantile(ascending: &[f64], share: f64) -> f64 {
    let place = share * ascending.len().saturating_sub(1) as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    match (ascending.get(low), ascending.get(high)) {
        (Some(below), Some(above)) => below + (place - place.floor()) * (above - below),
        _ => f64::NAN,
    }
}

fn statistics(scores: &[f64], returns: &[f64], lags: usize) -> Statistics {
    let squares: Vec<f64> = scores.iter().map(|score| score * score).collect();
    Statistics {
        checks: [
            kolmogorov_smirnov(scores),
            ljung_box(scores, lags),
            ljung_box(&squares, lags),
        ],
        tail: hill(returns),
        returns: Vec::new(),
    }
}

/// The fitted path from where the sample began, at a price that suits.
fn from_start(fit: &Fit, sample: &Sample) -> PathSpec {
    let mut spec = fit.spec.clone();
    let price = match &mut spec {
        PathSpec::GeometricBrownianMotion(model) => &mut model.start_price,
        PathSpec::JumpDiffusion(model) => &mut model.start_price,
        PathSpec::Garch(model) => &mut model.start_price,
        PathSpec::Heston(model) => &mut model.start_price,
        PathSpec::RegimeSwitching(model) => &mut model.start_price,
        PathSpec::HawkesJumps(model) => &mut model.start_price,
        PathSpec::MeanReversion(MeanReversion {
            start_price,
            mean_price,
            ..
        }) => {
            let first = sample.last_price() * libm::exp(-sample.returns().iter().sum::<f64>());
            *mean_price *= START / first;
            start_price
        }
        _ => return spec,
    };
    *price = START;
    spec
}

/// Returns that a path makes; `None` where its price leaves the range in which returns can be told.
fn made(spec: &PathSpec, sample: &Sample, seed: u64, replicate: u64) -> Option<Vec<f64>> {
    let step = i64::from(sample.step_seconds());
    let horizon = u32::try_from(step * i64::try_from(sample.len()).ok()?).ok()?;
    let rng = stream(seed, replicate, Purpose::PricePath, 0);
    let path = spec.build(rng, horizon, &PriceFiles::new("")).ok()?;
    // A hundredth of a step's standard deviation is lost to rounding there.
    let least = 100.0 / (sample.std_dev() * PRICE_SCALE as f64);
    let prices: Vec<f64> = (0..=sample.len() as i64)
        .map(|number| path.price_at(number * step) as f64 / PRICE_SCALE as f64)
        .collect();
    let tellable = prices.iter().all(|price| *price >= least);
    tellable.then(|| {
        prices
            .windows(2)
            .map(|pair| libm::log(pair[1] / pair[0]))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{sample, simulated, spec};
    use super::super::{Fit, Model};
    use super::*;

    fn judged(model: Model, yaml: &str, count: u32) -> Verdict {
        let returns = simulated(&spec(yaml), 3600, count, 1);
        let sample = sample(&returns, 3600);
        let fit = Fit::new(model, &sample).unwrap();
        let testing = Testing {
            bootstrap: 79,
            ..Testing::default()
        };
        Verdict::new(&fit, &sample, testing)
    }

    const CALM: &str =
        "geometric_brownian_motion: {start_price: 1000, volatility_per_year: 0.9, step_seconds: 3600}";
    const WILD: &str =
        "garch: {start_price: 1000, alpha: 0.15, beta: 0.82, degrees_of_freedom: 4, step_seconds: 3600}";

    #[test]
    fn a_model_passes_on_what_it_made_and_not_on_what_it_could_not_make() {
        let right = judged(Model::GeometricBrownianMotion, CALM, 1000);
        assert_eq!(right.samples, 79);
        assert!(right.distribution.passes() && right.correlation.passes() && right.clustering.passes());
        assert_eq!(right.tail.passes(), Some(true));
        assert_eq!(right.made.len(), 20_000);
        assert!(right.made.is_sorted());

        // 1 of 80: the least chance there is.
        let wrong = judged(Model::GeometricBrownianMotion, WILD, 1000);
        assert_eq!(
            (wrong.distribution.p_value, wrong.clustering.p_value),
            (0.0125, 0.0125)
        );
        assert_eq!(wrong.tail.passes(), Some(false));
    }

    #[test]
    fn chances_of_fitted_models_are_larger_than_tables_say() {
        let returns = simulated(&spec(CALM), 3600, 1000, 1);
        let sample = sample(&returns, 3600);
        let fit = Fit::new(Model::GeometricBrownianMotion, &sample).unwrap();
        let chance = |bootstrap| {
            let testing = Testing {
                bootstrap,
                ..Testing::default()
            };
            Verdict::new(&fit, &sample, testing).distribution
        };
        let (tables, counted) = (chance(0), chance(199));
        assert_eq!(tables.statistic, counted.statistic);
        // Lilliefors's 5 % point is 0.886 / √n, Kolmogorov's 1.358 / √n.
        assert!(tables.p_value > counted.p_value, "{tables:?} {counted:?}");
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.5), 2.0);
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        assert!(quantile(&[], 0.5).is_nan());
    }
}

//! Parameters of a model, and what was estimated of them.

/// How a parameter is seen so that its estimate is about normal around the truth: intervals are symmetric there, and never leave the values
/// that make sense.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Link {
    /// As it is.
    Identity,
    /// The logarithm of its distance above a bound.
    LogAbove(f64),
    /// The log odds of its place between 0 and 1.
    Logit,
    /// Half the log odds of its place between -1 and 1, R. A. Fisher's transformation of a correlation.
    Fisher,
}

impl Link {
    pub(super) fn see(self, value: f64) -> f64 {
        match self {
            Link::Identity => value,
            Link::LogAbove(bound) => libm::log(value - bound),
            Link::Logit => libm::log(value / (1.0 - value)),
            Link::Fisher => libm::atanh(value),
        }
    }

    pub(super) fn value(self, seen: f64) -> f64 {
        match self {
            Link::Identity => seen,
            Link::LogAbove(bound) => bound + libm::exp(seen),
            Link::Logit => logistic(seen),
            Link::Fisher => libm::tanh(seen),
        }
    }

    /// How much a value moves when what is seen of it moves by a unit.
    fn slope(self, value: f64) -> f64 {
        match self {
            Link::Identity => 1.0,
            Link::LogAbove(bound) => value - bound,
            Link::Logit => value * (1.0 - value),
            Link::Fisher => 1.0 - value * value,
        }
    }
}

/// The value between 0 and 1 with these log odds.
pub(super) fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-log_odds))
}

/// A parameter as the specs of paths know it.
#[derive(Clone, Debug)]
pub(super) struct Parameter {
    pub name: String,
    pub value: f64,
    pub link: Link,
}

impl Parameter {
    pub(super) fn new(name: &str, value: f64, link: Link) -> Self {
        let name = name.to_owned();
        Self { name, value, link }
    }

    /// One that is above 0.
    pub(super) fn positive(name: &str, value: f64) -> Self {
        Self::new(name, value, Link::LogAbove(0.0))
    }
}

/// A parameter as estimated.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The parameter, as the spec of the path names it, in the units of the spec.
    pub name: String,
    /// The estimate.
    pub value: f64,
    /// Its standard error; `None` where the data do not determine it, such as at the bound of what makes sense.
    pub std_error: Option<f64>,
    /// An interval that holds the truth with 95 %, as far as the data are many.
    pub interval: Option<[f64; 2]>,
}

/// Two-sided 95 % of the standard normal distribution.
const QUANTILE: f64 = 1.959_963_984_540_054;

/// A change of a coordinate for differences of parameters, which are smooth and exact to rounding.
const STEP: f64 = 1e-5;

/// By the delta method: from the covariance of coordinates to estimates of the parameters that are made of them.
pub(super) fn estimates(
    parameters: &dyn Fn(&[f64]) -> Vec<Parameter>,
    at: &[f64],
    covariance: &super::uncertainty::Covariance,
) -> Vec<Estimate> {
    let beside = |place: usize, step: f64| {
        let mut moved = at.to_vec();
        moved[place] += step;
        parameters(&moved)
    };
    let sides: Vec<_> = (0..at.len())
        .map(|place| (beside(place, STEP), beside(place, -STEP)))
        .collect();
    let estimate = |(number, parameter): (usize, Parameter)| {
        let Parameter { name, value, link } = parameter;
        let slopes: Vec<f64> = sides
            .iter()
            .map(|(above, below)| {
                (link.see(above[number].value) - link.see(below[number].value)) / (2.0 * STEP)
            })
            .collect();
        let open = slopes.iter().zip(&covariance.determined);
        let determined = open
            .clone()
            .all(|(slope, determined)| *determined || slope.abs() < 1e-3);
        let variance: f64 = slopes
            .iter()
            .zip(&covariance.matrix)
            .map(|(down, row)| {
                down * slopes
                    .iter()
                    .zip(row)
                    .map(|(right, entry)| right * entry)
                    .sum::<f64>()
            })
            .sum();
        let error = Some(variance.sqrt()).filter(|error| determined && *error > 0.0 && error.is_finite());
        let end = |error: f64| link.value(link.see(value) + QUANTILE * error);
        Estimate {
            name,
            value,
            std_error: error.map(|error| error * link.slope(value)),
            interval: error.map(|error| [end(-error), end(error)]),
        }
    };
    parameters(at).into_iter().enumerate().map(estimate).collect()
}

#[cfg(test)]
mod tests {
    use super::super::uncertainty::Covariance;
    use super::*;

    #[test]
    fn links_lead_there_and_back() {
        for (link, value) in [
            (Link::Identity, -3.0),
            (Link::LogAbove(2.0), 5.0),
            (Link::Logit, 0.9),
            (Link::Fisher, -0.3),
        ] {
            assert!((link.value(link.see(value)) - value).abs() < 1e-12);
            let numeric = (link.value(link.see(value) + 1e-6) - link.value(link.see(value) - 1e-6)) / 2e-6;
            assert!((numeric - link.slope(value)).abs() < 1e-8, "{link:?}");
        }
    }

    #[test]
    fn errors_pass_from_coordinates_to_parameters() {
        let parameters = |at: &[f64]| {
            vec![
                Parameter::positive("size", libm::exp(2.0 * at[0])),
                Parameter::new("sum", at[0] + at[1], Link::Identity),
                Parameter::new("other", at[2], Link::Identity),
            ]
        };
        let covariance = Covariance {
            matrix: vec![vec![0.01, 0.005, 0.0], vec![0.005, 0.04, 0.0], vec![0.0; 3]],
            determined: vec![true, true, false],
        };
        let found = estimates(&parameters, &[0.0, 3.0, 1.0], &covariance);
        // The logarithm of the size has standard error 2 · 0.1; the sum has variance 0.01 + 0.04 + 2 · 0.005.
        assert!((found[0].std_error.unwrap() - 0.2).abs() < 1e-9);
        let [low, high] = found[0].interval.unwrap();
        assert!((low - (-0.2 * QUANTILE).exp()).abs() < 1e-9 && (high - (0.2 * QUANTILE).exp()).abs() < 1e-9);
        assert!((found[1].std_error.unwrap() - 0.06f64.sqrt()).abs() < 1e-9);
        assert_eq!((found[2].std_error, found[2].interval), (None, None));
    }
}

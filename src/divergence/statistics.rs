//! What a replayed sample says about the whole sweep, and what it does not.
//!
//! Only trials picked at random tell about those that were not replayed. Of n of them, d divergent, the Clopper-Pearson
//! bound is the largest rate at which d or fewer would still be seen with probability 1 - level: exact for draws from
//! many trials, and on the safe side for draws without replacement. Trials picked on purpose stand for themselves alone:
//! they are known, so the sweep's rate is bounded by counting them as seen and applying the random ones' bound to all
//! others. Representative trials also stand for the trials they are like; the share of the sweep that the divergent ones
//! stand for is a weighted estimate without a bound, and said to be one.

use super::rounded;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statrs::distribution::{Beta, ContinuousCDF};

/// The confidence of every bound.
const LEVEL: f64 = 0.95;

/// One replayed trial, as the statistics see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Replayed {
    /// The method that picked it; `random` and `representative` have a meaning here.
    pub method: String,
    /// How many trials of the sweep it stands for.
    pub weight: f64,
    /// Whether the sides differ.
    pub divergent: bool,
}

/// What the sample says. Counts are of trials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Statistics {
    /// Trials of the sweep that could be picked.
    pub sweep: u64,
    /// Replayed.
    pub replayed: u64,
    /// Replayed and divergent.
    pub divergent: u64,
    /// Picked at random.
    pub random: u64,
    /// Picked at random and divergent.
    pub random_divergent: u64,
    /// Confidence of the bounds.
    pub level: f64,
    /// The exact upper bound on the divergence rate of the trials that were not picked on purpose; none where none was
    /// picked at random.
    pub random_bound: Option<f64>,
    /// The upper bound on the divergence rate of the whole sweep: the trials picked on purpose as seen, the others under
    /// `random_bound`; the rate itself where every trial was replayed.
    pub sweep_bound: Option<f64>,
    /// Trials that the representative ones stand for.
    pub represented: f64,
    /// Trials that the divergent representative ones stand for.
    pub represented_divergent: f64,
    /// What follows, in sentences.
    pub statements: Vec<String>,
}

/// The largest rate at which `divergent` or fewer of `replayed` would be seen with probability `1 - level`; 1 where all
/// are divergent.
pub fn clopper_pearson_upper(replayed: u64, divergent: u64, level: f64) -> f64 {
    let (n, d) = (replayed as f64, divergent as f64);
    if divergent >= replayed {
        return 1.0;
    }
    // Both parameters are at least 1.
    Beta::new(d + 1.0, n - d).map_or(1.0, |beta| beta.inverse_cdf(level))
}

impl Statistics {
    /// Of a sweep of `sweep` trials of which `trials` were replayed.
    pub fn new(sweep: u64, trials: &[Replayed]) -> Self {
        let count =
            |kept: &dyn Fn(&Replayed) -> bool| trials.iter().filter(|trial| kept(trial)).count() as u64;
        let weight = |kept: &dyn Fn(&Replayed) -> bool| -> f64 {
            trials
                .iter()
                .filter(|trial| kept(trial))
                .map(|trial| trial.weight)
                // From 0: a sum of nothing is -0.
                .fold(0.0, |sum, weight| sum + weight)
        };
        let is_random = |trial: &Replayed| trial.method == "random";
        let represents = |trial: &Replayed| trial.method == "representative";
        let replayed = trials.len() as u64;
        let divergent = count(&|trial| trial.divergent);
        let (random, random_divergent) = (
            count(&is_random),
            count(&|trial| is_random(trial) && trial.divergent),
        );
        let sweep = sweep.max(replayed);
        let random_bound = (random > 0).then(|| clopper_pearson_upper(random, random_divergent, LEVEL));
        let chosen = replayed - random;
        let sweep_bound = if replayed == sweep {
            (sweep > 0).then(|| divergent as f64 / sweep as f64)
        } else {
            random_bound.map(|bound| {
                let seen = (divergent - random_divergent) as f64;
                (seen + bound * (sweep - chosen) as f64) / sweep as f64
            })
        };
        let mut statistics = Self {
            sweep,
            replayed,
            divergent,
            random,
            random_divergent,
            level: LEVEL,
            random_bound: random_bound.map(rounded),
            sweep_bound: sweep_bound.map(rounded),
            represented: rounded(weight(&represents)),
            represented_divergent: rounded(weight(&|trial| represents(trial) && trial.divergent)),
            statements: Vec::new(),
        };
        statistics.statements = statistics.sentences();
        statistics
    }

    fn sentences(&self) -> Vec<String> {
        let Self {
            sweep,
            replayed,
            divergent,
            random,
            random_divergent,
            ..
        } = *self;
        let percent = |share: f64| format!("{:.3} %", share * 100.0);
        let mut said = vec![format!(
            "{divergent} of {replayed} replayed trials diverged; the sweep has {sweep}."
        )];
        if sweep == 0 {
            return said;
        }
        match (self.random_bound, self.sweep_bound) {
            (_, Some(rate)) if replayed == sweep => {
                said.push(format!("Every trial was replayed: the divergence rate is {}.", percent(rate)));
            }
            (Some(bound), Some(whole)) => {
                said.push(format!(
                    "{random_divergent} of {random} trials picked at random diverged: with {:.0} % confidence at most {} of \
                     the trials that were not picked on purpose do (Clopper-Pearson).",
                    LEVEL * 100.0,
                    percent(bound),
                ));
                if bound > 0.05 && random_divergent == 0 {
                    said.push(format!(
                        "{} random trials without a divergence would bound it by 5 %.",
                        needed(0.05)
                    ));
                }
                if random < replayed {
                    said.push(format!(
                        "With the {} trials picked on purpose counted as seen, at most {} of the whole sweep diverges.",
                        replayed - random,
                        percent(whole),
                    ));
                }
            }
            _ => said.push(format!(
                "No trial was picked at random, so nothing bounds the divergence rate of the others; {} random trials without \
                 a divergence would bound it by 5 %.",
                needed(0.05),
            )),
        }
        if self.represented > 0.0 {
            said.push(format!(
                "The representative trials stand for {:.0} trials by likeness, and those that diverged for {:.0} of them ({}): \
                 an estimate, not a bound.",
                self.represented,
                self.represented_divergent,
                percent(self.represented_divergent / self.represented),
            ));
        }
        said
    }
}

/// Random trials without a divergence that bound the rate by `bound`.
fn needed(bound: f64) -> u64 {
    ((1.0 - LEVEL).ln() / (1.0 - bound).ln()).ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(method: &str, weight: f64, divergent: bool) -> Replayed {
        Replayed {
            method: method.to_owned(),
            weight,
            divergent,
        }
    }

    #[test]
    fn without_a_divergence_the_bound_has_a_closed_form() {
        for n in [1_u64, 2, 12, 59, 1_000, 100_000] {
            let exact = 1.0 - (1.0 - LEVEL).powf(1.0 / n as f64);
            let bound = clopper_pearson_upper(n, 0, LEVEL);
            assert!((bound - exact).abs() < 1e-9, "{n}: {bound} {exact}");
        }
    }

    #[test]
    fn the_bound_is_where_the_binomial_tail_is_what_remains() {
        // P(X <= d) at the bound, by the binomial sum.
        for (n, d) in [(10_u64, 1_u64), (12, 3), (40, 39), (25, 12)] {
            let p = clopper_pearson_upper(n, d, LEVEL);
            let mut term = (1.0 - p).powi(n as i32);
            let mut tail = term;
            for k in 1..=d {
                term *= (n - k + 1) as f64 / k as f64 * p / (1.0 - p);
                tail += term;
            }
            assert!((tail - (1.0 - LEVEL)).abs() < 1e-9, "{n} {d}: {tail}");
        }
        assert_eq!(clopper_pearson_upper(5, 5, LEVEL), 1.0);
    }

    #[test]
    fn trials_picked_on_purpose_stand_for_themselves() {
        let mut trials = vec![trial("extreme", 1.0, true), trial("extreme", 1.0, false)];
        trials.extend(std::iter::repeat_n(trial("random", 9.8, false), 10));
        let of = Statistics::new(100, &trials);
        let bound = 1.0 - 0.05_f64.powf(0.1);
        assert!((of.random_bound.unwrap() - bound).abs() < 1e-9);
        // One seen, and the bound over the 98 others.
        assert!((of.sweep_bound.unwrap() - (1.0 + bound * 98.0) / 100.0).abs() < 1e-9);
        assert_eq!((of.divergent, of.random_divergent), (1, 0));
    }

    #[test]
    fn representative_trials_give_a_share_and_no_bound() {
        let trials = [
            trial("representative", 90.0, false),
            trial("representative", 10.0, true),
        ];
        let of = Statistics::new(100, &trials);
        assert_eq!((of.random_bound, of.sweep_bound), (None, None));
        assert_eq!((of.represented, of.represented_divergent), (100.0, 10.0));
        // ln(0.05) / ln(0.95) = 58.4
        assert!(
            of.statements[1].contains(" 59 random trials"),
            "{:?}",
            of.statements
        );
        assert!(of.statements[2].contains("10.000 %"), "{:?}", of.statements);
    }

    #[test]
    fn a_whole_sweep_replayed_needs_no_bound() {
        let trials = vec![trial("random", 1.0, true), trial("random", 1.0, false)];
        assert_eq!(Statistics::new(2, &trials).sweep_bound, Some(0.5));
        assert_eq!(Statistics::new(0, &[]).sweep_bound, None);
    }
}

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
use std::collections::BTreeMap;

/// The confidence of a bound where nobody asks for another.
pub const CONFIDENCE: f64 = 0.95;

/// The sweep that replayed trials come from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Survey {
    /// Its finished trials, which could be picked.
    pub finished: u64,
    /// Trials drawn at random and replayed besides those that are told of one by one.
    pub unlisted: Unlisted,
    /// The confidence of the bounds, above 0 and below 1.
    pub confidence: f64,
}

/// Replays of which only their number is told; each of another trial, drawn at random.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unlisted {
    /// Those that are alike on both sides.
    pub agreed: u64,
    /// Those that differ.
    pub differed: u64,
    /// Those that could not be made.
    pub stopped: u64,
}

impl Survey {
    /// A sweep of so many finished trials, of which all that were replayed are listed, with the usual confidence.
    pub fn of(finished: u64) -> Self {
        Self {
            finished,
            unlisted: Unlisted::default(),
            confidence: CONFIDENCE,
        }
    }
}

impl Unlisted {
    /// All of them.
    pub fn total(self) -> u64 {
        self.agreed + self.differed + self.stopped
    }
}

/// One replay, as the statistics see it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replayed {
    /// The trial's number in the sweep, and how it was picked; none for what nobody picked from a sweep, which says
    /// nothing about one.
    pub pick: Option<Pick>,
    /// Whether the sides differ.
    pub divergent: bool,
    /// Whether it could not be replayed.
    pub stopped: bool,
}

/// How a trial came into the sample.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pick {
    /// The trial's number in the sweep.
    pub trial: u64,
    /// The method that picked it; `random` and `representative` have a meaning here.
    pub method: String,
    /// How many trials of the sweep it stands for.
    pub weight: f64,
}

/// What the sample says. Counts are of trials; one that was replayed several times, such as under several flags, is one
/// trial, divergent if any of its replays is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Statistics {
    /// Finished trials of the sweep, which could be picked; none where the replays are of no known sweep.
    pub sweep: Option<u64>,
    /// Replays, of whatever trials.
    pub replayed: u64,
    /// Replays that are divergent.
    pub divergent: u64,
    /// Replays that could not be made.
    pub stopped: u64,
    /// Trials of the sweep that were picked.
    pub picked: u64,
    /// Picked at random.
    pub random: u64,
    /// Picked at random and divergent, or not replayed: nobody knows whether those would have been.
    pub random_divergent: u64,
    /// Trials among them of which only their number is told, not what each of them did.
    #[serde(default)]
    pub unlisted: Unlisted,
    /// Confidence of the bounds.
    pub level: f64,
    /// The exact upper bound on the divergence rate of the trials that were not picked on purpose; none where none was
    /// picked at random.
    pub random_bound: Option<f64>,
    /// The upper bound on the divergence rate of the whole sweep: the trials picked on purpose as seen, the others under
    /// `random_bound`; the rate itself where every trial was picked.
    pub sweep_bound: Option<f64>,
    /// Trials that the representative ones stand for.
    pub represented: f64,
    /// Trials that the divergent representative ones stand for.
    pub represented_divergent: f64,
    /// What follows, in sentences.
    pub statements: Vec<String>,
}

/// The largest rate at which `divergent` or fewer of `replayed` would be seen with probability `1 - confidence`; 1 where
/// all are divergent.
pub fn clopper_pearson_upper(replayed: u64, divergent: u64, confidence: f64) -> f64 {
    let (n, d) = (replayed as f64, divergent as f64);
    if divergent >= replayed {
        return 1.0;
    }
    // Both parameters are at least 1.
    Beta::new(d + 1.0, n - d).map_or(1.0, |beta| beta.inverse_cdf(confidence))
}

/// A picked trial with all its replays.
struct Sampled<'a> {
    pick: &'a Pick,
    /// Divergent, or nobody knows.
    suspect: bool,
}

fn sampled(replays: &[Replayed]) -> Vec<Sampled<'_>> {
    let mut trials: BTreeMap<u64, Sampled> = BTreeMap::new();
    for replay in replays {
        let Some(pick) = &replay.pick else { continue };
        let trial = trials
            .entry(pick.trial)
            .or_insert(Sampled { pick, suspect: false });
        trial.suspect |= replay.divergent || replay.stopped;
    }
    trials.into_values().collect()
}

impl Statistics {
    /// Of these replays; those that were picked come from the sweep of `survey`.
    pub fn new(survey: Option<Survey>, replays: &[Replayed]) -> Self {
        let trials = match survey {
            Some(_) => sampled(replays),
            None => Vec::new(),
        };
        let Survey {
            unlisted, confidence, ..
        } = survey.unwrap_or(Survey::of(0));
        let unlisted_suspect = unlisted.differed + unlisted.stopped;
        let count = |kept: fn(&Sampled) -> bool| trials.iter().filter(|trial| kept(trial)).count() as u64;
        let weight = |kept: fn(&Sampled) -> bool| -> f64 {
            let kept = trials.iter().filter(|trial| kept(trial));
            // From 0: a sum of nothing is -0.
            kept.map(|trial| trial.pick.weight)
                .fold(0.0, |sum, weight| sum + weight)
        };
        let picked = trials.len() as u64 + unlisted.total();
        let suspect = count(|trial| trial.suspect) + unlisted_suspect;
        let random = count(|trial| trial.pick.method == "random") + unlisted.total();
        let random_divergent =
            count(|trial| trial.pick.method == "random" && trial.suspect) + unlisted_suspect;
        let sweep = survey.map(|survey| survey.finished.max(picked));
        let random_bound = (random > 0).then(|| clopper_pearson_upper(random, random_divergent, confidence));
        let sweep_bound = sweep.and_then(|sweep| {
            if picked == sweep {
                return (sweep > 0).then(|| suspect as f64 / sweep as f64);
            }
            let others = (sweep - (picked - random)) as f64;
            Some(((suspect - random_divergent) as f64 + random_bound? * others) / sweep as f64)
        });
        let replayed =
            |kept: fn(&Replayed) -> bool| replays.iter().filter(|replay| kept(replay)).count() as u64;
        let mut statistics = Self {
            sweep,
            replayed: replayed(|replay| !replay.stopped) + unlisted.agreed + unlisted.differed,
            divergent: replayed(|replay| replay.divergent) + unlisted.differed,
            stopped: replayed(|replay| replay.stopped) + unlisted.stopped,
            picked,
            random,
            random_divergent,
            unlisted,
            level: confidence,
            random_bound: random_bound.map(rounded),
            sweep_bound: sweep_bound.map(rounded),
            represented: rounded(weight(|trial| trial.pick.method == "representative")),
            represented_divergent: rounded(weight(|trial| {
                trial.pick.method == "representative" && trial.suspect
            })),
            statements: Vec::new(),
        };
        statistics.statements = statistics.sentences();
        statistics
    }

    fn sentences(&self) -> Vec<String> {
        let Self {
            replayed,
            divergent,
            stopped,
            picked,
            random,
            random_divergent,
            unlisted,
            level,
            ..
        } = *self;
        let percent = |share: f64| format!("{:.3} %", share * 100.0);
        let mut said = vec![format!("{divergent} of {replayed} replays diverged.")];
        if stopped > 0 {
            said.push(format!("{stopped} could not be made."));
        }
        if unlisted.total() > 0 {
            said.push(format!(
                "{} of the replays, of trials drawn at random, left nothing but their number.",
                unlisted.total()
            ));
        }
        let Some(sweep) = self.sweep.filter(|sweep| *sweep > 0 && picked > 0) else {
            return said;
        };
        if stopped > 0 {
            said.push(
                "What follows counts picked trials that could not be replayed as divergent.".to_owned(),
            );
        }
        let Some(whole) = self.sweep_bound else {
            said.push(format!(
                "The sweep has {sweep} finished trials. None was picked at random, so nothing bounds the divergence rate of the \
                 {} others; {} random trials without a divergence would bound it by 5 %.",
                sweep - picked,
                needed(0.05, level),
            ));
            return self.represented(said);
        };
        match self.random_bound {
            _ if picked == sweep => said.push(format!(
                "All {sweep} finished trials of the sweep were picked: the divergence rate is {}{}.",
                if stopped > 0 { "at most " } else { "" },
                percent(whole)
            )),
            None => {}
            Some(bound) => {
                said.push(format!(
                    "{random_divergent} of {random} trials picked at random diverged: with {} % confidence at most {} of \
                     the trials of the sweep that were not picked on purpose do (Clopper-Pearson).",
                    shown(level * 100.0),
                    percent(bound),
                ));
                if bound > 0.05 && random_divergent == 0 {
                    said.push(format!(
                        "{} random trials without a divergence would bound it by 5 %.",
                        needed(0.05, level)
                    ));
                }
                if random < picked {
                    said.push(format!(
                        "With the {} picked on purpose counted as seen, at most {} of the whole sweep of {sweep} finished \
                         trials diverges.",
                        match picked - random {
                            1 => "one trial".to_owned(),
                            several => format!("{several} trials"),
                        },
                        percent(whole),
                    ));
                }
            }
        }
        self.represented(said)
    }

    fn represented(&self, mut said: Vec<String>) -> Vec<String> {
        if self.represented > 0.0 {
            said.push(format!(
                "The representative trials stand for {:.0} trials by likeness, and those that diverged for {:.0} of them ({:.3} \
                 %): an estimate, not a bound.",
                self.represented,
                self.represented_divergent,
                100.0 * self.represented_divergent / self.represented,
            ));
        }
        said
    }
}

/// Random trials without a divergence that bound its rate by `bound`, both between 0 and 1.
pub fn needed(bound: f64, confidence: f64) -> u64 {
    let exact = (-confidence).ln_1p() / (-bound).ln_1p();
    // What is a whole number may be a rounding above it.
    (exact - 1e-9).ceil().max(1.0) as u64
}

/// A share in percent, without the noise of binary fractions.
fn shown(percent: f64) -> String {
    rounded(percent).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(trial: u64, method: &str, weight: f64, divergent: bool) -> Replayed {
        Replayed {
            pick: Some(Pick {
                trial,
                method: method.to_owned(),
                weight,
            }),
            divergent,
            stopped: false,
        }
    }

    fn randoms(count: u64) -> Vec<Replayed> {
        (100..100 + count)
            .map(|number| trial(number, "random", 9.8, false))
            .collect()
    }

    #[test]
    fn without_a_divergence_the_bound_has_a_closed_form() {
        for n in [1_u64, 2, 12, 59, 1_000, 100_000] {
            let exact = 1.0 - (1.0 - CONFIDENCE).powf(1.0 / n as f64);
            let bound = clopper_pearson_upper(n, 0, CONFIDENCE);
            assert!((bound - exact).abs() < 1e-9, "{n}: {bound} {exact}");
        }
    }

    #[test]
    fn the_bound_is_where_the_binomial_tail_is_what_remains() {
        // P(X <= d) at the bound, by the binomial sum.
        for (n, d) in [(10_u64, 1_u64), (12, 3), (40, 39), (25, 12)] {
            let p = clopper_pearson_upper(n, d, CONFIDENCE);
            let mut term = (1.0 - p).powi(n as i32);
            let mut tail = term;
            for k in 1..=d {
                term *= (n - k + 1) as f64 / k as f64 * p / (1.0 - p);
                tail += term;
            }
            assert!((tail - (1.0 - CONFIDENCE)).abs() < 1e-9, "{n} {d}: {tail}");
        }
        assert_eq!(clopper_pearson_upper(5, 5, CONFIDENCE), 1.0);
    }

    #[test]
    fn trials_picked_on_purpose_stand_for_themselves() {
        let mut trials = vec![trial(1, "extreme", 1.0, true), trial(2, "extreme", 1.0, false)];
        trials.extend(randoms(10));
        let of = Statistics::new(Some(Survey::of(100)), &trials);
        let bound = 1.0 - 0.05_f64.powf(0.1);
        assert!((of.random_bound.unwrap() - bound).abs() < 1e-9);
        // One seen, and the bound over the 98 others.
        assert!((of.sweep_bound.unwrap() - (1.0 + bound * 98.0) / 100.0).abs() < 1e-9);
        assert_eq!((of.divergent, of.random_divergent), (1, 0));
    }

    #[test]
    fn representative_trials_give_a_share_and_no_bound() {
        let trials = [
            trial(1, "representative", 90.0, false),
            trial(2, "representative", 10.0, true),
        ];
        let of = Statistics::new(Some(Survey::of(100)), &trials);
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
        let trials = vec![trial(0, "random", 1.0, true), trial(1, "random", 1.0, false)];
        let of = Statistics::new(Some(Survey::of(2)), &trials);
        assert_eq!(of.sweep_bound, Some(0.5));
        assert!(
            of.statements[1].starts_with("All 2 finished trials"),
            "{:?}",
            of.statements
        );
    }

    #[test]
    fn replays_of_no_known_sweep_say_nothing_about_one() {
        let replays = [Replayed::default(), trial(1, "random", 2.0, false)];
        let of = Statistics::new(None, &replays);
        assert_eq!((of.replayed, of.picked, of.sweep_bound), (2, 0, None));
        assert_eq!(of.statements, ["0 of 2 replays diverged."]);
        // What was not picked from the sweep is no part of it.
        let of = Statistics::new(Some(Survey::of(10)), &[Replayed::default()]);
        assert_eq!((of.picked, of.statements.len()), (0, 1));
    }

    #[test]
    fn as_many_are_needed_as_the_binomial_says() {
        // The least n with (1 - bound)^n <= 1 - confidence.
        for (bound, confidence) in [(0.01, 0.95), (0.05, 0.95), (0.01, 0.99), (0.5, 0.75), (0.9, 0.5)] {
            let n = needed(bound, confidence) as i32;
            let left = |n: i32| (1.0_f64 - bound).powi(n);
            assert!(left(n) <= 1.0 - confidence + 1e-12, "{bound} {confidence}: {n}");
            assert!(
                n == 1 || left(n - 1) > 1.0 - confidence,
                "{bound} {confidence}: {n}"
            );
        }
        assert_eq!(needed(0.01, 0.95), 299);
        assert!(clopper_pearson_upper(299, 0, 0.95) <= 0.01);
        assert!(clopper_pearson_upper(298, 0, 0.95) > 0.01);
    }

    #[test]
    fn replays_that_are_only_counted_count_as_drawn_at_random() {
        let survey = Survey {
            unlisted: Unlisted {
                agreed: 287,
                differed: 0,
                stopped: 0,
            },
            confidence: 0.9,
            ..Survey::of(10_000)
        };
        let mut trials = vec![trial(1, "extreme", 1.0, true)];
        trials.extend(randoms(12));
        let of = Statistics::new(Some(survey), &trials);
        assert_eq!((of.replayed, of.divergent), (300, 1));
        assert_eq!(
            (of.random, of.random_divergent, of.unlisted.total()),
            (299, 0, 287)
        );
        let bound = 1.0 - 0.1_f64.powf(1.0 / 299.0);
        assert!((of.random_bound.unwrap() - bound).abs() < 1e-9);
        assert!(
            of.statements[2].contains("with 90 % confidence"),
            "{:?}",
            of.statements
        );
        let one_more = Survey {
            unlisted: Unlisted {
                agreed: 285,
                differed: 1,
                stopped: 1,
            },
            ..survey
        };
        let of = Statistics::new(Some(one_more), &trials);
        assert_eq!((of.replayed, of.divergent, of.stopped), (299, 2, 1));
        assert_eq!((of.random, of.random_divergent), (299, 2));
    }

    #[test]
    fn a_trial_under_several_flags_is_one_trial() {
        let mut replays = randoms(3);
        replays.extend(randoms(3));
        replays[4].divergent = true;
        let of = Statistics::new(Some(Survey::of(1_000)), &replays);
        assert_eq!((of.replayed, of.divergent), (6, 1));
        assert_eq!((of.picked, of.random, of.random_divergent), (3, 3, 1));
        assert_eq!(
            of.random_bound,
            Some(rounded(clopper_pearson_upper(3, 1, CONFIDENCE)))
        );
    }

    #[test]
    fn what_could_not_be_replayed_may_have_diverged() {
        let mut replays = randoms(4);
        replays[0].stopped = true;
        let of = Statistics::new(Some(Survey::of(1_000)), &replays);
        assert_eq!((of.replayed, of.stopped, of.divergent), (3, 1, 0));
        assert_eq!((of.random, of.random_divergent), (4, 1));
        assert!(
            of.statements[2].contains("could not be replayed as divergent"),
            "{:?}",
            of.statements
        );
    }
}

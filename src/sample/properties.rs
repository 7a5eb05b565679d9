//! What holds of every selection.

use std::collections::HashSet;

use proptest::prelude::*;

use super::testing::*;
use super::*;

const MANY: [&str; 8] = [
    "representative=4",
    "extreme=3",
    "extreme(x_usd, y)=3",
    "quantile(y)",
    "novel=3",
    "refused=2",
    "random=3",
    "where(y > 0)=2",
];

#[test]
fn threads_and_batches_leave_no_trace() {
    // More than are searched for medoids at once, so that samples are drawn.
    let trials: Vec<Trial> = (0..2600u32)
        .map(|n| Trial {
            x: f64::from(n.wrapping_mul(2_654_435_761)) / 1e9,
            y: f64::from(n.wrapping_mul(40_503) % 1000) / 7.0 - 60.0,
            failed: n % 97 == 0,
            refusals: if n % 50 == 3 {
                vec![(6023, n % 11 + 1)]
            } else {
                Vec::new()
            },
        })
        .collect();
    let sweep = sweep(&trials, 512);
    let of = |threads, batch| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| select_in_batches(sweep.path(), &request(&MANY), batch))
            .unwrap()
            .to_json()
            .unwrap()
    };
    let one = of(1, 1);
    assert_eq!(of(4, 7), one);
    assert_eq!(of(2, 100_000), one);
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![4 => -5.0..5.0f64, 1 => Just(0.0), 1 => Just(f64::NAN), 1 => Just(f64::INFINITY), 1 => -1e12..1e12f64]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_trial_comes_twice_and_weights_add_up(
        places in prop::collection::vec((number(), number(), 0u8..6), 12..40),
        part in 1usize..20,
        counts in prop::array::uniform4(1usize..4),
    ) {
        let trials: Vec<Trial> = places
            .iter()
            .map(|(x, y, luck)| Trial {
                failed: *luck == 0,
                ..at(*x, *y)
            })
            .collect();
        let finished = trials.iter().filter(|trial| !trial.failed).count();
        let sweep = sweep(&trials, part);
        let picks = ["random", "representative", "novel", "where(point >= 0)"];
        let picks: Vec<String> = picks.iter().zip(counts).map(|(pick, count)| format!("{pick}={count}")).collect();
        let picks: Vec<&str> = picks.iter().map(String::as_str).collect();
        let request = request(&picks);
        let Ok(selection) = select(sweep.path(), &request) else {
            prop_assert!(finished < request.total());
            return Ok(());
        };
        let numbers: HashSet<u64> = selection.trials.iter().map(|trial| trial.trial).collect();
        prop_assert_eq!(numbers.len(), request.total());
        prop_assert!(numbers.iter().all(|number| !trials[*number as usize].failed));
        // Random trials stand for all that were not picked on purpose.
        let on_purpose = selection.trials.iter().filter(|trial| trial.method != "random").count();
        for (method, all) in [("random", finished - on_purpose), ("representative", finished)] {
            let of = selection.trials.iter().filter(|trial| trial.method == method);
            let weight: f64 = of.map(|trial| trial.weight).sum();
            prop_assert!((weight - all as f64).abs() < 1e-9);
        }
    }
}

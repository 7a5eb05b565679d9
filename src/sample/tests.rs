use std::collections::HashSet;

use super::testing::*;
use super::*;

/// Three clusters, of 5, 3 and 2 trials, whose middles are trials 2, 6 and 8; between them a trial that failed.
fn clusters() -> tempfile::TempDir {
    let mut trials = vec![
        at(-1.0, 0.0),
        at(0.0, -1.0),
        at(0.0, 0.0),
        at(1.0, 0.0),
        at(0.0, 1.0),
        at(100.0, 10.2),
        at(100.0, 10.0),
        at(100.5, 9.5),
        at(0.0, 50.0),
        at(0.1, 50.0),
    ];
    trials.insert(5, failed());
    sweep(&trials, 4)
}

#[test]
fn medoids_stand_for_their_clusters() {
    let selection = selected(&clusters(), &["representative=3"]);
    let trials: Vec<_> = selection
        .trials
        .iter()
        .map(|t| (t.trial, t.weight, t.rank))
        .collect();
    // Beyond the failed trial 5 the numbers are one more.
    assert_eq!(trials, [(2, 5.0, 1), (7, 3.0, 2), (9, 2.0, 3)]);
    assert_eq!((selection.finished, selection.failed), (10, 1));
    assert!(
        selection.trials[0]
            .reason
            .starts_with("stands for 5 trials (50.0%)")
    );
}

#[test]
fn a_medoid_that_is_taken_gives_way_to_its_neighbour() {
    let picks = ["where(x_usd = 100 AND y = 10)", "representative=3"];
    let selection = selected(&clusters(), &picks);
    let trials: Vec<_> = selection.trials.iter().map(|t| (t.trial, t.weight)).collect();
    // The second cluster is still stood for, by the trial next to its medoid.
    assert_eq!(trials, [(7, 1.0), (2, 5.0), (6, 3.0), (9, 2.0)]);
}

#[test]
fn representatives_of_a_large_sweep_weigh_as_much_as_it() {
    // 3,000 trials at three places, more than are searched at once.
    let x = |n: u32| [0.0, 0.0, 0.0, 50.0, 90.0][n as usize % 5] + f64::from(n % 7) / 100.0;
    let selection = selected(&sweep(&line((0..3000).map(x)), 512), &["representative(x_usd)=3"]);
    let weights: Vec<f64> = selection.trials.iter().map(|trial| trial.weight).collect();
    assert_eq!(weights, [1800.0, 600.0, 600.0]);
    let values: HashSet<u64> = selection
        .trials
        .iter()
        .map(|t| t.metrics["x_usd"].as_f64().unwrap() as u64)
        .collect();
    assert_eq!(values, HashSet::from([0, 50, 90]));
}

#[test]
fn ends_take_turns() {
    // The median is 3; the deviations from it are 2, 1, 0, 1, 3, 97, so 1 in the middle.
    let ends = sweep(&line([1.0, 2.0, 3.0, 4.0, 6.0, 100.0]), 4);
    assert_eq!(picked(&ends, &["largest(x_usd)=3"]), [5, 4, 3]);
    assert_eq!(picked(&ends, &["smallest(x_usd)=2"]), [0, 1]);
    // The largest, the smallest, and what is then further from 3: 6 rather than 2.
    assert_eq!(picked(&ends, &["extreme(x_usd)=3"]), [5, 0, 4]);
    let selection = selected(&ends, &["largest(x_usd)=2"]);
    assert_eq!(
        selection.trials[1].reason,
        "largest but 1 x_usd, 2.02 deviations above the median"
    );
    assert_eq!(
        (selection.trials[1].value, selection.trials[1].weight),
        (Some(6.0), 1.0)
    );
}

#[test]
fn over_all_metrics_the_furthest_comes_first_and_each_metric_once() {
    let mut trials: Vec<_> = (0..9).map(|n| at(f64::from(n), f64::from(n * 7 % 9))).collect();
    trials.push(at(40.0, 4.5));
    trials.push(at(4.0, -100.0));
    trials.push(at(41.0, 4.0));
    let selection = selected(&sweep(&trials, 5), &["extreme=2"]);
    let found: Vec<_> = selection
        .trials
        .iter()
        .map(|t| (t.trial, t.metric.as_deref().unwrap()))
        .collect();
    assert_eq!(found, [(10, "y"), (11, "x_usd")]);
}

#[test]
fn equal_values_go_by_number() {
    let equal = sweep(&line([5.0, 1.0, 5.0, 1.0, 5.0]), 2);
    assert_eq!(picked(&equal, &["largest(x_usd)=3"]), [0, 2, 4]);
    assert_eq!(picked(&equal, &["smallest(x_usd)=2"]), [1, 3]);
}

#[test]
fn quantiles_by_hand() {
    // Sorted 0, 10, ..., 100: the quantile p is 100 p; numbers come in another order.
    let values = sweep(&line((0..11).map(|n| f64::from(n * 7 % 11 * 10))), 4);
    let selection = selected(&values, &["quantile(x_usd, 0.05, 0.5, 0.92)"]);
    let found: Vec<_> = selection
        .trials
        .iter()
        .map(|trial| trial.value.unwrap())
        .collect();
    // 5 is as near to 0 as to 10: the tie goes to trial 0, which is 0.
    assert_eq!(found, [0.0, 50.0, 90.0]);
    assert_eq!(
        selection.trials[1].reason,
        "nearest to the 50% quantile of x_usd, 50"
    );
    // More than one for each: the next ones.
    let more = selected(&values, &["quantile(x_usd, 1)=3"]);
    let found: Vec<_> = more.trials.iter().map(|trial| trial.value.unwrap()).collect();
    assert_eq!(found, [100.0, 90.0, 80.0]);
}

#[test]
fn the_odd_one_out_is_novel() {
    // On the diagonal, but for one, which is extreme in neither metric.
    let mut trials: Vec<_> = (0..40).map(|n| at(f64::from(n), f64::from(n) * 2.0)).collect();
    trials[17] = at(5.0, 7000.0);
    let selection = selected(&sweep(&trials, 16), &["novel=1"]);
    assert_eq!(selection.trials[0].trial, 17);
    assert_eq!(selection.trials[0].metric.as_deref(), Some("y"));
}

#[test]
fn a_twin_of_something_novel_is_not() {
    let mut trials: Vec<_> = (0..60).map(|n| at(f64::from(n % 10), f64::from(n % 7))).collect();
    trials[5] = at(1000.0, 3.0);
    trials[6] = at(1001.0, 3.0);
    trials[50] = at(5.0, -400.0);
    let found = picked(&sweep(&trials, 16), &["novel=2"]);
    assert_eq!(found, [6, 50]);
}

#[test]
fn refusals_go_by_code() {
    let trials = [
        refused(&[]),
        refused(&[(6023, 5), (6003, 1)]),
        refused(&[(6023, 9)]),
        refused(&[(6003, 4)]),
        refused(&[(6023, 9)]),
    ];
    let sweep = sweep(&trials, 2);
    let selection = selected(&sweep, &["refused=3"]);
    let found: Vec<_> = selection
        .trials
        .iter()
        .map(|t| (t.trial, t.metric.as_deref().unwrap(), t.value))
        .collect();
    assert_eq!(
        found,
        [
            (2, "refusals.PriceBandsBreached", Some(9.0)),
            (3, "refusals.InsufficientCollateral", Some(4.0)),
            (4, "refusals.PriceBandsBreached", Some(9.0))
        ]
    );
    assert_eq!(
        selection.trials[0].reason,
        "9 refused with PriceBandsBreached (6023), of 23 in 3 trials"
    );
    assert_eq!(picked(&sweep, &["refused(InsufficientCollateral)=2"]), [3, 1]);
    assert_eq!(
        refusal(&sweep, &["refused=5"]),
        "`refused=5` finds 4 trials only; ask it for 4"
    );
}

#[test]
fn conditions_choose_the_first_that_meet_them() {
    let mut trials = line((0..20).map(f64::from));
    trials[12].failed = true;
    let sweep = sweep(&trials, 6);
    assert_eq!(picked(&sweep, &["where(x_usd > 10)=2"]), [11, 13]);
    assert_eq!(
        picked(&sweep, &["where(\"traders.bias\" = 0.5 AND x_usd >= 4)=2"]),
        [5, 7]
    );
    // Over all trials at once: the mean of 0 to 19 without 12 is 178 / 19.
    assert_eq!(picked(&sweep, &["where(x_usd > AVG(x_usd))=1"]), [10]);
    let reason = &selected(&sweep, &["where(x_usd > 10)"]).trials[0].reason;
    assert_eq!(reason, "`x_usd > 10` holds, as in 8 trials");
}

#[test]
fn random_trials_share_the_sweep() {
    let sweep = sweep(&line((0..50).map(f64::from)), 16);
    let selection = selected(&sweep, &["random=4"]);
    assert!(selection.trials.iter().all(|trial| trial.weight == 12.5));
    // More of them begin with the same ones; other picks do not disturb them but by what they take.
    let more = picked(&sweep, &["random=6"]);
    assert_eq!(more[..4], picked(&sweep, &["random=4"]));
    let taken = format!("where(x_usd = {})", more[0]);
    assert_eq!(picked(&sweep, &[&taken, "random=4"])[1..], more[1..5]);
}

#[test]
fn a_mix_is_as_large_as_asked_for() {
    // Nobody refuses anything here: random trials make up for it.
    let sweep = sweep(&line((0..50).map(f64::from)), 16);
    let selection = select(sweep.path(), &Request::mix(12)).unwrap();
    let of = |method| {
        selection
            .trials
            .iter()
            .filter(|trial| trial.method == method)
            .count()
    };
    assert_eq!(
        [of("representative"), of("extreme"), of("novel"), of("random")],
        [6, 2, 1, 3]
    );
}

#[test]
fn every_refusal_names_its_mend() {
    let sweep = sweep(&[at(1.0, 2.0), at(2.0, 3.0), failed()], 16);
    for (pick, expected) in [
        (
            "largest(x_usdd)",
            "there is no metric `x_usdd`; did you mean `x_usd`?",
        ),
        (
            "largest(constant)",
            "`largest(constant)=1` finds no trial: `constant` does not vary; leave it out",
        ),
        (
            "random=3",
            "3 trials are asked for, but the sweep has 2 that finished (1 failed); ask for fewer",
        ),
        (
            "refused",
            "`refused=1` finds no trial: no instruction was refused in any trial; leave it out",
        ),
        (
            "where(x_us > 3)",
            "there is no column `x_us`; did you mean `x_usd`?",
        ),
        (
            "where(x_usd)",
            "cannot tell where `x_usd`: it is a number, not yes or no; compare it with something, as in `fees_usd > 100`",
        ),
        (
            "where(x_usd > 3)",
            "`where(x_usd > 3)=1` finds no trial: it holds for no trial that finished; leave it out",
        ),
        (
            "quantile(broken, 0.5)",
            "`quantile(broken, 0.5)=1` finds no trial: no trial has a finite `broken`; leave it out",
        ),
    ] {
        assert_eq!(refusal(&sweep, &[pick]), expected);
    }
    for (pick, part) in [
        ("where(x_usd >)", "write a condition in SQL"),
        (
            "where(traders.bias > 0.2)",
            "write \"traders.bias\" in double quotes",
        ),
    ] {
        let refusal = refusal(&sweep, &[pick]);
        assert!(refusal.contains(part), "{refusal}");
    }
    let empty = tempfile::tempdir().unwrap();
    let refusal = refusal(&empty, &["random"]);
    assert!(refusal.contains("is not a sweep's folder"), "{refusal}");
}

#[test]
fn metrics_that_do_not_vary_break_nothing() {
    let same = sweep(&vec![at(1.0, 1.0); 6], 4);
    let picks = ["representative=2", "novel=1", "random=1"];
    let selection = selected(&same, &picks);
    assert_eq!(selection.trials.len(), 4);
    let weights: f64 = selection.trials[..2].iter().map(|trial| trial.weight).sum();
    assert_eq!(weights, 6.0);
    let wild = sweep(
        &[
            at(1.0, f64::INFINITY),
            at(f64::NAN, 2.0),
            at(3.0, f64::NEG_INFINITY),
            at(4.0, 5.0),
        ],
        3,
    );
    assert_eq!(selected(&wild, &["representative=2", "novel=2"]).trials.len(), 4);
    assert_eq!(picked(&wild, &["largest(y)=2"]), [3, 1]);
    // What a pattern stands for may be constant or missing, but not everything.
    assert_eq!(picked(&wild, &["largest(*)=2"]), [3, 1]);
    assert_eq!(picked(&wild, &["quantile(b*, y, 1)=1"]), [3]);
    let refusal = refusal(&wild, &["largest(b*)"]);
    assert!(refusal.contains("finds no trial"), "{refusal}");
}

#[test]
fn a_selection_reads_back() {
    let sweep = clusters();
    let selection = selected(
        &sweep,
        &["representative=2", "largest(x_usd)", "where(x_usd > 3)"],
    );
    let path = sweep.path().join("selection.json");
    std::fs::write(&path, selection.to_json().unwrap()).unwrap();
    assert_eq!(Selection::load(&path).unwrap(), selection);
    std::fs::write(&path, "{\"format\": 99}").unwrap();
    let error = Selection::load(&path).unwrap_err().to_string();
    assert!(error.contains("it has format 99, not 1"), "{error}");
}

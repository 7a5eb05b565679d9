use crate::complaint::Complaint;
use std::collections::BTreeSet;

use super::super::testing::{Flow, Price, World, plan, plan_with, refusal_with, spec};
use super::*;
use std::path::PathBuf;

const BIAS: &str = "agents.traders.short_bias";

fn float(value: f64) -> ParamValue {
    ParamValue::Float(value)
}

fn int(value: i64) -> ParamValue {
    ParamValue::Int(value)
}

fn all_params(plan: &Plan) -> Vec<Vec<ParamValue>> {
    (0..plan.points()).map(|point| plan.params(point)).collect()
}

fn set(arguments: &[&str]) -> Overrides {
    Overrides {
        set: arguments.iter().map(|&a| a.to_owned()).collect(),
        ..Overrides::default()
    }
}

#[test]
fn a_spec_without_parameters_is_one_point() {
    let plan = plan("replicates: 3");
    assert_eq!((plan.points(), plan.trials()), (1, 3));
    assert!(plan.columns.is_empty());
    assert_eq!(plan.scenario::<World>(0).unwrap().markets[1].base_spread, 50);
}

#[test]
fn a_grid_is_a_product_with_the_last_path_fastest() {
    let plan = plan(
        "parameters:\n- grid:\n    agents.traders.short_bias: [0, 1]\n    markets.SOL.base_spread: [10, 20, 30]\n",
    );
    assert_eq!(
        plan.columns,
        [
            ParamColumn {
                path: BIAS.into(),
                kind: ParamType::Float
            },
            ParamColumn {
                path: "markets.SOL.base_spread".into(),
                kind: ParamType::Int
            },
        ]
    );
    let expected: Vec<_> = [(0., 10), (0., 20), (0., 30), (1., 10), (1., 20), (1., 30)]
        .map(|(bias, spread)| vec![float(bias), int(spread)])
        .into();
    assert_eq!(all_params(&plan), expected);
    let world: World = plan.scenario(5).unwrap();
    assert_eq!(
        (world.agents.traders.short_bias, world.markets[0].base_spread),
        (1.0, 30)
    );
    assert_eq!(
        world.markets[1].base_spread, 50,
        "the other market keeps its spread"
    );
}

#[test]
fn zipped_paths_go_together_and_blocks_multiply() {
    let plan = plan(
        "parameters:\n- zip:\n    agents.traders.short_bias: {min: 0, max: 0.2, step: 0.1}\n    agents.traders.count: [1, 2, 3]\n- grid: {markets.1.base_spread: [7, 8]}\n",
    );
    let expected: Vec<_> = [
        (0.0, 1, 7),
        (0.0, 1, 8),
        (0.1, 2, 7),
        (0.1, 2, 8),
        (0.2, 3, 7),
        (0.2, 3, 8),
    ]
    .map(|(bias, count, spread)| vec![float(bias), int(count), int(spread)])
    .into();
    assert_eq!(all_params(&plan), expected);
}

#[test]
fn table_rows_are_points() {
    let plan = plan(
        "parameters:\n- table:\n    columns: [agents.traders.short_bias, agents.traders.leverage, price]\n    rows: [[0.5, null, constant], [1, 2.5, {gbm: {sigma: 0.1}}]]\n",
    );
    assert_eq!(plan.points(), 2);
    let kinds: Vec<_> = plan.columns.iter().map(|column| column.kind).collect();
    assert_eq!(kinds, [ParamType::Float, ParamType::Float, ParamType::Json]);
    let json = ParamValue::Text("{\"gbm\":{\"sigma\":0.1}}".into());
    assert_eq!(plan.params(1), [float(1.0), float(2.5), json]);
    assert_eq!(
        plan.scenario::<World>(1).unwrap().price,
        Price::Gbm { sigma: 0.1 }
    );
    let first: World = plan.scenario(0).unwrap();
    assert_eq!(
        (first.agents.traders.leverage, first.price),
        (None, Price::Constant)
    );
}

#[test]
fn tables_and_scenarios_come_from_files_beside_the_spec() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "world.yaml",
        "markets: [{name: SOL}]\nagents: {traders: {count: 9}}\n",
    );
    write(
        "points.csv",
        "# from an experiment\nagents.traders.short_bias, markets.SOL.base_spread\n0.25, 10\n\"0.5\", 20\n",
    );
    write(
        "lp.yaml",
        "scenario_file: world.yaml\nparameters: [{table: {file: points.csv}}]\n",
    );
    let plan = Plan::load::<World>(&folder.path().join("lp.yaml"), &Overrides::default()).unwrap();
    assert_eq!(
        (plan.name.as_str(), plan.scenario_folder.as_path()),
        ("lp", folder.path())
    );
    assert_eq!(
        all_params(&plan),
        [vec![float(0.25), int(10)], vec![float(0.5), int(20)]]
    );
    assert_eq!(plan.scenario::<World>(0).unwrap().agents.traders.count, 9);
    let alone = Spec::parse("spec.yaml", &plan.resolved_spec().unwrap(), "", "nowhere".into()).unwrap();
    let alone = Plan::new::<World>(alone, &Overrides::default()).unwrap();
    assert_eq!(
        (alone.name.as_str(), alone.fingerprint()),
        ("lp", plan.fingerprint())
    );
    assert_eq!(all_params(&alone), all_params(&plan));
}

#[test]
fn all_points_of_a_replicate_come_before_the_next_replicate() {
    let plan = plan("replicates: 3\nparameters: [{grid: {markets.0.base_spread: [1, 2]}}]");
    let trials: Vec<_> = (0..6)
        .map(|n| plan.trial(n).unwrap())
        .map(|t| (t.point, t.replicate))
        .collect();
    assert_eq!(trials, [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2)]);
    for number in 0..6 {
        let trial = plan.trial(number).unwrap();
        assert_eq!(plan.trial_number(trial.point, trial.replicate), Some(number));
    }
    assert_eq!(
        (plan.trial(6), plan.trial_number(2, 0), plan.trial_number(0, 3)),
        (None, None, None)
    );
}

const SAMPLES: &str = "parameters:
- lhs: {count: 8, paths: {agents.traders.short_bias: {uniform: {min: 0, max: 1}}}}
- sobol: {count: 4, paths: {agents.traders.leverage: {log_uniform: {min: 1, max: 10}}, price: {choice: [constant, {gbm: {sigma: 1}}]}}}
- random: {count: 3, paths: {markets.0.base_spread: {int: {min: 1, max: 1000}}, agents.traders.count: {int: {min: 0, max: 9}}}}
";

#[test]
fn samples_are_the_same_every_time_and_other_for_another_seed() {
    let (first, second) = (plan(SAMPLES), plan(SAMPLES));
    assert_eq!(first.points(), 8 * 4 * 3);
    assert_eq!(all_params(&first), all_params(&second));
    let other = plan_with(
        SAMPLES,
        &Overrides {
            seed: Some(8),
            ..Overrides::default()
        },
    )
    .unwrap();
    assert_ne!(all_params(&first), all_params(&other));
    assert_ne!(first.fingerprint(), other.fingerprint());
    let biases: BTreeSet<u64> = (0..96)
        .map(|point| match first.params(point)[0] {
            ParamValue::Float(bias) => (bias * 8.0) as u64,
            ref other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(biases, (0..8).collect());
}

#[test]
fn a_resolved_spec_stands_for_its_plan() {
    let overrides = Overrides {
        replicates: Some(5),
        seed: Some(9),
        ..set(&["markets.BTC.base_spread=60"])
    };
    let plan = plan_with(SAMPLES, &overrides).unwrap();
    let text = plan.resolved_spec().unwrap();
    let again = Spec::parse("spec.yaml", &text, "", PathBuf::new()).unwrap();
    let again = Plan::new::<World>(again, &Overrides::default()).unwrap();
    assert_eq!(again.fingerprint(), plan.fingerprint());
    assert_eq!(all_params(&again), all_params(&plan));
    assert_eq!(again.columns, plan.columns);
    assert_eq!(again.trials(), 5 * 96);
    for point in [0, 17, 95] {
        assert_eq!(
            again.scenario::<World>(point).unwrap(),
            plan.scenario::<World>(point).unwrap()
        );
    }
}

#[test]
fn the_scenario_of_a_point_is_written_out_whole() {
    let plan = plan("parameters: [{grid: {markets.0.reserve: [340282366920938463463374607431768]}}]");
    let yaml = plan.scenario_yaml(0).unwrap();
    let world: World = serde_saphyr::from_str(&yaml).unwrap();
    assert_eq!(world, plan.scenario::<World>(0).unwrap());
    assert_eq!(
        world.markets[0].reserve,
        340_282_366_920_938_463_463_374_607_431_768
    );
    assert_eq!(
        plan.columns[0].kind,
        ParamType::Json,
        "no column of 64 bits holds it"
    );
}

#[test]
fn set_changes_the_scenario_and_nothing_else() {
    let rest = "parameters: [{grid: {agents.traders.short_bias: [0, 1]}}]";
    let changed = plan_with(
        rest,
        &set(&[
            "agents.traders.count=11",
            "price={gbm: {sigma: 0.5}}",
            "price.gbm.sigma=0.25",
        ]),
    );
    let changed = changed.unwrap();
    let world: World = changed.scenario(1).unwrap();
    assert_eq!(
        (world.agents.traders.count, world.price),
        (11, Price::Gbm { sigma: 0.25 })
    );
    assert_eq!(all_params(&changed), all_params(&plan(rest)));
    assert_ne!(changed.fingerprint(), plan(rest).fingerprint());
}

#[test]
fn set_holds_a_swept_path_at_one_value() {
    let rest = "parameters: [{grid: {agents.traders.short_bias: [0, 1], markets.0.base_spread: [1, 2]}}]";
    let held = plan_with(rest, &set(&["agents.traders.short_bias=0.5"])).unwrap();
    assert_eq!(
        all_params(&held),
        [vec![float(0.5), int(1)], vec![float(0.5), int(2)]]
    );
    assert!(held.resolved_spec().unwrap().contains("0.5"));
}

#[test]
fn a_limit_takes_the_first_trials_and_changes_no_number() {
    let rest = "replicates: 10\nparameters: [{grid: {markets.0.base_spread: [1, 2, 3]}}]";
    let limited = |limit| {
        plan_with(
            rest,
            &Overrides {
                limit: Some(limit),
                ..Overrides::default()
            },
        )
        .unwrap()
    };
    assert_eq!(
        (
            limited(4).trials(),
            limited(4).all_trials(),
            limited(400).trials()
        ),
        (4, 30, 30)
    );
    assert_eq!(limited(4).trial(3), plan(rest).trial(3));
    assert_eq!(limited(4).fingerprint(), plan(rest).fingerprint());
}

#[test]
fn the_fingerprint_follows_what_trials_are_made_of() {
    let grid = "parameters: [{grid: {markets.0.base_spread: [1, 2], markets.1.base_spread: [1, 2]}}]";
    let swapped = "parameters: [{grid: {markets.1.base_spread: [1, 2], markets.0.base_spread: [1, 2]}}]";
    let base = plan(grid).fingerprint();
    assert_eq!(base.len(), 64);
    assert_eq!(base, plan(grid).fingerprint());
    assert_eq!(base, plan(&format!("name: other\n{grid}")).fingerprint());
    assert_eq!(base, plan(&format!("{grid}\n# a remark")).fingerprint());
    assert_ne!(base, plan(&format!("replicates: 2\n{grid}")).fingerprint());
    assert_ne!(base, plan(swapped).fingerprint(), "points are numbered otherwise");
}

#[test]
fn a_point_far_out_in_a_huge_grid_is_computed_alone() {
    let plan = plan(
        "parameters: [{grid: {agents.traders.short_bias: {min: 0, max: 1, step: 0.000001}, agents.traders.count: {min: 0, max: 999999, step: 1}}}]",
    );
    assert_eq!(plan.points(), 1_000_001 * 1_000_000);
    assert_eq!(
        plan.params(123_456 * 1_000_000 + 789),
        [float(0.123456), int(789)]
    );
}

#[test]
fn a_refusal_stands_where_the_value_was_written() {
    let plan = plan("parameters: [{grid: {markets.SOL.base_spread: [1, 2]}}]");
    let place = |path: &str| {
        let complaint = Complaint {
            path: path.into(),
            message: "too narrow".into(),
            help: None,
        };
        let refusal = plan.refusal(1, complaint);
        refusal.place().map(|(_, line, column)| (line, column))
    };
    assert_eq!(
        place("markets.SOL.base_spread"),
        Some((5, 51)),
        "the value of point 1"
    );
    assert_eq!(
        place("markets.BTC.base_spread"),
        Some((3, 51)),
        "the scenario's own"
    );
    assert_eq!(
        place("markets.BTC.reserve"),
        Some((3, 26)),
        "a default stands for its mapping"
    );
    assert_eq!(place("no.such"), Some((3, 3)), "an unknown path for the scenario");
}

#[test]
fn points_that_a_scenario_refuses_are_found() {
    let plan = plan("parameters: [{grid: {markets.0.base_spread: [5, 3], markets.1.base_spread: [1, 4]}}]");
    let ordered = |world: &World| match &world.markets[..] {
        [first, second] if first.base_spread < second.base_spread => Err(Complaint {
            path: "markets.1.base_spread".into(),
            message: format!("{} is above {}", second.base_spread, first.base_spread),
            help: None,
        }),
        _ => Ok(()),
    };
    let error = plan.validate(ordered).unwrap_err();
    assert_eq!(
        (error.to_string().as_str(), error.place().unwrap().2),
        ("4 is above 3", 80)
    );
    assert!(plan.validate(|_: &World| Ok(())).is_ok());
}

#[test]
fn numbers_of_trials_do_not_overflow() {
    let huge = "replicates: 4294967295\nparameters: [{random: {count: 18446744073709551615, paths: {agents.traders.short_bias: {uniform: {min: 0, max: 1}}}}}]";
    assert!(refusal_with(huge, &Overrides::default()).contains("more than 2^64 trials"));
    let many = "replicates: 1\nparameters: [{random: {count: 18446744073709551615, paths: {agents.traders.short_bias: {uniform: {min: 0, max: 1}}}}}]";
    let plan = plan(many);
    assert_eq!(plan.params(u64::MAX - 1), plan.params(u64::MAX - 1));
    assert_eq!(plan.trial(u64::MAX - 1).unwrap().point, u64::MAX - 1);
    assert!(spec(huge).is_ok());
}

#[test]
fn integers_written_as_decimals_fit_integers_and_floats_alike() {
    let plan = plan(
        "parameters: [{grid: {flow: [{kind: steady, rate: 2, burst: 1e6}, {kind: steady, rate: 2.0, burst: 3}]}}]",
    );
    let flow = |point| plan.scenario::<World>(point).unwrap().flow;
    assert_eq!(
        flow(0),
        Flow::Steady {
            rate: 2.0,
            burst: 1_000_000
        }
    );
    assert_eq!(flow(1), Flow::Steady { rate: 2.0, burst: 3 });
}

#[test]
fn plans_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Plan>();
    shared::<SpecError>();
}

#[test]
fn no_trials_at_all_are_refused() {
    let none = |overrides| refusal_with("", &overrides);
    assert!(
        none(Overrides {
            limit: Some(0),
            ..Overrides::default()
        })
        .contains("`--limit` must be at least 1")
    );
    assert!(
        none(Overrides {
            replicates: Some(0),
            ..Overrides::default()
        })
        .contains("`--replicates` must be")
    );
}

mod nothing_panics {
    use super::*;
    use proptest::prelude::*;

    const WHOLE: &str = "parameters:
- grid: {agents.traders.short_bias: {min: 0, max: 1, step: 0.25}, price: [constant, {gbm: {sigma: 1e-3}}]}
- lhs: {count: 3, paths: {agents.traders.leverage: {normal: {mean: 1, std_dev: 2, min: 0}}}}
- table: {columns: [markets.SOL.base_spread], rows: [[1], [2]]}
";

    fn tried(text: &str, set: Vec<String>) {
        let Ok(spec) = Spec::parse("test.yaml", text, "test", PathBuf::new()) else {
            return;
        };
        let overrides = Overrides {
            set,
            ..Overrides::default()
        };
        match Plan::new::<World>(spec, &overrides) {
            Err(error) => drop(super::super::super::testing::rendered(&error)),
            Ok(plan) => {
                plan.params(plan.points() - 1);
                let _ = plan.scenario::<World>(plan.points() / 2);
                plan.fingerprint();
            }
        }
    }

    proptest! {
        #[test]
        fn on_a_damaged_spec(from: prop::sample::Index, len in 0usize..12, put in "[-{}\\[\\]:,.0-9a-z \n'\"&*!]{0,4}") {
            let mut text: Vec<char> = crate::sweep::testing::spec_text(WHOLE).chars().collect();
            let from = from.index(text.len());
            let to = (from + len).min(text.len());
            text.splice(from..to, put.chars());
            tried(&text.into_iter().collect::<String>(), Vec::new());
        }

        #[test]
        fn on_any_setting(path in "(agents|price|markets|0|.|=|x){0,4}", value: String) {
            tried(&crate::sweep::testing::spec_text(WHOLE), vec![path.clone(), format!("{path}={value}")]);
            tried(&crate::sweep::testing::spec_text(WHOLE), vec![format!("price={value}")]);
        }
    }
}

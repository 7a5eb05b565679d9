//! What a person reads when a spec and its scenario do not fit.

use insta::assert_snapshot;

use super::super::testing::{World, refusal, refusal_with, rendered};
use super::super::{Overrides, Plan, Spec};

#[test]
fn a_misspelt_path() {
    assert_snapshot!(refusal("parameters: [{grid: {agents.traders.short_bais: [0, 1]}}]"), @r#"
     × no `agents.traders.short_bais` in the scenario
      ╭─[test.yaml:5:22]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {agents.traders.short_bais: [0, 1]}}]
      ·                      ────────────┬────────────
      ·                                  ╰── leads nowhere
      ╰────
     help: did you mean `agents.traders.short_bias`?
    "#);
}

#[test]
fn a_path_like_no_other_gets_the_children() {
    assert_snapshot!(refusal("parameters: [{grid: {agents.traders.velocity_of_money: [0, 1]}}]"), @r#"
     × no `agents.traders.velocity_of_money` in the scenario
      ╭─[test.yaml:5:22]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {agents.traders.velocity_of_money: [0, 1]}}]
      ·                      ────────────────┬───────────────
      ·                                      ╰── leads nowhere
      ╰────
     help: `agents.traders` has `count`, `short_bias`, `leverage`
    "#);
}

#[test]
fn a_path_into_a_number() {
    assert_snapshot!(refusal("parameters: [{grid: {markets.SOL.base_spread.per_side.long_and_short: [0, 1]}}]"), @r#"
     × no `markets.SOL.base_spread.per_side.long_and_short` in the scenario
      ╭─[test.yaml:5:22]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {markets.SOL.base_spread.per_side.long_and_short: [0, 1]}}]
      ·                      ───────────────────────┬───────────────────────
      ·                                             ╰── leads nowhere
      ╰────
     help: `markets.SOL.base_spread` is the number `100` and has nothing inside
    "#);
}

#[test]
fn a_path_into_an_option_not_set() {
    assert_snapshot!(refusal("parameters: [{grid: {guard.highest_price_move_tolerated: [0, 1]}}]"), @r#"
     × no `guard.highest_price_move_tolerated` in the scenario
      ╭─[test.yaml:5:22]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {guard.highest_price_move_tolerated: [0, 1]}}]
      ·                      ─────────────────┬────────────────
      ·                                       ╰── leads nowhere
      ╰────
     help: `guard` is not set in the scenario; give it a value there first
    "#);
}

#[test]
fn an_unknown_list_item() {
    assert_snapshot!(refusal("parameters: [{grid: {markets.ETH.base_spread: [0, 1]}}]"), @r#"
     × no `markets.ETH.base_spread` in the scenario
      ╭─[test.yaml:5:22]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {markets.ETH.base_spread: [0, 1]}}]
      ·                      ───────────┬───────────
      ·                                 ╰── leads nowhere
      ╰────
     help: `markets` has `SOL`, `BTC`
    "#);
}

#[test]
fn one_place_by_two_spellings() {
    assert_snapshot!(refusal("parameters:\n- grid: {markets.SOL.base_spread: [0, 1]}\n- zip: {markets.0.base_spread: [2, 3]}"), @r#"
     × `markets.0.base_spread` is already set by `markets.SOL.base_spread` in the `grid` block on
     │ line 6
      ╭─[test.yaml:7:9]
    6 │ - grid: {markets.SOL.base_spread: [0, 1]}
    7 │ - zip: {markets.0.base_spread: [2, 3]}
      ·         ──────────┬──────────
      ·                   ╰── set again here
      ╰────
    "#);
}

#[test]
fn one_path_in_two_blocks() {
    assert_snapshot!(refusal("parameters:\n- grid: {price: [constant]}\n- grid: {price: [constant]}"), @r#"
     × `price` is already set by the `grid` block on line 6
      ╭─[test.yaml:7:10]
    6 │ - grid: {price: [constant]}
    7 │ - grid: {price: [constant]}
      ·          ──┬──
      ·            ╰── set again here
      ╰────
    "#);
}

#[test]
fn a_value_of_another_type() {
    assert_snapshot!(refusal("parameters: [{grid: {agents.traders.count: [1, many]}}]"), @r#"
     × `agents.traders.count` cannot be the text `many`: expected an integer from 0 to 2^64 - 1
      ╭─[test.yaml:5:48]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {agents.traders.count: [1, many]}}]
      ·                                                ──┬─
      ·                                                  ╰── not accepted
      ╰────
    "#);
}

#[test]
fn a_fraction_for_a_count() {
    assert_snapshot!(refusal("parameters: [{grid: {agents.traders.count: {min: 0, max: 1, step: 0.5}}}]"), @r#"
     × `agents.traders.count` cannot be the number `0.5`: expected an integer from 0 to 2^64 - 1
      ╭─[test.yaml:5:44]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {agents.traders.count: {min: 0, max: 1, step: 0.5}}}]
      ·                                            ─────────────┬─────────────
      ·                                                         ╰── not accepted
      ╰────
    "#);
}

#[test]
fn a_negative_value_for_a_count() {
    assert_snapshot!(refusal("parameters: [{grid: {agents.traders.count: [1, -1]}}]"), @r#"
     × `agents.traders.count` cannot be the number `-1`: expected an integer from 0 to 2^64 - 1
      ╭─[test.yaml:5:48]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {agents.traders.count: [1, -1]}}]
      ·                                                ─┬
      ·                                                 ╰── not accepted
      ╰────
    "#);
}

#[test]
fn a_continuous_draw_for_a_count() {
    assert_snapshot!(refusal("parameters: [{lhs: {count: 3, paths: {agents.traders.count: {uniform: {min: 0, max: 1}}}}}]"), @r#"
     × `agents.traders.count` cannot be the number `0.9640585599570136`: expected an integer from 0
     │ to 2^64 - 1
      ╭─[test.yaml:5:61]
    4 │   agents: {traders: {}}
    5 │ parameters: [{lhs: {count: 3, paths: {agents.traders.count: {uniform: {min: 0, max: 1}}}}}]
      ·                                                             ─────────────┬─────────────
      ·                                                                          ╰── not accepted
      ╰────
     help: `int` and `choice` draw integers
    "#);
}

#[test]
fn an_unknown_variant() {
    assert_snapshot!(refusal("parameters: [{grid: {price: [constnat]}}]"), @r#"
     × unknown name `constnat`
      ╭─[test.yaml:5:30]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {price: [constnat]}}]
      ·                              ────┬───
      ·                                  ╰── not known here
      ╰────
     help: did you mean `constant`?
    "#);
}

#[test]
fn a_wrong_type_inside_a_value() {
    assert_snapshot!(refusal("parameters: [{grid: {price: [{gbm: {sigma: high}}]}}]"), @r#"
     × expected a number, found the text `high`
      ╭─[test.yaml:5:44]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {price: [{gbm: {sigma: high}}]}}]
      ·                                            ──┬─
      ·                                              ╰── wrong type
      ╰────
    "#);
}

fn refused_set(argument: &str) -> String {
    let rest = "parameters: [{zip: {agents.traders.short_bias: [0, 1]}}]";
    refusal_with(
        rest,
        &Overrides {
            set: vec![argument.to_owned()],
            ..Overrides::default()
        },
    )
}

#[test]
fn set_without_a_value() {
    assert_snapshot!(refused_set("agents.traders.count"), @r#"
     × `agents.traders.count` sets nothing
      ╭─[--set:1:1]
    1 │ agents.traders.count
      · ──────────┬─────────
      ·           ╰── here
      ╰────
     help: write it as `path=value`, such as `agents.traders.short_bias=0.5`
    "#);
}

#[test]
fn set_of_a_misspelt_path() {
    assert_snapshot!(refused_set("agents.traders.cuont=5"), @r#"
     × no `agents.traders.cuont` in the scenario
      ╭─[--set:1:1]
    1 │ agents.traders.cuont=5
      · ──────────┬─────────
      ·           ╰── leads nowhere
      ╰────
     help: did you mean `agents.traders.count`?
    "#);
}

#[test]
fn set_of_a_wrong_type() {
    assert_snapshot!(refused_set("agents.traders.count=five"), @r#"
     × `agents.traders.count` cannot be the text `five`: expected an integer from 0 to 2^64 - 1
      ╭─[--set:1:22]
    1 │ agents.traders.count=five
      ·                      ──┬─
      ·                        ╰── not accepted
      ╰────
    "#);
}

#[test]
fn set_of_broken_yaml() {
    assert_snapshot!(refused_set("agents.traders.count=[1"), @r#"
     × not valid YAML: unclosed bracket '['
      ╭─[--set:1:22]
    1 │ agents.traders.count=[1
      ·                      ▲
      ·                      ╰── here
      ╰────
    "#);
}

#[test]
fn set_of_a_zipped_path() {
    assert_snapshot!(refused_set("agents.traders.short_bias=1"), @r#"
     × `agents.traders.short_bias` is swept by a `zip` block
      ╭─[--set:1:1]
    1 │ agents.traders.short_bias=1
      · ────────────┬────────────
      ·             ╰── here
      ╰────
     help: only the paths of a `grid` block can be held at one value; change the spec instead
    "#);
}

fn refused_scenario(yaml: &str) -> String {
    let text = format!("scenario:\n{yaml}");
    let spec = Spec::parse("test.yaml", &text, "test", "".into()).unwrap();
    rendered(&Plan::new::<World>(spec, &Overrides::default()).unwrap_err())
}

#[test]
fn an_unknown_key_in_the_scenario() {
    assert_snapshot!(refused_scenario("  markets: [{name: SOL, base_spred: 5}]\n  agents: {traders: {}}\n"), @r#"
     × unknown key `base_spred`
      ╭─[test.yaml:2:25]
    1 │ scenario:
    2 │   markets: [{name: SOL, base_spred: 5}]
      ·                         ─────┬────
      ·                              ╰── not known here
    3 │   agents: {traders: {}}
      ╰────
     help: did you mean `base_spread`?
    "#);
}

#[test]
fn a_wrong_type_in_the_scenario() {
    assert_snapshot!(refused_scenario("  markets: [{name: SOL, base_spread: 0.5}]\n  agents: {traders: {}}\n"), @r#"
     × expected an integer from 0 to 4294967295, found the number `0.5`
      ╭─[test.yaml:2:38]
    1 │ scenario:
    2 │   markets: [{name: SOL, base_spread: 0.5}]
      ·                                      ─┬─
      ·                                       ╰── wrong type
    3 │   agents: {traders: {}}
      ╰────
    "#);
}

#[test]
fn a_missing_key_in_the_scenario() {
    assert_snapshot!(refused_scenario("  markets:\n  - base_spread: 5\n  agents: {traders: {}}\n"), @r#"
     × missing key `name`
      ╭─[test.yaml:3:5]
    2 │   markets:
    3 │   - base_spread: 5
      ·     ───────┬──────
      ·            ╰── belongs in this mapping
    4 │   agents: {traders: {}}
      ╰────
    "#);
}

#[test]
fn a_file_is_named_in_its_own_errors() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("world.yaml", "markets: [{name: SOL}]\nagents: {traders: {}}\n");
    write(
        "points.csv",
        "agents.traders.count, markets.SOL.base_spread\n1, 10\n2, wide\n",
    );
    write(
        "lp.yaml",
        "scenario_file: world.yaml\nparameters: [{table: {file: points.csv}}]\n",
    );
    let error = Plan::load::<World>(&folder.path().join("lp.yaml"), &Overrides::default()).unwrap_err();
    let shown = rendered(&error).replace(&folder.path().display().to_string(), "FOLDER");
    assert_snapshot!(shown, @r#"
     × `markets.SOL.base_spread` cannot be the text `wide`: expected an integer from 0 to 4294967295
      ╭─[FOLDER/points.csv:3:4]
    2 │ 1, 10
    3 │ 2, wide
      ·    ──┬─
      ·      ╰── not accepted
      ╰────
    "#);
}

#[test]
fn a_wrong_type_inside_a_tagged_value() {
    assert_snapshot!(refusal("parameters: [{grid: {flow: [{kind: steady, rate: 1, burst: 0.5}]}}]"), @r#"
     × expected an integer from 0 to 2^64 - 1, found the number `0.5`
      ╭─[test.yaml:5:60]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {flow: [{kind: steady, rate: 1, burst: 0.5}]}}]
      ·                                                            ─┬─
      ·                                                             ╰── wrong type
      ╰────
    "#);
}

#[test]
fn an_unknown_key_inside_a_tagged_value() {
    assert_snapshot!(refusal("parameters: [{grid: {flow: [{kind: steady, rat: 1, burst: 2}]}}]"), @r#"
     × unknown key `rat`
      ╭─[test.yaml:5:44]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {flow: [{kind: steady, rat: 1, burst: 2}]}}]
      ·                                            ─┬─
      ·                                             ╰── not known here
      ╰────
     help: did you mean `rate`?
    "#);
}

#[test]
fn an_unknown_tag() {
    assert_snapshot!(refusal("parameters: [{grid: {flow: [{kind: stedy, rate: 1, burst: 2}]}}]"), @r#"
     × unknown name `stedy`
      ╭─[test.yaml:5:36]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {flow: [{kind: stedy, rate: 1, burst: 2}]}}]
      ·                                    ──┬──
      ·                                      ╰── not known here
      ╰────
     help: did you mean `steady`?
    "#);
}

#[test]
fn a_missing_key_inside_a_tagged_value() {
    assert_snapshot!(refusal("parameters: [{grid: {flow: [{kind: steady, rate: 1}]}}]"), @r#"
     × missing key `burst`
      ╭─[test.yaml:5:29]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {flow: [{kind: steady, rate: 1}]}}]
      ·                             ───────────┬───────────
      ·                                        ╰── belongs in this mapping
      ╰────
    "#);
}

#[test]
fn a_path_that_lacks_its_beginning() {
    assert_snapshot!(refusal("parameters: [{grid: {traders.short_bias: [0, 1]}}]"), @r#"
     × no `traders.short_bias` in the scenario
      ╭─[test.yaml:5:22]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {traders.short_bias: [0, 1]}}]
      ·                      ─────────┬────────
      ·                               ╰── leads nowhere
      ╰────
     help: did you mean `agents.traders.short_bias`?
    "#);
}

#[test]
fn a_misspelling_in_the_middle_of_a_path() {
    assert_snapshot!(refusal("parameters: [{grid: {agents.trader.short_bias: [0, 1]}}]"), @r#"
     × no `agents.trader.short_bias` in the scenario
      ╭─[test.yaml:5:22]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {agents.trader.short_bias: [0, 1]}}]
      ·                      ────────────┬───────────
      ·                                  ╰── leads nowhere
      ╰────
     help: did you mean `agents.traders.short_bias`?
    "#);
}

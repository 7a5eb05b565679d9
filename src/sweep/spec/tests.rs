//! What a person reads when a spec makes no sense by itself.

use insta::assert_snapshot;

use crate::sweep::testing::refusal;

#[test]
fn an_unknown_key_gets_the_nearest_name() {
    assert_snapshot!(refusal("replicats: 5"), @r#"
     × unknown key `replicats`
      ╭─[test.yaml:5:1]
    4 │   agents: {traders: {}}
    5 │ replicats: 5
      · ────┬────
      ·     ╰── not known here
      ╰────
     help: did you mean `replicates`?
    "#);
}

#[test]
fn an_unknown_key_like_no_other_gets_the_list() {
    assert_snapshot!(refusal("zzz: 5"), @r#"
     × unknown key `zzz`
      ╭─[test.yaml:5:1]
    4 │   agents: {traders: {}}
    5 │ zzz: 5
      · ─┬─
      ·  ╰── not known here
      ╰────
     help: known here: `name`, `description`, `seed`, `replicates`, `scenario`, `scenario_file`,
           `parameters`
    "#);
}

#[test]
fn a_text_for_a_number() {
    assert_snapshot!(refusal("replicates: many"), @r#"
     × expected a number, found the text `many`
      ╭─[test.yaml:5:13]
    4 │   agents: {traders: {}}
    5 │ replicates: many
      ·             ──┬─
      ·               ╰── wrong type
      ╰────
    "#);
}

#[test]
fn a_negative_count() {
    assert_snapshot!(refusal("replicates: -5"), @r#"
     × expected an integer from 0 to 2^64 - 1, found the number `-5`
      ╭─[test.yaml:5:13]
    4 │   agents: {traders: {}}
    5 │ replicates: -5
      ·             ─┬
      ·              ╰── wrong type
      ╰────
    "#);
}

#[test]
fn no_replicates() {
    assert_snapshot!(refusal("replicates: 0"), @r#"
     × `replicates` must be at least 1
      ╭─[test.yaml:5:13]
    4 │   agents: {traders: {}}
    5 │ replicates: 0
      ·             ┬
      ·             ╰── gives no values
      ╰────
    "#);
}

#[test]
fn a_name_that_is_no_folder() {
    assert_snapshot!(refusal("name: a/b"), @r#"
     × `a/b` cannot name the sweep's folder
      ╭─[test.yaml:5:7]
    4 │   agents: {traders: {}}
    5 │ name: a/b
      ·       ─┬─
      ·        ╰── here
      ╰────
     help: use letters, digits, `-` and `_`
    "#);
}

#[test]
fn text_that_is_no_yaml() {
    assert_snapshot!(refusal("parameters: [1, 2"), @r#"
     × not valid YAML: unclosed bracket '['
      ╭─[test.yaml:5:13]
    4 │   agents: {traders: {}}
    5 │ parameters: [1, 2
      ·             ▲
      ·             ╰── here
      ╰────
    "#);
}

#[test]
fn a_key_written_twice() {
    assert_snapshot!(refusal("seed: 8"), @r#"
     × the key `seed` is written twice
      ╭─[test.yaml:5:1]
    4 │   agents: {traders: {}}
    5 │ seed: 8
      · ──┬─
      ·   ╰── here
      ╰────
    "#);
}

#[test]
fn two_scenarios() {
    assert_snapshot!(refusal("scenario_file: other.yaml"), @r#"
     × both `scenario` and `scenario_file` are given
      ╭─[test.yaml:5:16]
    4 │   agents: {traders: {}}
    5 │ scenario_file: other.yaml
      ·                ─────┬────
      ·                     ╰── here
      ╰────
     help: keep one of them
    "#);
}

#[test]
fn an_unknown_block() {
    assert_snapshot!(refusal("parameters: [{gird: {}}]"), @r#"
     × unknown key `gird`
      ╭─[test.yaml:5:15]
    4 │   agents: {traders: {}}
    5 │ parameters: [{gird: {}}]
      ·               ──┬─
      ·                 ╰── not known here
      ╰────
     help: did you mean `grid`?
    "#);
}

#[test]
fn two_blocks_in_one() {
    assert_snapshot!(refusal("parameters: [{grid: {a: [1]}, zip: {b: [1]}}]"), @r#"
     × a block holds exactly one of `grid`, `zip`, `random`, `lhs`, `sobol`, `table`
      ╭─[test.yaml:5:14]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {a: [1]}, zip: {b: [1]}}]
      ·              ───────────────┬───────────────
      ·                             ╰── here
      ╰────
     help: put each into a list item of its own: `- grid: ...`
    "#);
}

#[test]
fn a_single_value_for_a_list() {
    assert_snapshot!(refusal("parameters: [{grid: {markets.0.base_spread: 5}}]"), @r#"
     × expected a list of values, or a range such as `{min: 0, max: 1, step: 0.25}`, found the number
     │ `5`
      ╭─[test.yaml:5:45]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {markets.0.base_spread: 5}}]
      ·                                             ┬
      ·                                             ╰── wrong type
      ╰────
    "#);
}

#[test]
fn an_empty_list() {
    assert_snapshot!(refusal("parameters: [{grid: {markets.0.base_spread: []}}]"), @r#"
     × the list of values is empty
      ╭─[test.yaml:5:45]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {markets.0.base_spread: []}}]
      ·                                             ─┬
      ·                                              ╰── gives no values
      ╰────
    "#);
}

#[test]
fn a_range_that_runs_down() {
    assert_snapshot!(refusal("parameters: [{grid: {markets.0.base_spread: {min: 5, max: 1, step: 1}}}]"), @r#"
     × the range is empty: min 5 is above max 1
      ╭─[test.yaml:5:45]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {markets.0.base_spread: {min: 5, max: 1, step: 1}}}]
      ·                                             ────────────┬────────────
      ·                                                         ╰── gives no values
      ╰────
    "#);
}

#[test]
fn a_step_of_zero() {
    assert_snapshot!(refusal("parameters: [{grid: {markets.0.base_spread: {min: 1, max: 5, step: 0}}}]"), @r#"
     × the step must be above 0, not 0
      ╭─[test.yaml:5:68]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {markets.0.base_spread: {min: 1, max: 5, step: 0}}}]
      ·                                                                    ┬
      ·                                                                    ╰── gives no values
      ╰────
    "#);
}

#[test]
fn a_range_without_step() {
    assert_snapshot!(refusal("parameters: [{grid: {markets.0.base_spread: {min: 1, max: 5}}}]"), @r#"
     × a range has either `step` or `count`
      ╭─[test.yaml:5:45]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {markets.0.base_spread: {min: 1, max: 5}}}]
      ·                                             ────────┬───────
      ·                                                     ╰── here
      ╰────
     help: `{min: 0, max: 1, step: 0.25}` or `{min: 0, max: 1, count: 5}`
    "#);
}

#[test]
fn an_unknown_key_in_a_range() {
    assert_snapshot!(refusal("parameters: [{grid: {markets.0.base_spread: {min: 1, maximum: 5, step: 1}}}]"), @r#"
     × unknown key `maximum`
      ╭─[test.yaml:5:54]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {markets.0.base_spread: {min: 1, maximum: 5, step: 1}}}]
      ·                                                      ───┬───
      ·                                                         ╰── not known here
      ╰────
     help: known here: `min`, `max`, `step`, `count`, `scale`
    "#);
}

#[test]
fn a_range_without_max() {
    assert_snapshot!(refusal("parameters: [{grid: {markets.0.base_spread: {min: 1, step: 1}}}]"), @r#"
     × missing key `max`
      ╭─[test.yaml:5:45]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {markets.0.base_spread: {min: 1, step: 1}}}]
      ·                                             ────────┬────────
      ·                                                     ╰── belongs in this mapping
      ╰────
    "#);
}

#[test]
fn an_unknown_scale() {
    assert_snapshot!(refusal("parameters: [{grid: {markets.0.base_spread: {min: 1, max: 5, count: 3, scale: lag}}}]"), @r#"
     × unknown name `lag`
      ╭─[test.yaml:5:79]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {markets.0.base_spread: {min: 1, max: 5, count: 3, scale: lag}}}]
      ·                                                                               ─┬─
      ·                                                                                ╰── not known here
      ╰────
     help: did you mean `log`?
    "#);
}

#[test]
fn a_log_scale_from_zero() {
    assert_snapshot!(refusal("parameters: [{grid: {agents.traders.short_bias: {min: 0, max: 1, count: 3, scale: log}}}]"), @r#"
     × a log scale starts above 0, not at 0
      ╭─[test.yaml:5:55]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {agents.traders.short_bias: {min: 0, max: 1, count: 3, scale: log}}}]
      ·                                                       ┬
      ·                                                       ╰── gives no values
      ╰────
    "#);
}

#[test]
fn a_text_as_bound() {
    assert_snapshot!(refusal("parameters: [{grid: {markets.0.base_spread: {min: one, max: 5, step: 1}}}]"), @r#"
     × expected a number, found the text `one`
      ╭─[test.yaml:5:51]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {markets.0.base_spread: {min: one, max: 5, step: 1}}}]
      ·                                                   ─┬─
      ·                                                    ╰── wrong type
      ╰────
    "#);
}

#[test]
fn one_value_between_two_bounds() {
    assert_snapshot!(refusal("parameters: [{grid: {markets.0.base_spread: {min: 1, max: 5, count: 1}}}]"), @r#"
     × one value cannot reach from min to max
      ╭─[test.yaml:5:69]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {markets.0.base_spread: {min: 1, max: 5, count: 1}}}]
      ·                                                                     ┬
      ·                                                                     ╰── here
      ╰────
    "#);
}

#[test]
fn zip_of_unequal_lengths() {
    assert_snapshot!(refusal("parameters: [{zip: {markets.0.base_spread: [1, 2], agents.traders.count: [1, 2, 3]}}]"), @r#"
     × `agents.traders.count` has 3 values, but `markets.0.base_spread` zipped with it has 2
      ╭─[test.yaml:5:52]
    4 │   agents: {traders: {}}
    5 │ parameters: [{zip: {markets.0.base_spread: [1, 2], agents.traders.count: [1, 2, 3]}}]
      ·                                                    ──────────┬─────────
      ·                                                              ╰── here
      ╰────
     help: paths zipped together need equally many values
    "#);
}

#[test]
fn an_unknown_distribution() {
    assert_snapshot!(refusal("parameters: [{lhs: {count: 3, paths: {agents.traders.short_bias: {unifrom: {min: 0, max: 1}}}}}]"), @r#"
     × unknown key `unifrom`
      ╭─[test.yaml:5:67]
    4 │   agents: {traders: {}}
    5 │ parameters: [{lhs: {count: 3, paths: {agents.traders.short_bias: {unifrom: {min: 0, max: 1}}}}}]
      ·                                                                   ───┬───
      ·                                                                      ╰── not known here
      ╰────
     help: did you mean `uniform`?
    "#);
}

#[test]
fn a_distribution_of_no_width() {
    assert_snapshot!(refusal("parameters: [{lhs: {count: 3, paths: {agents.traders.short_bias: {uniform: {min: 1, max: 1}}}}}]"), @r#"
     × the range is empty: min 1 is not below max 1
      ╭─[test.yaml:5:76]
    4 │   agents: {traders: {}}
    5 │ parameters: [{lhs: {count: 3, paths: {agents.traders.short_bias: {uniform: {min: 1, max: 1}}}}}]
      ·                                                                            ────────┬───────
      ·                                                                                    ╰── gives no values
      ╰────
    "#);
}

#[test]
fn no_standard_deviation() {
    assert_snapshot!(refusal("parameters: [{random: {count: 3, paths: {agents.traders.short_bias: {normal: {mean: 1, std_dev: 0}}}}}]"), @r#"
     × `std_dev` must be above 0, not 0
      ╭─[test.yaml:5:97]
    4 │   agents: {traders: {}}
    5 │ parameters: [{random: {count: 3, paths: {agents.traders.short_bias: {normal: {mean: 1, std_dev: 0}}}}}]
      ·                                                                                                 ┬
      ·                                                                                                 ╰── gives no values
      ╰────
    "#);
}

#[test]
fn a_normal_cut_where_there_is_none() {
    assert_snapshot!(refusal("parameters: [{random: {count: 3, paths: {agents.traders.short_bias: {normal: {mean: 0, std_dev: 1, min: 40}}}}}]"), @r#"
     × no part of the normal distribution lies between `min` and `max`
      ╭─[test.yaml:5:78]
    4 │   agents: {traders: {}}
    5 │ parameters: [{random: {count: 3, paths: {agents.traders.short_bias: {normal: {mean: 0, std_dev: 1, min: 40}}}}}]
      ·                                                                              ───────────────┬──────────────
      ·                                                                                             ╰── gives no values
      ╰────
    "#);
}

#[test]
fn no_points() {
    assert_snapshot!(refusal("parameters: [{lhs: {count: 0, paths: {}}}]"), @r#"
     × `count` must be at least 1
      ╭─[test.yaml:5:28]
    4 │   agents: {traders: {}}
    5 │ parameters: [{lhs: {count: 0, paths: {}}}]
      ·                            ┬
      ·                            ╰── gives no values
      ╰────
    "#);
}

#[test]
fn no_paths() {
    assert_snapshot!(refusal("parameters: [{lhs: {count: 3, paths: {}}}]"), @r#"
     × no paths are given
      ╭─[test.yaml:5:38]
    4 │   agents: {traders: {}}
    5 │ parameters: [{lhs: {count: 3, paths: {}}}]
      ·                                      ─┬
      ·                                       ╰── gives no values
      ╰────
    "#);
}

#[test]
fn too_many_sobol_points() {
    assert_snapshot!(refusal("parameters: [{sobol: {count: 70000, paths: {agents.traders.short_bias: {uniform: {min: 0, max: 1}}}}}]"), @r#"
     × `sobol` gives at most 65536 points, not 70000
      ╭─[test.yaml:5:30]
    4 │   agents: {traders: {}}
    5 │ parameters: [{sobol: {count: 70000, paths: {agents.traders.short_bias: {uniform: {min: 0, max: 1}}}}}]
      ·                              ──┬──
      ·                                ╰── here
      ╰────
     help: `random` has no such limit
    "#);
}

#[test]
fn an_uneven_row() {
    assert_snapshot!(refusal("parameters: [{table: {columns: [markets.0.base_spread], rows: [[1], [1, 2]]}}]"), @r#"
     × the row has 2 values, the header 1
      ╭─[test.yaml:5:69]
    4 │   agents: {traders: {}}
    5 │ parameters: [{table: {columns: [markets.0.base_spread], rows: [[1], [1, 2]]}}]
      ·                                                                     ───┬──
      ·                                                                        ╰── here
      ╰────
    "#);
}

#[test]
fn a_table_without_rows() {
    assert_snapshot!(refusal("parameters: [{table: {columns: [markets.0.base_spread], rows: []}}]"), @r#"
     × the table has no rows
      ╭─[test.yaml:5:63]
    4 │   agents: {traders: {}}
    5 │ parameters: [{table: {columns: [markets.0.base_spread], rows: []}}]
      ·                                                               ─┬
      ·                                                                ╰── gives no values
      ╰────
    "#);
}

#[test]
fn a_table_that_is_not_there() {
    assert_snapshot!(refusal("parameters: [{table: {file: no/such.csv}}]"), @r#"
     × cannot read `no/such.csv`: No such file or directory (os error 2)
      ╭─[test.yaml:5:29]
    4 │   agents: {traders: {}}
    5 │ parameters: [{table: {file: no/such.csv}}]
      ·                             ─────┬─────
      ·                                  ╰── named here
      ╰────
    "#);
}

#[test]
fn a_spec_without_scenario() {
    let error = super::Spec::parse("test.yaml", "seed: 1\n", "test", "".into()).unwrap_err();
    assert_snapshot!(crate::sweep::testing::rendered(&error), @r#"
     × the spec has no scenario
      ╭─[test.yaml:1:1]
    1 │ seed: 1
      · ───┬───
      ·    ╰── here
      ╰────
     help: write it under `scenario`, or name its file with `scenario_file`
    "#);
}

#[test]
fn a_spec_that_is_not_there() {
    let error = super::Spec::load(std::path::Path::new("no/such.yaml")).unwrap_err();
    assert_snapshot!(crate::sweep::testing::rendered(&error), @r#"
      × cannot read `no/such.yaml`: No such file or directory (os error 2)
    "#);
}

fn refused_table(csv: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("points.csv"), csv).unwrap();
    let text = "scenario: {}\nparameters: [{table: {file: points.csv}}]\n";
    let error = super::Spec::parse("test.yaml", text, "test", folder.path().into()).unwrap_err();
    crate::sweep::testing::rendered(&error).replace(&folder.path().display().to_string(), "FOLDER")
}

#[test]
fn an_uneven_row_of_a_csv_table() {
    assert_snapshot!(refused_table("a.b,c.d\n1,2\n\n3\n"), @r#"
     × the row has 1 values, the header 2
      ╭─[FOLDER/points.csv:4:1]
    3 │
    4 │ 3
      · ┬
      · ╰── here
      ╰────
    "#);
}

#[test]
fn a_csv_table_with_a_header_alone() {
    assert_snapshot!(refused_table("a.b,c.d\n"), @r#"
     × the table has no rows
      ╭─[test.yaml:2:29]
    1 │ scenario: {}
    2 │ parameters: [{table: {file: points.csv}}]
      ·                             ─────┬────
      ·                                  ╰── gives no values
      ╰────
    "#);
}

#[test]
fn an_empty_csv_table() {
    assert_snapshot!(refused_table(""), @r#"
     × the table has no columns
      ╭─[test.yaml:2:29]
    1 │ scenario: {}
    2 │ parameters: [{table: {file: points.csv}}]
      ·                             ─────┬────
      ·                                  ╰── gives no values
      ╰────
    "#);
}

#[test]
fn a_table_by_file_and_by_rows() {
    assert_snapshot!(refusal("parameters: [{table: {file: a.csv, rows: [[1]]}}]"), @r#"
     × a table has either `file` or `columns` and `rows`
      ╭─[test.yaml:5:22]
    4 │   agents: {traders: {}}
    5 │ parameters: [{table: {file: a.csv, rows: [[1]]}}]
      ·                      ─────────────┬────────────
      ·                                   ╰── here
      ╰────
    "#);
}

#[test]
fn numbers_that_are_not_finite() {
    assert_snapshot!(refusal("parameters: [{grid: {agents.traders.short_bias: [0, .inf]}}]"), @r#"
     × `.inf` is not a finite number
      ╭─[test.yaml:5:53]
    4 │   agents: {traders: {}}
    5 │ parameters: [{grid: {agents.traders.short_bias: [0, .inf]}}]
      ·                                                     ──┬─
      ·                                                       ╰── here
      ╰────
    "#);
}

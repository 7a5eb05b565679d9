//! What a scenario's mistakes look like, and whose luck depends on what.

use super::Scenario;
use crate::path::PriceFiles;
use crate::sweep::testing::rendered;
use crate::sweep::{Overrides, Plan, Spec, SpecError};
use insta::assert_snapshot;
use std::path::PathBuf;

/// A scenario of one market and the given groups of agents, then `rest`.
fn plan(agents: &str, rest: &str) -> Result<Plan, SpecError> {
    let text = format!(
        "seed: 7
{rest}scenario:
  horizon: 3600
  perp_markets:
    - {{name: SOL, oracle: {{constant: {{price: 20}}}}, base_reserve: 1000}}
  agents:
{agents}"
    );
    checked(&text)
}

fn checked(text: &str) -> Result<Plan, SpecError> {
    let spec = Spec::parse("test.yaml", text, "test", PathBuf::new())?;
    let plan = Plan::new::<Scenario>(spec, &Overrides::default())?;
    plan.validate(Scenario::validate)?;
    Ok(plan)
}

fn shown(outcome: Result<Plan, SpecError>) -> String {
    match outcome {
        Ok(plan) => format!("accepted: {} points", plan.points()),
        Err(error) => rendered(&error),
    }
}

fn refusal(agents: &str) -> String {
    shown(plan(agents, ""))
}

/// The market's line with another oracle and the given fields.
fn market(fields: &str) -> String {
    shown(checked(&format!(
        "seed: 7\nscenario:\n  horizon: 3600\n  perp_markets:\n    - {{name: SOL, {fields}}}\n  agents: {{}}\n"
    )))
}

#[test]
fn an_unknown_kind_of_agent() {
    assert_snapshot!(refusal("    crowd: {kind: open_cloze}\n"), @r#"
      × unknown name `open_cloze`
       ╭─[test.yaml:7:19]
     6 │   agents:
     7 │     crowd: {kind: open_cloze}
       ·                   ─────┬────
       ·                        ╰── not known here
       ╰────
      help: did you mean `open_close`?
    "#);
}

#[test]
fn a_misspelt_parameter() {
    assert_snapshot!(refusal("    crowd:\n      kind: open_close\n      short_bais: 0.5\n"), @r#"
      × unknown key `short_bais`
       ╭─[test.yaml:9:7]
     8 │       kind: open_close
     9 │       short_bais: 0.5
       ·       ─────┬────
       ·            ╰── not known here
       ╰────
      help: did you mean `short_bias`?
    "#);
}

#[test]
fn a_misspelt_parameter_of_many_on_one_user() {
    assert_snapshot!(refusal("    crowd:\n      kind: multiple\n      count: 3\n      of: {kind: noise, intensty: 1}\n"), @r#"
      × unknown key `intensty`
        ╭─[test.yaml:10:25]
      9 │       count: 3
     10 │       of: {kind: noise, intensty: 1}
        ·                         ────┬───
        ·                             ╰── not known here
        ╰────
      help: did you mean `intensity`?
    "#);
}

#[test]
fn a_kind_may_come_anywhere_and_from_another_group() {
    let scenario = |agents| plan(agents, "").unwrap().scenario::<Scenario>(0).unwrap();
    let merged = scenario(
        "    base: &base {kind: open_close, users: 3, short_bias: 0.25}\n    crowd: {short_bias: 0.5, <<: *base}\n    herd:\n      <<: [{users: 9}, *base]\n",
    );
    let plain = scenario(
        "    base: {kind: open_close, users: 3, short_bias: 0.25}\n    crowd: {kind: open_close, users: 3, short_bias: 0.5}\n    herd: {users: 9, kind: open_close, short_bias: 0.25}\n",
    );
    assert_eq!(merged.agents, plain.agents);
}

#[test]
fn a_group_without_a_kind() {
    assert_snapshot!(refusal("    crowd: {}\n"), @r#"
      × a group of agents needs a `kind`, such as `kind: open_close`
       ╭─[test.yaml:7:12]
     6 │   agents:
     7 │     crowd: {}
       ·            ─┬
       ·             ╰── here
       ╰────
    "#);
}

#[test]
fn a_probability_above_one() {
    assert_snapshot!(refusal("    crowd: {kind: open_close, short_bias: 1.5}\n"), @r#"
      × `short_bias` is a probability: from 0 to 1, found 1.5
       ╭─[test.yaml:7:43]
     6 │   agents:
     7 │     crowd: {kind: open_close, short_bias: 1.5}
       ·                                           ─┬─
       ·                                            ╰── here
       ╰────
    "#);
}

#[test]
fn a_probability_above_one_in_a_sweep() {
    assert_snapshot!(shown(plan("    crowd: {kind: open_close}\n", "parameters: [{grid: {agents.crowd.short_bias: [0.5, 1.5]}}]\n")), @r#"
      × `short_bias` is a probability: from 0 to 1, found 1.5
       ╭─[test.yaml:2:53]
     1 │ seed: 7
     2 │ parameters: [{grid: {agents.crowd.short_bias: [0.5, 1.5]}}]
       ·                                                     ─┬─
       ·                                                      ╰── here
     3 │ scenario:
       ╰────
    "#);
}

#[test]
fn a_probability_above_one_of_many_on_one_user() {
    assert_snapshot!(refusal("    crowd: {kind: multiple, count: 2, of: {kind: open_close, short_bias: 1.5}}\n"), @r#"
      × `short_bias` is a probability: from 0 to 1, found 1.5
       ╭─[test.yaml:7:74]
     6 │   agents:
     7 │     crowd: {kind: multiple, count: 2, of: {kind: open_close, short_bias: 1.5}}
       ·                                                                          ─┬─
       ·                                                                           ╰── here
       ╰────
    "#);
}

#[test]
fn users_of_a_group_that_is_not_there() {
    assert_snapshot!(refusal("    crowd: {kind: open_close}\n    settlers: {kind: settle_pnl, users_of: crwd}\n"), @r#"
      × there is no group of agents `crwd`
       ╭─[test.yaml:8:44]
     7 │     crowd: {kind: open_close}
     8 │     settlers: {kind: settle_pnl, users_of: crwd}
       ·                                            ──┬─
       ·                                              ╰── here
       ╰────
    "#);
}

#[test]
fn users_of_a_group_that_comes_later() {
    assert_snapshot!(refusal("    settlers: {kind: settle_pnl, users_of: crowd}\n    crowd: {kind: open_close}\n"), @r#"
      × `crowd` must come before `settlers` and have users of its own
       ╭─[test.yaml:7:44]
     6 │   agents:
     7 │     settlers: {kind: settle_pnl, users_of: crowd}
       ·                                            ──┬──
       ·                                              ╰── here
     8 │     crowd: {kind: open_close}
       ╰────
    "#);
}

#[test]
fn a_market_that_is_not_there() {
    assert_snapshot!(refusal("    crowd: {kind: open_close, market: 1}\n"), @r#"
      × there is no perpetual market 1: there are 1
       ╭─[test.yaml:7:39]
     6 │   agents:
     7 │     crowd: {kind: open_close, market: 1}
       ·                                       ┬
       ·                                       ╰── here
       ╰────
    "#);
}

#[test]
fn sizes_the_wrong_way_round() {
    assert_snapshot!(refusal("    crowd:\n      kind: open_close\n      size: {min: 10, max: 1}\n"), @r#"
      × `size` min is 10, above max, 1: swap them
       ╭─[test.yaml:9:13]
     8 │       kind: open_close
     9 │       size: {min: 10, max: 1}
       ·             ────────┬────────
       ·                     ╰── here
       ╰────
    "#);
}

#[test]
fn a_share_of_all_liquidity() {
    assert_snapshot!(refusal("    lps: {kind: add_remove_liquidity, share_of_liquidity: 1}\n"), @r#"
      × `share_of_liquidity` must be from 0 to below 1, found 1
       ╭─[test.yaml:7:59]
     6 │   agents:
     7 │     lps: {kind: add_remove_liquidity, share_of_liquidity: 1}
       ·                                                           ┬
       ·                                                           ╰── here
       ╰────
    "#);
}

#[test]
fn a_negative_price() {
    assert_snapshot!(market("oracle: {constant: {price: -20}}, base_reserve: 1000"), @r#"
      × `constant.price` is -20
       ╭─[test.yaml:5:46]
     4 │   perp_markets:
     5 │     - {name: SOL, oracle: {constant: {price: -20}}, base_reserve: 1000}
       ·                                              ─┬─
       ·                                               ╰── here
     6 │   agents: {}
       ╰────
      help: give a number from 0.000001 to 1000000000 dollars
    "#);
}

#[test]
fn an_unknown_price_path() {
    assert_snapshot!(market("oracle: {constnat: {price: 20}}, base_reserve: 1000"), @r#"
      × unknown name `constnat`
       ╭─[test.yaml:5:28]
     4 │   perp_markets:
     5 │     - {name: SOL, oracle: {constnat: {price: 20}}, base_reserve: 1000}
       ·                            ────┬───
       ·                                ╰── not known here
     6 │   agents: {}
       ╰────
      help: did you mean `constant`?
    "#);
}

#[test]
fn a_misspelt_field_of_a_market() {
    assert_snapshot!(market("oracle: {constant: {price: 20}}, base_reserv: 1000"), @r#"
      × unknown key `base_reserv`
       ╭─[test.yaml:5:52]
     4 │   perp_markets:
     5 │     - {name: SOL, oracle: {constant: {price: 20}}, base_reserv: 1000}
       ·                                                    ─────┬─────
       ·                                                         ╰── not known here
     6 │   agents: {}
       ╰────
      help: did you mean `base_reserve`?
    "#);
}

#[test]
fn reserves_of_nothing() {
    assert_snapshot!(market("oracle: {constant: {price: 20}}, base_reserve: 0"), @r#"
      × `base_reserve` lies between 0.001 and 1e12 units, found 0
       ╭─[test.yaml:5:66]
     4 │   perp_markets:
     5 │     - {name: SOL, oracle: {constant: {price: 20}}, base_reserve: 0}
       ·                                                                  ┬
       ·                                                                  ╰── here
     6 │   agents: {}
       ╰────
    "#);
}

#[test]
fn a_spread_that_is_no_integer() {
    assert_snapshot!(market("oracle: {constant: {price: 20}}, base_reserve: 1000, base_spread: 2.5"), @r#"
      × expected an integer from 0 to 4294967295, found the number `2.5`
       ╭─[test.yaml:5:85]
     4 │   perp_markets:
     5 │     - {name: SOL, oracle: {constant: {price: 20}}, base_reserve: 1000, base_spread: 2.5}
       ·                                                                                     ─┬─
       ·                                                                                      ╰── wrong type
     6 │   agents: {}
       ╰────
    "#);
}

#[test]
fn negative_intervals() {
    assert_snapshot!(refusal("    arbs: {kind: arb, every: 0}\n"), @r#"
      × `every` must be 1 second or more, found 0
       ╭─[test.yaml:7:30]
     6 │   agents:
     7 │     arbs: {kind: arb, every: 0}
       ·                              ┬
       ·                              ╰── here
       ╰────
    "#);
}

#[test]
fn a_negative_deposit() {
    assert_snapshot!(refusal("    arbs: {kind: noise, deposit: -5}\n"), @r#"
      × `deposit` must be 0 dollars or more, found -5
       ╭─[test.yaml:7:34]
     6 │   agents:
     7 │     arbs: {kind: noise, deposit: -5}
       ·                                  ─┬
       ·                                   ╰── here
       ╰────
    "#);
}

#[test]
fn a_negative_start() {
    assert_snapshot!(refusal("    crowd: {kind: open_close, start: -5}\n"), @r#"
      × `start` must be 0 seconds or more, found -5
       ╭─[test.yaml:7:38]
     6 │   agents:
     7 │     crowd: {kind: open_close, start: -5}
       ·                                      ─┬
       ·                                       ╰── here
       ╰────
    "#);
}

/// The deposits of the users of `group`, and when their agents want to be asked first.
fn luck(agents: &str, group: &str) -> Vec<(u64, Option<i64>)> {
    let scenario: Scenario = plan(agents, "").unwrap().scenario(0).unwrap();
    let prepared = scenario.prepare(3, 5, &PriceFiles::new("")).unwrap();
    let users = prepared.users.iter().zip(&prepared.actors);
    let of_group = users.filter(|(user, _)| user.group == group);
    of_group
        .map(|(user, actor)| (user.deposit, actor.agent.first_call()))
        .collect()
}

#[test]
fn a_groups_luck_is_its_own() {
    let groups = |traders: u32, others: u32| {
        format!(
            "    others: {{kind: open_close, users: {others}}}\n    traders: {{kind: open_close, users: {traders}}}\n"
        )
    };
    let few = luck(&groups(3, 1), "traders");
    assert_eq!(few, luck(&groups(3, 8), "traders"));
    // A larger group begins with the smaller one's users.
    assert_eq!(few, luck(&groups(7, 1), "traders")[..3]);
    // The luck goes by the name, and no two have the same.
    assert_ne!(few, luck(&groups(3, 3), "others"));
    assert_ne!(few[0], few[1]);
}

#[test]
fn one_sees_another_price_in_every_replicate_and_the_same_in_every_point() {
    let walk = "seed: 7\nscenario:\n  horizon: 3600\n  perp_markets:\n    - {name: A, oracle: {geometric_brownian_motion: {start_price: 30, volatility_per_year: 0.9}}, base_reserve: 1000}\n    - {name: B, oracle: {geometric_brownian_motion: {start_price: 30, volatility_per_year: 0.9}}, base_reserve: 1000}\n  agents: {}\n";
    let scenario: Scenario = checked(walk).unwrap().scenario(0).unwrap();
    let paths = |scenario: &Scenario, replicate| {
        let prepared = scenario.prepare(7, replicate, &PriceFiles::new("")).unwrap();
        prepared
            .perp_paths
            .iter()
            .map(|path| path.iter().collect::<Vec<_>>())
            .collect::<Vec<_>>()
    };
    let mut deeper = scenario.clone();
    deeper.perp_markets[0].base_reserve = 5.0;
    let first = paths(&scenario, 0);
    assert_eq!(first, paths(&deeper, 0));
    assert_ne!(first, paths(&scenario, 1));
    assert_ne!(first[0], first[1]);
}

/// Two perpetual markets and a spot market with the given oracles, and `rest`.
fn three(oracles: [&str; 3], rest: &str) -> String {
    let [sol, btc, spot] = oracles;
    format!(
        "seed: 7
scenario:
  horizon: 3600
  perp_markets:
    - {{name: SOL-PERP, oracle: {{{sol}}}, base_reserve: 1000}}
    - {{name: BTC-PERP, oracle: {{{btc}}}, base_reserve: 1000}}
  spot_markets:
    - {{name: SOL, oracle: {{{spot}}}}}
{rest}  agents: {{}}
"
    )
}

const DRIVEN: [&str; 3] = [
    "geometric_brownian_motion: {start_price: 1e4}",
    "garch: {start_price: 1e4}",
    "geometric_brownian_motion: {start_price: 1e4}",
];

/// The paths of the three in some replicates.
fn three_paths(oracles: [&str; 3], rest: &str, replicates: u64) -> Vec<[Vec<(i64, u64)>; 3]> {
    let scenario: Scenario = checked(&three(oracles, rest)).unwrap().scenario(0).unwrap();
    let paths = |replicate| {
        let prepared = scenario.prepare(7, replicate, &PriceFiles::new("")).unwrap();
        let [sol, btc] = prepared.perp_paths.try_into().unwrap();
        let [spot] = prepared.spot_paths.try_into().unwrap();
        [sol, btc, spot].map(|path| path.iter().collect())
    };
    (0..replicates).map(paths).collect()
}

#[test]
fn correlations_of_perpetual_and_spot_markets_are_recovered() {
    let correlation = "  correlation: {SOL-PERP: {BTC-PERP: 0.8, SOL: 1}, SOL: {BTC-PERP: 0.8}}\n";
    let [gbm, ..] = DRIVEN;
    let tied = three_paths([gbm; 3], correlation, 30);
    assert!(
        tied.iter().all(|[perp, _, spot]| perp == spot),
        "the same shocks, the same model"
    );
    let (mut products, mut squares) = (0.0, [0.0; 2]);
    for [sol, btc, _] in &tied {
        for (s, b) in sol.windows(2).zip(btc.windows(2)) {
            let [s, b] = [s, b].map(|pair| (pair[1].1 as f64 / pair[0].1 as f64).ln());
            products += s * b;
            squares = [squares[0] + s * s, squares[1] + b * b];
        }
    }
    // 10,800 pairs: a standard error of (1 - 0.64) / 104.
    let found = products / (squares[0] * squares[1]).sqrt();
    assert!((found - 0.8).abs() < 0.015, "{found}");
}

#[test]
fn markets_without_correlation_keep_their_paths() {
    let free = three_paths(DRIVEN, "", 2);
    let none = "  correlation: {SOL-PERP: {BTC-PERP: 0, SOL: 0}}\n";
    assert_eq!(three_paths(DRIVEN, none, 2), free);
    // The first of those that correlate leads, and whoever correlates with none of them goes its own way.
    let some = "  correlation: {SOL: {SOL-PERP: 0.5}}\n";
    let some = three_paths(DRIVEN, some, 2);
    for ([sol, btc, spot], [free_sol, free_btc, free_spot]) in some.iter().zip(&free) {
        assert!(sol == free_sol && btc == free_btc && spot != free_spot);
    }
}

#[test]
fn correlations_that_make_no_sense() {
    let said = |oracles, correlation: &str| {
        let outcome = checked(&three(oracles, &format!("  correlation: {correlation}\n")));
        shown(outcome)
    };
    let [gbm, ..] = DRIVEN;
    for (oracles, correlation, parts) in [
        (
            DRIVEN,
            "{SOL-PERP: {BTC: 0.5}}",
            ["no market `BTC`", "SOL-PERP, BTC-PERP, SOL"],
        ),
        (
            DRIVEN,
            "{SOL-PERP: {SOL: 1.5}}",
            ["between -1 and 1, found 1.5", "give 0"],
        ),
        (
            DRIVEN,
            "{SOL: {SOL: 0.5}}",
            ["fully with itself, found 0.5", "leave it out"],
        ),
        (
            DRIVEN,
            "{SOL: {SOL-PERP: 0.5}, SOL-PERP: {SOL: 0.4}}",
            ["0.5", "give each pair once"],
        ),
        (
            DRIVEN,
            "{SOL: {SOL-PERP: 0.9, BTC-PERP: 0.9}, SOL-PERP: {BTC-PERP: -0.9}}",
            ["no prices correlate so: what `SOL` has", "nearer to 0"],
        ),
        (
            [gbm, "random_walk: {}", gbm],
            "{SOL-PERP: {BTC-PERP: 0.5}}",
            ["`BTC-PERP` cannot be correlated", "`random_walk`"],
        ),
        (
            [gbm, "heston: {step_seconds: 60}", gbm],
            "{SOL-PERP: {BTC-PERP: 0.5}}",
            [
                "every 10 seconds and `BTC-PERP` every 60",
                "the same `step_seconds`",
            ],
        ),
    ] {
        let said = said(oracles, correlation);
        // Messages are broken into lines.
        let words = said
            .split(['\n', '│'])
            .map(str::trim)
            .collect::<Vec<_>>()
            .join(" ");
        assert!(parts.iter().all(|part| words.contains(part)), "{words}");
    }
}

#[test]
fn a_correlation_can_be_swept() {
    let text = three(DRIVEN, "  correlation: {SOL-PERP: {BTC-PERP: 0.5}}\n").replace(
        "scenario:\n",
        "parameters: [{grid: {correlation.SOL-PERP.BTC-PERP: [0, 0.9, 1.1]}}]\nscenario:\n",
    );
    let said = shown(checked(&text));
    assert!(said.contains("between -1 and 1, found 1.1"), "{said}");
    assert_eq!(shown(checked(&text.replace(", 1.1", ""))), "accepted: 2 points");
}

/// A folder with `a.csv`, hours 0 to 100, and `b.csv`, hours 20 to 120, whose log moves are twice those of the first.
fn recordings() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let log = |minute: i64| ((minute * 7919) % 613) as f64 / 10_000.0 + ((minute / 60) % 7) as f64 / 100.0;
    let file = |name: &str, minutes: std::ops::Range<i64>, times: f64| {
        let row = |minute: i64| {
            format!(
                "{},{}\n",
                1_700_000_000 + 60 * minute,
                1e4 * (times * log(minute)).exp()
            )
        };
        std::fs::write(folder.path().join(name), minutes.map(row).collect::<String>()).unwrap();
    };
    file("a.csv", 0..6_000, 1.0);
    file("b.csv", 1_200..7_200, 2.0);
    folder
}

#[test]
fn a_common_bootstrap_keeps_what_markets_have_in_common() {
    let folder = recordings();
    let bootstrap = |file: &str, common: &str| {
        format!("bootstrap: {{recording: {{file: {file}}}, block_seconds: 600, step_seconds: 60{common}}}")
    };
    let paths = |commons: [&str; 3]| {
        let [a, b, c] = commons;
        let oracles = [
            bootstrap("a.csv", a),
            bootstrap("b.csv", b),
            bootstrap("a.csv", c),
        ];
        let text = three(oracles.each_ref().map(String::as_str), "");
        let scenario: Scenario = checked(&text).unwrap().scenario(0).unwrap();
        let prepared = scenario.prepare(7, 3, &PriceFiles::new(folder.path())).unwrap();
        prepared
            .outside
            .iter()
            .map(|path| path.iter().collect::<Vec<_>>())
            .collect::<Vec<_>>()
    };
    let common = ", common: crypto";
    let tied = paths([common; 3]);
    let returns = |path: &[(i64, u64)]| -> Vec<f64> {
        let price = |minute: i64| path.iter().rfind(|(at, _)| *at <= 60 * minute).unwrap().1 as f64;
        (0..60)
            .map(|minute| (price(minute + 1) / price(minute)).ln())
            .collect()
    };
    let [a, b] = [&tied[0], &tied[1]].map(|path| returns(path));
    assert!(a.iter().any(|r| *r != 0.0));
    for (a, b) in a.iter().zip(&b) {
        assert!((2.0 * a - b).abs() < 1e-6, "{a} {b}");
    }
    assert_eq!(tied[0], tied[2], "a perpetual market and its collateral");
    // Alone in its bootstrap, a market has the path that it has without.
    let free = paths([""; 3]);
    assert_ne!(free[1], tied[1]);
    assert_eq!(paths([common, "", ""]), free);
}

#[test]
fn a_common_bootstrap_that_makes_no_sense() {
    let folder = recordings();
    let text = |second: &str| {
        let first = "bootstrap: {recording: {file: a.csv, to: 1700060001}, common: crypto}";
        three([first, second, "constant: {price: 1}"], "")
    };
    let unlike = shown(checked(&text(
        "bootstrap: {recording: {file: b.csv}, common: crypto, block: moving}",
    )));
    let words = unlike
        .split(['\n', '│'])
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" ");
    assert!(
        words.contains("`SOL-PERP` and `BTC-PERP` share the blocks of `crypto`, but differ in them"),
        "{unlike}"
    );
    let apart = checked(&text("bootstrap: {recording: {file: b.csv}, common: crypto}"));
    let scenario: Scenario = apart.unwrap().scenario(0).unwrap();
    let refused = scenario
        .prepare(7, 3, &PriceFiles::new(folder.path()))
        .err()
        .unwrap();
    assert_eq!(
        refused.to_string(),
        "BTC-PERP: b.csv has no time in common with the others of `crypto`: give recordings of the same days"
    );
}

#[test]
fn markets_that_correlate_fully_share_jumps_and_variances_too() {
    let wild = "heston: {start_price: 1e4, volatility_of_variance: 8}";
    let jumpy = "hawkes_jumps: {start_price: 1e4, jumps_per_day: 500}";
    let tied = |oracles, correlation: &str| {
        let paths = three_paths(oracles, &format!("  correlation: {{{correlation}}}\n"), 1);
        paths.into_iter().next().unwrap()
    };
    for model in [wild, jumpy] {
        // The perpetual market leads, or is itself led by another.
        let [sol, _, spot] = tied([model; 3], "SOL-PERP: {SOL: 1}");
        assert_eq!(sol, spot, "{model}");
        let all = "SOL-PERP: {BTC-PERP: 0.5, SOL: 0.5}, SOL: {BTC-PERP: 1}";
        let [sol, btc, spot] = tied([model; 3], all);
        assert!(btc == spot && sol != btc, "{model}");
        let [_, _, near] = tied([model; 3], "SOL-PERP: {SOL: 0.999999999}");
        assert_ne!(near, sol, "{model}: but for the shocks, another market");
    }
    // A model that leaves nothing else to chance goes along, too, and so does one whose leader is such.
    let [gbm, ..] = DRIVEN;
    let alone = three_paths([wild, wild, gbm], "", 1);
    let [sol, _, spot] = tied([wild, wild, gbm], "SOL-PERP: {SOL: 1}");
    assert!(sol == alone[0][0] && spot != alone[0][2]);
    let up = |path: &[(i64, u64)]| {
        path.windows(2)
            .map(|pair| pair[0].1 < pair[1].1)
            .collect::<Vec<_>>()
    };
    let alike = up(&sol).iter().zip(up(&spot)).filter(|(a, b)| *a == b).count();
    assert!(alike > 340, "{alike} of 360");
    let [sol, _, spot] = tied([gbm, gbm, wild], "SOL-PERP: {SOL: 1}");
    let alike = up(&sol).iter().zip(up(&spot)).filter(|(a, b)| *a == b).count();
    assert!(alike > 340, "{alike} of 360");
}

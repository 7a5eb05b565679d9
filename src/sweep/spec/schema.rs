//! The JSON schema of a spec file.
//!
//! The shapes below exist for the schema alone: the spec is read by hand from the tree, because derived readers
//! of "a list or a mapping" cannot say what is wrong where. A test holds the two together.
#![allow(dead_code)]

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

/// The JSON schema of a sweep over scenarios of type `S`.
pub fn schema<S: JsonSchema>() -> serde_json::Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    generator.into_root_schema_for::<SpecFile<S>>().into()
}

/// A sweep: a scenario, what varies in it, and how many random futures to try at each point.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, title = "Sweep", transform = one_scenario)]
struct SpecFile<S> {
    /// What the sweep is called and its folder under `data/`; the file's name without extension by default.
    name: Option<String>,
    /// What the sweep is for.
    description: Option<String>,
    /// Seed of every random number of the sweep; 0 by default.
    seed: Option<u64>,
    /// Random futures tried at each point, the same ones at every point; 1 by default.
    #[schemars(range(min = 1))]
    replicates: Option<u32>,
    /// The scenario.
    scenario: Option<S>,
    /// A file with the scenario, relative to this one.
    scenario_file: Option<String>,
    /// What varies. Blocks combine by cartesian product; the last one varies fastest.
    parameters: Option<Vec<Block>>,
}

fn one_scenario(schema: &mut Schema) {
    let one_of = serde_json::json!([{ "required": ["scenario"] }, { "required": ["scenario_file"] }]);
    schema.insert("oneOf".to_owned(), one_of);
}

/// Paths and the values they take together. A path is dotted (`agents.traders.short_bias`) and names list items
/// by index or by their `name`.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Block {
    /// Every combination of the paths' values; the last path varies fastest.
    Grid(BTreeMap<String, Values>),
    /// The first values of all paths together, then the second ones, and so on.
    Zip(BTreeMap<String, Values>),
    /// Independent draws.
    Random(Sample),
    /// Latin hypercube: one draw in each of `count` equally likely strata of every path.
    Lhs(Sample),
    /// Owen-scrambled Sobol' sequence; at most 65536 points and 256 paths.
    Sobol(Sample),
    /// Rows as written.
    Table(Table),
}

/// A list of values or a range of numbers.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Values {
    /// The values.
    List(#[schemars(length(min = 1))] Vec<serde_json::Value>),
    /// Numbers from `min` to `max`.
    Range(Range),
}

/// Numbers from `min` to `max`: by `step`, exact and with `max` only if a step hits it, or `count` of them, both
/// bounds included. Has one of `step` and `count`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Range {
    min: f64,
    max: f64,
    /// Difference between neighbours, above 0.
    step: Option<f64>,
    /// Number of values.
    #[schemars(range(min = 1))]
    count: Option<u64>,
    /// With `count`: equal distances (`linear`, the default) or equal ratios (`log`).
    scale: Option<Scale>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Scale {
    Linear,
    Log,
}

/// Draws from distributions.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Sample {
    /// Number of points.
    #[schemars(range(min = 1))]
    count: u64,
    /// What is drawn from what.
    paths: BTreeMap<String, Distribution>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum Distribution {
    /// Any number from `min` to `max`, all alike.
    Uniform(Bounds),
    /// Any number from `min` to `max`, both above zero, whose logarithm is uniform.
    LogUniform(Bounds),
    /// The normal distribution, cut at `min` and `max` if given.
    Normal(Normal),
    /// The integers from `min` to `max`, both included, all alike.
    Int(IntBounds),
    /// The listed values, all alike.
    Choice(#[schemars(length(min = 1))] Vec<serde_json::Value>),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Bounds {
    min: f64,
    max: f64,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct IntBounds {
    min: i64,
    max: i64,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Normal {
    mean: f64,
    std_dev: f64,
    min: Option<f64>,
    max: Option<f64>,
}

/// Either `file`, a CSV file whose header names the paths, or `columns` and `rows`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Table {
    /// A path for each column.
    columns: Option<Vec<String>>,
    /// As many values as columns in each row.
    rows: Option<Vec<Vec<serde_json::Value>>>,
    /// A CSV file, relative to this one: numbers, `true`, `false` and text; an empty cell is no value.
    file: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::super::{KEYS, block, dist, table, values};
    use super::*;
    use crate::sweep::testing::World;

    fn properties(schema: &serde_json::Value) -> Vec<&str> {
        let mut names: Vec<&str> = schema["properties"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        names.sort_unstable();
        names
    }

    fn variants(schema: &serde_json::Value) -> Vec<&str> {
        let alternatives = schema["oneOf"].as_array().unwrap().iter();
        let mut names: Vec<&str> = alternatives.flat_map(properties).collect();
        names.sort_unstable();
        names
    }

    fn sorted<'a>(keys: &[&'a str]) -> Vec<&'a str> {
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn the_schema_has_the_keys_the_reader_knows() {
        let schema = schema::<World>();
        let of = |name: &str| schema["$defs"][name].clone();
        assert_eq!(properties(&schema), sorted(KEYS));
        assert_eq!(variants(&of("Block")), sorted(block::BLOCK_KEYS));
        assert_eq!(properties(&of("Sample")), sorted(block::SAMPLE_KEYS));
        assert_eq!(variants(&of("Distribution")), sorted(dist::DIST_KEYS));
        assert_eq!(properties(&of("Bounds")), sorted(dist::BOUND_KEYS));
        assert_eq!(properties(&of("Normal")), sorted(dist::NORMAL_KEYS));
        assert_eq!(properties(&of("Range")), sorted(values::RANGE_KEYS));
        assert_eq!(properties(&of("Table")), sorted(table::TABLE_KEYS));
    }

    #[test]
    fn the_schema_holds_the_scenario() {
        let schema = schema::<World>();
        assert!(
            schema["$defs"]["World"]["properties"]["markets"].is_object(),
            "{schema:#}"
        );
    }
}

//! What was picked: `selection.json`.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, UInt32Type, UInt64Type};
use arrow_schema::DataType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::chance;
use super::choice::Choice;
use super::error::SampleError;
use super::request::{Method, Pick, Request};
use super::table::Table;
use crate::summary::Kind;

/// Raised whenever a reader of the last version would misread the file.
const FORMAT: u32 = 1;

/// Trials picked from a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// Version of this file.
    pub format: u32,
    /// Version of the harness that ran the sweep.
    pub harness: String,
    /// The sweep's name.
    pub sweep: String,
    /// Fingerprint of the sweep's spec.
    pub spec: String,
    /// The sweep's seed.
    pub seed: u64,
    /// Trials that were picked from.
    pub finished: u64,
    /// Trials that failed, which cannot be picked.
    pub failed: u64,
    /// What was asked for, in order.
    pub picks: Vec<String>,
    /// The trials, in the order in which they were picked.
    pub trials: Vec<Selected>,
    /// What came of more random trials, where `diverge` replayed some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn: Option<Drawn>,
}

/// Random trials that were replayed besides those that were picked; the first that differ are among the picked ones since,
/// the others are only counted here.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Those on which both sides agree.
    pub agreed: u64,
    /// Those on which they differ, beyond the first ones.
    pub differed: u64,
    /// Those that could not be replayed, beyond the first ones.
    pub stopped: u64,
    /// The confidence that bounds from them are to have.
    pub confidence: f64,
}

/// A trial and why it was picked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Selected {
    /// The trial's number.
    pub trial: u64,
    /// The choice of parameters.
    pub point: u64,
    /// The random future.
    pub replicate: u32,
    /// The sweep's seed.
    pub seed: u64,
    /// The parameters of the point, by path.
    pub parameters: Map<String, Value>,
    /// The method that picked it.
    pub method: String,
    /// Its place among those that the pick chose, from 1.
    pub rank: usize,
    /// The metric that it was picked by, if it was one; `refusals.NAME` counts refusals with an error code.
    pub metric: Option<String>,
    /// The trial's value of that metric.
    pub value: Option<f64>,
    /// How many trials of the sweep it stands for.
    pub weight: f64,
    /// Why it was picked, in words.
    pub reason: String,
    /// The name of the trial's experiment folder.
    pub folder: String,
    /// Every metric of the trial that is a number or a flag; null where it is missing or not finite.
    pub metrics: Map<String, Value>,
}

impl Selection {
    pub(super) fn new(
        table: &Table,
        request: &Request,
        chosen: Vec<(&'static str, usize, Choice)>,
    ) -> Result<Self, SampleError> {
        let trials = selected(table, chosen)?;
        let manifest = &table.manifest;
        Ok(Self {
            format: FORMAT,
            harness: manifest.harness.clone(),
            sweep: manifest.name.clone(),
            spec: manifest.spec.clone(),
            seed: manifest.seed,
            finished: table.finished,
            failed: table.failed,
            picks: request.picks.iter().map(Pick::to_string).collect(),
            trials,
            drawn: None,
        })
    }

    /// Takes in what came of more random trials: `listed` among them that are worth a look, and the others' number. All
    /// random ones weigh as if they had been picked at once.
    pub fn add_drawn(&mut self, listed: Vec<Selected>, drawn: Drawn) {
        let is_random = |trial: &&Selected| trial.method == Method::Random.name();
        let on_purpose = self.trials.len() - self.trials.iter().filter(is_random).count();
        let mut rank = self.trials.len() - on_purpose;
        for mut trial in listed {
            rank += 1;
            trial.rank = rank;
            self.trials.push(trial);
        }
        let random = rank as u64 + drawn.agreed + drawn.differed + drawn.stopped;
        let (weight, reason) = chance::standing(random, self.finished - on_purpose as u64);
        for trial in self.trials.iter_mut().filter(|trial| is_random(&&**trial)) {
            (trial.weight, trial.reason) = (weight, reason.clone());
        }
        self.drawn = Some(drawn);
    }

    /// As the text of `selection.json`.
    ///
    /// # Errors
    /// None in practice.
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Reads a `selection.json`.
    ///
    /// # Errors
    /// A file that cannot be read or is no selection of this format.
    pub fn load(path: &Path) -> Result<Self, SampleError> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let text = fs::read_to_string(path).map_err(SampleError::io("read", path))?;
        let unreadable = |text: String| SampleError::Unreadable {
            path: path.to_owned(),
            text,
        };
        // The format first: the rest of another format may be anything.
        let format: Format = serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
        if format.format != FORMAT {
            return Err(unreadable(format!(
                "it has format {}, not {FORMAT}",
                format.format
            )));
        }
        serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))
    }
}

/// What is known of the trials that were chosen, each with its method and its rank.
pub(super) fn selected(
    table: &Table,
    chosen: Vec<(&'static str, usize, Choice)>,
) -> Result<Vec<Selected>, SampleError> {
    let mut rows = rows(table, chosen.iter().map(|(_, _, choice)| choice.place))?;
    let trials = chosen.into_iter().filter_map(|(method, rank, choice)| {
        let row = rows.remove(&choice.place)?;
        let of_metric = choice
            .metric
            .as_ref()
            .and_then(|name| row.metrics.get(name)?.as_f64());
        Some(Selected {
            trial: row.trial,
            point: row.point,
            replicate: row.replicate,
            seed: row.seed,
            parameters: row.parameters,
            method: method.to_owned(),
            rank,
            metric: choice.metric,
            value: choice.value.or(of_metric),
            weight: choice.weight,
            reason: choice.reason,
            folder: format!("{}_{}", table.manifest.name, row.trial),
            metrics: row.metrics,
        })
    });
    Ok(trials.collect())
}

/// A trial's row.
struct Row {
    trial: u64,
    point: u64,
    replicate: u32,
    seed: u64,
    parameters: Map<String, Value>,
    metrics: Map<String, Value>,
}

/// The rows at some places.
fn rows(table: &Table, places: impl Iterator<Item = u64>) -> Result<HashMap<u64, Row>, SampleError> {
    let mut places: Vec<u64> = places.collect();
    places.sort_unstable();
    let of_kind = |columns: &[crate::summary::Column], text: bool| -> Vec<String> {
        let kept = columns
            .iter()
            .filter(|column| column.kind.is_number() || text && column.kind == Kind::Text);
        kept.map(|column| column.name.clone()).collect()
    };
    let parameters = of_kind(&table.results.parameters, true);
    let metrics = of_kind(&table.results.metrics, false);
    let mut columns = vec!["trial", "point", "replicate", "seed"];
    columns.extend(parameters.iter().chain(&metrics).map(String::as_str));
    table.fold(
        &columns,
        HashMap::new,
        |rows, batch| {
            let here = batch.places();
            let first = places.partition_point(|place| *place < here.start);
            for place in places[first..].iter().take_while(|place| **place < here.end) {
                let line = (place - here.start) as usize;
                let id = |name| {
                    let cells = batch.column(name)?;
                    integer(cells, line).ok_or_else(|| batch.unlike(name))
                };
                let named = |names: &[String]| -> Result<Map<String, Value>, SampleError> {
                    let cells = names
                        .iter()
                        .map(|name| Ok((name.clone(), json(batch.column(name)?, line))));
                    cells.collect()
                };
                let row = Row {
                    trial: id("trial")?,
                    point: id("point")?,
                    replicate: u32::try_from(id("replicate")?).map_err(|_| batch.unlike("replicate"))?,
                    seed: id("seed")?,
                    parameters: named(&parameters)?,
                    metrics: named(&metrics)?,
                };
                rows.insert(*place, row);
            }
            Ok(())
        },
        |whole, part| whole.extend(part),
    )
}

fn integer(cells: &dyn Array, line: usize) -> Option<u64> {
    match cells.data_type() {
        DataType::UInt32 => Some(cells.as_primitive::<UInt32Type>().value(line).into()),
        DataType::UInt64 => Some(cells.as_primitive::<UInt64Type>().value(line)),
        _ => None,
    }
}

fn json(cells: &dyn Array, line: usize) -> Value {
    if cells.is_null(line) {
        return Value::Null;
    }
    match cells.data_type() {
        DataType::Boolean => cells.as_boolean().value(line).into(),
        DataType::Int64 => cells.as_primitive::<Int64Type>().value(line).into(),
        DataType::Float64 => cells.as_primitive::<Float64Type>().value(line).into(),
        DataType::Utf8 => cells.as_string::<i32>().value(line).into(),
        _ => integer(cells, line).into(),
    }
}

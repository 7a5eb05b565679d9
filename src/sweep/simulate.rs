//! A plan's trials as the sweep's experiment.

use super::run::{Cell, Column, ColumnType, Count, Experiment, Failure, Output, TrialId};
use super::{Plan, SpecError};
use crate::path::PriceFiles;
use crate::scenario::Scenario;
use crate::trial::{self, Info, Metric, Series, Silent, TrialError};
use std::sync::OnceLock;

/// Points whose scenario is kept once it was read.
const REMEMBERED_POINTS: u64 = 1 << 16;

/// Trials of a plan.
pub struct Simulation<'a> {
    plan: &'a Plan,
    files: PriceFiles,
    scenarios: Vec<OnceLock<Scenario>>,
    columns: Vec<Column>,
    /// Whether the scenarios have somebody who may be liquidated, and thus the columns for it.
    watched: bool,
}

/// Why a plan cannot be simulated.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum SimulationError {
    /// The spec is at fault.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Spec(#[from] SpecError),
    /// The first point cannot start.
    #[error(transparent)]
    Trial(#[from] TrialError),
    /// A price file is at fault.
    #[error(transparent)]
    Path(#[from] crate::path::PathError),
}

impl<'a> Simulation<'a> {
    /// Checks the plan's scenarios, reads their price files and opens the first point's exchange once.
    pub fn new(plan: &'a Plan) -> Result<Self, SimulationError> {
        plan.validate(Scenario::validate)?;
        let files = PriceFiles::new(&plan.scenario_folder);
        let first: Scenario = plan.scenario(0)?;
        for market in &first.perp_markets {
            market.oracle.preload(&files)?;
        }
        for market in &first.spot_markets {
            market.oracle.preload(&files)?;
        }
        let columns = trial::columns(&first, plan.seed, &files)?
            .iter()
            .map(|(info, value)| column(info, value))
            .collect();
        let scenarios = (0..plan.points().min(REMEMBERED_POINTS))
            .map(|_| OnceLock::new())
            .collect();
        Ok(Self {
            plan,
            files,
            scenarios,
            columns,
            watched: first.agents.watch(),
        })
    }

    /// The price files read so far.
    pub fn files(&self) -> &PriceFiles {
        &self.files
    }

    fn scenario(&self, point: u64) -> Result<std::borrow::Cow<'_, Scenario>, Failure> {
        let failed = |text: String| Failure {
            kind: "scenario".to_owned(),
            text,
        };
        let read = || {
            let scenario: Scenario = self
                .plan
                .scenario(point)
                .map_err(|error| failed(error.to_string()))?;
            if scenario.agents.watch() != self.watched {
                let text = "liquidators, or traders with leverage, at some points only: give the others a group of 0 users";
                return Err(failed(text.to_owned()));
            }
            Ok(scenario)
        };
        match self.scenarios.get(point as usize) {
            None => read().map(std::borrow::Cow::Owned),
            Some(kept) => match kept.get() {
                Some(scenario) => Ok(std::borrow::Cow::Borrowed(scenario)),
                None => {
                    let scenario = read()?;
                    Ok(std::borrow::Cow::Borrowed(kept.get_or_init(|| scenario)))
                }
            },
        }
    }
}

impl Experiment for Simulation<'_> {
    fn columns(&self) -> Vec<Column> {
        self.columns.clone()
    }

    fn series_columns(&self) -> Vec<Column> {
        Series::columns()
            .iter()
            .map(|(info, value)| column(info, value))
            .collect()
    }

    fn run(&self, trial: TrialId, series: Option<u32>) -> Result<Output, Failure> {
        let scenario = self.scenario(trial.point)?;
        let (seed, replicate) = (trial.seed, u64::from(trial.replicate));
        let failed = |error: TrialError| Failure {
            kind: error.kind().to_owned(),
            text: error.to_string(),
        };
        let (metrics, rows) = match series {
            None => (
                trial::run(&scenario, seed, replicate, &self.files, &mut Silent).map_err(failed)?,
                Vec::new(),
            ),
            Some(interval) => {
                let mut series = Series::new(interval);
                (
                    trial::run(&scenario, seed, replicate, &self.files, &mut series).map_err(failed)?,
                    series.rows,
                )
            }
        };
        Ok(Output {
            events: metrics.events,
            row: metrics.values.into_iter().map(|(_, value)| cell(value)).collect(),
            series: rows
                .into_iter()
                .map(|row| row.into_iter().map(cell).collect())
                .collect(),
        })
    }
}

fn column(info: &Info, value: &Metric) -> Column {
    let kind = match value {
        Metric::Count(_) => ColumnType::Uint,
        Metric::Signed(_) => ColumnType::Int,
        Metric::Float(_) => ColumnType::Float,
        Metric::Flag(_) => ColumnType::Bool,
        Metric::Codes(_) => ColumnType::Counts,
    };
    Column::new(&info.name, kind, info.unit.name(), &info.about)
}

fn cell(value: Metric) -> Cell {
    match value {
        Metric::Count(value) => Cell::Uint(value),
        Metric::Signed(value) => Cell::Int(value),
        Metric::Float(value) => Cell::Float(value),
        Metric::Flag(value) => Cell::Bool(value),
        Metric::Codes(codes) => Cell::Counts(
            codes
                .into_iter()
                .map(|(code, count)| Count { code, count })
                .collect(),
        ),
    }
}

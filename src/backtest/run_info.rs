//! `run_info.json`: what was replayed, on what, and what came of it.

use super::{BalanceSheet, FirstDifference, Options, Residual, Summary};
use crate::bank::{Deployed, Features, RUNTIME_VERSION, features};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Raised whenever a reader of the last version would misread the file.
const FORMAT: u32 = 1;

/// The file. It has no time of writing and nothing of the machine: the same experiment gives the same bytes.
#[derive(Clone, Debug, Serialize)]
pub struct RunInfo<'a> {
    /// Version of this file.
    pub format: u32,
    /// Version of the harness.
    pub harness: &'static str,
    /// The experiment's name.
    pub experiment: &'a str,
    /// Its folder, as it was named.
    pub folder: String,
    /// Departures from how the folder starts, named as drift-sim names its trials.
    pub flags: Vec<String>,
    /// The share of free collateral that positions were opened with; null where the events' quote amounts were taken.
    pub init_leverage: Option<String>,
    /// Whether oracles showed the AMM's price after closes.
    pub oracle_follows_trade: bool,
    /// Whether events that could not be carried out were skipped.
    pub keep_going: bool,
    /// Whether everybody got out after the last event.
    pub unwind: bool,
    /// What ran at Drift's address.
    pub program: ProgramInfo<'a>,
    /// What it ran in.
    pub runtime: Runtime,
    /// Events carried out, those of the end included.
    pub events: usize,
    /// Why events were skipped.
    pub events_skipped: &'a [String],
    /// Instructions sent, without those that opened the exchange.
    pub instructions: usize,
    /// Instructions refused, by the error's name.
    pub instructions_refused: BTreeMap<&'static str, usize>,
    /// Compute units of all instructions.
    pub compute_units: u64,
    /// Events of the end, when everybody gets out.
    pub unwinding_events: usize,
    /// What users still have in the exchange, and why.
    pub claims_left: &'a [Residual],
    /// Where the tokens are, by spot market, in the mint's smallest unit.
    pub balance_sheets: &'a [BalanceSheet],
    /// What ceased to add up on the way, after which event and on which side.
    pub broken: &'a [String],
    /// Counts that are off, with the program's own fault as a rule.
    pub miscounted: &'a [String],
    /// Whether every token is accounted for.
    pub accounted: bool,
    /// How the engine fared beside the program.
    pub engine: EngineInfo<'a>,
}

/// A program.
#[derive(Clone, Debug, Serialize)]
pub struct ProgramInfo<'a> {
    /// `elf` or `built-in`.
    pub kind: &'static str,
    /// The release, if it is a known one; of the built-in program the harness's version.
    pub version: Option<&'static str>,
    /// The ELF's SHA-256.
    pub sha256: Option<&'a str>,
    /// The ELF's size in bytes.
    pub size: Option<usize>,
    /// The interface it was spoken to by, where that is not the one known by heart.
    pub idl: Option<String>,
    /// The SHA-256 of that interface's description.
    pub idl_sha256: Option<&'a str>,
}

/// The runtime.
#[derive(Clone, Debug, Serialize)]
pub struct Runtime {
    /// The crate.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The features that were on: all it knows, which no cluster has.
    pub features: Features,
}

/// The engine beside the program.
#[derive(Clone, Debug, Serialize)]
pub struct EngineInfo<'a> {
    /// Whether the scenario has it depart from the deployed rules.
    pub departs_from_deployed_rules: bool,
    /// Whether no account differed after any event.
    pub identical: bool,
    /// Where it first differed.
    pub first_difference: Option<&'a FirstDifference>,
}

impl<'a> ProgramInfo<'a> {
    fn of(options: &'a Options) -> Self {
        let (program_under_test, idl) = (&options.program_under_test, options.program_under_test.idl());
        let (kind, version, elf) = match &program_under_test.program {
            Deployed::BuiltIn => ("built-in", Some(env!("CARGO_PKG_VERSION")), None),
            Deployed::Elf(program) => (
                "elf",
                program.release().map(|release| release.version),
                Some(program),
            ),
        };
        Self {
            kind,
            version,
            sha256: elf.map(|program| program.sha256.as_str()),
            size: elf.map(|program| program.elf.len()),
            idl: program_under_test.side().idl,
            idl_sha256: idl.map(|idl| idl.sha256.as_str()),
        }
    }
}

impl<'a> RunInfo<'a> {
    pub(super) fn new(folder: &Path, options: &'a Options, summary: &'a Summary) -> Self {
        let refused = summary.refused.iter();
        Self {
            format: FORMAT,
            harness: env!("CARGO_PKG_VERSION"),
            experiment: &summary.experiment,
            folder: folder.display().to_string(),
            flags: options.flags.iter().map(ToString::to_string).collect(),
            init_leverage: options
                .drift_sim_compat
                .init_leverage
                .map(|leverage| leverage.to_string()),
            oracle_follows_trade: options.drift_sim_compat.oracle_follows_trade,
            keep_going: options.keep_going,
            unwind: options.unwind,
            program: ProgramInfo::of(options),
            runtime: Runtime {
                name: "solana-runtime",
                version: RUNTIME_VERSION,
                features: features(),
            },
            events: summary.events,
            events_skipped: &summary.skipped,
            instructions: summary.instructions,
            instructions_refused: refused.map(|(code, count)| (code.name(), *count)).collect(),
            compute_units: summary.compute_units,
            unwinding_events: summary.unwinding,
            claims_left: &summary.claims,
            balance_sheets: &summary.sheets,
            broken: &summary.broken,
            miscounted: &summary.miscounted,
            accounted: summary.accounted,
            engine: EngineInfo {
                departs_from_deployed_rules: summary.departs,
                identical: summary.divergence.is_none(),
                first_difference: summary.divergence.as_ref(),
            },
        }
    }
}

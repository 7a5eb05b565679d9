//! What to replay experiments on, and how.

use super::{Flag, ProgramUnderTest};
use crate::world::DriftSimCompat;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What to replay experiments on, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The program.
    pub program_under_test: ProgramUnderTest,
    /// Departures from how the folder starts.
    pub flags: Vec<Flag>,
    /// The folder under which every experiment gets its own; none where replays leave nothing but their report.
    pub results: Option<PathBuf>,
    /// Whether a row that is no event, or an event that cannot be carried out, is skipped and counted, instead of ending the replay.
    pub keep_going: bool,
    /// Whether everybody gets out after the last event.
    pub unwind: bool,
    /// Whether each event is looked at for whether everything adds up.
    pub invariants: bool,
    /// Where events are made into something else than they say.
    pub drift_sim_compat: DriftSimCompat,
    /// Whether drift-sim's CSV files are written beside the Parquet files.
    pub csv: bool,
}

impl Options {
    /// Replays on `program_under_test`, as the folders start, to the end of the markets, into `results`.
    pub fn new(program_under_test: ProgramUnderTest, results: PathBuf) -> Self {
        Self {
            program_under_test,
            flags: Vec::new(),
            results: Some(results),
            keep_going: false,
            unwind: true,
            invariants: true,
            drift_sim_compat: DriftSimCompat::default(),
            csv: false,
        }
    }

    /// `trial_`, the flags as drift-sim joins them, and the ways of drift-sim; `trial_default` without any.
    pub fn trial_name(&self) -> String {
        let mut words: Vec<_> = self.flags.iter().map(Flag::to_string).collect();
        let DriftSimCompat {
            init_leverage,
            oracle_follows_trade,
        } = self.drift_sim_compat;
        words.extend(init_leverage.map(|leverage| format!("init_leverage_{leverage}")));
        words.extend(oracle_follows_trade.then(|| "oracle_follows_trade".to_owned()));
        if words.is_empty() {
            words.push("default".to_owned());
        }
        format!("trial_{}", words.join("_"))
    }

    /// The results folder of the experiment called `name`, if replays leave results.
    pub fn folder_of(&self, name: &str) -> Option<PathBuf> {
        let results = self.results.as_ref()?;
        Some(results.join(name).join(self.trial_name()))
    }

    /// What a report calls the experiment called `name`: with the flags, where there are any.
    pub fn label(&self, name: &str) -> String {
        match self.trial_name() {
            plain if plain == "trial_default" => name.to_owned(),
            flagged => format!("{name}/{flagged}"),
        }
    }

    /// The command that replays the experiment in `folder` so, into the default place.
    pub fn command(&self, folder: &Path) -> String {
        let mut words = vec![
            "harness backtest".to_owned(),
            quoted(&folder.display().to_string()),
        ];
        words.push(self.program_under_test.arguments("--program", "--idl"));
        if !self.flags.is_empty() {
            let flags: Vec<_> = self.flags.iter().map(Flag::to_string).collect();
            words.push(format!("--trial {}", flags.join(",")));
        }
        let leverage = self.drift_sim_compat.init_leverage;
        words.extend(leverage.map(|leverage| format!("--init-leverage {leverage}")));
        for (wanted, option) in [
            (
                self.drift_sim_compat.oracle_follows_trade,
                "--oracle-follows-trade",
            ),
            (self.keep_going, "--keep-going"),
            (!self.unwind, "--no-unwind"),
            (!self.invariants, "--no-invariants"),
        ] {
            words.extend(wanted.then(|| option.to_owned()));
        }
        words.join(" ")
    }
}

/// A word as a shell takes it.
pub(super) fn quoted(word: &str) -> String {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || "_-./+:,=@%".contains(sign);
    match word.chars().all(plain) && !word.is_empty() {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// The name under which the results of the experiment in `folder` go: the folder's own.
pub fn name_of(folder: &Path) -> String {
    // A path such as `.` or `..` has no name of its own.
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    whole.file_name().map_or_else(
        || "experiment".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// Two experiments of one name.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "{} and {} are both called `{name}`, and their results would overwrite each other: replay them one at a time, with \
     another --results or --out", first.display(), second.display()
)]
pub struct SameName {
    /// The name.
    pub name: String,
    /// The first.
    pub first: PathBuf,
    /// The second.
    pub second: PathBuf,
}

/// Sees to it that each of `folders` has results of its own.
///
/// # Errors
/// [`SameName`] where two have one name.
pub fn distinct(folders: &[PathBuf]) -> Result<(), SameName> {
    let mut names = HashMap::new();
    for folder in folders {
        let name = name_of(folder);
        if let Some(first) = names.insert(name.clone(), folder) {
            let (first, second): (&PathBuf, _) = (first, folder.clone());
            let first = first.clone();
            return Err(SameName { name, first, second });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::Deployed;

    #[test]
    fn trials_are_named_by_their_flags() {
        let mut options = Options::new(ProgramUnderTest::by_heart(Deployed::BuiltIn), PathBuf::new());
        assert_eq!(options.trial_name(), "trial_default");
        options.flags = vec![Flag::NoOracleGuards, Flag::Spread(1_000)];
        assert_eq!(options.trial_name(), "trial_no_oracle_guards_spread_1000");
        assert_eq!(
            options.command(Path::new("my experiments/o'one")),
            r"harness backtest 'my experiments/o'\''one' --program builtin --trial no_oracle_guards,spread_1000"
        );
        options.flags.clear();
        options.drift_sim_compat.init_leverage = "0.5".parse().ok();
        options.drift_sim_compat.oracle_follows_trade = true;
        options.unwind = false;
        assert_eq!(
            options.trial_name(),
            "trial_init_leverage_0.5_oracle_follows_trade"
        );
        assert_eq!(
            options.command(Path::new("one")),
            "harness backtest one --program builtin --init-leverage 0.5 --oracle-follows-trade --no-unwind"
        );
        assert_eq!(name_of(Path::new("experiments/init/simple")), "simple");
    }
}

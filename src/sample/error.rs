//! Why there is no selection, and what to do about it.

use std::path::{Path, PathBuf};

use crate::summary::SummaryError;
use crate::sweep::{RerunError, SpecError};

/// A selection that cannot be made, written or read. Every message names the mend.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum SampleError {
    /// No sweep, or names of columns it does not have.
    #[error(transparent)]
    Results(#[from] SummaryError),
    /// More than all there is.
    #[error(
        "{wanted} trials are asked for, but the sweep has {finished} that finished{failed}; ask for fewer"
    )]
    TooMany {
        /// Trials asked for.
        wanted: usize,
        /// Trials there are.
        finished: u64,
        /// How many more failed, in words; may be empty.
        failed: String,
    },
    /// A pick that does not find enough.
    #[error("`{pick}` finds {found} trials only{others}; ask it for {found}")]
    TooFew {
        /// The pick.
        pick: String,
        /// How many it finds.
        found: usize,
        /// A word on those that other picks have taken; may be empty.
        others: &'static str,
    },
    /// A pick that finds nothing at all.
    #[error("`{pick}` finds no trial: {why}; leave it out")]
    Nothing {
        /// The pick.
        pick: String,
        /// Why not.
        why: String,
    },
    /// More medoids than can be searched for.
    #[error("{0} representative trials are too many to search for; ask for at most {most}", most = super::MOST_MEDOIDS)]
    TooManyMedoids(usize),
    /// A condition that cannot be reckoned.
    #[error("cannot tell where `{expression}`: {text}; {mend}")]
    Expression {
        /// The expression.
        expression: String,
        /// Why not.
        text: String,
        /// What to write instead.
        mend: String,
    },
    /// The operating system refused.
    #[error("cannot {action} {path}: {error}", path = .path.display())]
    Io {
        /// What was tried, such as `read`.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// A file that is no selection of this version.
    #[error("{path} is not a selection that this version of the harness reads: {text}; sample the sweep again", path = .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        text: String,
    },
    /// Something of somebody else's at a place to write to.
    #[error("{path} is there already and was not written for {whose}; move it away, or write elsewhere with `--out`", path = .path.display())]
    Foreign {
        /// The file or folder.
        path: PathBuf,
        /// What would be written there.
        whose: String,
    },
    /// The sweep's spec is at fault.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Spec(#[from] SpecError),
    /// A trial that cannot be run again.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Rerun(#[from] RerunError),
    /// A trial that runs another way now.
    #[error(
        "trial {trial} ends with {metric} {now}, but the sweep has {then}: this harness is not the one that ran the sweep; run it again with `harness sweep SPEC --overwrite`"
    )]
    Changed {
        /// The trial.
        trial: u64,
        /// The first metric that differs.
        metric: String,
        /// Its value in the sweep.
        then: String,
        /// Its value now.
        now: String,
    },
}

impl SampleError {
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::Io {
            action,
            path: path.to_owned(),
            error,
        }
    }

    pub(super) fn expression(expression: &str, text: impl ToString, mend: impl Into<String>) -> Self {
        Self::Expression {
            expression: expression.to_owned(),
            text: text.to_string(),
            mend: mend.into(),
        }
    }
}

//! Why there is no summary, and what to do about it.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use crate::sweep::diagnostic::{nearest, quoted_list};
use crate::sweep::manifest::ManifestError;

/// A summary that cannot be made. Every message names the mend.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum SummaryError {
    /// A manifest that cannot be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Nothing at the path.
    #[error(
        "there is no folder {path}; run the sweep first (`harness sweep SPEC`), or name the folder that it wrote",
        path = .0.display()
    )]
    NoFolder(PathBuf),
    /// Something, but not what a sweep writes.
    #[error("{path} is not a sweep's folder: it has no manifest.json; {mend}", path = .path.display())]
    NotASweep {
        /// The folder.
        path: PathBuf,
        /// What to name instead.
        mend: String,
    },
    /// A sweep that has not come far enough.
    #[error(
        "no part of {path} is finished yet; wait for the sweep, or continue it with `harness sweep SPEC --resume`",
        path = .0.display()
    )]
    NothingFinished(PathBuf),
    /// A file that another program, or another version of this one, wrote.
    #[error(
        "{path} is not a table of trials: it has no column `{column}`; remove it or run the sweep again",
        path = .path.display()
    )]
    NotTrials {
        /// The file.
        path: PathBuf,
        /// What it lacks.
        column: &'static str,
    },
    /// A name that stands for nothing.
    #[error("there is no {what} `{name}`; {mend}")]
    Unknown {
        /// `metric` or `parameter`.
        what: &'static str,
        /// The name.
        name: String,
        /// The nearest name, or all of them.
        mend: String,
    },
    /// A name that stands for several things.
    #[error("`{name}` could be any of {candidates}; write out which")]
    Ambiguous {
        /// The name.
        name: String,
        /// What it could be.
        candidates: String,
    },
    /// A column without a mean.
    #[error("`{name}` holds {kind}, which cannot be averaged; choose among {known}")]
    NotANumber {
        /// The column.
        name: String,
        /// Its type.
        kind: String,
        /// What can be averaged.
        known: String,
    },
    /// A point that is not in the results.
    #[error("there is no point {point} to compare with; the points are {first} to {last}")]
    NoSuchPoint {
        /// The point asked for.
        point: u64,
        /// The first there is.
        first: u64,
        /// The last there is.
        last: u64,
    },
    /// A comparison of a point with nothing.
    #[error("point {0} is the only one; there is nothing to compare it with")]
    OnlyPoint(u64),
    /// A file that must not be lost.
    #[error("{path} exists already; name another file, or add `--overwrite`", path = .0.display())]
    Exists(PathBuf),
    /// A file of an unknown format.
    #[error("cannot tell the format of {path}; end its name in .parquet or .csv", path = .0.display())]
    UnknownFormat(PathBuf),
    /// A page by a name that is none of a page's, perhaps that of something else.
    #[error("a page cannot be called {path}; end its name in .html", path = .0.display())]
    NotAPage(PathBuf),
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
    /// A terminal or pipe that takes nothing.
    #[error("cannot print the summary: {0}")]
    NotPrinted(std::io::Error),
    /// A table that could not be read or written.
    #[error("cannot {action} {path}: {text}", path = .path.display())]
    Table {
        /// What was tried, such as `read`.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        text: String,
    },
}

impl SummaryError {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::Io {
            action,
            path: path.to_owned(),
            error,
        }
    }

    pub(crate) fn table<E: Display>(action: &'static str, path: &Path) -> impl FnOnce(E) -> Self {
        move |source| Self::Table {
            action,
            path: path.to_owned(),
            text: source.to_string(),
        }
    }

    /// A name that is none of `known`; `aliases` are other names of the same things.
    pub(crate) fn unknown(what: &'static str, name: &str, known: &[&str], aliases: &[&str]) -> Self {
        let all = || known.iter().chain(aliases).copied();
        let mend = match nearest(name, all()).or_else(|| {
            // Half a name is no slip of the pen, but says enough.
            all().find(|known| !name.is_empty() && known.contains(name))
        }) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => format!("this sweep has no {what}"),
            None => format!("there are {}", some_of(known)),
        };
        Self::Unknown {
            what,
            name: name.to_owned(),
            mend,
        }
    }
}

/// Names in backquotes; of many, the first.
pub(super) fn some_of(names: &[&str]) -> String {
    match names.get(..SHOWN) {
        Some(first) if names.len() > SHOWN => {
            format!("{} and {} more", quoted_list(first), names.len() - SHOWN)
        }
        _ => quoted_list(names),
    }
}

const SHOWN: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_guessed() {
        let mend =
            |name| match SummaryError::unknown("metric", name, &["fees_usd", "share_of_liquidity"], &[]) {
                SummaryError::Unknown { mend, .. } => mend,
                other => other.to_string(),
            };
        assert_eq!(mend("fee_usd"), "did you mean `fees_usd`?");
        assert_eq!(mend("share"), "did you mean `share_of_liquidity`?");
        assert_eq!(mend("x"), "there are `fees_usd`, `share_of_liquidity`");
        assert_eq!(mend(""), "there are `fees_usd`, `share_of_liquidity`");
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(some_of(&["a", "b"]), "`a`, `b`");
        let twelve = some_of(&["a"; 12]);
        assert_eq!(twelve, quoted_list(&["a"; 12]));
        assert_eq!(some_of(&["a"; 14]), format!("{twelve} and 2 more"));
    }
}

//! What is wrong with a spec, where, and what was probably meant.

use std::fmt;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, Severity, SourceCode, SourceSpan};
use thiserror::Error;

use super::source::{Sources, Span};

/// What is wrong.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum Problem {
    /// A file could not be read.
    #[error("cannot read `{path}`: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// The text is not YAML.
    #[error("not valid YAML: {0}")]
    Syntax(String),
    /// A mapping key that is not known there.
    #[error("unknown key `{key}`")]
    UnknownKey {
        /// The key.
        key: String,
        /// The keys there are.
        known: Vec<String>,
    },
    /// A name out of a fixed set that is not in it.
    #[error("unknown name `{name}`")]
    UnknownName {
        /// The name.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A key that must be there.
    #[error("missing key `{0}`")]
    MissingKey(String),
    /// A value of another type than needed.
    #[error("expected {expected}, found {found}")]
    WrongType {
        /// What is needed.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A value that the scenario does not take at a swept path.
    #[error("`{path}` cannot be {value}: {reason}")]
    BadValue {
        /// The swept path.
        path: String,
        /// The value.
        value: String,
        /// Why not.
        reason: String,
        /// The way out.
        help: Option<String>,
    },
    /// A dotted path that leads nowhere in the scenario.
    #[error("no `{path}` in the scenario")]
    NoSuchPath {
        /// The path.
        path: String,
        /// Where it was probably meant to lead.
        help: Option<String>,
    },
    /// Two blocks set the same place.
    #[error("`{path}` is already set by {by}")]
    SetTwice {
        /// The path, as spelled the second time.
        path: String,
        /// What sets it first.
        by: String,
    },
    /// A range, list or distribution without values.
    #[error("{0}")]
    Empty(String),
    /// Anything else that makes no sense.
    #[error("{message}")]
    Invalid {
        /// What is wrong.
        message: String,
        /// The way out.
        help: Option<String>,
    },
}

impl Problem {
    /// A problem with a message of its own.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid {
            message: message.into(),
            help: None,
        }
    }

    /// A problem with a message of its own and the way out.
    pub fn invalid_with_help(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Invalid {
            message: message.into(),
            help: Some(help.into()),
        }
    }

    /// Attaches a place.
    pub fn at(self, span: Option<Span>) -> Fault {
        Fault {
            problem: Box::new(self),
            span,
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "named here",
            Self::Syntax(_) => "here",
            Self::UnknownKey { .. } | Self::UnknownName { .. } => "not known here",
            Self::MissingKey(_) => "belongs in this mapping",
            Self::WrongType { .. } => "wrong type",
            Self::BadValue { .. } => "not accepted",
            Self::NoSuchPath { .. } => "leads nowhere",
            Self::SetTwice { .. } => "set again here",
            Self::Empty(_) => "gives no values",
            Self::Invalid { .. } => "here",
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::UnknownKey { key: name, known } | Self::UnknownName { name, known } => {
                Some(suggest(name, known))
            }
            Self::NoSuchPath { help, .. } | Self::BadValue { help, .. } | Self::Invalid { help, .. } => {
                help.clone()
            }
            _ => None,
        }
    }
}

/// The nearest of the known names, or all of them when none is near.
fn suggest(name: &str, known: &[String]) -> String {
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "nothing is expected here".to_owned(),
        None => format!("known here: {}", quoted_list(known)),
    }
}

/// Names in backquotes, separated by commas.
pub fn quoted_list<T: fmt::Display>(names: &[T]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// The candidate most like `name`, if any is alike enough to be a slip of the pen.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let alike = |candidate: &str| strsim::normalized_damerau_levenshtein(name, candidate);
    candidates
        .into_iter()
        .map(|candidate| (candidate, alike(candidate)))
        .filter(|(_, likeness)| *likeness >= 0.5)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(candidate, _)| candidate)
}

/// A problem and its place, before the texts are at hand to show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What is wrong.
    pub problem: Box<Problem>,
    /// Where, if the place is known.
    pub span: Option<Span>,
}

impl Fault {
    /// Gives the fault a place unless it has a closer one.
    pub fn or_at(mut self, span: Option<Span>) -> Self {
        self.span = self.span.or(span);
        self
    }

    /// The error a person reads.
    pub fn in_sources(self, sources: &Sources) -> SpecError {
        let place = self.span.and_then(|span| Place::of(span, sources));
        SpecError(Box::new(Report {
            problem: *self.problem,
            place,
        }))
    }
}

/// An error in a sweep's spec, with the place it was found at.
///
/// `Display` is one line with file, line and column; miette shows the text around the place too.
#[derive(Debug)]
pub struct SpecError(Box<Report>);

#[derive(Debug)]
struct Report {
    problem: Problem,
    place: Option<Place>,
}

#[derive(Debug)]
struct Place {
    source: NamedSource<Arc<str>>,
    span: SourceSpan,
    line: usize,
    column: usize,
}

impl Place {
    fn of(span: Span, sources: &Sources) -> Option<Self> {
        let source = sources.get(span.source)?;
        let (line, column) = sources.line_column(span.source, span.start);
        // A label over many lines hides the text: keep it to the first.
        let first_line = sources.text(span).lines().next().unwrap_or_default().trim_end();
        Some(Self {
            source: NamedSource::new(&source.name, Arc::clone(&source.text)),
            span: (span.start, first_line.len()).into(),
            line,
            column,
        })
    }
}

impl SpecError {
    /// What is wrong.
    pub fn problem(&self) -> &Problem {
        &self.0.problem
    }

    /// File, line and column (from 1) of the place, if it is known.
    pub fn place(&self) -> Option<(&str, usize, usize)> {
        let place = self.0.place.as_ref()?;
        Some((place.source.name(), place.line, place.column))
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.problem.fmt(f)
    }
}

impl std::error::Error for SpecError {}

impl Diagnostic for SpecError {
    fn severity(&self) -> Option<Severity> {
        Some(Severity::Error)
    }

    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        let help = self.0.problem.help()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.0.place.as_ref()?.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.0.place.as_ref()?.span;
        let label = self.0.problem.label().to_owned();
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(
            Some(label),
            span,
        ))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_the_likest_and_only_if_alike() {
        let names = ["short_bias", "leverage", "count"];
        assert_eq!(nearest("short_bais", names), Some("short_bias"));
        assert_eq!(nearest("levrage", names), Some("leverage"));
        assert_eq!(nearest("zzz", names), None);
    }

    #[test]
    fn the_place_is_the_first_line_of_the_span() {
        let mut sources = Sources::default();
        let source = sources.add("a.yaml", "seed: 1\nrange:\n  min: 1\n");
        let span = Span {
            source,
            start: 8,
            end: 23,
        };
        let error = Problem::MissingKey("max".into())
            .at(Some(span))
            .in_sources(&sources);
        assert_eq!(error.place(), Some(("a.yaml", 2, 1)));
        assert_eq!(error.labels().unwrap().next().unwrap().len(), "range:".len());
    }
}

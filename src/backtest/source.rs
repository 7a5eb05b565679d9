//! Where an experiment's events come from, down to the line.

use crate::event::Event;
use crate::experiment::{EVENTS, Experiment, LoadError};
use std::fmt;
use std::path::{Path, PathBuf};

/// An event, as messages name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPlace {
    /// The file of events.
    pub file: PathBuf,
    /// The line on which its row starts, from 1; none for an event of the end, which no file holds.
    pub line: Option<u64>,
    /// Its name.
    pub name: &'static str,
    /// When, in seconds from the start.
    pub second: i64,
}

impl fmt::Display for EventPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            name,
            second,
        } = self;
        match line {
            Some(line) => write!(f, "{}:{line}: {name} at second {second}", file.display()),
            None => write!(
                f,
                "{}: while everybody gets out, {name} at second {second}",
                file.display()
            ),
        }
    }
}

/// An experiment as it is read for a replay.
pub(super) struct Source {
    folder: PathBuf,
    pub experiment: Experiment,
    /// Why rows of the file of events are none, where these are to be skipped.
    pub skipped: Vec<String>,
}

impl Source {
    /// Reads `folder`; a row that is no event is an error, or with `keep_going` skipped.
    pub(super) fn read(folder: &Path, keep_going: bool) -> Result<Self, LoadError> {
        let (experiment, refused) = if keep_going {
            Experiment::read_leniently(folder)?
        } else {
            (Experiment::read(folder)?, Vec::new())
        };
        Ok(Self {
            folder: folder.to_owned(),
            experiment,
            skipped: refused.iter().map(ToString::to_string).collect(),
        })
    }

    /// The place of `event`, the one with number `number`; past the last of the file's, of the end.
    pub(super) fn place(&self, number: usize, event: &Event) -> EventPlace {
        EventPlace {
            file: self.folder.join(EVENTS),
            line: self.experiment.log.lines.get(number).copied(),
            name: event.kind.name(),
            second: event.timestamp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_names_file_and_line() {
        let place = EventPlace {
            file: PathBuf::from("simple/events.csv"),
            line: Some(7),
            name: "settle_lp",
            second: 3,
        };
        assert_eq!(place.to_string(), "simple/events.csv:7: settle_lp at second 3");
        let end = EventPlace { line: None, ..place };
        assert_eq!(
            end.to_string(),
            "simple/events.csv: while everybody gets out, settle_lp at second 3"
        );
    }
}

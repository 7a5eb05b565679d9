//! Recording experiments: replayed on a program alone, every instruction written as a fixture that `harness verify` reads.

use super::recorder::{Count, Recorder};
use super::source::{EventPlace, Source};
use super::{Flag, SetUpError, genesis};
use crate::bank::{BankLedger, Deployed, Program, RUNTIME_VERSION};
use crate::ending::{self, Cast, Side};
use crate::event::Event;
use crate::experiment::LoadError;
use crate::staged::StagedFile;
use crate::world::{GenesisError, LowerError, World};
use flate2::{Compression, GzBuilder};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// What to record on, and how.
#[derive(Clone, Debug)]
pub struct RecordOptions {
    /// The program.
    pub program: Program,
    /// Departures from how the folders start.
    pub flags: Vec<Flag>,
    /// Whether a row that is no event, or an event that cannot be carried out, is skipped, instead of ending the recording.
    pub keep_going: bool,
    /// Whether everybody gets out after the last event.
    pub unwind: bool,
}

/// An experiment that was recorded.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Its folder.
    pub folder: PathBuf,
    /// Instructions recorded, those that opened the exchange included.
    pub instructions: usize,
    /// How many of them the program refused.
    pub refused: usize,
    /// Events skipped, each with its reason.
    pub skipped: Vec<String>,
}

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The folder cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The folder and the flags do not make a start.
    #[error("{}: {source}", folder.display())]
    SetUp {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: SetUpError,
    },
    /// The program refuses the markets.
    #[error("{}: {source}", folder.display())]
    Open {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: GenesisError,
    },
    /// An event cannot be carried out.
    #[error("{place}: {source}")]
    Event {
        /// Which.
        place: EventPlace,
        /// Why.
        source: LowerError,
    },
    /// The file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Records the experiments in `folders`, one after another, each in an exchange of its own, into the file `out`:
/// gzipped where its name ends in `.gz`, with the program's name in the header. Same experiments, same program, same
/// bytes.
///
/// # Errors
/// [`RecordError`]; then `out` is as it was.
pub fn record(
    folders: &[PathBuf],
    options: &RecordOptions,
    out: &Path,
) -> Result<Vec<Recording>, RecordError> {
    let failed = |source| RecordError::Write {
        path: out.to_owned(),
        source,
    };
    let mut file = BufWriter::new(StagedFile::create(out).map_err(failed)?);
    let gzipped = out.extension().is_some_and(|extension| extension == "gz");
    let recordings = if gzipped {
        // Neither the time nor this system: the bytes are to be the same everywhere.
        let header = GzBuilder::new()
            .mtime(0)
            .operating_system(255)
            .comment(provenance(&options.program));
        let mut packed = header.write(&mut file, Compression::default());
        let recordings = sessions(folders, options, &mut packed, failed)?;
        packed.finish().map_err(failed)?;
        recordings
    } else {
        sessions(folders, options, &mut file, failed)?
    };
    let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
    file.finish().map_err(failed)?;
    Ok(recordings)
}

/// What made the recording.
fn provenance(program: &Program) -> String {
    let release = program
        .release()
        .map_or("of no known release", |known| known.version);
    format!(
        "program {release}, sha256 {}; solana-runtime {RUNTIME_VERSION}; harness {}",
        program.sha256,
        env!("CARGO_PKG_VERSION")
    )
}

fn sessions(
    folders: &[PathBuf],
    options: &RecordOptions,
    out: &mut impl Write,
    failed: impl Fn(io::Error) -> RecordError,
) -> Result<Vec<Recording>, RecordError> {
    folders
        .iter()
        .map(|folder| session(folder, options, out, &failed))
        .collect()
}

fn session<W: Write>(
    folder: &Path,
    options: &RecordOptions,
    out: &mut W,
    failed: &impl Fn(io::Error) -> RecordError,
) -> Result<Recording, RecordError> {
    let source = Source::read(folder, options.keep_going)?;
    let genesis = genesis(&source.experiment, &options.flags).map_err(|source| RecordError::SetUp {
        folder: folder.to_owned(),
        source,
    })?;
    let deployed = Deployed::Elf(options.program.clone());
    let mut recorder = Recorder::new(BankLedger::new(&deployed), out);
    let world = genesis.open(&mut recorder).map_err(|source| RecordError::Open {
        folder: folder.to_owned(),
        source,
    })?;
    let mut session = Session {
        source: &source,
        world,
        recorder,
        next: 0,
    };
    let mut skipped = source.skipped.clone();
    let mut cast = Cast::default();
    let mut last = 0;
    for event in &source.experiment.log.events {
        match session.carry_out(event) {
            Ok(()) => {
                cast.note(&event.kind);
                last = last.max(event.timestamp);
            }
            Err(error) if options.keep_going => skipped.push(error.to_string()),
            Err(error) => return Err(error),
        }
        session.recorder.count().map_err(failed)?;
    }
    if options.unwind {
        ending::end(&mut session, &mut cast, last, Session::carry_out)?;
    }
    let Count {
        instructions,
        refused,
    } = session.recorder.count().map_err(failed)?;
    Ok(Recording {
        folder: folder.to_owned(),
        instructions,
        refused,
        skipped,
    })
}

/// An experiment being recorded.
struct Session<'a, W> {
    source: &'a Source,
    world: World,
    recorder: Recorder<'a, W>,
    /// The next event's number.
    next: usize,
}

impl<W: Write> Session<'_, W> {
    fn carry_out(&mut self, event: &Event) -> Result<(), RecordError> {
        let number = self.next;
        self.next += 1;
        match self.world.apply(&mut self.recorder, event) {
            Ok(_) => Ok(()),
            Err(source) => Err(RecordError::Event {
                place: self.source.place(number, event),
                source,
            }),
        }
    }
}

impl<'a, W: Write> Side for Session<'a, W> {
    type Ledger = Recorder<'a, W>;

    fn side(&self) -> (&World, &Self::Ledger) {
        (&self.world, &self.recorder)
    }
}
